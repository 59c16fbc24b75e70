/* Attention: two products with a softmax between them. */
#include "base/number.h"
#include "lower/batch.h"
#include "schedule/model.h"

/* Operands by their number, and the result. */
enum { QUERIES, KEYS, VALUES, MASK, RESULT, N_OPERANDS };

static void set_batches(struct netrt_attention *k, const struct matrices of[N_OPERANDS])
{
    const struct batch b = batch_of(of, N_OPERANDS);
    batch_sizes(&b, BATCH_FIELDS(k, n));
    batch_steps(&b, QUERIES, BATCH_FIELDS(k, in));
    batch_steps(&b, KEYS, BATCH_FIELDS(k, other));
    batch_steps(&b, VALUES, BATCH_FIELDS(k, third));
    batch_steps(&b, MASK, BATCH_FIELDS(k, fourth));
    batch_steps(&b, RESULT, BATCH_FIELDS(k, out));
}

static void set_mask(struct netrt_attention *k, const struct matrices *mask)
{
    const struct type *t = &mask->value->type;
    const int rows = t->rank - 2, columns = t->rank - 1;
    k->masked = 1;
    k->fourth_row = t->dim[rows] == 1 ? 0 : mask->stride[rows];
    k->fourth_col = t->dim[columns] == 1 ? 0 : mask->stride[columns];
}

/* Output channels of both products are the queries. */
static void set_product(struct netrt_conv *c, int64_t queries, int64_t positions, int64_t terms)
{
    c->images = c->oh = c->kh = c->kw = c->sh = c->sw = c->dh = c->dw = 1;
    c->oc = c->group_oc = queries;
    c->ow = positions;
    c->ic = c->ic_block = c->group_ic = terms;
    c->out.col = NETRT_BLOCK;
    c->out.row = c->out.plane = positions * NETRT_BLOCK;
    c->out.lane = 1;
    c->task_rows = 1;
}

/* Scores, of which a tile's positions are keys. A convolution fetches the next block of inputs that
 * lie one after the other. */
static void set_scores(struct netrt_attention *k, const struct matrices of[N_OPERANDS],
                       int64_t tile)
{
    const struct type *q = &of[QUERIES].value->type;
    const int rows = q->rank - 2, columns = q->rank - 1;
    struct netrt_conv *c = &k->scores;
    set_product(c, q->dim[rows], tile, q->dim[columns]);
    c->in.col = of[KEYS].stride[rows];
    c->in.lane = of[KEYS].stride[columns];
    if (c->in.lane == 1 && c->ic % NETRT_BLOCK == 0)
        c->ic_block = c->in.plane = NETRT_BLOCK;
}

static void set_weighted(struct netrt_attention *k, const struct matrices of[N_OPERANDS],
                         int64_t tile)
{
    const struct type *v = &of[VALUES].value->type;
    const int rows = v->rank - 2, columns = v->rank - 1;
    struct netrt_conv *c = &k->product;
    set_product(c, k->scores.oc, v->dim[columns], tile);
    c->in.col = of[VALUES].stride[columns];
    c->in.lane = of[VALUES].stride[rows];
    c->other = c->out;
    c->residual = 1;
}

/* Keys of a tile, all alike but the last: with the scores of `blocks` blocks of queries, in half of
 * the second cache. */
static int64_t tile_of(const struct lowering *l, const struct netrt_attention *k, int64_t blocks)
{
    enum { LEAST = 4 * NETRT_BLOCK };
    const int64_t floats = l->plan->target.l2 / 2 / (blocks * block_bytes);
    const int64_t most = int_max(LEAST, floats - k->scores.ic - k->product.ow);
    return netrt_ceil_div(k->keys, netrt_ceil_div(k->keys, most));
}

static int64_t common_multiple(int64_t a, int64_t b)
{
    return a / int_gcd(a, b) * b;
}

/* Register tiles; groups of queries that are a multiple of both; tasks of as many groups as leave
 * each thread some. */
static void schedule(struct lowering *l, struct netrt_attention *k)
{
    enum { TASKS_OF_THREAD = 4 };
    schedule_product(&l->scheduling, &k->scores);
    schedule_product(&l->scheduling, &k->product);
    k->blocks = (long)common_multiple(k->scores.blocks, k->product.blocks);
    const int64_t blocks = netrt_ceil_div(k->scores.oc, NETRT_BLOCK),
                  groups = netrt_ceil_div(blocks, k->blocks);
    const int64_t wanted =
        netrt_ceil_div(TASKS_OF_THREAD * l->scheduling.threads, netrt_attention_matrices(k));
    k->task_blocks = netrt_ceil_div(groups, int_min(wanted, groups)) * k->blocks;
    k->scores.task_blocks = k->product.task_blocks = k->task_blocks;
}

static void set_kernel(struct lowering *l, struct netrt_attention *k,
                       const struct matrices of[N_OPERANDS])
{
    enum { BLOCKS = 4 }; /* of a group, as far as a tile of keys is concerned */
    const struct type *q = &of[QUERIES].value->type;
    const int rows = q->rank - 2, columns = q->rank - 1;
    const double factor = l->node->attr.factor;
    k->keys = of[KEYS].value->type.dim[rows];
    k->scale = (float)(factor == 0 ? 1 / sqrt((double)q->dim[columns]) : factor);
    k->safe = l->node->attr.safe_softmax;
    k->in_row = of[QUERIES].stride[rows];
    k->in_col = of[QUERIES].stride[columns];
    k->out_row = of[RESULT].stride[rows];
    k->scores.ic = q->dim[columns];
    k->product.ow = of[VALUES].value->type.dim[columns];
    const int64_t tile = tile_of(l, k, BLOCKS);
    set_scores(k, of, tile);
    set_weighted(k, of, tile);
    schedule(l, k);
}

void lower_attention(struct lowering *l)
{
    struct matrices of[N_OPERANDS] = {[RESULT] = matrices_of(value_make_permuted(l))};
    if (!of[RESULT].value)
        return;
    for (int i = 0; i < l->node->n_inputs; i++)
        of[i] = matrices_of(value_in(l, i));
    struct plan_step *s = step_add(l, KERNEL_attention, of[RESULT].value, of[QUERIES].value);
    struct netrt_attention *k = &s->shape.attention;
    s->other = of[KEYS].value->at;
    s->third = of[VALUES].value->at;
    if (of[MASK].value) {
        s->fourth = of[MASK].value->at;
        set_mask(k, &of[MASK]);
    }
    set_batches(k, of);
    set_kernel(l, k, of);
    s->macs = (double)(netrt_attention_matrices(k) * k->scores.oc) * (double)k->keys *
              (double)(k->scores.ic + k->product.ow);
    value_scratch(l, s, netrt_attention_scratch(k));
}
