/*
 * Moves residual adds and activations into the operator before them: a host computes
 * act(op + residual). An add of two takes its first operand as host where that can be one (the body
 * of a residual block), else its second. Likewise the gradient of an activation that follows a bn
 * moves into the gradient of that, which makes the activation's input again from its own.
 *
 * Needs fold-bn before it, to find convolutions where bn stood. Keeps the program in order: a host
 * that stands before the other operand moves down to the add's place, which its single use allows
 * (one with further results stays), and into the add's frame, so that instances of blocks stay in
 * one piece.
 */
#include "pass/pass.h"

#include <string.h>

static bool is_free_host(const struct node *node, const uint32_t *uses)
{
    return op_has(node->op, OP_EPILOGUE) && node->act == NETRT_ACT_none && uses[node->id] == 1;
}

/* `host` takes the uses of `node`, the operator it has absorbed. */
static void absorb(struct graph *graph, struct node *host, struct node *node, uint32_t *uses)
{
    graph_absorb(graph, host, node, uses[node->id]);
    uses[host->id] = uses[node->id];
    uses[node->id] = 0;
}

static void fuse_activation(struct graph *graph, struct node *node, uint32_t *uses)
{
    struct node *host = node->input[0];
    if (!is_free_host(host, uses))
        return;
    host->act = op_act(node->op);
    for (int i = 0; i < 2; i++)
        host->act_arg[i] = op_act_arg(node->op, &node->attr, i);
    absorb(graph, host, node, uses);
}

static void swap_places(struct graph *graph, struct node *a, struct node *b, uint32_t *uses)
{
    const uint32_t a_id = a->id, a_uses = uses[a->id];
    uses[a->id] = uses[b->id];
    uses[b->id] = a_uses;
    a->id = b->id;
    b->id = a_id;
    graph->nodes.at[a->id] = a;
    graph->nodes.at[b->id] = b;
}

static void add_residual(struct graph *graph, struct node *host, struct node *residual)
{
    struct node **input = arena_array(graph->arena, 2, sizeof(struct node *));
    input[0] = host->input[0];
    input[1] = residual;
    host->input = input;
    host->n_inputs = 2;
    host->residual = true;
}

static void fuse_add(struct graph *graph, struct node *add, uint32_t *uses)
{
    for (int i = 0; i < 2; i++) {
        struct node *host = add->input[i], *residual = add->input[1 - i];
        if (!is_free_host(host, uses) || host->residual ||
            !type_equal_dims(&host->type, &residual->type) ||
            (host->id < residual->id && op_info(host->op)->n_results > 1))
            continue;
        if (host->id < residual->id) {
            swap_places(graph, host, add, uses);
            host->frame = add->frame;
        }
        add_residual(graph, host, residual);
        absorb(graph, host, add, uses);
        return;
    }
}

/* Whether an activation that this is the gradient of is that of what bn makes. */
static bool is_derivative_at(const struct node *gradient, const struct node *bn)
{
    const struct node *saved = gradient->input[1];
    if (!act_keeps_result(gradient->act))
        return saved == bn;
    return op_has(saved->op, OP_ACTIVATION) && saved->input[0] == bn &&
           op_act(saved->op) == gradient->act;
}

/* Operands of bn's gradient: that of its result, its input, and the mean that bn has made of it. */
static void fuse_gradient(struct graph *graph, struct node *host, uint32_t *uses)
{
    struct node *node = host->input[0], *bn = host->input[2]->input[0];
    if (node->op != OP_activation_gradient || uses[node->id] != 1 || !is_derivative_at(node, bn))
        return;
    host->act = node->act;
    memcpy(host->act_arg, node->act_arg, sizeof host->act_arg);
    uses[node->input[1]->id]--;
    graph_absorb(graph, host, node, 0);
    host->input[0] = node->input[0];
    node->n_inputs = 0; /* until it is swept, it is no reader to replace */
}

/* Of each node the uses of its first result: an epilogue changes no other. */
static uint32_t *count_uses(const struct graph *graph)
{
    uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (graph->nodes.at[i]->op == OP_result)
            uses[graph->nodes.at[i]->input[0]->id]--;
    return uses;
}

void pass_fuse(struct graph *graph)
{
    uint32_t *uses = count_uses(graph);
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (graph->nodes.at[i]->op == OP_bn_gradient)
            fuse_gradient(graph, graph->nodes.at[i], uses);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        struct node *node = graph->nodes.at[i];
        if (op_has(node->op, OP_ACTIVATION))
            fuse_activation(graph, node, uses);
        else if (node->op == OP_add && node->n_inputs == 2)
            fuse_add(graph, node, uses);
    }
    graph_sweep(graph);
}
