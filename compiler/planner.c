/* From a graph to a plan: the stages of planning, in order. */
#include "planner.h"

#include "lower/lower.h"
#include "memory/memory.h"
#include "predict/predict.h"
#include "roll/roll.h"

static void predict_steps(struct plan *plan)
{
    const struct plan_rates rates = plan_rates_assumed(&plan->target, 1);
    for (size_t i = 0; i < plan->steps.n; i++)
        plan->steps.at[i].predicted_us = plan_predict(plan, &plan->steps.at[i], &rates).us;
}

/* Microseconds of a run by so many threads, of which a pool's are woken first. What they read
 * counts where the weights are more than a core's cache holds: networks for which this choice is
 * hard lie in the cache that all share, to which each core has its own way. */
static double run_us(const struct plan *plan, int threads)
{
    const bool reads = plan->weights_bytes > plan->target.l2;
    const struct plan_rates rates = plan_rates_assumed(&plan->target, threads);
    double us = threads > 1 ? plan->target.rates.wake_cycles / rates.ghz / 1e3 : 0;
    for (size_t i = 0; i < plan->steps.n; i++) {
        const struct plan_time t = plan_predict(plan, &plan->steps.at[i], &rates);
        us += reads ? t.us : t.compute_us;
    }
    return us;
}

/* One thread where a second would save less than a tenth of the time, which is less than the model
 * knows: such a network takes no pool. */
static int choose_threads(const struct plan *plan)
{
    const double worth = 0.9;
    return run_us(plan, 2) > worth * run_us(plan, 1) ? 1 : 0;
}

/* Whether the plan and its lead, if it has one, pack their weights in the same way. */
static bool follows_lead(const struct plan *plan, struct diags *diags, const struct plan *lead)
{
    if (!lead || weights_agree(plan, lead))
        return true;
    diag_add(diags, (struct span){0}, MESSAGE(err_plan_lead), plan->target.name, lead->target.name);
    return false;
}

static bool make(struct plan *plan, struct diags *diags, struct graph *graph, struct arena *scratch,
                 const struct plan_options *options)
{
    if (!lower_graph(plan, graph, diags, scratch, options))
        return false;
    predict_steps(plan);
    plan->threads = options->threads ? options->threads : choose_threads(plan);
    if (!memory_plan(plan, diags, scratch))
        return false;
    roll_tasks(plan, scratch);
    roll_functions(plan, scratch);
    if (!options->lead)
        weights_check_stored(plan, diags, options->stored);
    return follows_lead(plan, diags, options->lead);
}

struct plan *plan_make(struct arena *arena, struct diags *diags, struct graph *graph,
                       const struct plan_options *options)
{
    struct plan *plan = arena_new_of(arena, struct plan);
    struct arena *scratch = arena_new_inside(arena);
    plan->arena = arena;
    plan->graph = graph;
    plan->target = options->target;
    plan->fault = -1;
    const bool made = make(plan, diags, graph, scratch, options);
    arena_free(scratch);
    return made ? plan : NULL;
}
