/* Gradients of lstm and gru, step by step: each layer's steps are computed once more, as operators
 * that networks have, and gone through backwards. */
#include "pass/gradient_rules.h"

#include <string.h>

enum { LSTM_GATES = 4, GRU_GATES = 3, ROLES_OF_CELL = 4 };
enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

/* What a step of a cell had and made. Gates of an LSTM: input, forget, new, output; of a GRU:
 * reset, update, new. */
struct step {
    struct node *state, *memory; /* before it */
    struct node *gate[LSTM_GATES];
    struct node *bent;  /* an LSTM's memory after it, as its state has it */
    struct node *inner; /* what a GRU's reset is multiplied by */
    struct node *after; /* the state that it leaves */
};

/* A direction of a layer; steps are in the order in which it takes them. */
struct cell {
    struct gradient *t;
    int role; /* of its first parameter */
    int64_t h, gates, steps, layer, direction;
    struct node *weight_ih, *weight_hh, *bias_hh; /* the last of a GRU's; NULL: has none */
    struct step *step;
    struct node **by_input, **by_state; /* gradients of the gates' sums, by time */
};

/* ---- pieces ---- */

static struct node *sum(struct cell *c, struct node *a, struct node *b)
{
    return a && b ? gradient_op2(c->t, OP_add, a, b, "sum") : a ? a : b;
}

static struct node *product(struct cell *c, struct node *a, struct node *b)
{
    return gradient_op2(c->t, OP_mul, a, b, "product");
}

static struct node *less(struct cell *c, struct node *a, struct node *b)
{
    return gradient_op2(c->t, OP_sub, a, b, "less");
}

static struct node *times(struct cell *c, struct node *a, struct node *b)
{
    return gradient_op2(c->t, OP_matmul, a, b, "times");
}

static struct node *sigmoid(struct cell *c, struct node *n)
{
    return gradient_op1(c->t, OP_sigmoid, n, "sigmoid");
}

static struct node *bend(struct cell *c, struct node *n)
{
    return gradient_op1(c->t, OP_tanh, n, "tanh");
}

/* The gradient of what a gate, or a tanh, is made of. */
static struct node *back(struct cell *c, enum netrt_act act, struct node *gradient, struct node *y)
{
    struct node *n = gradient_op2(c->t, OP_activation_gradient, gradient, y, "back");
    n->act = act;
    return n;
}

static struct node *joined(struct gradient *t, struct node *const *parts, int64_t n, int axis)
{
    struct attrs a;
    attrs_init(&a, OP_concat);
    a.dim = (struct dims){.n = 1, .at = {axis}};
    return n == 1 ? parts[0] : gradient_op(t, OP_concat, &a, parts, (int)n, "joined");
}

static struct node *gate_of(struct cell *c, struct node *n, int64_t gate)
{
    return gradient_part(c->t, n, 2, gate * c->h, (gate + 1) * c->h);
}

/* The time of the direction's step. */
static int64_t time_of(const struct cell *c, int64_t step)
{
    return c->direction ? c->steps - 1 - step : step;
}

static const struct weight *weight_of(const struct cell *c, int role)
{
    return c->t->node->weight[c->role + role];
}

/* A parameter as [1, rows, columns]; a bias as one row. */
static struct node *parameter(struct cell *c, int role)
{
    const struct type *is = &weight_of(c, role)->type;
    const struct type type = {.rank = 3,
                              .dim = {1, is->rank == 2 ? is->dim[0] : 1, is->dim[is->rank - 1]}};
    return gradient_weight(c->t, (enum role)(c->role + role), &type);
}

static struct node *with_bias(struct cell *c, struct node *n, int role)
{
    return weight_of(c, role) ? sum(c, n, parameter(c, role)) : n;
}

/* ---- there ---- */

static void step_lstm(struct cell *c, struct step *s, struct node *in, struct node **memory)
{
    struct node *sums = sum(c, in, times(c, s->state, gradient_transposed(c->t, c->weight_hh)));
    for (int64_t i = 0; i < LSTM_GATES; i++)
        s->gate[i] = i == 2 ? bend(c, gate_of(c, sums, i)) : sigmoid(c, gate_of(c, sums, i));
    *memory = sum(c, product(c, s->gate[1], s->memory), product(c, s->gate[0], s->gate[2]));
    s->bent = bend(c, *memory);
    s->after = product(c, s->gate[3], s->bent);
}

static void step_gru(struct cell *c, struct step *s, struct node *in)
{
    struct node *by_state = times(c, s->state, gradient_transposed(c->t, c->weight_hh));
    by_state = sum(c, by_state, c->bias_hh);
    for (int64_t i = 0; i < 2; i++)
        s->gate[i] = sigmoid(c, sum(c, gate_of(c, in, i), gate_of(c, by_state, i)));
    s->inner = gate_of(c, by_state, 2);
    s->gate[2] = bend(c, sum(c, gate_of(c, in, 2), product(c, s->gate[0], s->inner)));
    s->after = sum(c, s->gate[2], product(c, s->gate[1], less(c, s->state, s->gate[2])));
}

