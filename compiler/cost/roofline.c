#include "cost/roofline.h"

#include "cost/cost.h"

const char *bound_name(enum bound b)
{
    return b == BOUND_compute ? "compute" : "memory";
}

static double operations(const struct counts *c)
{
    return (double)c->mul + (double)c->add + (double)c->cmp + (double)c->div + (double)c->exp;
}

static double weight_bytes(const struct counts *c)
{
    return (double)sizeof(float) * ((double)c->params + (double)c->buffers);
}

bool node_work(const struct node *n, struct work *w)
{
    struct counts c;
    *w = (struct work){0};
    if (!cost_count(n, &c))
        return false;
    const double elements = (double)type_elements(&n->type);
    w->flops = operations(&c) + elements * ((n->act != NETRT_ACT_none) + n->residual);
    w->bytes = (double)type_bytes(&n->type) + weight_bytes(&c);
    for (int i = 0; i < n->n_inputs; i++)
        w->bytes += (double)type_bytes(&n->input[i]->type);
    return true;
}

/* GB/s: an operator whose bytes all lie in the cache has them from there. */
static double bandwidth(const struct machine *m, const struct work *w, bool all_threads)
{
    if (w->bytes > (double)m->cache_bytes)
        return m->gbytes[all_threads];
    return m->cache_gbytes * (all_threads ? m->threads : 1);
}

struct roofline roofline(const struct machine *m, const struct work *w, bool all_threads)
{
    const double compute = w->flops / (1e3 * m->gflops[all_threads]);
    const double memory = w->bytes / (1e3 * bandwidth(m, w, all_threads));
    return (struct roofline){
        .intensity = w->bytes > 0 ? w->flops / w->bytes : 0,
        .bound = compute > memory ? BOUND_compute : BOUND_memory,
        .us = compute > memory ? compute : memory,
    };
}
