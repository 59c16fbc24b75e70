/* Evaluation of outputs of classes: how many right answers there are. */
#include "confusion.h"
#include "evaluation.h"
#include "../data/dataset.h"
#include "../host/file.h"

#include <stdlib.h>

struct state {
    struct netrt_dataset data;
    struct netrt_confusion confusion; /* where someone wants to know */
    bool confuses;
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
    int status = o->confusion ? netrt_writer_check(o->confusion, m) : 0;
    s->confuses = o->confusion || o->json;
    if (!status && s->confuses && !netrt_confusion_open(&s->confusion, e->finding.scores.classes))
        status = netrt_fail(m, "no memory to count the answers of %ld classes",
                            e->finding.scores.classes);
    if (status)
        return status;
    status = netrt_dataset_open(&s->data, o->data, NETRT_SPLIT_test, e->program->model,
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
    netrt_confusion_release(&s->confusion);
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
    const long right = s->data.samples[shot->number].label;
    const long rank = netrt_rank(scores->at, scores->classes, right);
    (void)m;
    if (s->confuses)
        netrt_confusion_count(&s->confusion, right, netrt_scores_next(scores, -1), rank);
    s->top1 += rank == 0;
    s->top5 += rank < NETRT_TOP;
    return 0;
}

static int miss_class(struct netrt_eval *e, long number, struct netrt_message *m)
{
    struct state *s = e->state;
    (void)m;
    if (s->confuses)
        netrt_confusion_count(&s->confusion, s->data.samples[number].label, -1, 0);
    return 0;
}

static int write_classes(struct netrt_eval *e, struct netrt_message *m)
{
    const struct state *s = e->state;
    const char *path = e->program->options->confusion;
    return path ? netrt_confusion_write(&s->confusion, e->program, path, m) : 0;
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
    if (e->finding.scores.classes > NETRT_TOP)
        printf("top-5 %ld / %ld\n", s->top5, e->n);
    printf("top-1 %ld / %ld\n", s->top1, e->n);
}

static void json_classes(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    printf(", \"top1\": %ld", s->top1);
    if (e->finding.scores.classes > NETRT_TOP)
        printf(", \"top5\": %ld", s->top5);
    netrt_confusion_json(&s->confusion, e->program);
}

const struct netrt_eval_kind netrt_evaluates_classes = {.purpose = NETRT_PURPOSE_classes,
                                                        .open = open_classes,
                                                        .release = release_classes,
                                                        .read = read_sample,
                                                        .name = name_sample,
                                                        .judge = judge_classes,
                                                        .miss = miss_class,
                                                        .finish = write_classes,
                                                        .progress = tell_progress,
                                                        .print = print_classes,
                                                        .json = json_classes};
