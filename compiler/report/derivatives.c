/*
 * A tensor of the forward pass is a line for each of its scalars, which then stands for its formula
 * in what follows. What the pass `gradient` appended is put into the derivatives as it is, by the
 * chain rule, and only what is long has lines of its own too: so formulas do not grow with the
 * depth of a network, and those of a few scalars read as on paper.
 */
#include "report/derivatives.h"

#include "base/number.h"
#include "core/checkpoint.h"
#include "ir/loss.h"
#include "pass/pass.h"
#include "report/elements.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Scalars that a net may have: parameters, inputs, results; and numbers, names and functions that a
 * formula may have before it gets a line of its own. */
enum { MOST_SCALARS = 256, MOST_TERMS = 16 };

struct derivation {
    struct elements elements;
    const struct node *loss;
    struct text *text;
    bool numbers; /* what names stand for is known */
};

/* ---- sizes ---- */

/* Stops above a number that it holds. */
static int64_t count_scalars(const struct graph *g)
{
    int64_t n = 0;
    for (size_t i = 0; i < g->nodes.n; i++)
        if (!checked_add(n, type_elements(&g->nodes.at[i]->type), &n))
            return INT64_MAX;
    for (size_t i = 0; i < g->params.n; i++)
        if (!checked_add(n, type_elements(&g->params.at[i]->type), &n))
            return INT64_MAX;
    return n;
}

static bool are_few(const struct graph *g, struct diags *diags)
{
    const int64_t n = count_scalars(g);
    if (n <= MOST_SCALARS)
        return true;
    struct diag *d = diag_add(diags, (struct span){0}, MESSAGE(err_many_scalars),
                              g->name ? g->name : "unnamed", (long long)n, MOST_SCALARS);
    diag_hint(d, "'netc --train' makes a program whose command 'gradients' computes them");
    return false;
}

/* What has no formula forward has none back either, and is named once. */
static bool have_formulas(const struct graph *g, uint32_t loss, struct diags *diags)
{
    bool all = true, seen[N_OPS] = {false};
    for (size_t i = 0; i < g->nodes.n && (all || i <= loss); i++) {
        const struct node *n = g->nodes.at[i];
        if (n->op == OP_input || seen[n->op] || elements_rule_of(n))
            continue;
        seen[n->op] = true;
        diag_add(diags, n->span, MESSAGE(err_no_formula), op_info(n->op)->name,
                 n->name ? n->name : "");
        all = false;
    }
    return all;
}

/* ---- names ---- */

/* "o[1]" of element 1 of [1, 2]: dimensions of 1 are left out. */
static const char *element_name(struct arena *arena, const char *name, const struct type *type,
                                int64_t i)
{
    struct text t;
    int64_t at[MAX_RANK];
    const char *before = "[";
    text_init(&t, arena);
    text_append(&t, name);
    elements_position(type, i, at);
    for (int d = 0; d < type->rank; d++)
        if (type->dim[d] > 1) {
            text_printf(&t, "%s%lld", before, (long long)at[d]);
            before = ",";
        }
    text_append(&t, *before == ',' ? "]" : "");
    return text_string(&t);
}

/* A step without a label is called by a number, which would be read as one. */
static const char *node_name(struct arena *arena, const struct node *n)
{
    const bool number = isdigit((unsigned char)n->name[0]);
    return number ? arena_printf(arena, "%s_%s", op_info(n->op)->name, n->name) : n->name;
}

static struct real *named_elements(struct arena *arena, const char *name, const struct type *type,
                                   const float *values)
{
    const int64_t n = type_elements(type);
    struct real *all = arena_array(arena, (size_t)n, sizeof *all);
    for (int64_t i = 0; i < n; i++)
        all[i] = real_named(arena, element_name(arena, name, type, i),
                            values ? (double)values[i] : (double)NAN);
    return all;
}

/* ---- numbers ---- */

