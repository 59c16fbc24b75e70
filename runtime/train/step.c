/* A step of the optimizer: runs of the network there and back, and what their gradients do. */
#include "share.h"
#include "training.h"
#include "../core/random.h"
#include "../host/memory.h"
#include "../host/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 15 }; /* elements of a parameter that a thread changes at a time */

static long elements(const struct netrt_training *t, int param)
{
    return netrt_tensor_elements(&t->program->model->params[param]);
}

/* The parameter whose gradient, or statistic, an output is; -1: it is none. */
static int param_of(const struct netrt_training *t, int output, enum netrt_purpose purpose)
{
    return t->program->model->outputs[output].purpose == purpose ? t->param[output] : -1;
}

/* Finds the parameters of all outputs. */
static bool open_params(struct netrt_training *t)
{
    const struct netrt_model *m = t->program->model;
    t->param = calloc((size_t)m->n_outputs + 1, sizeof *t->param);
    for (int i = 0; t->param && i < m->n_outputs; i++)
        t->param[i] = netrt_find_param(m, m->outputs[i].tensor.name);
    return t->param;
}

/* ---- what the optimizer keeps ---- */

/* Whether a parameter is one of a norm: its weight, of rank 1, or the bias beside such. */
static bool is_of_norm(const struct netrt_model *m, int param)
{
    const char *name = m->params[param].name, *dot = strrchr(name, '.');
    const size_t n = dot ? (size_t)(dot + 1 - name) : 0;
    for (int i = 0; i < m->n_params; i++)
        if (!strncmp(m->params[i].name, name, n) && !strcmp(m->params[i].name + n, "weight"))
            return m->params[i].rank == 1;
    return false;
}

static bool is_bias(const struct netrt_model *m, int param)
{
    const char *name = m->params[param].name, *dot = strrchr(name, '.');
    return !strcmp(dot ? dot + 1 : name, "bias");
}

static double decay_of(const struct netrt_training *t, int param)
{
    const struct netrt_optimizer *o = &t->recipe.optimizer;
    const struct netrt_model *m = t->program->model;
    const double all = o->weight_decay;
    if (is_of_norm(m, param))
        return o->norm_weight_decay >= 0 ? o->norm_weight_decay : all;
    return is_bias(m, param) && o->bias_weight_decay >= 0 ? o->bias_weight_decay : all;
}

static float *zeros(long n)
{
    return netrt_memory_new((size_t)n * sizeof(float));
}

static long states(const struct netrt_training *t)
{
    return netrt_optimizer_states(t->recipe.optimizer.kind);
}

static bool open_state(struct netrt_training *t, int param)
{
    t->decay[param] = decay_of(t, param);
    t->states[param] = zeros(states(t) * elements(t, param));
    t->n_gradients += elements(t, param);
    return t->states[param];
}

/* The averaged weights of all parameters, at first these. */
static bool open_average(struct netrt_training *t)
{
    const struct netrt_model *m = t->program->model;
    t->averaged = calloc((size_t)m->n_params + 1, sizeof *t->averaged);
    for (int i = 0; t->averaged && i < m->n_params; i++)
        if (!(t->averaged[i] = zeros(elements(t, i))))
            return false;
    return t->averaged;
}

int netrt_training_states(struct netrt_training *t)
{
    const struct netrt_model *m = t->program->model;
    const size_t n = (size_t)m->n_params + 1;
    t->states = calloc(n, sizeof *t->states);
    t->gradient = calloc(n, sizeof *t->gradient);
    t->decay = calloc(n, sizeof *t->decay);
    bool good = t->states && t->gradient && t->decay && open_params(t);
    for (int i = 0; good && i < m->n_outputs; i++) {
        const int param = param_of(t, i, NETRT_PURPOSE_gradient);
        good = param < 0 || open_state(t, param);
    }
    if (good && t->recipe.average > 0)
        good = open_average(t);
    return good ? netrt_gradient_sums_open(t)
                : netrt_fail(t->program->message, "no memory for the optimizer");
}

/* Of each parameter, so many tensors of its size. */
static void release(const struct netrt_training *t, float **list, long tensors)
{
    for (int i = 0; list && i < t->program->model->n_params; i++)
        netrt_memory_free(list[i], (size_t)(tensors * elements(t, i)) * sizeof **list);
    free(list);
}

