#include "program.h"
#include "file.h"
#include "memory.h"
#include "packed.h"
#include "profile.h"
#include "tensors.h"
#include "../core/cpu.h"
#include "../core/unroll.h"
#include "../core/weights.h"

#include <stdlib.h>
#include <string.h>

#ifndef NETRT_VERSION
#define NETRT_VERSION "0.1"
#endif

bool netrt_is_statistic(const struct netrt_tensor *param)
{
    const char *dot = strrchr(param->name, '.'), *role = dot ? dot + 1 : param->name;
    return !strncmp(role, "running_", strlen("running_"));
}

static bool has_statistics_alone(const struct netrt_model *model)
{
    for (int i = 0; i < model->n_params; i++)
        if (!netrt_is_statistic(&model->params[i]))
            return false;
    return true;
}

/* Also for a network without parameters: its packed weights are numbers of its own. */
static int bind_random(struct netrt_program *p, void *packed)
{
    struct netrt_random_source random;
    netrt_random_source_init(&random, p->options->seed);
    char error[256];
    if (netrt_pack_weights(p->model, &random.source, packed, error, sizeof error))
        return netrt_fail(p->message, "%s", error);
    return 0;
}

int netrt_program_weights(struct netrt_program *p)
{
    const struct netrt_options *o = p->options;
    const bool given = o->random || o->weights;
    if (p->owned_weights)
        return 0;
    if (!given && p->model->n_params && !p->model->embedded)
        return netrt_misuse(p->message,
                            "the network has no %s: give --weights FILE (or, to try it, "
                            "--random-weights SEED)",
                            has_statistics_alone(p->model) ? "running statistics" : "weights");
    if (!given && (p->model->embedded || !p->model->weights_bytes)) {
        p->weights = (const float *)p->model->embedded;
        return 0;
    }
    if (o->weights && netrt_is_packed_file(o->weights))
        return o->weights_map || o->ignore_extra.n
                   ? netrt_misuse(p->message, "'%s' holds packed weights, which have no names",
                                  o->weights)
                   : netrt_packed_map(p, o->weights);
    p->owned_weights = netrt_memory_new(p->model->weights_bytes);
    if (!p->owned_weights)
        return netrt_fail(p->message, "no memory for %zu bytes of weights",
                          p->model->weights_bytes);
    p->weights = (const float *)p->owned_weights;
    return o->weights ? p->readers->bind_file(p, p->owned_weights)
                      : bind_random(p, p->owned_weights);
}

static int open_pool(struct netrt_program *p)
{
    int threads = (int)p->options->threads;
    if (!threads || p->code->threads == 1)
        threads = p->code->threads ? p->code->threads : netrt_processors();
    if (threads == 1)
        return 0;
    p->pool = netrt_pool_new(threads);
    return p->pool ? 0 : netrt_fail(p->message, "the system gives no %d threads", threads);
}

static size_t bytes_of(const struct netrt_tensor *t, enum netrt_dtype dtype)
{
    return (size_t)netrt_tensor_elements(t) * netrt_dtype_bytes(dtype);
}

static size_t input_bytes(const struct netrt_model *model, int i)
{
    return bytes_of(&model->inputs[i].tensor, model->inputs[i].dtype);
}

static size_t output_bytes(const struct netrt_model *model, int i)
{
    return bytes_of(&model->outputs[i].tensor, model->outputs[i].dtype);
}

/* One buffer for each tensor. */
static float **open_buffers(int n, size_t (*bytes)(const struct netrt_model *, int),
                            const struct netrt_model *model)
{
    float **buffers = (float **)calloc((size_t)n + 1, sizeof *buffers);
    for (int i = 0; buffers && i < n; i++)
        buffers[i] = (float *)netrt_memory_new(bytes(model, i));
    return buffers;
}

static void close_buffers(float **buffers, int n, size_t (*bytes)(const struct netrt_model *, int),
                          const struct netrt_model *model)
{
    for (int i = 0; buffers && i < n; i++)
        netrt_memory_free(buffers[i], bytes(model, i));
    free(buffers);
}

static bool have_buffers(float **buffers, int n)
{
    bool all = buffers != NULL;
    for (int i = 0; all && i < n; i++)
        all = buffers[i] != NULL;
    return all;
}

