#include "report/explain.h"

#include "report/view.h"

#include <string.h>

static const struct grid_column columns[] = {
    {"figure", GRID_left}, {"formula", GRID_left}, {"with its numbers", GRID_left}};
enum { FIGURE, FORMULA, NUMBERS, N_COLUMNS };

static bool is_asked_for(const struct report *r)
{
    for (size_t i = 0; i < r->rows.n; i++)
        if (r->rows.at[i].explained.n)
            return true;
    return false;
}

bool explain_finds(const struct report *r, const char **nearest)
{
    struct nearest n;
    nearest_init(&n, r->options->explain_layer ? r->options->explain_layer : "");
    for (size_t i = 0; i < r->rows.n; i++)
        if (r->rows.at[i].name)
            nearest_offer(&n, r->rows.at[i].name);
    for (size_t i = 0; i < r->scopes.n; i++)
        nearest_offer(&n, r->scopes.at[i].path);
    *nearest = nearest_best(&n);
    return !r->options->explain_layer || is_asked_for(r);
}

static const char *symbols_text(struct arena *arena, const struct formula *formula)
{
    struct text t;
    text_init(&t, arena);
    formula_print_symbols(&t, formula);
    return text_string(&t);
}

static const char *numbers_text(struct arena *arena, const struct formula *formula)
{
    struct text t;
    text_init(&t, arena);
    formula_print_numbers(&t, formula);
    return text_string(&t);
}

/* "c1: conv 5x5, 1x32x32 -> 6x28x28, examples/lenet.net:12" */
static void print_heading(struct text *t, const struct report *r, const struct report_row *row)
{
    const char *file = report_file(r, row->span);
    text_append_harmless(t, row->name ? row->name : "");
    text_printf(t, ": %s, ", row_operator(r->arena, row));
    for (int i = 0; i < row->n_inputs; i++) {
        text_append(t, i ? " and " : "");
        type_print_image(t, &row->input[i]);
    }
    text_append(t, row->n_inputs ? " -> " : "");
    type_print_image(t, &row->output);
    if (!file)
        return;
    text_append(t, ", ");
    text_append_harmless(t, file);
    text_printf(t, ":%u", (unsigned)report_line(r, row->span));
}

static void print_row(struct text *t, const struct report *r, const struct report_row *row,
                      const struct grid_style *style)
{
    const bool md = r->options->report == FORM_md;
    struct grid g;
    grid_init(&g, r->arena, columns, N_COLUMNS);
    for (size_t i = 0; i < row->explained.n; i++) {
        const struct explanation *e = &row->explained.at[i];
        struct grid_row *line = grid_add(&g);
        grid_set(line, FIGURE, e->figure);
        grid_set(line, FORMULA, symbols_text(r->arena, e->quantity.formula));
        grid_set(line, NUMBERS, numbers_text(r->arena, e->quantity.formula));
    }
    text_append(t, md ? "## " : "");
    print_heading(t, r, row);
    text_append(t, "\n\n");
    if (md)
        grid_print_md(&g, t);
    else
        grid_print_text(&g, t, style);
    text_append(t, "\n");
}

static void mark_symbols(const struct report *r, bool used[N_SYMBOLS])
{
    for (size_t i = 0; i < r->rows.n; i++)
        for (size_t k = 0; k < r->rows.at[i].explained.n; k++)
            formula_symbols(r->rows.at[i].explained.at[k].quantity.formula, used);
}

static const struct grid_column symbol_columns[] = {{"symbol", GRID_left}, {"meaning", GRID_left}};

static void print_symbols(struct text *t, const struct report *r, const struct grid_style *style)
{
    bool used[N_SYMBOLS] = {0};
    struct grid g;
    mark_symbols(r, used);
    grid_init(&g, r->arena, symbol_columns, 2);
    for (int i = 0; i < N_SYMBOLS; i++)
        if (used[i]) {
            struct grid_row *line = grid_add(&g);
            grid_set(line, 0, symbol_name((enum formula_symbol)i));
            grid_set(line, 1, symbol_doc((enum formula_symbol)i));
        }
    if (r->options->report == FORM_md)
        grid_print_md(&g, t);
    else
        grid_print_text(&g, t, style);
}

void explain_print(struct text *t, const struct report *r, const struct grid_style *style)
{
    for (size_t i = 0; i < r->rows.n; i++)
        if (r->rows.at[i].explained.n)
            print_row(t, r, &r->rows.at[i], style);
    print_symbols(t, r, style);
}

json_t *explain_json(struct arena *arena, const struct report_row *row)
{
    json_t *list = json_array();
    for (size_t i = 0; i < row->explained.n; i++) {
        const struct explanation *e = &row->explained.at[i];
        json_t *o = json_object();
        json_set_string(o, "figure", e->figure);
        json_set_string(o, "formula", symbols_text(arena, e->quantity.formula));
        json_set_string(o, "numbers", numbers_text(arena, e->quantity.formula));
        json_set_int(o, "value", e->quantity.value);
        json_array_append_new(list, o);
    }
    return list;
}

json_t *explain_symbols_json(const struct report *r)
{
    bool used[N_SYMBOLS] = {0};
    json_t *o = json_object();
    mark_symbols(r, used);
    for (int i = 0; i < N_SYMBOLS; i++)
        if (used[i])
            json_set_string(o, symbol_name((enum formula_symbol)i),
                            symbol_doc((enum formula_symbol)i));
    return o;
}