static void run_cell(struct cell *c, struct node *in)
{
    const struct type start = {.rank = 3, .dim = {1, 1, c->h}};
    struct node *state = gradient_full(c->t, &start, 0), *memory = state;
    c->weight_ih = parameter(c, WEIGHT_IH);
    c->weight_hh = parameter(c, WEIGHT_HH);
    struct node *sums = times(c, in, gradient_transposed(c->t, c->weight_ih));
    sums = with_bias(c, sums, BIAS_IH);
    if (c->gates == LSTM_GATES)
        sums = with_bias(c, sums, BIAS_HH);
    else if (weight_of(c, BIAS_HH))
        c->bias_hh = parameter(c, BIAS_HH);
    for (int64_t i = 0; i < c->steps; i++) {
        struct step *s = &c->step[i];
        const int64_t at = time_of(c, i);
        struct node *part = gradient_part(c->t, sums, 1, at, at + 1);
        s->state = state;
        s->memory = memory;
        if (c->gates == LSTM_GATES)
            step_lstm(c, s, part, &memory);
        else
            step_gru(c, s, part);
        state = s->after;
    }
}

/* ---- back ---- */

/* Of the gradients of a step's state and memory after it those of the sums of its gates, and of the
 * memory before. */
static struct node *back_lstm(struct cell *c, const struct step *s, struct node *state,
                              struct node **memory)
{
    struct node *part[LSTM_GATES];
    struct node *all = back(c, NETRT_ACT_tanh, product(c, state, s->gate[3]), s->bent);
    all = sum(c, all, *memory);
    part[0] = back(c, NETRT_ACT_sigmoid, product(c, all, s->gate[2]), s->gate[0]);
    part[1] = back(c, NETRT_ACT_sigmoid, product(c, all, s->memory), s->gate[1]);
    part[2] = back(c, NETRT_ACT_tanh, product(c, all, s->gate[0]), s->gate[2]);
    part[3] = back(c, NETRT_ACT_sigmoid, product(c, state, s->bent), s->gate[3]);
    *memory = product(c, all, s->gate[1]);
    return joined(c->t, part, LSTM_GATES, 2);
}

/* The same of the sums that the input brings, and of those that the state does. */
static struct node *back_gru(struct cell *c, const struct step *s, struct node *state,
                             struct node **by_state)
{
    struct node *part[GRU_GATES], *inner[GRU_GATES];
    struct node *new = less(c, state, product(c, state, s->gate[1]));
    part[2] = back(c, NETRT_ACT_tanh, new, s->gate[2]);
    part[0] = back(c, NETRT_ACT_sigmoid, product(c, part[2], s->inner), s->gate[0]);
    part[1] =
        back(c, NETRT_ACT_sigmoid, product(c, state, less(c, s->state, s->gate[2])), s->gate[1]);
    memcpy(inner, part, sizeof inner);
    inner[2] = product(c, part[2], s->gate[0]);
    *by_state = joined(c->t, inner, GRU_GATES, 2);
    return joined(c->t, part, GRU_GATES, 2);
}

/* The gradient of the cell's last state, or memory: a row of that of a further result; NULL: it has
 * none. */
static struct node *gradient_of_last(struct cell *c, int result)
{
    struct gradient *t = c->t;
    const struct node *further = graph_find_result(t->graph, t->node, result);
    struct node *g = further ? t->of[further->id] : NULL;
    const int64_t row = c->layer * attrs_directions(&t->node->attr) + c->direction;
    return g ? gradient_part(t, g, 1, row, row + 1) : NULL;
}

/* `out`: the gradient of all states of the layer, or NULL. */
static void run_back(struct cell *c, struct node *out)
{
    struct node *state = gradient_of_last(c, 1);
    struct node *memory = c->gates == LSTM_GATES ? gradient_of_last(c, 2) : NULL;
    for (int64_t i = c->steps; i-- > 0;) {
        const struct step *s = &c->step[i];
        const int64_t at = time_of(c, i);
        struct node *own =
            out ? gate_of(c, gradient_part(c->t, out, 1, at, at + 1), c->direction) : NULL;
        struct node *g = sum(c, own, state), *by_state;
        if (!g) {
            const struct type none = {.rank = 3, .dim = {1, 1, c->h}};
            g = gradient_full(c->t, &none, 0);
        }
        if (c->gates == LSTM_GATES)
            c->by_input[at] = by_state = back_lstm(c, s, g, &memory);
        else
            c->by_input[at] = back_gru(c, s, g, &by_state);
        c->by_state[at] = by_state;
        state = times(c, by_state, c->weight_hh);
        if (c->gates == GRU_GATES)
            state = sum(c, state, product(c, g, s->gate[1]));
    }
}

