/* The parts of a text: definitions and what stands in them, and what can be folded. */
#include "lsp/request.h"

static const int symbol_kinds[] = {
#define SYMBOL(id, word, lsp_symbol, lsp_completion, token) lsp_symbol,
#include "lsp/symbols.def"
};

/* Definitions, and labelled steps and inputs in them. */
static bool is_part(const struct symbol *s)
{
    return s->kind != SYMBOL_parameter && s->kind != SYMBOL_variable;
}

static json_t *children_json(const struct request *, const struct symbol *parent);

static json_t *symbol_json(const struct request *r, const struct symbol *s)
{
    struct span whole = s->whole;
    whole.begin = s->span.begin < whole.begin ? s->span.begin : whole.begin;
    whole.end = s->span.end > whole.end ? s->span.end : whole.end;
    return json_pack("{s:s, s:i, s:o, s:o, s:o}", "name", *s->name ? s->name : "?", "kind",
                     symbol_kinds[s->kind], "range", range_json(r->source, whole, r->encoding),
                     "selectionRange", range_json(r->source, s->span, r->encoding), "children",
                     children_json(r, s));
}

/* The tree nests at most as deep as bodies do. */
static json_t *children_json(const struct request *r, const struct symbol *parent)
{
    const struct index *x = &r->analysis->index;
    json_t *list = json_array();
    for (size_t i = 0; i < x->symbols.n; i++) {
        const struct symbol *s = x->symbols.at[i];
        if (s->parent == parent && s->span.source == r->analysis->source && is_part(s))
            json_array_append_new(list, symbol_json(r, s));
    }
    return list;
}

json_t *answer_symbols(struct request *r)
{
    return children_json(r, NULL);
}

/* ---- folding ---- */

struct folds {
    const struct request *r;
    json_t *list;
};

/* Lines from that of one byte to that of another, if there are several. */
static void add_fold(struct folds *f, uint32_t begin, uint32_t end, bool last, const char *kind)
{
    uint32_t from = source_line_number(f->r->source, begin);
    uint32_t to = source_line_number(f->r->source, end) - !last;
    if (to <= from)
        return;
    json_t *fold =
        json_pack("{s:I, s:I}", "startLine", (json_int_t)from - 1, "endLine", (json_int_t)to - 1);
    if (kind)
        json_object_set_new(fold, "kind", json_string(kind));
    json_array_append_new(f->list, fold);
}

static void fold_brackets(struct folds *f)
{
    const struct words *words = &f->r->analysis->words;
    VEC(uint32_t) open = {0};
    for (size_t i = 0; i < words->list.n; i++) {
        const struct word *w = &words->list.at[i];
        bool opens = w->kind == WORD_sign && (w->sign == '{' || w->sign == '[' || w->sign == '(');
        bool closes = w->kind == WORD_sign && (w->sign == '}' || w->sign == ']' || w->sign == ')');
        if (opens)
            VEC_PUSH(f->r->scratch, &open, w->span.begin);
        else if (closes && open.n)
            add_fold(f, open.at[--open.n], w->span.begin, false, NULL);
    }
}

/* Comments on lines of their own, in a row. */
static void fold_comments(struct folds *f)
{
    const struct words *words = &f->r->analysis->words;
    const struct source *s = f->r->source;
    for (size_t i = 0, end; i < words->list.n; i = end) {
        end = i + 1;
        if (words->list.at[i].kind != WORD_comment)
            continue;
        while (end < words->list.n && words->list.at[end].kind == WORD_comment &&
               source_line_number(s, words->list.at[end].span.begin) ==
                   source_line_number(s, words->list.at[end - 1].span.begin) + 1)
            end++;
        add_fold(f, words->list.at[i].span.begin, words->list.at[end - 1].span.begin, true,
                 "comment");
    }
}

static void fold_imports(struct folds *f)
{
    const struct ast_file *tree = f->r->analysis->tree;
    for (size_t i = 0, end; i < tree->items.n; i = end) {
        end = i + 1;
        if (tree->items.at[i]->kind != ITEM_import)
            continue;
        while (end < tree->items.n && tree->items.at[end]->kind == ITEM_import)
            end++;
        add_fold(f, tree->items.at[i]->span.begin, tree->items.at[end - 1]->span.begin, true,
                 "imports");
    }
}

json_t *answer_folding(struct request *r)
{
    struct folds f = {r, json_array()};
    fold_brackets(&f);
    fold_comments(&f);
    fold_imports(&f);
    return f.list;
}
