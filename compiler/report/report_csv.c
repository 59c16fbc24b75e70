/* RFC 4180: fields with commas, quotes or ends of lines in quotes. */
#include "report/forms.h"
#include "report/view.h"

#include <string.h>

void csv_word(struct text *t, const char *s)
{
    if (!s[strcspn(s, ",\"\r\n")]) {
        text_append(t, s);
        return;
    }
    text_append(t, "\"");
    for (; *s; s++)
        text_printf(t, *s == '"' ? "\"%c" : "%c", *s);
    text_append(t, "\"");
}

void csv_figures(struct text *t)
{
    for (int i = 0; i < N_FIGURES; i++)
        text_printf(t, ",%s", figure_info((enum figure)i)->name);
    for (int i = 0; i < N_CONVENTIONS; i++)
        text_printf(t, ",flops_%s", convention_info((enum convention)i)->name);
}

static void print_header(struct text *t)
{
    text_append(t, "name,operator,input,output");
    csv_figures(t);
    text_append(t, ",field_h,field_w,jump_h,jump_w,offset_h,offset_w,bound,predicted_us\n");
}

/* "1x64x56x56 1x64x56x56": the shapes of all operands. */
static void print_inputs(struct text *t, const struct report_row *row)
{
    for (int i = 0; i < row->n_inputs; i++) {
        text_append(t, i ? " " : "");
        type_print_dims(t, &row->input[i]);
    }
}

static void print_shapes(struct text *t, const struct report *r, const struct report_item *item)
{
    const struct report_scope *s = item->scope;
    print_inputs(t, s ? &r->rows.at[s->first_row] : item->row);
    text_append(t, ",");
    type_print_dims(t, &item_last(r, item)->output);
}

static void print_field(struct text *t, const struct fields *f)
{
    const struct field *y = &f->axis[0], *x = &f->axis[1];
    text_printf(t, ",%lld,%lld,%g,%g,%lld,%lld", (long long)y->size, (long long)x->size, y->jump,
                x->jump, (long long)y->offset, (long long)x->offset);
}

/* Empty where no kernel of its own computes it, or no machine is known; a scope has no bound. */
static void print_time(struct text *t, const struct report *r, const struct report_item *item)
{
    const double us = item_us(r, item);
    const bool predicted = item->row ? item->row->predicted : us > 0;
    text_printf(t, ",%s", item->row && predicted ? row_bound(item->row) : "");
    text_printf(t, predicted ? ",%.3f\n" : ",\n", us);
}

void report_csv(struct text *t, const struct report *r)
{
    struct report_view view;
    view_init(&view, r);
    print_header(t);
    for (size_t i = 0; i < view.items.n; i++) {
        const struct report_item *item = &view.items.at[i];
        csv_word(t, item_name(item));
        text_append(t, ",");
        csv_word(t, item_operator(r->arena, item));
        text_append(t, ",");
        print_shapes(t, r, item);
        for (int f = 0; f < N_FIGURES; f++)
            text_printf(t, ",%lld", (long long)item->figures->at[f]);
        for (int f = 0; f < N_CONVENTIONS; f++)
            text_printf(t, ",%lld", (long long)item->figures->flops[f]);
        print_field(t, &item_last(r, item)->field);
        print_time(t, r, item);
    }
}
