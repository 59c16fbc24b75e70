#include "classify.h"
#include "dataset.h"
#include "profile.h"

#include <unistd.h>

enum { EVAL_TOP = 5, BAR_WIDTH = 40 };

/* An evaluation under way. */
struct eval {
    struct netrt_dataset data;
    long scored, top1, top5;
    double shown; /* when the progress was last drawn */
    int terminal;
};

static void draw_progress(struct eval *e)
{
    double now = netrt_seconds();
    if (!e->terminal || (now - e->shown < 0.1 && e->scored < e->data.n))
        return;
    e->shown = now;
    int filled = (int)(BAR_WIDTH * e->scored / e->data.n);
    fprintf(stderr, "\r[%.*s%*s] %ld / %ld, %.2f %% right", filled,
            "########################################", BAR_WIDTH - filled, "", e->scored,
            e->data.n, 100 * (double)e->top1 / (double)e->scored);
    if (e->scored == e->data.n)
        fprintf(stderr, "\r\033[K");
}

static void score_sample(struct netrt_classifier *c, const double *scores)
{
    struct eval *e = c->context;
    long rank = netrt_rank(scores, c->classes, e->data.samples[e->scored].label);
    e->scored++;
    e->top1 += rank == 0;
    e->top5 += rank < EVAL_TOP;
    draw_progress(e);
}

static int eval_samples(struct netrt_classifier *c, struct eval *e)
{
    int status = 0;
    for (long i = 0; i < e->data.n && !status; i++) {
        const char *path = e->data.samples[i].path;
        struct netrt_image image;
        status = netrt_dataset_read(&e->data, i, &image, c->program->message);
        if (!status)
            status = netrt_classifier_add(c, &image, path ? path : c->program->options->data);
    }
    if (!status)
        netrt_classifier_flush(c);
    if (status && e->terminal)
        fprintf(stderr, "\n");
    return status;
}

/* The last line is top-1. */
static void print_result(const struct netrt_classifier *c, const struct eval *e)
{
    netrt_step_clock_print(c->program->clock, stdout);
    if (c->classes > EVAL_TOP)
        printf("top-5 %ld / %ld\n", e->top5, e->scored);
    printf("top-1 %ld / %ld\n", e->top1, e->scored);
}

int netrt_command_eval(struct netrt_program *p)
{
    if (!p->options->data)
        return netrt_misuse(p->message, "command 'eval' needs --data PATH");
    struct eval e = {.terminal = isatty(STDERR_FILENO)};
    struct netrt_classifier c = {.done = score_sample, .context = &e};
    int status = netrt_classifier_open(&c, p);
    if (!status)
        status = netrt_dataset_open(&e.data, p->options->data, p->model, c.classes, p->message);
    if (!status && !e.data.n)
        status = netrt_fail(p->message, "'%s' has no pictures", p->options->data);
    if (!status)
        status = eval_samples(&c, &e);
    if (!status)
        print_result(&c, &e);
    netrt_dataset_release(&e.data);
    netrt_classifier_close(&c);
    return status;
}
