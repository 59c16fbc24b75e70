#include "ir/loss.h"

#include <string.h>

const char loss_labels[] = "labels", loss_seed[] = "seed";

/* Of the names of what a loss is made of. */
static const char part_prefix[] = "loss:";

bool loss_names_are_free(const struct graph *g)
{
    return !graph_find_input(g, loss_labels) && !graph_find_input(g, loss_seed);
}

/* ---- making nodes ---- */

static struct node *append(struct graph *g, struct node *n, const char *name)
{
    n->name = strings_intern0(g->strings, name);
    n->label = NULL;
    n->frame = NULL;
    n->id = (uint32_t)g->nodes.n;
    VEC_PUSH(g->arena, &g->nodes, n);
    return n;
}

/* Its shapes fit, as loss_fits() says. */
static struct node *make(struct graph *g, enum op op, const struct attrs *attrs,
                         struct node *const *inputs, int n)
{
    struct node *node = graph_make_inferred(g, op, attrs, inputs[0], inputs, n);
    return append(g, node, arena_printf(g->arena, "%s%s", part_prefix, op_info(op)->name));
}

bool loss_has_part(const struct node *n)
{
    return n->name && !strncmp(n->name, part_prefix, sizeof part_prefix - 1);
}

static struct node *make1(struct graph *g, enum op op, struct node *a)
{
    struct attrs attrs;
    attrs_init(&attrs, op);
    return make(g, op, &attrs, &a, 1);
}

static struct node *make2(struct graph *g, enum op op, struct node *a, struct node *b)
{
    struct attrs attrs;
    struct node *inputs[] = {a, b};
    attrs_init(&attrs, op);
    return make(g, op, &attrs, inputs, 2);
}

struct node *loss_add(struct graph *g, struct node *a, struct node *b)
{
    return make2(g, OP_add, a, b);
}

struct node *loss_scale(struct graph *g, struct node *n, double factor)
{
    struct attrs a;
    attrs_init(&a, OP_scale);
    a.factor = factor;
    return make(g, OP_scale, &a, &n, 1);
}

/* The mean of all elements, those of all images of the batch among them. */
static struct node *mean(struct graph *g, struct node *n)
{
    struct attrs ones, flat;
    attrs_init(&ones, OP_sum_to);
    attrs_init(&flat, OP_reshape);
    ones.shape.n = n->type.rank;
    for (int i = 0; i < n->type.rank; i++)
        ones.shape.at[i] = 1;
    flat.shape.n = flat.shape.at[0] = 1;
    const double share = 1 / (double)type_elements(&n->type);
    struct node *sum = make(g, OP_sum_to, &ones, &n, 1);
    if (n->type.rank != 2)
        sum = make(g, OP_reshape, &flat, &sum, 1);
    return loss_scale(g, sum, share);
}

/* ---- losses ---- */

static struct node *make_cross_entropy(struct graph *g, const struct attrs *said,
                                       struct node *scores, struct node *labels)
{
    struct attrs a;
    struct node *operands[] = {scores, labels};
    attrs_init(&a, OP_cross_entropy);
    a.class_weights = said->class_weights;
    a.ignore_index = said->ignore_index;
    a.label_smoothing = said->label_smoothing;
    return make(g, OP_cross_entropy, &a, operands, 2);
}

static struct node *make_mse(struct graph *g, struct node *scores, struct node *labels)
{
    struct node *difference = make2(g, OP_sub, scores, labels);
    return mean(g, make2(g, OP_mul, difference, difference));
}

/* log(1 + exp(x)) - x y */
static struct node *make_bce_logits(struct graph *g, struct node *scores, struct node *labels)
{
    return mean(g,
                make2(g, OP_sub, make1(g, OP_softplus, scores), make2(g, OP_mul, scores, labels)));
}

/* What goes into the softmax that scores come from, since cross entropy has one of its own. */
static struct node *before_softmax(struct node *n)
{
    while ((n->op == OP_softmax || n->op == OP_log_softmax) &&
           attrs_axes(&n->attr, &n->input[0]->type) == 1u << 1)
        n = n->input[0];
    return n;
}

struct node *loss_make(struct graph *g, enum op loss, const struct attrs *attrs,
                       struct node *scores, struct node *labels)
{
    switch (loss) {
    case OP_loss_cross_entropy:
        return make_cross_entropy(g, attrs, before_softmax(scores), labels);
    case OP_loss_mse:
        return make_mse(g, scores, labels);
    case OP_loss_l1:
        return mean(g, make1(g, OP_abs, make2(g, OP_sub, scores, labels)));
    case OP_loss_bce:
        return make_bce_logits(g, scores->input[0], labels);
    default:
        return make_bce_logits(g, scores, labels);
    }
}

/* ---- labels ---- */

const struct picture *loss_mixing(const struct graph *g)
{
    for (size_t i = 0; i < g->recipe.n; i++)
        if (op_has(g->recipe.at[i].op, OP_BATCH))
            return &g->recipe.at[i];
    return NULL;
}

bool loss_has_shares(const struct node *n)
{
    const struct type *labels = &n->input[1]->type;
    return labels->dim[1] > 1 && type_equal_dims(&n->input[0]->type, labels);
}

struct type loss_label_type(const struct graph *g, enum op loss, const struct type *scores)
{
    struct type type = *scores;
    if (loss == OP_loss_cross_entropy && !loss_mixing(g))
        type.dim[1] = 1;
    return type;
}

struct node *loss_labels_of(struct graph *g, const struct node *scores, const struct type *type)
{
    struct node *n = graph_find_input(g, loss_labels);
    if (n)
        return type_equal_dims(&n->type, type) ? n : NULL;
    n = append(g, graph_make(g, OP_input, scores, NULL, 0, *type), loss_labels);
    VEC_PUSH(g->arena, &g->inputs, (struct graph_input){.node = n});
    return n;
}

bool loss_classes_fit(const struct type *scores, const struct type *labels)
{
    struct type whole = *scores;
    whole.dim[1] = 1;
    return type_equal_dims(&whole, labels) || type_equal_dims(scores, labels);
}

bool loss_fits(enum op loss, const struct node *scores, const struct type *labels)
{
    const bool floats = !dtype_is_integer(scores->type.dtype) && !dtype_is_integer(labels->dtype);
    if (loss == OP_loss_cross_entropy && scores->type.rank != 2 && scores->type.rank != 4)
        return false;
    if (loss == OP_loss_bce && scores->op != OP_sigmoid)
        return false;
    return floats && scores->type.rank >= 2 &&
           (loss == OP_loss_cross_entropy ? loss_classes_fit : type_equal_dims)(&scores->type,
                                                                                labels);
}

void loss_output(struct graph *g, struct node *loss, struct span span)
{
    loss->name = strings_intern0(g->strings, "loss");
    VEC_PUSH(g->arena, &g->outputs,
             (struct graph_output){
                 .name = loss->name, .node = loss, .purpose = NETRT_PURPOSE_loss, .span = span});
}
