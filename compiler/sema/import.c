/* Files and the files they import: each read once, cycles shown. */
#include "sema/sema.h"

#include "front/parse.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static bool is_there(const char *path)
{
    struct stat st;
    return !stat(path, &st);
}

/* `name` in the folder of `path`. */
static const char *beside(struct arena *arena, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_printf(arena, "%.*s/%s", (int)(slash - path), path, name) : name;
}

const char *import_search(struct arena *arena, const struct elaborate_options *o, const char *from,
                          const char *name)
{
    if (*name == '/')
        return is_there(name) ? name : NULL;
    const char *path = beside(arena, from, name);
    if (is_there(path))
        return path;
    for (size_t i = 0; i < o->n_include_dirs; i++) {
        path = arena_printf(arena, "%s/%s", o->include_dirs[i], name);
        if (is_there(path))
            return path;
    }
    for (size_t i = 0; o->resources && i < 2; i++) {
        path = arena_printf(arena, "%s/%s%s", o->resources, i ? "blocks/" : "", name);
        if (is_there(path))
            return path;
    }
    return NULL;
}

const char *module_search(struct sema *s, const struct module *from, const char *name)
{
    return import_search(s->arena, s->options, from->path, name);
}

/* Whether a line of the file starts with "block NAME". */
static bool defines_block(struct arena *arena, const char *path, const char *name)
{
    struct sources files;
    const char *why, *start = arena_printf(arena, "block %s", name);
    sources_init(&files, arena);
    const struct source *file = sources_get(&files, sources_open(&files, path, &why));
    for (uint32_t line = 1; file && line <= file->n_lines; line++) {
        size_t n, length = strlen(start);
        const char *text = source_line(file, line, &n);
        if (n > length && !memcmp(text, start, length) && strchr(" ({", text[length]))
            return true;
    }
    return false;
}

const char *module_in_library(const struct sema *s, const char *block)
{
    if (!s->options->resources)
        return NULL;
    const char *folder = arena_printf(s->arena, "%s/blocks", s->options->resources), *found = NULL;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        const char *path = arena_printf(s->arena, "%s/%s", folder, e->d_name);
        bool first = !found || strcmp(e->d_name, found) < 0;
        if (*e->d_name != '.' && first && defines_block(s->arena, path, block))
            found = arena_strdup(s->arena, e->d_name);
    }
    if (d)
        closedir(d);
    return found ? arena_printf(s->arena, "blocks/%s", found) : NULL;
}

static struct module *find_loaded(struct sema *s, const struct stat *st)
{
    for (size_t i = 0; i < s->modules.n; i++)
        if (s->modules.at[i]->device == (uint64_t)st->st_dev &&
            s->modules.at[i]->file == (uint64_t)st->st_ino)
            return s->modules.at[i];
    return NULL;
}

/* "a.net", imported by "b.net", imported by "a.net": from the import that closes the circle out. */
static void report_cycle(struct sema *s, const struct module *from, const struct module *again,
                         struct span span)
{
    struct diag *d = diag_add(s->diags, span, MESSAGE(err_import_cycle), again->path);
    for (const struct module *m = from; m && m != again; m = m->imported_by)
        diag_note(d, m->imported_at, "'%s' is imported here", m->path);
}

static void report_missing(struct sema *s, const struct module *from, const struct ast_item *item)
{
    const struct elaborate_options *o = s->options;
    struct text t;
    text_init(&t, s->arena);
    struct diag *d =
        diag_add(s->diags, item->span, MESSAGE(err_open), item->import, "no such file");
    text_printf(&t, "'%s'", beside(s->arena, from->path, item->import));
    for (size_t i = 0; i < o->n_include_dirs; i++)
        text_printf(&t, ", '%s'", o->include_dirs[i]);
    if (o->resources)
        text_printf(&t, ", '%s'", o->resources);
    diag_hint(d, "looked for it at %s", text_string(&t));
}

static bool is_definition(const struct ast_item *item)
{
    return item->kind == ITEM_block || item->kind == ITEM_net || item->kind == ITEM_train;
}

static const char *item_name(const struct ast_item *item, struct span *span)
{
    if (is_definition(item))
        *span = item->definition.name_span;
    else if (item->kind == ITEM_let)
        *span = item->let.name_span;
    return is_definition(item)      ? item->definition.name
           : item->kind == ITEM_let ? item->let.name
                                    : NULL;
}

/* A block, a net and a constant may share a name: they stand in different places. */
static void define_names(struct module *m)
{
    struct span span;
    for (size_t i = 0; i < m->tree->items.n; i++) {
        struct ast_item *item = m->tree->items.at[i];
        const char *name = item_name(item, &span);
        if (name && !map_get(&m->definitions[item->kind], name))
            map_put(&m->definitions[item->kind], name, item);
    }
}

static void check_duplicate(struct sema *s, const struct module *m, const struct ast_item *item)
{
    struct span span = {0}, earlier = {0};
    const char *name = item_name(item, &span);
    const struct ast_item *first = name ? map_get(&m->definitions[item->kind], name) : item;
    if (first == item)
        return;
    item_name(first, &earlier);
    struct diag *d = diag_add(sema_sink(s, span), span, MESSAGE(err_defined_twice), name);
    diag_note(d, earlier, "the first is here");
}

