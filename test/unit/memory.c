/*
 * Offsets of regions with random sizes and lives: those alive at once do not overlap, the lower
 * bound is what a count step by step gives, and for a few regions the total is nearly always the
 * best that any order of placing gives. More regions than can be tried in several orders do not
 * overlap either, and those that follow one another take turns in one place.
 */
#include "check.h"
#include "memory/memory.h"

#include <stdlib.h>

enum { STEPS = 12, FEW = 6, MANY_REGIONS = 60, ROUNDS = 300 };

static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % below;
}

static void draw_regions(uint32_t *state, struct region *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        r[i].bytes = 64 * (1 + (int64_t)draw(state, 30));
        r[i].first = (int)draw(state, STEPS);
        r[i].last = r[i].first + (int)draw(state, (uint32_t)(STEPS - r[i].first));
        r[i].offset = -1;
    }
}

static int64_t count_bound(const struct region *r, size_t n)
{
    int64_t most = 0;
    for (int step = 0; step < STEPS; step++) {
        int64_t sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += r[i].first <= step && step <= r[i].last ? r[i].bytes : 0;
        most = sum > most ? sum : most;
    }
    return most;
}

static bool meet(const struct region *a, const struct region *b)
{
    return a->first <= b->last && b->first <= a->last && a->offset < b->offset + b->bytes &&
           b->offset < a->offset + a->bytes;
}

static void check_places(struct check *c, const struct region *r, size_t n, int64_t total)
{
    int64_t end = 0;
    for (size_t i = 0; i < n; i++) {
        CHECK(c, r[i].offset >= 0 && r[i].offset % 64 == 0);
        end = r[i].offset + r[i].bytes > end ? r[i].offset + r[i].bytes : end;
        for (size_t k = 0; k < i; k++)
            CHECK(c, !meet(&r[i], &r[k]));
    }
    CHECK(c, total == end);
}

/* The lowest place for region `i` that meets none of those before it. */
static int64_t place_lowest(struct region *r, size_t i)
{
    r[i].offset = 0;
    for (size_t k = 0; k < i; k++)
        if (meet(&r[i], &r[k])) {
            r[i].offset = r[k].offset + r[k].bytes;
            k = (size_t)-1; /* from the first again */
        }
    return r[i].offset + r[i].bytes;
}

/* The best total over all orders of the regions from `i` on. */
static int64_t best_order(struct region *r, size_t i, size_t n, int64_t total)
{
    if (i == n)
        return total;
    int64_t best = INT64_MAX;
    for (size_t k = i; k < n; k++) {
        struct region swap = r[i];
        r[i] = r[k];
        r[k] = swap;
        const int64_t end = place_lowest(r, i);
        const int64_t found = best_order(r, i + 1, n, end > total ? end : total);
        best = found < best ? found : best;
        swap = r[i];
        r[i] = r[k];
        r[k] = swap;
    }
    return best;
}

static void check_round(struct check *c, uint32_t *state, size_t n, int *optimal)
{
    struct arena *arena = arena_new();
    struct region r[MANY_REGIONS];
    draw_regions(state, r, n);
    const int64_t bound = memory_lower_bound(arena, r, n);
    CHECK(c, bound == count_bound(r, n));
    const int64_t total = memory_place(arena, r, n);
    CHECK(c, total >= bound);
    check_places(c, r, n, total);
    if (n <= FEW)
        *optimal += total == best_order(r, 0, n, 0);
    arena_free(arena);
}

enum { VERY_MANY = 50000 };

/* Lives of a few steps: no two that meet lie over one another (looked at among neighbours, since
 * others are dead). */
static void check_many(struct check *c, uint32_t *state)
{
    struct arena *arena = arena_new();
    struct region *r = arena_array(arena, VERY_MANY, sizeof *r);
    int64_t end = 0;
    for (int i = 0; i < VERY_MANY; i++)
        r[i] = (struct region){.bytes = 64 * (1 + (int64_t)draw(state, 30)),
                               .first = i,
                               .last = i + (int)draw(state, STEPS)};
    const int64_t bound = memory_lower_bound(arena, r, VERY_MANY);
    const int64_t total = memory_place(arena, r, VERY_MANY);
    for (int i = 0; i < VERY_MANY; i++) {
        end = r[i].offset + r[i].bytes > end ? r[i].offset + r[i].bytes : end;
        for (int k = i < STEPS ? 0 : i - STEPS; k < i; k++)
            CHECK(c, !meet(&r[i], &r[k]));
    }
    CHECK(c, total == end && total >= bound && total <= 2 * bound);
    arena_free(arena);
}

/* Of equal regions, each lives with the next alone: the arena has two of them. */
static void check_chain(struct check *c)
{
    struct arena *arena = arena_new();
    struct region *r = arena_array(arena, VERY_MANY, sizeof *r);
    for (int i = 0; i < VERY_MANY; i++)
        r[i] = (struct region){.bytes = 64, .first = i, .last = i + 1};
    CHECK(c, memory_place(arena, r, VERY_MANY) == 128);
    arena_free(arena);
}

int main(void)
{
    struct check c = {0};
    uint32_t state = 1;
    int optimal = 0, ignored = 0;
    for (int i = 0; i < ROUNDS; i++) {
        check_round(&c, &state, 1 + draw(&state, FEW), &optimal);
        check_round(&c, &state, 1 + draw(&state, MANY_REGIONS), &ignored);
    }
    CHECK(&c, optimal >= ROUNDS * 99 / 100);
    check_many(&c, &state);
    check_chain(&c);
    return check_end(&c);
}
