/* Products of two computed matrices: a batch of 1x1 convolutions whose weights are the second. */
#include "base/number.h"
#include "lower/lowering.h"
#include "schedule/model.h"

/* Dimensions of products, and the steps of each operand along them. */
enum { N_BATCH = 4, N_OPERANDS = 3 };
struct batch {
    int n;
    int64_t size[N_BATCH], step[N_OPERANDS][N_BATCH];
};

/* Whether the last dimension and one inside of it are one, for all operands. */
static bool continues(const struct batch *b, int64_t size, const int64_t step[N_OPERANDS])
{
    for (int k = 0; k < N_OPERANDS; k++)
        if (b->step[k][b->n - 1] != size * step[k])
            return false;
    return true;
}

static void batch_add(struct batch *b, int64_t size, const int64_t step[N_OPERANDS])
{
    if (size == 1)
        return;
    const bool joins = b->n && continues(b, size, step);
    const int at = joins ? b->n - 1 : b->n++;
    b->size[at] = joins ? b->size[at] * size : size;
    for (int k = 0; k < N_OPERANDS; k++)
        b->step[k][at] = step[k];
}

/* All dimensions of the result but the last two; an operand of one matrix spreads. */
static struct batch batch_of(const struct value *const value[N_OPERANDS],
                             int64_t stride[N_OPERANDS][MAX_RANK])
{
    const struct type *out = &value[N_OPERANDS - 1]->type;
    struct batch b = {0};
    for (int i = 0; i < out->rank - 2; i++) {
        int64_t step[N_OPERANDS];
        for (int k = 0; k < N_OPERANDS; k++)
            step[k] = value[k]->type.dim[i] < out->dim[i] ? 0 : stride[k][i];
        batch_add(&b, out->dim[i], step);
    }
    return b;
}

/* The last four dimensions of a kernel's shape, where there are fewer. */
static void set_batch(struct netrt_matmul *k, const struct batch *b)
{
    long *const size[] = {&k->n0, &k->n1, &k->n2, &k->n3};
    long *const step[N_OPERANDS][N_BATCH] = {{&k->in0, &k->in1, &k->in2, &k->in3},
                                             {&k->other0, &k->other1, &k->other2, &k->other3},
                                             {&k->out0, &k->out1, &k->out2, &k->out3}};
    const int missing = N_BATCH - b->n;
    for (int i = 0; i < N_BATCH; i++) {
        *size[i] = i < missing ? 1 : b->size[i - missing];
        for (int operand = 0; operand < N_OPERANDS; operand++)
            *step[operand][i] = i < missing ? 0 : b->step[operand][i - missing];
    }
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

/* One product; `stride` of each operand by dimension. */
static void set_product(struct lowering *l, struct netrt_conv *c, const struct type *in,
                        const struct type *out, int64_t stride[N_OPERANDS][MAX_RANK])
{
    const int columns = out->rank - 1, rows = out->rank - 2;
    c->images = c->oh = c->kh = c->kw = c->sh = c->sw = c->dh = c->dw = 1;
    c->ow = out->dim[rows];
    c->oc = c->group_oc = out->dim[columns];
    c->ic = c->ic_block = c->group_ic = in->dim[columns];
    c->in.col = stride[0][rows];
    c->in.lane = stride[0][columns];
    c->out.col = stride[N_OPERANDS - 1][rows];
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
    const struct value *const value[N_OPERANDS] = {value_in(l, 0), value_in(l, 1), out};
    int64_t stride[N_OPERANDS][MAX_RANK];
    for (int k = 0; k < N_OPERANDS; k++)
        value_strides(value[k], stride[k]);
    struct plan_step *s = step_add(l, KERNEL_matmul, out, value[0]);
    struct netrt_matmul *k = &s->shape.matmul;
    const struct batch batch = batch_of(value, stride);
    s->other = value[1]->at;
    set_batch(k, &batch);
    set_product(l, &k->product, &value[0]->type, &out->type, stride);
    k->other_row = stride[1][out->type.rank - 2];
    k->other_col = stride[1][out->type.rank - 1];
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
    int64_t stride[N_OPERANDS][MAX_RANK];
    struct plan_step *s = step_add(l, KERNEL_matmul, out, in);
    struct netrt_matmul *k = &s->shape.matmul;
    value_strides(in, stride[0]);
    value_strides(out, stride[N_OPERANDS - 1]);
    set_batch(k, &(struct batch){0});
    k->product.bias = node->weight[ROLE_bias] != NULL;
    SET_ACT(&k->product, node);
    set_product(l, &k->product, &in->type, &out->type, stride);
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
