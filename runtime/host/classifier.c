#include "classify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A network with one input of pictures and a main output of classes. */
static int check_model(struct netrt_classifier *c)
{
    const struct netrt_model *model = c->program->model;
    const struct netrt_tensor *out = &model->outputs[0], *in = &model->inputs[0].tensor;
    if (model->n_inputs != 1 || in->rank != 4)
        return netrt_fail(c->program->message,
                          "network '%s' has no single input of pictures: use command 'run'",
                          model->name);
    c->classes = netrt_tensor_elements(out) / out->dim[0];
    if (out->rank < 2 || c->classes != out->dim[1] || out->dim[0] != in->dim[0])
        return netrt_fail(c->program->message,
                          "output '%s' of network '%s' is not a list of classes: use command 'run'",
                          out->name, model->name);
    c->batch = in->dim[0];
    return 0;
}

int netrt_classifier_open(struct netrt_classifier *c, struct netrt_program *p)
{
    c->program = p;
    c->input = &p->model->inputs[0];
    c->crops = p->options->crops ? p->options->crops : 1;
    if (c->crops != 1 && c->crops != NETRT_N_CROPS)
        return netrt_misuse(p->message, "option '--crops' takes 1 or %d", NETRT_N_CROPS);
    int status = check_model(c);
    if (status)
        return status;
    c->scores = calloc((size_t)c->classes, sizeof *c->scores);
    if (!c->scores)
        return netrt_fail(p->message, "out of memory");
    status = netrt_program_open(p);
    return status ? status : netrt_program_buffers(p);
}

void netrt_classifier_close(struct netrt_classifier *c)
{
    free(c->scores);
}

/* Adds the probabilities of an output to the scores. */
static void add_scores(struct netrt_classifier *c, const float *out)
{
    double largest = -INFINITY, sum = 0, share = 1 / (double)c->crops;
    for (long i = 0; i < c->classes; i++)
        largest = out[i] > largest ? out[i] : largest;
    for (long i = 0; i < c->classes; i++)
        sum += exp(out[i] - largest);
    for (long i = 0; i < c->classes; i++)
        c->scores[i] +=
            share * (c->program->model->probabilities ? out[i] : exp(out[i] - largest) / sum);
}

void netrt_classifier_flush(struct netrt_classifier *c)
{
    if (c->queued)
        netrt_program_run(c->program, (const float *const *)c->program->inputs,
                          c->program->outputs);
    for (long i = 0; i < c->queued; i++) {
        if (!c->crops_done)
            memset(c->scores, 0, (size_t)c->classes * sizeof *c->scores);
        add_scores(c, c->program->outputs[0] + i * c->classes);
        if (++c->crops_done == c->crops) {
            c->done(c, c->scores);
            c->crops_done = 0;
        }
    }
    c->queued = 0;
}

/* Queues one crop. The picture stays. */
static int add_crop(struct netrt_classifier *c, const struct netrt_image *image,
                    enum netrt_crop crop, struct netrt_message *why)
{
    long n = netrt_tensor_elements(&c->input->tensor) / c->batch;
    struct netrt_image copy = *image;
    int status = netrt_image_alloc(&copy, why);
    if (status)
        return status;
    memcpy(copy.pixels, image->pixels, (size_t)(copy.width * copy.height * copy.channels));
    status = netrt_preprocess(c->input, &copy, crop, c->program->inputs[0] + n * c->queued, why);
    if (!status && ++c->queued == c->batch)
        netrt_classifier_flush(c);
    return status;
}

int netrt_classifier_add(struct netrt_classifier *c, struct netrt_image *image, const char *name)
{
    struct netrt_message why = {0};
    int status = 0;
    for (int crop = 0; crop < c->crops && !status; crop++)
        status = add_crop(c, image, (enum netrt_crop)crop, &why);
    netrt_image_release(image);
    return status ? netrt_fail(c->program->message, "picture '%s': %s", name, why.text) : 0;
}

long netrt_rank(const double *scores, long classes, long class)
{
    long rank = 0;
    for (long i = 0; i < classes; i++)
        rank += scores[i] > scores[class] || (scores[i] == scores[class] && i < class);
    return rank;
}
