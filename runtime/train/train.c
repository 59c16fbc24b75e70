/* Training on a data set of labelled pictures: steps over its batches, a checkpoint after each
 * epoch. */
#include "commands.h"
#include "optimizer.h"
#include "parameters.h"
#include "../host/dataset.h"
#include "../host/file.h"
#include "../host/preprocess.h"
#include "../host/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct training {
    struct netrt_program *program;
    struct netrt_roles roles;
    struct netrt_parameters parameters;
    struct netrt_optimizing optimizing;
    float **states; /* of the optimizer, by parameter; NULL: has no gradient */
    struct netrt_dataset data;
    long *order;  /* of the pictures, in this epoch */
    int pictures; /* the input of pictures */
    long batch, steps_an_epoch;
    bool logging;
    struct netrt_writer log;
    double loss; /* sums of the epoch */
    long right, seen;
    double begun; /* seconds */
};

/* ---- what the network has ---- */

static int find_pictures(struct training *t)
{
    const struct netrt_model *m = t->program->model;
    int n = 0;
    for (int i = 0; i < m->n_inputs; i++) {
        if (i == t->roles.labels || i == t->roles.seed)
            continue;
        t->pictures = i;
        n++;
    }
    if (n != 1 || m->inputs[t->pictures].tensor.rank != 4 || t->roles.labels < 0 ||
        t->roles.classes < 0)
        return netrt_fail(t->program->message,
                          "network '%s' does not learn the classes of pictures: it has not one "
                          "input of these, and an output of classes",
                          m->name);
    t->batch = m->inputs[t->pictures].tensor.dim[0];
    return 0;
}

/* ---- options ---- */

static int choose_optimizer(struct training *t)
{
    const struct netrt_options *o = t->program->options;
    char names[128];
    const char *name = o->optimizer ? o->optimizer : "sgd";
    const enum netrt_optimizer optimizer = netrt_optimizer_find(name);
    netrt_optimizer_names(names, sizeof names);
    if (optimizer == NETRT_N_OPTIMIZERS)
        return netrt_misuse(t->program->message, "option '--optimizer' takes one of %s, not '%s'",
                            names, name);
    netrt_optimizing_init(&t->optimizing, optimizer);
    if (o->lr > 0)
        t->optimizing.lr = o->lr;
    if (o->weight_decay > 0)
        t->optimizing.weight_decay = o->weight_decay;
    t->optimizing.momentum = o->momentum;
    t->optimizing.nesterov = o->nesterov;
    if ((o->momentum > 0 || o->nesterov) &&
        (optimizer == NETRT_OPTIMIZER_adam || optimizer == NETRT_OPTIMIZER_adamw))
        return netrt_misuse(t->program->message, "optimizer '%s' has no momentum to choose", name);
    if (o->nesterov && (optimizer != NETRT_OPTIMIZER_sgd || !(o->momentum > 0)))
        return netrt_misuse(t->program->message,
                            "option '--nesterov' is of sgd with a momentum above 0");
    return 0;
}

static int check_options(struct training *t)
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
    return status ? status : choose_optimizer(t);
}

/* ---- getting ready ---- */

static int open_states(struct training *t)
{
    const struct netrt_model *m = t->program->model;
    const long states = netrt_optimizer_states(t->optimizing.optimizer);
    t->states = calloc((size_t)m->n_params + 1, sizeof *t->states);
    for (int i = 0; t->states && i < m->n_outputs; i++) {
        const int param = m->outputs[i].purpose == NETRT_PURPOSE_gradient
                              ? netrt_find_param(m, m->outputs[i].tensor.name)
                              : -1;
        if (param < 0)
            continue;
        t->states[param] =
            calloc((size_t)(states * netrt_tensor_elements(&m->params[param])) + 1, sizeof(float));
        if (!t->states[param])
            return netrt_fail(t->program->message, "no memory for the optimizer");
    }
    return t->states ? 0 : netrt_fail(t->program->message, "out of memory");
}

static int open_data(struct training *t)
{
    struct netrt_program *p = t->program;
    const long classes = p->model->outputs[t->roles.classes].tensor.dim[1];
    int status = netrt_dataset_open(&t->data, p->options->data, p->model, classes, p->message);
    if (!status && t->data.n < t->batch)
        status = netrt_fail(p->message, "'%s' has %ld pictures, and a batch %ld", p->options->data,
                            t->data.n, t->batch);
    if (status)
        return status;
    t->steps_an_epoch = t->data.n / t->batch;
    t->order = calloc((size_t)t->data.n, sizeof *t->order);
    return t->order ? 0 : netrt_fail(p->message, "out of memory");
}

static int open_training(struct training *t)
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
        status = open_states(t);
    if (!status)
        status = open_data(t);
    if (!status && p->options->log) {
        status = netrt_writer_open(&t->log, p->options->log, p->message);
        t->logging = !status;
    }
    if (t->logging)
        fprintf(t->log.file, "step,epoch,lr,loss\n");
    return status;
}

/* ---- a step ---- */

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* All pictures once, in an order of seed and epoch. */
static void shuffle(struct training *t, long epoch)
{
    const struct netrt_options *o = t->program->options;
    const uint64_t start = mix(mix(o->draws) + (uint64_t)epoch);
    for (long i = 0; i < t->data.n; i++)
        t->order[i] = i;
    for (long i = t->data.n - 1; i > 0 && !o->no_shuffle; i--) {
        const long j = (long)(mix(start + (uint64_t)i) % (uint64_t)(i + 1)), at = t->order[i];
        t->order[i] = t->order[j];
        t->order[j] = at;
    }
}

