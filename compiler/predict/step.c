#include "predict/step.h"

#include "base/number.h"
#include "core/recipe.h"

#include <math.h>

/* ---- one machine ---- */

/* All that a step touches goes through the caches again and again. */
static double set_of(const struct plan *plan, const struct step_bytes *b)
{
    return (double)plan->arena_bytes + (double)b->params + (double)b->packed +
           (double)b->gradients + (double)b->states;
}

struct step_time predict_step(const struct plan *plan, const struct plan_rates *r,
                              const struct step_bytes *b, int64_t runs)
{
    const double set = set_of(plan, b), gradients = (double)b->gradients;
    struct step_time t = {
        .pack_us = plan_transfer_us(r, 2 * (double)b->packed, set),
        .add_us = runs > 1 ? plan_transfer_us(r, 3 * gradients, set) : 0,
        .update_us = plan_transfer_us(r, 3 * gradients + 2 * (double)b->states, set),
    };
    for (size_t i = 0; i < plan->steps.n; i++)
        t.run_us += plan_predict(plan, &plan->steps.at[i], r).us;
    return t;
}

/* ---- several ---- */

/* Sums that are made one after the other while a run goes on: times since it began. */
struct summing {
    const struct step_link *link;
    const struct plan_rates *rates;
    int64_t ranks;
    double now, free_at; /* the run has come so far; the link has nothing more to do */
};

/* Each sends its share of the bucket to all others, which sum it and send that to all. */
static double bucket_us(const struct summing *s, int64_t elements)
{
    const double bytes = (double)elements * NETRT_ELEMENT_BYTES, messages = (double)(s->ranks - 1);
    const double message = s->link->latency_us + bytes / (double)s->ranks / (1e3 * s->link->gbytes);
    return 2 * messages * message + plan_transfer_us(s->rates, 4 * bytes, 0);
}

static void sum_buckets(struct summing *s, int64_t elements)
{
    for (; elements > 0; elements -= NETRT_BUCKET)
        s->free_at = fmax(s->now, s->free_at) + bucket_us(s, int_min(elements, NETRT_BUCKET));
}

/* By step of the plan: elements of the gradients that are whole behind it. `last`: the last one
 * that makes some. */
static int64_t *elements_made(struct arena *arena, const struct plan *plan, size_t *last)
{
    const struct graph *g = plan->graph;
    const int *made = plan_outputs_made(arena, plan);
    int64_t *elements = arena_array(arena, plan->steps.n + 1, sizeof *elements);
    for (size_t i = 0; i < g->outputs.n; i++)
        if (g->outputs.at[i].purpose == NETRT_PURPOSE_gradient) {
            elements[made[i]] += type_elements(&g->outputs.at[i].node->type);
            *last = (size_t)made[i] > *last ? (size_t)made[i] : *last;
        }
    return elements;
}

/* What is left to wait for when the run has ended. */
static double exchange_us(struct arena *arena, const struct plan *plan, struct summing *s)
{
    size_t last = 0;
    int64_t waiting = 0;
    const int64_t *elements = elements_made(arena, plan, &last);
    for (size_t i = 0; i < plan->steps.n; i++) {
        s->now += plan_predict(plan, &plan->steps.at[i], s->rates).us;
        waiting += elements[i];
        if (waiting < NETRT_BUCKET && i != last)
            continue;
        sum_buckets(s, waiting);
        waiting = 0;
    }
    return fmax(s->free_at - s->now, 0);
}

/* Messages that ranks wait for, one after the other, in a tree of them: of a step's counts two, and
 * one for each of bn's statistics. */
static double small_us(const struct plan *plan, const struct step_link *link, int64_t ranks)
{
    int64_t messages = 2;
    for (size_t i = 0; i < plan->graph->outputs.n; i++)
        messages += plan->graph->outputs.at[i].purpose == NETRT_PURPOSE_statistics;
    return (double)messages * ceil(log2((double)ranks)) * link->latency_us;
}

struct ranks_time predict_ranks(struct arena *arena, const struct plan *plan,
                                const struct plan_rates *r, const struct step_time *step,
                                const struct step_link *link, int64_t runs, int64_t ranks)
{
    struct summing s = {.link = link, .rates = r, .ranks = ranks};
    struct ranks_time t = {.runs = netrt_ceil_div(runs, ranks)};
    if (ranks > 1)
        t.exchange_us = exchange_us(arena, plan, &s) + small_us(plan, link, ranks);
    t.us = (double)t.runs * (step->pack_us + step->run_us + step->add_us) + t.exchange_us +
           step->update_us;
    return t;
}
