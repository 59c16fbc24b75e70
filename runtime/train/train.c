/* Training on a data set of labelled pictures: steps over its batches, a checkpoint after each
 * epoch. */
#include "augment.h"
#include "training.h"
#include "../host/profile.h"

#include <limits.h>
#include <math.h>
#include <signal.h>
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
    t->classes = t->roles.classes >= 0 ? m->outputs[t->roles.classes].tensor.dim[1]
                 : m->recipe->classes  ? m->recipe->classes
                                       : INT_MAX;
    t->maps = netrt_labels_are_maps(m, &t->roles, t->pictures);
    const long label = netrt_label_size(m, &t->roles);
    if (label == 1 || t->maps ||
        (label == t->classes && netrt_augments_batches(m->recipe->augment, m->recipe->n_augment)))
        return 0;
    return netrt_fail(
        t->program->message,
        "network '%s' does not learn the classes of pictures, or of their pixels: its "
        "labels are other numbers",
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
    if (!status && o->plot)
        status = netrt_writer_check(o->plot, m);
    if (!status && o->resume && o->init)
        status = netrt_misuse(m, "options '--init' and '--resume' exclude each other");
    if (!status && o->by_order && !o->init)
        status = netrt_misuse(m, "option '--by-order' needs --init FILE");
    return status ? status : netrt_training_settings(t);
}

/* ---- getting ready ---- */

static int open_data(struct netrt_training *t)
{
    struct netrt_program *p = t->program;
    const long pictures = t->batch * t->recipe.accumulate;
    int status =
        netrt_training_data(t, &t->data, p->options->data, p->options->pictures, NETRT_SPLIT_train);
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

static int open_training(struct netrt_training *t)
{
    struct netrt_program *p = t->program;
    int status = netrt_parameters_open(&t->parameters, p);
    if (!status)
        status = p->options->init ? netrt_parameters_read(&t->parameters, p->options->init, t->seed)
                                  : netrt_parameters_init(&t->parameters, p->options->draws);
    if (!status)
        status = netrt_program_open(p);
    if (!status)
        status = netrt_program_buffers(p);
    if (!status)
        status = netrt_training_states(t);
    if (!status)
        status = open_data(t);
    if (!status)
        status = netrt_loader_open(t);
    if (!status)
        status = netrt_evaluation_open(t);
    t->best = -INFINITY;
    return !status && p->options->resume ? netrt_training_resume(t) : status;
}

/* ---- epochs ---- */

/* Of the other data, behind an epoch's own. */
static void say_evaluation(const struct netrt_training *t, bool best)
{
    const struct netrt_row *row = &t->log.rows[t->log.n - 1];
    printf("; val: loss %.4f", row->val_loss);
    if (!isnan(row->val_accuracy))
        printf(", %.2f %% right", 100 * row->val_accuracy);
    printf("%s", best ? ", the best" : "");
}

static void say_epoch(const struct netrt_training *t, long epoch, bool best)
{
    const struct netrt_sums *s = &t->sums;
    printf("epoch %ld: loss %.4f, ", epoch, s->loss / (double)s->batches);
    if (s->answers.all)
        printf("%.2f %% right, ", 100 * netrt_sums_accuracy(s));
    printf("%.0f pictures a second",
           (double)(s->seen - t->timed) / (t->trained > 0 ? t->trained : 1));
    if (t->log.n && !isnan(t->log.rows[t->log.n - 1].val_loss))
        say_evaluation(t, best);
    printf("\n");
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

static const int ending_signals[] = {SIGHUP, SIGINT, SIGTERM};
enum { N_ENDING_SIGNALS = sizeof ending_signals / sizeof *ending_signals };

/* Not those that the program was started to ignore. */
void netrt_block_signals(sigset_t *before)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < N_ENDING_SIGNALS; i++) {
        struct sigaction now;
        if (!sigaction(ending_signals[i], NULL, &now) && now.sa_handler != SIG_IGN)
            sigaddset(&set, ending_signals[i]);
    }
    pthread_sigmask(SIG_BLOCK, &set, before);
}

bool netrt_is_to_end(void)
{
    sigset_t waiting;
    sigpending(&waiting);
    for (int i = 0; i < N_ENDING_SIGNALS; i++)
        if (sigismember(&waiting, ending_signals[i]) == 1)
            return true;
    return false;
}

/* Whether someone wants the program to end, any of its ranks: the signals wait until it has. */
static int look_for_signals(struct netrt_training *t)
{
    double some = netrt_is_to_end();
    if (netrt_group_add(t->group, &some, 1))
        return netrt_training_lost(t);
    t->interrupted = some > 0;
    return 0;
}

/* Sets the status where training does not, for a failure. */
static bool goes_on(struct netrt_training *t, int *status)
{
    if (!*status && !is_over(t))
        *status = look_for_signals(t);
    return !*status && !is_over(t) && !t->interrupted;
}

