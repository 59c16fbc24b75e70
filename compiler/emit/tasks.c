/* A C function for each distinct kernel instance: the kernel, with its shape as a constant. */
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

/* Items ".name = value" for what is not zero; `*open` stands before the first of them, and is ""
 * behind it. */
static void add_fields(struct emitter *e, enum kernel kernel, const char **open, const void *shape);

static void add_value(struct emitter *e, const char *name, const char **open, const char *value)
{
    cwriter_item(&e->w, "%s.%s = %s", *open, name, value);
    *open = "";
}

/* The fields of a shape within the shape, in brackets of their own: neither C nor C++ finds another
 * order there than the struct's. */
static void add_shape(struct emitter *e, const struct kernel_field *field, const char **open,
                      const void *shape)
{
    const char *within = arena_printf(e->arena, "%s.%s = {", *open, field->name);
    add_fields(e, field->kernel, &within, shape);
    if (*within)
        return;
    text_append(e->w.out, "}");
    *open = "";
}

static const char *view_text(struct emitter *e, const struct netrt_view *v)
{
    return arena_printf(e->arena, "{%ld, %ld, %ld, %ld, %ld}", v->image, v->plane, v->row, v->col,
                        v->lane);
}

static void add_field(struct emitter *e, const struct kernel_field *field, const char **open,
                      const void *shape)
{
    const void *at = (const char *)shape + field->offset;
    if (field->kind == FIELD_shape) {
        add_shape(e, field, open, at);
    } else if (field->kind == FIELD_int) {
        const long value = *(const long *)at;
        if (value)
            add_value(e, field->name, open, field_value(e, field->name, value));
    } else if (field->kind == FIELD_real) {
        const float value = *(const float *)at;
        if (value != 0)
            add_value(e, field->name, open, c_float(e->arena, value));
    } else {
        const struct netrt_view *v = at;
        if (v->image || v->plane || v->row || v->col || v->lane)
            add_value(e, field->name, open, view_text(e, v));
    }
}

static void add_fields(struct emitter *e, enum kernel kernel, const char **open, const void *shape)
{
    const struct kernel_info *info = kernel_info(kernel);
    for (int k = 0; k < info->n_fields; k++)
        add_field(e, &info->fields[k], open, shape);
}

/* "layer1.0.conv1: conv 3x3, 64x56x56 -> 64x56x56, relu (and 2 more)". */
static void describe_task(struct emitter *e, size_t i)
{
    const struct node *first = e->plan->steps.at[e->plan->tasks.at[i].first_step].node;
    const char *what = arena_printf(e->arena, "%s: %s", first->name ? first->name : "",
                                    text_of_node(e->arena, first));
    const char *more = "";
    const int steps = e->plan->tasks.at[i].n_steps;
    if (steps > 1)
        more = arena_printf(e->arena, " (and %d more)", steps - 1);
    cwriter_line(&e->w, "/* %s%s */", c_comment(e->arena, what), more);
}

static void emit_task(struct emitter *e, size_t i)
{
    const struct plan_task *task = &e->plan->tasks.at[i];
    const struct kernel_info *kernel = kernel_info(task->kernel);
    const size_t begin = e->w.out->n;
    const char *open = "";
    describe_task(e, i);
    cwriter_line(&e->w, "%svoid %s(const struct netrt_args *a, long task)",
                 e->parts ? "" : "static ", e->task[i]);
    cwriter_open(&e->w, "{");
    cwriter_list(&e->w, "static const struct netrt_%s shape = {", kernel->name);
    add_fields(e, task->kernel, &open, task->shape);
    cwriter_end(&e->w, "};");
    cwriter_line(&e->w, "netrt_%s(&shape, a, task);", kernel->name);
    cwriter_close(&e->w, "}");
    if (e->options->ranges)
        e->options->ranges->task[i] = (struct emit_range){begin, e->w.out->n};
}

/* A kernel that another file of the program has, or calls. */
static void declare_task(struct emitter *e, size_t i)
{
    cwriter_line(&e->w, "void %s(const struct netrt_args *a, long task)", e->task[i]);
    cwriter_line(&e->w, "    __attribute__((visibility(\"hidden\")));");
}

/* Sets of rests. */
enum { N_REST_SETS = 1 << NETRT_REST_KINDS };

/* Instances of a kernel that have the same rests follow each other: their file has no others. */
static size_t place_in_parts(const struct plan_task *task)
{
    return N_REST_SETS * (size_t)task->kernel + rests_of_kernel(task->kernel, task->shape);
}

/* Convolutions in an instance of a kernel. */
static size_t convolutions_of(enum kernel kernel)
{
    const struct kernel_info *info = kernel_info(kernel);
    size_t n = kernel == KERNEL_conv || kernel == KERNEL_winograd;
    for (int i = 0; i < info->n_fields; i++)
        if (info->fields[i].kind == FIELD_shape)
            n += convolutions_of(info->fields[i].kernel);
    return kernel == KERNEL_attention ? 2 * n : n; /* of whole tiles of keys, and of the last */
}

/* What an instance asks of the C compiler, of which a convolution takes more than all else. */
static size_t effort_of(enum kernel kernel)
{
    return 1 + 4 * convolutions_of(kernel);
}

/* Files ask about as much of the C compiler each, and have few kernels: it takes a fraction of a
 * second for the first instance of a kernel beside what it takes for each. */
size_t *parts_of_tasks(const struct plan *plan, size_t parts)
{
    const size_t n = plan->tasks.n;
    size_t before[N_REST_SETS * N_KERNELS + 1] = {0};
    size_t *part = arena_array(plan->arena, n, sizeof *part);
    for (size_t i = 0; i < n; i++)
        before[place_in_parts(&plan->tasks.at[i]) + 1] += effort_of(plan->tasks.at[i].kernel);
    for (int k = 0; k < N_REST_SETS * N_KERNELS; k++)
        before[k + 1] += before[k];
    const size_t whole = before[N_REST_SETS * N_KERNELS];
    for (size_t i = 0; i < n; i++) {
        size_t *at = &before[place_in_parts(&plan->tasks.at[i])];
        part[i] = *at * parts / whole;
        *at += effort_of(plan->tasks.at[i].kernel);
    }
    return part;
}

bool task_is_here(const struct emitter *e, size_t task)
{
    return !e->parts || e->part[task] == e->file;
}

void emit_tasks(struct emitter *e)
{
    const bool code = e->file == e->parts;
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w,
                 "/* ---- kernels: a function for each shape; views are strides {image, plane, "
                 "row, col, lane} ---- */");
    for (size_t i = 0; i < e->plan->tasks.n; i++) {
        if (!code && !task_is_here(e, i))
            continue;
        cwriter_line(&e->w, "%s", "");
        if (e->parts)
            declare_task(e, i);
        if (task_is_here(e, i))
            emit_task(e, i);
    }
}
