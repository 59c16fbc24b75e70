#include "report/blocks.h"

#include "core/weights.h"
#include "report/view.h"

#include <string.h>

/* ---- layers ---- */

/* The last two are there where a machine is known. */
static const struct grid_column layer_columns[] = {
    {"name", GRID_wide},    {"operator", GRID_left}, {"output", GRID_right},
    {"params", GRID_right}, {"macs", GRID_right},    {"activation", GRID_right},
    {"field", GRID_right},  {"jump", GRID_right},    {"us", GRID_right},
    {"bound", GRID_left},
};
enum {
    LAYER_name,
    LAYER_operator,
    LAYER_output,
    LAYER_params,
    LAYER_count,
    LAYER_activation,
    LAYER_field,
    LAYER_jump,
    LAYER_us,
    LAYER_bound,
    N_LAYER
};

/* Of layers; in training only a step's time is predicted. */
static bool has_times(const struct report *r)
{
    return r->machine && !r->training;
}

/* The columns with the convention's name over the count. */
static const struct grid_column *with_count(const struct report *r,
                                            const struct grid_column *columns, size_t n, size_t at)
{
    struct grid_column *copy = arena_array(r->arena, n, sizeof *copy);
    memcpy(copy, columns, n * sizeof *copy);
    copy[at].title = r->flops
                         ? arena_printf(r->arena, "flops (%s)", convention_info(r->flops)->name)
                         : convention_info(r->flops)->name;
    return copy;
}

static const char *number(const struct report *r, int64_t value)
{
    return value ? grid_number(r->arena, value) : "-";
}

static void set_figures(const struct report *r, struct grid_row *row, const struct figures *f)
{
    grid_set(row, LAYER_params, number(r, f->at[FIGURE_params]));
    grid_set(row, LAYER_count, number(r, f->flops[r->flops]));
    grid_set(row, LAYER_activation, number(r, f->at[FIGURE_activations]));
}

/* "19", or "19x1" where the axes differ, depth before them where a volume has some; of a scope its
 * last operator's. */
static void set_field(const struct report *r, struct grid_row *row, const struct report_item *item)
{
    const struct field *axis = item_last(r, item)->field.axis, *y = &axis[0], *x = &axis[1];
    const struct field *z = &axis[2];
    const bool deep = z->size > 0, alike = !deep || (z->size == y->size && z->jump == y->jump);
    const char *size = arena_printf(r->arena, y->size == x->size && alike ? "%lld" : "%lldx%lld",
                                    (long long)y->size, (long long)x->size);
    const char *jump =
        arena_printf(r->arena, y->jump == x->jump && alike ? "%g" : "%gx%g", y->jump, x->jump);
    if (!alike) {
        size = arena_printf(r->arena, "%lldx%s", (long long)z->size, size);
        jump = arena_printf(r->arena, "%gx%s", z->jump, jump);
    }
    grid_set(row, LAYER_field, size);
    grid_set(row, LAYER_jump, y->jump > 0 || x->jump > 0 || z->jump > 0 ? jump : "-");
}

static void set_time(const struct report *r, struct grid_row *row, const struct report_item *item)
{
    double us = item_us(r, item);
    if (us > 0)
        grid_set(row, LAYER_us, arena_printf(r->arena, "%.1f", us));
    if (item->row && item->row->predicted)
        grid_set(row, LAYER_bound, row_bound(item->row));
    else if (item->row && r->machine && item->row->host != FROM_INPUT)
        grid_set(row, LAYER_bound,
                 arena_printf(r->arena, "in %s", r->rows.at[item->row->host].name));
}

static void add_inputs(struct grid *g, const struct report *r)
{
    for (size_t i = 0; i < r->inputs.n; i++) {
        struct grid_row *row = grid_add(g);
        struct text t;
        text_init(&t, r->arena);
        type_print_image(&t, &r->inputs.at[i].type);
        grid_set(row, LAYER_name, r->inputs.at[i].name);
        grid_set(row, LAYER_operator, "input");
        grid_set(row, LAYER_output, text_string(&t));
    }
}

