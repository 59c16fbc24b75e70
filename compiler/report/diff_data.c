/* A difference for programs, csv and JSON, and the page that is made of it. */
#include "report/diff.h"
#include "report/forms.h"
#include "report/json.h"
#include "report/page.h"
#include "report/report.h"
#include "report/view.h"

enum { SCHEMA = 1 };

static const struct figures *figures_of(const struct report_row *row)
{
    static const struct figures none;
    return row ? &row->figures : &none;
}

/* ---- csv ---- */

static void print_header(struct text *t)
{
    text_append(t, "change,name,operator_first,operator_second,output_first,output_second");
    for (int i = 0; i < N_FIGURES; i++) {
        const char *name = figure_info((enum figure)i)->name;
        text_printf(t, ",%s_first,%s_second", name, name);
    }
    for (int i = 0; i < N_CONVENTIONS; i++) {
        const char *name = convention_info((enum convention)i)->name;
        text_printf(t, ",flops_%s_first,flops_%s_second", name, name);
    }
    text_append(t, ",name_first,name_second\n");
}

static void print_name_of(struct text *t, const struct report_row *row)
{
    text_append(t, ",");
    if (row && row->name)
        csv_word(t, row->name);
}

static void print_operator_of(struct text *t, struct arena *arena, const struct report_row *row)
{
    text_append(t, ",");
    if (row)
        csv_word(t, row_operator(arena, row));
}

static void print_output(struct text *t, const struct report_row *row)
{
    text_append(t, ",");
    if (row)
        type_print_dims(t, &row->output);
}

static void print_two(struct text *t, int64_t was, int64_t is)
{
    text_printf(t, ",%lld,%lld", (long long)was, (long long)is);
}

static void print_pair(struct text *t, struct arena *arena, const struct pair *p)
{
    const struct figures *was = figures_of(p->was), *is = figures_of(p->is);
    text_printf(t, "%s,", pair_change(p));
    csv_word(t, pair_name(p));
    print_operator_of(t, arena, p->was);
    print_operator_of(t, arena, p->is);
    print_output(t, p->was);
    print_output(t, p->is);
    for (int i = 0; i < N_FIGURES; i++)
        print_two(t, was->at[i], is->at[i]);
    for (int i = 0; i < N_CONVENTIONS; i++)
        print_two(t, was->flops[i], is->flops[i]);
    print_name_of(t, p->was);
    print_name_of(t, p->is);
    text_append(t, "\n");
}

void diff_csv(struct text *t, const struct diff *d)
{
    print_header(t);
    for (size_t i = 0; i < d->changes.n; i++)
        print_pair(t, d->is->arena, &d->changes.at[i]);
}

/* ---- JSON ---- */

/* null for an operator that a network has not. */
static json_t *operator(const struct report *r, const struct report_row *row)
{
    if (!row)
        return json_null();
    json_t *o = json_object();
    json_set_string(o, "name", row->name ? row->name : "");
    json_set_string(o, "op", op_info(row->op)->name);
    json_set_string(o, "operator", row_operator(r->arena, row));
    json_object_set_new(o, "output", json_shape(&row->output));
    json_set_figures(o, &row->figures);
    return o;
}

static json_t *change(const struct diff *d, const struct pair *p)
{
    json_t *o = json_object();
    json_set_string(o, "change", pair_change(p));
    json_set_string(o, "name", pair_name(p));
    json_object_set_new(o, "first", operator(d->was, p->was));
    json_object_set_new(o, "second", operator(d->is, p->is));
    return o;
}

/* Figures of the whole, as far as they are known. */
static json_t *whole(const struct report *r)
{
    static const char *const names[] = {"field", "arena", "train_bytes", "time"};
    json_t *o = json_object();
    double value;
    if (r->memory.known)
        json_set_int(o, "packed_weights_bytes", r->memory.packed_bytes);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (report_figure(r, names[i], &value))
            json_object_set_new(o, names[i], json_real(value));
    return o;
}

static json_t *network(const struct report *r)
{
    json_t *o = json_object(), *totals = json_object();
    json_set_string(o, "network", r->network);
    json_set_string(o, "file", r->file);
    json_set_int(o, "batch", r->batch);
    json_set_figures(totals, &r->total);
    json_object_set_new(o, "totals", totals);
    json_object_set_new(o, "whole", whole(r));
    return o;
}

void diff_json(struct text *t, const struct diff *d)
{
    json_begin();
    json_t *o = json_object(), *changes = json_array();
    for (size_t i = 0; i < d->changes.n; i++)
        json_array_append_new(changes, change(d, &d->changes.at[i]));
    json_set_int(o, "schema", SCHEMA);
    json_set_string(o, "flops", convention_info(d->is->flops)->name);
    json_object_set_new(o, "first", network(d->was));
    json_object_set_new(o, "second", network(d->is));
    json_object_set_new(o, "changes", changes);
    json_print(t, o);
}

/* ---- the page ---- */

bool diff_html(struct text *t, const struct diff *d, struct diags *diags)
{
    static const struct grid_style plain;
    struct arena *arena = d->is->arena;
    struct text json, text;
    text_init(&json, arena);
    text_init(&text, arena);
    diff_json(&json, d);
    diff_text(&text, d, FORM_text, &plain);
    const struct page_content content = {text_string(&json), text_string(&text)};
    return page_print(t, arena, diags, "diff.html", &content);
}