/* Evaluates, and says whether this is the best epoch so far: with no other data each is. */
static int evaluate(struct netrt_training *t, bool *best)
{
    struct netrt_row *row = t->log.rows + t->log.n - 1;
    *best = true;
    if (!t->program->options->val || !t->log.n)
        return 0;
    const int status = netrt_evaluate(t, &row->val_loss, &row->val_accuracy);
    const double score = isnan(row->val_accuracy) ? -row->val_loss : row->val_accuracy;
    *best = score > t->best;
    t->best = *best ? score : t->best;
    return status;
}

/* The files, and a line: rank 0 writes those of all. */
static int write_epoch(struct netrt_training *t, long epoch, bool best)
{
    int status = best ? write_checkpoint(t) : 0;
    if (!status)
        status = netrt_training_save(t);
    if (!status)
        status = netrt_log_write(t);
    netrt_progress_clear(t);
    if (!status)
        say_epoch(t, epoch, best);
    return status;
}

/* What an epoch has come to; or a part of one, which someone ended: it is not measured, so that
 * what goes on from it is what it would have been, and is written where nothing else is. */
static int end_epoch(struct netrt_training *t, long epoch, bool whole)
{
    bool best = !t->program->options->val || isinf(t->best);
    int status = whole ? evaluate(t, &best) : 0;
    if (!status && !t->group->rank)
        status = write_epoch(t, epoch, best);
    status = netrt_group_agree(t->group, status, t->program->message);
    return t->group->broken ? netrt_training_lost(t) : status;
}

/* The rest of an epoch, where training goes on inside of it. */
static int run_epoch(struct netrt_training *t)
{
    const long epoch = t->at.epoch + 1;
    long i = t->at.step % t->steps_an_epoch;
    int status = 0;
    if (!i)
        t->sums = (struct netrt_sums){0};
    t->timed = t->sums.seen;
    t->begun = netrt_seconds();
    netrt_training_shuffle(t, epoch);
    for (; i < t->steps_an_epoch && goes_on(t, &status); i++)
        status = netrt_training_step(t, epoch, i);
    netrt_loader_stop(&t->loader);
    t->trained = netrt_seconds() - t->begun;
    if (!status)
        status = end_epoch(t, epoch, i == t->steps_an_epoch || is_over(t));
    t->at.epoch += i == t->steps_an_epoch;
    return status;
}

/* Of a group that a rank has left: saves the steps that all of them made. What is to be said is
 * said here, since the signal that mpirun sent ends the program before long. */
static void leave_group(struct netrt_training *t)
{
    struct netrt_message unheard = {0}, *m = t->program->message;
    t->program->message = &unheard;
    const int status = netrt_training_save(t);
    t->program->message = m;
    if (!status && *m->text)
        netrt_program_say(t->program, "error", m);
    m->text[0] = '\0';
}

static void say_interrupted(const struct netrt_training *t)
{
    char *path = netrt_training_state_path(t);
    if (path)
        fprintf(stderr, "%s: interrupted after step %ld of %ld; go on with --resume %s\n",
                t->program->name, t->at.step, t->at.steps, path);
    free(path);
}

/* Everything that a step needs, on all ranks or on none. */
static int get_ready(struct netrt_training *t)
{
    int status = find_pictures(t);
    if (!status)
        status = check_options(t);
    if (!status)
        status = open_training(t);
    t->started = netrt_seconds();
    if (!status && t->program->options->resume)
        status = netrt_log_resume(t);
    status = netrt_group_agree(t->group, status, t->program->message);
    return t->group->broken ? netrt_training_lost(t) : status;
}

/* The steps before what went wrong; that is what is said. */
static void keep_log(struct netrt_training *t)
{
    struct netrt_message unheard = {0}, *m = t->program->message;
    t->program->message = &unheard;
    netrt_log_write(t);
    t->program->message = m;
    netrt_progress_clear(t);
}

static int run_training(struct netrt_training *t)
{
    int status = get_ready(t);
    const bool ready = !status, first = !t->group->rank;
    if (ready && first && is_over(t))
        fprintf(stderr,
                "%s: step %ld of %ld is done: there is nothing to go on with; --epochs or --steps "
                "says more\n",
                t->program->name, t->at.step, t->at.steps);
    while (goes_on(t, &status))
        status = run_epoch(t);
    if (ready && first && t->group->broken)
        leave_group(t);
    if (status && first && t->log.n)
        keep_log(t);
    if (!status && first && t->interrupted)
        say_interrupted(t);
    return status;
}

int netrt_train(struct netrt_program *p, struct netrt_group *group)
{
    struct netrt_training t = {
        .program = p, .group = group, .roles = netrt_roles_of(p->model), .seed = p->options->draws};
    sigset_t before;
    netrt_block_signals(&before);
    const int status = run_training(&t);
    netrt_loader_close(&t);
    netrt_training_release_states(&t);
    free(t.order);
    free(t.log.rows);
    netrt_dataset_release(&t.data);
    netrt_evaluation_close(&t.evaluation);
    netrt_parameters_close(&t.parameters);
    fflush(stdout);
    pthread_sigmask(SIG_SETMASK, &before, NULL); /* a signal that waited ends the program here */
    return status;
}

int netrt_command_train(struct netrt_program *p)
{
    struct netrt_group alone = netrt_group_alone();
    return netrt_train(p, &alone);
}
