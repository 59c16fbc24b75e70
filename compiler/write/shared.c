/*
 * Steps that have all parameters of an earlier one have its path, and `shared` before their labels.
 * Where a scope holds nothing else, its braces are shared, once for each time that it is gone
 * through. A step that shares some of its parameters only has copies of its own.
 */
#include "write/tree.h"

#include <string.h>

/* Its first parameter stands for all. */
static const struct weight *first_weight(const struct node *n)
{
    for (int role = 0; role < N_ROLES; role++)
        if (n->weight[role])
            return n->weight[role];
    return NULL;
}

/* Whether `again` is the path of that module where it is called again: PyTorch then puts "_1"
 * behind some part of it. */
static bool is_path_again(const char *path, const char *again)
{
    while (*path && *path == *again) {
        path++;
        again++;
        if ((!*path || *path == '.') && *again == '_')
            again += 1 + strspn(again + 1, "0123456789");
    }
    return !*path && !*again;
}

/* Exporters give tensors that happen to be equal one name too: of other modules they are others. */
static bool is_module_again(const struct writing *s, const struct node *n, const struct node *again)
{
    const char *path = s->hint[n->id], *other = s->hint[again->id];
    return !path || !other || is_path_again(path, other);
}

static bool has_same(const struct node *a, const struct node *b)
{
    return a->op == b->op && !memcmp(a->weight, b->weight, sizeof a->weight);
}

void find_shared(struct writing *s)
{
    const struct graph *g = s->graph;
    struct map first = {.arena = s->arena}; /* by parameter */
    s->first = arena_array(s->arena, g->nodes.n, sizeof *s->first);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i], *before = NULL;
        const struct weight *w = first_weight(n);
        if (!w)
            continue;
        before = map_get(&first, w);
        if (!before)
            map_put(&first, w, (void *)(uintptr_t)n);
        if (!before || !has_same(before, n) || !is_module_again(s, before, n))
            continue;
        s->first[i] = s->first[before->id] = before;
        s->shares = true;
    }
}

bool is_written_again(const struct writing *s, const struct node *n)
{
    return s->first[n->id] && s->first[n->id] != n;
}

static bool is_inside(const char *path, const char *scope)
{
    const size_t n = strlen(scope);
    return !strncmp(path, scope, n) && path[n] == '.';
}

bool scope_is_shared(const struct writing *s, const char *scope)
{
    bool any = false;
    for (size_t i = 0; s->shares && i < s->graph->nodes.n; i++) {
        if (!s->path[i] || !is_inside(s->path[i], scope))
            continue;
        if (!s->first[i])
            return false;
        any = true;
    }
    return any;
}

struct seeing {
    struct map paths;
    bool again;
};

static void see(void *context, struct step *step)
{
    struct seeing *seen = context;
    if (!step->path)
        return;
    seen->again = seen->again || map_get(&seen->paths, step->path);
    map_put(&seen->paths, step->path, step);
}

size_t end_of_round(struct writing *s, const struct seq *seq, size_t first, size_t end)
{
    struct seeing seen = {.paths.arena = s->arena};
    for (size_t i = first; i < end; i++) {
        step_walk(seq->steps.at[i], see, &seen);
        if (seen.again)
            return i;
    }
    return end;
}

static void leave_to_scope(void *context, struct step *step)
{
    (void)context;
    step->shared = false;
}

void share_scope(struct step *scope)
{
    step_walk(scope, leave_to_scope, NULL);
    scope->shared = true;
}