/* ---- parameters ---- */

/* Of rows of `by` times those of `in`, summed over rows and images. */
static void give_weight(struct cell *c, int role, struct node *by, struct node *in)
{
    const struct type type = {.rank = 3, .dim = {1, by->type.dim[2], in->type.dim[2]}};
    struct node *g = times(c, gradient_transposed(c->t, by), in);
    gradient_give_param(c->t, (enum role)(c->role + role), gradient_sum_to(c->t, g, &type));
}

static void give_bias(struct cell *c, int role, struct node *by)
{
    const struct type type = {.rank = 3, .dim = {1, 1, by->type.dim[2]}};
    if (weight_of(c, role))
        gradient_give_param(c->t, (enum role)(c->role + role), gradient_sum_to(c->t, by, &type));
}

/* The states before all steps but the first, which is zero, by the order of the steps, as their
 * gates' gradients. */
static void give_state_weight(struct cell *c)
{
    const int64_t n = c->steps - 1;
    const struct type type = {.rank = 3, .dim = {1, c->gates * c->h, c->h}};
    struct node **states = arena_array(c->t->graph->arena, (size_t)c->steps, sizeof *states);
    struct node **by = arena_array(c->t->graph->arena, (size_t)c->steps, sizeof *by);
    for (int64_t i = 0; i < n; i++) {
        states[i] = c->step[i + 1].state;
        by[i] = c->by_state[time_of(c, i + 1)];
    }
    if (n)
        give_weight(c, WEIGHT_HH, joined(c->t, by, n, 1), joined(c->t, states, n, 1));
    else
        gradient_give_param(c->t, (enum role)(c->role + WEIGHT_HH), gradient_full(c->t, &type, 0));
}

/* Gives to the cell's parameters, and returns what its input gets. */
static struct node *finish_cell(struct cell *c, struct node *in)
{
    struct node *by_input = joined(c->t, c->by_input, c->steps, 1);
    struct node *by_state =
        c->gates == LSTM_GATES ? by_input : joined(c->t, c->by_state, c->steps, 1);
    give_weight(c, WEIGHT_IH, by_input, in);
    give_state_weight(c);
    give_bias(c, BIAS_IH, by_input);
    give_bias(c, BIAS_HH, by_state);
    return times(c, by_input, c->weight_ih);
}

/* ---- the rule ---- */

static void cell_init(struct cell *c, struct gradient *t, int64_t layer, int64_t direction)
{
    struct arena *arena = t->graph->arena;
    const size_t steps = (size_t)t->node->type.dim[1];
    *c = (struct cell){.t = t,
                       .role = (int)(ROLE_weight_ih_l0 + (2 * layer + direction) * ROLES_OF_CELL),
                       .h = t->node->attr.hidden_size,
                       .gates = t->node->op == OP_lstm ? LSTM_GATES : GRU_GATES,
                       .steps = t->node->type.dim[1],
                       .layer = layer,
                       .direction = direction,
                       .step = arena_array(arena, steps, sizeof *c->step),
                       .by_input = arena_array(arena, steps, sizeof(struct node *)),
                       .by_state = arena_array(arena, steps, sizeof(struct node *))};
}

/* The states of all directions of a layer, by time. */
static struct node *output_of(struct cell *cells, int64_t directions)
{
    struct node *side[2] = {NULL};
    for (int64_t d = 0; d < directions; d++) {
        struct cell *c = &cells[d];
        struct node **states = arena_array(c->t->graph->arena, (size_t)c->steps, sizeof *states);
        for (int64_t i = 0; i < c->steps; i++)
            states[time_of(c, i)] = c->step[i].after;
        side[d] = joined(c->t, states, c->steps, 1);
    }
    return joined(cells->t, side, directions, 2);
}

void gradient_recurrent(struct gradient *t)
{
    const int64_t layers = t->node->attr.num_layers, directions = attrs_directions(&t->node->attr);
    struct cell *cells = arena_array(t->graph->arena, (size_t)(layers * directions), sizeof *cells);
    struct node **in = arena_array(t->graph->arena, (size_t)layers, sizeof *in), *out = t->result;
    in[0] = t->node->input[0];
    for (int64_t layer = 0; layer < layers; layer++) {
        struct cell *c = &cells[layer * directions];
        for (int64_t d = 0; d < directions; d++) {
            cell_init(&c[d], t, layer, d);
            run_cell(&c[d], in[layer]);
        }
        if (layer < layers - 1)
            in[layer + 1] = output_of(c, directions);
    }
    for (int64_t layer = layers; layer-- > 0;) {
        struct node *of_input = NULL;
        for (int64_t d = 0; d < directions; d++) {
            struct cell *c = &cells[layer * directions + d];
            run_back(c, out);
            of_input = sum(c, of_input, finish_cell(c, in[layer]));
        }
        out = of_input;
    }
    gradient_give(t, 0, out);
}
