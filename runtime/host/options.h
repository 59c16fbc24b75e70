/* The command line of an executable: one table of commands, given by the program, and one of
 * options (options.def), which stand before or after the command. */
#ifndef NETRT_HOST_OPTIONS_H
#define NETRT_HOST_OPTIONS_H

#include "message.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { NETRT_MAX_BINDINGS = 16, NETRT_DEFAULT_PORT = 8000 };

/* Whom an option concerns. PICTURES is the command without a name. */
enum netrt_command_bit {
    NETRT_COMMAND_ELSEWHERE = 0, /* another program has it: any option may stand beside */
    NETRT_COMMAND_PICTURES = 1,
    NETRT_COMMAND_BENCH = 2,
    NETRT_COMMAND_INFO = 4,
    NETRT_COMMAND_EVAL = 8,
    NETRT_COMMAND_RUN = 16,
    NETRT_COMMAND_PACK = 32,
    NETRT_COMMAND_GRADIENTS = 64,
    NETRT_COMMAND_TRAIN = 128,
    NETRT_COMMAND_ANY = 255,
    NETRT_COMMAND_SERVE = 256 /* no command of a network's program: netc-serve */
};

struct netrt_program;

struct netrt_command {
    const char *name; /* NULL: the words are its arguments */
    enum netrt_command_bit bit;
    const char *usage, *doc;
    int (*run)(struct netrt_program *);
};

/* [NAME=]FILE, as often as it is given. */
struct netrt_bindings {
    int n;
    const char *text[NETRT_MAX_BINDINGS];
};

struct netrt_options {
    const struct netrt_command *command; /* NULL: no word was given */
    const char *weights, *weights_map, *data, *profile_csv, *init, *log, *plot, *resume, *val;
    const char *optimizer, *draw, *pictures, *val_pictures, *confusion, *host, *socket;
    bool random, profile, params, help, version, no_shuffle, nesterov, json, by_order;
    uint64_t seed, draws; /* of random weights; of all else */
    uint64_t port;
    long threads, runs, crops, epochs, steps, top, border;     /* 0: not given */
    long instances, max_request, max_connections, timeout;     /* likewise */
    double lr, momentum, weight_decay, score, iou, batch_wait; /* below 0: not given */
    struct netrt_bindings inputs, outputs;
    struct netrt_bindings ignore_extra; /* prefixes */
    int n_words;
    char **words; /* what is neither option nor command: in argv, moved to its front */
};

/* Reads a command line. `commands` ends with a row without `run`. */
int netrt_options_parse(struct netrt_options *, const struct netrt_command *commands, int argc,
                        char **argv, struct netrt_message *);

/* The text of --help. */
void netrt_options_help(const struct netrt_command *commands, const char *program, FILE *);

#endif
