/*
 * The arena: which buffers live when, and where each lies. Offsets are found greedily, region by
 * region in several orders, each at the lowest place or in the tightest gap that is free for all of
 * its life; the region that makes the total moves forward, again and again; the best counts. Of so
 * many regions that this takes too long, each gets the first gap that is free when its life begins.
 */
#include "base/number.h"
#include "memory/memory.h"

#include <stdlib.h>
#include <string.h>

static const int64_t most_bytes = (int64_t)1 << 48;

/* ---- lower bound ---- */

struct change {
    int step; /* the sum changes before it */
    int64_t bytes;
};

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    return x->step != y->step ? (x->step < y->step ? -1 : 1)
                              : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

int64_t memory_lower_bound(struct arena *scratch, const struct region *region, size_t n)
{
    struct change *changes = arena_array(scratch, 2 * n, sizeof *changes);
    for (size_t i = 0; i < n; i++) {
        changes[2 * i] = (struct change){region[i].first, region[i].bytes};
        changes[2 * i + 1] = (struct change){region[i].last + 1, -region[i].bytes};
    }
    if (n)
        qsort(changes, 2 * n, sizeof *changes, compare_changes);
    int64_t sum = 0, most = 0;
    for (size_t i = 0; i < 2 * n; i++) {
        sum += changes[i].bytes;
        most = int_max(sum, most);
    }
    return most;
}

/* ---- placing ---- */

typedef int compare_regions(const struct region *, const struct region *);

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int larger_first(const struct region *a, const struct region *b)
{
    return compare(b->bytes, a->bytes);
}

static int64_t life(const struct region *r)
{
    return (int64_t)r->last - r->first;
}

static int longer_first(const struct region *a, const struct region *b)
{
    const int by_life = compare(life(b), life(a));
    return by_life ? by_life : larger_first(a, b);
}

static int earlier_first(const struct region *a, const struct region *b)
{
    const int by_time = compare(a->first, b->first);
    return by_time ? by_time : larger_first(a, b);
}

static int later_first(const struct region *a, const struct region *b)
{
    const int by_time = compare(b->last, a->last);
    return by_time ? by_time : larger_first(a, b);
}

/* bytes x life: what is hardest to fit in */
static int heavier_first(const struct region *a, const struct region *b)
{
    const double x = (double)a->bytes * (double)(life(a) + 1);
    const double y = (double)b->bytes * (double)(life(b) + 1);
    return x < y ? 1 : x > y ? -1 : 0;
}

static compare_regions *const orders[] = {larger_first, heavier_first, longer_first, earlier_first,
                                          later_first};

/* One attempt: the order in which regions are placed, and which lie where so far. */
struct placing {
    const struct region *region;
    uint32_t *order;
    uint32_t *placed; /* by offset */
    int64_t *offset;
    size_t n, n_placed, highest; /* in the order */
    double work;                 /* pairs of regions that may still be looked at */
    bool tightest;               /* the tightest gap, not the lowest */
};

