/* Rules of windows and matrices: convolutions both ways, linear layers, products. */
#include "report/elements.h"

static void clear(const struct elements *e, const struct node *n, struct real *result)
{
    for (int64_t i = 0; i < type_elements(&n->type); i++)
        result[i] = real_number(e->arena, 0);
}

static void add_product(const struct elements *e, struct real *sum, struct real a, struct real b)
{
    *sum = real_plus(e->arena, *sum, real_times(e->arena, a, b));
}

/* ---- windows ---- */

/* A convolution: the three operators of windows are its forward pass, and its gradients. */
struct windows {
    const struct elements *elements;
    const struct type *in, *out;
    const struct attrs *attr;
    const struct real *a, *b; /* what each tap multiplies, */
    struct real *result;      /* and adds to */
};

/* A tap: an element of the input, the kernel and the result. */
struct tap {
    int64_t in, weight, out;
};

typedef void tap_action(const struct windows *, const struct tap *);

/* The input's row or column that a tap of the kernel sees; -1: padding. */
static int64_t seen(const struct windows *w, int axis, int64_t out, int64_t k)
{
    const struct attrs *a = w->attr;
    const int64_t size = axis ? type_w(w->in) : type_h(w->in);
    const int64_t at = out * a->stride[axis] - a->padding[axis] + k * a->dilation[axis];
    return at < size ? at : -1;
}

/* All taps of the kernel on an input channel, at a position of the result. */
static void for_kernel(const struct windows *w, const int64_t at[MAX_RANK], int64_t channel,
                       int64_t plane, tap_action *action)
{
    const int64_t *kernel = w->attr->kernel;
    struct tap tap = {.out = elements_at(w->out, at)};
    for (int64_t k = 0; k < kernel[0] * kernel[1]; k++) {
        const int64_t y = seen(w, 0, at[2], k / kernel[1]);
        const int64_t x = seen(w, 1, at[3], k % kernel[1]);
        tap.in = ((at[0] * w->in->dim[1] + channel) * type_h(w->in) + y) * type_w(w->in) + x;
        tap.weight = plane * kernel[0] * kernel[1] + k;
        if (y >= 0 && x >= 0)
            action(w, &tap);
    }
}

/* In the order of the result's elements, for each those of the kernel. */
static void for_taps(const struct windows *w, tap_action *action)
{
    const int64_t groups = w->attr->groups;
    const int64_t ic = w->in->dim[1] / groups, oc = w->out->dim[1] / groups;
    const struct type map = {
        .rank = 4, .dim = {w->out->dim[0], w->out->dim[1], type_h(w->out), type_w(w->out)}};
    int64_t at[MAX_RANK];
    struct windows in_map = *w;
    in_map.out = &map;
    for (int64_t i = 0; i < type_elements(&map); i++) {
        elements_position(&map, i, at);
        for (int64_t c = 0; c < ic; c++)
            for_kernel(&in_map, at, at[1] / oc * ic + c, at[1] * ic + c, action);
    }
}

static void add_forward(const struct windows *w, const struct tap *t)
{
    add_product(w->elements, &w->result[t->out], w->a[t->in], w->b[t->weight]);
}

static void add_to_input(const struct windows *w, const struct tap *t)
{
    add_product(w->elements, &w->result[t->in], w->a[t->out], w->b[t->weight]);
}

static void add_to_weight(const struct windows *w, const struct tap *t)
{
    add_product(w->elements, &w->result[t->weight], w->a[t->out], w->b[t->in]);
}

/* A bias for each channel of a map, or each feature of rows. */
static void add_bias(const struct elements *e, const struct node *n, int axis, struct real *result)
{
    const struct real *bias = elements_weight(e, n, ROLE_bias);
    int64_t at[MAX_RANK];
    for (int64_t i = 0; bias && i < type_elements(&n->type); i++) {
        elements_position(&n->type, i, at);
        result[i] = real_plus(e->arena, result[i], bias[at[axis]]);
    }
}

