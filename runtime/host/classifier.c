#include "classify.h"
#include "packed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURE_NAME = 800 }; /* bytes of a picture's name in messages */

/* The output of classes; n_outputs: there is none. */
static int find_classes(const struct netrt_model *model)
{
    int i = 0;
    while (i < model->n_outputs && model->outputs[i].purpose != NETRT_PURPOSE_classes)
        i++;
    return i;
}

/* A network with one input of pictures and an output of classes. */
static int check_model(struct netrt_classifier *c)
{
    const struct netrt_model *model = c->program->model;
    const struct netrt_tensor *in = &model->inputs[0].tensor;
    const int out = find_classes(model);
    if (model->n_inputs != 1 || in->rank != 4 || netrt_dtype_is_integer(model->inputs[0].dtype))
        return netrt_fail(c->program->message,
                          "network '%s' has no single input of pictures: use command 'run'",
                          model->name);
    c->output = out;
    c->batch = in->dim[0];
    if (out == model->n_outputs || model->outputs[out].tensor.dim[0] != c->batch)
        return netrt_fail(c->program->message,
                          "network '%s' has no output of classes, which its description says by "
                          "'output classes': use command 'run'",
                          model->name);
    c->classes = model->outputs[out].tensor.dim[1];
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
    if (c->crops > 1 && netrt_crop_step(c->input) < 0)
        return netrt_misuse(p->message,
                            "option '--crops %ld' moves the last 'center_crop' of the input's "
                            "preprocessing, and input '%s' has none",
                            c->crops, c->input->tensor.name);
    c->scores = calloc((size_t)c->classes, sizeof *c->scores);
    c->owner = calloc((size_t)c->batch, sizeof *c->owner);
    if (!c->scores || !c->owner)
        return netrt_fail(p->message, "out of memory");
    status = netrt_program_open(p);
    return status ? status : netrt_program_buffers(p);
}

void netrt_classifier_close(struct netrt_classifier *c)
{
    free(c->scores);
    free(c->owner);
}

/* Adds the probabilities of an output to the scores, or its elements that are not finite. */
static void add_scores(struct netrt_classifier *c, const float *out)
{
    const bool probabilities = c->program->model->outputs[c->output].probabilities;
    double largest = -INFINITY, sum = 0, share = 1 / (double)c->crops;
    for (long i = 0; i < c->classes; i++) {
        c->not_finite += !isfinite(out[i]);
        largest = out[i] > largest ? out[i] : largest;
    }
    if (c->not_finite)
        return;
    for (long i = 0; i < c->classes; i++)
        sum += exp(out[i] - largest);
    for (long i = 0; i < c->classes; i++)
        c->scores[i] += share * (probabilities ? out[i] : exp(out[i] - largest) / sum);
}

static void no_answer(struct netrt_classifier *c, long number, const struct netrt_message *why)
{
    c->unanswered++;
    c->pictures->done(c, number, NULL);
    netrt_program_say(c->program, "error", why);
}

static void end_picture(struct netrt_classifier *c)
{
    if (!c->not_finite) {
        c->pictures->done(c, c->current, c->scores);
        return;
    }
    char name[PICTURE_NAME];
    struct netrt_message why = {0};
    c->pictures->name(c, c->current, name, sizeof name);
    netrt_fail(&why, "%s: %ld of %ld outputs are not finite", name, c->not_finite,
               c->classes * c->crops);
    no_answer(c, c->current, &why);
}

/* Adds one crop's output; a picture is at its end when all of its crops are added. */
static void take_output(struct netrt_classifier *c, long owner, const float *out)
{
    if (!c->crops_done || owner != c->current) {
        memset(c->scores, 0, (size_t)c->classes * sizeof *c->scores);
        c->not_finite = c->crops_done = 0;
        c->current = owner;
    }
    add_scores(c, out);
    if (++c->crops_done == c->crops) {
        end_picture(c);
        c->crops_done = 0;
    }
}

/* Runs what is queued. */
static int flush(struct netrt_classifier *c)
{
    struct netrt_program *p = c->program;
    int status = 0;
    if (c->queued)
        status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    if (!status)
        status = netrt_packed_check(p);
    if (status)
        return status;
    for (long i = 0; i < c->queued; i++)
        take_output(c, c->owner[i], p->outputs[c->output] + i * c->classes);
    c->queued = 0;
    return 0;
}

/* Prepares one crop in the next place of the batch. The picture stays. */
static int prepare(struct netrt_classifier *c, const struct netrt_image *image,
                   enum netrt_crop crop, struct netrt_message *why)
{
    long n = netrt_tensor_elements(&c->input->tensor) / c->batch;
    struct netrt_image copy = *image;
    int status = netrt_image_alloc(&copy, why);
    if (status)
        return status;
    memcpy(copy.pixels, image->pixels, (size_t)(copy.width * copy.height * copy.channels));
    return netrt_preprocess(c->input, &copy, crop, c->program->inputs[0] + n * c->queued, why);
}

/* A picture that turns out to be unfit; those before it are answered first. Of its own crops what
 * was queued is never complete. */
static int refuse_picture(struct netrt_classifier *c, long number, const struct netrt_message *why)
{
    int status = flush(c);
    if (!status)
        no_answer(c, number, why);
    return status;
}

static int refuse_crop(struct netrt_classifier *c, long number, const struct netrt_message *why)
{
    char name[PICTURE_NAME];
    struct netrt_message named = {0};
    c->pictures->name(c, number, name, sizeof name);
    netrt_fail(&named, "%s: %s", name, why->text);
    return refuse_picture(c, number, &named);
}

/* Queues all crops of a picture. */
static int add_picture(struct netrt_classifier *c, long number, const struct netrt_image *image)
{
    struct netrt_message why = {0};
    int status = 0;
    for (int crop = 0; crop < c->crops && !status; crop++) {
        if (prepare(c, image, (enum netrt_crop)crop, &why))
            return refuse_crop(c, number, &why);
        c->owner[c->queued] = number;
        if (++c->queued == c->batch)
            status = flush(c);
    }
    return status;
}

int netrt_classifier_run(struct netrt_classifier *c, long n)
{
    int status = 0;
    for (long i = 0; i < n && !status; i++) {
        struct netrt_image image = {0};
        struct netrt_message why = {0};
        status = c->pictures->read(c, i, &image, &why) ? refuse_picture(c, i, &why)
                                                       : add_picture(c, i, &image);
        netrt_image_release(&image);
    }
    return status ? status : flush(c);
}

long netrt_rank(const double *scores, long classes, long class)
{
    long rank = 0;
    for (long i = 0; i < classes; i++)
        rank += scores[i] > scores[class] || (scores[i] == scores[class] && i < class);
    return rank;
}
