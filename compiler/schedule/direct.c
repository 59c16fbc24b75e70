/*
 * Tiles and tasks, from an analytic model of the target: multiply-adds and loads a cycle, their
 * latency, and bytes a cycle from each cache (target/rates.def). Only comparisons between
 * candidates matter.
 */
#include "base/number.h"
#include "schedule/choose.h"
#include "schedule/model.h"

enum { line_bytes = 64 }; /* of the caches */
enum { DEFAULT_THREADS = 4, TASKS_A_THREAD = 4, MAX_BLOCKS = 8, MAX_COLUMNS = 28 };
/* Columns of a tile that goes on in the next row of its map: each has an address of its own, and
 * they are to stay in the processor's 16 registers for such. */
enum { MAX_ADDRESSES = 8 };

double schedule_max(double a, double b)
{
    return a > b ? a : b;
}

/* Vectors in a block; `generic` counts on the compiler to find four lanes. */
int64_t schedule_vectors(const struct target *t)
{
    return NETRT_BLOCK / (t->lanes < 4 ? 4 : t->lanes);
}

/* Whether products are no sums yet, and destroy an operand: SSE's. */
static bool multiplies_in_place(const struct target *t)
{
    return t->lanes == 4 && t->registers == 16;
}

/* Sums, weights, an input, and a product that is not added yet. (A multiply-add that broadcasts its
 * input from memory saves a register, and loads it again for each block: slower, by measurement.)
 */
int64_t schedule_registers(const struct target *t, int64_t blocks, int64_t columns)
{
    return schedule_vectors(t) * blocks * (columns + 1) + 1 + multiplies_in_place(t);
}

/* ---- the tile of a convolution ---- */

struct tile {
    int64_t blocks, columns, ow; /* columns: of one row, or of whole rows of ow */
    bool across;                 /* columns go on in the next row of the map */
    int64_t pass, ahead;         /* as the kernel's shape says, in channels and elements */
    double cycles;               /* of the whole layer, but for: */
    double stall;                /* waiting for the weights of its first blocks */
};

/* The layer, as far as tiles matter. */
struct layer {
    const struct schedule_filter *filter;
    const struct target *target;
    int64_t blocks, oh, ow, group_blocks;
    int64_t ic;     /* channels that an output sums */
    double taps;    /* products of each of them */
    bool in_passes; /* whether there may be some */
    long stored;    /* what weights are stored as */
    double depth;   /* multiply-adds that an output sums */
};

/* Bytes of the weights of so many blocks and one input. */
static double weights_of_input(const struct layer *a, int64_t blocks)
{
    return (double)(blocks * NETRT_BLOCK * netrt_stored_bytes(a->stored));
}

static double weights_of_tile(const struct layer *a, int64_t blocks)
{
    return a->depth * weights_of_input(a, blocks);
}

/* Instructions beside the load that widen a vector of weights. For f16, x86-64-v3 and aarch64 have
 * one; others compute with its bits. */
static double widening(const struct layer *a)
{
    const bool converts = a->target->lanes > 4 || a->target->registers > 16;
    if (a->stored == NETRT_STORED_f32)
        return 0;
    return a->stored == NETRT_STORED_bf16 || converts ? 1 : 14;
}

/* Whether each weight is used once, so that none is in a near cache. */
static bool streams(const struct layer *a)
{
    return a->oh * a->ow == 1;
}

/* Whether the sums of one column stay in registers, beside the weights of a block and an input. f32
 * are multiplied as they come from memory, if the product is added at once. */
static bool column_fits(const struct layer *a, int64_t blocks)
{
    const struct target *t = a->target;
    const bool loaded = a->stored != NETRT_STORED_f32 || multiplies_in_place(t);
    const int64_t weights = loaded ? schedule_vectors(t) : 1;
    return schedule_vectors(t) * blocks + weights + 1 + multiplies_in_place(t) <= t->registers;
}

/* Cycles by which a tile waits for weights that only the second cache holds; those of one position
 * are in none. */
