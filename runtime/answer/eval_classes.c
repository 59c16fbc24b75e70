/* Evaluation of outputs of classes: how many right answers there are. */
#include "evaluation.h"
#include "../data/dataset.h"

#include <stdlib.h>

enum { EVAL_TOP = 5 };

struct state {
    struct netrt_dataset data;
    long top1, top5;
};

/* Of files among the pictures that are none by their names. */
static void mention_left_out(const struct netrt_program *p, const struct netrt_dataset *data)
{
    struct netrt_message m = {0};
    char more[64] = "is";
    if (data->left_out > 1)
        snprintf(more, sizeof more, "and %ld more are", data->left_out - 1);
    netrt_fail(&m, "'%s' %s left out: pictures end in .jpg, .jpeg or .png", data->first_left_out,
               more);
    if (data->left_out)
        netrt_program_say(p, "warning", &m);
}

static int open_classes(struct netrt_eval *e, struct netrt_message *m)
{
    struct state *s = e->state = calloc(1, sizeof *s);
    if (!s)
        return netrt_fail(m, "out of memory");
    const struct netrt_options *o = e->program->options;
    if (o->pictures)
        return netrt_misuse(m, "option '--pictures' does not go with classes");
    int status = netrt_dataset_open(&s->data, o->data, NETRT_SPLIT_test, e->program->model,
                                    e->finding.scores.classes, m);
    if (!status && s->data.n)
        mention_left_out(e->program, &s->data);
    e->n = s->data.n;
    return status;
}

static void release_classes(struct netrt_eval *e)
{
    struct state *s = e->state;
    netrt_dataset_release(&s->data);
    free(s);
}

static int read_sample(const struct netrt_eval *e, long number, struct netrt_image *image,
                       struct netrt_message *m)
{
    const struct state *s = e->state;
    return netrt_dataset_read(&s->data, number, image, m);
}

/* A picture in memory is known by its place, counted from 0. */
static void name_sample(const struct netrt_eval *e, long number, char *text, size_t size)
{
    const struct state *s = e->state;
    const char *path = s->data.samples[number].path;
    if (path)
        snprintf(text, size, "picture '%s'", path);
    else
        snprintf(text, size, "picture %ld of '%s'", number, e->program->options->data);
}

static int judge_classes(struct netrt_eval *e, const struct netrt_shot *shot,
                         struct netrt_message *m)
{
    struct state *s = e->state;
    const struct netrt_scores *scores = &e->finding.scores;
    const long rank = netrt_rank(scores->at, scores->classes, s->data.samples[shot->number].label);
    (void)m;
    s->top1 += rank == 0;
    s->top5 += rank < EVAL_TOP;
    return 0;
}

static void tell_progress(const struct netrt_eval *e, char *text, size_t size)
{
    const struct state *s = e->state;
    snprintf(text, size, ", %.2f %% right", 100 * (double)s->top1 / (double)e->done);
}

/* Of all pictures: one without an answer is not right. */
static void print_classes(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    if (e->finding.scores.classes > EVAL_TOP)
        printf("top-5 %ld / %ld\n", s->top5, e->n);
    printf("top-1 %ld / %ld\n", s->top1, e->n);
}

static void json_classes(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    printf(", \"top1\": %ld", s->top1);
    if (e->finding.scores.classes > EVAL_TOP)
        printf(", \"top5\": %ld", s->top5);
}

const struct netrt_eval_kind netrt_evaluates_classes = {.purpose = NETRT_PURPOSE_classes,
                                                        .open = open_classes,
                                                        .release = release_classes,
                                                        .read = read_sample,
                                                        .name = name_sample,
                                                        .judge = judge_classes,
                                                        .progress = tell_progress,
                                                        .print = print_classes,
                                                        .json = json_classes};
