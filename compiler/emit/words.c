/* What comments and pictures say of a node. */
#include "emit/parts.h"
#include "ir/names.h"

const char *text_of_dims(struct arena *arena, const struct type *type)
{
    struct text t;
    text_init(&t, arena);
    type_print_dims(&t, type);
    return text_string(&t);
}

const char *text_of_image(struct arena *arena, const struct type *type)
{
    if (type->rank < 3)
        return arena_printf(arena, "%lld", (long long)type_c(type));
    return arena_printf(arena, "%lldx%lldx%lld", (long long)type_c(type), (long long)type_h(type),
                        (long long)type_w(type));
}

const char *text_of_count(struct arena *arena, double n)
{
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " K"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (n >= units[i].unit)
            return arena_printf(arena, "%.3g%s", n / units[i].unit, units[i].name);
    return arena_printf(arena, "%.0f", n);
}

/* " 3x3 stride 2 groups 32", for operators with a window. */
static void add_window(struct text *t, const struct attrs *a)
{
    if (!a->kernel[0])
        return;
    text_printf(t, " %lldx%lld", (long long)a->kernel[0], (long long)a->kernel[1]);
    if (a->stride[0] != a->stride[1])
        text_printf(t, " stride %lldx%lld", (long long)a->stride[0], (long long)a->stride[1]);
    else if (a->stride[0] > 1)
        text_printf(t, " stride %lld", (long long)a->stride[0]);
    if (a->dilation[0] > 1 || a->dilation[1] > 1)
        text_printf(t, " dilation %lldx%lld", (long long)a->dilation[0], (long long)a->dilation[1]);
    if (a->groups > 1)
        text_printf(t, " groups %lld", (long long)a->groups);
}

const char *text_of_node(struct arena *arena, const struct node *node)
{
    struct text t;
    text_init(&t, arena);
    text_append(&t, op_info(node->op)->name);
    add_window(&t, &node->attr);
    if (node->n_inputs)
        text_printf(&t, ", %s ->", text_of_image(arena, &node->input[0]->type));
    text_printf(&t, " %s", text_of_image(arena, &node->type));
    if (node->residual)
        text_append(&t, ", residual");
    if (node->act != NETRT_ACT_none)
        text_printf(&t, ", %s", act_names[node->act]);
    return text_string(&t);
}