static double stream_cost(const struct layer *a, int64_t blocks)
{
    const double rate = a->target->rates.weight_stream_bytes;
    return rate > 0 && !streams(a) && weights_of_tile(a, blocks) >= (double)a->target->l1 / 2
               ? weights_of_tile(a, blocks) / rate
               : 0;
}

/* Input channels of a pass such that a quarter of the first cache holds the tile's weights, beside
 * the inputs that go by; nearly equal numbers. 0: all at once. */
static int64_t pass_of(const struct layer *a, int64_t blocks)
{
    const double channel = a->taps * weights_of_input(a, blocks);
    const int64_t most = (int64_t)((double)a->target->l1 / 4 / channel) / NETRT_BLOCK * NETRT_BLOCK;
    const int64_t passes = netrt_ceil_div(a->ic, int_max(most, NETRT_BLOCK));
    if (!a->in_passes || stream_cost(a, blocks) == 0)
        return 0;
    return netrt_ceil_div(netrt_ceil_div(a->ic, passes), NETRT_BLOCK) * NETRT_BLOCK;
}

/* Cycles of one tile, whose weights an earlier tile of the same blocks has read. */
static double tile_cost(const struct layer *a, int64_t pass, int64_t blocks, int64_t columns)
{
    const double vectors = (double)(schedule_vectors(a->target) * blocks);
    const double set = weights_of_tile(a, blocks), sums = vectors * (double)columns;
    const struct target_rates *r = &a->target->rates;
    const double passes = pass ? (double)netrt_ceil_div(a->ic, pass) : 1;
    const bool near = set < (double)a->target->l1 / 2;
    const bool middle = pass || set < (double)a->target->l2 / 2;
    double cycles =
        schedule_max(r->latency, vectors * ((double)columns + widening(a)) / r->multiply_adds);
    cycles = schedule_max(cycles, (vectors + (double)columns) / r->loads);
    if (streams(a) || !near)
        cycles =
            schedule_max(cycles, weights_of_input(a, blocks) /
                                     (middle && !streams(a) ? r->middle_bytes : r->far_weights));
    return a->depth * cycles + r->tile_cycles + passes * sums + (pass ? 0 : stream_cost(a, blocks));
}

/* All tiles of one row of tiles: whole ones, and the rest, which is more code for the first cache.
 * To find the addresses of columns that go on in the next row is estimated to take as long as to
 * enter a tile. */
static double row_cost(const struct layer *a, const struct tile *t, int64_t blocks, int64_t rows)
{
    const int64_t columns = rows > 1 ? t->ow : int_min(t->columns, t->ow);
    const double enter = a->target->rates.tile_cycles, addresses = t->across ? enter : 0;
    double cost =
        (double)(t->ow / columns) * (tile_cost(a, t->pass, blocks, rows * columns) + addresses);
    if (t->ow % columns)
        cost += tile_cost(a, t->pass, blocks, rows * (t->ow % columns)) + addresses + enter;
    return cost;
}

static int64_t rows_of_tile(const struct tile *t)
{
    return t->columns >= 2 * t->ow ? t->columns / t->ow : 1;
}

/* Tiles of the same blocks. */
static int64_t tiles_of_plane(const struct layer *a, const struct tile *t)
{
    const int64_t oh = a->oh * a->ow / t->ow;
    return netrt_ceil_div(oh, rows_of_tile(t)) * netrt_ceil_div(t->ow, int_min(t->columns, t->ow));
}

static double plane_cost(const struct layer *a, const struct tile *t, int64_t blocks)
{
    const int64_t oh = a->oh * a->ow / t->ow, rows = rows_of_tile(t);
    double cost = (double)(oh / rows) * row_cost(a, t, blocks, rows);
    if (oh % rows)
        cost += row_cost(a, t, blocks, oh % rows);
    return cost;
}

/* Cycles for which weights from far are waited for while `computing` takes so long. */
static double wait_for(const struct layer *a, int64_t blocks, double computing)
{
    const double wait = weights_of_tile(a, blocks) / a->target->rates.far_weights - computing;
    return wait > 0 ? wait : 0;
}

