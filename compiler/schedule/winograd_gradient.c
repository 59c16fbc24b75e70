/*
 * Winograd's algorithm for the gradient of a convolution's weights, where it is faster than
 * multiplying out: its tile, its tasks and their scratch memory.
 */
#include "base/number.h"
#include "schedule/choose.h"
#include "schedule/model.h"

#include <math.h>

static const double gain = 0.9; /* faster by this at least, for it rounds more */

/* Six points round a third of what eight do; what is rounded here goes into no other gradient. */
enum { MOST_POINTS = 6, MOST_OUT = 8, MOST_IN = 4, LEAST_PART = 16, MOST_PART = 64 };
static const double most_caches = 2.5;

struct problem {
    const struct netrt_winograd_gradient *k;
    const struct target *target;
    int64_t out_blocks, in_blocks, tiles, threads;
    double points, vectors; /* of a tile; in a block */
    double point_cycles;    /* of a vector's transform, there */
};

/* What adds the sums in registers to those in the second cache, and what reads them in the end. */
static double sum_cycles(const struct problem *p, int64_t outs, int64_t ins)
{
    const double sums = p->points * (double)(outs * NETRT_BLOCK * ins) * block_bytes;
    const double parts = (double)netrt_ceil_div(p->tiles, (int64_t)p->k->part_tiles);
    return sums * (2 * parts + 2) / p->target->rates.middle_bytes;
}

static double task_cycles_of(const struct problem *p, int64_t outs, int64_t ins)
{
    const struct target_rates *r = &p->target->rates;
    const double tiles = (double)p->tiles, blocks = (double)(outs + ins);
    const double area = (double)(p->k->tile_h * p->k->tile_w);
    const double products = (double)(outs * NETRT_BLOCK * ins) * p->vectors / r->multiply_adds;
    return tiles * p->points * products + sum_cycles(p, outs, ins) +
           tiles * blocks * p->vectors * p->points * p->point_cycles +
           r->winograd_exposed * tiles * blocks * area * block_bytes / r->far_bytes +
           r->task_cycles;
}

static double total_cycles(const struct problem *p, int64_t outs, int64_t ins)
{
    const int64_t tasks = netrt_ceil_div(p->out_blocks, outs) * netrt_ceil_div(p->in_blocks, ins);
    return (double)netrt_ceil_div(tasks, p->threads) * task_cycles_of(p, outs, ins);
}

/* Sums are read and written in order, so that a task may have more than the second cache holds: by
 * measurement, where that is 512 KB. */
static bool fits(const struct problem *p, int64_t outs, int64_t ins)
{
    return p->points * (double)(outs * NETRT_BLOCK * ins) * block_bytes <=
           most_caches * (double)p->target->l2;
}

static struct problem problem_of(const struct target *t, const struct netrt_winograd_gradient *k,
                                 int64_t threads)
{
    const struct netrt_winograd w = netrt_winograd_gradient_forward(k);
    return (struct problem){.k = k,
                            .target = t,
                            .out_blocks = netrt_ceil_div(k->oc, NETRT_BLOCK),
                            .in_blocks = netrt_ceil_div(k->ic, NETRT_BLOCK),
                            .tiles = k->images * netrt_winograd_tiles(&w),
                            .threads = threads,
                            .points = (double)netrt_winograd_points(&w),
                            .vectors = (double)schedule_vectors(t),
                            .point_cycles = schedule_point_cycles(&w)};
}

double schedule_winograd_gradient_cycles(const struct target *t,
                                         const struct netrt_winograd_gradient *k, int64_t threads)
{
    const struct problem p = problem_of(t, k, threads);
    return total_cycles(&p, int_min(k->task_out, p.out_blocks), int_min(k->task_in, p.in_blocks));
}

/* Tasks of a layer whose tile is set: the cycles of the best. */
static double choose_tasks(const struct scheduling *s, struct netrt_winograd_gradient *k)
{
    const struct problem p = problem_of(s->target, k, s->threads);
    double best = 0;
    for (int64_t outs = 1; outs <= MOST_OUT && outs <= p.out_blocks; outs++)
        for (int64_t ins = 1; ins <= MOST_IN && ins <= p.in_blocks; ins++) {
            const double cycles = total_cycles(&p, outs, ins);
            if ((best > 0 && cycles >= best) || (outs * ins > 1 && !fits(&p, outs, ins)))
                continue;
            best = cycles;
            k->task_out = outs;
            k->task_in = ins;
        }
    return best;
}

static bool is_possible(const struct netrt_weight_gradient *k)
{
    return !k->depth && !k->by_output && k->group_oc == k->oc && k->group_ic >= NETRT_BLOCK &&
           k->sh == 1 && k->sw == 1 && k->dh == 1 && k->dw == 1 && k->kh <= MOST_POINTS &&
           k->kw <= MOST_POINTS && k->kh * k->kw > 1 && k->oh * k->ow > 1;
}

/* Tiles of a part: of the largest tasks the second cache holds about what they transform. No task
 * decides it, nor do threads: it is the order of sums. */
static long part_of(const struct target *t)
{
    const int64_t tile = (int64_t)MOST_POINTS * MOST_POINTS * (MOST_OUT + MOST_IN) * block_bytes;
    return (long)int_max(LEAST_PART, int_min(MOST_PART, t->l2 / tile / 8 * 8));
}

static struct netrt_winograd_gradient layer_of(const struct scheduling *s,
                                               const struct netrt_weight_gradient *k, long tile)
{
    return (struct netrt_winograd_gradient){.in = k->in,
                                            .other = k->other,
                                            .out = k->out,
                                            .images = k->images,
                                            .ic = k->group_ic,
                                            .oc = k->oc,
                                            .oh = k->oh,
                                            .ow = k->ow,
                                            .kh = k->kh,
                                            .kw = k->kw,
                                            .pt = k->pt,
                                            .pl = k->pl,
                                            .tile_h = k->kh == 1 ? 1 : tile,
                                            .tile_w = k->kw == 1 ? 1 : tile,
                                            .part_tiles = part_of(s->target)};
}

bool schedule_winograd_gradient(const struct scheduling *s, const struct netrt_weight_gradient *k,
                                struct netrt_winograd_gradient *made)
{
    double best = s->winograd > 0 ? INFINITY : gain * schedule_weight_gradient_cycles(s, k);
    bool found = false;
    if (s->winograd < 0 || !is_possible(k))
        return false;
    for (long tile = 1; int_max(k->kh, k->kw) + tile - 1 <= MOST_POINTS; tile++) {
        struct netrt_winograd_gradient w = layer_of(s, k, tile);
        if (s->winograd > 0 && s->winograd != tile)
            continue;
        const double cycles = choose_tasks(s, &w);
        if (cycles >= best)
            continue;
        best = cycles;
        *made = w;
        found = true;
    }
    return found;
}
