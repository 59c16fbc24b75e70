/* What other tools call steps and arguments. */
#include "sema/sema.h"

#include <ctype.h>
#include <string.h>

static const char *const layers[][2] = {
#define LAYER(theirs, ours) {theirs, ours},
#define ARGUMENT(theirs, hint)
#define RENAMED(theirs, ours)
#include "sema/habits.def"
};

static const char *const arguments[][2] = {
#define LAYER(theirs, ours)
#define ARGUMENT(theirs, hint) {theirs, hint},
#define RENAMED(theirs, ours)  {theirs, "it is called '" ours "' here"},
#include "sema/habits.def"
};

static const char *const renamed[][2] = {
#define LAYER(theirs, ours)
#define ARGUMENT(theirs, hint)
#define RENAMED(theirs, ours) {theirs, ours},
#include "sema/habits.def"
};

enum {
    N_RENAMED = sizeof renamed / sizeof *renamed,
    N_LAYERS = sizeof layers / sizeof *layers,
    N_ARGUMENTS = sizeof arguments / sizeof *arguments
};

/* "nn.MaxPool2d", "fully_connected": the last word without `_` and "2d", in lower case. */
static void plain_name(const char *name, char *plain, size_t size)
{
    const char *dot = strrchr(name, '.');
    size_t n = 0;
    for (const char *c = dot ? dot + 1 : name; *c && n < size - 1; c++)
        if (*c != '_')
            plain[n++] = (char)tolower((unsigned char)*c);
    if (n > 2 && plain[n - 1] == 'd' && plain[n - 2] >= '1' && plain[n - 2] <= '3')
        n -= 2;
    plain[n] = '\0';
}

const char *habit_layer(const char *name)
{
    char plain[32];
    plain_name(name, plain, sizeof plain);
    for (size_t i = 0; i < N_LAYERS; i++)
        if (!strcmp(layers[i][0], plain))
            return layers[i][1];
    enum op op = op_find(plain, CLASS_LAYER);
    return op == N_OPS ? NULL : op_info(op)->name;
}

const char *habit_argument(enum op op, const char *name)
{
    const char *of = op_info(op)->name;
    const size_t n = strlen(of);
    for (size_t i = 0; i < N_ARGUMENTS; i++) {
        const char *theirs = arguments[i][0];
        const bool own = !strncmp(theirs, of, n) && theirs[n] == '.';
        if (!strcmp(own ? theirs + n + 1 : theirs, name))
            return arguments[i][1];
    }
    return NULL;
}

const char *habit_renamed(const char *name)
{
    for (size_t i = 0; i < N_RENAMED; i++)
        if (!strcmp(renamed[i][0], name))
            return renamed[i][1];
    return NULL;
}