/* Which lines of the next blocks' weights to fetch while these compute: all; every fourth, if they
 * are wanted fast, for more would wait in a core's few buffers for misses, and the processor
 * fetches those between. None if the second cache does not hold both, or there is but one tile. */
static int64_t lines_ahead(const struct layer *a, const struct tile *t, double plane)
{
    const double weights = weights_of_tile(a, t->blocks);
    if (tiles_of_plane(a, t) == 1 || t->blocks >= a->blocks ||
        2 * weights > a->target->rates.tile_cache * (double)a->target->l2)
        return 0;
    const int64_t line = line_bytes / netrt_stored_bytes(a->stored);
    return weights / plane > a->target->rates.far_weights / 4 ? 4 * line : line;
}

/* Weights come from far once a run. The first tile waits for its own; the blocks after it, where
 * weights are not fetched ahead, as well, and a little if they are. */
static void layer_cost(const struct layer *a, struct tile *t)
{
    t->pass = pass_of(a, t->blocks);
    const double first = tile_cost(a, t->pass, t->blocks, int_min(t->columns, a->oh * a->ow));
    const double plane = plane_cost(a, t, t->blocks);
    const double parts = (double)(a->blocks / t->blocks);
    t->ahead = lines_ahead(a, t, plane);
    t->stall = wait_for(a, t->blocks, first);
    t->cycles = parts * plane;
    if (a->blocks % t->blocks)
        t->cycles += plane_cost(a, t, a->blocks % t->blocks);
    if (t->ahead)
        t->cycles +=
            (parts - 1) * (wait_for(a, t->blocks, plane) +
                           a->target->rates.tile_exposed * (double)t->blocks *
                               weights_of_tile(a, t->blocks) / a->target->rates.far_weights);
    else
        t->cycles += (parts - 1) * t->stall;
}

/* Ties go to the candidate that came first: fewer blocks, fewer columns. */
static void try_tile(const struct layer *a, struct tile *best, int64_t blocks, int64_t columns,
                     int64_t ow, bool across)
{
    struct tile t = {.blocks = blocks, .columns = columns, .ow = ow, .across = across};
    const struct decision d = {ALGORITHM_direct, ow, blocks, columns, 0, 0, 0};
    if (!schedule_admits(a->filter, &d))
        return;
    layer_cost(a, &t);
    if (!best->blocks || t.cycles + t.stall < best->cycles + best->stall)
        *best = t;
}

/* All tiles that fit in the registers, for rows of one length. */
static void try_row(const struct layer *a, struct tile *best, int64_t ow, bool across)
{
    const int64_t most_columns = across ? MAX_ADDRESSES : MAX_COLUMNS;
    for (int64_t blocks = 1; blocks <= int_min(a->blocks, MAX_BLOCKS); blocks++) {
        if (a->group_blocks % blocks)
            continue;
        for (int64_t columns = 1; columns <= most_columns; columns++) {
            const bool whole_rows = columns >= 2 * ow;
            if (columns > 1 ? schedule_registers(a->target, blocks, columns) > a->target->registers
                            : !column_fits(a, blocks))
                break;
            if ((whole_rows && (columns % ow || columns / ow > a->oh * a->ow / ow)) ||
                (columns > ow && !whole_rows))
                continue;
            try_tile(a, best, blocks, columns, ow, across);
        }
    }
}

/* Positions of a flat layer can be cut into rows of any length that divides them; those of another
 * are its rows, or rows that are `in_row` of them. */
static struct tile best_tile(const struct layer *a, bool flat, int64_t in_row)
{
    struct tile best = {0};
    const int64_t positions = a->oh * a->ow;
    try_row(a, &best, in_row * a->ow, in_row > 1);
    for (int64_t d = 1; flat && d * d <= positions; d++)
        if (positions % d == 0) {
            try_row(a, &best, d, false);
            try_row(a, &best, positions / d, false);
        }
    return best;
}

/* ---- the tasks of a convolution ---- */

