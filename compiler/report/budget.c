/* Budgets: `require params <= 12M` over the figures of the report. */
#include "report/grid.h"
#include "report/table.h"

#include <string.h>

/* A figure that a budget may bound: a sum of rows, or one of the whole network that is known in
 * some reports only. */
struct budgeted {
    const char *name;
    int64_t (*part)(const struct report *, const struct figures *); /* of a row, or of the whole */
    double (*value)(const struct report *);
    bool (*known)(const struct report *);                /* NULL: always */
    void (*blame)(const struct report *, struct diag *); /* points at what sets it */
    const char *unknown;                                 /* a hint where it is not known, or NULL */
};

/* ---- sums of rows ---- */

static int64_t part_params(const struct report *r, const struct figures *f)
{
    (void)r;
    return f->at[FIGURE_params];
}

static int64_t part_macs(const struct report *r, const struct figures *f)
{
    (void)r;
    return f->at[FIGURE_macs];
}

static int64_t part_flops(const struct report *r, const struct figures *f)
{
    return f->flops[r->flops];
}

static int64_t part_activations(const struct report *r, const struct figures *f)
{
    (void)r;
    return f->at[FIGURE_activations];
}

static int64_t part_weights_bytes(const struct report *r, const struct figures *f)
{
    (void)r;
    return BYTES_f32 * f->at[FIGURE_params];
}

static void blame_row(const struct report *r, struct diag *d, const struct budgeted *bound)
{
    const struct report_row *most = NULL;
    int64_t part = 0;
    for (size_t i = 0; i < r->rows.n; i++) {
        const struct report_row *row = &r->rows.at[i];
        if (bound->part(r, &row->figures) > part) {
            most = row;
            part = bound->part(r, &row->figures);
        }
    }
    if (most)
        diag_note(d, most->span, "'%s' has most of it: %s, %.1f %%", most->name ? most->name : "",
                  grid_number(r->arena, part), report_share(part, bound->part(r, &r->total)));
}

/* ---- figures of the whole ---- */

static bool has_plan(const struct report *r)
{
    return r->memory.known;
}

static double value_arena(const struct report *r)
{
    return (double)r->memory.arena_bytes;
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

/* Of the axis that sees less. */
static double value_field(const struct report *r)
{
    if (r->field_row < 0)
        return 1;
    const struct fields *f = &r->rows.at[r->field_row].field;
    return (double)(f->axis[0].size < f->axis[1].size ? f->axis[0].size : f->axis[1].size);
}

static void blame_last(const struct report *r, struct diag *d)
{
    if (r->field_row >= 0)
        diag_note(d, r->rows.at[r->field_row].span, "it is that of '%s'",
                  r->rows.at[r->field_row].name);
}

static bool has_training(const struct report *r)
{
    return r->training_memory.known;
}

/* With Adam. */
static double value_train_bytes(const struct report *r)
{
    return (double)r->training_memory.bytes.peak[OPTIMIZER_adam];
}

static void blame_backward(const struct report *r, struct diag *d)
{
    const struct report_training *t = &r->training_memory;
    if (t->peak_name)
        diag_note(d, t->peak_span, "it is most in the backward step of '%s'", t->peak_name);
}

static bool has_machine(const struct report *r)
{
    return r->machine && !r->training;
}

/* In microseconds. */
static double value_time(const struct report *r)
{
    return r->predicted_us;
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

static const struct budgeted bounds[] = {
    {.name = "params", .part = part_params},
    {.name = "macs", .part = part_macs},
    {.name = "flops", .part = part_flops},
    {.name = "activations", .part = part_activations},
    {.name = "weights_bytes", .part = part_weights_bytes},
    {"arena", NULL, value_arena, has_plan, blame_peak, NULL},
    {"field", NULL, value_field, NULL, blame_last, NULL},
    {"train_bytes", NULL, value_train_bytes, has_training, blame_backward, NULL},
    {"time", NULL, value_time, has_machine, blame_slowest,
     "give the machine: --machine=native, or the file of another"},
};

static const struct budgeted *bound_find(const char *name)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (!strcmp(bounds[i].name, name))
            return &bounds[i];
    return NULL;
}

static double value_of(const struct report *r, const struct budgeted *bound)
{
    return bound->part ? (double)bound->part(r, &r->total) : bound->value(r);
}

static bool is_known(const struct report *r, const struct budgeted *bound)
{
    return bound && (!bound->known || bound->known(r));
}

bool report_has_figure(const char *name)
{
    return bound_find(name) != NULL;
}

const char *report_figure_names(struct arena *arena)
{
    struct text t;
    text_init(&t, arena);
    text_append(&t, "the figures are ");
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        text_printf(&t, "%s%s", i ? ", " : "", bounds[i].name);
    return text_string(&t);
}

bool report_figure(const struct report *r, const char *name, double *value)
{
    const struct budgeted *bound = bound_find(name);
    if (!is_known(r, bound))
        return false;
    *value = value_of(r, bound);
    return true;
}

/* ---- evaluation ---- */

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
        return value_of(r, bound_find(e->figure));
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

static void complain(const struct report *r, const struct report_budget *budget)
{
    const struct require *figure = first_figure(budget->require);
    struct diag *d =
        diag_add(r->diags, budget->require->span, MESSAGE(err_budget), budget->text,
                 figure ? figure->figure : "the value", grid_real(r->arena, budget->value));
    const struct budgeted *bound = figure ? bound_find(figure->figure) : NULL;
    if (bound && bound->part)
        blame_row(r, d, bound);
    else if (bound)
        bound->blame(r, d);
}

/* Whether the report has all figures of a budget; else why not was reported. Memory and time to run
 * are figures of the network without what training adds. */
static bool has_figures(const struct report *r, const struct require *e)
{
    if (!e)
        return true;
    const struct budgeted *bound = e->kind == REQUIRE_figure ? bound_find(e->figure) : NULL;
    bool known = e->kind != REQUIRE_figure || is_known(r, bound);
    if (!known && !(bound && r->training)) {
        struct diag *d = diag_add(r->diags, e->span, MESSAGE(err_budget_figure), e->figure);
        if (bound && bound->unknown)
            diag_hint(d, "%s", bound->unknown);
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
