/* The verifier sees each way to break a graph that text cannot express. */
#include "ir/ir.h"

#include <stdio.h>
#include <string.h>

static const char text[] =
    "graph \"t\" {\n"
    "  %0 = input \"x\" : f32[1,4,8,8]\n"
    "  %1 = conv %0 {out=4, kernel=3, padding=1} \"a\"\n"
    "  %2 = conv %1, %0 {out=4, kernel=3, padding=1} \"b\" residual act=relu\n"
    "  %3 = bn %2 \"c\"\n"
    "  %4 = concat %3\n"
    "  picture %0 bgr\n"
    "  output \"y\" = %4\n"
    "}\n";

/* Ways to break it; each gets the graph and the nodes by number. */
static void swap_nodes(struct graph *g, struct node **n)
{
    g->nodes.at[2] = n[3];
    g->nodes.at[3] = n[2];
}

static void swap_nodes_and_ids(struct graph *g, struct node **n)
{
    swap_nodes(g, n);
    graph_renumber(g);
}

static void be_no_operator(struct graph *g, struct node **n)
{
    (void)g;
    n[3]->op = N_OPS;
}

static void be_a_picture(struct graph *g, struct node **n)
{
    (void)g;
    n[3]->op = OP_picture_bgr;
}

static void use_itself(struct graph *g, struct node **n)
{
    (void)g;
    n[3]->input[0] = n[3];
}

static void use_a_stranger(struct graph *g, struct node **n)
{
    n[3]->input[0] = graph_make(g, OP_relu, n[2], &n[1], 1, n[1]->type);
}

static void break_an_attribute(struct graph *g, struct node **n)
{
    (void)g;
    n[1]->attr.groups = 0;
}

static void hold_no_number(struct graph *g, struct node **n)
{
    (void)g;
    n[3]->attr.eps = NAN;
}

static void break_the_shape(struct graph *g, struct node **n)
{
    (void)g;
    n[1]->attr.kernel[1] = 20;
}

static void have_another_shape(struct graph *g, struct node **n)
{
    (void)g;
    n[1]->type.dim[3] = 9;
}

static void lose_a_weight(struct graph *g, struct node **n)
{
    (void)g;
    n[1]->weight[ROLE_bias] = NULL;
}

static void gain_a_weight(struct graph *g, struct node **n)
{
    (void)g;
    n[1]->weight[ROLE_running_mean] = n[3]->weight[ROLE_running_mean];
}

static void have_a_strange_parameter(struct graph *g, struct node **n)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = *n[1]->weight[ROLE_bias];
    n[1]->weight[ROLE_bias] = w;
}

static void nest_too_deeply(struct graph *g, struct node **n)
{
    for (int i = 0; i <= MAX_WEIGHT_DEPTH; i++)
        n[1]->weight[ROLE_bias] = weight_sqrt(g, n[1]->weight[ROLE_bias]);
}

static void hold_itself(struct graph *g, struct node **n)
{
    struct weight *w = arena_new_of(g->arena, struct weight);
    *w = *weight_sqrt(g, n[1]->weight[ROLE_bias]);
    w->operand[0] = w;
    n[1]->weight[ROLE_bias] = w;
}

static void be_residual_alone(struct graph *g, struct node **n)
{
    (void)g;
    n[2]->n_inputs = 1;
}

static void differ_from_the_residual(struct graph *g, struct node **n)
{
    struct type half = n[0]->type;
    half.dim[3] = 4;
    struct node *other = graph_make(g, OP_maxpool, n[1], &n[0], 1, half);
    for (int axis = 0; axis < 3; axis++)
        other->attr.kernel[axis] = other->attr.stride[axis] = axis == 1 ? 2 : 1;
    g->nodes.at[1] = other;
    g->nodes.at[2] = n[1];
    g->nodes.at[3] = n[2];
    g->nodes.n = 4;
    g->outputs.at[0].node = n[2];
    n[2]->input[1] = other;
    graph_renumber(g);
}

