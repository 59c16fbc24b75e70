/*
 * Checkpointing: keep some points of the network, and compute what lies between two of them again
 * before the walk passes it. A point is a node that all paths go through; the part behind the last
 * kept point need not be computed again, for nothing of it was dropped yet.
 */
#include "base/number.h"
#include "cost/cost.h"
#include "cost/training.h"
#include "cost/walk.h"

enum { MOST_CHECKPOINTS = 16 };

struct checkpointing {
    const struct graph *graph;
    struct walk walk;
    VEC(uint32_t) points; /* ids of nodes, the last node at the end */
    bool fits;
};

/* The id of the last node that uses each node. */
static uint32_t *last_uses(struct arena *arena, const struct graph *g)
{
    uint32_t *last = arena_array(arena, g->nodes.n, sizeof *last);
    for (uint32_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        for (int k = 0; k < n->n_inputs; k++)
            last[n->input[k]->id] = i;
    }
    return last;
}

/* Nodes that nothing passes by: no earlier node is used by a later one. */
static void find_points(struct checkpointing *c, struct arena *arena)
{
    const uint32_t *last = last_uses(arena, c->graph);
    uint32_t reach = 0, n = (uint32_t)c->graph->nodes.n;
    for (uint32_t i = 0; i < n; i++) {
        if (i + 1 == n || (reach <= i && last[i] > i))
            VEC_PUSH(arena, &c->points, i);
        reach = last[i] > reach ? last[i] : reach;
    }
}

static bool is_within(const struct frame *inner, const struct frame *outer)
{
    while (inner && inner != outer)
        inner = inner->parent;
    return inner == outer;
}

/* The nearest block around a node; NULL: it stands in the net itself. */
static const struct frame *block_of(const struct node *n)
{
    const struct frame *f = n->frame;
    while (f && f->kind != FRAME_block)
        f = f->parent;
    return f;
}

/* Whether the node after point p stands outside the block of p's. */
static bool ends_block(const struct checkpointing *c, uint32_t p)
{
    if (p + 1 >= c->graph->nodes.n)
        return false;
    const struct frame *block = block_of(c->graph->nodes.at[p]);
    return block && !is_within(c->graph->nodes.at[p + 1]->frame, block);
}

static bool is_kept(const struct checkpointing *c, size_t point, int64_t keep)
{
    if (point + 1 == c->points.n)
        return true;
    return keep ? (int64_t)point % keep == 0 : ends_block(c, c->points.at[point]);
}

static int64_t macs_between(struct checkpointing *c, uint32_t from, uint32_t last)
{
    int64_t sum = 0;
    struct counts counts;
    for (uint32_t i = from + 1; i <= last; i++)
        c->fits = c->fits && cost_count(c->graph->nodes.at[i], &counts) &&
                  checked_add(sum, counts.macs, &sum);
    return sum;
}

/* A part: on top of the points before it, its own walk. */
static void add_part(struct checkpointing *c, struct checkpoint *k, uint32_t from, uint32_t last,
                     int64_t kept)
{
    walk_part(&c->walk, from, last, kept);
    if (c->walk.peak > k->peak_bytes)
        k->peak_bytes = c->walk.peak;
    if (last + 1 < c->graph->nodes.n)
        k->extra_macs += macs_between(c, from, last);
}

/* Every k-th point, or the ends of blocks. The first point is the input: it is always there. */
static struct checkpoint keep_points(struct checkpointing *c, int64_t keep)
{
    struct checkpoint k = {.keep = keep, .points = 1};
    uint32_t from = c->points.at[0];
    int64_t kept = storage_bytes(&c->walk.storages, from);
    for (size_t i = 1; i < c->points.n; i++) {
        if (!is_kept(c, i, keep))
            continue;
        add_part(c, &k, from, c->points.at[i], kept);
        from = c->points.at[i];
        if (i + 1 < c->points.n) {
            kept += storage_bytes(&c->walk.storages, from);
            k.points++;
        }
    }
    return k;
}

/* Without checkpoints: nothing is computed again. */
static struct checkpoint keep_all_tensors(struct checkpointing *c)
{
    walk_all(&c->walk);
    return (struct checkpoint){1, (int64_t)c->points.n, c->walk.peak, 0};
}

struct checkpoints training_checkpoints(struct arena *arena, const struct graph *g)
{
    struct checkpointing c = {.graph = g, .fits = true};
    struct checkpoints curve = {arena_array(arena, MOST_CHECKPOINTS, sizeof *curve.at), 0};
    if (!walk_init(&c.walk, arena, g))
        return curve;
    find_points(&c, arena);
    if (c.points.n < 3 || g->nodes.at[c.points.at[0]]->op != OP_input)
        return curve;
    curve.at[curve.n++] = keep_all_tensors(&c);
    for (int64_t k = 2; k < (int64_t)c.points.n && curve.n + 1 < MOST_CHECKPOINTS; k += (k + 1) / 2)
        curve.at[curve.n++] = keep_points(&c, k);
    struct checkpoint blocks = keep_points(&c, 0);
    if (blocks.points > 1)
        curve.at[curve.n++] = blocks;
    curve.n = c.fits ? curve.n : 0;
    return curve;
}

/* The input needs no mark, and what stands behind the last point that has one is not computed
 * again. */
void training_keep(struct arena *arena, struct graph *g, int64_t keep)
{
    struct checkpointing c = {.graph = g};
    if (keep == 1)
        return;
    find_points(&c, arena);
    for (size_t i = 1; i + 1 < c.points.n; i++)
        g->nodes.at[c.points.at[i]]->kept = is_kept(&c, i, keep);
}