struct tasks {
    int64_t blocks, rows, count;
    double cost;
};

/* What the tasks are made of. */
struct work {
    const struct schedule_filter *filter;
    const struct netrt_conv *k;
    const struct target *target;
    int64_t n_blocks, tile_rows, threads;
    double cycles, stall; /* as the tile's, of all images */
    double input_row,
        weights_block; /* bytes of one input row, all channels; of a block's weights */
};

/* Columns of the map that is made. */
static int64_t map_columns(const struct netrt_conv *k)
{
    return k->width ? k->width : k->ow;
}

/* Input bytes that a task of so many rows reads. */
static double input_bytes(const struct work *w, int64_t rows)
{
    rows *= w->k->ow / map_columns(w->k);
    return (double)((rows - 1) * w->k->sh + (w->k->kh - 1) * w->k->dh + 1) * w->input_row;
}

/* Cycles in which a task waits for its operands: half of what reading takes, the rest is hidden. It
 * sweeps over its input once for each tile of blocks; in passes, some channels after the other and
 * in order, the processor fetches them early enough. Its tile has counted the weights, but for the
 * tasks of other rows that follow: those find them in the second cache, or far once more, as of
 * passes, by measurement. */
static double task_stall(const struct work *w, const struct tasks *t)
{
    const struct target_rates *r = &w->target->rates;
    const double cache = r->tile_cache * (double)w->target->l2;
    const double input = input_bytes(w, t->rows);
    const double weights = (double)t->blocks * w->weights_block;
    const double sweeps = (double)netrt_ceil_div(t->blocks, w->k->blocks);
    const double again = 1 - (double)t->rows / (double)w->k->oh;
    double cycles = 0;
    if (!w->k->pass_ic) {
        cycles = input / (input_bytes(w, w->k->oh) < cache ? r->middle_bytes : r->far_bytes);
        if (input + weights / sweeps > cache)
            cycles += (sweeps - 1) * input / r->far_bytes;
    }
    const bool kept = weights < cache && !w->k->pass_ic;
    cycles += again * weights / (kept ? r->middle_bytes : r->far_weights);
    return cycles / 2 + w->stall * (1 - again);
}

/* The time until all threads are done: the tasks shared, and at the end half of one, for which the
 * others wait. */
static double tasks_cost(const struct work *w, const struct tasks *t)
{
    const double count = (double)t->count;
    const double task = w->cycles / count + task_stall(w, t) + w->target->rates.task_cycles;
    const double threads = (double)int_min(w->threads, t->count);
    if (w->threads == 1)
        return task * count;
    return task * count / threads + task / 2 + (t->count > 1 ? w->target->rates.region_cycles : 0);
}

static void try_tasks(const struct work *w, struct tasks *best, int64_t blocks, int64_t rows)
{
    struct tasks t = {.blocks = blocks, .rows = rows};
    const struct decision d = {
        ALGORITHM_direct, w->k->ow, w->k->blocks, w->k->cols, blocks, rows, 0};
    if (!schedule_admits(w->filter, &d))
        return;
    t.count = w->k->images * netrt_ceil_div(w->n_blocks, blocks) * netrt_ceil_div(w->k->oh, rows);
    t.cost = tasks_cost(w, &t);
    if (!best->count || t.cost < best->cost)
        *best = t;
}

/* `parts` nearly equal parts of n, each a multiple of `unit`. */
static int64_t part_of(int64_t n, int64_t parts, int64_t unit)
{
    const int64_t units = netrt_ceil_div(n, unit);
    return netrt_ceil_div(units, parts) * unit;
}

/* Distinct sizes only: after `parts` parts of `units` units, the next number that gives less. */
static int64_t next_parts(int64_t units, int64_t parts)
{
    const int64_t size = netrt_ceil_div(units, parts);
    return size == 1 ? units + 1 : netrt_ceil_div(units, size - 1);
}

