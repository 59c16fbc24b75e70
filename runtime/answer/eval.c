#include "answer.h"
#include "evaluation.h"
#include "../host/profile.h"

#include <unistd.h>

enum { BAR_WIDTH = 40 };

/* In the order in which a network with several outputs is asked for one. */
static const struct netrt_eval_kind *const kinds[] = {&netrt_evaluates_classes,
                                                      &netrt_evaluates_boxes, &netrt_evaluates_map,
                                                      &netrt_evaluates_picture};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* ---- progress ---- */

static void clear_progress(const struct netrt_eval *e)
{
    if (e->terminal)
        fprintf(stderr, "\r\033[K");
}

static void draw_progress(struct netrt_eval *e)
{
    const double now = netrt_seconds();
    if (!e->terminal || (now - e->shown < 0.1 && e->done < e->n))
        return;
    char figure[64] = "";
    e->shown = now;
    if (e->kind->progress)
        e->kind->progress(e, figure, sizeof figure);
    const int filled = (int)(BAR_WIDTH * e->done / e->n);
    fprintf(stderr, "\r[%.*s%*s] %ld / %ld%s", filled, "########################################",
            BAR_WIDTH - filled, "", e->done, e->n, figure);
    if (e->done == e->n)
        clear_progress(e);
}

/* ---- pictures ---- */

static int read_picture(void *context, long number, struct netrt_image *image,
                        struct netrt_message *m)
{
    const struct netrt_eval *e = context;
    return e->kind->read(e, number, image, m);
}

static void name_picture(void *context, long number, char *text, size_t size)
{
    const struct netrt_eval *e = context;
    e->kind->name(e, number, text, size);
}

static int refuse(void *context, long number, const struct netrt_message *why)
{
    struct netrt_eval *e = context;
    e->unanswered++;
    e->done++;
    clear_progress(e);
    netrt_program_say(e->program, "error", why);
    return e->kind->miss ? e->kind->miss(e, number, e->program->message) : 0;
}

/* A picture is judged when all of its crops are there. */
static int take_crop(void *context, const struct netrt_shot *shot, long at)
{
    struct netrt_eval *e = context;
    struct netrt_message what = {0}, why = {0};
    int status = e->finding.kind->find(&e->finding, &e->queue, shot, at, &what);
    if (!shot->last)
        return 0;
    if (!status)
        status = e->kind->judge(e, shot, &what);
    if (status) {
        char name[NETRT_PICTURE_NAME];
        name_picture(e, shot->number, name, sizeof name);
        netrt_fail(&why, "%s: %s", name, what.text);
        return refuse(e, shot->number, &why);
    }
    e->done++;
    draw_progress(e);
    return 0;
}

/* ---- what is evaluated ---- */

/* The output that is evaluated: of a purpose that can be, with as many rows as there are pictures.
 */
static int choose_output(struct netrt_eval *e)
{
    const struct netrt_model *model = e->program->model;
    for (int i = 0; i < N_KINDS && !e->kind; i++) {
        const int number = netrt_find_output(model, kinds[i]->purpose);
        if (number < 0 || model->outputs[number].tensor.dim[0] != model->inputs[0].tensor.dim[0])
            continue;
        e->kind = kinds[i];
        e->finding = (struct netrt_finding){.kind = netrt_finding_kind(kinds[i]->purpose),
                                            .program = e->program,
                                            .output = &model->outputs[number],
                                            .number = number};
    }
    if (!e->kind)
        return netrt_fail(e->program->message,
                          "network '%s' has no output that can be evaluated: its description says "
                          "what one is for, by 'output classes', 'output boxes', 'output map' or "
                          "'output picture'",
                          model->name);
    if (e->program->options->border && e->kind != &netrt_evaluates_picture)
        return netrt_misuse(e->program->message,
                            "option '--border' is of pictures, and output "
                            "'%s' is for something else",
                            e->finding.output->tensor.name);
    if (e->program->options->confusion && e->kind != &netrt_evaluates_classes)
        return netrt_misuse(e->program->message,
                            "option '--confusion' is of classes, and output "
                            "'%s' is for something else",
                            e->finding.output->tensor.name);
    const int status = netrt_findings_check(&e->finding, 1, e->program);
    return status ? status : netrt_finding_open(&e->finding, e->program->message);
}

static void print_text(const struct netrt_eval *e)
{
    if (e->unanswered)
        printf("no answer %ld / %ld\n", e->unanswered, e->n);
    e->kind->print(e);
}

static void print_json(const struct netrt_eval *e)
{
    printf("{\"data\": ");
    netrt_json_string(e->program->options->data);
    printf(", \"output\": ");
    netrt_json_string(e->finding.output->tensor.name);
    printf(", \"pictures\": %ld, \"unanswered\": %ld", e->n, e->unanswered);
    e->kind->json(e);
    printf("}\n");
}

static int eval_pictures(struct netrt_eval *e)
{
    static const struct netrt_pictures pictures = {read_picture, name_picture, take_crop, refuse};
    const struct netrt_program *p = e->program;
    e->queue.pictures = &pictures;
    e->queue.context = e;
    int status = netrt_queue_run(&e->queue, e->n);
    if (!status)
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    if (!status && e->kind->finish)
        status = e->kind->finish(e, p->message);
    if (status) {
        clear_progress(e);
        return status;
    }
    if (p->options->json)
        print_json(e);
    else
        print_text(e);
    if (e->unanswered == e->n)
        return netrt_fail(p->message, "no picture of '%s' has an answer", p->options->data);
    return e->unanswered ? NETRT_FAILED : 0;
}

int netrt_command_eval(struct netrt_program *p)
{
    struct netrt_eval e = {.program = p, .terminal = isatty(STDERR_FILENO)};
    if (!p->options->data)
        return netrt_misuse(p->message, "command 'eval' needs --data PATH");
    int status = netrt_queue_check(p);
    if (!status)
        status = choose_output(&e);
    if (!status)
        status = netrt_queue_open(&e.queue, p);
    if (!status)
        status = e.kind->open(&e, p->message);
    if (!status && !e.n)
        status = netrt_fail(p->message, "'%s' has no pictures", p->options->data);
    if (!status)
        status = eval_pictures(&e);
    if (e.state)
        e.kind->release(&e);
    if (e.finding.kind && e.finding.kind->release)
        e.finding.kind->release(&e.finding);
    netrt_queue_close(&e.queue);
    return status;
}
