#include "cost/reach.h"

#include <string.h>

int64_t reach_first(const struct reach *r, int64_t o)
{
    int64_t q = int_floor_div(o, r->period);
    return reach_plus(r->first[o - q * r->period], reach_times(q, r->step));
}

int64_t reach_last(const struct reach *r, int64_t o)
{
    int64_t q = int_floor_div(o, r->period);
    return reach_plus(r->last[o - q * r->period], reach_times(q, r->step));
}

struct reach reach_new(struct arena *arena, int64_t period, int64_t step)
{
    struct reach r = {.period = period, .step = step};
    r.first = arena_array(arena, (size_t)period, sizeof *r.first);
    r.last = arena_array(arena, (size_t)period, sizeof *r.last);
    return r;
}

struct reach reach_constant(struct arena *arena, int64_t first, int64_t last)
{
    struct reach r = reach_new(arena, 1, 0);
    *r.first = first;
    *r.last = last;
    return r;
}

struct reach reach_whole(struct arena *arena, const struct reach *in, int64_t n)
{
    int64_t first = reach_first(in, 0), last = reach_last(in, n - 1);
    for (int64_t o = 0; o < in->positions; o++) {
        first = int_min(first, in->first[o]);
        last = int_max(last, in->last[o]);
    }
    return reach_constant(arena, first, last);
}

static bool is_constant(const struct reach *r)
{
    return r->step == 0 && r->period == 1;
}

/* What a window reads of positions that each stand for themselves: of those that are there. */
static void read_some(const struct reach *in, struct range read, int64_t *first, int64_t *last)
{
    const int64_t end = in->positions - 1;
    const int64_t low = int_min(int_max(read.low, 0), end);
    const int64_t high = int_max(int_min(read.high, end), low);
    *first = in->first[low];
    *last = in->last[low];
    for (int64_t i = low; i <= high; i++) {
        *first = int_min(*first, in->first[i]);
        *last = int_max(*last, in->last[i]);
    }
}

/* The same for all of a window's results; what is behind the last is as that. */
static struct reach through_some(struct arena *arena, const struct reach *in,
                                 const struct window *w, int64_t period, int64_t step)
{
    const int64_t times_over = (w->out - 1) / period + 1;
    if (times_over * period > MAX_PERIOD)
        return reach_whole(arena, in, in->positions);
    struct reach r = reach_new(arena, times_over * period, reach_times(times_over, step));
    r.positions = w->out;
    for (int64_t o = 0; o < r.period; o++)
        read_some(in, w->read(w, int_min(o, w->out - 1)), &r.first[o], &r.last[o]);
    return r;
}

struct reach reach_through(struct arena *arena, const struct reach *in, const struct window *w)
{
    int64_t repeat = in->period / int_gcd(in->period, w->unit_in), period;
    if (is_constant(in))
        return *in;
    if (!checked_mul(w->unit_out, repeat, &period) || period > MAX_PERIOD)
        return reach_whole(arena, in, w->in);
    const int64_t step = reach_times(reach_times(w->unit_in, repeat) / in->period, in->step);
    if (in->positions)
        return through_some(arena, in, w, period, step);
    struct reach r = reach_new(arena, period, step);
    for (int64_t o = 0; o < period; o++) {
        struct range read = w->read(w, o);
        r.first[o] = reach_first(in, read.low);
        r.last[o] = reach_last(in, read.high);
    }
    return r;
}

/* The period of a union: a common one, or, where the branches move at different speeds, all of the
 * axis, on which every position then stands for itself. 0: too long. */
static int64_t joint_period(const struct reach *a, const struct reach *b, int64_t positions)
{
    int64_t period = a->period / int_gcd(a->period, b->period) * b->period;
    bool together =
        reach_times(a->step, period / a->period) == reach_times(b->step, period / b->period);
    period = together && !a->positions && !b->positions ? period : positions;
    return period <= MAX_PERIOD ? period : 0;
}

struct reach reach_simplified(struct arena *arena, struct reach r)
{
    for (int64_t i = 1; i < r.period; i++)
        if (r.first[i] != r.first[0] || r.last[i] != r.last[0])
            return r;
    return r.period > 1 ? reach_constant(arena, *r.first, *r.last) : r;
}

struct reach reach_united(struct arena *arena, const struct reach *a, const struct reach *b,
                          int64_t positions)
{
    int64_t period = joint_period(a, b, positions);
    const struct reach all[] = {reach_whole(arena, a, positions), reach_whole(arena, b, positions)};
    if (!period)
        return reach_constant(arena, int_min(*all[0].first, *all[1].first),
                              int_max(*all[0].last, *all[1].last));
    const struct reach *mover = a->step ? a : b;
    struct reach r = reach_new(arena, period, reach_times(mover->step, period) / mover->period);
    r.positions = a->positions || b->positions ? positions : 0;
    for (int64_t o = 0; o < period; o++) {
        r.first[o] = int_min(reach_first(a, o), reach_first(b, o));
        r.last[o] = int_max(reach_last(a, o), reach_last(b, o));
    }
    /* positions of one period may depend on the same, and those of the next on others */
    return r.step && period < positions ? r : reach_simplified(arena, r);
}

bool reach_equal(const struct reach *a, const struct reach *b)
{
    size_t bytes = (size_t)a->period * sizeof *a->first;
    return a->period == b->period && a->step == b->step && !memcmp(a->first, b->first, bytes) &&
           !memcmp(a->last, b->last, bytes);
}
