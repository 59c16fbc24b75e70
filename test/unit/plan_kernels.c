/* The compiler's view of the table of kernels: every field lies where the struct has it, and two
 * shapes are equal exactly if all fields are. */
#include "check.h"
#include "target/kernels.h"

#include <string.h>

static size_t size_of_field(const struct kernel_field *f)
{
    const struct kernel_info *info = f->kind == FIELD_shape ? kernel_info(f->kernel) : NULL;
    if (info) {
        const struct kernel_field *last = &info->fields[info->n_fields - 1];
        return last->offset + size_of_field(last);
    }
    return f->kind == FIELD_view  ? sizeof(struct netrt_view)
           : f->kind == FIELD_int ? sizeof(long)
                                  : sizeof(float);
}

/* Sets one byte of a field: the last of a view, which is its last stride. */
static void change(union kernel_shape *shape, const struct kernel_field *f)
{
    ((unsigned char *)shape)[f->offset + size_of_field(f) - 1] ^= 1;
}

static void check_kernel(struct check *c, enum kernel kernel)
{
    const struct kernel_info *info = kernel_info(kernel);
    union kernel_shape a, b;
    memset(&a, 0, sizeof a);
    size_t end = 0;
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *f = &info->fields[i];
        CHECK(c, f->offset >= end && f->offset < end + sizeof(long));
        end = f->offset + size_of_field(f);
        b = a;
        change(&b, f);
        CHECK(c, !kernel_shape_equal(kernel, &a, &b));
        change(&b, f);
        CHECK(c, kernel_shape_equal(kernel, &a, &b));
    }
    CHECK(c, end <= sizeof a);
}

/* Two images of 40 channels are 3 blocks each; 10 rows in tasks of 4 are 3 parts. */
static void check_tasks(struct check *c)
{
    union kernel_shape shape;
    memset(&shape, 0, sizeof shape);
    shape.pooling.images = 2;
    shape.pooling.c = 40;
    shape.pooling.oh = 10;
    shape.pooling.task_rows = 4;
    CHECK(c, kernel_tasks(KERNEL_pooling, &shape) == 18);
}

int main(void)
{
    struct check c = {0};
    for (int i = 0; i < N_KERNELS; i++)
        check_kernel(&c, (enum kernel)i);
    CHECK(&c, !strcmp(kernel_info(KERNEL_conv)->name, "conv"));
    CHECK(&c, !strcmp(kernel_info(KERNEL_conv)->fields[0].name, "in"));
    CHECK(&c, !kernel_info(N_KERNELS));
    check_tasks(&c);
    return check_end(&c);
}
