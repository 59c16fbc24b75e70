/* Where the parameters of an operator are to be: as the file has them, if that is a place. */
#include "ir/names.h"
#include "write/tree.h"

#include <ctype.h>
#include <string.h>

static bool has_weights(const struct node *n)
{
    for (int role = 0; role < N_ROLES; role++)
        if (n->weight[role])
            return true;
    return false;
}

static bool has_own_names(const struct node *n)
{
    for (int role = 0; role < N_ROLES; role++)
        if (n->weight[role] && !weight_is_default(n, (enum role)role))
            return false;
    return true;
}

/* "layer1.0.conv1" of a parameter "layer1.0.conv1.weight"; NULL: it is called otherwise. */
static const char *path_of_weight(struct writing *s, const struct node *n, enum role role)
{
    const struct weight *w = n->weight[role];
    const char *suffix = role_suffix(role);
    if (!w || w->kind != NETRT_EXPR_PARAM)
        return NULL;
    const size_t all = strlen(w->name), end = strlen(suffix);
    if (all <= end || strcmp(w->name + all - end, suffix))
        return NULL;
    return arena_strndup(s->arena, w->name, all - end);
}

/* "layer1.0.conv1" of the name of a node "layer1.0.conv1.Conv": exporters put the operator behind
 * the module's path, and begin it with a capital. *module: it was there. */
static const char *path_of_name(struct writing *s, const char *name, bool *module)
{
    const char *dot = strrchr(name, '.'), *last = dot ? dot + 1 : name;
    *module = isupper((unsigned char)*last);
    if (*module && dot)
        return arena_strndup(s->arena, name, (size_t)(dot - name));
    return name;
}

/* Without empty components, which no label can be. */
static const char *tidy_path(struct writing *s, const char *path)
{
    struct text t;
    text_init(&t, s->arena);
    while (*path) {
        const size_t n = strcspn(path, ".");
        if (n && t.n)
            text_append(&t, ".");
        text_append_n(&t, path, n);
        path += n + (path[n] == '.');
    }
    return t.n ? text_string(&t) : "net";
}

static const char *wanted_path(struct writing *s, const struct node *n)
{
    bool module;
    if (n->name && has_own_names(n))
        return n->name;
    for (int role = 0; role < N_ROLES; role++) {
        const char *path = path_of_weight(s, n, (enum role)role);
        if (path && n->op != OP_param)
            return path;
        if (path && role == ROLE_value)
            return path;
        if (n->weight[role])
            break; /* the others are called as they come */
    }
    return path_of_name(s, n->name ? n->name : "", &module);
}

static const char *hint_of(struct writing *s, const struct node *n)
{
    bool module = false;
    if (!n->name)
        return NULL;
    const char *path = path_of_name(s, n->name, &module);
    const char *dot = strrchr(path, '.');
    if (!module && !has_own_names(n))
        return NULL;
    return dot ? arena_strndup(s->arena, path, (size_t)(dot - path)) : module ? "" : NULL;
}

/* Neither the place of another, nor inside of one: what is called "a" is no scope beside. */
struct taken {
    struct writing *s;
    struct unique names;
};

static void take(struct taken *t, const struct node *n)
{
    const char *wanted = tidy_path(t->s, wanted_path(t->s, n));
    t->s->path[n->id] = unique_add(&t->names, wanted, NULL, NULL);
}

static bool has_results(const struct graph *g, const struct node *n)
{
    for (int i = 1; i < op_info(n->op)->n_results; i++)
        if (graph_find_result(g, n, i))
            return true;
    return false;
}

/* A name of one word, by which its further results are found. */
static void take_word(struct taken *t, const struct node *n)
{
    const char *wanted = word_of(t->s->arena, wanted_path(t->s, n));
    t->s->path[n->id] = unique_add(&t->names, wanted, NULL, NULL);
}

void write_paths(struct writing *s)
{
    const struct graph *g = s->graph;
    struct taken t = {.s = s};
    unique_init(&t.names, s->arena);
    s->path = arena_array(s->arena, g->nodes.n, sizeof *s->path);
    s->hint = arena_array(s->arena, g->nodes.n, sizeof *s->hint);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        s->hint[i] = hint_of(s, n);
        if (has_results(g, n))
            take_word(&t, n);
        else if (has_weights(n))
            take(&t, n);
    }
}
