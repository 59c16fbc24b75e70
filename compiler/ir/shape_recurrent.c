/* Shape rules of what goes through the steps of a sequence, and of the results that operators have
 * beside their first. */
#include "ir/shape.h"

/* Roles of the layers and directions that there are. */
enum {
    ROLES_OF_CELL = ROLE_weight_ih_l0_reverse - ROLE_weight_ih_l0,
    MOST_LAYERS = (N_ROLES - ROLE_weight_ih_l0) / (2 * ROLES_OF_CELL)
};

/* The parameters of a direction of a layer, from its first role on; `gates` rows for each number of
 * the state. */
static void add_cell(const struct shape_call *c, int first, int64_t gates, int64_t features)
{
    const int64_t h = c->attr->hidden_size;
    shape_weight(c, (enum role)first, 2, gates * h, features, 0, 0);
    shape_weight(c, (enum role)(first + 1), 2, gates * h, h, 0, 0);
    for (int i = 2; c->attr->bias && i < ROLES_OF_CELL; i++)
        shape_weight(c, (enum role)(first + i), 1, gates * h, 0, 0, 0);
}

static void add_cells(const struct shape_call *c)
{
    const int64_t gates = c->op == OP_lstm ? 4 : 3, directions = attrs_directions(c->attr);
    int64_t features = shape_in(c, 0)->dim[2];
    for (int layer = 0; layer < c->attr->num_layers; layer++) {
        for (int d = 0; d < directions; d++)
            add_cell(c, ROLE_weight_ih_l0 + (2 * layer + d) * ROLES_OF_CELL, gates, features);
        features = directions * c->attr->hidden_size;
    }
}

/* [N, L, C] to [N, L, directions x H]; the states are [N, layers x directions, H]. */
bool shape_recurrent(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct attrs *a = c->attr;
    if (in->rank != 3)
        return shape_fail(c, MESSAGE(err_needs_steps), op_info(c->op)->name, shape_dims(c, 0));
    if (a->num_layers > MOST_LAYERS)
        return shape_fail(c, MESSAGE(err_layers), op_info(c->op)->name, MOST_LAYERS,
                          (long long)a->num_layers);
    add_cells(c);
    const int64_t cells = a->num_layers * attrs_directions(a);
    shape_same(c);
    c->shape->type.dim[2] = attrs_directions(a) * a->hidden_size;
    c->shape->type.counted[2] = false;
    for (int i = 1; i < op_info(c->op)->n_results; i++)
        c->shape->further[i - 1] = (struct type){
            .dtype = in->dtype, .rank = 3, .dim = {in->dim[0], cells, a->hidden_size}};
    return true;
}

/* As the operand's own rule says. */
bool shape_result(const struct shape_call *c)
{
    const struct node *of = c->input[0];
    const struct op_info *info = op_info(of->op);
    const int64_t i = c->attr->index;
    if (i >= info->n_results)
        return shape_fail(c, MESSAGE(err_result), info->name, info->n_results ? info->n_results : 1,
                          (long long)i);
    c->shape->type = node_result_type(of, (int)i, c->shape->diags->arena);
    return true;
}
