/*
 * Schedules other than the model's first choice: those that measurement has found, and those that
 * are worth measuring. All are candidates of the model, of which a filter admits some.
 */
#include "schedule/choose.h"
#include "core/weights.h"
#include "schedule/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_TILES = 4, MOST_TASKS = 3, MOST_CANDIDATES = 2 * (MOST_TILES + MOST_TASKS) };

static const double hopeless = 1.5; /* times the cycles of the best: not worth measuring */

struct candidates {
    const struct scheduling *s;
    const struct netrt_conv *k;
    bool flat;
    struct decision asked; /* what all of them have to be */
    int n;
    struct decision at[MOST_CANDIDATES];
    double cycles[MOST_CANDIDATES];
};

/* ---- filters ---- */

/* 0 stands for any. */
static bool differ(long a, long b)
{
    return a && b && a != b;
}

static bool contradicts(const struct decision *a, const struct decision *b)
{
    return differ(a->algorithm, b->algorithm) || differ(a->row, b->row) ||
           differ(a->blocks, b->blocks) || differ(a->cols, b->cols) ||
           differ(a->task_blocks, b->task_blocks) || differ(a->task_rest, b->task_rest) ||
           differ(a->point_blocks, b->point_blocks);
}

static bool covers(long pattern, long value)
{
    return !pattern || pattern == value;
}

/* Whether b, as far as it is decided, is one of those that a stands for. */
static bool includes(const struct decision *a, const struct decision *b)
{
    return covers(a->algorithm, b->algorithm) && covers(a->row, b->row) &&
           covers(a->blocks, b->blocks) && covers(a->cols, b->cols) &&
           covers(a->task_blocks, b->task_blocks) && covers(a->task_rest, b->task_rest) &&
           covers(a->point_blocks, b->point_blocks);
}

bool schedule_admits(const struct schedule_filter *f, const struct decision *d)
{
    if (!f)
        return true;
    for (int i = 0; i < f->n_except; i++)
        if (includes(&f->except[i], d))
            return false;
    return !contradicts(&f->only, d);
}

/* ---- a layer under a filter ---- */

static struct decision decision_of_conv(const struct netrt_conv *k)
{
    return (struct decision){ALGORITHM_direct, k->ow,        k->blocks, k->cols,
                             k->task_blocks,   k->task_rows, 0};
}

static struct decision decision_of_winograd(const struct netrt_winograd *w)
{
    return (struct decision){ALGORITHM_winograd, schedule_winograd_tile(w),
                             w->blocks,          w->cols,
                             w->task_blocks,     w->task_tiles,
                             w->point_blocks};
}

/* The better algorithm of those that the filter admits; N_KERNELS: none. */
static enum kernel choose(const struct scheduling *s, const struct schedule_filter *filter,
                          struct netrt_conv *k, bool flat, struct netrt_winograd *w,
                          const char **why)
{
    const struct netrt_conv asked = *k;
    double cycles = INFINITY;
    *why = schedule_conv(s, filter, k, flat, &cycles);
    const bool winograd = schedule_winograd(s, filter, &asked, *why ? cycles : INFINITY, w, why);
    return winograd ? KERNEL_winograd : *why ? KERNEL_conv : N_KERNELS;
}

/* ---- candidates ---- */

/* Adds what the filter admits, if it is new and not hopeless; false: nothing. */
static bool add_candidate(struct candidates *c, const struct schedule_filter *filter,
                          struct decision *made)
{
    struct netrt_conv k = *c->k;
    struct netrt_winograd w;
    const char *why;
    const struct target *target = c->s->target;
    const int64_t threads = c->s->threads;
    const enum kernel kernel = choose(c->s, filter, &k, c->flat, &w, &why);
    if (kernel == N_KERNELS || c->n == MOST_CANDIDATES)
        return false;
    *made = kernel == KERNEL_conv ? decision_of_conv(&k) : decision_of_winograd(&w);
    const double cycles = kernel == KERNEL_conv ? schedule_conv_cycles(target, &k, threads)
                                                : schedule_winograd_cycles(target, &w, threads);
    for (int i = 0; i < c->n; i++)
        if (includes(&c->at[i], made))
            return true;
    if (c->n && cycles > hopeless * c->cycles[0])
        return true;
    c->cycles[c->n] = cycles;
    c->at[c->n++] = *made;
    return true;
}

/* The tiles of an algorithm, each with its best tasks; for Winograd's, the sizes of its outputs. */
static void add_tiles(struct candidates *c, enum algorithm algorithm)
{
    struct decision tried[MOST_TILES], made;
    struct schedule_filter filter = {.only = c->asked, .except = tried};
    if (c->asked.algorithm != ALGORITHM_any && c->asked.algorithm != algorithm)
        return;
    filter.only.algorithm = algorithm;
    while (filter.n_except < MOST_TILES && add_candidate(c, &filter, &made)) {
        made.task_blocks = made.task_rest = made.point_blocks = 0;
        if (algorithm == ALGORITHM_winograd)
            made.blocks = made.cols = 0;
        tried[filter.n_except++] = made;
    }
}

/* Other tasks for the tile of a candidate. */
static void add_tasks(struct candidates *c, const struct decision *base)
{
    struct decision tried[MOST_TASKS] = {*base}, made;
    struct schedule_filter filter = {.only = *base, .except = tried, .n_except = 1};
    filter.only.task_blocks = filter.only.task_rest = filter.only.point_blocks = 0;
    while (filter.n_except < MOST_TASKS && add_candidate(c, &filter, &made))
        tried[filter.n_except++] = made;
}

/* The model's choice, then the others. */
static void find_candidates(struct candidates *c)
{
    const struct schedule_filter whole = {.only = c->asked};
    struct decision made;
    if (!add_candidate(c, &whole, &made))
        return;
    add_tasks(c, &made);
    add_tiles(c, ALGORITHM_direct);
    add_tiles(c, ALGORITHM_winograd);
}

