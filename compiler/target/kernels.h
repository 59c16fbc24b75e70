/* The table of kernels (runtime/kernels/shapes.def), as the compiler sees it. */
#ifndef NETC_TARGET_KERNELS_H
#define NETC_TARGET_KERNELS_H

#include "kernels/shapes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kernel {
#define KERNEL(name, doc) KERNEL_##name,
#include "kernels/shapes.def"
    N_KERNELS
};

/* The shape of a kernel: the member named as the kernel is the one in use. */
union kernel_shape {
#define KERNEL(name, doc) struct netrt_##name name;
#include "kernels/shapes.def"
};

enum field_kind { FIELD_view, FIELD_int, FIELD_real, FIELD_shape };

struct kernel_field {
    enum field_kind kind;
    const char *name;
    size_t offset;      /* in union kernel_shape */
    enum kernel kernel; /* of a shape within the shape */
};

struct kernel_info {
    const char *name, *doc;
    const struct kernel_field *fields;
    int n_fields;
};

const struct kernel_info *kernel_info(enum kernel);
/* The two kernels that one is, with their shapes; false: it is no pair. */
bool kernel_split(enum kernel, const union kernel_shape *, enum kernel part[2],
                  union kernel_shape shape[2]);
/* Number of tasks of a kernel of that shape (netrt_<kernel>_tasks). */
long kernel_tasks(enum kernel, const union kernel_shape *);
/* Whether two shapes of one kernel are equal, field by field. */
bool kernel_shape_equal(enum kernel, const union kernel_shape *, const union kernel_shape *);
/* The same number for equal shapes of one kernel. */
uint64_t kernel_shape_hash(enum kernel, const union kernel_shape *);

#endif
