#include "diagnostics.h"

#include "driver/output.h"
#include "driver/unified.h"
#include "report/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA = 1 };

static const char *const severities[N_SEVERITIES] = {"note", "warning", "error"};

/* ---- a line each ---- */

static void print_short(const struct diags *t, const struct diag *d, FILE *f)
{
    const struct span span = diag_span(d);
    const struct source *s = sources_get(t->sources, span.source);
    const struct position p = s ? source_position(s, span.begin) : (struct position){0};
    if (s)
        fprintf(f, "%s:%u:%u: ", s->path, p.line, p.column);
    else
        fputs("netc: ", f);
    fprintf(f, "%s: %s [%s]\n", severities[diag_severity(d)], diag_text(d), diag_name(d));
}

/* ---- JSON ---- */

/* Where a span is; null where it is nowhere. */
static json_t *place(const struct diags *t, struct span span)
{
    const struct source *s = sources_get(t->sources, span.source);
    json_t *o = s ? json_object() : json_null();
    if (!s)
        return o;
    const struct position begin = source_position(s, span.begin),
                          end = source_position(s, span.end);
    json_set_string(o, "file", s->path);
    json_set_int(o, "line", begin.line);
    json_set_int(o, "column", begin.column);
    json_set_int(o, "end_line", end.line);
    json_set_int(o, "end_column", end.column);
    return o;
}

static json_t *note(const struct diags *t, const struct diag_note *n)
{
    json_t *o = json_object();
    json_object_set_new(o, "place", place(t, n->span));
    json_set_string(o, "text", n->text);
    return o;
}

/* All notes of a message, or all of its fixes. */
static json_t *notes(const struct diags *t, const struct diag *d,
                     bool get(const struct diag *, size_t, struct diag_note *))
{
    json_t *list = json_array();
    struct diag_note n;
    for (size_t i = 0; get(d, i, &n); i++)
        json_array_append_new(list, note(t, &n));
    return list;
}

static json_t *message(const struct diags *t, const struct diag *d)
{
    json_t *o = json_object(), *ranges = json_array(), *hints = json_array();
    struct span range;
    const char *hint;
    for (size_t i = 0; diag_get_range(d, i, &range); i++)
        json_array_append_new(ranges, place(t, range));
    for (size_t i = 0; (hint = diag_get_hint(d, i)); i++)
        json_array_append_new(hints, json_string(hint));
    json_set_string(o, "id", diag_name(d));
    json_set_string(o, "severity", severities[diag_severity(d)]);
    json_set_string(o, "flag", *diag_flag(d) ? diag_flag(d) : NULL);
    json_set_string(o, "text", diag_text(d));
    json_object_set_new(o, "place", place(t, diag_span(d)));
    json_object_set_new(o, "ranges", ranges);
    json_object_set_new(o, "hints", hints);
    json_object_set_new(o, "notes", notes(t, d, diag_get_note));
    json_object_set_new(o, "fixes", notes(t, d, diag_get_fix));
    return o;
}

static json_t *messages(const struct diags *t)
{
    json_t *o = json_object(), *list = json_array();
    for (size_t i = 0; i < t->queue.n; i++)
        json_array_append_new(list, message(t, t->queue.at[i]));
    json_set_int(o, "schema", SCHEMA);
    json_object_set_new(o, "messages", list);
    return o;
}

/* ---- SARIF ---- */

/* A path as a reference: what is no letter, digit or one of "-._~/" in percents. */
static json_t *artifact(const struct diags *t, const char *path)
{
    struct text uri;
    text_init(&uri, t->arena);
    if (*path == '/')
        text_append(&uri, "file://");
    for (; *path; path++)
        if (isalnum((unsigned char)*path) || strchr("-._~/", *path))
            text_append_n(&uri, path, 1);
        else
            text_printf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
    return json_pack("{s:s}", "uri", text_string(&uri));
}

static json_t *region(const struct source *s, struct span span)
{
    const struct position begin = source_position(s, span.begin),
                          end = source_position(s, span.end);
    return json_pack("{s:i, s:i, s:i, s:i}", "startLine", (int)begin.line, "startColumn",
                     (int)begin.column, "endLine", (int)end.line, "endColumn", (int)end.column);
}

/* An array of one location, or of none; with a text where there is one. */
static void append_location(const struct diags *t, json_t *list, struct span span, const char *text)
{
    const struct source *s = sources_get(t->sources, span.source);
    if (!s)
        return;
    json_t *o = json_pack("{s:{s:o, s:o}}", "physicalLocation", "artifactLocation",
                          artifact(t, s->path), "region", region(s, span));
    if (text)
        json_object_set_new(o, "message", json_pack("{s:s}", "text", text));
    json_array_append_new(list, o);
}

