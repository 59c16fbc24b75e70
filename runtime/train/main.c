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

/* The output of scores: of labels that are maps one of as many rows and columns. */
static int find_classes(const struct netrt_model *m, int labels)
{
    const struct netrt_tensor *of = labels < 0 ? NULL : &m->inputs[labels].tensor;
    if (!of || of->dim[1] > 1 || netrt_tensor_elements(of) == of->dim[0])
        return netrt_find_output(m, NETRT_PURPOSE_classes);
    const int map = netrt_find_output(m, NETRT_PURPOSE_map);
    const struct netrt_tensor *scores = map < 0 ? NULL : &m->outputs[map].tensor;
    return scores && scores->rank == 4 && scores->dim[1] > 1 && scores->dim[2] == of->dim[2] &&
                   scores->dim[3] == of->dim[3]
               ? map
               : -1;
}

struct netrt_roles netrt_roles_of(const struct netrt_model *m)
{
    const int labels = netrt_find_input(m, "labels");
    return (struct netrt_roles){.labels = labels,
                                .seed = netrt_find_input(m, "seed"),
                                .loss = netrt_find_output(m, NETRT_PURPOSE_loss),
                                .classes = find_classes(m, labels)};
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

bool netrt_labels_are_maps(const struct netrt_model *m, const struct netrt_roles *roles,
                           int pictures)
{
    const struct netrt_tensor *of = &m->inputs[pictures].tensor,
                              *labels = roles->labels < 0 ? NULL : &m->inputs[roles->labels].tensor;
    return labels && labels->rank == 4 && labels->dim[1] == 1 && labels->dim[2] == of->dim[2] &&
           labels->dim[3] == of->dim[3];
}

/* Of n numbers, so far apart. */
static long largest(const float *numbers, long n, long apart)
{
    long best = 0;
    for (long i = 1; i < n; i++)
        best = numbers[i * apart] > numbers[best * apart] ? i : best;
    return best;
}

void netrt_answers_add(struct netrt_answers *a, struct netrt_answers more)
{
    a->all += more.all;
    a->right += more.right;
}

struct netrt_answers netrt_count_answers(const struct netrt_program *p,
                                         const struct netrt_roles *roles, long ignored, long n)
{
    struct netrt_answers answers = {0};
    if (roles->classes < 0 || roles->labels < 0)
        return answers;
    const struct netrt_tensor *scores = &p->model->outputs[roles->classes].tensor;
    const long classes = scores->dim[1];
    const long pixels = netrt_tensor_elements(scores) / (scores->dim[0] * classes);
    const long shares = netrt_label_size(p->model, roles) / pixels;
    for (long i = 0; i < n * pixels; i++) {
        const float *label = p->inputs[roles->labels] + i * shares;
        const float *of = p->outputs[roles->classes] + i / pixels * pixels * classes + i % pixels;
        const long wanted = shares == 1 ? (long)*label : largest(label, shares, 1);
        if (wanted == ignored)
            continue;
        answers.all++;
        answers.right += wanted == largest(of, classes, pixels);
    }
    return answers;
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