static struct tasks best_tasks(const struct work *w)
{
    struct tasks best = {0};
    const int64_t tiles = netrt_ceil_div(w->n_blocks, w->k->blocks);
    const int64_t strips = netrt_ceil_div(w->k->oh, w->tile_rows);
    for (int64_t b = 1; b <= tiles; b = next_parts(tiles, b))
        for (int64_t r = 1; r <= strips; r = next_parts(strips, r))
            try_tasks(w, &best, part_of(w->n_blocks, b, w->k->blocks),
                      part_of(w->k->oh, r, w->tile_rows));
    return best;
}

/* ---- the decision ---- */

int64_t schedule_threads(const struct target *target, int asked)
{
    const int here = target->processors;
    return asked > 0 ? asked : here > 0 ? here : DEFAULT_THREADS;
}

static struct layer layer_of(const struct target *target, const struct netrt_conv *k)
{
    const int64_t blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    const bool grouped = k->group_oc < k->oc;
    enum { POSITIONS = 24 }; /* for a few tiles to read the weights of a pass again */
    return (struct layer){
        .target = target,
        .blocks = blocks,
        .oh = k->oh,
        .ow = k->ow,
        .group_blocks = !grouped                         ? 0
                        : k->group_oc % NETRT_BLOCK == 0 ? k->group_oc / NETRT_BLOCK
                                                         : 1,
        .ic = k->ic,
        .taps = (double)k->kh * (double)k->kw,
        .in_passes = k->ic_block == NETRT_BLOCK && !k->residual && !grouped && k->sh <= k->kh &&
                     k->sw <= k->kw && k->oh * k->ow >= POSITIONS,
        .stored = k->stored,
        .depth = (double)k->ic * (double)k->kh * (double)k->kw};
}

/* Rows of another length, over the same positions. */
static void set_rows(struct netrt_conv *k, int64_t ow)
{
    k->oh = k->oh * k->ow / ow;
    k->ow = ow;
}

/* The same of positions that lie one after the other. */
static void reshape(struct netrt_conv *k, int64_t ow)
{
    set_rows(k, ow);
    k->in.row = ow * k->in.col;
    k->out.row = ow * k->out.col;
    k->other.row = k->residual ? ow * k->other.col : 0;
}

/* Rows that are several of the map's. */
static void join_rows(struct netrt_conv *k, int64_t ow)
{
    k->width = k->ow;
    set_rows(k, ow);
}

static struct work work_of(const struct target *target, int64_t threads, const struct netrt_conv *k,
                           const struct tile *tile)
{
    const double channels = (double)(k->ic * netrt_ceil_div(k->oc, k->group_oc));
    const double columns = (double)((map_columns(k) - 1) * k->sw + (k->kw - 1) * k->dw + 1);
    return (struct work){.k = k,
                         .target = target,
                         .n_blocks = netrt_ceil_div(k->oc, NETRT_BLOCK),
                         .tile_rows = rows_of_tile(tile),
                         .threads = threads,
                         .cycles = (double)k->images * tile->cycles,
                         .stall = tile->stall,
                         .input_row = channels * columns * NETRT_ELEMENT_BYTES,
                         .weights_block = (double)(k->ic * k->kh * k->kw) *
                                          (double)(NETRT_BLOCK * netrt_stored_bytes(k->stored))};
}

static const char *reason(struct arena *arena, const struct netrt_conv *k, const struct work *w)
{
    const struct target *t = w->target;
    const int64_t columns = int_min(k->cols, k->oh * k->ow);
    const int64_t accumulators = schedule_vectors(t) * k->blocks * columns;
    const char *passes =
        k->pass_ic ? arena_printf(arena, ", %ld channels at a time", k->pass_ic) : "";
    return arena_printf(
        arena,
        "tile %ldx%ld%s keeps %lld sums in %d registers; a task reads %.0f KB of input%s"
        " and %.0f KB of weights%s",
        k->blocks, (long)columns, k->width ? " across rows" : "", (long long)accumulators,
        t->registers, input_bytes(w, k->task_rows) / 1024, passes,
        (double)k->task_blocks * w->weights_block / 1024,
        !k->ahead ? ""
        : k->ahead * netrt_stored_bytes(k->stored) > line_bytes
            ? ", and fetches every fourth line of the next blocks'"
            : ", and fetches the next blocks'");
}

