/* LSTM and GRU: ONNX has the gates in another order than PyTorch, and one tensor for both
 * directions. */
#include "base/number.h"
#include "onnx/operators.h"

#include <string.h>

enum { MOST_GATES = 4 };

struct cell {
    enum op op;
    int gates;
    int order[MOST_GATES]; /* where each of PyTorch's gates stands in ONNX's */
    int64_t hidden, directions, steps, features;
};

static const struct cell lstm = {.op = OP_lstm, .gates = 4, .order = {0, 2, 3, 1}};
static const struct cell gru = {.op = OP_gru, .gates = 3, .order = {1, 0, 2}};

/* The part of a tensor for a direction, its first rows `first` blocks of gates in, in PyTorch's
 * order. */
static const struct constant *take_gates(struct call *c, const struct cell *t,
                                         const struct constant *k, int64_t direction, int64_t first)
{
    struct arena *arena = c->import->arena;
    struct datum parts[MOST_GATES], out;
    const struct datum *list[MOST_GATES];
    const struct constant *own = constant_sliced(arena, k, 0, direction, 1, 1);
    for (int i = 0; i < t->gates; i++) {
        parts[i] = datum_of_constant(
            constant_sliced(arena, own, 1, (first + t->order[i]) * t->hidden, t->hidden, 1));
        list[i] = &parts[i];
    }
    return datum_concat(c, list, t->gates, 1, &out) ? out.constant : NULL;
}

/* Of rank `rank`: directions, `blocks` times the state, and `last`. */
static const struct constant *take_tensor(struct call *c, const struct cell *t, int operand,
                                          int rank, int64_t blocks, int64_t last)
{
    const struct constant *k = operand_constant(c, operand, "the weight");
    if (!k)
        return NULL;
    if (k->rank == rank && k->dim[0] == t->directions && k->dim[1] == blocks * t->hidden &&
        (rank == 2 || k->dim[2] == last))
        return k;
    call_lacks(c, "operand %d has not the shape that its state and input need", operand + 1);
    return NULL;
}

static bool take_weights(struct call *c, const struct cell *t, struct bound bound[8], int *n)
{
    const bool biased = operand_given(c, 3);
    const struct constant *w = take_tensor(c, t, 1, 3, t->gates, t->features);
    const struct constant *r = w ? take_tensor(c, t, 2, 3, t->gates, t->hidden) : NULL;
    const struct constant *b = r && biased ? take_tensor(c, t, 3, 2, 2 * t->gates, 0) : NULL;
    *n = 0;
    if (!r || (biased && !b))
        return false;
    for (int64_t d = 0; d < t->directions; d++) {
        const int role = d ? ROLE_weight_ih_l0_reverse : ROLE_weight_ih_l0;
        bound[(*n)++] = (struct bound){(enum role)role, take_gates(c, t, w, d, 0)};
        bound[(*n)++] = (struct bound){(enum role)(role + 1), take_gates(c, t, r, d, 0)};
        for (int i = 0; i < 2 && biased; i++)
            bound[(*n)++] =
                (struct bound){(enum role)(role + 2 + i), take_gates(c, t, b, d, i * t->gates)};
    }
    for (int i = 0; i < *n; i++)
        if (!bound[i].constant)
            return give_constant(c, NULL);
    return true;
}

/* A state to begin with, or peepholes: of zeros alone. */
static bool is_zero(struct call *c, int operand, const char *what)
{
    double value = 0;
    if (!operand_given(c, operand))
        return true;
    const struct constant *k = operand_constant(c, operand, what);
    return k && ((constant_uniform(k, &value) && value == 0) ||
                 call_lacks(c, "%s, operand %d, is not 0", what, operand + 1));
}

