/* The loss of a graph that has none: that of its classes. */
#include "pass/gradient.h"

#include <string.h>

const char gradient_labels[] = "labels", gradient_seed[] = "seed";

static bool has_loss(const struct graph *g)
{
    for (size_t i = 0; i < g->outputs.n; i++)
        if (g->outputs.at[i].purpose == NETRT_PURPOSE_loss)
            return true;
    return false;
}

/* The scores of classes: where these come from a softmax, what goes into it, since cross entropy
 * has a softmax of its own. */
static struct node *find_scores(const struct graph *g)
{
    const struct graph_output *classes = graph_classes(g);
    struct node *n = classes ? classes->node : NULL;
    while (n && (n->op == OP_softmax || n->op == OP_log_softmax) &&
           attrs_axes(&n->attr, &n->input[0]->type) == 1u << 1)
        n = n->input[0];
    return n;
}

static struct node *append(struct graph *g, struct node *n, const char *name)
{
    n->name = strings_intern0(g->strings, name);
    n->label = NULL;
    n->frame = NULL;
    n->id = (uint32_t)g->nodes.n;
    VEC_PUSH(g->arena, &g->nodes, n);
    return n;
}

static bool name_is_taken(const struct graph *g, const char *name)
{
    for (size_t i = 0; i < g->inputs.n; i++)
        if (!strcmp(g->inputs.at[i].node->name, name))
            return true;
    return false;
}

bool gradient_add_loss(struct graph *g, struct diags *diags)
{
    struct node *scores = find_scores(g);
    if (has_loss(g))
        return true;
    if (!scores) {
        struct diag *d =
            diag_add(diags, (struct span){0}, MESSAGE(err_no_loss), g->name ? g->name : "unnamed");
        diag_hint(d, "a net with `output classes` has a loss: cross entropy with the labels");
        return false;
    }
    if (name_is_taken(g, gradient_labels) || name_is_taken(g, gradient_seed)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_training_input), gradient_labels,
                 gradient_seed);
        return false;
    }
    struct type type = scores->type;
    type.dim[1] = 1;
    struct node *operands[] = {
        scores, append(g, graph_make(g, OP_input, scores, NULL, 0, type), gradient_labels)};
    struct node *loss = append(g,
                               graph_make(g, OP_cross_entropy, scores, operands, 2,
                                          (struct type){.rank = 2, .dim = {1, 1}}),
                               "loss");
    VEC_PUSH(g->arena, &g->inputs, (struct graph_input){.node = operands[1]});
    VEC_PUSH(
        g->arena, &g->outputs,
        (struct graph_output){
            .name = loss->name, .node = loss, .purpose = NETRT_PURPOSE_loss, .span = scores->span});
    return true;
}
