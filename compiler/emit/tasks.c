/*
 * A C function for each distinct kernel instance: the kernel, with its shape as a constant. Several
 * whose shapes differ in sizes alone have their code in one function, which is given these, since
 * the C compiler takes a fraction of a second for each that it compiles.
 */
#include "emit/parts.h"

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

/* The function with the code of instances whose sizes differ. */
static void emit_shared(struct emitter *e, size_t i)
{
    const char *kernel = kernel_info(e->plan->tasks.at[i].kernel)->name;
    cwriter_line(&e->w, "/* what %d instances have in common, whose sizes differ */",
                 e->plan->tasks.at[i].n_like);
    cwriter_line(&e->w, "NETRT_SHARED void %s(const struct netrt_%s *sizes,", e->shared[i], kernel);
    cwriter_line(&e->w, "    const struct netrt_args *a, long task)");
    cwriter_open(&e->w, "{");
    cwriter_list(&e->w, "const struct netrt_%s shape = {", kernel);
    add_shape_fields(e, i, true);
    cwriter_end(&e->w, "};");
    cwriter_line(&e->w, "netrt_%s(&shape, a, task);", kernel);
    cwriter_close(&e->w, "}");
    cwriter_line(&e->w, "%s", "");
}

static void emit_task(struct emitter *e, size_t i)
{
    const struct plan_task *task = &e->plan->tasks.at[i];
    const char *kernel = kernel_info(task->kernel)->name, *shared = e->shared[task->like];
    const size_t begin = e->w.out->n;
    if (shared && task->n_like)
        emit_shared(e, i);
    describe_task(e, i);
    cwriter_line(&e->w, "%svoid %s(const struct netrt_args *a, long task)",
                 e->parts ? "" : "static ", e->task[i]);
    cwriter_open(&e->w, "{");
    cwriter_list(&e->w, "static const struct netrt_%s shape = {", kernel);
    add_shape_fields(e, i, false);
    cwriter_end(&e->w, "};");
    if (shared)
        cwriter_line(&e->w, "%s(&shape, a, task);", shared);
    else
        cwriter_line(&e->w, "netrt_%s(&shape, a, task);", kernel);
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

/* What an instance asks of the C compiler, of which a convolution takes more than all else; nothing
 * if it shares the code of an earlier one. */
static size_t effort_of(const struct plan_task *task)
{
    return task->n_like ? 1 + 4 * convolutions_of(task->kernel) : 0;
}

/* Files ask about as much of the C compiler each, and have few kernels: it takes a fraction of a
 * second for the first instance of a kernel beside what it takes for each. */
size_t *parts_of_tasks(const struct plan *plan, size_t parts)
{
    const size_t n = plan->tasks.n;
    size_t before[N_REST_SETS * N_KERNELS + 1] = {0};
    size_t *part = arena_array(plan->arena, n, sizeof *part);
    for (size_t i = 0; i < n; i++)
        before[place_in_parts(&plan->tasks.at[i]) + 1] += effort_of(&plan->tasks.at[i]);
    for (int k = 0; k < N_REST_SETS * N_KERNELS; k++)
        before[k + 1] += before[k];
    const size_t whole = before[N_REST_SETS * N_KERNELS];
    for (size_t i = 0; i < n; i++) {
        const struct plan_task *task = &plan->tasks.at[i];
        size_t *at = &before[place_in_parts(task)];
        part[i] = task->n_like ? *at * parts / whole : part[task->like];
        *at += effort_of(task);
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
