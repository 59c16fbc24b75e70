/* Matrices of operands, numbered by as few dimensions as they need. */
#include "lower/batch.h"

struct matrices matrices_of(const struct value *value)
{
    struct matrices operand = {.value = value};
    if (value)
        value_strides(value, operand.stride);
    return operand;
}

/* Whether the last dimension and one inside of it are one, for all operands. */
static bool continues(const struct batch *b, int64_t size, const int64_t step[])
{
    for (int k = 0; k < b->n_operands; k++)
        if (b->step[k][b->n - 1] != size * step[k])
            return false;
    return true;
}

static void batch_add(struct batch *b, int64_t size, const int64_t step[])
{
    if (size == 1)
        return;
    const bool joins = b->n && continues(b, size, step);
    const int at = joins ? b->n - 1 : b->n++;
    b->size[at] = joins ? b->size[at] * size : size;
    for (int k = 0; k < b->n_operands; k++)
        b->step[k][at] = step[k];
}

/* Elements from a position of a dimension to the next; 0 where one serves all of them. */
static int64_t step_of(const struct matrices *o, const struct type *out, int dim)
{
    return !o->value || o->value->type.dim[dim] < out->dim[dim] ? 0 : o->stride[dim];
}

struct batch batch_of(const struct matrices operand[], int n_operands)
{
    const struct type *out = &operand[n_operands - 1].value->type;
    struct batch b = {.n_operands = n_operands};
    for (int dim = 0; dim < out->rank - 2; dim++) {
        int64_t step[BATCH_OPERANDS];
        for (int k = 0; k < n_operands; k++)
            step[k] = step_of(&operand[k], out, dim);
        batch_add(&b, out->dim[dim], step);
    }
    return b;
}

/* The last fields are those that are used. */
static void set_fields(const struct batch *b, const int64_t value[], long unused,
                       long *const field[BATCH_DIMS])
{
    const int missing = BATCH_DIMS - b->n;
    for (int i = 0; i < BATCH_DIMS; i++)
        *field[i] = i < missing ? unused : (long)value[i - missing];
}

void batch_sizes(const struct batch *b, long *const field[BATCH_DIMS])
{
    set_fields(b, b->size, 1, field);
}

void batch_steps(const struct batch *b, int operand, long *const field[BATCH_DIMS])
{
    set_fields(b, b->step[operand], 0, field);
}
