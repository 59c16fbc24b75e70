/* LSTM and GRU: a node of ONNX for each layer. Its gates lie in another order than PyTorch's, and
 * the steps before the batch. */
#include "onnx/export.h"

enum { GATES = 4 };

/* Where each of ONNX's gates stands among PyTorch's: i f g o, and r z n. */
static const int lstm_order[GATES] = {0, 3, 1, 2}, gru_order[GATES] = {1, 0, 2};

static bool is_lstm(const struct exporting *e)
{
    return e->node->op == OP_lstm;
}

/* A weight with its gates in ONNX's order. */
static const char *reordered(struct exporting *e, const char *weight)
{
    const int n = is_lstm(e) ? 4 : 3;
    const int *order = is_lstm(e) ? lstm_order : gru_order;
    const char *gate[GATES], *in[GATES];
    gate[0] = STEP(e, "gate", "Split", weight);
    for (int i = 1; i < n; i++)
        gate[i] = export_more(e, "gate");
    export_int(e, "axis", 0);
    export_int(e, "num_outputs", n);
    for (int i = 0; i < n; i++)
        in[i] = gate[order[i]];
    const char *result = export_step(e, "gates", "Concat", in, n);
    export_int(e, "axis", 0);
    return result;
}

/* Number `which` of the four weights of a layer in a direction. */
static const char *weight_of(struct exporting *e, int64_t layer, int64_t direction, int which)
{
    const int64_t role = ROLE_weight_ih_l0 + 8 * layer + 4 * direction + which;
    return reordered(e, export_weight(e, (enum role)role));
}

/* Of both directions, each with a dimension of 1 before its own. */
static const char *weights_of(struct exporting *e, int64_t layer, int which, bool bias)
{
    static const int64_t first[] = {0};
    const int64_t n = attrs_directions(&e->node->attr);
    const char *in[2];
    for (int64_t i = 0; i < n; i++) {
        in[i] = weight_of(e, layer, i, which);
        if (bias) {
            in[i] = STEP(e, "biases", "Concat", in[i], weight_of(e, layer, i, which + 1));
            export_int(e, "axis", 0);
        }
        in[i] = STEP(e, "direction", "Unsqueeze", in[i], export_known_ints(e, "axes", 1, first));
    }
    if (n == 1)
        return in[0];
    const char *both = STEP(e, "directions", "Concat", in[0], in[1]);
    export_int(e, "axis", 0);
    return both;
}

struct states {
    const char *h[8], *c[8]; /* of each layer, [directions, batch, size] */
};

static const char *write_layer(struct exporting *e, int64_t layer, const char *x,
                               struct states *states)
{
    static const int64_t perm[] = {0, 2, 1, 3}, merged[] = {0, 0, -1};
    const struct attrs *a = &e->node->attr;
    const char *w = weights_of(e, layer, 0, false), *r = weights_of(e, layer, 1, false);
    const char *b = a->bias ? weights_of(e, layer, 2, true) : NULL;
    const char *y = STEP(e, a->num_layers > 1 ? "layer" : NULL, e->row->name, x, w, r, b);
    states->h[layer] = export_more(e, "h");
    if (is_lstm(e))
        states->c[layer] = export_more(e, "c");
    export_int(e, "hidden_size", a->hidden_size);
    export_string(e, "direction", a->bidirectional ? "bidirectional" : "forward");
    if (!is_lstm(e))
        export_int(e, "linear_before_reset", 1);
    y = STEP(e, "steps", "Transpose", y);
    export_ints(e, "perm", 4, perm);
    return STEP(e, "joined", "Reshape", y, export_known_ints(e, "joined.shape", 3, merged));
}

/* The last states of all layers, the batch first. */
static void give_states(struct exporting *e, int i, const char *const *of_layer)
{
    static const int64_t perm[] = {1, 0, 2};
    const int n = (int)e->node->attr.num_layers;
    const char *all = of_layer[0];
    if (n > 1) {
        all = export_step(e, "states", "Concat", of_layer, n);
        export_int(e, "axis", 0);
    }
    const char *name = STEP(e, op_info(e->node->op)->results[i].name, "Transpose", all);
    export_ints(e, "perm", 3, perm);
    map_put(&e->x->further[i], e->node, (void *)(uintptr_t)name);
}

const char *export_recurrent(struct exporting *e)
{
    static const int64_t swap[] = {1, 0, 2};
    struct states states;
    const char *x = STEP(e, "turned", "Transpose", export_in(e, 0));
    export_ints(e, "perm", 3, swap);
    for (int64_t layer = 0; layer < e->node->attr.num_layers; layer++)
        x = write_layer(e, layer, x, &states);
    for (int i = 1; i < op_info(e->node->op)->n_results; i++)
        if (graph_find_result(e->x->graph, e->node, i))
            give_states(e, i, i == 1 ? states.h : states.c);
    const char *result = LAST(e, "Transpose", x);
    export_ints(e, "perm", 3, swap);
    return result;
}
