#include "options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum netrt_option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_COUNT,
    OPTION_SEED,
    OPTION_NUMBER,
    OPTION_REAL,
    OPTION_BINDING
};

struct netrt_option {
    const char *name;
    enum netrt_option_kind kind;
    size_t field;
    const char *argument;
    int commands;
    const char *doc;
};

enum {
    PICTURES = NETRT_COMMAND_PICTURES,
    BENCH = NETRT_COMMAND_BENCH,
    INFO = NETRT_COMMAND_INFO,
    EVAL = NETRT_COMMAND_EVAL,
    RUN = NETRT_COMMAND_RUN,
    PACK = NETRT_COMMAND_PACK,
    GRADIENTS = NETRT_COMMAND_GRADIENTS,
    TRAIN = NETRT_COMMAND_TRAIN,
    SERVE = NETRT_COMMAND_SERVE,
    ANY = NETRT_COMMAND_ANY
};

static const struct netrt_option option_table[] = {
#define OPTION(name, kind, field, argument, commands, doc)                                         \
    {name, OPTION_##kind, offsetof(struct netrt_options, field), argument, commands, doc},
#include "options.def"
};

enum { N_OPTIONS = sizeof option_table / sizeof *option_table };

/* The option of this name, whose length is given. */
static const struct netrt_option *find_option(const char *name, size_t length)
{
    for (int i = 0; i < N_OPTIONS; i++)
        if (strlen(option_table[i].name) == length && !memcmp(option_table[i].name, name, length))
            return &option_table[i];
    return NULL;
}

static int read_number(const struct netrt_option *option, const char *text, unsigned long long max,
                       unsigned long long *number, struct netrt_message *m)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end)
        return netrt_misuse(m, "option '--%s' takes a number, not '%s'", option->name, text);
    if (errno || *number > max)
        return netrt_misuse(m, "option '--%s' takes a number up to %llu, not '%s'", option->name,
                            max, text);
    return 0;
}

static int read_count(const struct netrt_option *option, const char *text, long *count,
                      struct netrt_message *m)
{
    unsigned long long number;
    int status = read_number(option, text, INT_MAX, &number, m);
    if (status)
        return status;
    if (!number)
        return netrt_misuse(m, "option '--%s' takes a number of at least 1", option->name);
    *count = (long)number;
    return 0;
}

/* A number from 0 on. */
static int read_real(const struct netrt_option *option, const char *text, double *real,
                     struct netrt_message *m)
{
    char *end;
    *real = strtod(text, &end);
    if (end == text || *end || !isfinite(*real) || *real < 0)
        return netrt_misuse(m, "option '--%s' takes a number from 0 on, not '%s'", option->name,
                            text);
    return 0;
}

static int add_binding(const struct netrt_option *option, const char *text,
                       struct netrt_bindings *list, struct netrt_message *m)
{
    if (list->n == NETRT_MAX_BINDINGS)
        return netrt_misuse(m, "option '--%s' is given more than %d times", option->name,
                            NETRT_MAX_BINDINGS);
    list->text[list->n++] = text;
    return 0;
}

static int read_argument(const struct netrt_option *option, const char *text,
                         struct netrt_options *options, struct netrt_message *m)
{
    char *field = (char *)options + option->field;
    unsigned long long number = 0;
    int status = 0;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)(void *)field = text;
        return 0;
    case OPTION_COUNT:
        return read_count(option, text, (long *)(void *)field, m);
    case OPTION_SEED:
        options->random = true;
        status = read_number(option, text, ULLONG_MAX, &number, m);
        *(uint64_t *)(void *)field = number;
        return status;
    case OPTION_NUMBER:
        status = read_number(option, text, ULLONG_MAX, &number, m);
        *(uint64_t *)(void *)field = number;
        return status;
    case OPTION_REAL:
        return read_real(option, text, (double *)(void *)field, m);
    case OPTION_BINDING:
        return add_binding(option, text, (struct netrt_bindings *)(void *)field, m);
    }
    return 0;
}

/* Reads the option at argv[*at], and its argument there or in the next word. */
static int read_option(struct netrt_options *options, uint64_t *seen, int argc, char **argv,
                       int *at, struct netrt_message *m)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    const struct netrt_option *option =
        find_option(name, equals ? (size_t)(equals - name) : strlen(name));
    if (argv[*at][1] != '-' || !option)
        return netrt_misuse(m, "unknown option '%s' (--help lists them)", argv[*at]);
    *seen |= UINT64_C(1) << (option - option_table);
    if (option->kind == OPTION_FLAG && equals)
        return netrt_misuse(m, "option '--%s' takes no argument", option->name);
    const char *text = equals ? equals + 1 : NULL;
    if (option->kind != OPTION_FLAG && !text && ++*at < argc)
        text = argv[*at];
    if (option->kind != OPTION_FLAG && !text)
        return netrt_misuse(m, "option '--%s' needs its argument %s", option->name,
                            option->argument);
    return read_argument(option, text, options, m);
}

