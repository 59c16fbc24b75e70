#include "classifier.h"

#include <stdlib.h>

int netrt_classifier_open(struct netrt_classifier *c, struct netrt_program *p)
{
    const struct netrt_model *model = p->model;
    const int out = c->output = netrt_find_output(model, NETRT_PURPOSE_classes);
    const bool found =
        out >= 0 && model->outputs[out].tensor.dim[0] == model->inputs[0].tensor.dim[0];
    const int status = netrt_queue_check(p);
    if (status)
        return status;
    if (!found)
        return netrt_fail(p->message,
                          "network '%s' has no output of classes, which its description says by "
                          "'output classes': use command 'run'",
                          model->name);
    if (!netrt_scores_open(&c->scores, model->outputs[out].tensor.dim[1]))
        return netrt_fail(p->message, "out of memory");
    return netrt_queue_open(&c->queue, p);
}

void netrt_classifier_close(struct netrt_classifier *c)
{
    netrt_queue_close(&c->queue);
    free(c->scores.at);
}

static int read_picture(void *context, long number, struct netrt_image *image,
                        struct netrt_message *m)
{
    struct netrt_classifier *c = context;
    return c->pictures->read(c->context, number, image, m);
}

static void name_picture(void *context, long number, char *text, size_t size)
{
    struct netrt_classifier *c = context;
    c->pictures->name(c->context, number, text, size);
}

static void no_answer(void *context, long number, const struct netrt_message *why)
{
    struct netrt_classifier *c = context;
    c->unanswered++;
    c->done(c->context, number, NULL);
    netrt_program_say(c->queue.program, "error", why);
}

static void end_picture(struct netrt_classifier *c, long number)
{
    if (!c->scores.not_finite) {
        c->done(c->context, number, c->scores.at);
        return;
    }
    char name[NETRT_PICTURE_NAME];
    struct netrt_message why = {0};
    name_picture(c, number, name, sizeof name);
    netrt_fail(&why, "%s: %ld of %ld outputs are not finite", name, c->scores.not_finite,
               c->scores.classes * c->queue.crops);
    no_answer(c, number, &why);
}

/* A picture is at its end when all of its crops are added. */
static int take_crop(void *context, const struct netrt_shot *shot, long at)
{
    struct netrt_classifier *c = context;
    long n;
    const float *row = netrt_output_row(c->queue.program, c->output, at, &n);
    if (!shot->crop)
        netrt_scores_clear(&c->scores);
    netrt_scores_add(&c->scores, &c->queue.program->model->outputs[c->output], row,
                     1 / (double)c->queue.crops);
    if (shot->last)
        end_picture(c, shot->number);
    return 0;
}

int netrt_classifier_run(struct netrt_classifier *c, long n)
{
    static const struct netrt_pictures crops = {read_picture, name_picture, take_crop, no_answer};
    c->queue.pictures = &crops;
    c->queue.context = c;
    return netrt_queue_run(&c->queue, n);
}
