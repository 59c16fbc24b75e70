/*
 * Evaluates a network as it is written, by the definitions of its operators, with random weights
 * and inputs of the same formula, and prints all elements of its outputs as a golden file:
 * evaluate [--weights-as TYPE] SEED BATCH FILE.net [NET]. With a type, weights that netc
 * --no-winograd stores so are rounded to it, after bn was folded into them.
 */
#include "oracle.h"

#include "core/weights.h"
#include "pass/pass.h"
#include "sema/elaborate.h"

#include <stdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct tensor tensor_of(struct arena *arena, const struct type *type)
{
    struct tensor t = {type_n(type), type_c(type), type_h(type), type_w(type), NULL};
    t.at = arena_array(arena, (size_t)type_elements(type), sizeof *t.at);
    return t;
}

/* A parameter's values by the formula. */
static const double *random_values(struct arena *arena, struct netrt_random_source *source,
                                   const char *name, int rank, const int64_t *dim)
{
    struct netrt_tensor tensor = {.name = name, .rank = rank};
    char error[256];
    long n = 1;
    for (int i = 0; i < rank; i++)
        n *= tensor.dim[i] = (long)dim[i];
    float *values = arena_array(arena, (size_t)n, sizeof *values);
    double *wide = arena_array(arena, (size_t)n, sizeof *wide);
    if (source->source.load(&source->source, &tensor, 0, 0, n, values, error, sizeof error))
        abort();
    for (long i = 0; i < n; i++)
        wide[i] = (double)values[i];
    return wide;
}

static double apply(enum netrt_expr_kind kind, double a, double b)
{
    return kind == NETRT_EXPR_ADD   ? a + b
           : kind == NETRT_EXPR_SUB ? a - b
           : kind == NETRT_EXPR_MUL ? a * b
           : kind == NETRT_EXPR_DIV ? a / b
                                    : sqrt(a);
}

/* Element i of a tensor of that type, of an operand: one number, a vector along an axis, or as
 * many. */
static double spread(const struct type *type, const struct type *own, int axis,
                     const double *values, int64_t i)
{
    if (own->rank == 0 || own->rank == type->rank)
        return values[own->rank ? i : 0];
    for (int d = type->rank - 1; d > axis; d--)
        i /= type->dim[d];
    return values[i % type->dim[axis]];
}

/* What a weight's expression is, by the formula's parameters. */
static const double *weight_values(struct arena *arena, struct netrt_random_source *source,
                                   const struct weight *w)
{
    const double *operand[NETRT_MAX_OPERANDS] = {NULL};
    if (w->kind == NETRT_EXPR_PARAM)
        return random_values(arena, source, w->name, w->type.rank, w->type.dim);
    double *values = arena_array(arena, (size_t)type_elements(&w->type), sizeof *values);
    for (int k = 0; k < NETRT_MAX_OPERANDS; k++)
        if (w->operand[k])
            operand[k] = weight_values(arena, source, w->operand[k]);
    for (int64_t i = 0; i < type_elements(&w->type); i++) {
        double at[NETRT_MAX_OPERANDS] = {0};
        for (int k = 0; k < NETRT_MAX_OPERANDS; k++)
            if (operand[k])
                at[k] = spread(&w->type, &w->operand[k]->type, w->axis, operand[k], i);
        values[i] = w->kind == NETRT_EXPR_REAL ? w->real : apply(w->kind, at[0], at[1]);
    }
    return values;
}

/* ---- rounding ---- */

/* A type by its binary digits, and the exponent of its least number. */
struct rounding {
    const char *name;
    int digits, least;
};

static const struct rounding roundings[] = {{"f32", 24, -149}, {"bf16", 8, -133}, {"f16", 11, -24}};

static double rounded(const struct rounding *r, double x)
{
    int exponent;
    frexp(x, &exponent);
    const int unit = exponent - r->digits > r->least ? exponent - r->digits : r->least;
    return ldexp(nearbyint(ldexp(x, -unit)), unit);
}

/* Kernels that convolve channel by channel, or groups of 2, 4 or 8, read floats. */
static bool is_rounded(const struct node *node)
{
    if (node->op == OP_linear || node->op == OP_conv_transpose || op_info(node->op)->n_results)
        return true;
    if (node->op != OP_conv)
        return false;
    const int64_t in = type_c(&node->input[0]->type), group = in / node->attr.groups;
    return node->attr.groups == 1 || node->attr.out != in ||
           (group != 1 && group != 2 && group != 4 && group != 8);
}

static void round_weight(struct arena *arena, const struct rounding *r, const struct node *node,
                         struct parameters *p, int role)
{
    const int64_t n = type_elements(&node->weight[role]->type);
    double *values = arena_array(arena, (size_t)n, sizeof *values);
    for (int64_t i = 0; i < n; i++)
        values[i] = rounded(r, rounded(&roundings[0], p->role[role][i]));
    p->role[role] = values;
}

/* What an input is multiplied by: of a recurrent layer that of each layer and direction. */
static bool multiplies_input(int role)
{
    const int cell = role - ROLE_weight_ih_l0,
              of_cell = ROLE_weight_ih_l0_reverse - ROLE_weight_ih_l0;
    return role == ROLE_weight || (cell >= 0 && cell % of_cell == 0);
}

