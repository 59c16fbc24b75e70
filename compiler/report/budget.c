/* Budgets: `require params <= 12M` over the figures of the report. */
#include "report/grid.h"
#include "report/table.h"

#include <string.h>

/* A figure that a budget may bound, and the row that is to blame where it is too large. */
struct budgeted {
    const char *name;
    double (*value)(const struct report *);
    bool (*known)(const struct report *);
    enum figure largest; /* the row with most of this sets it; N_FIGURES: the plan's peak does */
};

static double value_params(const struct report *r)
{
    return (double)r->total.at[FIGURE_params];
}

static double value_macs(const struct report *r)
{
    return (double)r->total.at[FIGURE_macs];
}

static double value_flops(const struct report *r)
{
    return (double)r->total.flops[r->flops];
}

static double value_activations(const struct report *r)
{
    return (double)r->total.at[FIGURE_activations];
}

static double value_weights_bytes(const struct report *r)
{
    return (double)r->weights_bytes;
}

static double value_arena(const struct report *r)
{
    return (double)r->memory.arena_bytes;
}

/* Of the axis that sees less. */
static double value_field(const struct report *r)
{
    if (r->field_row < 0)
        return 1;
    const struct fields *f = &r->rows.at[r->field_row].field;
    return (double)(f->axis[0].size < f->axis[1].size ? f->axis[0].size : f->axis[1].size);
}

/* With Adam. */
static double value_train_bytes(const struct report *r)
{
    return (double)r->training_memory.bytes.peak[OPTIMIZER_adam];
}

/* In microseconds. */
static double value_time(const struct report *r)
{
    return r->predicted_us;
}

static bool needs_plan(const struct report *r)
{
    return r->memory.known;
}

static bool needs_machine(const struct report *r)
{
    return r->machine;
}

static bool needs_training(const struct report *r)
{
    return r->training_memory.known;
}

static bool needs_nothing(const struct report *r)
{
    return r;
}

static const struct budgeted bounds[] = {
    {"params", value_params, needs_nothing, FIGURE_params},
    {"macs", value_macs, needs_nothing, FIGURE_macs},
    {"flops", value_flops, needs_nothing, FIGURE_macs},
    {"activations", value_activations, needs_nothing, FIGURE_activations},
    {"weights_bytes", value_weights_bytes, needs_nothing, FIGURE_params},
    {"arena", value_arena, needs_plan, N_FIGURES},
    {"field", value_field, needs_nothing, N_FIGURES},
    {"train_bytes", value_train_bytes, needs_training, N_FIGURES},
    {"time", value_time, needs_machine, N_FIGURES},
};

static const struct budgeted *bound_find(const char *name)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (!strcmp(bounds[i].name, name))
            return &bounds[i];
    return NULL;
}

static double floor_mod(double a, double b)
{
    return a - b * floor(a / b);
}

static double evaluate(const struct report *r, const struct require *e)
{
    double a = e->left ? evaluate(r, e->left) : 0, b = e->right ? evaluate(r, e->right) : 0;
    switch (e->kind) {
    case REQUIRE_number:
        return e->number;
    case REQUIRE_figure:
        return bound_find(e->figure)->value(r);
    case REQUIRE_or:
        return a != 0 || b != 0;
    case REQUIRE_and:
        return a != 0 && b != 0;
    case REQUIRE_not:
        return a == 0;
    case REQUIRE_eq:
        return a == b;
    case REQUIRE_ne:
        return a != b;
    case REQUIRE_lt:
        return a < b;
    case REQUIRE_le:
        return a <= b;
    case REQUIRE_gt:
        return a > b;
    case REQUIRE_ge:
        return a >= b;
    case REQUIRE_add:
        return a + b;
    case REQUIRE_sub:
        return a - b;
    case REQUIRE_mul:
        return a * b;
    case REQUIRE_div:
        return a / b;
    case REQUIRE_floordiv:
        return floor(a / b);
    case REQUIRE_mod:
        return floor_mod(a, b);
    case REQUIRE_neg:
        return -a;
    case REQUIRE_index:
        break;
    }
    return 0;
}

/* The first figure in a budget; NULL: it has none. */
static const struct require *first_figure(const struct require *e)
{
    if (!e || e->kind == REQUIRE_figure)
        return e;
    const struct require *left = first_figure(e->left);
    return left ? left : first_figure(e->right);
}

static bool is_comparison(const struct require *e)
{
    return e->kind >= REQUIRE_eq && e->kind <= REQUIRE_ge;
}

/* The side of the first comparison that has a figure, or the figure itself. */
static const struct require *bounded_side(const struct require *e)
{
    if (!is_comparison(e))
        return first_figure(e);
    return first_figure(e->left) ? e->left : e->right;
}