void elements_conv(const struct elements *e, const struct node *n, struct real *result)
{
    const struct windows w = {
        e,        &n->input[0]->type,        &n->type,
        &n->attr, elements_operand(e, n, 0), elements_weight(e, n, ROLE_weight),
        result};
    clear(e, n, result);
    for_taps(&w, add_forward);
    add_bias(e, n, 1, result);
}

/* Seen from its result, its operand is that of a convolution. */
void elements_conv_transpose(const struct elements *e, const struct node *n, struct real *result)
{
    const struct windows w = {e,
                              &n->type,
                              &n->input[0]->type,
                              &n->attr,
                              elements_operand(e, n, 0),
                              elements_weight(e, n, ROLE_weight),
                              result};
    clear(e, n, result);
    for_taps(&w, add_to_input);
    add_bias(e, n, 1, result);
}

void elements_weight_gradient(const struct elements *e, const struct node *n, struct real *result)
{
    const struct windows w = {e,        &n->input[0]->type,        &n->input[1]->type,
                              &n->attr, elements_operand(e, n, 1), elements_operand(e, n, 0),
                              result};
    clear(e, n, result);
    for_taps(&w, add_to_weight);
}

/* ---- matrices ---- */

/* A product of matrices: element (i, j) of `a` is at i * a_row + j * a_column. */
struct product {
    const struct real *a, *b;
    int64_t a_row, a_column, b_row, b_column;
    int64_t rows, columns, terms;
};

static void multiply(const struct elements *e, const struct product *p, struct real *result)
{
    for (int64_t i = 0; i < p->rows; i++)
        for (int64_t j = 0; j < p->columns; j++)
            for (int64_t k = 0; k < p->terms; k++)
                add_product(e, &result[i * p->columns + j], p->a[i * p->a_row + k * p->a_column],
                            p->b[k * p->b_row + j * p->b_column]);
}

static int64_t last_of(const struct type *type)
{
    return type->dim[type->rank - 1];
}

/* x wᵀ, w being [out, in]. */
void elements_linear(const struct elements *e, const struct node *n, struct real *result)
{
    const int64_t in = last_of(&n->input[0]->type), out = last_of(&n->type);
    const struct product p = {elements_operand(e, n, 0),
                              elements_weight(e, n, ROLE_weight),
                              in,
                              1,
                              1,
                              in,
                              type_elements(&n->type) / out,
                              out,
                              in};
    clear(e, n, result);
    multiply(e, &p, result);
    add_bias(e, n, n->type.rank - 1, result);
}

/* g w */
void elements_linear_transposed(const struct elements *e, const struct node *n, struct real *result)
{
    const int64_t in = last_of(&n->type), out = last_of(&n->input[0]->type);
    const struct product p = {elements_operand(e, n, 0),
                              elements_weight(e, n, ROLE_weight),
                              out,
                              1,
                              in,
                              1,
                              type_elements(&n->type) / in,
                              in,
                              out};
    clear(e, n, result);
    multiply(e, &p, result);
}

/* The last two dimensions; those before are spread. */
void elements_matmul(const struct elements *e, const struct node *n, struct real *result)
{
    const struct type *a = &n->input[0]->type, *b = &n->input[1]->type;
    const int rank = n->type.rank;
    const int64_t rows = n->type.dim[rank - 2], columns = last_of(&n->type), terms = last_of(a);
    clear(e, n, result);
    for (int64_t i = 0; i < type_elements(&n->type); i += rows * columns) {
        int64_t at[MAX_RANK];
        elements_position(&n->type, i, at);
        const struct product p = {elements_operand(e, n, 0) + elements_at(a, at),
                                  elements_operand(e, n, 1) + elements_at(b, at),
                                  terms,
                                  1,
                                  columns,
                                  1,
                                  rows,
                                  columns,
                                  terms};
        multiply(e, &p, result + i);
    }
}