/* Tables of stored results have the input in their sum. */
static void add_with_input(struct grid *g, const struct report *r)
{
    const enum activations counted = r->options->activations;
    if (counted != ACTIVATIONS_stored && counted != ACTIVATIONS_course)
        return;
    struct grid_row *row = grid_add(g);
    grid_set(row, LAYER_name, "with input");
    grid_set(row, LAYER_activation, number(r, r->total.at[FIGURE_activations] + r->input_elements));
}

/* What the machine allows at most, below what is predicted. */
static void add_roofline(struct grid *g, const struct report *r)
{
    struct grid_row *row = grid_add(g);
    grid_set(row, LAYER_name, "roofline");
    grid_set(row, LAYER_us, arena_printf(r->arena, "%.1f", r->roofline_us));
}

static void make_layers(struct block *b, const struct report *r)
{
    struct grid *g = &b->grid;
    struct report_view view;
    grid_init(g, r->arena, with_count(r, layer_columns, N_LAYER, LAYER_count),
              has_times(r) ? N_LAYER : LAYER_us);
    view_init(&view, r);
    add_inputs(g, r);
    for (size_t i = 0; i < view.items.n; i++) {
        const struct report_item *item = &view.items.at[i];
        struct grid_row *row = grid_add(g);
        grid_set(row, LAYER_name, item_name(item));
        grid_set(row, LAYER_operator, item_operator(r->arena, item));
        grid_set(row, LAYER_output, item_output(r->arena, r, item));
        set_figures(r, row, item->figures);
        set_field(r, row, item);
        if (has_times(r))
            set_time(r, row, item);
    }
    struct grid_row *row = grid_add(g);
    row->rule = true;
    if (has_times(r))
        grid_set(row, LAYER_us, arena_printf(r->arena, "%.1f", r->predicted_us));
    grid_set(row, LAYER_name, "total");
    set_figures(r, row, &r->total);
    if (has_times(r))
        add_roofline(g, r);
    add_with_input(g, r);
}

/* ---- sums with their shares ---- */

static const struct grid_column scope_columns[] = {
    {"scope", GRID_wide}, {"block", GRID_left}, {"params", GRID_right},     {"%", GRID_right},
    {"macs", GRID_right}, {"%", GRID_right},    {"activation", GRID_right}, {"%", GRID_right},
};
static const struct grid_column operator_columns[] = {
    {"operator", GRID_wide}, {"count", GRID_right}, {"params", GRID_right},     {"%", GRID_right},
    {"macs", GRID_right},    {"%", GRID_right},     {"activation", GRID_right}, {"%", GRID_right},
};
static const struct grid_column device_columns[] = {
    {"device", GRID_right},     {"operators", GRID_right},
    {"params", GRID_right},     {"%", GRID_right},
    {"macs", GRID_right},       {"%", GRID_right},
    {"activation", GRID_right}, {"%", GRID_right},
    {"bytes", GRID_right},      {"bytes received", GRID_right},
};
enum { N_SHARES = 8, DEVICE_bytes = N_SHARES, DEVICE_received, N_DEVICE };
enum { SHARED_count = 4 };

static void set_share(const struct report *r, struct grid_row *row, size_t at, int64_t part,
                      int64_t all)
{
    grid_set(row, at, number(r, part));
    grid_set(row, at + 1, part ? grid_percent(r->arena, report_share(part, all)) : "");
}

static void set_shares(const struct report *r, struct grid_row *row, const struct figures *f)
{
    const struct figures *all = &r->total;
    set_share(r, row, 2, f->at[FIGURE_params], all->at[FIGURE_params]);
    set_share(r, row, SHARED_count, f->flops[r->flops], all->flops[r->flops]);
    set_share(r, row, 6, f->at[FIGURE_activations], all->at[FIGURE_activations]);
}

static void make_scopes(struct block *b, const struct report *r)
{
    b->heading = "By scope";
    grid_init(&b->grid, r->arena, with_count(r, scope_columns, N_SHARES, SHARED_count), N_SHARES);
    int64_t depth = r->options->depth > 0 ? r->options->depth : 1;
    for (size_t i = 0; i < r->scopes.n; i++) {
        const struct report_scope *scope = &r->scopes.at[i];
        if (scope->depth > depth)
            continue;
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, scope->path);
        grid_set(row, 1, scope->kind);
        set_shares(r, row, &scope->figures);
    }
}

