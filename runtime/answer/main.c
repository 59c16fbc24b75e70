/* The program around a network, with all it can do. */
#include "../host/host.h"
#include "../host/checkpoint_file.h"
#include "picture_file.h"
#include "answer.h"
#include "../host/tensors.h"

/* The server is a program of its own, so that no other one carries it. */
static int command_serve(struct netrt_program *p)
{
    return netrt_misuse(p->message,
                        "this program does not serve: 'netc --emit=shared' makes a library of the "
                        "network, and 'netc-serve libNAME.so' serves that");
}

int netrt_main_with(const struct netrt_model *model, netrt_annotations_reader *annotations,
                    int argc, char **argv)
{
    static const struct netrt_command commands[] = {
        {"run", NETRT_COMMAND_RUN, "--input X.npy --output Y.npy",
         "run on NumPy files, and on pictures", netrt_command_run},
        {"bench", NETRT_COMMAND_BENCH, "", "measure the time of many runs", netrt_command_bench},
        {"info", NETRT_COMMAND_INFO, "", "say what the network is", netrt_command_info},
        {"pack", NETRT_COMMAND_PACK, "--weights FILE --output FILE",
         "write the weights as kernels read them: they load faster", netrt_command_pack},
        {"eval", NETRT_COMMAND_EVAL, "--data PATH", "say how good answers are on a data set",
         netrt_command_eval},
        {"serve", NETRT_COMMAND_ELSEWHERE, "", "say how the network is served over HTTP",
         command_serve},
        {NULL, NETRT_COMMAND_PICTURES, "PICTURE...",
         "answer pictures: files, folders, @FILE for those that it lists, - for standard input",
         netrt_command_answer},
        {0}};
    const struct netrt_readers readers = {.bind_file = netrt_bind_checkpoint_file,
                                          .picture = netrt_read_picture_file,
                                          .annotations = annotations};
    return netrt_program_main(model, commands, &readers, argc, argv);
}

int netrt_main(const struct netrt_model *model, int argc, char **argv)
{
    return netrt_main_with(model, NULL, argc, argv);
}
