/*
 * Winograd's algorithm, where it is faster than the direct convolution: its tile, its tasks and
 * their scratch memory. Against the multiplications that it saves stand the transforms, more
 * weights to read, and tiles that reach beyond the output.
 */
#include "base/number.h"
#include "schedule/choose.h"
#include "schedule/model.h"

static const double gain = 0.9; /* faster by this at least, for it rounds more */

enum { MOST_BLOCKS = 4, MOST_COLUMNS = 14, MOST_TILE = 7, MOST_CACHES = 4 };

/* A layer magnifies the rounding of those before it, so deep networks have tiles with less of it:
 * in two directions, 7 or 8 points round three times as much as 6. */
enum { DEEP = 24, MOST_POINTS_DEEP = 6 };

/* In training what is rounded may take an activation over the bend of its relu, and with it the
 * gradients. Four points round as products in their order do (docs/training.md). */
enum { MOST_POINTS_BENDING = 4 };

/* Bytes of weights that come from memory for each task, and not from a third cache. */
static const double far_weights = 32 << 20;

struct candidate {
    int64_t tile_h, tile_w, blocks, cols, point_blocks, task_tiles, task_blocks;
    double cycles, judged;
};

/* The layer, as far as candidates matter, and the tiles of the candidates. */
struct problem {
    const struct schedule_filter *filter;
    const struct netrt_winograd *k;
    const struct target *target;
    int64_t tile_h, tile_w, tiles, in_blocks, out_blocks, threads;
    double points, vectors; /* of a tile; in a block */
    double point_cycles;    /* of a vector's transform, there */
    double cache;           /* bytes of the second cache that scratch memory may fill */
    bool packs;             /* each run packs the weights */
};

/* Bytes in all points of so many blocks of channels of so many tiles, or channels of weights. */
static double point_bytes(const struct problem *p, double blocks, double tiles)
{
    return p->points * blocks * tiles * block_bytes;
}

/* Whether the scratch memory of a task stays in the second cache. */
static bool is_near(const struct problem *p, const struct candidate *c)
{
    return point_bytes(p, (double)(p->in_blocks + c->point_blocks), (double)c->task_tiles) <
           p->cache;
}

static bool has_near_weights(const struct problem *p)
{
    return point_bytes(p, (double)p->out_blocks, (double)p->k->ic) < p->cache;
}

/* Bytes of so many blocks of channels of the tiles of a map. */
static double map_bytes(const struct problem *p, double blocks, double tiles)
{
    return blocks * tiles * (double)(p->tile_h * p->tile_w) * block_bytes;
}

/* Bytes a cycle of what is read and written: a small map stays in the second cache. */
static double map_rate(const struct problem *p)
{
    const double both = map_bytes(p, (double)(p->in_blocks + p->out_blocks), (double)p->tiles);
    return both < p->cache ? p->target->rates.middle_bytes : p->target->rates.far_bytes;
}

/* Cycles of one register tile of products, a channel deep, whose operands come from the second
 * cache. */
static double step_cycles(const struct problem *p, int64_t blocks, int64_t cols)
{
    const double vectors = p->vectors * (double)blocks;
    const double bytes = (double)(blocks * block_bytes) + (double)cols * NETRT_ELEMENT_BYTES;
    const struct target_rates *r = &p->target->rates;
    return schedule_max(vectors * (double)cols / r->multiply_adds,
                        schedule_max((vectors + (double)cols) / r->loads, r->latency)) +
           bytes / r->stream_bytes;
}

/* The products of a task at all points, of so many blocks at a time. */
static double products_of(const struct problem *p, const struct candidate *c, int64_t blocks)
{
    const double depth = (double)p->k->ic, rest = (double)(c->task_tiles % c->cols);
    const double tile_cycles = p->target->rates.tile_cycles;
    double cycles =
        (double)(c->task_tiles / c->cols) * (depth * step_cycles(p, blocks, c->cols) + tile_cycles);
    if (rest > 0)
        cycles += depth * step_cycles(p, blocks, c->task_tiles % c->cols) + tile_cycles;
    return p->points * cycles;
}

static double product_cycles(const struct problem *p, const struct candidate *c)
{
    double cycles = (double)(c->task_blocks / c->blocks) * products_of(p, c, c->blocks);
    if (c->task_blocks % c->blocks)
        cycles += products_of(p, c, c->task_blocks % c->blocks);
    return cycles;
}

