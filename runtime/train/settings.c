/* What training goes by: the recipe in the program, and the command line before it. */
#include "training.h"

static int choose_optimizer(struct netrt_training *t)
{
    const char *name = t->program->options->optimizer;
    char names[128];
    if (!name)
        return 0;
    const enum netrt_optimizer_kind kind = netrt_optimizer_find(name);
    netrt_optimizer_names(names, sizeof names);
    if (kind == NETRT_N_OPTIMIZERS)
        return netrt_misuse(t->program->message, "option '--optimizer' takes one of %s, not '%s'",
                            names, name);
    if (kind != t->recipe.optimizer.kind)
        t->recipe.optimizer = netrt_optimizer_default(kind);
    return 0;
}

/* Of what the command line gives, what the optimizer has. */
static int set_numbers(struct netrt_training *t)
{
    const struct netrt_options *o = t->program->options;
    struct netrt_optimizer *n = &t->recipe.optimizer;
    const bool adam = n->kind == NETRT_OPTIMIZER_adam || n->kind == NETRT_OPTIMIZER_adamw;
    if (adam && (o->momentum > 0 || o->nesterov))
        return netrt_misuse(t->program->message, "optimizer '%s' has no momentum to choose",
                            n->kind == NETRT_OPTIMIZER_adam ? "adam" : "adamw");
    n->lr = o->lr >= 0 ? o->lr : n->lr;
    n->momentum = o->momentum >= 0 ? o->momentum : n->momentum;
    n->weight_decay = o->weight_decay >= 0 ? o->weight_decay : n->weight_decay;
    n->nesterov = o->nesterov || n->nesterov;
    if (o->nesterov && (n->kind != NETRT_OPTIMIZER_sgd || !(n->momentum > 0)))
        return netrt_misuse(t->program->message,
                            "option '--nesterov' is of sgd with a momentum above 0");
    if (!(n->lr > 0))
        return netrt_misuse(t->program->message, "a learning rate is above 0, not %g", n->lr);
    return 0;
}

/* A rank without a run would have nothing to do. Those that normalize together make the runs of a
 * batch at the same time. */
static int check_ranks(const struct netrt_training *t)
{
    const long runs = t->recipe.accumulate, ranks = t->recipe.ranks;
    if (ranks && t->group->size != ranks)
        return netrt_misuse(
            t->program->message,
            "'--sync-bn' normalizes a batch by %ld ranks of %ld picture%s each, and "
            "here %s %d: netc's '--batch' says how many pictures a rank takes",
            ranks, t->batch, t->batch == 1 ? "" : "s", t->group->size == 1 ? "is" : "are",
            t->group->size);
    if (t->group->size <= runs)
        return 0;
    return netrt_misuse(t->program->message,
                        "a step has %ld run%s of %ld picture%s, and is not for %d ranks: netc's "
                        "'--batch' makes more runs of the recipe's batch",
                        runs, runs == 1 ? "" : "s", t->batch, t->batch == 1 ? "" : "s",
                        t->group->size);
}

int netrt_training_settings(struct netrt_training *t)
{
    t->recipe = *t->program->model->recipe;
    int status = choose_optimizer(t);
    if (!status)
        status = set_numbers(t);
    return status ? status : check_ranks(t);
}

/* Steps alone are as many epochs as they take. */
void netrt_training_length(struct netrt_training *t)
{
    const struct netrt_options *o = t->program->options;
    t->at.epochs = o->epochs ? o->epochs : t->recipe.epochs;
    t->at.steps = t->at.epochs * t->steps_an_epoch;
    if (o->steps && !o->epochs) {
        t->at.steps = o->steps;
        t->at.epochs = (o->steps + t->steps_an_epoch - 1) / t->steps_an_epoch;
    }
}
