/* What a step makes and costs, and what names mean. */
#include "lsp/request.h"

#include "cost/cost.h"

#include <inttypes.h>
#include <string.h>

static void put_shape(struct text *t, const struct type *type)
{
    type_print_image(t, type);
}

const char *spot_shape(struct arena *arena, const struct spot *s)
{
    struct text t;
    text_init(&t, arena);
    put_shape(&t, &s->last->type);
    if (!type_equal_dims(&s->last->type, &s->latest->type)) {
        text_append(&t, " … ");
        put_shape(&t, &s->latest->type);
    }
    return text_string(&t);
}

/* 1,234,567 */
static void put_count(struct text *t, int64_t n)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%" PRId64, n);
    for (int i = 0; i < length; i++)
        text_printf(t, "%s%c", i && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

/* The sum over all that a spot made at its first time; false: it is too large to say. */
static bool count_spot(const struct spot *s, struct counts *sum)
{
    *sum = (struct counts){0};
    for (size_t i = 0; i < s->graph->nodes.n; i++) {
        struct counts c;
        const struct node *node = s->graph->nodes.at[i];
        if (!spot_made(s, node))
            continue;
        if (!cost_count(node, &c) || __builtin_add_overflow(sum->params, c.params, &sum->params) ||
            __builtin_add_overflow(sum->macs, c.macs, &sum->macs))
            return false;
    }
    return true;
}

static void put_field(struct text *t, const struct spot *s)
{
    const struct fields *f = s->fields ? &s->fields[s->last->id] : NULL;
    if (!f || s->last->type.rank != 4)
        return;
    text_printf(t, "\n\nreceptive field: %" PRId64 "×%" PRId64, f->axis[0].size, f->axis[1].size);
    if (f->axis[0].jump > 0)
        text_printf(t, ", step %g", f->axis[0].jump);
}

static void put_spot(struct text *t, const struct spot *s)
{
    struct counts c;
    text_append(t, "`");
    if (s->first->n_inputs == 1 && !s->frame) {
        put_shape(t, &s->first->input[0]->type);
        text_append(t, " → ");
    }
    put_shape(t, &s->last->type);
    text_append(t, "`");
    if (!type_equal_dims(&s->last->type, &s->latest->type)) {
        text_append(t, " … `");
        put_shape(t, &s->latest->type);
        text_append(t, "`");
    }
    if (s->times > 1)
        text_printf(t, " (%" PRId64 " times)", s->times);
    if (count_spot(s, &c)) {
        text_append(t, "\n\nparameters: ");
        put_count(t, c.params);
        text_append(t, ", multiply-accumulates: ");
        put_count(t, c.macs);
    }
    put_field(t, s);
}

/* `conv(out, kernel, stride=1, …)` and what it is. */
static void put_operator(struct text *t, enum op op)
{
    const struct op_info *info = op_info(op);
    text_printf(t, "**%s**(", info->name);
    for (int i = 0; i < info->n_attrs; i++)
        text_printf(t, "%s%s", i ? ", " : "", info->attrs[i].name);
    text_printf(t, "): %s", info->doc);
    for (int i = 0; i < info->n_attrs; i++)
        text_printf(t, "\n- `%s`: %s", info->attrs[i].name, info->attrs[i].doc);
}

/* The line that defines a symbol. */
static void put_symbol(struct text *t, const struct request *r, const struct symbol *s)
{
    static const char *const words[] = {
#define SYMBOL(id, word, lsp_symbol, lsp_completion, token) word,
#include "lsp/symbols.def"
    };
    const struct source *source = sources_get(&r->analysis->sources, s->span.source);
    size_t n;
    const char *line = source_line(source, source_line_number(source, s->span.begin), &n);
    while (n && (*line == ' ' || *line == '\t')) {
        line++;
        n--;
    }
    text_printf(t, "%s **%s**\n\n```net\n%.*s\n```", words[s->kind], s->name, (int)n, line);
}

static const struct word *word_at(const struct request *r)
{
    for (size_t i = 0; i < r->analysis->words.list.n; i++) {
        const struct word *w = &r->analysis->words.list.at[i];
        if (w->span.begin <= r->offset && r->offset < w->span.end)
            return w;
    }
    return NULL;
}

static enum op operator_of(const struct request *r, const struct word *w)
{
    const char *name = span_text(r, w->span);
    enum op op = op_find(name, CLASS_LAYER);
    for (enum op_class class = CLASS_FORK; class < CLASS_INTERNAL; class ++)
        op = op == N_OPS ? op_find(name, class) : op;
    return op;
}

static void put_name(struct text *t, const struct request *r, const struct word *w)
{
    const struct use *use = index_at(&r->analysis->index, r->analysis->source, r->offset);
    bool name = w->kind == WORD_name || w->kind == WORD_keyword;
    enum op op = !use && name ? operator_of(r, w) : N_OPS;
    if (use)
        put_symbol(t, r, use->symbol);
    else if (op != N_OPS)
        put_operator(t, op);
}

json_t *answer_hover(struct request *r)
{
    const struct word *w = word_at(r);
    const struct spot *spot = spots_at(&r->analysis->spots, r->offset);
    struct text t;
    text_init(&t, r->scratch);
    if (!w || w->kind == WORD_comment)
        return json_null();
    put_name(&t, r, w);
    if (spot) {
        text_append(&t, t.n ? "\n\n" : "");
        put_spot(&t, spot);
    }
    if (!t.n)
        return json_null();
    return json_pack("{s:{s:s, s:s}, s:o}", "contents", "kind", "markdown", "value",
                     text_string(&t), "range", range_json(r->source, w->span, r->encoding));
}
