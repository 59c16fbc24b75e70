#include "tensors.h"
#include "../core/cpu.h"
#include "../core/params.h"
#include "../core/recipe.h"
#include "../core/weights.h"

#include <string.h>

static void print_shape(const struct netrt_tensor *t)
{
    for (int i = 0; i < t->rank; i++)
        printf("%s%ld", i ? "x" : "", t->dim[i]);
}

static void print_tensor(const char *what, const struct netrt_tensor *t)
{
    printf("%-11s %s ", what, t->name);
    print_shape(t);
}

/* Floats go without saying. */
static void print_dtype(enum netrt_dtype dtype)
{
    if (netrt_dtype_is_integer(dtype))
        printf(" of %s", netrt_dtype_name(dtype));
}

static void print_input(const struct netrt_input *input)
{
    static const char *const names[] = {
#define PICTURE(name, doc) #name,
#include "../core/picture.def"
    };
    print_tensor("input", &input->tensor);
    print_dtype(input->dtype);
    if (input->positions)
        printf(", from 0 to %ld", input->positions - 1);
    for (int i = 0; i < input->n_picture; i++)
        printf("%s%s", i ? " -> " : "  ", names[input->picture[i].kind]);
    printf("\n");
}

static void print_output(const struct netrt_model *m, const struct netrt_output *output)
{
    static const char *const names[] = {
#define PURPOSE(name, ...) #name,
#include "../core/purposes.def"
    };
    print_tensor("output", &output->tensor);
    print_dtype(output->dtype);
    printf("%s%s", output->purpose ? " " : "", output->purpose ? names[output->purpose] : "");
    if (output->count)
        printf(", at most %ld, '%s' of them", output->tensor.dim[output->counted],
               m->outputs[output->count - 1].tensor.name);
    printf("\n");
}

/* Running statistics of bn are tensors of a checkpoint, but nothing that training fits. */
static void print_parameters(const struct netrt_model *m)
{
    long params = 0, statistics = 0;
    for (int i = 0; i < m->n_params; i++) {
        long *sum = netrt_is_statistic(&m->params[i]) ? &statistics : &params;
        *sum += netrt_tensor_elements(&m->params[i]);
    }
    printf("%-11s %ld", "parameters", params);
    if (statistics)
        printf(", and %ld running statistics,", statistics);
    printf(" in %d tensors\n", m->n_params);
}

/* What the network is compiled for, and, unless that goes without saying, which of it runs here. */
static void print_codes(const struct netrt_model *m)
{
    char why[256];
    const struct netrt_code *code = netrt_cpu_choose(m, why, sizeof why);
    printf("%-11s ", "target");
    for (int i = 0; i < m->n_codes; i++)
        printf("%s%s", i ? ", " : "", m->codes[i]->target);
    if (!code)
        printf("; none of it runs here");
    else if (m->n_codes > 1)
        printf("; here %s", code->target);
    printf("\n");
}

static void print_weights(const struct netrt_model *m)
{
    const enum netrt_stored stored = netrt_weights_stored(m);
    printf("%-11s %zu bytes packed", "weights", m->weights_bytes);
    if (stored != NETRT_STORED_f32)
        printf(", as %s", netrt_stored_name(stored));
    printf("%s\n", m->embedded ? ", embedded" : "");
}

void netrt_recipe_print(const struct netrt_recipe *recipe, const char *margin)
{
    for (const char *line = recipe->words; *line;) {
        const size_t n = strcspn(line, "\n");
        printf("%s%.*s\n", margin, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

int netrt_command_info(struct netrt_program *p)
{
    const struct netrt_model *m = p->model;
    if (p->options->params) {
        netrt_params_print(m, stdout);
        return 0;
    }
    printf("%-11s %s\n%-11s %s\n", "network", m->name, "source", m->source);
    print_codes(m);
    for (int i = 0; i < m->n_inputs; i++)
        print_input(&m->inputs[i]);
    for (int i = 0; i < m->n_outputs; i++)
        print_output(m, &m->outputs[i]);
    if (m->recipe)
        netrt_recipe_print(m->recipe, "recipe      ");
    print_parameters(m);
    print_weights(m);
    printf("%-11s %zu bytes\n", "arena", m->workspace_bytes);
    printf("%-11s %.0f macs in %d steps\n", "work", m->macs, m->n_steps);
    return 0;
}
