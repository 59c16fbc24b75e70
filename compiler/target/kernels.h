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
/* Which values of a field code is the same for: one, whole blocks of channels, whole tiles of such
 * blocks, or all. */
enum field_freedom { FREE_none, FREE_channels, FREE_outputs, FREE_size };

struct kernel_field {
    enum field_kind kind;
    const char *name;
    size_t offset;      /* in union kernel_shape */
    enum kernel kernel; /* of a shape within the shape */
    enum field_freedom freedom;
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
/* Whether code can be the same for two shapes of one kernel: they are equal but for what is free.
 */
bool kernel_shape_alike(enum kernel, const union kernel_shape *, const union kernel_shape *);
/* The same number for shapes of one kernel that are alike. */
uint64_t kernel_code_hash(enum kernel, const union kernel_shape *);
/* Of a field that is free for channels, the first of its freedom that has the same value in the
 * shape: one expression in code is both. Of a size, itself. */
const struct kernel_field *kernel_field_same(const struct kernel_info *,
                                             const struct kernel_field *, const void *shape);
/* What the values of a free field are multiples of, and greater than; 0: they are any. `shape`: the
 * one that has the field. */
long kernel_field_step(const struct kernel_info *, const struct kernel_field *, const void *shape);

#endif
