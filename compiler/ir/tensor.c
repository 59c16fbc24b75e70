#include "ir/tensor.h"

#include "base/number.h"
static const int64_t most_bytes = (int64_t)1 << 48;

int64_t type_n(const struct type *t)
{
    return t->rank > 0 ? t->dim[0] : 1;
}

int64_t type_c(const struct type *t)
{
    return t->rank > 1 ? t->dim[1] : 1;
}

int64_t type_h(const struct type *t)
{
    return t->rank > 2 ? t->dim[2] : 1;
}

int64_t type_w(const struct type *t)
{
    return t->rank > 3 ? t->dim[3] : 1;
}

bool type_equal_dims(const struct type *a, const struct type *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

bool type_equal(const struct type *a, const struct type *b)
{
    return a->dtype == b->dtype && a->layout == b->layout && type_equal_dims(a, b);
}

int64_t type_elements(const struct type *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

int64_t type_bytes(const struct type *t)
{
    return type_elements(t) * (int64_t)sizeof(float);
}

bool dims_valid(int rank, const int64_t *dim)
{
    int64_t bytes = sizeof(float);
    for (int i = 0; i < rank; i++)
        if (dim[i] < 1 || !checked_mul(bytes, dim[i], &bytes) || bytes > most_bytes)
            return false;
    return rank >= 0 && rank <= MAX_RANK;
}

bool type_valid(const struct type *t)
{
    return dims_valid(t->rank, t->dim);
}

static void print_dims(struct text *out, const struct type *t, int first, const char *between)
{
    for (int i = first; i < t->rank; i++)
        text_printf(out, "%s%lld", i > first ? between : "", (long long)t->dim[i]);
}

void type_print_dims(struct text *out, const struct type *t)
{
    print_dims(out, t, 0, "x");
}

void type_print_image(struct text *out, const struct type *t)
{
    print_dims(out, t, 1, "x");
}

void type_print(struct text *out, const struct type *t)
{
    text_append(out, "f32[");
    print_dims(out, t, 0, ",");
    text_append(out, t->layout == LAYOUT_blocked ? "]:blocked" : "]");
}

const char *role_name(enum role role)
{
    static const char *const names[N_ROLES] = {"weight", "bias", "running_mean", "running_var"};
    return names[role];
}