static json_t *sarif_fixes(const struct diags *t, const struct diag *d)
{
    json_t *list = json_array();
    struct diag_note fix;
    for (size_t i = 0; diag_get_fix(d, i, &fix); i++) {
        const struct source *s = sources_get(t->sources, fix.span.source);
        if (s)
            json_array_append_new(list,
                                  json_pack("{s:[{s:o, s:[{s:o, s:{s:s}}]}]}", "artifactChanges",
                                            "artifactLocation", artifact(t, s->path),
                                            "replacements", "deletedRegion", region(s, fix.span),
                                            "insertedContent", "text", fix.text));
    }
    return list;
}

/* The message with its hints, as a viewer shows it. */
static const char *whole_text(const struct diags *t, const struct diag *d)
{
    struct text text;
    const char *hint;
    text_init(&text, t->arena);
    text_append(&text, diag_text(d));
    for (size_t i = 0; (hint = diag_get_hint(d, i)); i++)
        text_printf(&text, "\nhint: %s", hint);
    return text_string(&text);
}

static json_t *result(const struct diags *t, const struct diag *d)
{
    json_t *o = json_object(), *locations = json_array(), *related = json_array();
    json_t *changes = sarif_fixes(t, d);
    struct diag_note n;
    append_location(t, locations, diag_span(d), NULL);
    for (size_t i = 0; diag_get_note(d, i, &n); i++)
        append_location(t, related, n.span, n.text);
    json_set_string(o, "ruleId", diag_name(d));
    json_set_string(o, "level", severities[diag_severity(d)]);
    json_object_set_new(o, "message", json_pack("{s:s}", "text", whole_text(t, d)));
    json_object_set_new(o, "locations", locations);
    json_object_set_new(o, "relatedLocations", related);
    if (json_array_size(changes))
        json_object_set(o, "fixes", changes);
    json_decref(changes);
    return o;
}

static json_t *sarif(const struct diags *t)
{
    json_t *results = json_array();
    for (size_t i = 0; i < t->queue.n; i++)
        json_array_append_new(results, result(t, t->queue.at[i]));
    return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s}}, s:s, s:o}]}", "$schema",
                     "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                     "tool", "driver", "name", "netc", "version", netc_version(), "columnKind",
                     "unicodeCodePoints", "results", results);
}

void diagnostics_print(struct diags *t, enum diagnostics_form form, FILE *f)
{
    struct text text;
    if (form == DIAGNOSTICS_text) {
        diags_print(t, f);
        return;
    }
    diags_sort(t);
    text_init(&text, t->arena);
    json_begin();
    if (form == DIAGNOSTICS_json || form == DIAGNOSTICS_sarif)
        json_print(&text, form == DIAGNOSTICS_json ? messages(t) : sarif(t));
    for (size_t i = 0; form == DIAGNOSTICS_short && i < t->queue.n; i++)
        print_short(t, t->queue.at[i], f);
    fputs(text_string(&text), f);
    t->queue.n = 0;
}

/* ---- changes ---- */

static int compare(const void *a, const void *b)
{
    const struct diag_note *p = a, *q = b;
    return p->span.begin < q->span.begin ? -1 : p->span.begin > q->span.begin;
}

/* Changes of one file in order, in the arena. */
struct changes {
    VEC(struct diag_note) list;
};

static void collect(const struct diags *t, const struct source *s, struct changes *changes)
{
    struct diag_note fix;
    for (size_t i = 0; i < t->queue.n; i++)
        for (size_t k = 0; diag_get_fix(t->queue.at[i], k, &fix); k++)
            if (sources_get(t->sources, fix.span.source) == s)
                VEC_PUSH(t->arena, &changes->list, fix);
    if (changes->list.n)
        qsort(changes->list.at, changes->list.n, sizeof *changes->list.at, compare);
}

/* The text with the changes made; how many there are. */
static int apply(struct text *text, const struct source *s, const struct changes *changes)
{
    uint32_t at = 0;
    int n = 0;
    for (size_t i = 0; i < changes->list.n; i++) {
        const struct diag_note *fix = &changes->list.at[i];
        const bool again = i && fix->span.begin == changes->list.at[i - 1].span.begin;
        if (fix->span.begin < at || again)
            continue;
        text_append_n(text, s->bytes + at, fix->span.begin - at);
        text_append(text, fix->text);
        at = fix->span.end;
        n++;
    }
    text_append_n(text, s->bytes + at, s->size - at);
    return n;
}

static const struct source *source_of(const struct diags *t, const char *path)
{
    for (size_t i = 0; i < t->sources->files.n; i++)
        if (!t->sources->files.at[i]->in_memory && !strcmp(t->sources->files.at[i]->path, path))
            return t->sources->files.at[i];
    return NULL;
}

int diagnostics_fix(struct diags *t, const char *path)
{
    const struct source *s = source_of(t, path);
    struct changes changes = {0};
    struct text text, shown;
    text_init(&text, t->arena);
    text_init(&shown, t->arena);
    if (s)
        collect(t, s, &changes);
    const int n = s ? apply(&text, s, &changes) : 0;
    if (!n)
        return 0;
    unified_diff(&shown, path, s->bytes, text_string(&text));
    return output_rewrite(t, path, text_string(&text), text.n) &&
                   output_write(t, "-", text_string(&shown), shown.n)
               ? n
               : -1;
}
