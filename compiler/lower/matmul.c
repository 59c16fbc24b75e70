/* Products of two computed matrices: a batch of 1x1 convolutions whose weights are the second. */
#include "base/number.h"
#include "lower/batch.h"
#include "schedule/model.h"

enum { N_OPERANDS = 3 };

static void set_batch(struct netrt_matmul *k, const struct batch *b)
{
    batch_sizes(b, BATCH_FIELDS(k, n));
    batch_steps(b, 0, BATCH_FIELDS(k, in));
    batch_steps(b, 1, BATCH_FIELDS(k, other));
    batch_steps(b, 2, BATCH_FIELDS(k, out));
}

/* Columns of a task: as many blocks as leave each thread some tasks, and as the second cache holds
 * when they are packed. */
static void cut_columns(const struct lowering *l, struct netrt_matmul *k)
{
    enum { TASKS_OF_THREAD = 4 };
    struct netrt_conv *c = &k->product;
    const int64_t blocks = netrt_ceil_div(c->oc, NETRT_BLOCK),
                  tiles = netrt_ceil_div(blocks, c->blocks);
    const int64_t products = k->n0 * k->n1 * k->n2 * k->n3;
    const int64_t wanted = netrt_ceil_div(TASKS_OF_THREAD * l->scheduling.threads, products);
    const int64_t tile_bytes = c->ic * c->blocks * block_bytes;
    const int64_t most = int_max(1, l->plan->target.l2 / 2 / tile_bytes);
    const int64_t each = int_min(most, netrt_ceil_div(tiles, int_min(wanted, tiles)));
    c->task_blocks = each * c->blocks;
    c->task_rows = 1;
}

/* One product. */
static void set_product(struct lowering *l, struct netrt_conv *c, const struct matrices *left,
                        const struct matrices *result)
{
    const struct type *in = &left->value->type, *out = &result->value->type;
    const int columns = out->rank - 1, rows = out->rank - 2;
    c->images = c->oh = c->kh = c->kw = c->sh = c->sw = c->dh = c->dw = 1;
    c->ow = out->dim[rows];
    c->oc = c->group_oc = out->dim[columns];
    c->ic = c->ic_block = c->group_ic = in->dim[columns];
    c->in.col = left->stride[rows];
    c->in.lane = left->stride[columns];
    c->out.col = result->stride[rows];
    c->out.row = c->out.col * c->ow;
    c->out.plane = NETRT_BLOCK;
    c->out.lane = 1;
    schedule_product(&l->scheduling, c);
}

void lower_matmul(struct lowering *l)
{
    const struct value *out = value_make_permuted(l);
    if (!out)
        return;
    const struct matrices of[N_OPERANDS] = {matrices_of(value_in(l, 0)),
                                            matrices_of(value_in(l, 1)), matrices_of(out)};
    struct plan_step *s = step_add(l, KERNEL_matmul, out, of[0].value);
    struct netrt_matmul *k = &s->shape.matmul;
    const struct batch batch = batch_of(of, N_OPERANDS);
    s->other = of[1].value->at;
    set_batch(k, &batch);
    set_product(l, &k->product, &of[0], &of[2]);
    k->other_row = of[1].stride[out->type.rank - 2];
    k->other_col = of[1].stride[out->type.rank - 1];
    cut_columns(l, k);
    s->macs = (double)type_elements(&out->type) * (double)k->product.ic;
    value_scratch(l, s, netrt_matmul_scratch(k));
}

/* ---- linear layers in training ---- */

bool linear_reads_parameter(const struct lowering *l)
{
    const struct node *node = l->node;
    const struct weight *w = node->weight[ROLE_weight];
    const struct value *in = value_in(l, 0);
    return l->graph->training && w->kind == NETRT_EXPR_PARAM && !node->residual &&
           l->options->stored == NETRT_STORED_f32 && in->type.rank == 2 &&
           in->type.layout == LAYOUT_blocked && in->view.plane == NETRT_BLOCK &&
           w->type.dim[1] % NETRT_BLOCK == 0 &&
           w->type.dim[0] * w->type.dim[1] * BYTES_f32 > l->plan->target.l2;
}

void linear_by_parameter(struct lowering *l, const struct value *out, const struct value *in)
{
    const struct node *node = l->node;
    const struct weight *w = node->weight[ROLE_weight];
    const bool transposed = node->op == OP_linear_transposed;
    const int64_t rows = w->type.dim[0], columns = w->type.dim[1];
    const struct matrices left = matrices_of(in), result = matrices_of(out);
    struct plan_step *s = step_add(l, KERNEL_matmul, out, in);
    struct netrt_matmul *k = &s->shape.matmul;
    set_batch(k, &(struct batch){0});
    k->product.bias = node->weight[ROLE_bias] != NULL;
    SET_ACT(&k->product, node);
    set_product(l, &k->product, &left, &result);
    if (k->product.ic * k->product.blocks * block_bytes > l->plan->target.l2)
        k->product.blocks = 1; /* few rows read what a task has packed: once, from the cache */
    k->other_row = transposed ? columns : 1;
    k->other_col = transposed ? 1 : columns;
    cut_columns(l, k);
    s->other = weights_pack_rows(l, w, rows, columns);
    s->bias = weights_pack_channels(l, node->weight[ROLE_bias], k->product.oc);
    s->macs = (double)type_elements(&out->type) * (double)k->product.ic;
    value_scratch(l, s, netrt_matmul_scratch(k));
}
