/* Weights: named parameters, each once, and expressions over them. */
#include "ir/graph.h"

#include <string.h>

/* The slot of `name` (interned) in the open-addressed index: taken by it, or free. */
static const struct weight **find_slot(const struct graph *g, const char *name)
{
    size_t i = (size_t)(((uintptr_t)name >> 4) * 0x9e3779b97f4a7c15u);
    while (g->param_index[i & (g->n_param_slots - 1)] &&
           g->param_index[i & (g->n_param_slots - 1)]->name != name)
        i++;
    return &g->param_index[i & (g->n_param_slots - 1)];
}

static void grow_index(struct graph *g)
{
    if (g->params.n * 2 < g->n_param_slots)
        return;
    g->n_param_slots = g->n_param_slots ? g->n_param_slots * 4 : 64;
    g->param_index = arena_array(g->arena, g->n_param_slots, sizeof *g->param_index);
    for (size_t i = 0; i < g->params.n; i++)
        *find_slot(g, g->params.at[i]->name) = g->params.at[i];
}

const struct weight *weight_find(const struct graph *g, const char *name)
{
    return g->n_param_slots ? *find_slot(g, name) : NULL;
}

const struct weight *weight_param(struct graph *g, const char *name, int rank, const int64_t *dim)
{
    name = strings_intern0(g->strings, name);
    grow_index(g);
    const struct weight **slot = find_slot(g, name);
    if (*slot)
        return *slot;
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = (struct weight){.kind = NETRT_EXPR_PARAM, .name = name, .rank = rank};
    memcpy(w->dim, dim, (size_t)rank * sizeof *dim);
    *slot = w;
    VEC_PUSH(g->arena, &g->params, w);
    return w;
}

const struct weight *weight_real(struct graph *g, double real)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = (struct weight){.kind = NETRT_EXPR_REAL, .real = real};
    return w;
}

static bool equal_shapes(const struct weight *a, const struct weight *b)
{
    return a->rank == b->rank && !memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim);
}

bool weight_joins(const struct weight *a, const struct weight *b, int axis)
{
    const struct weight *large = a->rank >= b->rank ? a : b, *small = large == a ? b : a;
    if (!small->rank || equal_shapes(a, b))
        return true;
    return small->rank == 1 && axis >= 0 && axis < large->rank && large->dim[axis] == small->dim[0];
}

const struct weight *weight_binary(struct graph *g, enum netrt_expr_kind kind,
                                   const struct weight *left, const struct weight *right, int axis)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    const struct weight *large = left->rank >= right->rank ? left : right;
    int depth = left->depth > right->depth ? left->depth : right->depth;
    *w = (struct weight){.kind = kind, .axis = axis, .operand = {left, right}, .depth = depth + 1};
    w->rank = large->rank;
    memcpy(w->dim, large->dim, sizeof w->dim);
    return w;
}

const struct weight *weight_sqrt(struct graph *g, const struct weight *of)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = *of;
    w->kind = NETRT_EXPR_SQRT;
    w->name = NULL;
    w->operand[0] = of;
    w->operand[1] = NULL;
    w->axis = 0;
    w->real = 0;
    w->depth = of->depth + 1;
    return w;
}
