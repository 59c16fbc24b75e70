/* What other tools call steps and arguments. */
#include "sema/sema.h"

#include <ctype.h>
#include <string.h>

static const char *const layers[][2] = {
#define LAYER(theirs, ours) {theirs, ours},
#include "sema/habits.def"
};

static const struct habit arguments[] = {
#define ARGUMENT(theirs, hint) {theirs, hint, NULL, false},
#define DROPPED(theirs, why)   {theirs, "leave it out: " why, NULL, true},
#define RENAMED(theirs, ours)  {theirs, "it is called '" ours "' here", ours, false},
#include "sema/habits.def"
};

static const struct {
    enum op op;
    const char *theirs;
} firsts[] = {
#define FIRST(op, theirs) {OP_##op, theirs},
#include "sema/habits.def"
};

static const struct {
    enum attr_kind kind;
    const char *word, *hint;
} words[] = {
#define WORD(kind, word, hint) {ATTR_##kind, word, hint},
#include "sema/habits.def"
};

enum {
    N_LAYERS = sizeof layers / sizeof *layers,
    N_ARGUMENTS = sizeof arguments / sizeof *arguments,
    N_FIRSTS = sizeof firsts / sizeof *firsts,
    N_WORDS = sizeof words / sizeof *words
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

/* A new name is one only of an operator that has it. */
static bool has_attr(enum op op, const char *name)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++)
        if (!strcmp(info->attrs[i].name, name))
            return true;
    return false;
}

const struct habit *habit_argument(enum op op, const char *name)
{
    const char *of = op_info(op)->name;
    const size_t n = strlen(of);
    for (size_t i = 0; i < N_ARGUMENTS; i++) {
        const struct habit *habit = &arguments[i];
        const bool own = !strncmp(habit->theirs, of, n) && habit->theirs[n] == '.';
        if (!strcmp(own ? habit->theirs + n + 1 : habit->theirs, name) &&
            (!habit->ours || has_attr(op, habit->ours)))
            return habit;
    }
    return NULL;
}

const char *habit_first(enum op op)
{
    for (size_t i = 0; i < N_FIRSTS; i++)
        if (firsts[i].op == op)
            return firsts[i].theirs;
    return NULL;
}

const char *habit_word(enum attr_kind kind, const char *word)
{
    for (size_t i = 0; i < N_WORDS; i++)
        if (words[i].kind == kind && !strcmp(words[i].word, word))
            return words[i].hint;
    return NULL;
}
