/* Where the parameters of an operator are to be: as the file has them, if that is a place. */
#include "ir/names.h"
#include "write/tree.h"

#include <ctype.h>
#include <string.h>

struct paths {
    struct writing *s;
    struct unique scopes; /* what some wanted path is inside of */
    struct map uses;      /* by parameter: how many operators have it */
};

static void count_uses(struct paths *t)
{
    const struct graph *g = t->s->graph;
    for (size_t i = 0; i < g->nodes.n; i++)
        for (int role = 0; role < N_ROLES; role++) {
            const struct weight *w = g->nodes.at[i]->weight[role];
            if (w && !is_written_again(t->s, g->nodes.at[i]))
                map_put(&t->uses, w, (void *)((uintptr_t)map_get(&t->uses, w) + 1));
        }
}

static bool has_own_names(const struct node *n)
{
    for (int role = 0; role < N_ROLES; role++)
        if (n->weight[role] && !weight_is_default(n, (enum role)role))
            return false;
    return true;
}

/* "layer1.0.conv1" of a parameter "layer1.0.conv1.weight", "attention.in_proj_*" of
 * "attention.in_proj_weight"; NULL: it is called otherwise. */
static const char *path_of_weight(struct writing *s, const struct node *n, enum role role)
{
    const struct weight *w = n->weight[role];
    const char *suffix = role_suffix(role);
    if (!w || w->kind != NETRT_EXPR_PARAM)
        return NULL;
    const size_t all = strlen(w->name), end = strlen(suffix);
    if (all <= end || strcmp(w->name + all - end + (end > 0), suffix + (end > 0)))
        return NULL;
    const char between = end ? w->name[all - end] : '.';
    if (between != '.' && between != '_')
        return NULL;
    return arena_printf(s->arena, between == '.' ? "%.*s" : "%.*s_*", (int)(all - end), w->name);
}