int netrt_program_buffers(struct netrt_program *p)
{
    const struct netrt_model *m = p->model;
    if (p->inputs)
        return 0;
    p->inputs = open_buffers(m->n_inputs, input_bytes, m);
    p->outputs = open_buffers(m->n_outputs, output_bytes, m);
    if (!have_buffers(p->inputs, m->n_inputs) || !have_buffers(p->outputs, m->n_outputs))
        return netrt_fail(p->message, "no memory for inputs and outputs");
    return 0;
}

static int open_memory(struct netrt_program *p)
{
    const struct netrt_model *m = p->model;
    p->workspace = netrt_memory_new(m->workspace_bytes);
    if (!p->workspace)
        return netrt_fail(p->message, "no memory to run the network");
    const bool wanted = p->options->profile || p->options->profile_csv;
    if (p->options->profile_csv && netrt_writer_check(p->options->profile_csv, p->message))
        return NETRT_FAILED;
    if (wanted && !(p->clock = netrt_step_clock_new(m)))
        return netrt_fail(p->message, "out of memory");
    return 0;
}

static int choose_code(struct netrt_program *p)
{
    char error[512];
    p->code = netrt_cpu_choose(p->model, error, sizeof error);
    return p->code ? 0 : netrt_fail(p->message, "%s", error);
}

int netrt_program_open(struct netrt_program *p)
{
    int status = choose_code(p);
    if (!status)
        status = netrt_program_weights(p);
    if (!status)
        status = open_memory(p);
    return status ? status : open_pool(p);
}

int netrt_program_run(struct netrt_program *p, const float *const *inputs, float *const *outputs)
{
    struct netrt_profile *profile = netrt_step_clock_start(p->clock, p->watch);
    char fault[256];
    p->code->run(p->weights, inputs, outputs, p->workspace, p->pool, profile);
    return netrt_run_fault(p->model, p->workspace, fault, sizeof fault)
               ? netrt_fail(p->message, "%s", fault)
               : 0;
}

void netrt_program_close(struct netrt_program *p)
{
    netrt_pool_free(p->pool);
    netrt_memory_free(p->owned_weights, p->model->weights_bytes);
    netrt_packed_unmap(p);
    netrt_memory_free(p->workspace, p->model->workspace_bytes);
    close_buffers(p->inputs, p->model->n_inputs, input_bytes, p->model);
    close_buffers(p->outputs, p->model->n_outputs, output_bytes, p->model);
    netrt_step_clock_free(p->clock);
}

void netrt_program_say(const struct netrt_program *p, const char *kind,
                       const struct netrt_message *m)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s: %s\n%s", p->name, kind, m->text, m->details ? m->details : "");
}

static int run_command(struct netrt_program *p, const struct netrt_command *commands)
{
    const char *name = p->name;
    if (p->options->help) {
        printf("%s: network '%s', compiled from %s\n", name, p->model->name, p->model->source);
        netrt_options_help(commands, name, stdout);
        if (p->model->recipe) {
            printf("without options the network is trained by\n");
            netrt_recipe_print(p->model->recipe, "  ");
        }
        return 0;
    }
    if (p->options->version) {
        printf("%s: network '%s', runtime %s\n", name, p->model->name, NETRT_VERSION);
        return 0;
    }
    int status = p->options->command->run(p);
    netrt_program_close(p);
    return status;
}

int netrt_program_main(const struct netrt_model *rolled, const struct netrt_command *commands,
                       const struct netrt_readers *readers, int argc, char **argv)
{
    const char *name = argc > 0 ? argv[0] : rolled->name, *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    struct netrt_message message = {0};
    struct netrt_options options;
    struct netrt_model *model = netrt_unroll(rolled);
    struct netrt_program program = {
        .name = name, .model = model, .options = &options, .message = &message, .readers = readers};
    int status = model ? netrt_options_parse(&options, commands, argc, argv, &message)
                       : netrt_fail(&message, "out of memory");
    if (!status)
        status = run_command(&program, commands);
    bool unwritten = fflush(stdout) || ferror(stdout); /* before what went wrong then */
    if (!status && unwritten)
        status = netrt_fail(&message, "cannot write the results to standard output");
    if (status && *message.text)
        netrt_program_say(&program, "error", &message);
    free(message.details);
    free(model);
    return status;
}
