/* The tables of weights: expressions, operands before users, and packed tensors in step order. */
#include "plan/lower.h"
#include "core/weights.h"

static const int64_t most_bytes = (int64_t)1 << 48;

/* ---- what is left of bn ---- */

const struct weight *weights_real(struct lowering *l, double real)
{
    struct weight *w = arena_new_of(l->plan->arena, struct weight);
    w->kind = NETRT_EXPR_REAL;
    w->real = real;
    return w;
}

/* Of equal vectors, a vector and a number, or of one alone. */
static const struct weight *combine(struct lowering *l, enum netrt_expr_kind kind,
                                    const struct weight *left, const struct weight *right)
{
    const struct weight *shaped = right && right->rank > left->rank ? right : left;
    struct weight *w = arena_new_of(l->plan->arena, struct weight);
    w->kind = kind;
    w->operand[0] = left;
    w->operand[1] = right;
    w->rank = shaped->rank;
    for (int i = 0; i < w->rank; i++)
        w->dim[i] = shaped->dim[i];
    return w;
}

/* gamma / sqrt(var + eps) */
const struct weight *weights_bn_factor(struct lowering *l, const struct node *bn)
{
    const struct weight *gamma = bn->weight[ROLE_weight];
    const struct weight *var =
        combine(l, NETRT_EXPR_ADD, bn->weight[ROLE_running_var], weights_real(l, bn->attr.eps));
    return combine(l, NETRT_EXPR_DIV, gamma ? gamma : weights_real(l, 1),
                   combine(l, NETRT_EXPR_SQRT, var, NULL));
}

/* beta - mean factor */
const struct weight *weights_bn_shift(struct lowering *l, const struct node *bn)
{
    const struct weight *beta = bn->weight[ROLE_bias];
    const struct weight *centre =
        combine(l, NETRT_EXPR_MUL, bn->weight[ROLE_running_mean], weights_bn_factor(l, bn));
    return combine(l, NETRT_EXPR_SUB, beta ? beta : weights_real(l, 0), centre);
}

/* ---- the tables ---- */

static int number_of(const struct map *map, const void *key)
{
    return (int)(intptr_t)map_get(map, key) - 1;
}

static void set_number(struct map *map, const void *key, size_t number)
{
    map_put(map, key, (void *)(intptr_t)(number + 1));
}

/* The number of an expression, after those of its operands. */
static int add_expr(struct lowering *l, const struct weight *w)
{
    const int known = number_of(&l->expr_index, w);
    if (known >= 0)
        return known;
    for (int i = 0; i < NETRT_MAX_OPERANDS; i++)
        if (w->operand[i])
            add_expr(l, w->operand[i]);
    set_number(&l->expr_index, w, l->plan->exprs.n);
    VEC_PUSH(l->plan->arena, &l->plan->exprs, w);
    return (int)l->plan->exprs.n - 1;
}

int weights_pack(struct lowering *l, const struct weight *w, struct netrt_packed layout)
{
    struct plan *plan = l->plan;
    if (!w)
        return -1;
    layout.bytes = netrt_packed_bytes(&layout);
    layout.offset = (size_t)plan->weights_bytes;
    if (!layout.bytes || layout.bytes > (size_t)(most_bytes - plan->weights_bytes)) {
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_weights), l->node->name);
        return -1;
    }
    layout.expr = add_expr(l, w);
    plan->weights_bytes += (int64_t)layout.bytes; /* whole blocks of 64 bytes */
    VEC_PUSH(plan->arena, &plan->packed, (struct packed){layout, w});
    return (int)plan->packed.n - 1;
}

int weights_pack_channels(struct lowering *l, const struct weight *w, int64_t channels)
{
    return weights_pack(l, w,
                        (struct netrt_packed){.layout = NETRT_LAYOUT_CHANNELS,
                                              .oc = channels,
                                              .ic = 1,
                                              .kh = 1,
                                              .kw = 1,
                                              .group_oc = 1,
                                              .group_ic = 1,
                                              .ic_block = NETRT_BLOCK});
}
