/* The kinds of words, for colours. */
#include "lsp/request.h"

#include <string.h>

static const char *const types[] = {"keyword",  "number",   "string",    "comment",
                                    "operator", "function", "parameter", "variable",
                                    "property", "class",    "method"};

json_t *semantic_types(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        json_array_append_new(list, json_string(types[i]));
    return list;
}

static int number_of(const char *type)
{
    int i = 0;
    while (strcmp(types[i], type))
        i++;
    return i;
}

static const char *type_of_symbol(const struct symbol *s)
{
    static const char *const tokens[] = {
#define SYMBOL(id, word, lsp_symbol, lsp_completion, token) token,
#include "lsp/symbols.def"
    };
    return tokens[s->kind];
}

/* Uses of the text, by the byte where they begin. */
static const struct symbol **symbols_by_place(const struct request *r)
{
    const struct index *x = &r->analysis->index;
    const struct symbol **at = arena_array(r->scratch, r->source->size + 1, sizeof *at);
    for (size_t i = 0; i < x->uses.n; i++)
        if (x->uses.at[i].span.source == r->analysis->source)
            at[x->uses.at[i].span.begin] = x->uses.at[i].symbol;
    return at;
}

static bool is_operator(const char *text)
{
    for (enum op_class class = CLASS_LAYER; class < CLASS_INTERNAL; class ++)
        if (class != CLASS_FORK && class != CLASS_PURPOSE && class != CLASS_RECIPE &&
            op_find(text, class) != N_OPS)
            return true;
    return false;
}

/* NULL: an editor shows it as it is. */
static const char *type_of(const struct request *r, const struct word *w, const struct symbol *s)
{
    if (s)
        return type_of_symbol(s);
    const char *text = w->kind == WORD_name || w->kind == WORD_keyword ? span_text(r, w->span) : "";
    bool fork = op_find(text, CLASS_FORK) != N_OPS;
    switch (w->kind) {
    case WORD_keyword:
        return fork ? "method" : "keyword";
    case WORD_name:
        return is_operator(text) ? "method" : NULL;
    case WORD_number:
        return "number";
    case WORD_string:
        return "string";
    case WORD_comment:
        return "comment";
    case WORD_sign:
        return strchr("()[]{},:.", w->sign) ? NULL : "operator";
    }
    return NULL;
}

/* A token: lines and columns since the one before, its length, type and no modifiers. */
static void add_token(json_t *list, const struct request *r, const struct word *w, int type,
                      json_int_t before[2])
{
    json_t *at = range_json(r->source, w->span, r->encoding);
    const json_t *start = json_object_get(at, "start"), *end = json_object_get(at, "end");
    json_int_t line = json_int(start, "line"), column = json_int(start, "character");
    json_int_t numbers[] = {line - before[0], line == before[0] ? column - before[1] : column,
                            json_int(end, "character") - column, type, 0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_array_append_new(list, json_integer(numbers[i]));
    before[0] = line;
    before[1] = column;
    json_decref(at);
}

json_t *answer_semantic_tokens(struct request *r)
{
    const struct symbol **symbols = symbols_by_place(r);
    json_t *list = json_array();
    json_int_t before[2] = {0, 0};
    for (size_t i = 0; i < r->analysis->words.list.n; i++) {
        const struct word *w = &r->analysis->words.list.at[i];
        const char *type = type_of(r, w, symbols[w->span.begin]);
        if (type)
            add_token(list, r, w, number_of(type), before);
    }
    return json_pack("{s:o}", "data", list);
}
