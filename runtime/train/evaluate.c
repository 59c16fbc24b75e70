/* How good the network is on other data: by its code for inference, with the parameters as they
 * are. */
#include "training.h"
#include "../core/unroll.h"
#include "../host/memory.h"
#include "../picture/preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The parameters of training for a model that has the same, in another order. */
struct by_name {
    struct netrt_source source;
    const struct netrt_training *training;
};

static int load_by_name(struct netrt_source *source, const struct netrt_tensor *param, int number,
                        long first, long n, float *data, char *error, size_t error_size)
{
    const struct by_name *s =
        (const void *)((const char *)source - offsetof(struct by_name, source));
    const struct netrt_training *t = s->training;
    const int i = netrt_find_param(t->program->model, param->name);
    float *const *all = t->averaged ? t->averaged : t->parameters.data;
    (void)number;
    if (i < 0) {
        snprintf(error, error_size, "training has no parameter '%s'", param->name);
        return -1;
    }
    memcpy(data, all[i] + first, (size_t)n * sizeof *data);
    return 0;
}

int netrt_evaluation_open(struct netrt_training *t)
{
    struct netrt_evaluation *e = &t->evaluation;
    const struct netrt_program *p = t->program;
    if (!p->options->val)
        return 0;
    const struct netrt_model *m = e->model = netrt_unroll(p->model->evaluation);
    if (!m)
        return netrt_fail(p->message, "out of memory");
    e->program = (struct netrt_program){
        .name = p->name, .model = m, .options = p->options, .message = p->message};
    e->roles = netrt_roles_of(m);
    e->program.owned_weights = netrt_memory_new(m->weights_bytes);
    e->program.weights = e->program.owned_weights;
    if (!e->program.weights)
        return netrt_fail(p->message, "no memory for the weights");
    int status = netrt_program_open(&e->program);
    if (!status)
        status = netrt_program_buffers(&e->program);
    if (!status)
        status = netrt_training_data(t, &e->data, p->options->val,
                                     p->options->val_pictures ? p->options->val_pictures
                                                              : p->options->pictures,
                                     NETRT_SPLIT_test);
    if (!status && e->data.n < t->batch)
        status = netrt_fail(p->message, "'%s' has %ld pictures, and a batch %ld", p->options->val,
                            e->data.n, t->batch);
    return status;
}

void netrt_evaluation_close(struct netrt_evaluation *e)
{
    netrt_dataset_release(&e->data);
    if (e->program.model)
        netrt_program_close(&e->program);
    free(e->model);
}

/* Pictures first .. first + batch - 1; where there are no more, the last ones again. */
static int fill(struct netrt_training *t, long first)
{
    struct netrt_evaluation *e = &t->evaluation;
    struct netrt_program *p = &e->program;
    const long size = netrt_tensor_elements(&p->model->inputs[t->pictures].tensor) / t->batch;
    const long label = netrt_label_size(p->model, &e->roles);
    int status = 0;
    for (long i = 0; i < t->batch && !status; i++) {
        const long number = first + i < e->data.n ? first + i : e->data.n - 1;
        float *labels = e->roles.labels < 0 ? NULL : p->inputs[e->roles.labels] + i * label;
        status = netrt_training_read(t, &e->data, p->options->val, number,
                                     p->inputs[t->pictures] + i * size, labels, label);
    }
    return status;
}

int netrt_evaluate(struct netrt_training *t, double *loss, double *accuracy)
{
    struct netrt_evaluation *e = &t->evaluation;
    struct netrt_program *p = &e->program;
    struct by_name source = {.source.load = load_by_name, .training = t};
    double sum = 0;
    const long stride = t->batch * t->group->size;
    struct netrt_answers answers = {0};
    long batches = 0;
    int status = netrt_parameters_pack(p, &source.source);
    if (status)
        return status;
    for (long at = t->batch * t->group->rank; at < e->data.n && !status; at += stride) {
        const long left = e->data.n - at, n = left < t->batch ? left : t->batch;
        status = fill(t, at);
        if (!status)
            status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
        if (status)
            break;
        netrt_answers_add(&answers, netrt_count_answers(p, &e->roles, t->recipe.ignored, n));
        sum += n == t->batch ? (double)p->outputs[e->roles.loss][0] : 0;
        batches += n == t->batch;
    }
    double numbers[] = {sum, (double)batches, (double)answers.all, (double)answers.right};
    status = netrt_group_agree(t->group, status, p->message);
    if (t->group->broken || (!status && netrt_group_add(t->group, numbers, 4)))
        return netrt_training_lost(t);
    *loss = numbers[0] / numbers[1];
    *accuracy = numbers[2] > 0 ? numbers[3] / numbers[2] : NAN;
    return status;
}