static void make_operators(struct block *b, const struct report *r)
{
    b->heading = "By operator";
    grid_init(&b->grid, r->arena, with_count(r, operator_columns, N_SHARES, SHARED_count),
              N_SHARES);
    for (size_t i = 0; i < r->operators.n; i++) {
        const struct report_operator *o = &r->operators.at[i];
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, op_info(o->op)->name);
        grid_set(row, 1, grid_number(r->arena, o->count));
        set_shares(r, row, &o->figures);
    }
}

static void make_devices(struct block *b, const struct report *r)
{
    b->heading = "By device";
    grid_init(&b->grid, r->arena, with_count(r, device_columns, N_DEVICE, SHARED_count), N_DEVICE);
    for (size_t i = 0; i < r->devices.n; i++) {
        const struct report_device *d = &r->devices.at[i];
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, arena_printf(r->arena, "%d", d->device));
        grid_set(row, 1, grid_number(r->arena, d->count));
        set_shares(r, row, &d->figures);
        grid_set(row, DEVICE_bytes, number(r, report_device_bytes(d)));
        grid_set(row, DEVICE_received, number(r, d->received_bytes));
    }
}

/* ---- what is found ---- */

static const struct grid_column found_columns[] = {
    {"found by", GRID_left}, {"at most", GRID_right}, {"macs", GRID_right},
    {"each", GRID_right},    {"none", GRID_right},    {"activation each", GRID_right},
};
enum { N_FOUND = 6, FOUND_count = 2 };

static void make_founds(struct block *b, const struct report *r)
{
    const struct report_founds all = report_founds(r);
    b->heading = "By the number found";
    grid_init(&b->grid, r->arena, with_count(r, found_columns, N_FOUND, FOUND_count), N_FOUND);
    for (size_t i = 0; i < all.list.n; i++) {
        const struct report_found *f = &all.list.at[i];
        const int64_t part = f->figures.flops[r->flops], whole = r->total.flops[r->flops];
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, f->name);
        grid_set(row, 1, grid_number(r->arena, f->most));
        grid_set(row, FOUND_count, number(r, whole));
        grid_set(row, 3, number(r, part / f->most));
        grid_set(row, 4, number(r, whole - part));
        grid_set(row, 5, number(r, f->figures.at[FIGURE_activations] / f->most));
    }
}

/* ---- conventions ---- */

static const struct grid_column convention_columns[] = {
    {"--flops", GRID_left},
    {"total", GRID_right},
    {"counts", GRID_wide},
};

/* --flops=all: one network under each. */
static void make_conventions(struct block *b, const struct report *r)
{
    b->heading = "By convention";
    grid_init(&b->grid, r->arena, convention_columns, 3);
    if (!r->options->flops || strcmp(r->options->flops, "all"))
        return;
    for (int i = 0; i < N_CONVENTIONS; i++) {
        struct grid_row *row = grid_add(&b->grid);
        const struct convention_info *info = convention_info((enum convention)i);
        grid_set(row, 0, info->name);
        grid_set(row, 1, number(r, r->total.flops[i]));
        grid_set(row, 2, info->doc);
    }
}

/* ---- memory ---- */

static const struct grid_column memory_columns[] = {
    {"", GRID_left}, {"", GRID_right}, {"", GRID_left}};
enum { N_MEMORY = 3 };

static void add_memory(struct grid *g, const struct report *r, const char *what, int64_t bytes)
{
    struct grid_row *row = grid_add(g);
    grid_set(row, 0, what);
    grid_set(row, 1, arena_printf(r->arena, "%s B", grid_number(r->arena, bytes)));
    grid_set(row, 2, grid_bytes(r->arena, bytes));
}

