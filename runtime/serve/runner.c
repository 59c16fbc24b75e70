#include "runner.h"
#include "../host/memory.h"

#include <stdlib.h>
#include <string.h>

struct stage {
    const struct serve_variant *variant;
    void *workspace;
    float **inputs, **outputs; /* of a whole batch; the pointers are those of any type */
    netrt_pool *pool;
};

struct serve_runner {
    const struct serve_network *network;
    struct stage stages[SERVE_MAX_VARIANTS];
};

static float **open_buffers(const struct serve_tensor *tensors, int n, long batch)
{
    float **buffers = calloc((size_t)n + 1, sizeof *buffers);
    for (int i = 0; buffers && i < n; i++)
        buffers[i] = netrt_memory_new(tensors[i].bytes * (size_t)batch);
    return buffers;
}

static void close_buffers(float **buffers, const struct serve_tensor *tensors, int n, long batch)
{
    for (int i = 0; buffers && i < n; i++)
        netrt_memory_free(buffers[i], tensors[i].bytes * (size_t)batch);
    free(buffers);
}

static int all_there(float **buffers, int n)
{
    int all = buffers != NULL;
    for (int i = 0; all && i < n; i++)
        all = buffers[i] != NULL;
    return all;
}

static int open_pool(struct stage *s, int threads, struct netrt_message *m)
{
    const int suggested = s->variant->weights->code->threads;
    if (!threads || suggested == 1)
        threads = suggested ? suggested : netrt_processors();
    if (threads == 1)
        return 0;
    s->pool = s->variant->library->pool_new(threads);
    return s->pool ? 0 : netrt_fail(m, "the system gives no %d threads", threads);
}

static int open_stage(struct stage *s, const struct serve_network *network,
                      const struct serve_variant *variant, int threads, struct netrt_message *m)
{
    s->variant = variant;
    s->workspace = netrt_memory_new(variant->library->model->workspace_bytes);
    s->inputs = open_buffers(network->inputs, network->n_inputs, variant->batch);
    s->outputs = open_buffers(network->outputs, network->n_outputs, variant->batch);
    if (!s->workspace || !all_there(s->inputs, network->n_inputs) ||
        !all_there(s->outputs, network->n_outputs))
        return netrt_fail(m, "no memory to run '%s'", network->name);
    return open_pool(s, threads, m);
}

static void close_stage(struct stage *s, const struct serve_network *network)
{
    if (!s->variant)
        return;
    s->variant->library->pool_free(s->pool);
    netrt_memory_free(s->workspace, s->variant->library->model->workspace_bytes);
    close_buffers(s->inputs, network->inputs, network->n_inputs, s->variant->batch);
    close_buffers(s->outputs, network->outputs, network->n_outputs, s->variant->batch);
}

struct serve_runner *serve_runner_new(const struct serve_network *network, int threads,
                                      struct netrt_message *m)
{
    struct serve_runner *r = calloc(1, sizeof *r);
    int status = r ? 0 : netrt_fail(m, "out of memory");
    if (r)
        r->network = network;
    for (int i = 0; !status && i < network->n_variants; i++)
        status = open_stage(&r->stages[i], network, &network->variants[i], threads, m);
    if (!status)
        return r;
    serve_runner_free(r);
    return NULL;
}

void serve_runner_free(struct serve_runner *r)
{
    for (int i = 0; r && i < r->network->n_variants; i++)
        close_stage(&r->stages[i], r->network);
    free(r);
}

static struct stage *stage_for(struct serve_runner *r, long images)
{
    int i = 0;
    while (i < r->network->n_variants - 1 && r->stages[i].variant->batch < images)
        i++;
    return &r->stages[i];
}

/* Puts the images of spans one after the other, and zeros where there are none: of an image of an
 * earlier run an integer could be a fault. */
static void gather(struct stage *s, const struct serve_network *network,
                   const struct serve_span *spans, int n)
{
    for (int i = 0; i < network->n_inputs; i++) {
        const size_t bytes = network->inputs[i].bytes;
        unsigned char *to = (unsigned char *)s->inputs[i];
        const unsigned char *end = to + bytes * (size_t)s->variant->batch;
        for (int k = 0; k < n; k++) {
            const size_t part = bytes * (size_t)spans[k].n;
            memcpy(to, spans[k].request->inputs[i] + bytes * (size_t)spans[k].first, part);
            to += part;
        }
        memset(to, 0, (size_t)(end - to));
    }
}

static void scatter(struct stage *s, const struct serve_network *network,
                    const struct serve_span *spans, int n)
{
    for (int i = 0; i < network->n_outputs; i++) {
        const size_t bytes = network->outputs[i].bytes;
        const unsigned char *from = (const unsigned char *)s->outputs[i];
        for (int k = 0; k < n; k++) {
            const size_t part = bytes * (size_t)spans[k].n;
            memcpy(spans[k].request->outputs[i] + bytes * (size_t)spans[k].first, from, part);
            from += part;
        }
    }
}

long serve_runner_run(struct serve_runner *r, const struct serve_span *spans, int n, char *fault,
                      size_t size)
{
    long images = 0;
    for (int i = 0; i < n; i++)
        images += spans[i].n;
    struct stage *s = stage_for(r, images);
    const struct netrt_weights *w = s->variant->weights;
    gather(s, r->network, spans, n);
    w->code->run(w->packed, (const float *const *)s->inputs, s->outputs, s->workspace, s->pool,
                 NULL);
    *fault = '\0';
    if (!netrt_run_fault(s->variant->library->model, s->workspace, fault, size))
        scatter(s, r->network, spans, n);
    return s->variant->batch;
}
