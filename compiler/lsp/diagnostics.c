/* Messages of the compiler as the editor shows them, and the changes that they propose. */
#include "lsp/request.h"

#include <string.h>

/* Severities of LSP. */
static const int severities[N_SEVERITIES] = {
    [SEVERITY_note] = 3, [SEVERITY_warning] = 2, [SEVERITY_error] = 1};

static bool in_text(const struct analysis *a, struct span span)
{
    return span.source == a->source;
}

/* Where a message is shown: at its place; of one in another file, where the text leads there. */
static struct span place_of(const struct analysis *a, const struct diag *f)
{
    struct diag_note note;
    if (in_text(a, diag_span(f)))
        return diag_span(f);
    for (size_t i = 0; diag_get_note(f, i, &note); i++)
        if (in_text(a, note.span))
            return note.span;
    for (size_t i = 0; i < a->tree->items.n; i++)
        if (a->tree->items.at[i]->kind == ITEM_import)
            return a->tree->items.at[i]->span;
    return (struct span){a->source, 0, 0};
}

/* The message, where it stands if that is elsewhere, and its hints. */
static const char *message_of(const struct analysis *a, struct arena *arena, const struct diag *f)
{
    struct text t;
    const struct span span = diag_span(f);
    const struct source *s = sources_get(&a->sources, span.source);
    const char *hint;
    text_init(&t, arena);
    if (s && !in_text(a, span))
        text_printf(&t, "%s:%u: ", s->path, source_line_number(s, span.begin));
    text_append(&t, diag_text(f));
    for (size_t i = 0; (hint = diag_get_hint(f, i)); i++)
        text_printf(&t, "\nhint: %s", hint);
    return text_string(&t);
}

static json_t *related_json(const struct analysis *a, struct arena *arena, const struct diag *f,
                            enum encoding e)
{
    json_t *list = json_array();
    struct diag_note note;
    for (size_t i = 0; diag_get_note(f, i, &note); i++) {
        const struct source *s = sources_get(&a->sources, note.span.source);
        if (s)
            json_array_append_new(list,
                                  json_pack("{s:{s:s, s:o}, s:s}", "location", "uri",
                                            path_to_uri(arena, s->path), "range",
                                            range_json(s, note.span, e), "message", note.text));
    }
    return list;
}

static json_t *finding_json(const struct analysis *a, struct arena *arena, const struct diag *f,
                            enum encoding e)
{
    return json_pack("{s:o, s:i, s:s, s:s, s:s, s:o}", "range",
                     range_json(analysis_source(a), place_of(a, f), e), "severity",
                     severities[diag_severity(f)], "code", diag_name(f), "source", "netc",
                     "message", message_of(a, arena, f), "relatedInformation",
                     related_json(a, arena, f, e));
}

json_t *diagnostics_json(const struct analysis *a, struct arena *arena, enum encoding e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->findings.n; i++)
        json_array_append_new(list, finding_json(a, arena, a->findings.at[i], e));
    return list;
}

/* ---- changes ---- */

static json_t *fix_json(struct request *r, const struct diag *f, const struct diag_note *fix)
{
    const char *text = fix->text;
    bool inserts = fix->span.begin == fix->span.end;
    const char *title = arena_printf(r->scratch, inserts ? "insert '%.*s'" : "change to '%.*s'",
                                     (int)strcspn(text, "\n"), text);
    json_t *edit = json_pack("{s:o, s:s}", "range", range_json(r->source, fix->span, r->encoding),
                             "newText", text);
    return json_pack("{s:s, s:s, s:b, s:[o], s:{s:{s:[o]}}}", "title", title, "kind", "quickfix",
                     "isPreferred", 1, "diagnostics",
                     finding_json(r->analysis, r->scratch, f, r->encoding), "edit", "changes",
                     r->document->uri, edit);
}

json_t *answer_code_actions(struct request *r)
{
    json_t *list = json_array();
    struct span range = range_span(r, json_object_get(r->params, "range"));
    for (size_t i = 0; i < r->analysis->findings.n; i++) {
        const struct diag *f = r->analysis->findings.at[i];
        struct span place = place_of(r->analysis, f);
        struct diag_note fix;
        bool touches = place.begin <= range.end && range.begin <= place.end;
        for (size_t k = 0; touches && diag_get_fix(f, k, &fix); k++)
            if (in_text(r->analysis, fix.span))
                json_array_append_new(list, fix_json(r, f, &fix));
    }
    return list;
}