static void lie_in_a_stranger(struct graph *g, struct node **n)
{
    n[3]->into = graph_make(g, OP_concat, n[4], &n[3], 1, n[4]->type);
}

static void lose_an_input(struct graph *g, struct node **n)
{
    (void)n;
    g->inputs.n = 0;
}

static void gain_an_input(struct graph *g, struct node **n)
{
    VEC_PUSH(g->arena, &g->inputs, (struct graph_input){.node = n[1]});
}

static void have_no_picture(struct graph *g, struct node **n)
{
    (void)n;
    g->inputs.at[0].pictures.at[0].op = OP_relu;
}

static void lose_the_outputs(struct graph *g, struct node **n)
{
    (void)n;
    g->outputs.n = 0;
}

static void output_a_stranger(struct graph *g, struct node **n)
{
    g->outputs.at[0].node = graph_make(g, OP_relu, n[4], &n[4], 1, n[4]->type);
}

struct fault {
    void (*commit)(struct graph *, struct node **);
    const char *why;
};

static const struct fault faults[] = {
    {swap_nodes, "%3 = bn \"c\": stands at position 2"},
    {swap_nodes_and_ids, "%2 = bn \"c\": operand 0, %3, does not stand before it"},
    {be_no_operator, "node 3 is no operator"},
    {be_a_picture, "%3 = bgr \"c\": is no operator of tensors"},
    {use_itself, "%3 = bn \"c\": operand 0, %3, does not stand before it"},
    {use_a_stranger, "%3 = bn \"c\": operand 0 is not in the graph"},
    {break_an_attribute, "%1 = conv \"a\": 'groups' is below 1"},
    {hold_no_number, "%3 = bn \"c\": 'eps' is below 0"},
    {break_the_shape,
     "%1 = conv \"a\": the 3x20 window of conv is larger than its padded input of 10x10"},
    {have_another_shape, "%1 = conv \"a\": its shape is 1x4x8x8 by the rule"},
    {lose_a_weight, "%1 = conv \"a\": lacks its bias"},
    {gain_a_weight, "%1 = conv \"a\": has no running_mean"},
    {have_a_strange_parameter, "%1 = conv \"a\": 'a.bias' is not among the parameters"},
    {nest_too_deeply, "%1 = conv \"a\": an expression is deeper than 200"},
    {hold_itself, "%1 = conv \"a\": an expression holds itself"},
    {be_residual_alone, "%2 = conv \"b\": conv takes 1 operand, not 0"},
    {differ_from_the_residual, "%3 = conv \"b\": the residual, %1, differs from it in shape"},
    {lie_in_a_stranger, "%3 = bn \"c\": lies in a node that is not in the graph"},
    {lose_an_input, "%0 = input \"x\": is not input 0 of the graph"},
    {gain_an_input, "input 1 is not in the graph"},
    {have_no_picture, "%0 = input \"x\": preprocessing step 0 is none"},
    {lose_the_outputs, "there is no output"},
    {output_a_stranger, "output 0 is not in the graph"},
};

static int check(const struct fault *fault)
{
    struct arena *arena = arena_new();
    struct sources sources;
    struct diags diags;
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    uint32_t file = sources_add(&sources, "t.graph", text, strlen(text));
    struct graph *g = graph_read(arena, strings_new(arena), &diags, file);
    diags_print(&diags, stdout);
    const char *why = "nothing";
    bool seen = false;
    if (g) {
        struct node *node[5];
        memcpy(node, g->nodes.at, sizeof node);
        fault->commit(g, node);
        seen = !graph_verify(g, &why) && !strcmp(why, fault->why);
    }
    if (!seen)
        printf("should say: %s\n  says: %s\n", fault->why, why);
    arena_free(arena);
    return !seen;
}

int main(void)
{
    int missed = 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        missed += check(&faults[i]);
    return missed != 0;
}
