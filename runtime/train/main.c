/* The program for training. */
#include "commands.h"
#include "train.h"
#include "../core/recipe.h"
#include "../host/checkpoint_file.h"
#include "../host/tensors.h"

#include <math.h>
#include <string.h>

int netrt_find_input(const struct netrt_model *m, const char *name)
{
    for (int i = 0; i < m->n_inputs; i++)
        if (!strcmp(m->inputs[i].tensor.name, name))
            return i;
    return -1;
}

struct netrt_roles netrt_roles_of(const struct netrt_model *m)
{
    return (struct netrt_roles){.labels = netrt_find_input(m, "labels"),
                                .seed = netrt_find_input(m, "seed"),
                                .loss = netrt_find_output(m, NETRT_PURPOSE_loss),
                                .classes = netrt_find_output(m, NETRT_PURPOSE_classes)};
}

int netrt_find_param(const struct netrt_model *m, const char *name)
{
    for (int i = 0; i < m->n_params; i++)
        if (!strcmp(m->params[i].name, name))
            return i;
    return -1;
}

/* ---- labels ---- */

long netrt_label_size(const struct netrt_model *m, const struct netrt_roles *roles)
{
    const struct netrt_tensor *labels = roles->labels < 0 ? NULL : &m->inputs[roles->labels].tensor;
    return labels ? netrt_tensor_elements(labels) / labels->dim[0] : 1;
}

void netrt_label_write(float *label, long size, int class)
{
    for (long i = 0; i < size; i++)
        label[i] = size == 1 ? (float)class : i == class;
}

/* Whether labels are shares of classes, and not numbers of these. */
static bool has_shares(const struct netrt_model *m, const struct netrt_roles *roles)
{
    return roles->labels >= 0 && m->inputs[roles->labels].tensor.dim[1] > 1;
}

static int check_shares(const struct netrt_program *p, const struct netrt_roles *roles,
                        const float *labels, const char *where)
{
    const struct netrt_tensor *t = &p->model->inputs[roles->labels].tensor;
    const long size = netrt_label_size(p->model, roles);
    for (long i = 0; i < netrt_tensor_elements(t); i++)
        if (!(labels[i] >= 0 && labels[i] <= 1))
            return netrt_fail(p->message,
                              "%s: label %ld gives class %ld a share of %g, and shares are from 0 "
                              "to 1",
                              where, i / size, i % size, (double)labels[i]);
    return 0;
}

int netrt_check_labels(const struct netrt_program *p, const struct netrt_roles *roles,
                       const float *labels, const char *where)
{
    const struct netrt_model *m = p->model;
    if (has_shares(m, roles))
        return check_shares(p, roles, labels, where);
    const long classes = roles->classes < 0 ? 0 : m->outputs[roles->classes].tensor.dim[1];
    const long n = roles->labels < 0 ? 0 : netrt_tensor_elements(&m->inputs[roles->labels].tensor);
    for (long i = 0; i < n; i++)
        if (labels[i] == (float)m->recipe->ignored)
            continue;
        else if (!(labels[i] >= 0) || labels[i] != floorf(labels[i]) ||
                 (classes && labels[i] >= (float)classes))
            return netrt_fail(p->message,
                              "%s: label %ld is %g, and the classes are numbered from 0 to %ld",
                              where, i, (double)labels[i], classes - 1);
    return 0;
}

static long largest(const float *numbers, long n)
{
    long best = 0;
    for (long i = 1; i < n; i++)
        best = numbers[i] > numbers[best] ? i : best;
    return best;
}

long netrt_count_right(const struct netrt_program *p, const struct netrt_roles *roles, long n)
{
    if (roles->classes < 0 || roles->labels < 0)
        return 0;
    const long classes = p->model->outputs[roles->classes].tensor.dim[1];
    const long size = netrt_label_size(p->model, roles);
    long right = 0;
    for (long i = 0; i < n; i++) {
        const float *label = p->inputs[roles->labels] + i * size;
        const long wanted = size == 1 ? (long)*label : largest(label, size);
        right += wanted == largest(p->outputs[roles->classes] + i * classes, classes);
    }
    return right;
}

/* ---- commands ---- */

int netrt_train_main_by(const struct netrt_model *model, int (*train)(struct netrt_program *),
                        int argc, char **argv)
{
    const struct netrt_command commands[] = {
        {"gradients", NETRT_COMMAND_GRADIENTS, "--input X.npy --input labels=Y.npy --output FILE",
         "write the loss of a batch and its gradients, as safetensors", netrt_command_gradients},
        {"train", NETRT_COMMAND_TRAIN, "--data PATH --output FILE", "train on a data set", train},
        {"bench", NETRT_COMMAND_BENCH, "", "measure the time of many runs, there and back",
         netrt_command_bench},
        {"info", NETRT_COMMAND_INFO, "", "say what the network is", netrt_command_info},
        {0}};
    static const struct netrt_readers readers = {.bind_file = netrt_bind_checkpoint_file};
    return netrt_program_main(model, commands, &readers, argc, argv);
}

int netrt_train_main(const struct netrt_model *model, int argc, char **argv)
{
    return netrt_train_main_by(model, netrt_command_train, argc, argv);
}
