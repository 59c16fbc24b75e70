/*
 * Evaluates a network as it is written, by the definitions of its operators, with random weights
 * and the input of the same formula, and prints all elements of its main output as a golden file:
 * evaluate SEED BATCH FILE.net [NET].
 */
#include "oracle.h"

#include "core/weights.h"
#include "sema/elaborate.h"

#include <stdio.h>
#include <stdlib.h>

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

static struct parameters parameters_of(struct arena *arena, struct netrt_random_source *source,
                                       const struct node *node)
{
    struct parameters p = {0};
    for (int role = 0; role < N_ROLES; role++)
        if (node->weight[role])
            p.role[role] =
                random_values(arena, source, node->weight[role]->name,
                              node->weight[role]->type.rank, node->weight[role]->type.dim);
    return p;
}

/* 2u - 1: the formula gives a bias 0.2u - 0.1. */
static void fill_input(struct arena *arena, uint64_t seed, struct tensor *t)
{
    struct netrt_random_source source;
    int64_t n = t->n * t->c * t->h * t->w;
    netrt_random_source_init(&source, seed);
    const double *values = random_values(arena, &source, "input", 1, &n);
    for (int64_t i = 0; i < n; i++)
        t->at[i] = (double)(float)(10 * values[i]);
}

static void evaluate(struct arena *arena, const struct graph *g, uint64_t seed,
                     struct tensor *values)
{
    struct netrt_random_source source;
    netrt_random_source_init(&source, seed);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *node = g->nodes.at[i];
        const struct tensor **in = arena_array(arena, (size_t)node->n_inputs + 1, sizeof *in);
        values[i] = tensor_of(arena, &node->type);
        for (int k = 0; k < node->n_inputs; k++)
            in[k] = &values[node->input[k]->id];
        struct parameters p = parameters_of(arena, &source, node);
        if (node->op == OP_input)
            fill_input(arena, seed, &values[i]);
        else
            oracle_compute(node, in, &p, &values[i]);
    }
}

static void print_golden(const struct graph *g, uint64_t seed, const struct tensor *values)
{
    const struct tensor *out = &values[g->outputs.at[0].node->id];
    long count = out->n * out->c * out->h * out->w;
    double largest = 0, sum = 0;
    for (long i = 0; i < count; i++) {
        largest = fmax(largest, fabs(out->at[i]));
        sum += out->at[i];
    }
    struct text dims;
    text_init(&dims, g->arena);
    type_print_dims(&dims, &g->inputs.at[0].node->type);
    printf("seed %llu\ninput %s\ncount %ld\nlargest %.9g\nsum %.9g\n", (unsigned long long)seed,
           text_string(&dims), count, largest, sum);
    for (long i = 0; i < count; i++)
        printf("%ld %.9g\n", i, out->at[i]);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: evaluate SEED BATCH FILE.net [NET]\n");
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
    if (good) {
        struct tensor *values = arena_array(arena, g->nodes.n, sizeof *values);
        evaluate(arena, g, seed, values);
        print_golden(g, seed, values);
    }
    arena_free(arena);
    return good ? 0 : 1;
}