/* ---- words for a layer and a decision ---- */

/* All that a schedule depends on. */
static const char *layer_text(const struct scheduling *s, const struct netrt_conv *k, bool flat)
{
    return arena_printf(
        s->arena,
        "%s threads=%lld conv %ldx%ld stride=%ldx%ld dilation=%ldx%ld in=%ld%s out=%ldx%ldx%ldx%ld"
        " group=%ldx%ld%s%s%s%s%s",
        s->target->row, (long long)s->threads, k->kh, k->kw, k->sh, k->sw, k->dh, k->dw, k->ic,
        k->ic_block == NETRT_BLOCK ? "" : " dense", k->images, k->oc, k->oh, k->ow, k->group_oc,
        k->group_ic, flat ? " flat" : "", s->in_pair ? " pair" : "", k->residual ? " residual" : "",
        k->stored ? " weights=" : "",
        k->stored ? netrt_stored_name((enum netrt_stored)k->stored) : "");
}

const char *decision_text(struct arena *arena, const struct decision *d)
{
    if (d->algorithm == ALGORITHM_winograd)
        return arena_printf(arena, "winograd outputs=%ld tile=%ldx%ld task=%ldx%ld point=%ld",
                            d->row, d->blocks, d->cols, d->task_blocks, d->task_rest,
                            d->point_blocks);
    return arena_printf(arena, "direct row=%ld tile=%ldx%ld task=%ldx%ld", d->row, d->blocks,
                        d->cols, d->task_blocks, d->task_rest);
}

static bool is_positive(const struct decision *d)
{
    return d->row > 0 && d->blocks > 0 && d->cols > 0 && d->task_blocks > 0 && d->task_rest > 0;
}

bool decision_read(struct decision *d, const char *text)
{
    int length = 0;
    *d = (struct decision){.algorithm = ALGORITHM_direct};
    if (sscanf(text, "direct row=%9ld tile=%9ldx%9ld task=%9ldx%9ld%n", &d->row, &d->blocks,
               &d->cols, &d->task_blocks, &d->task_rest, &length) == 5 &&
        length && !text[length])
        return is_positive(d);
    *d = (struct decision){.algorithm = ALGORITHM_winograd};
    length = 0;
    if (sscanf(text, "winograd outputs=%9ld tile=%9ldx%9ld task=%9ldx%9ld point=%9ld%n", &d->row,
               &d->blocks, &d->cols, &d->task_blocks, &d->task_rest, &d->point_blocks,
               &length) == 6 &&
        length && !text[length])
        return is_positive(d) && d->point_blocks > 0;
    return false;
}

/* ---- the decision ---- */

/* What the command line asks for. */
static struct decision asked(const struct scheduling *s)
{
    if (s->winograd > 0)
        return (struct decision){.algorithm = ALGORITHM_winograd, .row = s->winograd};
    return (struct decision){.algorithm = s->winograd < 0 ? ALGORITHM_direct : ALGORITHM_any};
}

struct decision schedule_algorithm(enum kernel kernel, const union kernel_shape *shape)
{
    if (kernel == KERNEL_winograd)
        return (struct decision){.algorithm = ALGORITHM_winograd,
                                 .row = schedule_winograd_tile(&shape->winograd)};
    return (struct decision){.algorithm = ALGORITHM_direct};
}

/* What a layer has to be: `only`, a measured decision, or a candidate to be measured. */
static struct decision layer_decision(const struct scheduling *s, const struct netrt_conv *k,
                                      bool flat, struct decision only, struct schedule *made)
{
    if (s->variant > 0) {
        struct candidates c = {.s = s, .k = k, .flat = flat, .asked = only};
        find_candidates(&c);
        made->candidates = c.n;
        return s->variant <= c.n ? c.at[s->variant - 1] : only;
    }
    const struct decision *measured = tuning_find(s->measured, made->layer);
    made->measured = measured && !contradicts(measured, &only);
    return made->measured ? *measured : only;
}

/* Sets kernel, shape and reason to the best that is as `decision` says; false: none is. */
static bool set_best(const struct scheduling *s, const struct netrt_conv *k, bool flat,
                     struct decision decision, struct schedule *made)
{
    const struct schedule_filter filter = {.only = decision};
    struct netrt_conv conv = *k;
    struct netrt_winograd w;
    const enum kernel kernel = choose(s, &filter, &conv, flat, &w, &made->why);
    memset(&made->shape, 0, sizeof made->shape);
    if (kernel == KERNEL_winograd)
        made->shape.winograd = w;
    else
        made->shape.conv = conv;
    made->kernel = kernel;
    return kernel != N_KERNELS;
}

struct schedule schedule_layer(const struct scheduling *s, const struct netrt_conv *k, bool flat,
                               const struct decision *like)
{
    const struct decision only = like ? *like : asked(s);
    const struct decision possible = {.algorithm = s->winograd ? ALGORITHM_direct : ALGORITHM_any};
    struct schedule made = {.layer = layer_text(s, k, flat)};
    const struct decision wanted = layer_decision(s, k, flat, only, &made);
    bool found = set_best(s, k, flat, wanted, &made);
    if (!found && made.measured) {
        made.measured = false;
        made.unusable = true;
        found = set_best(s, k, flat, only, &made);
    }
    if (!found) /* what was asked for is not possible here */
        set_best(s, k, flat, possible, &made);
    const struct decision d = made.kernel == KERNEL_winograd
                                  ? decision_of_winograd(&made.shape.winograd)
                                  : decision_of_conv(&made.shape.conv);
    made.decision = decision_text(s->arena, &d);
    return made;
}
