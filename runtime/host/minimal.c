/* The program around a network where there is libc alone: NumPy files and packed weights. */
#include "host.h"
#include "tensors.h"

static int refuse_file(struct netrt_program *p, void *packed)
{
    (void)packed;
    return netrt_fail(p->message,
                      "'%s' is not a file of packed weights, the only one that this program "
                      "reads: the network's full executable writes it with 'pack'",
                      p->options->weights);
}

int netrt_main(const struct netrt_model *model, int argc, char **argv)
{
    static const struct netrt_command commands[] = {
        {"run", NETRT_COMMAND_RUN, "--input X.npy --output Y.npy", "run on NumPy files",
         netrt_command_run},
        {"bench", NETRT_COMMAND_BENCH, "", "measure the time of many runs", netrt_command_bench},
        {"info", NETRT_COMMAND_INFO, "", "say what the network is", netrt_command_info},
        {0}};
    static const struct netrt_readers readers = {.bind_file = refuse_file};
    return netrt_program_main(model, commands, &readers, argc, argv);
}
