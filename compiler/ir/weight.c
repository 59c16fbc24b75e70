/* Weights: named parameters, each once, and expressions over them. */
#include "ir/graph.h"

const struct weight *weight_find(const struct graph *g, const char *name)
{
    return map_get(&g->param_index, name);
}

const struct weight *weight_param(struct graph *g, const char *name, const struct type *type)
{
    name = strings_intern0(g->strings, name);
    const struct weight *known = weight_find(g, name);
    if (known)
        return known;
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = (struct weight){.kind = NETRT_EXPR_PARAM, .name = name, .type = *type};
    map_put(&g->param_index, name, w);
    VEC_PUSH(g->arena, &g->params, w);
    return w;
}

const struct weight *weight_real(struct graph *g, double real)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = (struct weight){.kind = NETRT_EXPR_REAL, .real = real};
    return w;
}

const struct weight *weight_list(struct graph *g, const struct numbers *list)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = (struct weight){
        .kind = NETRT_EXPR_LIST, .list = list->at, .type = {.rank = 1, .dim = {list->n}}};
    return w;
}

/* The rank without dimensions of 1 behind the others. */
static int rank_without_ones(const struct type *t)
{
    int rank = t->rank;
    while (rank > 1 && t->dim[rank - 1] == 1)
        rank--;
    return rank;
}

bool weight_lies_as(const struct type *a, const struct type *b)
{
    const int rank = rank_without_ones(a);
    bool same = a->dtype == b->dtype && rank == rank_without_ones(b) && !a->rank == !b->rank;
    for (int i = 0; i < rank && same; i++)
        same = a->dim[i] == b->dim[i];
    return same;
}

/* Of the two the one that the other spreads to. */
static const struct weight *larger(const struct weight *a, const struct weight *b)
{
    const int64_t x = type_elements(&a->type), y = type_elements(&b->type);
    return x > y || (x == y && a->type.rank >= b->type.rank) ? a : b;
}

bool weight_joins(const struct weight *a, const struct weight *b, int axis)
{
    const struct type *large = &larger(a, b)->type;
    const struct type *small = large == &a->type ? &b->type : &a->type;
    if (!small->rank || weight_lies_as(small, large))
        return true;
    return rank_without_ones(small) == 1 && axis >= 0 && axis < large->rank &&
           large->dim[axis] == small->dim[0];
}

const struct weight *weight_binary(struct graph *g, enum netrt_expr_kind kind,
                                   const struct weight *left, const struct weight *right, int axis)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    const struct weight *large = larger(left, right);
    int depth = left->depth > right->depth ? left->depth : right->depth;
    *w = (struct weight){.kind = kind, .axis = axis, .operand = {left, right}, .depth = depth + 1};
    w->type = large->type;
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

const struct weight *weight_bn_factor(struct graph *g, const struct node *bn)
{
    const struct weight *gamma = bn->attr.affine ? bn->weight[ROLE_weight] : weight_real(g, 1);
    const struct weight *var = weight_binary(g, NETRT_EXPR_ADD, bn->weight[ROLE_running_var],
                                             weight_real(g, bn->attr.eps), 0);
    return weight_binary(g, NETRT_EXPR_DIV, gamma, weight_sqrt(g, var), 0);
}

const struct weight *weight_bn_shift(struct graph *g, const struct node *bn,
                                     const struct weight *factor, const struct weight *bias)
{
    const struct weight *mean = bn->weight[ROLE_running_mean];
    const struct weight *beta = bn->attr.affine ? bn->weight[ROLE_bias] : weight_real(g, 0);
    if (bias)
        mean = weight_binary(g, NETRT_EXPR_SUB, mean, bias, 0);
    return weight_binary(g, NETRT_EXPR_SUB, beta, weight_binary(g, NETRT_EXPR_MUL, mean, factor, 0),
                         0);
}
