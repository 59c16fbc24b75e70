#include "target/kernels.h"

#include <string.h>

/* kernel_info_<kernel>(): the row of one kernel, with its fields in order. */
#define KERNEL(kernel, doc)                                                                        \
    static const struct kernel_info *kernel_info_##kernel(void)                                    \
    {                                                                                              \
        typedef struct netrt_##kernel shape;                                                       \
        static const char name[] = #kernel, about[] = doc;                                         \
        static const struct kernel_field fields[] = {
#define VIEW(field, doc)          {FIELD_view, #field, offsetof(shape, field), N_KERNELS},
#define INT(field, doc)           {FIELD_int, #field, offsetof(shape, field), N_KERNELS},
#define REAL(field, doc)          {FIELD_real, #field, offsetof(shape, field), N_KERNELS},
#define SHAPE(kernel, field, doc) {FIELD_shape, #field, offsetof(shape, field), KERNEL_##kernel},
#define END(kernel)                                                                                \
    }                                                                                              \
    ;                                                                                              \
    static const struct kernel_info info = {name, about, fields, sizeof fields / sizeof *fields};  \
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

static bool fields_equal(enum kernel kernel, const char *a, const char *b)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *f = &info->fields[i];
        if (f->kind == FIELD_shape ? !fields_equal(f->kernel, a + f->offset, b + f->offset)
                                   : memcmp(a + f->offset, b + f->offset, field_size(f->kind)))
            return false;
    }
    return true;
}

bool kernel_shape_equal(enum kernel kernel, const union kernel_shape *a,
                        const union kernel_shape *b)
{
    return fields_equal(kernel, (const char *)a, (const char *)b);
}

/* FNV-1a over the fields: what lies between them may hold anything. */
static uint64_t hash_fields(enum kernel kernel, const unsigned char *shape, uint64_t hash)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *f = &info->fields[i];
        const unsigned char *at = shape + f->offset;
        if (f->kind == FIELD_shape)
            hash = hash_fields(f->kernel, at, hash);
        for (size_t k = 0; f->kind != FIELD_shape && k < field_size(f->kind); k++)
            hash = (hash ^ at[k]) * 0x100000001b3;
    }
    return hash;
}

uint64_t kernel_shape_hash(enum kernel kernel, const union kernel_shape *shape)
{
    return hash_fields(kernel, (const unsigned char *)shape, 0xcbf29ce484222325 ^ (uint64_t)kernel);
}
