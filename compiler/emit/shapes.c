/* Shapes of kernel instances in C: as constants, or with the sizes of which several share code. */
#include "core/weights.h"
#include "emit/parts.h"
#include "ir/names.h"

#include <string.h>

const char *field_value(struct emitter *e, const char *field, long value)
{
    static const char *const joins[] = {
#define JOIN(name, doc) #name,
#include "kernels/joins.def"
    };
    static const char *const reductions[] = {
#define REDUCTION(name, doc) #name,
#include "kernels/reductions.def"
    };
    static const char *const rests[] = {
#define REST(name, doc) #name,
#include "kernels/rests.def"
    };
    if (!strcmp(field, "stored"))
        return arena_printf(e->arena, "NETRT_STORED_%s",
                            netrt_stored_name((enum netrt_stored)value));
    if (!strcmp(field, "act"))
        return arena_printf(e->arena, "NETRT_ACT_%s", act_names[value]);
    if (!strcmp(field, "rest"))
        return arena_printf(e->arena, "NETRT_REST_%s", rests[value]);
    if (!strcmp(field, "join"))
        return arena_printf(e->arena, "NETRT_JOIN_%s", joins[value]);
    if (!strcmp(field, "reduction"))
        return arena_printf(e->arena, "NETRT_REDUCTION_%s", reductions[value]);
    return arena_printf(e->arena, "%ld", value);
}

/* The shape that is written: of an instance; or, with `sizes`, of all that are like it, where a
 * long in which these differ is taken from the one that they give. */
struct written {
    struct emitter *e;
    size_t task;
    bool sizes;
    const char *open; /* stands before the first item, and is "" behind it */
};

/* Whether the long at a place of a shape differs among the instances that share its code. */
static bool differs(const struct written *w, const long *at)
{
    const struct plan_task *tasks = w->e->plan->tasks.at, *task = &tasks[w->task];
    const size_t offset = (size_t)((const char *)at - (const char *)task->shape);
    for (int i = w->sizes ? task->next : -1; i >= 0; i = tasks[i].next)
        if (*(const long *)(const void *)((const char *)tasks[i].shape + offset) != *at)
            return true;
    return false;
}

/* Items ".name = value" for what is not zero; `path` leads to the shape from the outermost one. */
static void add_fields(struct written *w, enum kernel kernel, const void *shape, const char *path);

static void add_value(struct written *w, const char *name, const char *value)
{
    cwriter_item(&w->e->w, "%s.%s = %s", w->open, name, value);
    w->open = "";
}

/* The fields of a shape within the shape, in brackets of their own: neither C nor C++ finds another
 * order there than the struct's. */
static void add_shape(struct written *w, const struct kernel_field *field, const void *shape,
                      const char *path)
{
    struct arena *arena = w->e->arena;
    struct written within = *w;
    within.open = arena_printf(arena, "%s.%s = {", w->open, field->name);
    add_fields(&within, field->kernel, shape, arena_printf(arena, "%s%s.", path, field->name));
    if (*within.open)
        return;
    text_append(w->e->w.out, "}");
    w->open = "";
}

/* A stride of the view at a place, by its name. */
static const char *stride_text(const struct written *w, const char *place, const char *name,
                               const long *stride)
{
    return differs(w, stride) ? arena_printf(w->e->arena, "sizes->%s.%s", place, name)
                              : arena_printf(w->e->arena, "%ld", *stride);
}

static const char *view_text(const struct written *w, const struct netrt_view *v, const char *place)
{
    return arena_printf(w->e->arena, "{%s, %s, %s, %ld, %ld}",
                        stride_text(w, place, "image", &v->image),
                        stride_text(w, place, "plane", &v->plane),
                        stride_text(w, place, "row", &v->row), v->col, v->lane);
}

/* A size that is not constant, with what is known of it: that of an equal field before it. */
static const char *size_text(const struct written *w, const struct kernel_info *info,
                             const struct kernel_field *field, const void *shape, const char *path)
{
    const struct kernel_field *same = kernel_field_same(info, field, shape);
    const long step = kernel_field_step(info, same, shape);
    if (step)
        return arena_printf(w->e->arena, "netrt_whole(sizes->%s%s, %ld)", path, same->name, step);
    return arena_printf(w->e->arena, "sizes->%s%s", path, same->name);
}

static void add_int(struct written *w, const struct kernel_info *info,
                    const struct kernel_field *field, const void *shape, const char *path)
{
    const long *value = (const void *)((const char *)shape + field->offset);
    if (differs(w, value))
        add_value(w, field->name, size_text(w, info, field, shape, path));
    else if (*value)
        add_value(w, field->name, field_value(w->e, field->name, *value));
}

static void add_field(struct written *w, const struct kernel_info *info,
                      const struct kernel_field *field, const void *shape, const char *path)
{
    const void *at = (const char *)shape + field->offset;
    if (field->kind == FIELD_shape) {
        add_shape(w, field, at, path);
    } else if (field->kind == FIELD_int) {
        add_int(w, info, field, shape, path);
    } else if (field->kind == FIELD_real) {
        const float value = *(const float *)at;
        if (value != 0)
            add_value(w, field->name, c_float(w->e->arena, value));
    } else {
        const struct netrt_view *v = at;
        if (v->image || v->plane || v->row || v->col || v->lane)
            add_value(w, field->name,
                      view_text(w, v, arena_printf(w->e->arena, "%s%s", path, field->name)));
    }
}

static void add_fields(struct written *w, enum kernel kernel, const void *shape, const char *path)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int k = 0; k < info->n_fields; k++)
        add_field(w, info, &info->fields[k], shape, path);
}

void add_shape_fields(struct emitter *e, size_t task, bool sizes)
{
    struct written w = {e, task, sizes, ""};
    add_fields(&w, e->plan->tasks.at[task].kernel, e->plan->tasks.at[task].shape, "");
}