void netrt_training_release_states(struct netrt_training *t)
{
    release(t, t->states, states(t));
    free(t->gradient);
    netrt_gradient_sums_close(t);
    release(t, t->averaged, 1);
    free(t->decay);
    free(t->param);
}

/* ---- a run ---- */

/* Statistics are their parameters. */
static void take_statistics(struct netrt_training *t)
{
    for (int i = 0; i < t->program->model->n_outputs; i++) {
        const int param = param_of(t, i, NETRT_PURPOSE_statistics);
        const float *from = t->program->outputs[i];
        if (param >= 0)
            memcpy(t->parameters.data[param], from, (size_t)elements(t, param) * sizeof *from);
    }
}

/* Weights are packed anew for each run, since statistics change with it. A loss that is not finite
 * ends training: `run` is counted over the whole of it. Where ranks share statistics, the others
 * wait for those of a rank that has no pictures: it makes the run with those of the last one. */
static int make_run(struct netrt_training *t, long epoch, long run, struct netrt_sums *sums)
{
    struct netrt_program *p = t->program;
    const long runs = t->at.step * t->recipe.accumulate + run % t->recipe.accumulate + 1;
    const int filled = netrt_training_fill(t, run);
    int status =
        filled && !t->recipe.ranks ? filled : netrt_parameters_pack(p, &t->parameters.source);
    if (status)
        return status;
    if (t->roles.seed >= 0)
        p->inputs[t->roles.seed][0] = (float)(netrt_mix(t->seed + (uint64_t)runs) >> 40);
    netrt_gradient_sums_start(t,
                              run % t->recipe.accumulate + t->group->size >= t->recipe.accumulate);
    status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    if (filled || status)
        return filled ? filled : status;
    const double loss = (double)p->outputs[t->roles.loss][0];
    if (!isfinite(loss))
        return netrt_training_not_finite(t, epoch, loss);
    sums->loss += loss;
    sums->batches++;
    sums->seen += t->batch;
    netrt_answers_add(&sums->answers,
                      netrt_count_answers(p, &t->roles, t->recipe.ignored, t->batch));
    netrt_gradient_sums_take(t);
    take_statistics(t);
    return 0;
}

/* ---- a step ---- */

/* The gradient that output `i` is, of a parameter; NULL: it is none. */
static float *gradient_of(const struct netrt_training *t, int i, int *param)
{
    *param = param_of(t, i, NETRT_PURPOSE_gradient);
    return *param < 0                 ? NULL
           : t->recipe.accumulate > 1 ? t->gradient[*param]
                                      : t->program->outputs[i];
}

static double norm_of(const struct netrt_training *t)
{
    double squares = 0;
    int param;
    for (int i = 0; i < t->program->model->n_outputs; i++) {
        const float *g = gradient_of(t, i, &param);
        for (long k = 0; g && k < elements(t, param); k++)
            squares += (double)g[k] * (double)g[k];
    }
    return sqrt(squares);
}

/* As clip_grad_norm_(). */
static float clip(struct netrt_training *t)
{
    if (!(t->recipe.clip > 0))
        return 1;
    t->norm = norm_of(t);
    const double share = t->recipe.clip / (t->norm + 1e-6);
    return share < 1 ? (float)share : 1;
}

/* The first step's weights are the first average; statistics are not averaged. */
static void average(struct netrt_training *t)
{
    const float kept = t->at.step ? (float)t->recipe.average : 0;
    for (int i = 0; i < t->program->model->n_params; i++)
        for (long k = 0; k < elements(t, i); k++) {
            const float now = t->parameters.data[i][k];
            t->averaged[i][k] = t->states[i] ? kept * t->averaged[i][k] + (1 - kept) * now : now;
        }
}

/* A parameter that changes, in pieces. */
struct changing {
    const struct netrt_optimizing *how;
    double decay;
    struct netrt_piece all;
};

static void change_piece(void *context, long part)
{
    const struct changing *c = context;
    const long first = part * PIECE, left = c->all.n - first;
    const struct netrt_piece piece = {.param = c->all.param + first,
                                      .gradient = c->all.gradient + first,
                                      .state = c->all.state + first,
                                      .stride = c->all.stride,
                                      .n = left < PIECE ? left : PIECE};
    netrt_optimizing_step(c->how, c->decay, &piece);
}

