/* What can stand at a place: by the words before it, since what is being written is not
 * grammatical. */
#include "lsp/request.h"

#include <string.h>

/* Kinds of LSP that symbols.def does not have. */
enum { ITEM_operator = 2, ITEM_argument = 10, ITEM_keyword = 14 };

/* The words before the place, without the one that is being written there. */
struct context {
    const struct request *r;
    size_t n;     /* words before */
    size_t open;  /* the innermost bracket that is open there, and 1; 0: none is */
    size_t brace; /* the innermost brace, and 1 */
    json_t *items;
};

static const struct word *word(const struct context *c, size_t i)
{
    return &c->r->analysis->words.list.at[i];
}

static bool is_sign(const struct word *w, const char *signs)
{
    return w->kind == WORD_sign && strchr(signs, w->sign);
}

static const char *text(const struct context *c, size_t i)
{
    return span_text(c->r, word(c, i)->span);
}

static bool is_text(const struct context *c, size_t i, const char *wanted)
{
    return !strcmp(text(c, i), wanted);
}

/* ---- items ---- */

static void add_item(struct context *c, const char *label, int kind, const char *detail)
{
    json_t *item = json_pack("{s:s, s:i}", "label", label, "kind", kind);
    if (detail)
        json_object_set_new(item, "detail", json_string(detail));
    json_array_append_new(c->items, item);
}

static void add_keywords(struct context *c, const char *const *words)
{
    for (; *words; words++)
        add_item(c, *words, ITEM_keyword, NULL);
}

static void add_operators(struct context *c, enum op_class class)
{
    for (enum op op = 0; op < N_OPS; op++)
        if (op_info(op)->class == class)
            add_item(c, op_info(op)->name, ITEM_operator, op_info(op)->doc);
}

/* Whether a symbol is in sight: of the file, or one that it imports, or around the place. */
static bool in_sight(const struct context *c, const struct symbol *s)
{
    const struct indexed_file *f = c->r->analysis->index.files.at[0];
    bool here = s->span.source == f->source;
    if (!s->item)
        return here && s->reach.begin <= c->r->offset && c->r->offset <= s->reach.end;
    for (size_t i = 0; i < f->imports.n && !here; i++)
        here = f->imports.at[i]->source == s->span.source;
    return here;
}

static void add_symbols(struct context *c, bool labels, bool others)
{
    static const int kinds[] = {
#define SYMBOL(id, word, lsp_symbol, lsp_completion, token) lsp_completion,
#include "lsp/symbols.def"
    };
    static const char *const words[] = {
#define SYMBOL(id, word, lsp_symbol, lsp_completion, token) word,
#include "lsp/symbols.def"
    };
    const struct index *x = &c->r->analysis->index;
    for (size_t i = 0; i < x->symbols.n; i++) {
        const struct symbol *s = x->symbols.at[i];
        bool label = s->kind == SYMBOL_label || s->kind == SYMBOL_input;
        if ((label ? labels : others) && in_sight(c, s))
            add_item(c, s->name, kinds[s->kind], words[s->kind]);
    }
}

static const struct symbol *symbol_named(const struct context *c, const char *name)
{
    const struct index *x = &c->r->analysis->index;
    const struct symbol *found = NULL;
    for (size_t i = 0; i < x->symbols.n; i++)
        if (!strcmp(x->symbols.at[i]->name, name) && in_sight(c, x->symbols.at[i]))
            found = x->symbols.at[i];
    return found;
}

/* ---- arguments ---- */

static void add_operator_arguments(struct context *c, enum op op)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++)
        add_item(c, arena_printf(c->r->scratch, "%s=", info->attrs[i].name), ITEM_argument,
                 info->attrs[i].doc);
}

static void add_arguments(struct context *c, const char *callee)
{
    const struct index *x = &c->r->analysis->index;
    const struct symbol *s = symbol_named(c, callee);
    enum op op = op_find(callee, CLASS_LAYER);
    op = op == N_OPS ? op_find(callee, CLASS_FORK) : op;
    for (enum op_class class = CLASS_PICTURE; class < CLASS_INTERNAL; class ++)
        op = op == N_OPS ? op_find(callee, class) : op;
    if (!s && op != N_OPS)
        add_operator_arguments(c, op);
    for (size_t i = 0; s && i < x->symbols.n; i++) {
        const struct symbol *p = x->symbols.at[i];
        if (p->kind == SYMBOL_parameter && symbol_holds(s, p))
            add_item(c, arena_printf(c->r->scratch, "%s=", p->name), ITEM_argument, "parameter");
    }
}

static void add_values(struct context *c)
{
    static const char *const words[] = {"true", "false",    "in",   "not", "half",
                                        "inf",  "training", "same", NULL};
    add_symbols(c, true, true);
    add_operators(c, CLASS_LAYER);
#define BUILTIN(name, least, most, doc) add_item(c, #name, 3, doc);
#include "sema/builtins.def"
    add_keywords(c, words);
}

/* ---- steps ---- */

/* Whether the innermost brace is that of an input: `input x[3, 8, 8] {`. */
static bool in_input(const struct context *c)
{
    size_t i = c->brace ? c->brace - 1 : 0, depth = 0;
    if (i < 3 || !is_sign(word(c, i - 1), "]"))
        return false;
    do {
        i--;
        depth += is_sign(word(c, i), "]");
        depth -= is_sign(word(c, i), "[");
    } while (i > 2 && depth);
    return i >= 2 && is_text(c, i - 2, "input");
}

