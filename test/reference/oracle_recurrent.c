/* LSTM and GRU by PyTorch's definitions. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>

/* A direction of a layer: its parameters, and the sizes of its input and state. */
struct cell {
    enum op op;
    const double *weight_ih, *weight_hh, *bias_ih, *bias_hh; /* the biases may be NULL */
    long features, h;
};

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double row_sum(const double *weight, const double *bias, long row, const double *x, long n)
{
    double sum = bias ? bias[row] : 0;
    for (long i = 0; i < n; i++)
        sum += weight[row * n + i] * x[i];
    return sum;
}

/* What gate g of number j gets from the input, and from the state. */
static double of_input(const struct cell *c, long g, long j, const double *x)
{
    return row_sum(c->weight_ih, c->bias_ih, g * c->h + j, x, c->features);
}

static double of_state(const struct cell *c, long g, long j, const double *h)
{
    return row_sum(c->weight_hh, c->bias_hh, g * c->h + j, h, c->h);
}

/* r, z and n of GRU's formula: h' = (1 - z) n + z h. */
static double gru_next(const struct cell *c, long j, const double *x, const double *h)
{
    const double r = sigmoid(of_input(c, 0, j, x) + of_state(c, 0, j, h));
    const double z = sigmoid(of_input(c, 1, j, x) + of_state(c, 1, j, h));
    const double n = tanh(of_input(c, 2, j, x) + r * of_state(c, 2, j, h));
    return (1 - z) * n + z * h[j];
}

/* i, f, g and o of LSTM's: c' = f c + i g, h' = o tanh(c'). */
static double lstm_next(const struct cell *c, long j, const double *x, const double *h,
                        double *memory)
{
    const double i = sigmoid(of_input(c, 0, j, x) + of_state(c, 0, j, h));
    const double f = sigmoid(of_input(c, 1, j, x) + of_state(c, 1, j, h));
    const double g = tanh(of_input(c, 2, j, x) + of_state(c, 2, j, h));
    const double o = sigmoid(of_input(c, 3, j, x) + of_state(c, 3, j, h));
    memory[j] = f * memory[j] + i * g;
    return o * tanh(memory[j]);
}

/* All steps of one image: rows of `in` to those of `out`, so many numbers apart. */
static void go_through(const struct cell *c, long steps, bool backwards, const double *in,
                       double *out, long pitch)
{
    double *h = calloc((size_t)c->h, sizeof *h), *memory = calloc((size_t)c->h, sizeof *memory);
    for (long i = 0; i < steps; i++) {
        const long t = backwards ? steps - 1 - i : i;
        for (long j = 0; j < c->h; j++)
            out[t * pitch + j] = c->op == OP_lstm ? lstm_next(c, j, in + t * c->features, h, memory)
                                                  : gru_next(c, j, in + t * c->features, h);
        for (long j = 0; j < c->h; j++)
            h[j] = out[t * pitch + j];
    }
    free(h);
    free(memory);
}

static struct cell cell_of(const struct node *node, const struct parameters *p, long number,
                           long features)
{
    const double *const *role = p->role + ROLE_weight_ih_l0 + 4 * number;
    return (struct cell){
        node->op, role[0], role[1], role[2], role[3], features, (long)node->attr.hidden_size};
}

void oracle_recurrent(const struct node *node, const struct tensor *in, const struct parameters *p,
                      struct tensor *out)
{
    const struct attrs *a = &node->attr;
    const long images = (long)node->type.dim[0], steps = (long)node->type.dim[1];
    const long row = (long)node->type.dim[2];
    const size_t rows = (size_t)(images * steps);
    long features = (long)node->input[0]->type.dim[2];
    double *from = calloc(rows * (size_t)(features > row ? features : row), sizeof *from);
    for (long i = 0; i < images * steps * features; i++)
        from[i] = in->at[i];
    for (long layer = 0; layer < a->num_layers; layer++) {
        for (long d = 0; d < attrs_directions(a); d++) {
            const struct cell c = cell_of(node, p, 2 * layer + d, features);
            for (long n = 0; n < images; n++)
                go_through(&c, steps, d == 1, from + n * steps * features,
                           out->at + n * steps * row + d * c.h, row);
        }
        features = row;
        for (long i = 0; i < images * steps * row; i++)
            from[i] = out->at[i];
    }
    free(from);
}
