#include "plan/kernels.h"

#include <string.h>

/* kernel_info_<kernel>(): the row of one kernel, with its fields in order. */
#define KERNEL(kernel, doc)                                                                        \
    static const struct kernel_info *kernel_info_##kernel(void)                                    \
    {                                                                                              \
        typedef struct netrt_##kernel shape;                                                       \
        static const char name[] = #kernel, about[] = doc;                                         \
        static const struct kernel_field fields[] = {
#define VIEW(field, doc) {FIELD_view, #field, offsetof(shape, field)},
#define INT(field, doc)  {FIELD_int, #field, offsetof(shape, field)},
#define REAL(field, doc) {FIELD_real, #field, offsetof(shape, field)},
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
#define VIEW(name, doc)
#define INT(name, doc)
#define REAL(name, doc)
#define END(name)
#include "kernels/shapes.def"
    case N_KERNELS:
        break;
    }
    return NULL;
}

long kernel_tasks(enum kernel kernel, const union kernel_shape *shape)
{
    switch (kernel) {
#define KERNEL(name, doc)                                                                          \
    case KERNEL_##name:                                                                            \
        return netrt_##name##_tasks(&shape->name);
#define VIEW(name, doc)
#define INT(name, doc)
#define REAL(name, doc)
#define END(name)
#include "kernels/shapes.def"
    case N_KERNELS:
        break;
    }
    return 0;
}

static size_t field_size(enum field_kind kind)
{
    return kind == FIELD_view  ? sizeof(struct netrt_view)
           : kind == FIELD_int ? sizeof(long)
                               : sizeof(float);
}

bool kernel_shape_equal(enum kernel kernel, const union kernel_shape *a,
                        const union kernel_shape *b)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *f = &info->fields[i];
        if (memcmp((const char *)a + f->offset, (const char *)b + f->offset, field_size(f->kind)))
            return false;
    }
    return true;
}

/* FNV-1a over the fields: what lies between them may hold anything. */
uint64_t kernel_shape_hash(enum kernel kernel, const union kernel_shape *shape)
{
    const struct kernel_info *info = kernel_info(kernel);
    uint64_t hash = 0xcbf29ce484222325 ^ (uint64_t)kernel;
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *f = &info->fields[i];
        const unsigned char *at = (const unsigned char *)shape + f->offset;
        for (size_t k = 0; k < field_size(f->kind); k++)
            hash = (hash ^ at[k]) * 0x100000001b3;
    }
    return hash;
}