static void add_steps(struct context *c)
{
    static const char *const words[] = {"add",      "concat",   "default",
                                        "div",      "for",      "from",
                                        "if",       "inline",   "input",
                                        "labels",   "let",      "matmul",
                                        "maximum",  "minimum",  "mul",
                                        "on",       "output",   "repeat",
                                        "require",  "residual", "scaled_dot_product_attention",
                                        "shortcut", "split",    "sub",
                                        "train",    NULL};
    if (in_input(c)) {
        add_operators(c, CLASS_PICTURE);
        return;
    }
    add_symbols(c, false, true);
    add_operators(c, CLASS_LAYER);
    add_keywords(c, words);
}

static bool begins_line(const struct context *c)
{
    uint32_t here = source_line_number(c->r->source, (uint32_t)c->r->offset);
    return !c->n || source_line_number(c->r->source, word(c, c->n - 1)->span.begin) < here;
}

/* Whether the innermost brace is that of a recipe: `train {`, `train name(…) {`. */
static bool in_recipe(const struct context *c)
{
    size_t i = c->brace ? c->brace - 1 : 0, depth = 0;
    if (i && is_sign(word(c, i - 1), ")"))
        do {
            i--;
            depth += is_sign(word(c, i), ")");
            depth -= is_sign(word(c, i), "(");
        } while (i && depth);
    return (i && is_text(c, i - 1, "train")) || (i > 1 && is_text(c, i - 2, "train"));
}

/* The settings of a recipe, or what can be said of one. */
static void add_recipe(struct context *c)
{
    static const char *const words[] = {"loss",    "optimizer", "schedule",           "freeze",
                                        "augment", "init",      "zero_init_residual", NULL};
    static const enum op_class classes[] = {CLASS_LOSS, CLASS_OPTIMIZER, CLASS_SCHEDULE};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (c->n && !begins_line(c) && is_text(c, c->n - 1, words[i])) {
            add_operators(c, classes[i]);
            return;
        }
    const struct op_info *info = op_info(OP_recipe);
    add_keywords(c, words);
    for (int i = 0; i < info->n_attrs; i++)
        add_item(c, info->attrs[i].name, ITEM_keyword, info->attrs[i].doc);
}

static void add_items(struct context *c)
{
    static const char *const words[] = {"import", "let", "default", "block", "net", "train", NULL};
    add_keywords(c, words);
}

/* Labels behind `from`, or those inside of what stands before a dot. */
static void add_labels(struct context *c)
{
    const struct index *x = &c->r->analysis->index;
    const struct symbol *outer = NULL;
    if (c->n > 1 && is_sign(word(c, c->n - 1), "."))
        outer = symbol_named(c, text(c, c->n - 2));
    else
        add_symbols(c, true, false);
    for (size_t i = 0; outer && i < x->symbols.n; i++)
        if (x->symbols.at[i]->kind == SYMBOL_label && symbol_holds(outer, x->symbols.at[i]))
            add_item(c, x->symbols.at[i]->name, 5, "step");
}

/* ---- the place ---- */

/* Whether a value, not a step, follows the words before. */
static bool wants_value(const struct context *c)
{
    static const char *const before[] = {"if",  "in", "repeat", "require",
                                         "and", "or", "not",    "else"};
    const struct word *last = c->n ? word(c, c->n - 1) : NULL;
    if (!last || begins_line(c))
        return false;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (last->kind == WORD_keyword && is_text(c, c->n - 1, before[i]))
            return true;
    bool arrow = is_sign(last, "-") && last->span.end - last->span.begin > 1;
    return is_sign(last, "=<>+-*/%!") && !arrow;
}

/* Counts the words before the place, and finds the brackets open there. */
static void look_back(struct context *c)
{
    const struct words *words = &c->r->analysis->words;
    VEC(size_t) open = {0};
    for (c->n = 0; c->n < words->list.n; c->n++) {
        const struct word *w = word(c, c->n);
        bool written = w->kind == WORD_name || w->kind == WORD_keyword;
        if (w->span.end > c->r->offset || (written && w->span.end == c->r->offset))
            break;
        if (is_sign(w, "([{"))
            VEC_PUSH(c->r->scratch, &open, c->n);
        else if (is_sign(w, ")]}") && open.n)
            open.n--;
    }
    c->open = open.n ? open.at[open.n - 1] + 1 : 0;
    while (open.n && !is_sign(word(c, open.at[open.n - 1]), "{"))
        open.n--;
    c->brace = open.n ? open.at[open.n - 1] + 1 : 0;
}

/* Whether the place is in a comment or a string. */
static bool is_quiet(const struct request *r)
{
    for (size_t i = 0; i < r->analysis->words.list.n; i++) {
        const struct word *w = &r->analysis->words.list.at[i];
        bool comment = w->kind == WORD_comment && r->offset <= w->span.end;
        bool string = w->kind == WORD_string && r->offset < w->span.end;
        if (w->span.begin < r->offset && (comment || string))
            return true;
    }
    return false;
}

/* `from a`, `from a.b`: back over names and dots. */
static bool in_path(const struct context *c)
{
    size_t i = c->n;
    while (i > 1 && is_sign(word(c, i - 1), "."))
        i -= 2;
    return i && word(c, i - 1)->kind == WORD_keyword && is_text(c, i - 1, "from");
}

json_t *answer_completion(struct request *r)
{
    struct context c = {.r = r, .items = json_array()};
    if (is_quiet(r))
        return c.items;
    look_back(&c);
    const struct word *open = c.open ? word(&c, c.open - 1) : NULL;
    if (in_path(&c)) {
        add_labels(&c);
    } else if (open && open->sign != '{') {
        if (open->sign == '(' && c.open > 1)
            add_arguments(&c, text(&c, c.open - 2));
        add_values(&c);
    } else if (wants_value(&c)) {
        add_values(&c);
    } else if (in_recipe(&c)) {
        add_recipe(&c);
    } else if (open) {
        add_steps(&c);
    } else {
        add_items(&c);
    }
    return c.items;
}
