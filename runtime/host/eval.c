#include "classify.h"
#include "dataset.h"
#include "profile.h"

#include <unistd.h>

enum { EVAL_TOP = 5, BAR_WIDTH = 40 };

/* An evaluation under way. */
struct eval {
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

static int read_sample(struct netrt_classifier *c, long number, struct netrt_image *image,
                       struct netrt_message *m)
{
    const struct eval *e = c->context;
    return netrt_dataset_read(&e->data, number, image, m);
}

/* A picture in memory is known by its place, counted from 0. */
static void name_sample(struct netrt_classifier *c, long number, char *text, size_t size)
{
    const struct eval *e = c->context;
    const char *path = e->data.samples[number].path;
    if (path)
        snprintf(text, size, "picture '%s'", path);
    else
        snprintf(text, size, "picture %ld of '%s'", number, c->program->options->data);
}

static void score_sample(struct netrt_classifier *c, long number, const double *scores)
{
    struct eval *e = c->context;
    e->done++;
    if (!scores) {
        clear_progress(e);
        return;
    }
    long rank = netrt_rank(scores, c->classes, e->data.samples[number].label);
    e->top1 += rank == 0;
    e->top5 += rank < EVAL_TOP;
    draw_progress(e);
}

/* The last line is top-1, of all pictures: one without an answer is not right. */
static void print_result(const struct netrt_classifier *c, const struct eval *e)
{
    if (c->unanswered)
        printf("no answer %ld / %ld\n", c->unanswered, e->data.n);
    if (c->classes > EVAL_TOP)
        printf("top-5 %ld / %ld\n", e->top5, e->data.n);
    printf("top-1 %ld / %ld\n", e->top1, e->data.n);
}

static int eval_samples(struct netrt_classifier *c, struct eval *e)
{
    const struct netrt_program *p = c->program;
    int status = netrt_classifier_run(c, e->data.n);
    if (!status)
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    if (status) {
        clear_progress(e);
        return status;
    }
    print_result(c, e);
    return c->unanswered ? NETRT_FAILED : 0;
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
    static const struct netrt_pictures samples = {read_sample, name_sample, score_sample};
    struct netrt_classifier c = {.pictures = &samples, .context = &e};
    int status = netrt_classifier_open(&c, p);
    if (!status)
        status = netrt_dataset_open(&e.data, p->options->data, p->model, c.classes, p->message);
    if (!status && !e.data.n)
        status = netrt_fail(p->message, "'%s' has no pictures", p->options->data);
    if (!status) {
        mention_left_out(p, &e.data);
        status = eval_samples(&c, &e);
    }
    netrt_dataset_release(&e.data);
    netrt_classifier_close(&c);
    return status;
}
