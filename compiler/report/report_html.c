/* One page that holds all it needs: the template of the folder page/ with its parts put in. */
#include "base/source.h"
#include "driver/cc.h"
#include "report/forms.h"

#include <string.h>

struct page {
    struct text *out;
    const struct report *report;
    const char *folder;
    struct sources sources;
    bool whole; /* all parts could be read */
};

static const char *read_part(struct page *p, const char *name)
{
    const char *why, *path = arena_printf(p->report->arena, "%s/%s", p->folder, name);
    uint32_t number = sources_open(&p->sources, path, &why);
    if (number)
        return sources_get(&p->sources, number)->bytes;
    diag_add(p->report->diags, (struct span){0}, MESSAGE(err_open), path, why);
    p->whole = false;
    return "";
}

/* Appends a text in which `instead` stands for each '<' (and for '&', if `amp` is given). */
static void append_escaped(struct text *out, const char *s, const char *instead, const char *amp)
{
    while (*s) {
        size_t n = strcspn(s, amp ? "<&" : "<");
        text_append_n(out, s, n);
        s += n;
        if (*s)
            text_append(out, *s++ == '<' ? instead : amp);
    }
}

/* In JSON a '<' stands in strings only: no name can end the element or begin a comment. */
static void append_json(struct page *p)
{
    struct text json;
    text_init(&json, p->report->arena);
    report_json(&json, p->report);
    append_escaped(p->out, text_string(&json), "\\u003c", NULL);
}

/* The report for a browser that runs no scripts. */
static void append_text(struct page *p)
{
    static const struct grid_style plain;
    struct text text;
    text_init(&text, p->report->arena);
    report_text(&text, p->report, &plain);
    append_escaped(p->out, text_string(&text), "&lt;", "&amp;");
}

static void append_part(struct page *p, const char *name, size_t n)
{
    if (n == 4 && !strncmp(name, "json", n))
        append_json(p);
    else if (n == 4 && !strncmp(name, "text", n))
        append_text(p);
    else
        text_append(p->out, read_part(p, arena_strndup(p->report->arena, name, n)));
}

bool report_html(struct text *t, const struct report *r)
{
    struct page p = {.out = t, .report = r, .whole = true};
    p.folder = arena_printf(r->arena, "%s/page", resources_find(r->arena));
    sources_init(&p.sources, r->arena);
    for (const char *at = read_part(&p, "page.html"); *at;) {
        const char *open = strstr(at, "{{"), *close = open ? strstr(open, "}}") : NULL;
        text_append_n(t, at, close ? (size_t)(open - at) : strlen(at));
        if (!close)
            break;
        append_part(&p, open + 2, (size_t)(close - open - 2));
        at = close + 2;
    }
    return p.whole;
}
