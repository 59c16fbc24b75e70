/*
 * Steps that compute what they read part by part, in scratch memory: pairs of kernels. Which nodes
 * the pass marked are taken, and which part a task makes, comes from a model of the target.
 */
#include "base/number.h"
#include "lower/lowering.h"
#include "schedule/model.h"

#include <string.h>

/* ---- which ---- */

/* Where Winograd's algorithm may be taken, which makes no parts of any size. */
static bool may_be_winograd(const struct lowering *l, const struct node *conv)
{
    const struct attrs *a = &conv->attr;
    return conv->op == OP_conv && l->scheduling.winograd >= 0 && a->groups == 1 &&
           a->kernel[0] * a->kernel[1] > 1 && a->kernel[0] < NETRT_WINOGRAD_MOST &&
           a->kernel[1] < NETRT_WINOGRAD_MOST && a->stride[0] == 1 && a->stride[1] == 1 &&
           type_c(&conv->input[0]->type) >= NETRT_BLOCK;
}

/* A map has to have rows to be cut into. */
static bool has_rows(const struct node *node)
{
    return type_h(&node->type) > 1 && type_w(&node->type) > 1;
}

/* Whether the second cache holds what lies between the two, with what is read and written besides:
 * a convolution's result then waits there anyway. */
static bool fits_cache(const struct lowering *l, const struct node *node)
{
    return 2 * type_bytes(&node->type) <= l->plan->target.l2;
}

static bool pays(const struct lowering *l, const struct node *first, const struct node *then)
{
    return has_rows(first) && has_rows(then) && !may_be_winograd(l, first) &&
           !may_be_winograd(l, then) && (first->op != OP_conv || !fits_cache(l, first));
}

void pairs_choose(struct lowering *l)
{
    const struct graph *graph = l->graph;
    l->reader = arena_array(l->scratch, graph->nodes.n, sizeof *l->reader);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        const struct node *then = graph->nodes.at[i];
        const struct node *first = then->n_inputs ? then->input[0] : NULL;
        if (first && first->inlined && pays(l, first, then))
            l->reader[first->id] = then;
    }
}

/* ---- which part a task makes ---- */

/* What makes the cost of a task: the first's rows that it needs, then the second's. */
struct cut {
    int64_t images, rows, blocks;      /* of the second's output */
    int64_t row_unit, block_unit;      /* its tiles */
    int64_t stride, reach, first_rows; /* of its windows, and what they slide over */
    double first_cycles, then_cycles;  /* of a row; the second's of one block */
    double first_bytes, most_bytes;    /* of scratch memory: of a row, of a task */
    double task_cycles;                /* of handing it out */
    int threads;                       /* 0: not known */
};

struct choice {
    int64_t rows, blocks;
    double cycles;
};

/* Tasks that follow each other on a thread, times the threads: where their number is not known, on
 * one, two and four. */
static int64_t rounds(int64_t tasks, int threads)
{
    int64_t sum = 0;
    if (threads)
        return threads * netrt_ceil_div(tasks, threads);
    for (int64_t n = 1; n <= 4; n *= 2)
        sum += n * netrt_ceil_div(tasks, n);
    return sum;
}

static void try_cut(const struct cut *c, int64_t rows, int64_t blocks, struct choice *best)
{
    const int64_t tasks =
        c->images * netrt_ceil_div(c->rows, rows) * netrt_ceil_div(c->blocks, blocks);
    const int64_t strip = int_min((rows - 1) * c->stride + c->reach + 1, c->first_rows);
    const double task =
        (double)strip * c->first_cycles + (double)(rows * blocks) * c->then_cycles + c->task_cycles;
    const double cycles = task * (double)rounds(tasks, c->threads);
    const bool fits = (double)strip * c->first_bytes <= c->most_bytes;
    if (!best->rows || (fits && cycles < best->cycles))
        *best = (struct choice){rows, blocks, cycles};
}

/* The next size of a part to try: all small ones, and of large ones some. */
static int64_t next_size(int64_t size, int64_t unit)
{
    return size + (size / unit / 16 + 1) * unit;
}

/* The smallest part is tried first, and counts whether it fits or not. */
static struct choice choose_cut(const struct cut *c)
{
    struct choice best = {0};
    for (int64_t g = c->block_unit; g < c->blocks + c->block_unit; g = next_size(g, c->block_unit))
        for (int64_t r = c->row_unit; r < c->rows + c->row_unit; r = next_size(r, c->row_unit))
            try_cut(c, int_min(r, c->rows), g, &best);
    return best;
}