/* One's own definition wins over an operator and over an import. */
static void check_shadow(struct sema *s, const struct module *m, const struct ast_item *item)
{
    const struct ast_definition *d = &item->definition;
    const struct ast_item *other = NULL;
    struct place p = {.scope = m->scope};
    if (!is_definition(item))
        return;
    if (item->kind == ITEM_block && op_find(d->name, CLASS_LAYER) != N_OPS)
        SEMA_WARNING(s, &p, d->name_span, warn_shadow, d->name, "operator");
    for (size_t i = 0; i < m->imports.n && !other; i++)
        other = map_get(&m->imports.at[i]->definitions[item->kind], d->name);
    if (other)
        diag_note(SEMA_WARNING(s, &p, d->name_span, warn_shadow, d->name, "imported one"),
                  other->definition.name_span, "that one is here");
}

static void define_let(struct sema *s, struct module *m, const struct ast_let *let)
{
    struct binding b = {.name = let->name, .span = let->name_span, .let = let, .scope = m->scope};
    if (let->function) {
        b.value = value_callable(callable_function(s, let, m->scope));
        b.evaluated = true;
    }
    VEC_PUSH(s->arena, &m->scope->bindings, b);
}

static struct module *load(struct sema *s, const char *path, struct module *from, struct span span);

static void add_import(struct sema *s, struct module *m, struct module *imported)
{
    size_t n = 0;
    for (size_t i = 0; i < m->imports.n; i++)
        if (m->imports.at[i] != imported)
            m->imports.at[n++] = m->imports.at[i];
    m->imports.n = n;
    VEC_PUSH(s->arena, &m->imports, imported);
}

static bool import_items(struct sema *s, struct module *m)
{
    bool good = true;
    for (size_t i = 0; i < m->tree->items.n; i++) {
        const struct ast_item *item = m->tree->items.at[i];
        if (item->kind != ITEM_import)
            continue;
        const char *path = module_search(s, m, item->import);
        struct module *imported = path ? load(s, path, m, item->span) : NULL;
        if (!path)
            report_missing(s, m, item);
        if (imported)
            add_import(s, m, imported);
        good &= imported != NULL;
    }
    return good;
}

static void define_items(struct sema *s, struct module *m)
{
    struct place p = {.scope = m->scope};
    for (size_t i = 0; i < m->tree->items.n; i++) {
        const struct ast_item *item = m->tree->items.at[i];
        check_duplicate(s, m, item);
        check_shadow(s, m, item);
        if (item->kind == ITEM_let)
            define_let(s, m, &item->let);
    }
    for (size_t i = 0; i < m->tree->items.n; i++)
        if (m->tree->items.at[i]->kind == ITEM_default)
            elaborate_default(s, &p, &m->tree->items.at[i]->defaults, m->tree->items.at[i]->span);
    for (size_t i = 0; i < m->scope->bindings.n; i++)
        binding_value(s, &p, &m->scope->bindings.at[i]);
}

static struct module *open_module(struct sema *s, const char *path, struct module *from,
                                  struct span span)
{
    const char *why = NULL;
    struct stat st = {0};
    struct parsed_files own = {0}, *files = s->options->parsed ? s->options->parsed : &own;
    const struct parsed_file *file =
        parsed_open(files, s->arena, s->strings, s->sources, s->diags, path, &why);
    if (!file) {
        diag_add(s->diags, span, MESSAGE(err_open), path, why);
        return NULL;
    }
    stat(path, &st);
    struct module *m = arena_new_of(s->arena, struct module);
    *m = (struct module){.path = path,
                         .source = file->source,
                         .tree = file->tree,
                         .device = (uint64_t)st.st_dev,
                         .file = (uint64_t)st.st_ino,
                         .loading = true,
                         .imported_at = span,
                         .imported_by = from};
    VEC_PUSH(s->arena, &s->modules, m);
    m->scope = scope_new(s, NULL);
    m->scope->module = m;
    m->scope->block = true;
    for (size_t i = 0; i <= ITEM_train; i++)
        m->definitions[i].arena = s->arena;
    define_names(m);
    return m;
}

static struct module *load(struct sema *s, const char *path, struct module *from, struct span span)
{
    struct stat st;
    struct module *m = stat(path, &st) ? NULL : find_loaded(s, &st);
    if (m && m->loading)
        report_cycle(s, from, m, span);
    if (m)
        return m->loading || !m->tree ? NULL : m;
    size_t errors = s->diags->n_errors;
    m = open_module(s, path, from, span);
    if (!m)
        return NULL;
    bool partial = s->options->partial;
    bool good = (partial || s->diags->n_errors == errors) && (import_items(s, m) || partial);
    m->loading = false;
    if (!good) {
        m->tree = NULL;
        return NULL;
    }
    define_items(s, m);
    return m;
}

struct module *module_load(struct sema *s, const char *path)
{
    return load(s, path, NULL, (struct span){0});
}