/* What PyTorch's modules do not have. */
static bool check(struct call *c, const struct cell *t, const char *direction)
{
    const Onnx__AttributeProto *acts = attribute(c, "activations");
    static const char *const usual[2][3] = {{"sigmoid", "tanh", "tanh"}, {"sigmoid", "tanh", NULL}};
    const int own = t->op == OP_lstm ? 3 : 2;
    for (size_t i = 0; acts && i < acts->n_strings; i++) {
        const char *name = arena_strndup(c->import->arena, (const char *)acts->strings[i].data,
                                         acts->strings[i].len);
        const char *wanted = usual[t->op != OP_lstm][i % (size_t)own];
        if (strlen(name) != strlen(wanted) || (name[0] | 32) != wanted[0] ||
            strcmp(name + 1, wanted + 1) != 0)
            return call_lacks(c, "'activations' has '%s' in place of '%s'", name, wanted);
    }
    if (attribute_int(c, "layout", 0))
        return call_lacks(c, "'layout' is not 0");
    if (attribute(c, "clip") || attribute_int(c, "input_forget", 0))
        return call_lacks(c, "its gates are clipped, or coupled");
    if (t->op == OP_gru && !attribute_int(c, "linear_before_reset", 0))
        return call_lacks(c, "'linear_before_reset' is 0: PyTorch's has 1");
    if (*direction && strcmp(direction, "forward") != 0 && strcmp(direction, "bidirectional") != 0)
        return call_lacks(c, "'direction' is '%s'", direction);
    if (operand_given(c, 4) &&
        !(c->in[4]->kind == DATUM_constant && constant_elements(c->in[4]->constant) == 1 &&
          constant_int_at(c->in[4]->constant, 0) == t->steps))
        return call_lacks(c, "sequences of different lengths");
    return is_zero(c, 5, "the first state") && is_zero(c, 6, "the first state of the cell") &&
           is_zero(c, 7, "the weight of peepholes");
}

/* Result i, [1, directions, H] of one sequence, as [directions, 1, H]. */
static bool give_state(struct call *c, const struct cell *t, struct node *node, int i)
{
    struct attrs a;
    struct flow f;
    const int64_t dim[3] = {t->directions, 1, t->hidden};
    if (i >= c->n_out || !*c->node->output[i])
        return true;
    attrs_init(&a, OP_result);
    a.index = i;
    f = (struct flow){make(c, OP_result, &a, &node, 1, NULL, 0), 0};
    if (!f.node || !flow_reshape(c, f, 3, dim, &f))
        return false;
    c->out[i] = datum_of_flow(f);
    return true;
}

static bool convert_recurrent(struct call *c, struct cell t)
{
    struct flow f;
    struct attrs a;
    struct bound bound[8];
    int n;
    const char *direction = attribute_string(c, "direction");
    if (!operand_flow(c, 0, &f))
        return false;
    if (flow_rank(f) != 3 || flow_dim(f, 1) != 1)
        return call_lacks(c, "it goes through one sequence at a time, [steps, 1, features]");
    t.hidden = attribute_int(c, "hidden_size", 0);
    t.directions = !strcmp(direction, "bidirectional") ? 2 : 1;
    t.steps = flow_dim(f, 0);
    t.features = flow_dim(f, 2);
    if (t.hidden < 1 || t.hidden > INT32_MAX)
        return call_lacks(c, "'hidden_size' is %lld", (long long)t.hidden);
    const int64_t first[3] = {1, t.steps, t.features};
    const int64_t last[4] = {t.steps, t.directions, 1, t.hidden};
    if (!check(c, &t, direction) || !take_weights(c, &t, bound, &n) ||
        !flow_reshape(c, f, 3, first, &f) || !flow_as(c, f, 0, &f))
        return false;
    attrs_init(&a, t.op);
    a.hidden_size = t.hidden;
    a.bias = operand_given(c, 3);
    a.bidirectional = t.directions == 2;
    struct node *node = make(c, t.op, &a, &f.node, 1, bound, n);
    if (!node || !flow_reshape(c, (struct flow){node, 0}, 4, last, &f))
        return false;
    if (c->n_out)
        c->out[0] = datum_of_flow(f);
    return give_state(c, &t, node, 1) && (t.op == OP_gru || give_state(c, &t, node, 2));
}

bool convert_lstm(struct call *c)
{
    return convert_recurrent(c, lstm);
}

bool convert_gru(struct call *c)
{
    return convert_recurrent(c, gru);
}