static struct parameters parameters_of(struct arena *arena, struct netrt_random_source *source,
                                       const struct node *node, const struct rounding *r)
{
    struct parameters p = {0};
    for (int role = 0; role < N_ROLES; role++)
        if (node->weight[role])
            p.role[role] = weight_values(arena, source, node->weight[role]);
    for (int role = 0; role < N_ROLES && r && is_rounded(node); role++)
        if (node->weight[role] && multiplies_input(role))
            round_weight(arena, r, node, &p, role);
    return p;
}

/* ---- the network ---- */

/* 2u - 1: the formula gives a bias 0.2u - 0.1. Integers are u times as many as there are positions,
 * rounded down. */
static void fill_input(struct arena *arena, uint64_t seed, struct tensor *t, int64_t positions)
{
    struct netrt_random_source source;
    int64_t n = t->n * t->c * t->h * t->w;
    netrt_random_source_init(&source, seed);
    const double *values = random_values(arena, &source, "input", 1, &n);
    for (int64_t i = 0; i < n; i++)
        t->at[i] = positions ? floor((values[i] + 0.1) / 0.2 * (double)positions + 1e-4)
                             : (double)(float)(10 * values[i]);
}

static void evaluate(struct arena *arena, const struct graph *g, uint64_t seed,
                     const struct rounding *r, struct tensor *values)
{
    struct netrt_random_source source;
    netrt_random_source_init(&source, seed);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *node = g->nodes.at[i];
        const struct tensor **in = arena_array(arena, (size_t)node->n_inputs + 1, sizeof *in);
        values[i] = tensor_of(arena, &node->type);
        for (int k = 0; k < node->n_inputs; k++)
            in[k] = &values[node->input[k]->id];
        struct parameters p = parameters_of(arena, &source, node, r);
        if (node->op == OP_input)
            fill_input(arena, seed, &values[i], graph_positions(g, node));
        else
            oracle_compute(node, in, &p, &values[i]);
    }
}

/* "3x8x8", or of one of several inputs "name=3x8x8"; ":7" behind it where it has 7 positions. */
static void print_inputs(const struct graph *g)
{
    struct text t;
    text_init(&t, g->arena);
    for (size_t i = 0; i < g->inputs.n; i++) {
        const struct graph_input *input = &g->inputs.at[i];
        const int64_t positions = graph_positions(g, input->node);
        text_printf(&t, "%s%s%s", i ? "," : "", g->inputs.n > 1 ? input->node->name : "",
                    g->inputs.n > 1 ? "=" : "");
        type_print_dims(&t, &input->node->type);
        if (positions)
            text_printf(&t, ":%lld", (long long)positions);
    }
    printf("input %s\n", text_string(&t));
}

static void print_output(const struct tensor *out)
{
    const long count = out->n * out->c * out->h * out->w;
    double largest = 0, sum = 0;
    for (long i = 0; i < count; i++) {
        largest = fmax(largest, fabs(out->at[i]));
        sum += out->at[i];
    }
    printf("count %ld\nlargest %.9g\nsum %.9g\nvalues", count, largest, sum);
    for (long i = 0; i < count; i++)
        printf(" %.9g", out->at[i]);
    printf("\n");
}

static void print_golden(const struct graph *g, uint64_t seed, const struct tensor *values)
{
    printf("seed %llu\n", (unsigned long long)seed);
    print_inputs(g);
    for (size_t i = 0; i < g->outputs.n; i++) {
        if (g->outputs.n > 1)
            printf("output %s\n", g->outputs.at[i].name);
        print_output(&values[g->outputs.at[i].node->id]);
    }
}

/* The type of --weights-as, which is taken away; NULL: none. */
static const struct rounding *take_rounding(int *argc, char ***argv)
{
    const struct rounding *r = NULL;
    if (*argc < 3 || strcmp((*argv)[1], "--weights-as") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof roundings / sizeof *roundings; i++)
        if (!strcmp(roundings[i].name, (*argv)[2]))
            r = &roundings[i];
    *argc -= 2;
    *argv += 2;
    return r;
}

static void fold(struct graph *g)
{
    pass_run(PASS_infer, g);
    pass_run(PASS_fold_bn, g);
}

int main(int argc, char **argv)
{
    const struct rounding *r = take_rounding(&argc, &argv);
    if (argc < 4) {
        fprintf(stderr, "usage: evaluate [--weights-as TYPE] SEED BATCH FILE.net [NET]\n");
        return 2;
    }
    struct arena *arena = arena_new();
    struct sources sources;
    struct diags diags;
    struct graph *g = NULL;
    uint64_t seed = strtoull(argv[1], NULL, 10);
    struct elaborate_options options = {
        .file = argv[3], .net = argv[4], .batch = strtol(argv[2], NULL, 10)};
    options.resources = ".";
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    bool good =
        elaborate(arena, strings_new(arena), &sources, &diags, &options, &g) == ELABORATE_OK && g;
    diags_print(&diags, stderr);
    if (good && r)
        fold(g);
    if (good) {
        struct tensor *values = arena_array(arena, g->nodes.n, sizeof *values);
        evaluate(arena, g, seed, r, values);
        print_golden(g, seed, values);
    }
    arena_free(arena);
    return good ? 0 : 1;
}