/* Whether a parameter that was computed has its name from a node: exporters begin these so. */
static bool is_of_node(const char *path)
{
    const char *dot = strrchr(path, '.');
    return isupper((unsigned char)(dot ? dot + 1 : path)[0]) || !strncmp(path, "node_", 5);
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

/* Without empty components, which no label can be, and what no string has or means something else
 * in a label. */
static const char *tidy_path(struct writing *s, const char *path)
{
    struct text t;
    text_init(&t, s->arena);
    while (*path) {
        const size_t length = strcspn(path, ".");
        if (length && t.n)
            text_append(&t, ".");
        text_append_n(&t, path, length);
        path += length + (path[length] == '.');
    }
    for (size_t i = 0; i < t.n; i++)
        if (t.at[i] == '*' && t.at[i + 1])
            t.at[i] = '_';
    return t.n ? string_of(s->arena, t.at) : "net";
}

/* A parameter that several operators share is called after one of them at most. */
static bool is_own(const struct paths *t, const struct weight *w)
{
    return map_get(&t->uses, w) == (void *)(uintptr_t)1;
}

static const char *wanted_path(struct paths *t, const struct node *n)
{
    const char *shared = NULL;
    bool module;
    if (n->name && has_own_names(n))
        return n->name;
    for (int role = 0; role < N_ROLES; role++) {
        const char *path = path_of_weight(t->s, n, (enum role)role);
        if (path && is_own(t, n->weight[role]) && !is_of_node(path))
            return path;
        shared = shared ? shared : path;
    }
    const char *path = path_of_name(t->s, n->name ? n->name : "", &module);
    return shared && !module ? shared : path;
}

/* What its own name says: the path of the module that it is, or is in; NULL: nothing. Of a
 * description names are paths, or numbers. */
static const char *hint_of(struct writing *s, const struct node *n)
{
    bool module = false;
    if (!n->name)
        return NULL;
    const char *path = path_of_name(s, n->name, &module);
    if (module)
        return path == n->name ? "" : path;
    return strchr(path, '.') || isdigit((unsigned char)*path) ? path : NULL;
}

static void add_scopes(struct paths *t, const char *path)
{
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.'))
        unique_take(&t->scopes, arena_strndup(t->s->arena, path, (size_t)(dot - path)));
}

/* Whether an output is written behind the very result that it is. */
static bool is_in_place(const struct writing *s, size_t output)
{
    return output && output <= s->early && s->behind[output] == s->graph->outputs.at[output].node;
}

/* The operator whose path is looked for, in what refuses it. */
struct taking {
    const struct paths *paths;
    const struct node *node;
};

/* No operator is called as a scope, nor as an output that is not its own step. */
static bool is_reserved(const void *context, const char *name)
{
    const struct taking *taking = context;
    const struct writing *s = taking->paths->s;
    const struct graph_output *o = output_named(s, name);
    const bool own =
        o && o->node == taking->node && is_in_place(s, (size_t)(o - s->graph->outputs.at));
    return unique_has(&taking->paths->scopes, name) || (o && !own);
}

static bool has_results(const struct graph *g, const struct node *n)
{
    for (int i = 1; i < op_info(n->op)->n_results; i++)
        if (graph_find_result(g, n, i))
            return true;
    return false;
}

/* The path that an operator has where it is free: where its further results are found by it, of one
 * word. NULL: it needs none. */
static const char *own_path(struct paths *t, const struct node *n)
{
    if (has_results(t->s->graph, n))
        return word_of(t->s->arena, wanted_path(t, n));
    return node_has_weights(n) ? tidy_path(t->s, wanted_path(t, n)) : NULL;
}

static void take(struct paths *t, const struct node *n)
{
    const struct taking taking = {t, n};
    const char *wanted = own_path(t, n);
    if (wanted)
        t->s->path[n->id] = unique_add(&t->s->paths, wanted, is_reserved, &taking);
}

/* ---- outputs ---- */

const struct graph_output *output_named(const struct writing *s, const char *name)
{
    for (size_t i = 1; i < s->graph->outputs.n; i++)
        if (!strcmp(s->graph->outputs.at[i].name, name))
            return &s->graph->outputs.at[i];
    return NULL;
}

bool output_is_step(const struct writing *s, size_t output)
{
    const struct graph_output *o = &s->graph->outputs.at[output];
    const char *path = s->path[o->node->id];
    return is_in_place(s, output) && path && !strcmp(path, o->name);
}

/* A number that is greater for a result that is written further down. */
static uint64_t place_of(const struct node *n)
{
    enum { RESULTS = 8 };
    return n->op == OP_result ? (uint64_t)n->input[0]->id * RESULTS + (uint64_t)n->attr.index
                              : (uint64_t)n->id * RESULTS;
}

static bool could_be_step(struct paths *t, const struct graph_output *o)
{
    const char *path = t->s->first[o->node->id] ? NULL : own_path(t, o->node);
    return path && !strcmp(path, o->name);
}

/* An output that is the step of its operator stands where that does, and so do those before it, or
 * the order of outputs would be another: each behind the last result that one up to it is. */
static void find_early(struct paths *t)
{
    struct writing *s = t->s;
    const struct graph_output *o = s->graph->outputs.at;
    const struct node *last = NULL;
    s->behind = arena_array(s->arena, s->graph->outputs.n, sizeof *s->behind);
    for (size_t i = 1; i < s->graph->outputs.n; i++) {
        const bool later = !last || place_of(o[i].node) > place_of(last);
        s->behind[i] = last = later ? o[i].node : last;
        if (later && could_be_step(t, &o[i]))
            s->early = i;
    }
}

void write_paths(struct writing *s)
{
    const struct graph *g = s->graph;
    struct paths t = {.s = s, .uses.arena = s->arena};
    unique_init(&s->paths, s->arena);
    unique_init(&t.scopes, s->arena);
    s->path = arena_array(s->arena, g->nodes.n, sizeof *s->path);
    s->hint = arena_array(s->arena, g->nodes.n, sizeof *s->hint);
    for (size_t i = 0; i < g->nodes.n; i++)
        s->hint[i] = hint_of(s, g->nodes.at[i]);
    find_shared(s);
    count_uses(&t);
    for (size_t i = 0; i < g->nodes.n; i++)
        if (node_has_weights(g->nodes.at[i]) && !is_written_again(s, g->nodes.at[i]))
            add_scopes(&t, tidy_path(s, wanted_path(&t, g->nodes.at[i])));
    find_early(&t);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        if (is_written_again(s, n))
            s->path[i] = s->path[s->first[i]->id];
        else
            take(&t, n);
    }
}