static const struct netrt_command *find_command(const struct netrt_command *commands,
                                                const char *name)
{
    const struct netrt_command *c = commands;
    while (c->run && c->name && strcmp(c->name, name) != 0)
        c++;
    return c->run ? c : NULL;
}

/* A word names the command; to the command without a name all words are arguments. */
static int take_word(struct netrt_options *options, const struct netrt_command *commands,
                     char *word, struct netrt_message *m)
{
    bool first = !options->command;
    if (first)
        options->command = find_command(commands, word);
    if (!options->command)
        return netrt_misuse(m, "unknown command '%s' (--help lists them)", word);
    if (options->command->name && !first)
        return netrt_misuse(m, "command '%s' takes no '%s' (--help lists the options)",
                            options->command->name, word);
    if (!options->command->name)
        options->words[options->n_words++] = word;
    return 0;
}

/* Each option that was given must concern the command. */
static int check_concerned(const struct netrt_command *c, uint64_t seen, struct netrt_message *m)
{
    for (int i = 0; c->bit != NETRT_COMMAND_ELSEWHERE && i < N_OPTIONS; i++)
        if (seen >> i & 1 && !(option_table[i].commands & (int)c->bit))
            return netrt_misuse(m, "option '--%s' does not go with %s%s", option_table[i].name,
                                c->name ? "command " : "pictures", c->name ? c->name : "");
    return 0;
}

int netrt_options_parse(struct netrt_options *options, const struct netrt_command *commands,
                        int argc, char **argv, struct netrt_message *m)
{
    *options = (struct netrt_options){.port = NETRT_DEFAULT_PORT,
                                      .lr = -1,
                                      .momentum = -1,
                                      .weight_decay = -1,
                                      .score = -1,
                                      .iou = -1,
                                      .batch_wait = -1,
                                      .words = argv + 1};
    uint64_t seen = 0;
    int status = 0;
    bool ended = false; /* by "--" */
    for (int i = 1; i < argc && !status; i++) {
        if (!ended && !strcmp(argv[i], "--"))
            ended = true;
        else if (!ended && argv[i][0] == '-' && argv[i][1])
            status = read_option(options, &seen, argc, argv, &i, m);
        else
            status = take_word(options, commands, argv[i], m);
    }
    if (status || options->help || options->version)
        return status;
    if (!options->command)
        return netrt_misuse(m, "nothing to do (--help lists the commands)");
    status = check_concerned(options->command, seen, m);
    if (status)
        return status;
    if (options->weights && options->random)
        return netrt_misuse(m, "options '--weights' and '--random-weights' exclude each other");
    if (!options->weights && (options->weights_map || options->ignore_extra.n))
        return netrt_misuse(m, "option '--%s' is of a checkpoint: give '--weights FILE'",
                            options->weights_map ? "weights-map" : "ignore-extra");
    return 0;
}

/* The commands that an option concerns, in brackets, unless it concerns nearly all, or there are no
 * others. */
static void print_concerned(const struct netrt_command *commands, int bits, FILE *out)
{
    int n = 0, others = 0;
    for (const struct netrt_command *c = commands; c->run; c++) {
        n += (bits & (int)c->bit) != 0;
        others += !(bits & (int)c->bit);
    }
    if (n > 2 || !others)
        return;
    const char *separator = " (";
    for (const struct netrt_command *c = commands; c->run; c++)
        if (bits & (int)c->bit) {
            fprintf(out, "%s%s", separator, c->name ? c->name : "pictures");
            separator = ", ";
        }
    fprintf(out, ")");
}

void netrt_options_help(const struct netrt_command *commands, const char *program, FILE *out)
{
    int known = 0;
    fprintf(out, "usage:\n");
    for (const struct netrt_command *c = commands; c->run; c++) {
        fprintf(out, "  %s [option...] %s%s%s\n      %s\n", program, c->name ? c->name : "",
                c->name && *c->usage ? " " : "", c->usage, c->doc);
        known |= (int)c->bit;
    }
    fprintf(out, "options, before or after the command:\n");
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct netrt_option *o = &option_table[i];
        if (!(o->commands & known))
            continue;
        int width = fprintf(out, "  --%s %s", o->name, o->argument ? o->argument : "");
        fprintf(out, "%*s%s", width < 28 ? 28 - width : 1, "", o->doc);
        print_concerned(commands, o->commands, out);
        fprintf(out, "\n");
    }
}
