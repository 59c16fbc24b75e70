#include "cost/convention.h"

#include "base/number.h"

#include <string.h>

struct measure {
    struct formulas *formulas;
    const struct node *node;
    const struct counted *counts;
    const struct count_options *options;
    struct quantity elements; /* of the result */
};

/* A quantity of an operator. */
typedef struct quantity measure_rule(const struct measure *);

/* A count, which is explained by itself. */
#define COUNT(id, doc)                                                                             \
    static inline struct quantity measure_##id(const struct measure *m)                            \
    {                                                                                              \
        return quantity_called(m->formulas, #id, m->counts->id);                                   \
    }
#include "cost/counts.def"

static struct quantity nothing(const struct measure *m)
{
    return quantity_number(m->formulas, 0);
}

static struct quantity symbol(const struct measure *m, enum formula_symbol symbol, int64_t value)
{
    return quantity_symbol(m->formulas, symbol, value);
}

static struct quantity times(const struct measure *m, struct quantity a, struct quantity b)
{
    return quantity_times(m->formulas, a, b);
}

static struct quantity measure_elements(const struct measure *m)
{
    return m->elements;
}

/* Elements that have a learned scale and shift. */
static struct quantity measure_scaled(const struct measure *m)
{
    return m->node->attr.affine ? m->elements : nothing(m);
}

/* Elements of an enlargement, where it is of that mode. */
static struct quantity of_mode(const struct measure *m, enum op_mode mode)
{
    return m->node->attr.mode == mode ? m->elements : nothing(m);
}

static struct quantity measure_nearest(const struct measure *m)
{
    return of_mode(m, MODE_nearest);
}

static struct quantity measure_bilinear(const struct measure *m)
{
    return of_mode(m, MODE_bilinear);
}

static struct quantity measure_bicubic(const struct measure *m)
{
    return of_mode(m, MODE_bicubic);
}

static struct quantity measure_inputs(const struct measure *m)
{
    return cost_elements(m->formulas, SYMBOL_inputs, &m->node->input[0]->type);
}

/* Elements of the result over those along attribute `dim`. */
static struct quantity measure_groups(const struct measure *m)
{
    const struct type *t = &m->node->type;
    const int64_t n = type_elements_along(t, attrs_axes(&m->node->attr, t));
    return quantity_as(m->formulas, SYMBOL_collections,
                       quantity_over(m->formulas, m->elements, symbol(m, SYMBOL_grouped, n)));
}

/* What the average inside PyTorch's lrn reads: all channels, and size - 1 of zeros around them. */
static struct quantity measure_padded_channels(const struct measure *m)
{
    struct formulas *f = m->formulas;
    const struct quantity one = quantity_number(f, 1);
    const struct quantity c = symbol(m, SYMBOL_channels, type_c(&m->node->type));
    const struct quantity more =
        quantity_minus(f, symbol(m, SYMBOL_size, m->node->attr.size[0]), one);
    return times(m, quantity_over(f, m->elements, c), quantity_plus(f, c, more));
}

/* The windows of an adaptive pool, were each as large as the quotient of the sizes, rounded down.
 */
static struct quantity measure_whole_windows(const struct measure *m)
{
    static const enum formula_symbol ins[] = {SYMBOL_rows, SYMBOL_columns, SYMBOL_depth};
    static const enum formula_symbol outs[] = {SYMBOL_out_rows, SYMBOL_out_columns,
                                               SYMBOL_out_depth};
    const struct type *in = &m->node->input[0]->type, *out = &m->node->type;
    struct quantity all = m->elements;
    for (int axis = 0; axis < 3; axis++) {
        const int64_t from = type_along(in, axis), to = type_along(out, axis);
        const struct quantity each =
            quantity_over(m->formulas, symbol(m, ins[axis], from), symbol(m, outs[axis], to));
        if (from > 1 || to > 1)
            all = times(m, all, quantity_floor(m->formulas, each));
    }
    return all;
}

static struct quantity measure_params_by_image(const struct measure *m)
{
    const struct quantity images = symbol(m, SYMBOL_images, type_n(&m->node->type));
    return times(m, measure_params(m),
                 images.value == 1 ? quantity_number(m->formulas, 1) : images);
}

static struct quantity measure_params_by_position(const struct measure *m)
{
    const int64_t positions = m->elements.value / type_c(&m->node->type);
    return times(m, measure_params(m), symbol(m, SYMBOL_positions, positions));
}

/* Of a recurrent operator: its parameters at each step. */
static struct quantity measure_params_by_step(const struct measure *m)
{
    const struct type *t = &m->node->type;
    return times(m, measure_params(m), symbol(m, SYMBOL_steps, t->dim[0] * t->dim[1]));
}

/* Numbers of the states of all its layers and directions, at all steps. */
static struct quantity measure_states(const struct measure *m)
{
    const struct quantity layers = symbol(m, SYMBOL_layers, m->node->attr.num_layers);
    return quantity_as(m->formulas, SYMBOL_states, times(m, m->elements, layers));
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

/* A term of a negative weight takes away what another one counts. */
static struct quantity add_term(const struct term *t, const struct measure *m, struct quantity sum)
{
    const struct quantity quantity = t->quantity(m);
    const struct quantity weight =
        quantity_number(m->formulas, t->weight < 0 ? -t->weight : t->weight);
    if (!quantity.value)
        return sum;
    return t->weight < 0 ? quantity_minus(m->formulas, sum, times(m, weight, quantity))
                         : quantity_plus(m->formulas, sum, times(m, weight, quantity));
}

static struct quantity sum_terms(enum convention convention, const struct measure *m)
{
    struct quantity sum = nothing(m);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const struct term *t = &terms[i];
        if (t->convention == convention && (t->op == OP_ANY || t->op == (int)m->node->op))
            sum = add_term(t, m, sum);
    }
    return sum;
}

/* What the options of `exact` leave out. */
static struct quantity left_out(const struct measure *m, struct quantity count)
{
    const struct count_options *o = m->options;
    if (o && o->no_activations && op_has(m->node->op, OP_ACTIVATION))
        return count;
    return o && o->no_bias ? measure_bias(m) : nothing(m);
}

struct quantity convention_explain(struct formulas *f, enum convention convention,
                                   const struct node *node, const struct count_options *options)
{
    struct counted counts;
    cost_explain(f, node, &counts);
    const struct measure m = {f, node, &counts, options,
                              cost_elements(f, SYMBOL_elements, &node->type)};
    const struct quantity sum = sum_terms(convention, &m);
    const struct quantity less = convention == CONVENTION_exact ? left_out(&m, sum) : nothing(&m);
    return less.value ? quantity_minus(f, sum, less) : sum;
}

bool convention_count(enum convention convention, const struct node *node,
                      const struct count_options *options, int64_t *count)
{
    struct formulas numbers = {0};
    *count = convention_explain(&numbers, convention, node, options).value;
    return !numbers.overflow;
}