static int read_picture(struct training *t, long number, float *data)
{
    struct netrt_program *p = t->program;
    struct netrt_image image = {0};
    struct netrt_message why = {0};
    int status = netrt_dataset_read(&t->data, number, &image, &why);
    if (!status)
        status = netrt_preprocess(&p->model->inputs[t->pictures], &image, NETRT_CROP_CENTER, data,
                                  NULL, &why);
    netrt_image_release(&image);
    const char *path = t->data.samples[number].path;
    return status ? netrt_fail(p->message, "picture %ld of '%s'%s%s: %s", number, p->options->data,
                               path ? ", " : "", path ? path : "", why.text)
                  : 0;
}

/* The pictures of a step of the epoch, and their labels. */
static int fill_batch(struct training *t, long step)
{
    struct netrt_program *p = t->program;
    const long size = netrt_tensor_elements(&p->model->inputs[t->pictures].tensor) / t->batch;
    int status = 0;
    for (long i = 0; i < t->batch && !status; i++) {
        const long number = t->order[step * t->batch + i];
        status = read_picture(t, number, p->inputs[t->pictures] + i * size);
        p->inputs[t->roles.labels][i] = (float)t->data.samples[number].label;
    }
    return status;
}

/* What each output is for: gradients change their parameters, statistics are them. */
static void take_outputs(struct training *t)
{
    const struct netrt_model *m = t->program->model;
    for (int i = 0; i < m->n_outputs; i++) {
        const int param = netrt_find_param(m, m->outputs[i].tensor.name);
        if (param < 0)
            continue;
        const long n = netrt_tensor_elements(&m->params[param]);
        float *data = t->parameters.data[param];
        if (m->outputs[i].purpose == NETRT_PURPOSE_gradient)
            netrt_optimizing_step(&t->optimizing, data, t->program->outputs[i], t->states[param],
                                  n);
        if (m->outputs[i].purpose == NETRT_PURPOSE_statistics)
            memcpy(data, t->program->outputs[i], (size_t)n * sizeof *data);
    }
}

static void count_right(struct training *t)
{
    const struct netrt_program *p = t->program;
    const long classes = p->model->outputs[t->roles.classes].tensor.dim[1];
    for (long i = 0; i < t->batch; i++) {
        const float *scores = p->outputs[t->roles.classes] + i * classes;
        long best = 0;
        for (long c = 1; c < classes; c++)
            best = scores[c] > scores[best] ? c : best;
        t->right += best == (long)p->inputs[t->roles.labels][i];
    }
    t->seen += t->batch;
}

static int make_step(struct training *t, long epoch, long step)
{
    struct netrt_program *p = t->program;
    int status = fill_batch(t, step);
    if (!status)
        status = netrt_parameters_pack(&t->parameters);
    if (status)
        return status;
    t->optimizing.step++;
    if (t->roles.seed >= 0)
        p->inputs[t->roles.seed][0] =
            (float)(mix(p->options->draws + (uint64_t)t->optimizing.step) >> 40);
    status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    if (status)
        return status;
    const double loss = (double)p->outputs[t->roles.loss][0];
    if (!isfinite(loss))
        return netrt_fail(p->message, "step %ld, epoch %ld: the loss is not finite (%g)",
                          t->optimizing.step, epoch, loss);
    if (t->logging)
        fprintf(t->log.file, "%ld,%ld,%.9g,%.9g\n", t->optimizing.step, epoch, t->optimizing.lr,
                loss);
    t->loss += loss;
    count_right(t);
    take_outputs(t);
    return 0;
}

/* ---- epochs ---- */

static void say_epoch(const struct training *t, long epoch, long steps)
{
    const double seconds = netrt_seconds() - t->begun;
    printf("epoch %ld: loss %.4f, %.2f %% right, %.0f pictures a second\n", epoch,
           t->loss / (double)steps, 100 * (double)t->right / (double)t->seen,
           (double)t->seen / (seconds > 0 ? seconds : 1));
    fflush(stdout);
}

/* Steps that are left, of an epoch's. */
static long steps_of(const struct training *t)
{
    const long most = t->program->options->steps;
    const long left = most ? most - t->optimizing.step : t->steps_an_epoch;
    return left < t->steps_an_epoch ? left : t->steps_an_epoch;
}

static int run_epoch(struct training *t, long epoch)
{
    const long steps = steps_of(t);
    int status = 0;
    t->loss = 0;
    t->right = t->seen = 0;
    t->begun = netrt_seconds();
    shuffle(t, epoch);
    for (long i = 0; i < steps && !status; i++)
        status = make_step(t, epoch, i);
    if (!status)
        status = netrt_parameters_write(&t->parameters, t->program->options->outputs.text[0]);
    if (!status)
        say_epoch(t, epoch, steps);
    return status;
}

static int run_training(struct training *t)
{
    const struct netrt_options *o = t->program->options;
    const long most = o->epochs ? o->epochs : o->steps ? o->steps : 1;
    int status = find_pictures(t);
    if (!status)
        status = check_options(t);
    if (!status)
        status = open_training(t);
    for (long epoch = 1; epoch <= most && !status && steps_of(t) > 0; epoch++)
        status = run_epoch(t, epoch);
    if (t->logging)
        status = netrt_writer_close(&t->log, status, t->program->message);
    return status;
}

int netrt_command_train(struct netrt_program *p)
{
    struct training t = {.program = p, .roles = netrt_roles_of(p->model)};
    const int status = run_training(&t);
    for (int i = 0; t.states && i < p->model->n_params; i++)
        free(t.states[i]);
    free(t.states);
    free(t.order);
    netrt_dataset_release(&t.data);
    netrt_parameters_close(&t.parameters);
    return status;
}
