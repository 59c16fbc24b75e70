#include "checkpoint_file.h"
#include "../core/checkpoint.h"

int netrt_bind_checkpoint_file(struct netrt_program *p, void *packed)
{
    char error[512];
    const struct netrt_options *o = p->options;
    const struct netrt_checkpoint_options options = {.map = o->weights_map,
                                                     .ignore_extra = o->ignore_extra.text,
                                                     .n_ignore_extra = (size_t)o->ignore_extra.n};
    return netrt_checkpoint_bind(p->model, o->weights, &options, packed, error, sizeof error,
                                 &p->message->details)
               ? netrt_fail(p->message, "%s", error)
               : 0;
}
