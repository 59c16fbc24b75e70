#include "answer.h"
#include "classifier.h"
#include "../data/dataset.h"
#include "../host/profile.h"

#include <unistd.h>

enum { EVAL_TOP = 5, BAR_WIDTH = 40 };

/* An evaluation under way. */
struct eval {
    struct netrt_classifier classifier;
    struct netrt_dataset data;
    long done, top1, top5;
    double shown; /* when the progress was last drawn */
    int terminal;
};

static void clear_progress(const struct eval *e)
{
    if (e->terminal)
        fprintf(stderr, "\r\033[K");
}

static void draw_progress(struct eval *e)
{
    double now = netrt_seconds();
    if (!e->terminal || (now - e->shown < 0.1 && e->done < e->data.n))
        return;
    e->shown = now;
    int filled = (int)(BAR_WIDTH * e->done / e->data.n);
    fprintf(stderr, "\r[%.*s%*s] %ld / %ld, %.2f %% right", filled,
            "########################################", BAR_WIDTH - filled, "", e->done, e->data.n,
            100 * (double)e->top1 / (double)e->done);
    if (e->done == e->data.n)
        clear_progress(e);
}

static int read_sample(void *context, long number, struct netrt_image *image,
                       struct netrt_message *m)
{
    const struct eval *e = context;
    return netrt_dataset_read(&e->data, number, image, m);
}

/* A picture in memory is known by its place, counted from 0. */
static void name_sample(void *context, long number, char *text, size_t size)
{
    const struct eval *e = context;
    const char *path = e->data.samples[number].path;
    if (path)
        snprintf(text, size, "picture '%s'", path);
    else
        snprintf(text, size, "picture %ld of '%s'", number,
                 e->classifier.queue.program->options->data);
}

static void score_sample(void *context, long number, const double *scores)
{
    struct eval *e = context;
    e->done++;
    if (!scores) {
        clear_progress(e);
        return;
    }
    long rank = netrt_rank(scores, e->classifier.scores.classes, e->data.samples[number].label);
    e->top1 += rank == 0;
    e->top5 += rank < EVAL_TOP;
    draw_progress(e);
}

/* The last line is top-1, of all pictures: one without an answer is not right. */
static void print_result(const struct eval *e)
{
    if (e->classifier.unanswered)
        printf("no answer %ld / %ld\n", e->classifier.unanswered, e->data.n);
    if (e->classifier.scores.classes > EVAL_TOP)
        printf("top-5 %ld / %ld\n", e->top5, e->data.n);
    printf("top-1 %ld / %ld\n", e->top1, e->data.n);
}

static int eval_samples(struct eval *e)
{
    const struct netrt_program *p = e->classifier.queue.program;
    int status = netrt_classifier_run(&e->classifier, e->data.n);
    if (!status)
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    if (status) {
        clear_progress(e);
        return status;
    }
    print_result(e);
    return e->classifier.unanswered ? NETRT_FAILED : 0;
}

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

int netrt_command_eval(struct netrt_program *p)
{
    if (!p->options->data)
        return netrt_misuse(p->message, "command 'eval' needs --data PATH");
    struct eval e = {.terminal = isatty(STDERR_FILENO)};
    static const struct netrt_pictures samples = {.read = read_sample, .name = name_sample};
    e.classifier.pictures = &samples;
    e.classifier.done = score_sample;
    e.classifier.context = &e;
    int status = netrt_classifier_open(&e.classifier, p);
    if (!status)
        status = netrt_dataset_open(&e.data, p->options->data, NETRT_SPLIT_test, p->model,
                                    e.classifier.scores.classes, p->message);
    if (!status && !e.data.n)
        status = netrt_fail(p->message, "'%s' has no pictures", p->options->data);
    if (!status) {
        mention_left_out(p, &e.data);
        status = eval_samples(&e);
    }
    netrt_dataset_release(&e.data);
    netrt_classifier_close(&e.classifier);
    return status;
}
