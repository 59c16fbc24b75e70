#include "eval_pairs.h"

#include <stdlib.h>

static const struct netrt_pair *pair_of(const struct netrt_eval *e, long number)
{
    return &((const struct netrt_pairs *)e->state)->at[number];
}

int netrt_eval_pairs_open(struct netrt_eval *e, size_t bytes, struct netrt_message *m)
{
    const struct netrt_options *o = e->program->options;
    struct netrt_pairs *pairs = e->state = calloc(1, bytes);
    if (!pairs)
        return netrt_fail(m, "out of memory");
    if (!o->pictures)
        return netrt_misuse(m,
                            "output '%s' is compared with the pictures in the folder of --data: "
                            "'--pictures FOLDER' says where those are that the network reads",
                            e->finding.output->tensor.name);
    const int status = netrt_pairs_open(pairs, o->data, o->pictures, m);
    e->n = pairs->n;
    return status;
}

void netrt_eval_pairs_release(struct netrt_eval *e)
{
    netrt_pairs_release(e->state);
    free(e->state);
}

int netrt_eval_pairs_read(const struct netrt_eval *e, long number, struct netrt_image *image,
                          struct netrt_message *m)
{
    const struct netrt_pair *pair = pair_of(e, number);
    return pair->picture ? netrt_image_read(image, pair->picture, m)
                         : netrt_fail(m, "'%s' has no picture of its name", pair->right);
}

void netrt_eval_pairs_name(const struct netrt_eval *e, long number, char *text, size_t size)
{
    const struct netrt_pair *pair = pair_of(e, number);
    snprintf(text, size, "picture '%s'", pair->picture ? pair->picture : pair->right);
}