static struct netrt_tensor tensor_of(const char *name, const struct type *type)
{
    struct netrt_tensor t = {.name = name, .rank = type->rank};
    for (int d = 0; d < type->rank; d++)
        t.dim[d] = (long)type->dim[d];
    return t;
}

/* Parameters, then inputs, as the tensors of a checkpoint. */
static struct netrt_model model_of(struct arena *arena, const struct graph *g)
{
    struct netrt_tensor *tensors = arena_array(arena, g->params.n + g->inputs.n, sizeof *tensors);
    for (size_t i = 0; i < g->params.n; i++)
        tensors[i] = tensor_of(g->params.at[i]->name, &g->params.at[i]->type);
    for (size_t i = 0; i < g->inputs.n; i++)
        tensors[g->params.n + i] =
            tensor_of(g->inputs.at[i].node->name, &g->inputs.at[i].node->type);
    return (struct netrt_model){
        .name = g->name, .params = tensors, .n_params = (int)(g->params.n + g->inputs.n)};
}

/* The elements of all tensors of the model, which the file fits; NULL: with a message in `error`.
 */
static const float **load_all(struct arena *arena, const struct netrt_model *model,
                              struct netrt_checkpoint *file, char *error, size_t error_size)
{
    const float **all = arena_array(arena, (size_t)model->n_params, sizeof *all);
    struct netrt_checkpoint_source from;
    netrt_checkpoint_source_init(&from, file);
    for (int i = 0; i < model->n_params; i++) {
        const struct netrt_tensor *t = &model->params[i];
        long n = 1;
        for (int d = 0; d < t->rank; d++)
            n *= t->dim[d];
        float *values = arena_array(arena, (size_t)n, sizeof *values);
        if (from.source.load(&from.source, t, i, 0, n, values, error, error_size))
            return NULL;
        all[i] = values;
    }
    return all;
}

/* The numbers of all parameters and inputs. NULL: an error was reported. */
static const float **read_numbers(struct arena *arena, const struct graph *g,
                                  const struct options *o, struct diags *diags)
{
    char error[512], *report = NULL;
    const struct netrt_model model = model_of(arena, g);
    const struct netrt_checkpoint_options options = {.map = o->weights_map,
                                                     .ignore_extra = o->ignore_extra.at,
                                                     .n_ignore_extra = o->ignore_extra.n};
    const float **numbers = NULL;
    struct netrt_checkpoint *file =
        netrt_checkpoint_open(o->weights, &options, error, sizeof error);
    if (file && !netrt_checkpoint_fit(file, &model, &options, &report))
        numbers = load_all(arena, &model, file, error, sizeof error);
    if (!numbers)
        diag_add(diags, (struct span){0}, MESSAGE(err_weights),
                 report ? arena_printf(arena, "weights '%s' do not fit network '%s':\n%s",
                                       o->weights, g->name, report)
                        : error);
    free(report);
    netrt_checkpoint_close(file);
    return numbers;
}

/* ---- lines ---- */

/* "  h = sigmoid(hidden)", and below it the same with its numbers. */
static void print_line(struct derivation *d, const char *name, struct real formula)
{
    text_printf(d->text, "  %s = ", name);
    formula_print_symbols(d->text, formula.formula);
    if (d->numbers) {
        text_printf(d->text, "\n  %*s = ", (int)strlen(name), "");
        formula_print_numbers(d->text, formula.formula);
    }
    text_append(d->text, "\n");
}

/* Prints the elements of a node, whose names stand for them from then on. What is a number or a
 * name already stays that. */
static void print_elements(struct derivation *d, const struct node *n)
{
    struct arena *arena = d->elements.arena;
    struct real *of = d->elements.of[n->id];
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        if (real_terms(of[i], 2) < 2 && n != d->loss)
            continue;
        const char *name = element_name(arena, node_name(arena, n), &n->type, i);
        print_line(d, name, of[i]);
        of[i] = real_named(arena, name, of[i].value);
    }
}

