/*
 * Winograd's algorithm, where it is faster than the direct convolution: its tile, its tasks and
 * their scratch memory. 36 products of matrices stand for nine times as many; against that stand
 * the transforms, four times the weights to read, and tiles that reach beyond the output.
 */
#include "plan/schedule.h"

static const double transform_cycles = 150; /* of a tile's vector, there or back, by measurement */
static const double gain = 0.9;             /* faster by this at least, for it rounds more */
static const double exposed = 0.25; /* of the shorter of products and reading, by measurement */

enum { POINTS = 36, MOST_BLOCKS = 4, MOST_COLUMNS = 14 };

struct candidate {
    int64_t blocks, cols, task_tiles, task_blocks;
    double cycles;
};

/* The layer, as far as candidates matter. */
struct problem {
    const struct schedule_filter *filter;
    const struct netrt_winograd *k;
    const struct target *target;
    int64_t tiles, in_blocks, out_blocks, threads;
};

/* Cycles of the products of a task and of reading the weights for them, of which the longer hides
 * most of the other. Weights come from the second cache only where those of the whole layer stay
 * in it. */
static double multiply_cycles(const struct problem *p, const struct candidate *c, int64_t tiles)
{
    const double depth = (double)p->k->ic;
    const double vectors = (double)(schedule_vectors(p->target) * c->blocks);
    const double step = schedule_max(vectors * (double)c->cols / 2,
                                     schedule_max((vectors + (double)c->cols) / 2, fma_latency));
    const double groups = (double)netrt_ceil_div(c->task_blocks, c->blocks);
    const double columns = (double)netrt_ceil_div(tiles, c->cols);
    const double cycles = POINTS * groups * columns * (depth * step + tile_cycles);
    const double block = POINTS * depth * block_bytes;
    const bool near = block * (double)p->out_blocks < (double)p->target->l2 / 2;
    const double reading = block * (double)c->task_blocks / (near ? middle_bytes : far_bytes);
    const double longer = schedule_max(cycles, reading);
    return longer + exposed * (cycles + reading - longer);
}

static double task_cycles_of(const struct problem *p, const struct candidate *c)
{
    const int64_t tiles = c->task_tiles < p->tiles ? c->task_tiles : p->tiles;
    const double vectors =
        (double)(tiles * (p->in_blocks + c->task_blocks)) * (double)schedule_vectors(p->target);
    return multiply_cycles(p, c, tiles) + vectors * transform_cycles + task_cycles;
}

/* Cycles until all threads are done: whole tasks, one after the other. */
static double total_cycles(const struct problem *p, const struct candidate *c)
{
    const int64_t tasks = p->k->images * netrt_ceil_div(p->tiles, c->task_tiles) *
                          netrt_ceil_div(p->out_blocks, c->task_blocks);
    return (double)netrt_ceil_div(tasks, p->threads) * task_cycles_of(p, c);
}

/* Transformed inputs and the products of one tile of blocks stay in half the second cache. */
static bool fits(const struct problem *p, const struct candidate *c)
{
    const int64_t floats =
        POINTS * (p->in_blocks + c->blocks) * c->task_tiles * (int64_t)NETRT_BLOCK;
    return floats * (int64_t)sizeof(float) <= p->target->l2 / 2 || c->task_tiles == c->cols;
}

static void try_tasks(const struct problem *p, struct candidate *best, struct candidate c)
{
    const int64_t most = netrt_ceil_div(p->tiles, c.cols) * c.cols;
    for (c.task_tiles = c.cols; c.task_tiles <= most && fits(p, &c); c.task_tiles += c.cols) {
        for (int64_t parts = 1; parts <= p->out_blocks; parts *= 2) {
            const int64_t groups = netrt_ceil_div(p->out_blocks, c.blocks);
            c.task_blocks = netrt_ceil_div(groups, parts) * c.blocks;
            const struct decision d = {ALGORITHM_winograd, p->k->ow,    c.blocks, c.cols,
                                       c.task_blocks,      c.task_tiles};
            if (!schedule_admits(p->filter, &d))
                continue;
            c.cycles = total_cycles(p, &c);
            if (!best->blocks || c.cycles < best->cycles)
                *best = c;
        }
    }
}

static struct candidate best_candidate(const struct problem *p)
{
    struct candidate best = {0};
    for (int64_t blocks = 1; blocks <= MOST_BLOCKS && blocks <= p->out_blocks; blocks++)
        for (int64_t cols = 1; cols <= MOST_COLUMNS; cols++)
            if (schedule_registers(p->target, blocks, cols) <= p->target->registers)
                try_tasks(p, &best, (struct candidate){.blocks = blocks, .cols = cols});
    return best;
}

static struct problem problem_of(const struct target *target, const struct netrt_winograd *w,
                                 int64_t threads)
{
    return (struct problem){.k = w,
                            .target = target,
                            .tiles = netrt_winograd_tiles(w),
                            .in_blocks = netrt_ceil_div(w->ic, NETRT_BLOCK),
                            .out_blocks = netrt_ceil_div(w->oc, NETRT_BLOCK),
                            .threads = threads};
}

static bool is_possible(const struct netrt_conv *k)
{
    return k->kh == 3 && k->kw == 3 && k->sh == 1 && k->sw == 1 && k->dh == 1 && k->dw == 1 &&
           k->group_oc == k->oc && k->ic_block == NETRT_BLOCK && k->ic >= NETRT_BLOCK;
}

static void set_layer(struct netrt_winograd *w, const struct netrt_conv *k)
{
    *w = (struct netrt_winograd){.in = k->in,
                                 .out = k->out,
                                 .other = k->other,
                                 .images = k->images,
                                 .ic = k->ic,
                                 .oc = k->oc,
                                 .oh = k->oh,
                                 .ow = k->ow,
                                 .pt = k->pt,
                                 .pl = k->pl,
                                 .bias = k->bias,
                                 .residual = k->residual,
                                 .act = k->act,
                                 .act_arg = k->act_arg,
                                 .border_top = k->border_top,
                                 .border_left = k->border_left,
                                 .border_bottom = k->border_bottom,
                                 .border_right = k->border_right};
}

double schedule_winograd_cycles(const struct target *target, const struct netrt_winograd *w,
                                int64_t threads)
{
    const struct problem p = problem_of(target, w, threads);
    return total_cycles(&p, &(struct candidate){.blocks = w->blocks,
                                                .cols = w->cols,
                                                .task_tiles = w->task_tiles,
                                                .task_blocks = w->task_blocks});
}

bool schedule_winograd(const struct lowering *l, const struct netrt_conv *k, double direct_cycles,
                       struct netrt_winograd *w, const char **why)
{
    if (l->no_winograd || !is_possible(k))
        return false;
    set_layer(w, k);
    struct problem p = problem_of(&l->plan->target, w, schedule_threads(l));
    p.filter = l->filter;
    const struct candidate c = best_candidate(&p);
    if (!c.blocks || c.cycles > gain * direct_cycles)
        return false;
    w->blocks = c.blocks;
    w->cols = c.cols;
    w->task_tiles = c.task_tiles;
    w->task_blocks = c.task_blocks;
    *why = arena_printf(l->plan->arena,
                        "F(4x4, 3x3) takes %.0f %% of the direct time; a task transforms %ld"
                        " tiles into %ld KB",
                        100 * c.cycles / direct_cycles, w->task_tiles,
                        netrt_winograd_scratch(w) * (long)sizeof(float) / 1024);
    return true;
}