/* Cycles of a row of one block of a convolution. */
static double conv_row(const struct lowering *l, const struct netrt_conv *k)
{
    const struct target *t = &l->plan->target;
    return (double)(k->ow * k->ic * k->kh * k->kw * schedule_vectors(t)) / t->rates.multiply_adds;
}

static struct cut cut_of(const struct lowering *l, const struct node *first,
                         const struct node *then)
{
    const struct attrs *a = &then->attr;
    const int64_t dilation = a->dilation[0] ? a->dilation[0] : 1;
    return (struct cut){.images = type_n(&then->type),
                        .rows = type_h(&then->type),
                        .blocks = netrt_ceil_div(type_c(&then->type), NETRT_BLOCK),
                        .row_unit = 1,
                        .block_unit = 1,
                        .stride = a->stride[0],
                        .reach = (a->kernel[0] - 1) * dilation,
                        .first_rows = type_h(&first->type),
                        .most_bytes = (double)l->plan->target.l2 / 4,
                        .task_cycles = l->plan->target.rates.task_cycles,
                        .threads = l->options->threads};
}

/* ---- the steps ---- */

/* Cycles of a row of one block of an operator with a window, and of an elementwise one. */
#define WINDOW_ROW(l, k)                                                                           \
    ((double)((k)->ow * (k)->kh * (k)->kw * schedule_vectors(&(l)->plan->target)))
#define POINTWISE_ROW(l, k) (2 * (double)((k)->w * schedule_vectors(&(l)->plan->target)))

/* The memory between the two of a pair, for the tasks that were chosen; returns its floats. */
#define LAY_STRIP(k, blocks, rows)                                                                 \
    ((k)->first.out.plane = NETRT_STRIP_ROWS(k, rows) * (k)->first.out.row,                        \
     (k)->first.out.image = 0, (k)->then.in = (k)->first.out, (blocks) * (k)->first.out.plane)

/* A convolution may have made one long row of its positions. */
static void follow_rows(struct netrt_pointwise_conv *k)
{
    if (k->then.oh == k->first.h || k->then.kh > 1 || k->then.sh > 1)
        return;
    k->first.h = k->then.oh;
    k->first.w = k->then.ow;
    k->first.in.row = k->then.ow * k->first.in.col;
    k->first.out.row = k->then.ow * k->first.out.col;
}

static int64_t cut_pointwise_conv(struct lowering *l, struct netrt_pointwise_conv *k,
                                  struct cut *cut)
{
    follow_rows(k);
    const int64_t depth = netrt_ceil_div(k->first.c, NETRT_BLOCK);
    cut->rows = k->then.oh;
    cut->first_rows = k->first.h;
    cut->row_unit = k->then.cols >= 2 * k->then.ow ? k->then.cols / k->then.ow : 1;
    cut->block_unit = k->then.blocks;
    cut->first_cycles = (double)depth * POINTWISE_ROW(l, &k->first);
    cut->first_bytes = (double)(depth * k->first.out.row) * NETRT_ELEMENT_BYTES;
    cut->then_cycles = conv_row(l, &k->then);
    cut->most_bytes /= 4; /* the transformation is short: it wants nearer memory */
    const struct choice choice = choose_cut(cut);
    k->then.task_rows = choice.rows;
    k->then.task_blocks = choice.blocks;
    return LAY_STRIP(k, depth, k->then.task_rows);
}

static int64_t cut_pointwise_pooling(struct lowering *l, struct netrt_pointwise_pooling *k,
                                     struct cut *cut)
{
    cut->blocks = 1;
    cut->images *= netrt_ceil_div(k->then.c, NETRT_BLOCK);
    cut->first_cycles = POINTWISE_ROW(l, &k->first);
    cut->first_bytes = (double)k->first.out.row * NETRT_ELEMENT_BYTES;
    cut->then_cycles = WINDOW_ROW(l, &k->then);
    k->then.task_rows = choose_cut(cut).rows;
    return LAY_STRIP(k, 1, k->then.task_rows);
}

/* Rows of the second for which the first's, of so many bytes, fit in half of the first cache. */
static int64_t rows_at_once(const struct lowering *l, const struct cut *cut, int64_t row_bytes)
{
    const int64_t fit = l->plan->target.l1 / 2 / row_bytes;
    const int64_t rows = (fit - cut->reach - 1) / cut->stride + 1;
    return fit <= cut->reach ? 1 : int_min(rows, cut->rows);
}

