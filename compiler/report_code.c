#include "report_code.h"

#include "emit/emit.h"

/* Lines of a text, whose newlines are counted once, from its start to its end. */
struct lines {
    const char *text;
    size_t at;
    int64_t number; /* of the line at `at` */
};

static int64_t line_at(struct lines *l, size_t offset)
{
    if (offset < l->at)
        *l = (struct lines){l->text, 0, 1};
    for (; l->at < offset; l->at++)
        l->number += l->text[l->at] == '\n';
    return l->number;
}

static void add_lines(struct report *r, struct report_row *row, struct lines *l,
                      const struct emit_range *range)
{
    const int64_t first = line_at(l, range->begin), last = line_at(l, range->end) - 1;
    VEC_PUSH(r->arena, &row->code, ((struct report_lines){first, last}));
}

void report_add_code(struct report *r, const struct product *p)
{
    struct plan one = *p->plan;
    one.next = NULL;
    struct emit_ranges ranges = {arena_array(r->arena, one.tasks.n, sizeof *ranges.task),
                                 arena_array(r->arena, one.steps.n, sizeof *ranges.call)};
    const struct emit_options options = {.name = p->name, .ranges = &ranges};
    struct text c;
    text_init(&c, r->arena);
    emit_c(&c, p->diags, &one, &options);
    r->code = text_string(&c);
    struct lines lines = {r->code, 0, 1};
    for (size_t i = 0; i < one.steps.n; i++) {
        const struct plan_step *step = &one.steps.at[i];
        struct report_row *row = report_row_of(r, step->node->written);
        if (!row)
            continue;
        add_lines(r, row, &lines, &ranges.task[step->task]);
        add_lines(r, row, &lines, &ranges.call[plan_step_written(&one, (int)i)]);
    }
}
