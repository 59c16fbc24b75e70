/* A layer's keys, and the operators that are made for it. */
#include "darknet/import.h"

#include <string.h>

bool layer_fail(const struct layer *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *what = arena_vprintf(l->import->arena, format, args);
    va_end(args);
    diag_add(l->import->diags, l->section->span, MESSAGE(err_darknet_layer), l->section->name,
             what);
    return false;
}

bool key_fail(const struct layer *l, const char *key, const char *must)
{
    const struct cfg_option *o = cfg_find(l->section, key);
    if (!o)
        return layer_fail(l, "'%s' is not there: it is %s", key, must);
    struct diag *d = diag_add(l->import->diags, o->span, MESSAGE(err_darknet_value), key, o->value);
    diag_hint(d, "netc takes %s", must);
    return false;
}

bool key_int(const struct layer *l, const char *key, int64_t otherwise, int64_t least, int64_t *to)
{
    const struct cfg_option *o = cfg_find(l->section, key);
    *to = otherwise;
    if (!o || (cfg_ints(o, to, 1) == 1 && *to >= least))
        return true;
    return key_fail(l, key,
                    arena_printf(l->import->arena, "a number from %lld on", (long long)least));
}

bool key_real(const struct layer *l, const char *key, double otherwise, double *to)
{
    const struct cfg_option *o = cfg_find(l->section, key);
    *to = otherwise;
    return !o || (cfg_real(o, to) && *to >= 0) || key_fail(l, key, "a number from 0 on");
}

bool key_is(const struct layer *l, const char *key, const char *only)
{
    const struct cfg_option *o = cfg_find(l->section, key);
    double is, wanted;
    const struct cfg_option written = {.value = only};
    const bool same = o && (!strcmp(o->value, only) ||
                            (cfg_real(o, &is) && cfg_real(&written, &wanted) && is == wanted));
    return !o || same || key_fail(l, key, arena_printf(l->import->arena, "'%s' alone", only));
}

bool key_ints(const struct layer *l, const char *key, int64_t *to, int most, int *n)
{
    const struct cfg_option *o = cfg_find(l->section, key);
    *n = o ? cfg_ints(o, to, most) : 0;
    return *n >= 0 || key_fail(l, key,
                               arena_printf(l->import->arena,
                                            "at most %d whole numbers with commas between", most));
}

void layer_opens(struct layer *l)
{
    struct import *s = l->import;
    struct frame *frame = arena_new_of(s->arena, struct frame);
    *frame = (struct frame){.parent = s->frame,
                            .kind = FRAME_block,
                            .name = l->section->name,
                            .path = arena_printf(s->arena, "%lld", (long long)l->number),
                            .span = l->section->span,
                            .id = s->graph->n_frames++};
    l->frame = frame;
}

/* "3" of a layer of one operator; of one that is open "3.0", or "3.boxes" of what has a name. */
static const char *next_name(struct layer *l, const char *name)
{
    struct arena *arena = l->import->arena;
    if (l->frame == l->import->frame)
        return arena_printf(arena, "%lld", (long long)l->number);
    if (name)
        return arena_printf(arena, "%lld.%s", (long long)l->number, name);
    return arena_printf(arena, "%lld.%d", (long long)l->number, l->made++);
}

struct node *append_node(struct import *s, struct shape *shape, enum op op,
                         const struct attrs *attrs, struct node *const *inputs, int n,
                         const char *name)
{
    struct attrs finished = *attrs;
    attrs_finish(&finished, op);
    const struct attr_info *wrong = attrs_invalid(&finished, op);
    if (wrong)
        diag_add(s->diags, shape->span, MESSAGE(err_darknet_layer), op_info(op)->name,
                 arena_printf(s->arena, "'%s' cannot be %g", wrong->name,
                              attr_get(&finished, wrong, 0)));
    if (wrong || !shape_infer(shape, op, &finished, inputs, n))
        return NULL;
    return graph_append(s->graph, shape, op, &finished, inputs, n, name);
}

struct node *layer_make(struct layer *l, enum op op, const struct attrs *attrs,
                        struct node *const *inputs, int n, const char *name)
{
    struct shape shape = {.diags = l->import->diags, .span = l->section->span};
    struct node *node = append_node(l->import, &shape, op, attrs, inputs, n, next_name(l, name));
    if (node) {
        node->frame = l->frame;
        node->label = name;
    }
    return node;
}

bool layer_add(struct layer *l, enum op op, const struct attrs *attrs)
{
    struct node *node = layer_make(l, op, attrs, &l->out, 1, NULL);
    l->out = node ? node : l->out;
    return node;
}
