/*
 * Rows of the curve of checkpoints, which the report prints, are what can be chosen. What each
 * costs is read off a plan: the curve's own peak is that of results as they were written, not of
 * the program's arena.
 */
#include "recompute.h"

#include "cost/training.h"
#include "report/report.h"

#include <string.h>

/* How --recompute names a row. */
static const char *name_of(const struct recompute *r, int64_t keep)
{
    return keep ? arena_printf(r->arena, "%lld", (long long)keep) : "blocks";
}

static bool wrong(struct recompute *r, const char *problem, const char *value, const char *hint)
{
    r->problem = problem;
    r->value = value;
    r->hint = hint;
    return false;
}

/* "1, 2, 3 or blocks" */
static const char *names_of(const struct recompute *r, const struct checkpoints *rows)
{
    struct text t;
    text_init(&t, r->arena);
    for (size_t i = 0; i < rows->n; i++)
        text_printf(&t, "%s%s",
                    !i                 ? ""
                    : i + 1 == rows->n ? " or "
                                       : ", ",
                    name_of(r, rows->at[i].keep));
    return text_string(&t);
}

static bool choose_by_name(struct recompute *r, const struct checkpoints *rows, int64_t *keep)
{
    for (size_t i = 0; i < rows->n; i++)
        if (!strcmp(r->options->recompute, name_of(r, rows->at[i].keep))) {
            *keep = rows->at[i].keep;
            return true;
        }
    return wrong(r, "no such row of the table of checkpointing:", r->options->recompute,
                 rows->n > 1 ? arena_printf(r->arena, "this network has %s", names_of(r, rows))
                             : "this network has none: no result lies on all of its paths");
}

static bool choose_by_memory(struct recompute *r, const struct checkpoints *rows, int64_t *keep)
{
    struct report_trainer best = {0}, least = {0};
    for (size_t i = 0; i < rows->n; i++) {
        const struct plan *plan = r->plan(r->context, rows->at[i].keep);
        if (!plan) {
            *keep = 1;
            return true;
        }
        struct report_trainer t = report_trainer(plan);
        t.keep = rows->at[i].keep;
        if (!least.known || t.all < least.all)
            least = t;
        if (t.all <= r->options->memory && (!best.known || t.again < best.again))
            best = t;
    }
    *keep = best.known ? best.keep : 1;
    if (best.known)
        return true;
    return wrong(r, "training takes more bytes than --memory, which is",
                 arena_printf(r->arena, "%lld", (long long)r->options->memory),
                 arena_printf(r->arena,
                              "the least that this network takes is %lld, by '--recompute %s'",
                              (long long)least.all, name_of(r, least.keep)));
}

bool recompute_choose(struct recompute *r, const struct graph *g, int64_t *keep)
{
    struct checkpoint all = {.keep = 1};
    struct checkpoints rows = training_checkpoints(r->arena, g);
    if (!rows.n)
        rows = (struct checkpoints){&all, 1};
    *keep = 1;
    return r->options->recompute ? choose_by_name(r, &rows, keep)
                                 : choose_by_memory(r, &rows, keep);
}
