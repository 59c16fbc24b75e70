/* The program around a network, with all it can do. */
#include "host.h"
#include "classify.h"
#include "tensors.h"
#include "../core/safetensors.h"

/* Binds a checkpoint that fits the network; else the message says how it does not. */
static int bind_checkpoint(struct netrt_program *p, struct netrt_safetensors *file, void *packed)
{
    char error[512];
    int bad = netrt_safetensors_check(file, p->model, &p->message->details);
    if (bad && !p->message->details)
        return netrt_fail(p->message, "no memory to check weights '%s'", p->options->weights);
    if (bad)
        return netrt_fail(p->message, "weights '%s' do not fit network '%s':", p->options->weights,
                          p->model->name);
    struct netrt_safetensors_source source;
    netrt_safetensors_source_init(&source, file);
    if (netrt_pack_weights(p->model, &source.source, packed, error, sizeof error))
        return netrt_fail(p->message, "%s", error);
    return 0;
}

static int bind_file(struct netrt_program *p, void *packed)
{
    char error[512];
    struct netrt_safetensors *file =
        netrt_safetensors_open(p->options->weights, error, sizeof error);
    if (!file)
        return netrt_fail(p->message, "%s", error);
    int status = bind_checkpoint(p, file, packed);
    netrt_safetensors_close(file);
    return status;
}

int netrt_main(const struct netrt_model *model, int argc, char **argv)
{
    static const struct netrt_command commands[] = {
        {"run", NETRT_COMMAND_RUN, "--input X.npy --output Y.npy", "run on NumPy files",
         netrt_command_run},
        {"bench", NETRT_COMMAND_BENCH, "", "measure the time of many runs", netrt_command_bench},
        {"info", NETRT_COMMAND_INFO, "", "say what the network is", netrt_command_info},
        {"pack", NETRT_COMMAND_PACK, "--weights FILE --output FILE",
         "write the weights as kernels read them: they load faster", netrt_command_pack},
        {"eval", NETRT_COMMAND_EVAL, "--data PATH", "count right answers on a data set",
         netrt_command_eval},
        {NULL, NETRT_COMMAND_PICTURES, "PICTURE...", "print the likeliest classes of pictures",
         netrt_command_classify},
        {0}};
    return netrt_program_main(model, commands, bind_file, argc, argv);
}
