#include "share.h"

struct shared {
    netrt_part *part;
    void *context;
};

/* A task of the pool, whose operands are tensors: the work stands where a result does. */
static void run_part(const struct netrt_args *args, long task)
{
    const struct shared *s = (const struct shared *)(const void *)args->out;
    s->part(s->context, task);
}

void netrt_share(netrt_pool *pool, long n, netrt_part *part, void *context)
{
    struct shared s = {part, context};
    const struct netrt_args args = {.out = (netrt_element *)(void *)&s};
    netrt_pool *region = netrt_begin(pool);
    netrt_add(region, run_part, n, &args);
    netrt_end(region);
}