static bool live_together(const struct region *a, const struct region *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Where region `i` fits among those placed. */
static int64_t find_offset(const struct placing *p, uint32_t i)
{
    const struct region *r = &p->region[i];
    int64_t end = 0, best = -1, best_gap = 0;
    for (size_t k = 0; k < p->n_placed; k++) {
        const struct region *other = &p->region[p->placed[k]];
        const int64_t at = p->offset[p->placed[k]], gap = at - end;
        if (!live_together(r, other))
            continue;
        if (gap >= r->bytes && (best < 0 || gap < best_gap)) {
            best = end;
            best_gap = gap;
            if (!p->tightest)
                break;
        }
        end = int_max(end, at + other->bytes);
    }
    return best >= 0 ? best : end;
}

static void insert_placed(struct placing *p, uint32_t i)
{
    size_t k = p->n_placed++;
    for (; k && p->offset[p->placed[k - 1]] > p->offset[i]; k--)
        p->placed[k] = p->placed[k - 1];
    p->placed[k] = i;
}

/* Total of one attempt; stops at `limit`, which is then returned. */
static int64_t place_in_order(struct placing *p, int64_t limit)
{
    int64_t total = 0;
    p->n_placed = 0;
    for (size_t k = 0; k < p->n; k++) {
        const uint32_t i = p->order[k];
        p->offset[i] = find_offset(p, i);
        const int64_t end = p->offset[i] + p->region[i].bytes;
        if (end > total) {
            total = end;
            p->highest = k;
        }
        if (total >= limit)
            return limit;
        insert_placed(p, i);
    }
    return total;
}

/* A stable sort: merge, so that equal regions keep their order on every machine. */
static void sort_order(const struct region *region, uint32_t *order, uint32_t *spare, size_t n,
                       compare_regions *before)
{
    if (n < 2)
        return;
    const size_t half = n / 2;
    sort_order(region, order, spare, half, before);
    sort_order(region, order + half, spare, n - half, before);
    memcpy(spare, order, half * sizeof *order);
    for (size_t i = 0, j = half, k = 0; i < half; k++)
        order[k] =
            j < n && before(&region[spare[i]], &region[order[j]]) > 0 ? order[j++] : spare[i++];
}

/* The pairs that an attempt may look at. */
static double pairs(size_t n)
{
    return (double)n * (double)n / 2;
}

/* One more attempt with the order as it is; the best so far stays. */
static void attempt(struct placing *p, struct region *region, int64_t *best)
{
    p->work -= pairs(p->n);
    const int64_t total = place_in_order(p, *best);
    for (size_t i = 0; total < *best && i < p->n; i++)
        region[i].offset = p->offset[i];
    *best = int_min(total, *best);
}

/* The region that made the total, or reached the limit, moves `places` forward in the order of the
 * next attempt, or to its front where that is nearer. */
static void promote_highest(struct placing *p, size_t places)
{
    const size_t from = p->highest, to = from > places ? from - places : 0;
    const uint32_t highest = p->order[from];
    memmove(p->order + to + 1, p->order + to, (from - to) * sizeof *p->order);
    p->order[to] = highest;
}

/* How many places forward the i-th promotion goes. Most good placements are found by moves to the
 * front. Where these come back to an order that was tried, moves of other lengths find new ones. */
static size_t promotion(int i)
{
    enum { TO_FRONT = 20, LONGEST = 11 };
    return i < TO_FRONT ? SIZE_MAX : 1 + (size_t)(i * 7 % LONGEST);
}

/* ---- placing many, in the order of their lives ---- */

struct gap {
    int64_t at, bytes;
};

/* What is free at a time, by offset; the last gap has no end. */
struct gaps {
    struct arena *arena;
    VEC(struct gap) list;
};

static int64_t take(struct gaps *t, int64_t bytes)
{
    size_t i = 0;
    while (t->list.at[i].bytes < bytes)
        i++;
    struct gap *g = &t->list.at[i];
    const int64_t at = g->at;
    g->at += bytes;
    g->bytes -= bytes;
    if (!g->bytes) {
        t->list.n--;
        memmove(g, g + 1, (t->list.n - i) * sizeof *g);
    }
    return at;
}

/* The first gap that lies at or behind an offset. */
static size_t gap_behind(const struct gaps *t, int64_t offset)
{
    size_t first = 0, end = t->list.n;
    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        if (t->list.at[middle].at < offset)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* Gives back what take() gave: a gap of its own, or more of those that it touches. */
static void give_back(struct gaps *t, int64_t at, int64_t bytes)
{
    const size_t i = gap_behind(t, at);
    struct gap *next = &t->list.at[i], *before = i ? next - 1 : NULL;
    if (before && before->at + before->bytes == at) {
        before->bytes += bytes;
        if (next->at == at + bytes) {
            before->bytes += next->bytes;
            t->list.n--;
            memmove(next, next + 1, (t->list.n - i) * sizeof *next);
        }
    } else if (next->at == at + bytes) {
        *next = (struct gap){at, bytes + next->bytes};
    } else {
        VEC_PUSH(t->arena, &t->list, (struct gap){0});
        next = &t->list.at[i];
        memmove(next + 1, next, (t->list.n - 1 - i) * sizeof *next);
        *next = (struct gap){at, bytes};
    }
}

static int ends_first(const struct region *a, const struct region *b)
{
    return compare(a->last, b->last);
}

static int64_t place_by_time(struct arena *scratch, struct region *region, uint32_t *order,
                             uint32_t *spare, size_t n)
{
    struct gaps free = {.arena = scratch};
    uint32_t *ends = arena_array(scratch, n, sizeof *ends);
    int64_t total = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = ends[i] = (uint32_t)i;
    sort_order(region, order, spare, n, earlier_first);
    sort_order(region, ends, spare, n, ends_first);
    VEC_PUSH(scratch, &free.list, (struct gap){0, INT64_MAX});
    for (size_t i = 0, gone = 0; i < n; i++) {
        struct region *r = &region[order[i]];
        for (; region[ends[gone]].last < r->first; gone++)
            give_back(&free, region[ends[gone]].offset, region[ends[gone]].bytes);
        r->offset = take(&free, r->bytes);
        total = int_max(total, r->offset + r->bytes);
    }
    return total;
}

int64_t memory_place(struct arena *scratch, struct region *region, size_t n)
{
    enum { PROMOTIONS = 40 };
    static const double most_work = 1e9; /* about a second */
    const int64_t bound = memory_lower_bound(scratch, region, n);
    uint32_t *order = arena_array(scratch, n, sizeof *order);
    uint32_t *spare = arena_array(scratch, n, sizeof *spare);
    if (pairs(n) > most_work)
        return place_by_time(scratch, region, order, spare, n);
    struct placing p = {
        .region = region, .order = order, .placed = spare, .n = n, .work = most_work};
    p.offset = arena_array(scratch, n, sizeof *p.offset);
    int64_t best = INT64_MAX;
    const size_t n_orders = sizeof orders / sizeof *orders;
    for (size_t k = 0; k < 2 * n_orders && best > bound && p.work > 0; k++) {
        for (size_t i = 0; i < n; i++)
            order[i] = (uint32_t)i;
        sort_order(region, order, spare, n, orders[k / 2]);
        p.tightest = k % 2;
        attempt(&p, region, &best);
        for (int i = 0; i < PROMOTIONS && best > bound && p.work > 0; i++) {
            promote_highest(&p, promotion(i));
            attempt(&p, region, &best);
        }
    }
    return best;
}

/* ---- the plan's buffers ---- */

static void use(struct plan *plan, const struct operand *o, int step)
{
    if (o->place != PLACE_arena)
        return;
    struct buffer *b = &plan->buffers.at[o->index];
    if (b->first < 0)
        b->first = step;
    b->last = step;
}

static void find_lifetimes(struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.n; i++)
        for (int k = 0; k < N_ARGS; k++)
            use(plan, &plan->steps.at[i].arg[k], (int)i);
}

static bool add_sizes(struct plan *plan)
{
    for (size_t i = 0; i < plan->buffers.n; i++)
        if (!checked_add(plan->naive_bytes, plan->buffers.at[i].bytes, &plan->naive_bytes) ||
            plan->naive_bytes > most_bytes)
            return false;
    return true;
}

/* Bytes that the arena begins with: of a fault, which lives as long as the run. */
static int64_t place_fault(struct plan *plan)
{
    if (plan->fault < 0)
        return 0;
    struct buffer *b = &plan->buffers.at[plan->fault];
    b->first = 0;
    b->last = (int)plan->steps.n - 1;
    return b->bytes;
}

bool memory_plan(struct plan *plan, struct diags *diags, struct arena *scratch)
{
    size_t n = 0;
    if (!add_sizes(plan)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_plan_arena));
        return false;
    }
    find_lifetimes(plan);
    const int64_t begin = place_fault(plan);
    struct region *region = arena_array(scratch, plan->buffers.n, sizeof *region);
    for (size_t i = 0; i < plan->buffers.n; i++) {
        const struct buffer *b = &plan->buffers.at[i];
        if ((int)i != plan->fault)
            region[n++] = (struct region){.bytes = b->bytes, .first = b->first, .last = b->last};
    }
    plan->lower_bound_bytes = begin + memory_lower_bound(scratch, region, n);
    plan->arena_bytes = begin + (n ? memory_place(scratch, region, n) : 0);
    n = 0;
    for (size_t i = 0; i < plan->buffers.n; i++)
        if ((int)i != plan->fault)
            plan->buffers.at[i].offset = begin + region[n++].offset;
    return true;
}
