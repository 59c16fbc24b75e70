/*
 * Arrays of the kernel tests: dense ones of random numbers, and blocked or planar ones with a
 * border, lanes after the last channel and a guard around each plane, all of which are checked.
 */
#ifndef NETC_TEST_UNIT_BLOCKED_H
#define NETC_TEST_UNIT_BLOCKED_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/shapes.h"

static inline uint64_t splitmix64(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Number i of a stream, in [-1, 1): exact in float. */
static inline float uniform(uint64_t seed, uint64_t i)
{
    return (float)((double)(splitmix64(splitmix64(seed) + i) >> 40) / (1 << 23) - 1);
}

static inline float *new_floats(long n)
{
    float *data = malloc(((size_t)n + 1) * sizeof *data);
    if (!data)
        abort();
    return data;
}

static inline float *new_uniform(uint64_t seed, long n)
{
    float *data = new_floats(n);
    for (long i = 0; i < n; i++)
        data[i] = uniform(seed, (uint64_t)i);
    return data;
}

struct border {
    long top, left, bottom, right;
};

/* A tensor as the kernels see it; `at` is its element (0, 0, 0, 0). */
struct tensor {
    long n, c, h, w;
    struct border border;
    struct netrt_view view;
    int planar;
    long size;
    float *base, *at;
};

enum { GUARD = 1 }; /* rows and columns kept around a plane with its border */

/* The view of a blocked tensor, in constants. */
#define BLOCKED_ROW(w, left, right) (((w) + (left) + (right) + 2 * GUARD) * NETRT_BLOCK)
#define BLOCKED_VIEW(c, h, w, top, left, bottom, right)                                            \
    {                                                                                              \
        ((c) + NETRT_BLOCK - 1) / NETRT_BLOCK *((h) + (top) + (bottom) + 2 * GUARD) *              \
            BLOCKED_ROW(w, left, right),                                                           \
            ((h) + (top) + (bottom) + 2 * GUARD) * BLOCKED_ROW(w, left, right),                    \
            BLOCKED_ROW(w, left, right), NETRT_BLOCK, 1                                            \
    }

static inline float poison(void)
{
    const uint32_t bits = 0x7fc0dead;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline int is_poison(float x)
{
    const float p = poison();
    return memcmp(&x, &p, sizeof x) == 0;
}

/* A tensor full of poison. */
static inline struct tensor new_tensor(long n, long c, long h, long w, struct border b, int planar)
{
    struct tensor t = {n,      c, h, w, b, BLOCKED_VIEW(c, h, w, b.top, b.left, b.bottom, b.right),
                       planar, 0, 0, 0};
    if (planar) {
        t.view.row = BLOCKED_ROW(w, b.left, b.right) / NETRT_BLOCK;
        t.view.lane = (h + b.top + b.bottom + 2 * GUARD) * t.view.row;
        t.view.image = c * t.view.lane;
        t.view.plane = 0;
        t.view.col = 1;
    }
    t.size = n * t.view.image;
    t.base = new_floats(t.size);
    t.at = t.base + (b.top + GUARD) * t.view.row + (b.left + GUARD) * t.view.col;
    for (long i = 0; i < t.size; i++)
        t.base[i] = poison();
    return t;
}

static inline long offset_in(const struct netrt_view *v, int planar, long n, long c, long y, long x)
{
    const long channel =
        planar ? c * v->lane : c / NETRT_BLOCK * v->plane + c % NETRT_BLOCK * v->lane;
    return n * v->image + channel + y * v->row + x * v->col;
}

static inline float *element(const struct tensor *t, long n, long c, long y, long x)
{
    return t->at + offset_in(&t->view, t->planar, n, c, y, x);
}

/* Channels with the lanes after them. */
static inline long lanes_of(const struct tensor *t)
{
    return t->planar ? t->c : (t->c + NETRT_BLOCK - 1) / NETRT_BLOCK * NETRT_BLOCK;
}

/* Fills a tensor from a dense array: border and lanes zero. */
static inline void pack(struct tensor *t, const float *dense)
{
    const struct border *b = &t->border;
    for (long n = 0; n < t->n; n++)
        for (long c = 0; c < lanes_of(t); c++)
            for (long y = -b->top; y < t->h + b->bottom; y++)
                for (long x = -b->left; x < t->w + b->right; x++) {
                    const int inside = c < t->c && y >= 0 && y < t->h && x >= 0 && x < t->w;
                    *element(t, n, c, y, x) =
                        inside ? dense[((n * t->c + c) * t->h + y) * t->w + x] : 0;
                }
}

static inline struct tensor new_packed(const float *dense, long n, long c, long h, long w,
                                       struct border b, int planar)
{
    struct tensor t = new_tensor(n, c, h, w, b, planar);
    pack(&t, dense);
    return t;
}

static inline int is_near(float got, float want, double tolerance)
{
    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got) && !is_poison(got);
    return got == want || fabs((double)got - (double)want) <= tolerance;
}

/* The largest finite magnitude, at least 1. */
static inline double magnitude(const float *x, long n)
{
    double most = 1;
    for (long i = 0; i < n; i++)
        if (isfinite(x[i]))
            most = fmax(most, fabs((double)x[i]));
    return most;
}

/*
 * Counts what is wrong in an output: elements that differ from the dense array by more than
 * `tolerance` of its largest, borders and lanes that are not zero, guards that were touched.
 * Says the first.
 */
static inline long faults_in(const struct tensor *t, const float *dense, double tolerance)
{
    const struct border *b = &t->border;
    char *seen = calloc((size_t)t->size + 1, 1);
    long faults = 0;
    if (!seen)
        abort();
    tolerance *= magnitude(dense, t->n * t->c * t->h * t->w);
    for (long n = 0; n < t->n; n++)
        for (long c = 0; c < lanes_of(t); c++)
            for (long y = -b->top; y < t->h + b->bottom; y++)
                for (long x = -b->left; x < t->w + b->right; x++) {
                    const int inside = c < t->c && y >= 0 && y < t->h && x >= 0 && x < t->w;
                    const float want = inside ? dense[((n * t->c + c) * t->h + y) * t->w + x] : 0;
                    const float *got = element(t, n, c, y, x);
                    seen[got - t->base] = 1;
                    if (!is_near(*got, want, inside ? tolerance : 0) && faults++ == 0)
                        printf("  (%ld, %ld, %ld, %ld) is %g, not %g\n", n, c, y, x, (double)*got,
                               (double)want);
                }
    for (long i = 0; i < t->size; i++)
        if (!seen[i] && !is_poison(t->base[i]) && faults++ == 0)
            printf("  wrote %g outside, at float %ld of %ld\n", (double)t->base[i], i, t->size);
    free(seen);
    return faults;
}

#endif
