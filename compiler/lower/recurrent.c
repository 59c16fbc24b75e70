/* Steps of recurrent layers: what the input brings to all steps at once, a product for each
 * direction; then one step after the other, both directions in one kernel. */
#include "lower/lowering.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH, ROLES_OF_CELL };

/* A direction of a layer. */
static const struct weight *weight_of(const struct node *node, int64_t layer, int64_t direction,
                                      int role)
{
    return node->weight[ROLE_weight_ih_l0 + (2 * layer + direction) * ROLES_OF_CELL + role];
}

/* Numbers of the gates of a step. */
static int64_t gates_of(const struct node *node)
{
    return (node->op == OP_lstm ? 4 : 3) * node->attr.hidden_size;
}

/* What the input brings to each step, with an LSTM's biases; a GRU's second one belongs to the
 * products of the state, of which it resets some. */
static void add_products(struct lowering *l, int64_t layer, int64_t direction,
                         const struct value *products, const struct value *in)
{
    const struct node *node = l->node;
    const struct weight *bias = weight_of(node, layer, direction, BIAS_IH);
    struct value out = *products;
    out.type.dim[2] = gates_of(node);
    out.at.offset += direction * whole_blocks(gates_of(node));
    if (bias && node->op == OP_lstm)
        bias = weight_binary(l->graph, NETRT_EXPR_ADD, bias,
                             weight_of(node, layer, direction, BIAS_HH), 0);
    linear_add(l, &out, in, weight_of(node, layer, direction, WEIGHT_IH), bias);
}

static void pack_cell(struct lowering *l, const struct netrt_recurrent *k, int64_t layer,
                      int64_t direction, struct operand *weight, struct operand *bias)
{
    const int64_t rows = gates_of(l->node);
    const struct netrt_packed packed = {.layout = NETRT_LAYOUT_CONV,
                                        .oc = rows,
                                        .ic = k->h,
                                        .kh = 1,
                                        .kw = 1,
                                        .group_oc = rows,
                                        .group_ic = k->h,
                                        .ic_block = k->h};
    *weight = weights_pack(l, weight_of(l->node, layer, direction, WEIGHT_HH), packed);
    if (k->bias)
        *bias = weights_pack_channels(l, weight_of(l->node, layer, direction, BIAS_HH), rows);
}

static void set_recurrent(struct netrt_recurrent *k, const struct node *node,
                          const struct value *out, const struct value *products)
{
    const int64_t directions = attrs_directions(&node->attr);
    k->lstm = node->op == OP_lstm;
    k->images = node->type.dim[0];
    k->steps = node->type.dim[1];
    k->h = node->attr.hidden_size;
    k->directions = directions;
    k->bias = !k->lstm && node->attr.bias;
    k->in_image = products->view.image;
    k->in_step = products->view.col;
    k->in_direction = whole_blocks(gates_of(node));
    k->out_image = out->view.image;
    k->out_step = out->view.col;
    k->state_direction = whole_blocks(k->h);
    k->state_image = node->attr.num_layers * directions * k->state_direction;
    k->state_memory = k->images * k->state_image;
}

static void add_steps(struct lowering *l, int64_t layer, const struct value *out,
                      const struct value *products, const struct operand *more)
{
    struct plan_step *s = step_add(l, KERNEL_recurrent, out, products);
    struct netrt_recurrent *k = &s->shape.recurrent;
    set_recurrent(k, l->node, out, products);
    s->more = *more;
    s->more.offset += layer * k->directions * k->state_direction;
    pack_cell(l, k, layer, 0, &s->weight, &s->bias);
    if (k->directions == 2)
        pack_cell(l, k, layer, 1, &s->first_weight, &s->first_bias);
    s->macs = (double)type_elements(&l->node->type) * (double)(gates_of(l->node));
    value_scratch(l, s, netrt_recurrent_scratch(k));
}

static bool lower_layer(struct lowering *l, int64_t layer, const struct value *out,
                        const struct value *in, const struct operand *more)
{
    const int64_t directions = attrs_directions(&l->node->attr);
    struct type type = l->node->type;
    struct value products;
    type.dim[2] = directions * whole_blocks(gates_of(l->node));
    if (!value_between(l, &products, &type))
        return false;
    for (int64_t d = 0; d < directions; d++)
        add_products(l, layer, d, &products, in);
    add_steps(l, layer, out, &products, more);
    return true;
}

void lower_recurrent(struct lowering *l)
{
    const int64_t layers = l->node->attr.num_layers;
    const struct value *result = value_make(l);
    struct value in = *value_in(l, 0), out;
    struct operand more;
    if (!result || !value_make_more(l, &more))
        return;
    for (int64_t layer = 0; layer < layers; layer++) {
        if (layer < layers - 1 && !value_between(l, &out, &l->node->type))
            return;
        if (layer == layers - 1)
            out = *result;
        if (!lower_layer(l, layer, &out, &in, &more))
            return;
        in = out;
    }
}

void lower_result(struct lowering *l)
{
    value_result(l, (int)l->node->attr.index);
}
