/* What a run reads: pictures of the data set, in an order, and their labels. */
#include "training.h"
#include "../host/preprocess.h"

uint64_t netrt_training_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void netrt_training_shuffle(struct netrt_training *t, long epoch)
{
    const struct netrt_options *o = t->program->options;
    const uint64_t start = netrt_training_mix(netrt_training_mix(t->seed) + (uint64_t)epoch);
    for (long i = 0; i < t->data.n; i++)
        t->order[i] = i;
    for (long i = t->data.n - 1; i > 0 && !o->no_shuffle; i--) {
        const long j = (long)(netrt_training_mix(start + (uint64_t)i) % (uint64_t)(i + 1));
        const long at = t->order[i];
        t->order[i] = t->order[j];
        t->order[j] = at;
    }
}

int netrt_training_read(const struct netrt_training *t, const struct netrt_dataset *data,
                        const char *source, long number, float *to)
{
    const struct netrt_program *p = t->program;
    struct netrt_image image = {0};
    struct netrt_message why = {0};
    int status = netrt_dataset_read(data, number, &image, &why);
    if (!status)
        status = netrt_preprocess(&p->model->inputs[t->pictures], &image, NETRT_CROP_CENTER, to,
                                  NULL, &why);
    netrt_image_release(&image);
    const char *path = data->samples[number].path;
    return status ? netrt_fail(p->message, "picture %ld of '%s'%s%s: %s", number, source,
                               path ? ", " : "", path ? path : "", why.text)
                  : 0;
}

int netrt_training_fill(struct netrt_training *t, long run)
{
    struct netrt_program *p = t->program;
    const long size = netrt_tensor_elements(&p->model->inputs[t->pictures].tensor) / t->batch;
    int status = 0;
    for (long i = 0; i < t->batch && !status; i++) {
        const long number = t->order[run * t->batch + i];
        status = netrt_training_read(t, &t->data, p->options->data, number,
                                     p->inputs[t->pictures] + i * size);
        if (t->roles.labels >= 0)
            p->inputs[t->roles.labels][i] = (float)t->data.samples[number].label;
    }
    return status;
}