static const char *text_of(const struct report *r, const struct require *e)
{
    const struct source *s = e->span.source ? sources_get(r->diags->sources, e->span.source) : NULL;
    return s ? arena_strndup(r->arena, s->bytes + e->span.begin, e->span.end - e->span.begin)
             : "require";
}

static const struct report_row *largest_row(const struct report *r, enum figure figure)
{
    const struct report_row *best = NULL;
    for (size_t i = 0; i < r->rows.n; i++) {
        const struct report_row *row = &r->rows.at[i];
        if (!best || row->figures.at[figure] > best->figures.at[figure])
            best = row;
    }
    return best;
}

static void blame_row(const struct report *r, struct diag *d, enum figure figure)
{
    const struct report_row *row = largest_row(r, figure);
    if (!row || !row->figures.at[figure])
        return;
    int64_t part = row->figures.at[figure];
    diag_note(d, row->span, "'%s' has most of it: %s, %.1f %%", row->name ? row->name : "",
              grid_number(r->arena, part), report_share(part, r->total.at[figure]));
}

static void blame_peak(const struct report *r, struct diag *d)
{
    const struct report_buffer *peak = NULL;
    for (size_t i = 0; i < r->memory.timeline.n; i++)
        if (!peak || r->memory.timeline.at[i].bytes > peak->bytes)
            peak = &r->memory.timeline.at[i];
    if (peak)
        diag_note(d, peak->span, "it is fullest in '%s': %s bytes are alive", peak->name,
                  grid_number(r->arena, peak->bytes));
}

static void blame_slowest(const struct report *r, struct diag *d)
{
    const struct report_row *slowest = NULL;
    for (size_t i = 0; i < r->rows.n; i++)
        if (!slowest || r->rows.at[i].time.us > slowest->time.us)
            slowest = &r->rows.at[i];
    if (slowest)
        diag_note(d, slowest->span, "'%s' takes most of it: %.1f us", slowest->name,
                  slowest->time.us);
}

/* Points at the layer that sets the figure. */
static void blame(const struct report *r, struct diag *d, const struct budgeted *bound)
{
    const struct report_training *t = &r->training_memory;
    if (bound->largest != N_FIGURES)
        blame_row(r, d, bound->largest);
    else if (bound->value == value_arena)
        blame_peak(r, d);
    else if (bound->value == value_time)
        blame_slowest(r, d);
    else if (bound->value == value_train_bytes && t->peak_name)
        diag_note(d, t->peak_span, "it is most in the backward step of '%s'", t->peak_name);
    else if (bound->value == value_field && r->field_row >= 0)
        diag_note(d, r->rows.at[r->field_row].span, "it is that of '%s'",
                  r->rows.at[r->field_row].name);
}

static void complain(const struct report *r, const struct report_budget *budget)
{
    const struct require *figure = first_figure(budget->require);
    struct diag *d =
        diag_add(r->diags, budget->require->span, MESSAGE(err_budget), budget->text,
                 figure ? figure->figure : "the value", grid_real(r->arena, budget->value));
    const struct budgeted *bound = figure ? bound_find(figure->figure) : NULL;
    if (bound)
        blame(r, d, bound);
}

/* Whether the report has all figures of a budget; else why not was reported. Memory and time to run
 * are figures of the network without what training adds. */
static bool has_figures(const struct report *r, const struct require *e)
{
    if (!e)
        return true;
    const struct budgeted *bound = e->kind == REQUIRE_figure ? bound_find(e->figure) : NULL;
    bool known = e->kind != REQUIRE_figure || (bound && bound->known(r));
    if (!known && !(bound && r->training)) {
        struct diag *d = diag_add(r->diags, e->span, MESSAGE(err_budget_figure), e->figure);
        if (bound && bound->value == value_time)
            diag_hint(d, "give the machine: --machine=native, or the file of another");
    }
    return known && has_figures(r, e->left) && has_figures(r, e->right);
}

static void check(struct report *r, const struct require *e)
{
    if (e->kind == REQUIRE_and) {
        check(r, e->left);
        check(r, e->right);
        return;
    }
    if (!has_figures(r, e))
        return;
    const struct require *side = bounded_side(e);
    struct report_budget budget = {e, text_of(r, e), side ? evaluate(r, side) : 0,
                                   evaluate(r, e) != 0};
    VEC_PUSH(r->arena, &r->budgets, budget);
    if (!budget.holds)
        complain(r, &budget);
}

void report_check_budgets(struct report *r, const struct graph *g)
{
    for (size_t i = 0; i < g->requires.n; i++)
        check(r, g->requires.at[i]);
}
