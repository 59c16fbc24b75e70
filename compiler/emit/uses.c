/* What the kernels of a file are asked for, as macros: what none of them is asked for they leave
 * out, which spares the C compiler the general forms of each. */
#include "emit/parts.h"

#include <string.h>

/* A field of shapes, and the macro that names its values. */
struct used {
    const char *field, *macro;
    uint64_t values; /* a bit each */
};

static void note(struct used *u, enum kernel kernel, const void *shape)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int i = 0; i < info->n_fields; i++) {
        const struct kernel_field *field = &info->fields[i];
        const char *at = (const char *)shape + field->offset;
        if (field->kind == FIELD_shape)
            note(u, field->kernel, at);
        else if (field->kind == FIELD_int && !strcmp(field->name, u->field))
            u->values |= UINT64_C(1) << *(const long *)(const void *)at;
    }
}

static void define(struct emitter *e, const struct used *u)
{
    struct text t;
    text_init(&t, e->arena);
    for (int value = 0; value < 64; value++)
        if (u->values >> value & 1)
            text_printf(&t, "%s(%s) == %s", t.n ? " || " : "", u->field,
                        field_value(e, u->field, value));
    if (t.n)
        cwriter_line(&e->w, "#define %s(%s) (%s)", u->macro, u->field, text_string(&t));
}

void emit_uses(struct emitter *e, const struct plan *end)
{
    struct used all[] = {{"act", "NETRT_USES_ACT", 0}, {"stored", "NETRT_USES_STORED", 0}};
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