/* Cycles of reading what a task multiplies: its weights once, from far for the first task, and for
 * the others too unless those of the whole layer stay in the second cache; its inputs once for each
 * sweep over the points. */
static double reading_cycles(const struct problem *p, const struct candidate *c)
{
    const double tiles = (double)c->task_tiles, depth = (double)p->k->ic;
    const double weights = point_bytes(p, (double)c->task_blocks, depth);
    const double inputs = point_bytes(p, (double)p->in_blocks, tiles);
    const double sweeps = (double)netrt_ceil_div(c->task_blocks, c->point_blocks);
    const double tasks = schedule_max(
        1, (double)(p->k->images * netrt_ceil_div(p->tiles, c->task_tiles)) / (double)p->threads);
    const double first = has_near_weights(p) ? 1 / tasks : 1;
    const struct target_rates *r = &p->target->rates;
    return weights * (first / r->far_weights + (1 - first) / r->middle_bytes) +
           inputs * sweeps / (is_near(p, c) ? r->middle_bytes : r->far_bytes);
}

/* Cycles of transforming so many blocks of a task's tiles there or back: the arithmetic, what comes
 * from beyond the cache or goes there, of the tensor and of scratch memory. */
static double transform_cycles(const struct problem *p, const struct candidate *c, int64_t blocks,
                               double point_cycles, double scratch_rate)
{
    const double tiles = (double)(blocks * c->task_tiles);
    const double tensor = map_bytes(p, (double)blocks, (double)c->task_tiles) / map_rate(p);
    double cycles =
        tiles * p->vectors * p->points * point_cycles + p->target->rates.winograd_exposed * tensor;
    if (!is_near(p, c))
        cycles += tiles * p->points * block_bytes / scratch_rate;
    return cycles;
}

static double task_cycles_of(const struct problem *p, const struct candidate *c)
{
    const double products = product_cycles(p, c), reading = reading_cycles(p, c);
    const double longer = schedule_max(products, reading);
    const struct target_rates *r = &p->target->rates;
    return longer + r->winograd_exposed * (products + reading - longer) + r->task_cycles +
           transform_cycles(p, c, p->in_blocks, p->point_cycles, r->spill_bytes) +
           transform_cycles(p, c, c->task_blocks, p->point_cycles - 1, r->far_bytes);
}

/* Cycles until so many threads are done: whole tasks, one after the other. */
static double total_cycles(const struct problem *p, const struct candidate *c, int64_t threads)
{
    const int64_t tasks = p->k->images * netrt_ceil_div(p->tiles, c->task_tiles) *
                          netrt_ceil_div(p->out_blocks, c->task_blocks);
    return (double)netrt_ceil_div(tasks, threads) * task_cycles_of(p, c);
}

static struct decision decision_of(const struct candidate *c)
{
    return (struct decision){.algorithm = ALGORITHM_winograd,
                             .row = int_max(c->tile_h, c->tile_w),
                             .blocks = c->blocks,
                             .cols = c->cols,
                             .task_blocks = c->task_blocks,
                             .task_rest = c->task_tiles,
                             .point_blocks = c->point_blocks};
}

/* Cycles of packing the weights for a run, with so many elements for each kernel. */
static double packing_cycles(const struct problem *p, double elements)
{
    const double kernels = (double)(p->out_blocks * p->k->ic);
    return p->packs ? elements * kernels * block_bytes / p->target->rates.packed_bytes : 0;
}

/* A network that was planned for several threads should lose little with one. */
static void judge(const struct problem *p, struct candidate *best, struct candidate c)
{
    const struct decision d = decision_of(&c);
    if (!schedule_admits(p->filter, &d))
        return;
    const double packing = packing_cycles(p, p->points) / (double)p->threads;
    c.cycles = total_cycles(p, &c, p->threads) + packing;
    c.judged = c.cycles;
    if (p->threads > 1)
        c.judged = (c.cycles + packing + total_cycles(p, &c, 1) / (double)p->threads) / 2;
    if (!best->blocks || c.judged < best->judged)
        *best = c;
}

/* Panels as equal as they can be. */
static int64_t columns_of(const struct problem *p, int64_t blocks, int64_t tiles)
{
    int64_t most = MOST_COLUMNS;
    while (most > 1 && schedule_registers(p->target, blocks, most) > p->target->registers)
        most--;
    return netrt_ceil_div(tiles, netrt_ceil_div(tiles, most));
}