static void change_parameter(struct netrt_training *t, const struct netrt_optimizing *how,
                             int param, const float *gradient)
{
    const long n = elements(t, param);
    struct changing c = {
        how, t->decay[param], {t->parameters.data[param], gradient, t->states[param], n, n}};
    netrt_share(n > PIECE ? t->program->pool : NULL, (n + PIECE - 1) / PIECE, change_piece, &c);
}

static void change_parameters(struct netrt_training *t)
{
    const struct netrt_optimizing o = {t->now, t->at.step + 1};
    const float share = clip(t);
    int param;
    for (int i = 0; i < t->program->model->n_outputs; i++) {
        float *g = gradient_of(t, i, &param);
        if (!g)
            continue;
        for (long k = 0; share < 1 && k < elements(t, param); k++)
            g[k] *= share;
        change_parameter(t, &o, param, g);
        if (t->recipe.accumulate > 1)
            memset(g, 0, (size_t)elements(t, param) * sizeof *g);
    }
    if (t->averaged)
        average(t);
}

/* ---- the ranks ---- */

int netrt_training_lost(struct netrt_training *t)
{
    char *path = netrt_training_state_path(t);
    t->program->message->text[0] = '\0';
    if (!t->group->rank && path)
        netrt_fail(t->program->message,
                   "another rank has ended; step %ld of %ld is the last whole one: go on with "
                   "--resume %s, on any number of ranks",
                   t->at.step, t->at.steps, path);
    free(path);
    return NETRT_FAILED;
}

static int add_sums(struct netrt_training *t, struct netrt_sums *sums)
{
    double numbers[] = {sums->loss, (double)sums->batches, (double)sums->seen,
                        (double)sums->answers.all, (double)sums->answers.right};
    if (netrt_group_add(t->group, numbers, sizeof numbers / sizeof *numbers))
        return netrt_training_lost(t);
    *sums = (struct netrt_sums){.loss = numbers[0],
                                .batches = (long)numbers[1],
                                .seen = (long)numbers[2],
                                .answers = {(long)numbers[3], (long)numbers[4]}};
    return 0;
}

/* Statistics are those of rank 0's runs, as of PyTorch's DistributedDataParallel. */
static int spread_statistics(struct netrt_training *t)
{
    int status = 0;
    for (int i = 0; i < t->program->model->n_outputs && !status; i++) {
        const int param = param_of(t, i, NETRT_PURPOSE_statistics);
        if (param >= 0)
            status = t->group->spread(t->group, t->parameters.data[param], elements(t, param));
    }
    return status;
}

/* What the ranks' runs have come to together. A rank that failed says why, and all end. */
static int join_ranks(struct netrt_training *t, int status, struct netrt_sums *sums)
{
    if (netrt_gradient_sums_end(t))
        return netrt_training_lost(t);
    status = netrt_group_agree(t->group, status, t->program->message);
    if (t->group->broken)
        return netrt_training_lost(t);
    if (!status)
        status = add_sums(t, sums);
    if (!status && t->group->size > 1 && spread_statistics(t))
        status = netrt_training_lost(t);
    return status;
}

static void add_step(struct netrt_sums *to, const struct netrt_sums *step)
{
    to->loss += step->loss;
    to->batches += step->batches;
    to->seen += step->seen;
    netrt_answers_add(&to->answers, step->answers);
}

int netrt_training_step(struct netrt_training *t, long epoch, long step)
{
    const long runs = t->recipe.accumulate;
    struct netrt_sums sums = {0};
    int status = 0;
    for (long i = t->group->rank; i < runs && (!status || t->recipe.ranks); i += t->group->size) {
        const int made = make_run(t, epoch, step * runs + i, &sums);
        status = status ? status : made;
    }
    status = join_ranks(t, status, &sums);
    if (status)
        return status;
    add_step(&t->sums, &sums);
    t->now = netrt_schedule_now(&t->recipe, &t->at);
    change_parameters(t);
    t->at.step++;
    const struct netrt_row row = {.step = t->at.step,
                                  .epoch = epoch,
                                  .lr = t->now.lr,
                                  .loss = sums.loss / (double)sums.batches,
                                  .accuracy = netrt_sums_accuracy(&sums),
                                  .norm = t->recipe.clip > 0 ? t->norm : NAN,
                                  .seconds = netrt_seconds() - t->started,
                                  .val_loss = NAN,
                                  .val_accuracy = NAN};
    netrt_progress_show(t);
    return netrt_log_add(&t->log, &row) ? 0 : netrt_fail(t->program->message, "out of memory");
}
