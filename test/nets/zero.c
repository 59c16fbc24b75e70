/*
 * Whether a network uses all its parameters: with any one tensor set to zero, its output changes by
 * more than 0.001 of its largest element. Compiled with NET defined as the C file of the network.
 */
#include NET

#include "core/unroll.h"
#include "core/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Random weights, but for one tensor of zeros. */
struct zeroing {
    struct netrt_source source;
    struct netrt_random_source random;
    int zero; /* its number, or -1 */
};

static int load(struct netrt_source *source, const struct netrt_tensor *param, int number,
                long first, long n, float *data, char *error, size_t error_size)
{
    struct zeroing *z = (struct zeroing *)source;
    if (number != z->zero)
        return z->random.source.load(&z->random.source, param, number, first, n, data, error,
                                     error_size);
    memset(data, 0, (size_t)n * sizeof *data);
    return 0;
}

static long elements(const struct netrt_tensor *t)
{
    long n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

static void *aligned(size_t bytes)
{
    void *p = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    if (!p)
        exit(2);
    return p;
}

/* The network's run with one tensor of zeros. */
struct bench {
    const struct netrt_model *model;
    float *input, *output;
    void *packed, *workspace;
};

static void run(struct bench *b, int zero)
{
    struct zeroing z = {.source.load = load, .zero = zero};
    char error[256];
    netrt_random_source_init(&z.random, 1);
    if (netrt_pack_weights(b->model, &z.source, b->packed, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        exit(2);
    }
    const float *inputs[] = {b->input};
    float *outputs[] = {b->output};
    b->model->codes[0]->run(b->packed, inputs, outputs, b->workspace, NULL, NULL);
}

static float largest_difference(const float *a, const float *b, long n)
{
    float largest = 0;
    for (long i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(a[i] - (b ? b[i] : 0)));
    return largest;
}

int main(void)
{
    long n_input = elements(&net_model.inputs[0].tensor), n = elements(&net_model.outputs[0].tensor);
    struct bench b = {netrt_unroll(&net_model), aligned((size_t)n_input * 4),
                      aligned((size_t)n * 4), aligned(net_model.weights_bytes),
                      aligned(net_model.workspace_bytes)};
    float *expected = aligned((size_t)n * 4);
    int unused = 0;
    for (long i = 0; i < n_input; i++)
        b.input[i] = (float)((i * 7919) % 1000) / 500 - 1;
    run(&b, -1);
    memcpy(expected, b.output, (size_t)n * sizeof *expected);
    float largest = largest_difference(expected, NULL, n);
    for (int i = 0; i < b.model->n_params; i++) {
        run(&b, i);
        float change = largest_difference(b.output, expected, n) / largest;
        if (!(change > 1e-3f)) {
            printf("'%s' changes the output by %g only\n", b.model->params[i].name, (double)change);
            unused++;
        }
    }
    printf("%d parameters, %d without effect\n", b.model->n_params, unused);
    return unused || !b.model->n_params;
}
