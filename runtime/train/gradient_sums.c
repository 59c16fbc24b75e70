/* The gradients of a step that has several runs: each run's are added to them as it makes them. In
 * a rank's last run of the step, those that are whole are summed over the ranks while it goes on.
 */
#include "training.h"
#include "../host/memory.h"

#include <limits.h>
#include <stdlib.h>

static int param_at(const struct netrt_training *t, int i)
{
    return t->param[t->gradient_sums.order[i]];
}

static long elements_at(const struct netrt_training *t, int i)
{
    return netrt_tensor_elements(&t->program->model->params[param_at(t, i)]);
}

static int made(const struct netrt_training *t, int output)
{
    return t->program->model->outputs[output].made;
}

/* ---- memory ---- */

/* The outputs that are gradients, in the order in which a run makes them. */
static void find_order(struct netrt_training *t)
{
    struct netrt_gradient_sums *r = &t->gradient_sums;
    const struct netrt_model *m = t->program->model;
    for (int i = 0; i < m->n_outputs; i++) {
        if (m->outputs[i].purpose != NETRT_PURPOSE_gradient || t->param[i] < 0)
            continue;
        int at = r->n++;
        for (; at && made(t, r->order[at - 1]) > made(t, i); at--)
            r->order[at] = r->order[at - 1];
        r->order[at] = i;
    }
}

static void follow(struct netrt_profile *, int step);
static void share(struct netrt_profile *, float *found, long n, int moments);

int netrt_gradient_sums_open(struct netrt_training *t)
{
    struct netrt_gradient_sums *r = &t->gradient_sums;
    long at = 0;
    if (t->recipe.accumulate == 1)
        return 0;
    *r = (struct netrt_gradient_sums){.profile = {follow, t->recipe.ranks ? share : NULL},
                                      .training = t};
    r->order = calloc((size_t)t->program->model->n_outputs + 1, sizeof *r->order);
    t->gradients = netrt_memory_new((size_t)t->n_gradients * sizeof *t->gradients);
    if (!r->order || !t->gradients)
        return netrt_fail(t->program->message, "no memory for gradients");
    if (t->recipe.ranks && netrt_shared_open(t))
        return NETRT_FAILED;
    find_order(t);
    for (int i = 0; i < r->n; i++) {
        t->gradient[param_at(t, i)] = t->gradients + at;
        at += elements_at(t, i);
    }
    return 0;
}

void netrt_gradient_sums_close(struct netrt_training *t)
{
    netrt_memory_free(t->gradients, (size_t)t->n_gradients * sizeof *t->gradients);
    free(t->gradient_sums.order);
    netrt_shared_close(t);
}

/* ---- a run ---- */

/* Adds those gradients of the run that are whole behind a step of it. */
static void take_until(struct netrt_training *t, int step)
{
    struct netrt_gradient_sums *r = &t->gradient_sums;
    const struct netrt_program *p = t->program;
    for (; r->taken < r->n && made(t, r->order[r->taken]) <= step; r->taken++) {
        const float *from = p->outputs[r->order[r->taken]];
        float *to = t->gradient[param_at(t, r->taken)];
        for (long k = 0; k < elements_at(t, r->taken); k++)
            to[k] += from[k] / (float)t->recipe.accumulate;
    }
}

/* Of the gradients that were taken. All ranks begin the same sums, whenever they come to it. */
static void begin_sums(struct netrt_training *t)
{
    struct netrt_gradient_sums *r = &t->gradient_sums;
    for (; r->joined < r->taken && !t->group->broken; r->joined++) {
        r->waiting += elements_at(t, r->joined);
        if (r->waiting < NETRT_BUCKET && r->joined + 1 < r->n)
            continue;
        t->group->sum_begin(t->group, t->gradients + r->summed, r->waiting);
        r->summed += r->waiting;
        r->waiting = 0;
    }
}

static void follow(struct netrt_profile *profile, int step)
{
    struct netrt_training *t = ((struct netrt_gradient_sums *)profile)->training;
    if (!t->gradient_sums.last)
        return;
    take_until(t, step);
    begin_sums(t);
    if (!t->group->broken)
        t->group->sum_poll(t->group);
}

static void share(struct netrt_profile *profile, float *found, long n, int moments)
{
    netrt_shared_join(((struct netrt_gradient_sums *)profile)->training, found, n, moments);
}

void netrt_gradient_sums_start(struct netrt_training *t, bool last)
{
    struct netrt_gradient_sums *r = &t->gradient_sums;
    r->taken = 0;
    r->last = last;
    t->program->watch =
        (last || t->recipe.ranks) && t->group->size > 1 ? &t->gradient_sums.profile : NULL;
}

void netrt_gradient_sums_take(struct netrt_training *t)
{
    take_until(t, INT_MAX);
    t->program->watch = NULL;
}

int netrt_gradient_sums_end(struct netrt_training *t)
{
    struct netrt_gradient_sums *r = &t->gradient_sums;
    if (t->group->size == 1)
        return 0;
    t->program->watch = NULL;
    r->taken = r->n;
    begin_sums(t);
    r->joined = 0;
    r->summed = r->waiting = 0;
    return t->group->broken ? NETRT_FAILED : t->group->sum_end(t->group);
}
