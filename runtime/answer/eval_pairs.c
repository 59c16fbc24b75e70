#include "eval_pairs.h"

int netrt_eval_pairs_open(struct netrt_eval *e, struct netrt_pairs *pairs, struct netrt_message *m)
{
    const struct netrt_options *o = e->program->options;
    if (!o->pictures)
        return netrt_misuse(m,
                            "output '%s' is compared with the pictures in the folder of --data: "
                            "'--pictures FOLDER' says where those are that the network reads",
                            e->finding.output->tensor.name);
    const int status = netrt_pairs_open(pairs, o->data, o->pictures, m);
    e->n = pairs->n;
    return status;
}

int netrt_eval_pairs_read(const struct netrt_pairs *pairs, long number, struct netrt_image *image,
                          struct netrt_message *m)
{
    const struct netrt_pair *pair = &pairs->at[number];
    return pair->picture ? netrt_image_read(image, pair->picture, m)
                         : netrt_fail(m, "'%s' has no picture of its name", pair->right);
}

void netrt_eval_pairs_name(const struct netrt_pairs *pairs, long number, char *text, size_t size)
{
    const struct netrt_pair *pair = &pairs->at[number];
    snprintf(text, size, "picture '%s'", pair->picture ? pair->picture : pair->right);
}