/* A layer with its tile and tasks, and what they cost. */
struct choice {
    struct netrt_conv k;
    struct work work;
    double cycles; /* 0: none */
};

/* Takes rows that are `in_row` of the map's, where they cost less. */
static void try_rows(const struct scheduling *s, const struct layer *layer,
                     const struct netrt_conv *asked, bool flat, int64_t in_row, struct choice *best)
{
    struct choice c = {.k = *asked};
    const struct tile tile = best_tile(layer, flat, in_row);
    if (!tile.blocks)
        return;
    if (flat)
        reshape(&c.k, tile.ow);
    if (tile.across)
        join_rows(&c.k, tile.ow);
    c.k.blocks = tile.blocks;
    c.k.cols = tile.columns;
    c.k.pass_ic = tile.pass;
    c.k.ahead = c.k.all_h ? 0 : tile.ahead; /* of a part, the next weights do not follow */
    c.work = work_of(s->target, s->threads, &c.k, &tile);
    c.work.filter = layer->filter;
    const struct tasks tasks = best_tasks(&c.work);
    c.k.task_blocks = tasks.blocks;
    c.k.task_rows = tasks.rows;
    c.cycles = tasks.cost;
    if (tasks.count && (best->cycles == 0 || c.cycles < best->cycles))
        *best = c;
}

const char *schedule_conv(const struct scheduling *s, const struct schedule_filter *filter,
                          struct netrt_conv *k, bool flat, double *cycles)
{
    struct layer layer = layer_of(s->target, k);
    struct choice best = {.cycles = 0};
    layer.filter = filter;
    try_rows(s, &layer, k, flat, 1, &best);
    for (int64_t rows = 2; !flat && !s->in_pair && k->ow > 1 && rows <= k->oh; rows++)
        if (k->oh % rows == 0)
            try_rows(s, &layer, k, false, rows, &best);
    if (best.cycles == 0)
        return NULL;
    *k = best.k;
    *cycles = best.cycles;
    best.work.k = k;
    return reason(s->arena, k, &best.work);
}

double schedule_conv_cycles(const struct target *target, const struct netrt_conv *k,
                            int64_t threads)
{
    const struct layer layer = layer_of(target, k);
    struct tile tile = {
        .blocks = k->blocks, .columns = k->cols, .ow = k->ow, .across = k->width > 0};
    layer_cost(&layer, &tile);
    const struct work work = work_of(target, threads, k, &tile);
    const struct tasks tasks = {k->task_blocks, k->task_rows, netrt_conv_tasks(k), 0};
    return tasks_cost(&work, &tasks);
}

/* ---- other kernels ---- */

void schedule_product(const struct scheduling *s, struct netrt_conv *k)
{
    double cycles;
    schedule_conv(s, NULL, k, false, &cycles);
    k->ahead = 0;
}

/* Eight sums, and the inputs that they share, are what measures best with vectors of 8 and 16:
 * these kernels hold one vector of a column at a time. */
long schedule_columns(long ow)
{
    enum { COLUMNS = 8 };
    return netrt_ceil_div(ow, netrt_ceil_div(ow, COLUMNS));
}

long schedule_rows(const struct scheduling *s, long parts, long rows, double work)
{
    const int64_t wanted = TASKS_A_THREAD * s->threads;
    const double least = 4 * s->target->rates.task_cycles; /* in elements: some four a cycle */
    int64_t cuts = int_min(rows, netrt_ceil_div(wanted, parts));
    const double fitting = work * (double)rows / least;
    if ((double)cuts > fitting)
        cuts = fitting < 1 ? 1 : (int64_t)fitting;
    return netrt_ceil_div(rows, cuts);
}

/* Outputs of a register tile of weight_gradient. */
static int64_t gradient_outs(const struct target *t)
{
    return t->lanes == NETRT_BLOCK ? NETRT_GRADIENT_WIDE : NETRT_GRADIENT_NARROW;
}

