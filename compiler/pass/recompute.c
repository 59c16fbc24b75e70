/*
 * Computes results again that training does not keep. Of what stands before the last node that is
 * `kept`, only nodes of that mark are stored from the forward pass for the gradients; where these
 * need another one, a copy of it is computed from them, right before the first gradient that reads
 * it, and serves all. So a result dies in the forward pass with its last reader there, and its copy
 * with the last gradient of its part of the network. A copy is the same operator with the same
 * attributes and operands: dropout drops the same elements.
 *
 * Inputs are always stored, and so are the mean and variance of a batch: they are a number for each
 * channel, and running statistics take them once. A flatten is stored because of what else reads
 * it: a flatten that a linear layer alone reads moves nothing, and the layer then sums in the order
 * of the map's memory, which gives other bits.
 *
 * Needs fuse-epilogues and inline-producers before it: operators are fused as they would be if all
 * were kept, so that results are the same to the bit. Does nothing to a graph without a loss or
 * marks.
 */
#include "pass/pass.h"

#include <stdlib.h>
#include <string.h>

struct recomputing {
    struct graph *graph;
    uint32_t loss, end;        /* positions of the loss, and of the last node that is kept */
    struct node **again;       /* by id: the copy of a node, or NULL */
    VEC(struct node *) wanted; /* nodes to be copied next */
};

/* Whether what a node has computed is still there behind the loss. */
static bool is_stored(const struct recomputing *r, const struct node *n)
{
    const bool statistic = n->op == OP_result && n->input[0]->op == OP_bn_train;
    return n->id >= r->end || n->op == OP_input || n->op == OP_flatten || statistic ||
           (n->kept && !n->inlined);
}

static struct node *copy_of(struct graph *g, const struct node *n)
{
    struct node *copy = graph_make(g, n->op, n, n->input, n->n_inputs, n->type);
    copy->attr = n->attr;
    memcpy(copy->weight, n->weight, sizeof copy->weight);
    memcpy(copy->act_arg, n->act_arg, sizeof copy->act_arg);
    memcpy(copy->border, n->border, sizeof copy->border);
    copy->act = n->act;
    copy->residual = n->residual;
    copy->inlined = n->inlined;
    copy->again = true;
    copy->label = NULL;
    copy->name = strings_intern0(
        g->strings, arena_printf(g->arena, "%s:again", n->name ? n->name : op_info(n->op)->name));
    return copy;
}

static void want(struct recomputing *r, struct node *n)
{
    if (is_stored(r, n) || r->again[n->id])
        return;
    r->again[n->id] = copy_of(r->graph, n);
    VEC_PUSH(r->graph->arena, &r->wanted, n);
}

static int by_position(const void *a, const void *b)
{
    const uint32_t x = (*(struct node *const *)a)->id, y = (*(struct node *const *)b)->id;
    return (x > y) - (x < y);
}

/* Appends copies of the node and of all before it that are not stored, in the order of the forward
 * pass. */
static void compute_again(struct recomputing *r, struct node *n)
{
    struct graph *g = r->graph;
    r->wanted.n = 0;
    want(r, n);
    for (size_t i = 0; i < r->wanted.n; i++)
        for (int k = 0; k < r->wanted.at[i]->n_inputs; k++)
            want(r, r->wanted.at[i]->input[k]);
    if (r->wanted.n)
        qsort(r->wanted.at, r->wanted.n, sizeof *r->wanted.at, by_position);
    for (size_t i = 0; i < r->wanted.n; i++) {
        struct node *copy = r->again[r->wanted.at[i]->id];
        for (int k = 0; k < copy->n_inputs; k++)
            if (r->again[copy->input[k]->id])
                copy->input[k] = r->again[copy->input[k]->id];
        VEC_PUSH(g->arena, &g->nodes, copy);
    }
}

/* What a node behind the loss reads is there: the node that has computed it, or a copy. */
static void provide(struct recomputing *r, struct node *reader)
{
    for (int k = 0; k < reader->n_inputs; k++) {
        struct node *n = reader->input[k];
        if (n->id > r->loss)
            continue;
        compute_again(r, n);
        if (r->again[n->id])
            reader->input[k] = r->again[n->id];
    }
}

/* The position of the last node up to the loss that is kept; 0: none is. */
static uint32_t last_kept(const struct graph *g, uint32_t loss)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i <= loss; i++)
        if (g->nodes.at[i]->kept)
            last = i;
    return last;
}

void pass_recompute(struct graph *g)
{
    const struct graph_output *loss = graph_find_output(g, NETRT_PURPOSE_loss);
    if (!loss || !last_kept(g, loss->node->id))
        return;
    struct recomputing r = {.graph = g, .loss = loss->node->id};
    const size_t n = g->nodes.n;
    r.end = last_kept(g, r.loss);
    r.again = arena_array(g->arena, n, sizeof *r.again);
    struct node *const *before = graph_take_nodes(g);
    for (size_t i = 0; i < n; i++) {
        if (i > r.loss)
            provide(&r, before[i]);
        VEC_PUSH(g->arena, &g->nodes, before[i]);
    }
    graph_renumber(g);
    graph_sweep(g);
}