static void add_trainer(struct grid *g, const struct report *r)
{
    const struct report_trainer *t = &r->training_memory.program;
    if (!t->known)
        return;
    add_memory(g, r, "to train, netc: parameters", t->params);
    add_memory(g, r, "  the same, packed", t->packed);
    add_memory(g, r, arena_printf(r->arena, "  what %s keeps", t->optimizer), t->states);
    add_memory(g, r, "  their gradients", t->gradients);
    add_memory(g, r, "  batches and results", t->batches);
    add_memory(g, r, "  arena", t->arena);
    add_memory(g, r, "to train, netc: all of these", t->all);
    if (t->keep == 1)
        return;
    struct grid_row *row = grid_add(g);
    grid_set(row, 0,
             arena_printf(r->arena, "  by keeping %s; again", report_keep_text(r->arena, t->keep)));
    grid_set(row, 1, arena_printf(r->arena, "%s macs", grid_number(r->arena, t->again)));
}

static void add_training(struct grid *g, const struct report *r)
{
    const struct training *t = &r->training_memory.bytes;
    if (!r->training_memory.known)
        return;
    add_memory(g, r, "to train: kept for the backward pass", t->saved);
    for (int i = 0; i < N_OPTIMIZERS; i++)
        add_memory(
            g, r,
            arena_printf(r->arena, "to train: peak with %s", optimizer_name((enum optimizer)i)),
            t->peak[i]);
    add_memory(g, r, "  rule of thumb: 2 activations + 3 params", t->lecture[0]);
    add_memory(g, r, "  rule of thumb: 2 activations + 4 params", t->lecture[1]);
    add_trainer(g, r);
}

/* What the packed weights are stored as is said where it is not f32. */
static const char *packed_text(const struct report *r)
{
    const enum netrt_stored stored = r->options->stored;
    const char *as = stored == NETRT_STORED_f32 ? "" : " as ";
    return arena_printf(r->arena, "to run: weights, packed%s%s", as,
                        *as ? netrt_stored_name(stored) : "");
}

static void make_memory(struct block *b, const struct report *r)
{
    const struct report_memory *m = &r->memory;
    struct grid *g = &b->grid;
    b->heading = "Memory";
    grid_init(g, r->arena, memory_columns, N_MEMORY);
    add_memory(g, r, "parameters, f32", r->weights_bytes);
    add_memory(g, r, "buffers of bn, f32", r->total.at[FIGURE_buffers] * BYTES_f32);
    if (m->known) {
        add_memory(g, r, packed_text(r), m->packed_bytes);
        add_memory(g, r, "to run: arena", m->arena_bytes);
        add_memory(g, r, "  its lower bound", m->lower_bound_bytes);
        add_memory(g, r, "  every buffer by itself", m->naive_bytes);
        add_memory(g, r, "to run: weights + arena", m->packed_bytes + m->arena_bytes);
    }
    add_training(g, r);
}

static const struct grid_column checkpoint_columns[] = {
    {"keep", GRID_left}, {"tensors", GRID_right},    {"peak", GRID_right},
    {"%", GRID_right},   {"macs again", GRID_right}, {"%", GRID_right},
};

static void make_checkpoints(struct block *b, const struct report *r)
{
    const struct checkpoints *c = &r->training_memory.checkpoints;
    b->heading = "Checkpointing: memory against recomputation, in training";
    grid_init(&b->grid, r->arena, checkpoint_columns, 6);
    for (size_t i = 0; i < c->n && c->n > 1; i++) {
        struct grid_row *row = grid_add(&b->grid);
        const struct checkpoint *at = &c->at[i];
        grid_set(row, 0, report_keep_text(r->arena, at->keep));
        grid_set(row, 1, grid_number(r->arena, at->points));
        grid_set(row, 2, grid_bytes(r->arena, at->peak_bytes));
        grid_set(row, 3, grid_percent(r->arena, report_share(at->peak_bytes, c->at[0].peak_bytes)));
        grid_set(row, 4, number(r, at->extra_macs));
        grid_set(row, 5,
                 grid_percent(r->arena, report_share(at->extra_macs, r->total.at[FIGURE_macs])));
    }
}

/* ---- a step of training ---- */

static const struct grid_column step_columns[] = {
    {"ranks", GRID_right},       {"runs each", GRID_right}, {"exchange ms", GRID_right},
    {"step ms", GRID_right},     {"a second", GRID_right},  {"speedup", GRID_right},
    {"efficiency %", GRID_right}};
