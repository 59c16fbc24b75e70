#include "target/kernels.h"

#include <string.h>

/* kernel_info_<kernel>(): the row of one kernel, with its fields in order. */
#define KERNEL(kernel, doc)                                                                        \
    static const struct kernel_info *kernel_info_##kernel(void)                                    \
    {                                                                                              \
        typedef struct netrt_##kernel shape;                                                       \
        static const char name[] = #kernel, about[] = doc;                                         \
        static const struct kernel_field fields[] = {
#define FIELD(kind, field, kernel, freedom)                                                        \
    {FIELD_##kind, #field, offsetof(shape, field), kernel, FREE_##freedom},
#define VIEW(field, doc)          FIELD(view, field, N_KERNELS, none)
#define INT(field, doc)           FIELD(int, field, N_KERNELS, none)
#define CHANNELS(field, doc)      FIELD(int, field, N_KERNELS, channels)
#define OUTPUTS(field, doc)       FIELD(int, field, N_KERNELS, outputs)
#define SIZE(field, doc)          FIELD(int, field, N_KERNELS, size)
#define REAL(field, doc)          FIELD(real, field, N_KERNELS, none)
#define SHAPE(kernel, field, doc) FIELD(shape, field, KERNEL_##kernel, none)
#define END(kernel)                                                                                \
    }                                                                                              \
    ;                                                                                              \
    enum { N = sizeof fields / sizeof *fields };                                                   \
    static const struct kernel_info info = {name, about, fields, N};                               \
    return &info;                                                                                  \
    }
#include "kernels/shapes.def"

const struct kernel_info *kernel_info(enum kernel kernel)
{
    switch (kernel) {
#define KERNEL(name, doc)                                                                          \
    case KERNEL_##name:                                                                            \
        return kernel_info_##name();
#include "kernels/shapes.def"
    case N_KERNELS:
        break;
    }
    return NULL;
}

bool kernel_split(enum kernel kernel, const union kernel_shape *pair, enum kernel part[2],
                  union kernel_shape shape[2])
{
#define PAIR(name, first_, then_, doc)                                                             \
    if (kernel == KERNEL_##name) {                                                                 \
        part[0] = KERNEL_##first_;                                                                 \
        part[1] = KERNEL_##then_;                                                                  \
        shape[0].first_ = pair->name.first;                                                        \
        shape[1].then_ = pair->name.then;                                                          \
        return true;                                                                               \
    }
#include "kernels/shapes.def"
    return false;
}

long kernel_tasks(enum kernel kernel, const union kernel_shape *shape)
{
    switch (kernel) {
#define KERNEL(name, doc)                                                                          \
    case KERNEL_##name:                                                                            \
        return netrt_##name##_tasks(&shape->name);
#include "kernels/shapes.def"
    case N_KERNELS:
        break;
    }
    return 0;
}

/* Bytes of a field without fields of its own. */
static size_t field_size(enum field_kind kind)
{
    return kind == FIELD_view  ? sizeof(struct netrt_view)
           : kind == FIELD_int ? sizeof(long)
                               : sizeof(float);
}

/* ---- what code is the same for ---- */

static long int_at(const void *shape, const struct kernel_field *f)
{
    return *(const long *)(const void *)((const char *)shape + f->offset);
}

/* Blocks of a register tile of the kernel. */
static long blocks_of(const struct kernel_info *info, const void *shape)
{
    for (int i = 0; i < info->n_fields; i++)
        if (!strcmp(info->fields[i].name, "blocks"))
            return int_at(shape, &info->fields[i]);
    return 1;
}

long kernel_field_step(const struct kernel_info *info, const struct kernel_field *f,
                       const void *shape)
{
    return f->freedom == FREE_channels  ? NETRT_BLOCK
           : f->freedom == FREE_outputs ? NETRT_BLOCK * blocks_of(info, shape)
                                        : 0;
}

const struct kernel_field *kernel_field_same(const struct kernel_info *info,
                                             const struct kernel_field *field, const void *shape)
{
    const struct kernel_field *same = info->fields;
    if (field->freedom == FREE_size)
        return field;
    while (same < field &&
           (same->freedom != field->freedom || int_at(shape, same) != int_at(shape, field)))
        same++;
    return same;
}

/* Whether code is the same for several values of a field; views have such strides in a kernel that
 * has such fields. */
static bool is_free(const struct kernel_info *info, const struct kernel_field *f)
{
    if (f->kind != FIELD_view)
        return f->freedom != FREE_none;
    for (int i = 0; i < info->n_fields; i++)
        if (info->fields[i].freedom != FREE_none)
            return true;
    return false;
}

/* What one expression is in code has to be equal in both, also where the two are equal in this
 * field: in a third shape they may not be. */
static bool ints_alike(const struct kernel_info *info, const struct kernel_field *f, const void *a,
                       const void *b)
{
    const long left = int_at(a, f), right = int_at(b, f), step = kernel_field_step(info, f, a);
    if (kernel_field_same(info, f, a) != kernel_field_same(info, f, b))
        return false;
    return left == right || !step ||
           (left % step == 0 && right % step == 0 && left > step && right > step);
}

static bool views_alike(const struct netrt_view *a, const struct netrt_view *b)
{
    return a->col == b->col && a->lane == b->lane;
}

/* ---- comparing shapes ---- */

/* Whether shapes are equal; `alike`: but for what is free. */
static bool fields_equal(enum kernel kernel, const char *a, const char *b, bool alike)
{
    const struct kernel_info *info = kernel_info(kernel);
    bool equal = true;
    for (int i = 0; i < info->n_fields && equal; i++) {
        const struct kernel_field *f = &info->fields[i];
        const void *left = a + f->offset, *right = b + f->offset;
        if (f->kind == FIELD_shape)
            equal = fields_equal(f->kernel, left, right, alike);
        else if (!alike || !is_free(info, f))
            equal = !memcmp(left, right, field_size(f->kind));
        else
            equal = f->kind == FIELD_view ? views_alike(left, right) : ints_alike(info, f, a, b);
    }
    return equal;
}

bool kernel_shape_equal(enum kernel kernel, const union kernel_shape *a,
                        const union kernel_shape *b)
{
    return fields_equal(kernel, (const char *)a, (const char *)b, false);
}

bool kernel_shape_alike(enum kernel kernel, const union kernel_shape *a,
                        const union kernel_shape *b)
{
    return fields_equal(kernel, (const char *)a, (const char *)b, true);
}

/* FNV-1a over the fields: what lies between them may hold anything. */
static uint64_t hash_bytes(const void *at, size_t n, uint64_t hash)
{
    const unsigned char *bytes = at;
    for (size_t k = 0; k < n; k++)
        hash = (hash ^ bytes[k]) * 0x100000001b3;
    return hash;
}

/* `alike`: without what is free. */
static uint64_t hash_fields(enum kernel kernel, const char *shape, uint64_t hash, bool alike)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *f = &info->fields[i];
        const char *at = shape + f->offset;
        if (f->kind == FIELD_shape)
            hash = hash_fields(f->kernel, at, hash, alike);
        else if (!alike || !is_free(info, f))
            hash = hash_bytes(at, field_size(f->kind), hash);
    }
    return hash;
}

static uint64_t hash_shape(enum kernel kernel, const union kernel_shape *shape, bool alike)
{
    return hash_fields(kernel, (const char *)shape, 0xcbf29ce484222325 ^ (uint64_t)kernel, alike);
}

uint64_t kernel_shape_hash(enum kernel kernel, const union kernel_shape *shape)
{
    return hash_shape(kernel, shape, false);
}

uint64_t kernel_code_hash(enum kernel kernel, const union kernel_shape *shape)
{
    return hash_shape(kernel, shape, true);
}
