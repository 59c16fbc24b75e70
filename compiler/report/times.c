/* The time of the plan's steps on a machine, at the operators that they compute. */
#include "base/number.h"
#include "report/table.h"

#include <math.h>

enum { CYCLE_OPERATIONS = 4 }; /* of a lane: two multiply-adds */

const char *row_bound(const struct report_row *row)
{
    return row->time.compute_us > row->time.memory_us ? "compute" : "memory";
}

/* Those that the program runs with, as far as the machine has them. */
static int threads_of(const struct report *r, const struct plan *plan, const struct machine *m)
{
    const int64_t asked = r->options->threads ? r->options->threads : plan->threads;
    return asked && asked < m->threads ? (int)asked : m->threads;
}

/* Of so many threads, from the rates of one and of all. */
static double rate_of(const struct machine *m, const double rate[2], int threads)
{
    return threads == m->threads ? rate[1] : fmin(rate[0] * threads, rate[1]);
}

static struct plan_rates rates_of(const struct report *r, const struct plan *plan,
                                  const struct machine *m)
{
    const int threads = threads_of(r, plan, m);
    return (struct plan_rates){
        .threads = threads,
        .ghz = rate_of(m, m->gflops, threads) / threads / (CYCLE_OPERATIONS * plan->target.lanes),
        .core_gbytes = m->core_gbytes * threads,
        .cache_gbytes = m->cache_gbytes * threads,
        .full_gbytes = rate_of(m, m->full_gbytes, threads),
        .memory_gbytes = rate_of(m, m->gbytes, threads),
        .core_bytes = m->core_bytes,
        .cache_bytes = m->cache_bytes,
    };
}

static void add_time(struct plan_time *sum, const struct plan_time *time)
{
    sum->compute_us += time->compute_us;
    sum->memory_us += time->memory_us;
    sum->us += time->us;
}

/* Steps that move data between layouts have no row: their time is that of the operator that they
 * move it for, the next one; at the end, of the one that made it. */
void report_predict(struct report *r, const struct plan *plan, const struct machine *machine)
{
    const struct plan_rates rates = rates_of(r, plan, machine);
    struct plan_time waiting = {0};
    struct report_row *last = NULL;
    r->machine = machine;
    r->threads = rates.threads;
    for (size_t i = 0; i < plan->steps.n; i++) {
        const struct plan_time time = plan_predict(plan, &plan->steps.at[i], &rates);
        struct report_row *row = report_row_of(r, plan->steps.at[i].node->written);
        add_time(&waiting, &time);
        r->predicted_us += time.us;
        r->roofline_us += time.roofline_us;
        last = row ? row : last;
        if (row) {
            row->predicted = true;
            add_time(&row->time, &waiting);
            waiting = (struct plan_time){0};
        }
    }
    if (last)
        add_time(&last->time, &waiting);
}

/* ---- steps of training ---- */

static void add_ranks(struct report *r, const struct plan *plan, const struct plan_rates *rates,
                      int64_t ranks)
{
    struct report_step *s = &r->step;
    const struct step_link link =
        s->link ? (struct step_link){s->link->gbytes, s->link->latency_us} : (struct step_link){0};
    const struct report_ranks row = {
        ranks, predict_ranks(r->arena, plan, rates, &s->time, &link, s->runs, ranks)};
    VEC_PUSH(r->arena, &s->ranks, row);
}

void report_predict_step(struct report *r, const struct plan *plan, const struct machine *machine,
                         const struct machine_link *link)
{
    const struct report_trainer *t = &r->training_memory.program;
    const struct plan_rates rates = rates_of(r, plan, machine);
    const struct picture recipe = graph_recipe_or(plan->graph, CLASS_RECIPE, OP_recipe);
    struct report_step *s = &r->step;
    const struct step_bytes bytes = {t->params, t->packed, t->gradients, t->states};
    r->machine = machine;
    r->threads = rates.threads;
    s->runs = int_max(recipe.attr.accumulate, 1);
    s->pictures = r->batch * s->runs;
    s->link = link;
    s->time = predict_step(plan, &rates, &bytes, s->runs);
    for (int64_t ranks = 1; ranks <= (link ? s->runs : 1); ranks *= 2)
        add_ranks(r, plan, &rates, ranks);
    if (link && s->runs & (s->runs - 1))
        add_ranks(r, plan, &rates, s->runs);
}