enum { N_STEP = 7, STEP_ALONE = 5 };

static void make_step(struct block *b, const struct report *r)
{
    const struct report_step *s = &r->step;
    b->heading = arena_printf(r->arena, "A step of training, predicted: %s pictures%s%s",
                              grid_number(r->arena, s->pictures), s->link ? ", by " : "",
                              s->link ? s->link->name : "");
    grid_init(&b->grid, r->arena, step_columns, s->link ? N_STEP : STEP_ALONE);
    for (size_t i = 0; i < s->ranks.n; i++) {
        const struct report_ranks *at = &s->ranks.at[i];
        const double speedup = s->ranks.at[0].time.us / at->time.us;
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, grid_number(r->arena, at->ranks));
        grid_set(row, 1, grid_number(r->arena, at->time.runs));
        grid_set(row, 2, arena_printf(r->arena, "%.3f", at->time.exchange_us / 1e3));
        grid_set(row, 3, arena_printf(r->arena, "%.3f", at->time.us / 1e3));
        grid_set(row, 4, grid_real(r->arena, (double)s->pictures / at->time.us * 1e6));
        if (!s->link)
            continue;
        grid_set(row, STEP_ALONE, arena_printf(r->arena, "%.2f", speedup));
        grid_set(row, STEP_ALONE + 1, grid_percent(r->arena, 100 * speedup / (double)at->ranks));
    }
}

/* ---- budgets and warnings ---- */

static const struct grid_column budget_columns[] = {
    {"budget", GRID_left}, {"is", GRID_right}, {"", GRID_left}};
static const struct grid_column warning_columns[] = {
    {"warning", GRID_left}, {"line", GRID_right}, {"", GRID_wide}};

static void make_budgets(struct block *b, const struct report *r)
{
    b->heading = "Budgets";
    grid_init(&b->grid, r->arena, budget_columns, 3);
    for (size_t i = 0; i < r->budgets.n; i++) {
        const struct report_budget *budget = &r->budgets.at[i];
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, budget->text);
        grid_set(row, 1, grid_real(r->arena, budget->value));
        grid_set(row, 2, budget->holds ? "holds" : "broken");
    }
}

static void make_warnings(struct block *b, const struct report *r)
{
    b->heading = "Warnings";
    grid_init(&b->grid, r->arena, warning_columns, 3);
    for (size_t i = 0; i < r->warnings.n; i++) {
        const struct report_warning *w = &r->warnings.at[i];
        struct grid_row *row = grid_add(&b->grid);
        grid_set(row, 0, w->id);
        grid_set(row, 1, arena_printf(r->arena, "%u", (unsigned)report_line(r, w->span)));
        grid_set(row, 2, w->text);
    }
}

void blocks_make(struct block *blocks, const struct report *r)
{
    static void (*const makers[N_BLOCKS])(struct block *, const struct report *) = {
        [BLOCK_layers] = make_layers,       [BLOCK_scopes] = make_scopes,
        [BLOCK_operators] = make_operators, [BLOCK_conventions] = make_conventions,
        [BLOCK_devices] = make_devices,     [BLOCK_founds] = make_founds,
        [BLOCK_memory] = make_memory,       [BLOCK_checkpoints] = make_checkpoints,
        [BLOCK_step] = make_step,           [BLOCK_budgets] = make_budgets,
        [BLOCK_warnings] = make_warnings,
    };
    for (int i = 0; i < N_BLOCKS; i++) {
        blocks[i] = (struct block){.heading = ""};
        makers[i](&blocks[i], r);
    }
}

const char *blocks_title(const struct report *r)
{
    struct text t;
    text_init(&t, r->arena);
    text_printf(&t, "%s: batch %lld, f32", r->network, (long long)r->batch);
    if (r->target)
        text_printf(&t, ", %s", r->target);
    if (r->training)
        text_append(&t, ", in training");
    if (r->machine)
        text_printf(&t, ", on %s: %d thread%s", r->machine->name, r->threads,
                    r->threads > 1 ? "s" : "");
    return text_string(&t);
}