/* The steps of a loss, and what moves nothing, are parts of other lines. */
static bool is_part(const struct node *n)
{
    return op_has(n->op, OP_VIEW) || loss_has_part(n);
}

static bool is_long(const struct derivation *d, const struct node *n)
{
    for (int64_t i = 0; i < type_elements(&n->type); i++)
        if (real_terms(d->elements.of[n->id][i], MOST_TERMS + 1) > MOST_TERMS)
            return true;
    return false;
}

static bool is_derivative(const struct graph *g, const struct node *n)
{
    for (size_t i = 0; i < g->outputs.n; i++)
        if (g->outputs.at[i].node == n && g->outputs.at[i].purpose == NETRT_PURPOSE_gradient)
            return true;
    return false;
}

static void compute(struct derivation *d, const struct node *n)
{
    struct elements *e = &d->elements;
    e->of[n->id] = arena_array(e->arena, (size_t)type_elements(&n->type), sizeof **e->of);
    elements_rule_of(n)(e, n, e->of[n->id]);
    const bool forward = n->id <= d->loss->id;
    if (forward ? !is_part(n) : !is_derivative(e->graph, n) && is_long(d, n))
        print_elements(d, n);
}

/* Of a parameter, or an input, by the name and shape of what the derivative is of. */
static void print_derivative(struct derivation *d, const struct graph_output *output)
{
    struct arena *arena = d->elements.arena;
    const struct graph *g = d->elements.graph;
    const struct weight *w = weight_find(g, output->name);
    const struct type *type = w ? &w->type : &output->node->type;
    for (int64_t i = 0; i < type_elements(type); i++)
        print_line(d,
                   arena_printf(arena, "d loss / d %s", element_name(arena, output->name, type, i)),
                   d->elements.of[output->node->id][i]);
}

static void name_leaves(struct derivation *d, const float **numbers)
{
    struct elements *e = &d->elements;
    const struct graph *g = e->graph;
    for (size_t i = 0; i < g->params.n; i++)
        e->param[i] = named_elements(e->arena, g->params.at[i]->name, &g->params.at[i]->type,
                                     numbers ? numbers[i] : NULL);
    for (size_t i = 0; i < g->inputs.n; i++) {
        const struct node *n = g->inputs.at[i].node;
        e->of[n->id] = named_elements(e->arena, node_name(e->arena, n), &n->type,
                                      numbers ? numbers[g->params.n + i] : NULL);
    }
}

/* Of a graph behind the pass `gradient`. */
static bool print_all(struct text *t, const struct graph *g, const struct options *o,
                      struct diags *diags)
{
    struct arena *arena = t->arena;
    struct derivation d = {
        .elements = {.arena = arena,
                     .graph = g,
                     .of = arena_array(arena, g->nodes.n, sizeof(struct real *)),
                     .param = arena_array(arena, g->params.n, sizeof(struct real *))},
        .loss = graph_find_output(g, NETRT_PURPOSE_loss)->node,
        .text = t,
        .numbers = o->weights};
    const float **numbers = NULL;
    if (!have_formulas(g, d.loss->id, diags) ||
        (o->weights && !(numbers = read_numbers(arena, g, o, diags))))
        return false;
    name_leaves(&d, numbers);
    for (size_t i = 0; i < g->nodes.n; i++)
        if (g->nodes.at[i]->op != OP_input)
            compute(&d, g->nodes.at[i]);
    text_append(t, "\n");
    for (size_t i = 0; i < g->outputs.n; i++)
        if (g->outputs.at[i].purpose == NETRT_PURPOSE_gradient)
            print_derivative(&d, &g->outputs.at[i]);
    return true;
}

bool derivatives_print(struct text *t, struct graph *g, const struct options *o,
                       struct diags *diags)
{
    if (!are_few(g, diags))
        return false;
    pass_run(PASS_gradient, g);
    return print_all(t, g, o, diags);
}
