/* From names to what they mean, and to all places where they stand. */
#include "lsp/request.h"

#include <string.h>

static const struct use *use_here(const struct request *r)
{
    return index_at(&r->analysis->index, r->analysis->source, r->offset);
}

static const char *path_of(const struct analysis *a, struct span span)
{
    return sources_get(&a->sources, span.source)->path;
}

static json_t *start_of_file(const struct request *r, const char *path)
{
    const struct index *x = &r->analysis->index;
    for (size_t i = 0; path && i < x->files.n; i++) {
        struct span start = {x->files.at[i]->source, 0, 0};
        if (!strcmp(x->files.at[i]->path, path))
            return location_json(r, sources_get(&r->analysis->sources, start.source), start);
    }
    return json_null();
}

/* An import leads to its file. */
static json_t *imported_file(const struct request *r)
{
    const struct analysis *a = r->analysis;
    for (size_t i = 0; i < a->tree->items.n; i++) {
        const struct ast_item *item = a->tree->items.at[i];
        if (item->kind == ITEM_import && item->span.begin <= r->offset &&
            r->offset <= item->span.end)
            return start_of_file(
                r, import_search(r->scratch, &a->options, r->source->path, item->import));
    }
    return json_null();
}

json_t *answer_definition(struct request *r)
{
    const struct use *u = use_here(r);
    if (!u)
        return imported_file(r);
    return location_json(r, sources_get(&r->analysis->sources, u->symbol->span.source),
                         u->symbol->span);
}

/* ---- all uses ---- */

/* What tells a symbol in all analyses. */
struct target {
    const char *path;
    struct span span;
};

static bool is_target(const struct analysis *a, const struct symbol *s, const struct target *t)
{
    return s->span.begin == t->span.begin && s->span.end == t->span.end &&
           !strcmp(path_of(a, s->span), t->path);
}

/* A place that was found: a file may be seen from several texts. */
struct found {
    const struct source *source;
    struct span span;
};

struct founds {
    VEC(struct found) list;
};

static void add_found(struct founds *f, struct arena *arena, const struct source *s,
                      struct span span)
{
    for (size_t i = 0; i < f->list.n; i++)
        if (f->list.at[i].span.begin == span.begin && !strcmp(f->list.at[i].source->path, s->path))
            return;
    VEC_PUSH(arena, &f->list, (struct found){s, span});
}

static struct founds find_uses(const struct request *r, const struct use *u, bool definitions)
{
    struct founds f = {0};
    const struct target t = {path_of(r->analysis, u->symbol->span), u->symbol->span};
    for (const struct document *d = r->documents; d; d = d->next)
        for (size_t i = 0; i < d->analysis->index.uses.n; i++) {
            const struct use *other = &d->analysis->index.uses.at[i];
            if ((definitions || !other->definition) && is_target(d->analysis, other->symbol, &t))
                add_found(&f, r->scratch, sources_get(&d->analysis->sources, other->span.source),
                          other->span);
        }
    return f;
}

json_t *answer_references(struct request *r)
{
    const struct use *u = use_here(r);
    bool definitions = json_is_true(param(r, "context", "includeDeclaration"));
    json_t *list = json_array();
    struct founds f = u ? find_uses(r, u, definitions) : (struct founds){0};
    for (size_t i = 0; i < f.list.n; i++)
        json_array_append_new(list, location_json(r, f.list.at[i].source, f.list.at[i].span));
    return list;
}

json_t *answer_highlights(struct request *r)
{
    const struct use *u = use_here(r);
    json_t *list = json_array();
    for (size_t i = 0; u && i < r->analysis->index.uses.n; i++) {
        const struct use *other = &r->analysis->index.uses.at[i];
        if (other->symbol == u->symbol && other->span.source == r->analysis->source)
            json_array_append_new(list, json_pack("{s:o, s:i}", "range",
                                                  range_json(r->source, other->span, r->encoding),
                                                  "kind", other->definition ? 3 : 2));
    }
    return list;
}

/* ---- new names ---- */

static bool is_name(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    bool good = *s && !strchr("0123456789", *s) && s[strspn(s, letters)] == '\0';
    for (size_t i = 0; words_keyword(i); i++)
        good &= strcmp(words_keyword(i), s) != 0;
    return good;
}

/* The label "a/b" keeps its quotes: what stands in them is free of quotes and backslashes. */
static bool fits(const struct request *r, const struct use *u, const char *name)
{
    bool quoted = u->span.begin && r->source->bytes[u->span.begin - 1] == '"';
    return is_name(name) || (quoted && *name && !strpbrk(name, "\"\\\n"));
}

json_t *answer_prepare_rename(struct request *r)
{
    const struct use *u = use_here(r);
    return u ? range_json(r->source, u->span, r->encoding) : json_null();
}

/* Appends an edit to the list of its file. */
static void add_edit(struct request *r, json_t *changes, const struct found *f, const char *name)
{
    json_t *location = location_json(r, f->source, f->span);
    const char *uri = json_string_value(json_object_get(location, "uri"));
    json_t *edits = json_object_get(changes, uri);
    if (!edits) {
        edits = json_array();
        json_object_set_new(changes, uri, edits);
    }
    json_array_append_new(edits, json_pack("{s:O, s:s}", "range",
                                           json_object_get(location, "range"), "newText", name));
    json_decref(location);
}

json_t *answer_rename_symbol(struct request *r)
{
    const struct use *u = use_here(r);
    const char *name = json_string_value(param(r, "newName", NULL));
    if (!u || !name || !fits(r, u, name)) {
        r->refusal = u ? "this is no name of the language" : "there is no name to change here";
        return json_null();
    }
    json_t *changes = json_object();
    struct founds f = find_uses(r, u, true);
    for (size_t i = 0; i < f.list.n; i++)
        add_edit(r, changes, &f.list.at[i], name);
    return json_pack("{s:o}", "changes", changes);
}
