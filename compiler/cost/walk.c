#include "cost/walk.h"

#include "base/number.h"
/* Operators that pass their gradient on share it: add to its operands, a view to its own. */
struct gradient {
    int64_t bytes;
    int users;
    struct gradient *next; /* of the unused ones */
};

static bool has_parameters(const struct node *n)
{
    for (enum role role = 0; role < N_ROLES; role++)
        if (n->weight[role] && role_is_learned(role))
            return true;
    return false;
}

/* What all tensors together could take, twice over, must fit: then no sum of the walk overflows. */
static bool sums_fit(const struct graph *g)
{
    int64_t total = 0;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        int64_t bytes = type_bytes(&n->type), often;
        if (!checked_mul(bytes, 4 * ((int64_t)n->n_inputs + 1), &often) ||
            !checked_add(total, often, &total) || !checked_add(total, saved_extra(n), &total))
            return false;
    }
    return true;
}

bool walk_init(struct walk *w, struct arena *arena, const struct graph *g)
{
    size_t n = g->nodes.n;
    *w = (struct walk){.graph = g, .arena = arena};
    storages_init(&w->storages, arena, g);
    w->learns = arena_array(arena, n, sizeof *w->learns);
    w->pending = arena_array(arena, n, sizeof *w->pending);
    w->keepers = arena_array(arena, n, sizeof *w->keepers);
    for (size_t i = 0; i < n; i++) {
        const struct node *node = g->nodes.at[i];
        w->learns[i] = has_parameters(node);
        for (int k = 0; k < node->n_inputs; k++)
            w->learns[i] |= w->learns[node->input[k]->id];
        w->learns[i] &= !dtype_is_integer(node->type.dtype);
    }
    return sums_fit(g);
}

/* ---- what is saved ---- */

struct keeping {
    struct walk *walk;
    uint32_t node;
};

/* The positions that a topk finds, which it counts among what it keeps itself. */
static bool is_counted_by_maker(const struct walk *w, uint32_t root)
{
    const struct node *n = w->graph->nodes.at[root];
    return n->op == OP_result && n->input[0]->op == OP_topk && w->learns[n->input[0]->id];
}

static void keep_tensor(void *context, uint32_t root)
{
    struct keeping *k = context;
    struct walk *w = k->walk;
    if (w->keepers[root] || root < w->first || is_counted_by_maker(w, root))
        return;
    w->keepers[root] = k->node + 1;
    w->alive += storage_bytes(&w->storages, root);
}

static void release_tensor(void *context, uint32_t root)
{
    struct keeping *k = context;
    struct walk *w = k->walk;
    if (w->keepers[root] != k->node + 1)
        return;
    w->keepers[root] = 0;
    w->alive -= storage_bytes(&w->storages, root);
}

/* The nodes come in order: the first that keeps a storage is the last to need it. */
static void keep_all(struct walk *w)
{
    for (uint32_t i = w->first; i < w->end; i++) {
        const struct node *n = w->graph->nodes.at[i];
        struct keeping k = {w, i};
        if (!w->learns[i])
            continue;
        saved_tensors(&w->storages, n, keep_tensor, &k);
        w->alive += saved_extra(n);
    }
}

static void release(struct walk *w, const struct node *n)
{
    struct keeping k = {w, n->id};
    saved_tensors(&w->storages, n, release_tensor, &k);
    w->alive -= saved_extra(n);
}

/* ---- gradients ---- */

static void change(struct walk *w, int64_t bytes)
{
    w->alive += bytes;
    w->gradients += bytes;
}

static struct gradient *gradient_new(struct walk *w, const struct node *n)
{
    struct gradient *g = w->unused ? w->unused : arena_new_of(w->arena, struct gradient);
    w->unused = g->next;
    *g = (struct gradient){type_bytes(&n->type), 1, NULL};
    change(w, g->bytes);
    return g;
}

static void gradient_drop(struct walk *w, struct gradient *g)
{
    if (--g->users)
        return;
    change(w, -g->bytes);
    g->next = w->unused;
    w->unused = g;
}

static void note_peak(struct walk *w, const struct node *n)
{
    if (w->peak_at && w->alive <= w->peak)
        return;
    w->peak = w->alive;
    w->peak_gradients = w->gradients;
    w->peak_at = n;
}

/* Another use's gradient of the same tensor: the sum is a third, then the two end. */
static void accumulate(struct walk *w, const struct node *in, struct gradient *g)
{
    struct gradient **pending = &w->pending[in->id];
    if (*pending) {
        struct gradient *sum = gradient_new(w, in);
        note_peak(w, in);
        gradient_drop(w, *pending);
        gradient_drop(w, g);
        g = sum;
    }
    *pending = g;
}

/* Gradients of the operands are made while the result's and what was saved are alive. */
static void step_back(struct walk *w, const struct node *n)
{
    struct gradient *own = w->pending[n->id];
    for (int i = 0; own && i < n->n_inputs; i++) {
        const struct node *in = n->input[i];
        struct gradient *g = own;
        if (!w->learns[in->id])
            continue;
        if (saved_passes_gradient(n))
            own->users++;
        else
            g = gradient_new(w, in);
        note_peak(w, n);
        accumulate(w, in, g);
    }
    note_peak(w, n);
    if (own)
        gradient_drop(w, own);
    w->pending[n->id] = NULL;
    if (w->learns[n->id])
        release(w, n);
}

/* The loss gives a gradient to every output but integers; a part's last node has it from the part
 * behind. */
static void start_gradients(struct walk *w)
{
    const struct graph *g = w->graph;
    const struct node *last = g->nodes.at[w->end - 1];
    if (!dtype_is_integer(last->type.dtype))
        w->pending[last->id] = gradient_new(w, last);
    for (size_t i = 0; i < g->outputs.n; i++) {
        const struct node *n = g->outputs.at[i].node;
        if (n->id >= w->first && n->id < w->end && !w->pending[n->id] &&
            !dtype_is_integer(n->type.dtype))
            w->pending[n->id] = gradient_new(w, n);
    }
}

static void walk_nodes(struct walk *w, uint32_t first, uint32_t end, int64_t base)
{
    w->first = first;
    w->end = end;
    w->alive = base;
    w->gradients = w->peak = w->peak_gradients = 0;
    w->peak_at = NULL;
    keep_all(w);
    w->saved = w->alive - base;
    start_gradients(w);
    for (uint32_t i = end; i-- > first;)
        step_back(w, w->graph->nodes.at[i]);
}

void walk_all(struct walk *w)
{
    if (w->graph->nodes.n)
        walk_nodes(w, 0, (uint32_t)w->graph->nodes.n, 0);
}

void walk_part(struct walk *w, uint32_t from, uint32_t last, int64_t base)
{
    walk_nodes(w, from + 1, last + 1, base);
    w->pending[from] = NULL;
}