/* Cycles of a register tile at one position: `n` vectors by the tile's outputs. */
static double gradient_tile_cycles(const struct target *t, int64_t n)
{
    const double outs = (double)gradient_outs(t), vectors = (double)n;
    return schedule_max(outs * vectors / t->rates.multiply_adds,
                        schedule_max((outs + vectors) / t->rates.loads, t->rates.latency));
}

/* Cycles of the products at one position of so many outputs with `n` vectors, as many at a time as
 * a register tile holds. */
static double gradient_cycles(const struct target *t, int64_t outs, int64_t n)
{
    const int64_t turns = netrt_ceil_div(n, (int64_t)NETRT_GRADIENT_VECTORS);
    const int64_t some = netrt_ceil_div(n, turns), rest = n - (turns - 1) * some;
    return (double)(outs / gradient_outs(t)) *
           ((double)(turns - 1) * gradient_tile_cycles(t, some) + gradient_tile_cycles(t, rest));
}

double schedule_weight_gradient_cycles(const struct scheduling *s,
                                       const struct netrt_weight_gradient *k)
{
    const int64_t blocks = netrt_ceil_div(k->group_ic, NETRT_BLOCK);
    const int64_t outs = netrt_ceil_div(k->oc, NETRT_BLOCK) * NETRT_BLOCK;
    const double row = k->kw > 1 ? (double)blocks * gradient_cycles(s->target, outs, k->kw)
                                 : gradient_cycles(s->target, outs, blocks);
    return row * (double)(k->images * k->oh * k->ow) *
           (double)(k->kh * schedule_vectors(s->target)) / (double)s->threads;
}

/* As many rows of a kernel as a tile of the kernel holds sums, all as even as can be. */
static long kernel_rows(const struct target *t, const struct netrt_weight_gradient *k)
{
    const int64_t outs = gradient_outs(t);
    const int64_t sums = outs * NETRT_GRADIENT_VECTORS, row = k->kw * k->group_ic;
    const int64_t most = sums < row ? 1 : sums / row;
    return netrt_ceil_div(k->kh, netrt_ceil_div(k->kh, most));
}

/* Outputs and blocks of inputs that read each other while they are near, where there are so many;
 * of a kernel wider than a column each block is read for all of its taps. */
static void share_operands(struct netrt_weight_gradient *k)
{
    enum { OUTPUTS = 2 * NETRT_BLOCK, BLOCKS = 6 };
    const int64_t blocks = netrt_ceil_div(k->group_ic, NETRT_BLOCK);
    k->task_oc = k->by_output ? NETRT_BLOCK : k->group_oc < k->oc ? NETRT_GRADIENT_WIDE : OUTPUTS;
    k->task_blocks =
        k->kw > 1 ? 1 : netrt_ceil_div(blocks, netrt_ceil_div(blocks, (int64_t)BLOCKS));
}

/* Of few channels vectors of outputs fill more lanes. */
static bool fills_outputs(const struct netrt_weight_gradient *k)
{
    const int64_t lanes = netrt_ceil_div(k->oc, NETRT_BLOCK) * NETRT_BLOCK;
    return k->group_oc == k->oc && k->group_ic < NETRT_BLOCK &&
           k->group_ic * lanes < k->oc * NETRT_BLOCK;
}

void schedule_weight_gradient(const struct scheduling *s, struct netrt_weight_gradient *k)
{
    k->by_output = k->by_output || fills_outputs(k);
    share_operands(k);
    k->task_kh = k->by_output ? kernel_rows(s->target, k) : k->kh;
    const int64_t row = k->ow * (k->task_blocks + k->task_oc / NETRT_BLOCK) * block_bytes;
    k->part_rows = int_min(k->oh, netrt_ceil_div(s->target->l1, row));
    const int64_t wanted = TASKS_A_THREAD * s->threads;
    while (!k->by_output && k->task_oc > NETRT_GRADIENT_WIDE &&
           netrt_weight_gradient_tasks(k) < wanted)
        k->task_oc /= 2;
}
