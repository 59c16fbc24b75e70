/* The runtime files that a single file carries: what it needs, with local #includes resolved. */
#include "emit/parts.h"

#include <string.h>

struct inliner {
    struct text *out;
    struct arena *arena;
    struct diags *diags;
    const char *folder;
    struct sources sources;
    struct unique once; /* paths of headers that stand in the text */
    bool failed;
};

static bool is_header(const char *path)
{
    const size_t n = strlen(path);
    return n > 2 && !strcmp(path + n - 2, ".h");
}

/* "host/../core/model.h" -> "core/model.h"; folders are one level deep. */
static const char *resolve(struct inliner *l, const char *from, const char *name, size_t n)
{
    const char *slash = strrchr(from, '/');
    if (n > 3 && !strncmp(name, "../", 3))
        return arena_strndup(l->arena, name + 3, n - 3);
    return arena_printf(l->arena, "%.*s%.*s", (int)(slash ? slash + 1 - from : 0), from, (int)n,
                        name);
}

/* The name in a line `#include "name"`; NULL: it is no such line. */
static const char *local_include(const char *line, size_t n, size_t *length)
{
    const char *end = line + n, *at = line + strspn(line, " \t");
    if (at >= end || *at != '#')
        return NULL;
    at += 1 + strspn(at + 1, " \t");
    if (strncmp(at, "include \"", 9) != 0)
        return NULL;
    at += 9;
    *length = strcspn(at, "\"\n");
    return at;
}

static bool seen(struct inliner *l, const char *path)
{
    const bool before = unique_has(&l->once, path);
    unique_take(&l->once, path);
    return before;
}

static const struct source *read_file(struct inliner *l, const char *path)
{
    const char *why, *whole = arena_printf(l->arena, "%s/%s", l->folder, path);
    uint32_t number = sources_open(&l->sources, whole, &why);
    if (number)
        return sources_get(&l->sources, number);
    diag_add(l->diags, (struct span){0}, MESSAGE(err_open), whole, why);
    l->failed = true;
    return NULL;
}

static void add_file(struct inliner *l, const char *path);

static void add_line(struct inliner *l, const char *path, const char *line, size_t n)
{
    size_t length;
    const char *name = local_include(line, n, &length);
    if (name)
        add_file(l, resolve(l, path, name, length));
    else
        text_append_n(l->out, line, n);
}

static void add_file(struct inliner *l, const char *path)
{
    if (l->failed || (is_header(path) && seen(l, path)))
        return;
    const struct source *file = read_file(l, path);
    if (!file)
        return;
    text_printf(l->out, "\n/* ---- %s ---- */\n", path);
    for (const char *line = file->bytes; *line;) {
        const size_t n = strcspn(line, "\n") + 1;
        add_line(l, path, line, line[n - 1] ? n : n - 1);
        line += line[n - 1] ? n : n - 1;
    }
}

/* The sources among the paths of a list, which start with "runtime/"; headers come with those that
 * include them. */
static void add_sources(struct inliner *l, const char *list)
{
    const size_t folder = strlen("runtime/");
    for (const char *at = list; *at; at += strspn(at, " ")) {
        const size_t n = strcspn(at, " ");
        const char *path = arena_strndup(l->arena, at + folder, n - folder);
        if (!strcmp(path + strlen(path) - 2, ".c"))
            add_file(l, path);
        at += n;
    }
}

bool emit_runtime(struct text *out, struct text *kernels, struct diags *diags, const char *folder,
                  const bool *used)
{
    struct inliner l = {.out = out, .arena = out->arena, .diags = diags, .folder = folder};
    unique_init(&l.once, out->arena);
    sources_init(&l.sources, out->arena);
    add_sources(&l, NETC_SINGLE_FILE);
    l.out = kernels;
    for (int i = 0; i < N_KERNELS; i++)
        if (used[i])
            add_file(&l,
                     arena_printf(out->arena, "kernels/%s.h", kernel_info((enum kernel)i)->name));
    return !l.failed;
}
