/* Training on a data set of labelled pictures: steps over its batches, a checkpoint after each
 * epoch. */
#include "training.h"
#include "../host/profile.h"

#include <limits.h>
#include <stdlib.h>

/* ---- what the network has ---- */

static int find_pictures(struct netrt_training *t)
{
    const struct netrt_model *m = t->program->model;
    int n = 0;
    for (int i = 0; i < m->n_inputs; i++) {
        if (i == t->roles.labels || i == t->roles.seed)
            continue;
        t->pictures = i;
        n++;
    }
    if (n != 1 || m->inputs[t->pictures].tensor.rank != 4)
        return netrt_fail(
            t->program->message,
            "network '%s' does not learn from pictures: it has not one input of these", m->name);
    t->batch = m->inputs[t->pictures].tensor.dim[0];
    if (t->roles.labels < 0 ||
        netrt_tensor_elements(&m->inputs[t->roles.labels].tensor) == t->batch)
        return 0;
    return netrt_fail(t->program->message,
                      "network '%s' does not learn the classes of pictures: its labels are more "
                      "than a number for each",
                      m->name);
}

static int check_options(struct netrt_training *t)
{
    const struct netrt_options *o = t->program->options;
    struct netrt_message *m = t->program->message;
    if (!o->data)
        return netrt_misuse(m, "command 'train' needs --data PATH");
    if (o->outputs.n != 1)
        return netrt_misuse(m, "command 'train' needs one --output FILE, for the checkpoint");
    int status = netrt_writer_check(o->outputs.text[0], m);
    if (!status && o->log)
        status = netrt_writer_check(o->log, m);
    return status ? status : netrt_training_settings(t);
}

/* ---- getting ready ---- */

/* The numbers that labels of the data are below: a network without classes takes any. */
static long classes_of(const struct netrt_training *t)
{
    return t->roles.classes < 0 ? INT_MAX
                                : t->program->model->outputs[t->roles.classes].tensor.dim[1];
}

static int open_data(struct netrt_training *t)
{
    struct netrt_program *p = t->program;
    const long pictures = t->batch * t->recipe.accumulate;
    int status =
        netrt_dataset_open(&t->data, p->options->data, p->model, classes_of(t), p->message);
    if (!status && t->data.n < pictures)
        status = netrt_fail(p->message, "'%s' has %ld pictures, and a %s %ld", p->options->data,
                            t->data.n, t->recipe.accumulate > 1 ? "step" : "batch", pictures);
    if (status)
        return status;
    t->steps_an_epoch = t->data.n / pictures;
    netrt_training_length(t);
    t->order = calloc((size_t)t->data.n, sizeof *t->order);
    return t->order ? 0 : netrt_fail(p->message, "out of memory");
}

static int open_log(struct netrt_training *t)
{
    struct netrt_program *p = t->program;
    if (!p->options->log)
        return 0;
    const int status = netrt_writer_open(&t->log, p->options->log, p->message);
    t->logging = !status;
    if (t->logging)
        fprintf(t->log.file, "step,epoch,lr,loss\n");
    return status;
}

static int open_training(struct netrt_training *t)
{
    struct netrt_program *p = t->program;
    int status = netrt_parameters_open(&t->parameters, p);
    if (!status)
        status = p->options->init ? netrt_parameters_read(&t->parameters, p->options->init)
                                  : netrt_parameters_init(&t->parameters, p->options->draws);
    if (!status)
        status = netrt_program_open(p);
    if (!status)
        status = netrt_program_buffers(p);
    if (!status)
        status = netrt_training_states(t);
    if (!status)
        status = open_data(t);
    return status ? status : open_log(t);
}

/* ---- epochs ---- */

static void say_epoch(const struct netrt_training *t, long epoch)
{
    const struct netrt_sums *s = &t->sums;
    const double seconds = netrt_seconds() - t->begun;
    printf("epoch %ld: loss %.4f, ", epoch, s->loss / (double)s->batches);
    if (t->roles.classes >= 0)
        printf("%.2f %% right, ", 100 * (double)s->right / (double)s->seen);
    printf("%.0f pictures a second\n", (double)s->seen / (seconds > 0 ? seconds : 1));
    fflush(stdout);
}

/* Whether --steps, or the end, is reached. */
static bool is_over(const struct netrt_training *t)
{
    const long most = t->program->options->steps;
    return t->at.step >= t->at.steps || (most && t->at.step >= most);
}

static int write_checkpoint(struct netrt_training *t)
{
    return netrt_parameters_write(&t->parameters, t->averaged,
                                  t->program->options->outputs.text[0]);
}

static int run_epoch(struct netrt_training *t)
{
    const long epoch = t->at.epoch + 1;
    int status = 0;
    t->sums = (struct netrt_sums){0};
    t->begun = netrt_seconds();
    netrt_training_shuffle(t, epoch);
    for (long i = 0; i < t->steps_an_epoch && !is_over(t) && !status; i++)
        status = netrt_training_step(t, epoch, i);
    if (!status)
        status = write_checkpoint(t);
    if (!status)
        say_epoch(t, epoch);
    t->at.epoch++;
    return status;
}

static int run_training(struct netrt_training *t)
{
    int status = find_pictures(t);
    if (!status)
        status = check_options(t);
    if (!status)
        status = open_training(t);
    while (!status && !is_over(t))
        status = run_epoch(t);
    if (t->logging)
        status = netrt_writer_close(&t->log, status, t->program->message);
    return status;
}

int netrt_command_train(struct netrt_program *p)
{
    struct netrt_training t = {.program = p, .roles = netrt_roles_of(p->model)};
    const int status = run_training(&t);
    netrt_training_release_states(&t);
    free(t.order);
    netrt_dataset_release(&t.data);
    netrt_parameters_close(&t.parameters);
    return status;
}