/* More columns of one block, where there are, rather than fewer of several: their rows are shorter
 * in all. */
static void narrow(struct netrt_conv *k)
{
    k->cols = int_min(k->cols, k->ow);
    if (k->blocks * k->cols <= k->ow) {
        k->cols *= k->blocks;
        k->blocks = 1;
    }
}

/* Of a convolution before a kernel that works channel by channel; a macro, for `k` is a pair of
 * either shape. */
#define CUT_CONV(l, k, cut)                                                                        \
    do {                                                                                           \
        narrow(&(k)->first);                                                                       \
        const int64_t unit = (k)->first.blocks;                                                    \
        (cut)->images *= netrt_ceil_div((cut)->blocks, unit);                                      \
        (cut)->blocks = 1;                                                                         \
        (cut)->first_cycles = (double)unit * conv_row(l, &(k)->first);                             \
        (cut)->then_cycles = (double)unit * WINDOW_ROW(l, &(k)->then);                             \
        (k)->then.task_rows = choose_cut(cut).rows;                                                \
        (k)->first.task_blocks = unit;                                                             \
        (k)->first.task_rows =                                                                     \
            int_min(rows_at_once(l, cut, unit * (k)->first.out.row * NETRT_ELEMENT_BYTES),         \
                    (k)->then.task_rows);                                                          \
    } while (0)

static int64_t cut_conv_pooling(struct lowering *l, struct netrt_conv_pooling *k, struct cut *cut)
{
    CUT_CONV(l, k, cut);
    return LAY_STRIP(k, k->first.task_blocks, k->first.task_rows);
}

static int64_t cut_conv_depthwise(struct lowering *l, struct netrt_conv_depthwise *k,
                                  struct cut *cut)
{
    CUT_CONV(l, k, cut);
    return LAY_STRIP(k, k->first.task_blocks, k->first.task_rows);
}

/* The kernels of a pair as one: PAIR is a row of shapes.def. */
static int64_t join_kernels(struct lowering *l, const struct plan_step *first,
                            struct plan_step *then, struct cut *cut)
{
    const enum kernel second = then->kernel;
    const union kernel_shape shape = then->shape;
#define PAIR(name, first_, then_, doc)                                                             \
    if (first->kernel == KERNEL_##first_ && second == KERNEL_##then_) {                            \
        memset(&then->shape, 0, sizeof then->shape);                                               \
        then->kernel = KERNEL_##name;                                                              \
        then->shape.name.first = first->shape.first_;                                              \
        then->shape.name.then = shape.then_;                                                       \
        return cut_##name(l, &then->shape.name, cut);                                              \
    }
#include "kernels/shapes.def"
    return 0;
}

/* The one step of a node, at the end of the plan's; false: failed (reported). */
static bool lower_step(struct lowering *l, const struct node *node)
{
    l->node = node;
    lower_operator(l);
    return !diags_have_errors(l->diags);
}

static const char *reason(const struct lowering *l, const struct plan_step *s,
                          const struct plan_step *first)
{
    return arena_printf(l->plan->arena, "%s '%s' in %ld KB of each thread",
                        "computes what it reads part by part:", first->node->name,
                        (long)(s->scratch_size * NETRT_ELEMENT_BYTES / 1024));
}

/* The steps of both, of which the first is taken from the plan; false: failed (reported). */
static bool lower_both(struct lowering *l, const struct node *then, struct plan_step *first)
{
    if (!value_strip(l, then->input[0]) || !lower_step(l, then->input[0]))
        return false;
    *first = l->plan->steps.at[--l->plan->steps.n];
    return lower_step(l, then);
}

bool lower_pair(struct lowering *l, const struct node *then)
{
    const struct node *node = then->input[0];
    struct plan_step first;
    l->scheduling.in_pair = true;
    const bool lowered = lower_both(l, then, &first);
    l->scheduling.in_pair = false;
    if (!lowered)
        return false;
    struct plan_step *s = &l->plan->steps.at[l->plan->steps.n - 1];
    struct cut cut = cut_of(l, node, then);
    const int64_t floats = join_kernels(l, &first, s, &cut);
    s->first = node;
    s->in = first.in;
    s->first_weight = first.weight;
    s->first_bias = first.bias;
    s->first_macs = first.macs;
    s->macs += first.macs;
    if (!value_scratch(l, s, floats))
        return false;
    s->why = reason(l, s, &first);
    return true;
}
