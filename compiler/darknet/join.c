/* Layers that take what flowed out of others. */
#include "darknet/import.h"

#include <string.h>

enum { MOST_LAYERS = 64 };

/* The layers of a key, by their numbers, or from this one back where negative. */
static bool take_layers(const struct layer *l, const char *key, struct node **to, int *n)
{
    int64_t number[MOST_LAYERS];
    if (!key_ints(l, key, number, MOST_LAYERS, n))
        return false;
    if (!*n)
        return key_fail(l, key, "the numbers of layers");
    for (int i = 0; i < *n; i++) {
        const int64_t k = number[i] < 0 ? l->number + number[i] : number[i];
        if (k < 0 || k >= l->number)
            return key_fail(l, key, "numbers of layers before it, or -1 and below from it back");
        to[i] = l->import->layers.at[k];
    }
    return true;
}

/* One of several equal groups of channels. */
static struct node *take_group(struct layer *l, struct node *of, int64_t groups, int64_t group)
{
    struct attrs a;
    const int64_t c = type_c(&of->type);
    if (groups == 1)
        return of;
    if (group >= groups || c % groups) {
        layer_fail(l, "%lld channels have no group %lld of %lld", (long long)c, (long long)group,
                   (long long)groups);
        return NULL;
    }
    attrs_init(&a, OP_slice);
    a.start = group * (c / groups);
    a.end = a.start + c / groups;
    return layer_make(l, OP_slice, &a, &of, 1, NULL);
}

bool section_route(struct layer *l)
{
    struct node *from[MOST_LAYERS];
    struct attrs a;
    int64_t groups, group;
    int n;
    if (!take_layers(l, "layers", from, &n) || !key_int(l, "groups", 1, 1, &groups) ||
        !key_int(l, "group_id", 0, 0, &group))
        return false;
    if (groups > 1 && n > 1)
        layer_opens(l);
    for (int i = 0; i < n; i++)
        if (!(from[i] = take_group(l, from[i], groups, group)))
            return false;
    l->out = from[0];
    attrs_init(&a, OP_concat);
    return n == 1 || (l->out = layer_make(l, OP_concat, &a, from, n, NULL));
}

/* Darknet adds what it has of the channels and positions where sizes differ: netc does not. */
static bool check_sizes(const struct layer *l, struct node *const *from, int n)
{
    for (int i = 1; i < n; i++)
        if (!type_equal_dims(&from[0]->type, &from[i]->type))
            return layer_fail(l, "it adds tensors of different sizes");
    return true;
}

bool section_shortcut(struct layer *l)
{
    struct node *from[MOST_LAYERS + 1] = {l->out};
    struct attrs a;
    int n;
    if (!take_layers(l, "from", from + 1, &n) || !key_is(l, "weights_type", "none") ||
        !check_sizes(l, from, n + 1))
        return false;
    if (!is_linear(l, "linear"))
        layer_opens(l);
    attrs_init(&a, OP_add);
    l->out = layer_make(l, OP_add, &a, from, n + 1, NULL);
    return l->out && layer_activation(l, "linear");
}
