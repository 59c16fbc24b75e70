/* The loss of a graph that has none: that of its classes. */
#include "ir/loss.h"
#include "pass/gradient.h"

#include <string.h>

static void hint_loss(struct diag *d)
{
    diag_hint(d, "a net with `output classes` has one, cross entropy with the labels; "
                 "'train { loss … }' says another");
}

bool gradient_add_loss(struct graph *g, struct diags *diags)
{
    const struct graph_output *classes = graph_classes(g);
    struct attrs plain;
    if (graph_find_output(g, NETRT_PURPOSE_loss))
        return true;
    if (!classes) {
        hint_loss(
            diag_add(diags, (struct span){0}, MESSAGE(err_no_loss), g->name ? g->name : "unnamed"));
        return false;
    }
    if (!loss_names_are_free(g)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_training_input), loss_labels, loss_seed);
        return false;
    }
    attrs_init(&plain, OP_loss_cross_entropy);
    const struct type type = loss_label_type(g, OP_loss_cross_entropy, &classes->node->type);
    struct node *labels = loss_labels_of(g, classes->node, &type);
    loss_output(g, loss_make(g, OP_loss_cross_entropy, &plain, classes->node, labels),
                classes->node->span);
    return true;
}
