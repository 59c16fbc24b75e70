#include "cost/convention.h"

#include "base/number.h"

#include <string.h>

struct measure {
    const struct node *node;
    const struct counts *counts;
    const struct count_options *options;
    int64_t elements; /* of the result */
};

/* A quantity of an operator; false: it does not fit. */
typedef bool measure_rule(const struct measure *, int64_t *result);

static bool give(int64_t value, int64_t *result)
{
    *result = value;
    return true;
}

static bool measure_macs(const struct measure *m, int64_t *result)
{
    return give(m->counts->macs, result);
}

static bool measure_mul(const struct measure *m, int64_t *result)
{
    return give(m->counts->mul, result);
}

static bool measure_add(const struct measure *m, int64_t *result)
{
    return give(m->counts->add, result);
}

static bool measure_cmp(const struct measure *m, int64_t *result)
{
    return give(m->counts->cmp, result);
}

static bool measure_div(const struct measure *m, int64_t *result)
{
    return give(m->counts->div, result);
}

static bool measure_exp(const struct measure *m, int64_t *result)
{
    return give(m->counts->exp, result);
}

/* Elements that a bias is added to. */
static bool measure_bias(const struct measure *m, int64_t *result)
{
    return give(m->counts->bias, result);
}

static bool measure_elements(const struct measure *m, int64_t *result)
{
    return give(m->elements, result);
}

/* Elements that have a learned scale and shift. */
static bool measure_scaled(const struct measure *m, int64_t *result)
{
    return give(m->node->attr.affine ? m->elements : 0, result);
}

/* Elements of an enlargement, where it is of that mode. */
static bool give_of_mode(const struct measure *m, enum op_mode mode, int64_t *result)
{
    return give(m->node->attr.mode == mode ? m->elements : 0, result);
}

static bool measure_nearest(const struct measure *m, int64_t *result)
{
    return give_of_mode(m, MODE_nearest, result);
}

static bool measure_bilinear(const struct measure *m, int64_t *result)
{
    return give_of_mode(m, MODE_bilinear, result);
}

static bool measure_bicubic(const struct measure *m, int64_t *result)
{
    return give_of_mode(m, MODE_bicubic, result);
}

static bool measure_inputs(const struct measure *m, int64_t *result)
{
    return give(type_elements(&m->node->input[0]->type), result);
}

/* Elements of the result over those along attribute `dim`. */
static bool measure_groups(const struct measure *m, int64_t *result)
{
    const struct type *t = &m->node->type;
    return give(m->elements / type_elements_along(t, attrs_axes(&m->node->attr, t)), result);
}

/* What the average inside PyTorch's lrn reads: all channels, and size - 1 of zeros around them. */
static bool measure_padded_channels(const struct measure *m, int64_t *result)
{
    const int64_t c = type_c(&m->node->type);
    int64_t channels;
    return checked_add(c - 1, m->node->attr.size[0], &channels) &&
           checked_mul(m->elements / c, channels, result);
}

/* The windows of an adaptive pool, were each as large as the quotient of the sizes, rounded down.
 */
static bool measure_whole_windows(const struct measure *m, int64_t *result)
{
    const struct type *in = &m->node->input[0]->type, *out = &m->node->type;
    *result = m->elements;
    for (int axis = 0; axis < 3; axis++)
        if (!checked_mul(*result, type_along(in, axis) / type_along(out, axis), result))
            return false;
    return true;
}

static bool measure_params_by_image(const struct measure *m, int64_t *result)
{
    return checked_mul(m->counts->params, type_n(&m->node->type), result);
}

static bool measure_params_by_position(const struct measure *m, int64_t *result)
{
    return checked_mul(m->counts->params, m->elements / type_c(&m->node->type), result);
}

/* Of a recurrent operator: its parameters at each step. */
static bool measure_params_by_step(const struct measure *m, int64_t *result)
{
    const struct type *t = &m->node->type;
    return checked_mul(m->counts->params, t->dim[0] * t->dim[1], result);
}

/* Numbers of the states of all its layers and directions, at all steps. */
static bool measure_states(const struct measure *m, int64_t *result)
{
    return checked_mul(m->elements, m->node->attr.num_layers, result);
}

enum { OP_ANY = N_OPS };

struct term {
    enum convention convention;
    int op; /* an enum op, or OP_ANY */
    int64_t weight;
    measure_rule *quantity;
};

static const struct term terms[] = {
#define CONVENTION(...)
#define TERM(convention, op, weight, quantity)                                                     \
    {CONVENTION_##convention, OP_##op, weight, measure_##quantity},
#include "cost/convention.def"
};

static const struct convention_info infos[N_CONVENTIONS] = {
#define CONVENTION(id, name, doc) {name, doc},
#define TERM(...)
#include "cost/convention.def"
};

const struct convention_info *convention_info(enum convention convention)
{
    return &infos[convention];
}

enum convention convention_find(const char *name)
{
    int c = 0;
    while (c < N_CONVENTIONS && strcmp(infos[c].name, name))
        c++;
    return (enum convention)c;
}

static bool add_term(const struct term *t, const struct measure *m, int64_t *sum)
{
    int64_t quantity, product;
    return t->quantity(m, &quantity) && checked_mul(quantity, t->weight, &product) &&
           checked_add(*sum, product, sum);
}

static bool sum_terms(enum convention convention, const struct measure *m, int64_t *sum)
{
    *sum = 0;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const struct term *t = &terms[i];
        bool counts = t->convention == convention && (t->op == OP_ANY || t->op == (int)m->node->op);
        if (counts && !add_term(t, m, sum))
            return false;
    }
    return true;
}

/* What the options of `exact` leave out. */
static int64_t left_out(const struct measure *m, int64_t count)
{
    const struct count_options *o = m->options;
    if (o && o->no_activations && op_has(m->node->op, OP_ACTIVATION))
        return count;
    return o && o->no_bias ? m->counts->bias : 0;
}

bool convention_count(enum convention convention, const struct node *node,
                      const struct count_options *options, int64_t *count)
{
    struct counts counts;
    struct measure m = {node, &counts, options, type_elements(&node->type)};
    if (!cost_count(node, &counts) || !sum_terms(convention, &m, count))
        return false;
    if (convention == CONVENTION_exact)
        *count -= left_out(&m, *count);
    return true;
}
