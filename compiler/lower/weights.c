/* The tables of weights: expressions, operands before users, and packed tensors in step order. */
#include "lower/lowering.h"
#include "core/weights.h"

#include <string.h>

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

/* The number of a weight that was packed the same way, for another step that shares it; -1: none
 * is. */
static int packed_before(struct lowering *l, const struct weight *w,
                         const struct netrt_packed *layout)
{
    const int known = number_of(&l->packed_index, w);
    return known >= 0 && packed_alike(&l->plan->packed.at[known].layout, layout) ? known : -1;
}

struct operand weights_pack(struct lowering *l, const struct weight *w, struct netrt_packed layout)
{
    struct plan *plan = l->plan;
    if (!w)
        return (struct operand){0};
    layout.bytes = netrt_packed_bytes(&layout);
    layout.offset = (size_t)plan->weights_bytes;
    if (!layout.bytes || layout.bytes > (size_t)(LOWER_MOST_BYTES - plan->weights_bytes)) {
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_weights), l->node->name);
        return (struct operand){0};
    }
    const int known = packed_before(l, w, &layout);
    if (known >= 0)
        return (struct operand){.place = PLACE_packed, .index = known};
    layout.expr = add_expr(l, w);
    plan->weights_bytes += (int64_t)layout.bytes; /* whole blocks of 64 bytes */
    set_number(&l->packed_index, w, plan->packed.n);
    VEC_PUSH(plan->arena, &plan->packed, (struct packed){layout, w});
    return (struct operand){.place = PLACE_packed, .index = (int)plan->packed.n - 1};
}

bool weights_agree(const struct plan *plan, const struct plan *lead)
{
    bool agree = plan->packed.n == lead->packed.n;
    for (size_t i = 0; i < plan->packed.n && agree; i++) {
        const struct netrt_packed *a = &plan->packed.at[i].layout, *b = &lead->packed.at[i].layout;
        agree = packed_alike(a, b) && a->expr == b->expr && a->offset == b->offset;
    }
    return agree;
}

void weights_check_stored(const struct plan *plan, struct diags *diags, enum netrt_stored stored)
{
    const char *name = plan->graph->name;
    size_t i = 0;
    while (i < plan->packed.n && plan->packed.at[i].layout.stored == NETRT_STORED_f32)
        i++;
    if (stored == NETRT_STORED_f32 || i < plan->packed.n)
        return;
    struct diag *d = diag_add(diags, (struct span){0}, MESSAGE(warn_weights_as),
                              name ? name : "unnamed", netrt_stored_name(stored));
    diag_hint(d, "Winograd's algorithm reads f32, as do depthwise convolutions and groups of a few "
                 "channels: '--no-winograd' multiplies out");
}

struct operand weights_pack_channels(struct lowering *l, const struct weight *w, int64_t channels)
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

struct operand weights_pack_rows(struct lowering *l, const struct weight *weight, int64_t rows,
                                 int64_t columns)
{
    const struct netrt_packed packed = {.layout = NETRT_LAYOUT_ROWS,
                                        .oc = rows,
                                        .ic = columns,
                                        .kh = 1,
                                        .kw = 1,
                                        .group_oc = 1,
                                        .group_ic = 1,
                                        .ic_block = NETRT_BLOCK};
    return weights_pack(l, weight, packed);
}