/* All ways to share the blocks of channels, with one point after the other for a few blocks at a
 * time or for all of them. */
static void try_blocks(const struct problem *p, struct candidate *best, struct candidate c)
{
    for (c.blocks = 1; c.blocks <= MOST_BLOCKS && c.blocks <= p->out_blocks; c.blocks++) {
        if (c.blocks > 1 && schedule_registers(p->target, c.blocks, 1) > p->target->registers)
            break;
        c.cols = columns_of(p, c.blocks, c.task_tiles);
        const int64_t groups = netrt_ceil_div(p->out_blocks, c.blocks);
        for (int64_t parts = 1; parts <= groups; parts *= 2) {
            c.task_blocks = netrt_ceil_div(groups, parts) * c.blocks;
            c.point_blocks = c.blocks;
            judge(p, best, c);
            c.point_blocks = c.task_blocks;
            judge(p, best, c);
        }
    }
}

/* Fits a few times into the second cache: what is beyond it is read and written, but in order.
 * Where no cache keeps the weights from a task to the next, more of that is less than to read these
 * again.
 */
static bool fits(const struct problem *p, int64_t tiles)
{
    const double bytes = point_bytes(p, (double)(p->in_blocks + p->out_blocks), (double)tiles);
    const double weights = point_bytes(p, (double)p->out_blocks, (double)p->k->ic);
    const double most = MOST_CACHES * (double)p->target->l2;
    return bytes <= most || (weights >= far_weights && bytes <= weights / 4);
}

/* Tasks of nearly equal numbers of tiles: all, a half of them, and so on, a quarter fewer each
 * time. */
static void try_tasks(const struct problem *p, struct candidate *best)
{
    struct candidate c = {.tile_h = p->tile_h, .tile_w = p->tile_w};
    for (int64_t parts = 1, last = 0; parts <= p->tiles; parts += (parts + 3) / 4) {
        c.task_tiles = netrt_ceil_div(p->tiles, parts);
        if (c.task_tiles != last && (fits(p, c.task_tiles) || c.task_tiles <= MOST_COLUMNS))
            try_blocks(p, best, c);
        last = c.task_tiles;
    }
}

/* Operations of a row's transform for each of its points: odd numbers of points do not come in
 * pairs. */
static double sums_of(int64_t points)
{
    static const double sums[NETRT_WINOGRAD_MOST + 1] = {0, 0, 0.5, 0.7, 1, 2.8, 2, 4.3, 3};
    return sums[points];
}

double schedule_point_cycles(const struct netrt_winograd *w)
{
    /* by measurement */
    return 2 + (sums_of(w->tile_h + w->kh - 1) + sums_of(w->tile_w + w->kw - 1)) / 2;
}

/* What of a problem the tile of its layer decides. */
static void set_tile(struct problem *p)
{
    const struct netrt_winograd *w = p->k;
    p->tile_h = w->tile_h;
    p->tile_w = w->tile_w;
    p->tiles = netrt_winograd_tiles(w);
    p->points = (double)netrt_winograd_points(w);
    p->point_cycles = schedule_point_cycles(w);
}

/* Whether the network bears the rounding of a tile that nobody asked for. */
static bool rounds_little(const struct scheduling *s, const struct problem *p,
                          const struct netrt_winograd *w)
{
    const bool asked = p->filter && p->filter->only.row;
    const long down = w->tile_h + w->kh - 1, right = w->tile_w + w->kw - 1;
    if (s->bends && !asked)
        return int_max(down, right) <= MOST_POINTS_BENDING;
    return s->depth < DEEP || asked || int_min(down, right) == 1 ||
           int_max(down, right) <= MOST_POINTS_DEEP;
}

static struct candidate best_candidate(const struct scheduling *s, struct problem *p,
                                       struct netrt_winograd *w)
{
    struct candidate best = {0};
    for (long tile = 1; tile <= MOST_TILE; tile++) {
        const struct decision d = {.algorithm = ALGORITHM_winograd, .row = tile};
        w->tile_h = w->kh == 1 ? 1 : tile;
        w->tile_w = w->kw == 1 ? 1 : tile;
        if (w->tile_h + w->kh - 1 > NETRT_WINOGRAD_MOST ||
            w->tile_w + w->kw - 1 > NETRT_WINOGRAD_MOST)
            break;
        set_tile(p);
        if (schedule_admits(p->filter, &d) && rounds_little(s, p, w))
            try_tasks(p, &best);
    }
    return best;
}

