/* What the kernels of a file are asked for, as macros: what none of them is asked for they leave
 * out, which spares the C compiler the general forms of each. */
#include "emit/parts.h"

#include <string.h>

/* A field of shapes, or what is told from them, and the macro that names its values. */
struct used {
    const char *field, *macro;
    uint64_t (*of_conv)(const struct netrt_conv *); /* NULL: it is a field */
    uint64_t values;                                /* a bit each */
    bool asked;                                     /* some shape has it */
};

static uint64_t rests_of_conv(const struct netrt_conv *k)
{
    uint64_t rests = 0;
#define REST(name, doc) rests |= (uint64_t)(netrt_conv_rest_##name(k) != 0) << NETRT_REST_##name;
#include "kernels/rests.def"
    return rests;
}

static void add_values(struct used *u, uint64_t values)
{
    u->values |= values;
    u->asked = true;
}

static void note(struct used *u, enum kernel kernel, const void *shape)
{
    const struct kernel_info *info = kernel_info(kernel);
    if (u->of_conv && kernel == KERNEL_conv)
        add_values(u, u->of_conv(shape));
    if (u->of_conv && kernel == KERNEL_attention) /* the last tile of keys has columns of its own */
        add_values(u, UINT64_C(1) << NETRT_REST_cols);
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *field = &info->fields[i];
        const char *at = (const char *)shape + field->offset;
        if (field->kind == FIELD_shape)
            note(u, field->kernel, at);
        else if (field->kind == FIELD_int && !strcmp(field->name, u->field))
            add_values(u, UINT64_C(1) << *(const long *)(const void *)at);
    }
}

static const struct used used_rests = {"rest", "NETRT_USES_REST", rests_of_conv, 0, false};

uint64_t rests_of_kernel(enum kernel kernel, const void *shape)
{
    struct used u = used_rests;
    note(&u, kernel, shape);
    return u.values;
}

static void define(struct emitter *e, const struct used *u)
{
    struct text t;
    text_init(&t, e->arena);
    for (int value = 0; value < 64; value++)
        if (u->values >> value & 1)
            text_printf(&t, "%s(%s) == %s", t.n ? " || " : "", u->field,
                        field_value(e, u->field, value));
    if (u->asked)
        cwriter_line(&e->w, "#define %s(%s) (%s)", u->macro, u->field, t.n ? text_string(&t) : "0");
}

void emit_uses(struct emitter *e, const struct plan *end)
{
    struct used all[] = {{"act", "NETRT_USES_ACT", NULL, 0, false},
                         {"stored", "NETRT_USES_STORED", NULL, 0, false},
                         used_rests};
    if (e->plan != end)
        cwriter_line(&e->w, "/* Kernels leave out what none of them is asked for. */");
    for (size_t u = 0; u < sizeof all / sizeof *all; u++) {
        for (const struct plan *plan = e->plan; plan != end; plan = plan->next)
            for (size_t i = 0; i < plan->tasks.n; i++)
                if (task_is_here(e, i))
                    note(&all[u], plan->tasks.at[i].kernel, plan->tasks.at[i].shape);
        define(e, &all[u]);
    }
}
