/*
 * Which steps share C code: tasks of equal kernel and shape, and instances of a block whose steps
 * are the same but for the buffers and weights that they are given.
 */
#include "base/map.h"
#include "roll/rolling.h"

#include <ctype.h>
#include <string.h>

/* ---- unique names ---- */

/* `wanted` as a C identifier, with a number behind it if it is taken. */
static const char *unique_name(struct unique *names, char *wanted)
{
    for (char *c = wanted; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return unique_add(names, wanted, NULL, NULL);
}

/* "64_56x56", or "1000" of a vector. */
static void print_type(struct text *t, const struct type *type)
{
    text_printf(t, "_%lld", (long long)type_c(type));
    if (type->rank == 4)
        text_printf(t, "_%lldx%lld", (long long)type_h(type), (long long)type_w(type));
}

/* "conv_3x3_64_64_56x56_add": operator, window, channels read, what it makes, a residual. */
static char *describe_task(struct arena *arena, const struct plan_step *s)
{
    const struct node *node = s->node;
    struct text t;
    text_init(&t, arena);
    if (s->first)
        text_printf(&t, "%s_", op_info(s->first->op)->name);
    text_append(&t, op_info(node->op)->name);
    if (node->attr.kernel[0])
        text_printf(&t, "_%lldx%lld", (long long)node->attr.kernel[0],
                    (long long)node->attr.kernel[1]);
    if (node->n_inputs && type_c(&node->input[0]->type) != type_c(&node->type))
        text_printf(&t, "_%lld", (long long)type_c(&node->input[0]->type));
    else if (s->weight.place != PLACE_none && s->macs > 0)
        text_printf(&t, "_%lld", (long long)type_c(&node->type));
    print_type(&t, &node->type);
    if (node->residual)
        text_append(&t, "_add");
    return arena_strdup(arena, text_string(&t));
}

/* ---- tasks ---- */

static bool is_task_of(const struct plan_task *task, const struct plan_step *s)
{
    return task->kernel == s->kernel && kernel_shape_equal(s->kernel, task->shape, &s->shape);
}

static size_t new_task(struct plan *plan, struct unique *names, size_t step)
{
    const struct plan_step *s = &plan->steps.at[step];
    const struct plan_task task = {.name = unique_name(names, describe_task(plan->arena, s)),
                                   .kernel = s->kernel,
                                   .shape = &s->shape,
                                   .first_step = (int)step};
    VEC_PUSH(plan->arena, &plan->tasks, task);
    return plan->tasks.n - 1;
}

/* Slots of a table of so many things: numbers + 1 of tasks. */
static size_t *new_slots(struct arena *scratch, size_t n, size_t *slots)
{
    *slots = 16;
    while (*slots < 2 * n)
        *slots *= 2;
    return arena_array(scratch, *slots, sizeof(size_t));
}

static bool is_like(const struct plan_task *a, const struct plan_task *b)
{
    return a->kernel == b->kernel && kernel_shape_alike(a->kernel, a->shape, b->shape);
}

/* Task i has the code of an earlier one: it becomes the last of those that have it. */
static void join_task(struct plan *plan, int *last, int first, int i)
{
    plan->tasks.at[last[first]].next = i;
    plan->tasks.at[i].like = first;
    plan->tasks.at[first].n_like++;
    last[first] = i;
}

/* Which tasks have the same code. */
static void find_like(struct plan *plan, struct arena *scratch)
{
    size_t slots, *slot = new_slots(scratch, plan->tasks.n, &slots);
    int *last = arena_array(scratch, plan->tasks.n, sizeof *last);
    for (size_t i = 0; i < plan->tasks.n; i++) {
        struct plan_task *task = &plan->tasks.at[i];
        size_t at = kernel_code_hash(task->kernel, task->shape) & (slots - 1);
        task->next = -1;
        task->like = last[i] = (int)i;
        while (slot[at] && !is_like(&plan->tasks.at[slot[at] - 1], task))
            at = (at + 1) & (slots - 1);
        if (slot[at]) {
            join_task(plan, last, (int)slot[at] - 1, (int)i);
        } else {
            slot[at] = i + 1;
            task->n_like = 1;
        }
    }
}

void roll_tasks(struct plan *plan, struct arena *scratch)
{
    struct unique names;
    size_t slots, *slot = new_slots(scratch, plan->steps.n, &slots);
    unique_init(&names, plan->arena);
    for (size_t i = 0; i < plan->steps.n; i++) {
        struct plan_step *s = &plan->steps.at[i];
        size_t at = kernel_shape_hash(s->kernel, &s->shape) & (slots - 1);
        while (slot[at] && !is_task_of(&plan->tasks.at[slot[at] - 1], s))
            at = (at + 1) & (slots - 1);
        if (!slot[at])
            slot[at] = new_task(plan, &names, i) + 1;
        s->task = (int)slot[at] - 1;
        plan->tasks.at[s->task].n_steps++;
    }
    find_like(plan, scratch);
}

/* ---- equal runs of steps ---- */

/* Numbers of what a run of steps touches, in order of first use. */
struct numbering {
    const struct plan *plan;
    int *number; /* of each input, output and buffer: + 1 */
    int n;
    int64_t weights; /* offset of the run's first packed tensor; -1: none yet */
};

static void numbering_init(struct numbering *t, struct arena *arena, const struct plan *plan)
{
    const size_t n = plan->graph->inputs.n + plan->graph->outputs.n + plan->buffers.n;
    *t = (struct numbering){.plan = plan, .weights = -1};
    t->number = arena_array(arena, n, sizeof *t->number);
}

static int *slot_of(const struct numbering *t, const struct operand *o)
{
    size_t first = 0;
    if (o->place != PLACE_input)
        first += t->plan->graph->inputs.n;
    if (o->place == PLACE_arena)
        first += t->plan->graph->outputs.n;
    return &t->number[first + (size_t)o->index];
}

/* Offset of a packed tensor in the run's weights. */
static int64_t relative_weight(struct numbering *t, int packed)
{
    const int64_t offset = (int64_t)t->plan->packed.at[packed].layout.offset;
    if (t->weights < 0)
        t->weights = offset;
    return offset - t->weights;
}

static int64_t number_operand(struct numbering *t, const struct operand *o)
{
    if (o->place == PLACE_none)
        return 0;
    if (o->place == PLACE_packed)
        return relative_weight(t, o->index);
    int *number = slot_of(t, o);
    if (!*number)
        *number = ++t->n;
    return *number;
}

/* The network's inputs are const, so that what may be one is no other's parameter. */
static enum place kind_of(const struct operand *o)
{
    return o->place == PLACE_output ? PLACE_arena : o->place;
}

static bool same_operand(struct numbering *a, const struct operand *x, struct numbering *b,
                         const struct operand *y)
{
    return kind_of(x) == kind_of(y) && x->offset == y->offset &&
           number_operand(a, x) == number_operand(b, y);
}

static bool same_step(struct numbering *a, const struct plan_step *x, struct numbering *b,
                      const struct plan_step *y)
{
    bool same = x->task == y->task;
    for (int i = 0; i < N_ARGS && same; i++)
        same = same_operand(a, &x->arg[i], b, &y->arg[i]);
    return same;
}

/* ---- functions ---- */

struct roller {
    struct plan *plan;
    struct unique names;
};

static bool same_run(struct roller *r, const struct plan_function *f, size_t first, size_t n)
{
    const struct plan *plan = r->plan;
    const struct plan_step *x = &plan->steps.at[f->first_step], *y = &plan->steps.at[first];
    if ((size_t)f->n_steps != n || x->task != y->task || x[n - 1].task != y[n - 1].task)
        return false;
    struct arena *scratch = arena_new_inside(plan->arena);
    struct numbering a, b;
    numbering_init(&a, scratch, plan);
    numbering_init(&b, scratch, plan);
    bool same = true;
    for (size_t i = 0; i < n && same; i++)
        same = same_step(&a, &x[i], &b, &y[i]);
    arena_free(scratch);
    return same;
}

static int find_function(struct roller *r, size_t first, size_t n)
{
    const struct plan *plan = r->plan;
    for (size_t i = 0; i < plan->functions.n; i++)
        if (same_run(r, &plan->functions.at[i], first, n))
            return (int)i;
    return -1;
}

/* The block at depth `depth` (0: called by the network) that a step stands in; NULL: none. */
static const struct frame *block_at(const struct plan_step *s, int depth)
{
    int blocks = 0;
    for (const struct frame *f = s->node->frame; f; f = f->parent)
        blocks += f->kind == FRAME_block;
    const struct frame *frame = s->node->frame;
    for (; frame; frame = frame->parent)
        if (frame->kind == FRAME_block && --blocks == depth)
            return frame;
    return NULL;
}

/* Steps from `first`, at most to `end`, that stand in the same block. */
static size_t run_length(const struct plan *plan, size_t first, size_t end, int depth)
{
    const struct frame *frame = block_at(&plan->steps.at[first], depth);
    size_t n = 1;
    while (frame && first + n < end && block_at(&plan->steps.at[first + n], depth) == frame)
        n++;
    return n;
}

static void add_items(struct roller *r, struct plan_function *f, size_t first, size_t end,
                      int depth);

static bool stands_in(const struct node *node, const struct frame *frame)
{
    const struct frame *f = node->frame;
    while (f && f != frame)
        f = f->parent;
    return f != NULL;
}

/* "bottleneck_256_56x56", from what the block makes: its last result, or the concat that this is
 * part of. */
static const char *name_function(struct roller *r, const struct frame *frame, size_t last)
{
    struct arena *arena = r->plan->arena;
    const struct node *result = r->plan->steps.at[last].node;
    while (result->into && stands_in(result->into, frame))
        result = result->into;
    struct text t;
    text_init(&t, arena);
    text_append(&t, frame->name ? frame->name : "block");
    print_type(&t, &result->type);
    return unique_name(&r->names, arena_strdup(arena, text_string(&t)));
}

/* The function of a run of steps in one block: a known one, or a new one. */
static int function_of_run(struct roller *r, size_t first, size_t n, int depth)
{
    struct plan *plan = r->plan;
    const int known = find_function(r, first, n);
    if (known >= 0) {
        plan->functions.at[known].instances++;
        return known;
    }
    struct plan_function f = {.frame = block_at(&plan->steps.at[first], depth),
                              .first_step = (int)first,
                              .n_steps = (int)n,
                              .instances = 1};
    f.name = name_function(r, f.frame, first + n - 1);
    add_items(r, &f, first, first + n, depth + 1);
    VEC_PUSH(plan->arena, &plan->functions, f);
    return (int)plan->functions.n - 1;
}

/* Steps first .. end - 1 as items of `f`: calls where a block has several of them. A block that is
 * all of the function counts as the function itself. */
static void add_items(struct roller *r, struct plan_function *f, size_t first, size_t end,
                      int depth)
{
    struct plan *plan = r->plan;
    for (size_t i = first, n; i < end; i += n) {
        n = run_length(plan, i, end, depth);
        if (n == (size_t)f->n_steps && block_at(&plan->steps.at[i], depth) && f->frame) {
            add_items(r, f, i, i + n, depth + 1);
            continue;
        }
        struct plan_item item = {.kind = ITEM_STEP, .step = (int)i, .times = 1, .period = 1};
        if (n > 1) {
            item.kind = ITEM_CALL;
            item.function = function_of_run(r, i, n, depth);
        }
        VEC_PUSH(plan->arena, &f->items, item);
    }
}

void roll_functions(struct plan *plan, struct arena *scratch)
{
    struct roller r = {.plan = plan};
    unique_init(&r.names, plan->arena);
    struct plan_function run = {.n_steps = (int)plan->steps.n, .instances = 1, .once = true};
    run.name = unique_name(&r.names, arena_strdup(plan->arena, "run"));
    add_items(&r, &run, 0, plan->steps.n, 0);
    VEC_PUSH(plan->arena, &plan->functions, run);
    roll_loops(plan);
    roll_split(plan, scratch, &r.names);
    roll_arguments(plan, scratch);
}
