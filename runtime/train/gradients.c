/* The loss of one batch, and its gradient by every parameter, and by every input that the program
 * was compiled to have gradients of. */
#include "commands.h"
#include "tensor_file.h"
#include "../host/file.h"
#include "../host/npy.h"
#include "../host/packed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gradients {
    struct netrt_program *program;
    struct netrt_roles roles;
    const char **path; /* of each input's file */
};

/* The input that [NAME=]FILE means: by its name, or the first without a file; -1: none. */
static int input_of(const struct gradients *g, const char *text, const char **path)
{
    const struct netrt_model *m = g->program->model;
    const size_t n = strcspn(text, "=/");
    int i = 0;
    *path = text[n] == '=' ? text + n + 1 : text;
    for (; i < m->n_inputs; i++) {
        const char *name = m->inputs[i].tensor.name;
        if (text[n] == '=' ? strlen(name) == n && !memcmp(name, text, n)
                           : !g->path[i] && i != g->roles.seed)
            return i;
    }
    return -1;
}

static int bind_inputs(struct gradients *g)
{
    const struct netrt_bindings *list = &g->program->options->inputs;
    const struct netrt_model *m = g->program->model;
    for (int k = 0; k < list->n; k++) {
        const char *path;
        const int i = input_of(g, list->text[k], &path);
        if (i < 0)
            return netrt_misuse(g->program->message,
                                "option '--input %s': the network has no such input ('info' lists "
                                "them)",
                                list->text[k]);
        g->path[i] = path;
    }
    for (int i = 0; i < m->n_inputs; i++)
        if (!g->path[i] && i != g->roles.seed)
            return netrt_misuse(g->program->message, "command 'gradients' needs --input %s=FILE",
                                m->inputs[i].tensor.name);
    return 0;
}

/* Whether two shapes are equal, apart from dimensions of 1. */
static bool same_shape(const struct netrt_npy *npy, const struct netrt_tensor *t)
{
    int i = 0;
    for (int k = 0; k < npy->rank; k++) {
        if (npy->dim[k] == 1)
            continue;
        while (i < t->rank && t->dim[i] == 1)
            i++;
        if (i == t->rank || t->dim[i++] != npy->dim[k])
            return false;
    }
    while (i < t->rank && t->dim[i] == 1)
        i++;
    return i == t->rank;
}

static int read_input(struct gradients *g, int i)
{
    struct netrt_program *p = g->program;
    const struct netrt_tensor *t = &p->model->inputs[i].tensor;
    struct netrt_npy npy;
    const enum netrt_dtype dtype = p->model->inputs[i].dtype;
    int status = netrt_npy_read(&npy, g->path[i], dtype, p->message);
    if (!status && !same_shape(&npy, t))
        status = netrt_fail(p->message,
                            "'%s' has not the shape of input '%s', a batch of %ld ('info' says it)",
                            g->path[i], t->name, t->dim[0]);
    if (!status)
        memcpy(p->inputs[i], npy.data, (size_t)npy.elements * netrt_dtype_bytes(dtype));
    netrt_npy_release(&npy);
    return status;
}

static int read_inputs(struct gradients *g)
{
    int status = 0;
    for (int i = 0; i < g->program->model->n_inputs && !status; i++)
        if (i == g->roles.seed)
            g->program->inputs[i][0] = (float)g->program->options->draws;
        else
            status = read_input(g, i);
    if (status || g->roles.labels < 0)
        return status;
    return netrt_check_labels(g->program, &g->roles, g->program->inputs[g->roles.labels],
                              g->path[g->roles.labels]);
}

/* printf() would give a NaN the sign that the processor gave it. */
static void print_loss(double loss)
{
    printf("loss %.9g\n", isnan(loss) ? (double)NAN : loss);
}

/* What an output is the gradient of; NULL: the loss, or none of these. */
static const struct netrt_tensor *source_of(const struct netrt_model *m, const char *name)
{
    const int param = netrt_find_param(m, name), input = netrt_find_input(m, name);
    if (param >= 0)
        return &m->params[param];
    return input >= 0 ? &m->inputs[input].tensor : NULL;
}

static int write_gradients(struct gradients *g)
{
    const struct netrt_program *p = g->program;
    const struct netrt_model *m = p->model;
    const struct netrt_tensor loss = {.name = "loss"};
    struct netrt_named_tensor *tensors = calloc((size_t)m->n_outputs + 1, sizeof *tensors);
    int n = 0;
    if (!tensors)
        return netrt_fail(p->message, "out of memory");
    for (int i = 0; i < m->n_outputs; i++) {
        const struct netrt_tensor *of = source_of(m, m->outputs[i].tensor.name);
        if (i == g->roles.loss)
            tensors[n++] = (struct netrt_named_tensor){&loss, p->outputs[i]};
        else if (m->outputs[i].purpose == NETRT_PURPOSE_gradient && of)
            tensors[n++] = (struct netrt_named_tensor){of, p->outputs[i]};
    }
    int status = netrt_tensor_file_write(p->options->outputs.text[0], tensors, n, p->message);
    if (!status)
        print_loss((double)p->outputs[g->roles.loss][0]);
    free(tensors);
    return status;
}

static int make_gradients(struct gradients *g)
{
    struct netrt_program *p = g->program;
    int status = bind_inputs(g);
    if (!status && p->options->outputs.n != 1)
        status = netrt_misuse(p->message, "command 'gradients' needs one --output FILE");
    if (!status)
        status = netrt_writer_check(p->options->outputs.text[0], p->message);
    if (!status)
        status = netrt_program_open(p);
    if (!status)
        status = netrt_program_buffers(p);
    if (!status)
        status = read_inputs(g);
    if (status)
        return status;
    status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    if (!status)
        status = netrt_packed_check(p);
    return status ? status : write_gradients(g);
}

int netrt_command_gradients(struct netrt_program *p)
{
    struct gradients g = {.program = p,
                          .roles = netrt_roles_of(p->model),
                          .path = calloc((size_t)p->model->n_inputs + 1, sizeof *g.path)};
    const int status = g.path ? make_gradients(&g) : netrt_fail(p->message, "out of memory");
    free(g.path);
    return status;
}
