#include "report/page.h"

#include "base/source.h"
#include "driver/cc.h"

#include <string.h>

struct page {
    struct text *out;
    struct arena *arena;
    struct diags *diags;
    const struct page_content *content;
    const char *folder;
    struct sources sources;
    bool whole; /* all parts could be read */
};

static const char *read_part(struct page *p, const char *name)
{
    const char *why, *path = arena_printf(p->arena, "%s/%s", p->folder, name);
    uint32_t number = sources_open(&p->sources, path, &why);
    if (number)
        return sources_get(&p->sources, number)->bytes;
    diag_add(p->diags, (struct span){0}, MESSAGE(err_open), path, why);
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

static void append_page(struct page *, const char *name);

static bool is_html(const char *name, size_t n)
{
    return n > 5 && !strncmp(name + n - 5, ".html", 5);
}

/* In JSON a '<' stands in strings only: no name can end the element or begin a comment. Parts of
 * HTML have parts of their own. */
static void append_part(struct page *p, const char *name, size_t n)
{
    const char *file = arena_strndup(p->arena, name, n);
    if (!strcmp(file, "json"))
        append_escaped(p->out, p->content->json, "\\u003c", NULL);
    else if (!strcmp(file, "text"))
        append_escaped(p->out, p->content->text, "&lt;", "&amp;");
    else if (is_html(name, n))
        append_page(p, file);
    else
        text_append(p->out, read_part(p, file));
}

/* A file in which names in double braces stand for parts. */
static void append_page(struct page *p, const char *name)
{
    for (const char *at = read_part(p, name); *at;) {
        const char *open = strstr(at, "{{"), *close = open ? strstr(open, "}}") : NULL;
        text_append_n(p->out, at, close ? (size_t)(open - at) : strlen(at));
        if (!close)
            break;
        append_part(p, open + 2, (size_t)(close - open - 2));
        at = close + 2;
    }
}

bool page_print(struct text *t, struct arena *arena, struct diags *diags, const char *name,
                const struct page_content *content)
{
    struct page p = {.out = t, .arena = arena, .diags = diags, .content = content, .whole = true};
    p.folder = arena_printf(arena, "%s/page", resources_find(arena));
    sources_init(&p.sources, arena);
    append_page(&p, name);
    return p.whole;
}
