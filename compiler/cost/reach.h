/* What positions of a result depend on, as functions of the position: private to receptive fields.
 */
#ifndef NETC_COST_REACH_H
#define NETC_COST_REACH_H

#include "base/arena.h"
#include "base/number.h"

#include <stdbool.h>

/* Positions of a period, at most; all of an axis is taken for one beyond it. */
enum { MAX_PERIOD = 4096 };

/* Numbers stay between these two. */
#define REACH_FAR ((int64_t)1 << 60)

/* Position q * period + r depends on input positions from first[r] to last[r], moved by q * step.
 * All positions alike: period 1, step 0. */
struct reach {
    int64_t period, step;
    int64_t positions; /* so many that each stand for themselves, no others; 0: it goes on */
    int64_t *first, *last;
};

/* Positions from low to high. */
struct range {
    int64_t low, high;
};

/* What an operator reads along one axis. */
struct window {
    int64_t unit_out, unit_in;
    int64_t stride, kernel, dilation, before; /* conv and pools; those of an enlargement */
    int64_t in, out;                          /* positions */
    struct range (*read)(const struct window *, int64_t o);
};

static inline int64_t reach_clamp(int64_t v)
{
    return v < -REACH_FAR ? -REACH_FAR : v > REACH_FAR ? REACH_FAR : v;
}

static inline int64_t reach_plus(int64_t a, int64_t b)
{
    return reach_clamp(reach_clamp(a) + reach_clamp(b));
}

static inline int64_t reach_times(int64_t a, int64_t b)
{
    int64_t product;
    if (checked_mul(a, b, &product))
        return reach_clamp(product);
    return (a < 0) == (b < 0) ? REACH_FAR : -REACH_FAR;
}

static inline int64_t ceil_div(int64_t a, int64_t b)
{
    return -int_floor_div(-a, b);
}

/* First and last input position that position `o` depends on. */
int64_t reach_first(const struct reach *, int64_t o);
int64_t reach_last(const struct reach *, int64_t o);

/* One of that period, and one that is the same at each position. */
struct reach reach_new(struct arena *, int64_t period, int64_t step);
struct reach reach_constant(struct arena *, int64_t first, int64_t last);
/* All that n positions depend on. */
struct reach reach_whole(struct arena *, const struct reach *in, int64_t n);
/* That of an operator whose window moves over its input. */
struct reach reach_through(struct arena *, const struct reach *in, const struct window *);
/* What either depends on, on an axis of so many positions. */
struct reach reach_united(struct arena *, const struct reach *, const struct reach *,
                          int64_t positions);
/* Without a period, where all positions depend on the same. */
struct reach reach_simplified(struct arena *, struct reach);
bool reach_equal(const struct reach *, const struct reach *);

#endif