static struct problem problem_of(const struct target *target, const struct netrt_winograd *w,
                                 int64_t threads)
{
    return (struct problem){.k = w,
                            .target = target,
                            .in_blocks = netrt_ceil_div(w->ic, NETRT_BLOCK),
                            .out_blocks = netrt_ceil_div(w->oc, NETRT_BLOCK),
                            .threads = threads,
                            .vectors = (double)schedule_vectors(target),
                            .cache = target->rates.winograd_cache * (double)target->l2};
}

static bool is_possible(const struct netrt_conv *k)
{
    return !k->all_h && k->kh * k->kw > 1 && k->oh * k->ow > 1 && k->sh == 1 && k->sw == 1 &&
           k->group_oc == k->oc && k->ic_block == NETRT_BLOCK && k->ic >= NETRT_BLOCK &&
           k->kh < NETRT_WINOGRAD_MOST && k->kw < NETRT_WINOGRAD_MOST;
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
                                 .kh = k->kh,
                                 .kw = k->kw,
                                 .dh = k->kh > 1 ? k->dh : 1,
                                 .dw = k->kw > 1 ? k->dw : 1,
                                 .pt = k->pt,
                                 .pl = k->pl,
                                 .bias = k->bias,
                                 .residual = k->residual,
                                 .act = k->act,
                                 .act_arg = k->act_arg,
                                 .act_arg2 = k->act_arg2,
                                 .border_top = k->border_top,
                                 .border_left = k->border_left,
                                 .border_bottom = k->border_bottom,
                                 .border_right = k->border_right};
}

static void set_candidate(struct netrt_winograd *w, const struct candidate *c)
{
    w->tile_h = c->tile_h;
    w->tile_w = c->tile_w;
    w->blocks = c->blocks;
    w->cols = c->cols;
    w->point_blocks = c->point_blocks;
    w->task_tiles = c->task_tiles;
    w->task_blocks = c->task_blocks;
}

/* `share`: of the direct time; 0 where that is not admitted. */
static const char *reason(struct arena *arena, const struct netrt_winograd *w, double share)
{
    struct text t;
    text_init(&t, arena);
    text_printf(&t, "F(%ldx%ld, %ldx%ld)", w->tile_h, w->tile_w, w->kh, w->kw);
    if (share > 0)
        text_printf(&t, " takes %.0f %% of the direct time", 100 * share);
    text_printf(
        &t, "; a task transforms %ld tiles into %ld KB, and multiplies %ld blocks at a point",
        w->task_tiles, netrt_winograd_scratch(w) * NETRT_ELEMENT_BYTES / 1024, w->point_blocks);
    return text_string(&t);
}

long schedule_winograd_tile(const struct netrt_winograd *w)
{
    return int_max(w->tile_h, w->tile_w);
}

double schedule_winograd_cycles(const struct target *target, const struct netrt_winograd *w,
                                int64_t threads)
{
    struct problem p = problem_of(target, w, threads);
    set_tile(&p);
    return total_cycles(&p,
                        &(struct candidate){.blocks = w->blocks,
                                            .cols = w->cols,
                                            .point_blocks = w->point_blocks,
                                            .task_tiles = w->task_tiles,
                                            .task_blocks = w->task_blocks},
                        threads);
}

bool schedule_winograd(const struct scheduling *s, const struct schedule_filter *filter,
                       const struct netrt_conv *k, double direct_cycles, struct netrt_winograd *w,
                       const char **why)
{
    if (!is_possible(k))
        return false;
    set_layer(w, k);
    struct problem p = problem_of(s->target, w, s->threads);
    p.filter = filter;
    p.packs = s->packs;
    const struct candidate c = best_candidate(s, &p, w);
    const double packing = packing_cycles(&p, (double)(k->kh * k->kw)) / (double)s->threads;
    if (!c.blocks || c.cycles > gain * (direct_cycles + packing))
        return false;
    set_candidate(w, &c);
    *why = reason(s->arena, w, c.cycles / (direct_cycles + packing));
    return true;
}
