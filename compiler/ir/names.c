#include "ir/names.h"

#include <string.h>

const char *const frame_kind_names[] = {"net", "block", "repeat", "for", "branch", NULL};

const char *const weight_kind_names[] = {"param", "real", "list", "add", "sub",
                                         "mul",   "div",  "sqrt", NULL};

const char *const act_names[] = {
#define ACT(name, ...) #name,
#include "kernels/acts.def"
    NULL,
};

const char *const op_mode_names[] = {
#define MODE(id, spelling, taps, whole) spelling,
#include "ir/modes.def"
    NULL,
};

const char *const fan_names[] = {"fan_in", "fan_out", NULL};

const char *const require_kind_names[] = {
    "number",
    "figure",
#define OPERATOR(name, ...) #name,
#include "base/operators.def"
    NULL,
};

const char *const purpose_names[] = {
#define PURPOSE(name, ...) #name,
#include "core/purposes.def"
    NULL,
};

int name_find(const char *const *names, const char *word)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], word))
            return i;
    return -1;
}

bool weight_is_default(const struct node *n, enum role role)
{
    const struct weight *w = n->weight[role];
    if (!n->name || !w || w->kind != NETRT_EXPR_PARAM)
        return false;
    size_t length = strlen(n->name);
    return !strncmp(w->name, n->name, length) && !strcmp(w->name + length, role_suffix(role));
}
