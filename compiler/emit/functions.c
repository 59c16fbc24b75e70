/*
 * A C function for each distinct block, and net_compute(). A function gets its weights, the values
 * it touches and the number of its first step; instances of a block call it with their own.
 */
#include "emit/parts.h"

#include <string.h>

/* A value that a function touches: a buffer of the arena, an input or an output. */
struct value {
    const struct operand *first, *last; /* of those that lie there, one after the other */
    int n;
    bool written;
    const char *name; /* in the function being written */
};

/* What a run of steps works on: what makes the arguments of a function, and of each call of it. */
struct work {
    const struct plan *plan;
    bool once;                /* buffers at one address are one value */
    VEC(struct value) values; /* in the order of first use */
    struct map value_index;   /* by plan_place(): the number of the value there + 1 */
    int64_t weights;          /* byte offset of the first packed tensor; -1: none */
    int64_t stride;           /* bytes from the weights of a time of a loop to the next */
    int steps;                /* of a time of that loop; 0: in none */
    struct names names;
};

static struct value *find_value(const struct work *work, const struct operand *o)
{
    const uintptr_t index =
        (uintptr_t)map_get(&work->value_index, plan_place(work->plan, work->once, o));
    return index ? &work->values.at[index - 1] : NULL;
}

static void touch(struct emitter *e, struct work *work, const struct operand *o, bool written)
{
    if (!plan_is_value(o))
        return;
    struct value *value = find_value(work, o);
    if (!value) {
        VEC_PUSH(e->arena, &work->values,
                 (struct value){.first = o, .last = o, .n = 1, .written = written});
        map_put(&work->value_index, plan_place(work->plan, work->once, o),
                (void *)(uintptr_t)work->values.n);
        return;
    }
    value->written |= written;
    value->n += value->last->index != o->index;
    value->last = o;
}

static void touch_weights(const struct plan *plan, struct work *work, int packed)
{
    if (packed < 0)
        return;
    const int64_t offset = (int64_t)plan->packed.at[packed].layout.offset;
    if (work->weights < 0 || offset < work->weights)
        work->weights = offset;
}

static void touch_step(struct emitter *e, struct work *work, const struct plan_step *step)
{
    for (int i = 0; i < STEP_OPERANDS; i++)
        touch(e, work, plan_step_operand(step, i), i >= STEP_READ_ONLY);
    for (int i = 0; i < STEP_WEIGHTS; i++)
        touch_weights(e->plan, work, plan_step_weight(step, i));
}

static struct work work_of(struct emitter *e, int first, int n, bool once)
{
    struct work work = {
        .plan = e->plan, .once = once, .weights = -1, .value_index = {.arena = e->arena}};
    for (int i = first; i < first + n; i++)
        touch_step(e, &work, &e->plan->steps.at[i]);
    return work;
}

static struct work work_of_call(struct emitter *e, const struct plan_item *item)
{
    const struct plan_function *callee = &e->plan->functions.at[item->function];
    return work_of(e, item->step, callee->n_steps, callee->once);
}

/* The network's own: each buffer that it names is a value. */
static struct work work_of_network(struct emitter *e, const struct plan_function *f)
{
    struct work work = {.plan = e->plan, .weights = -1, .value_index = {.arena = e->arena}};
    for (size_t i = 0; i < f->items.n; i++) {
        const struct plan_item *item = &f->items.at[i];
        if (item->kind == ITEM_STEP) {
            touch_step(e, &work, &e->plan->steps.at[item->step]);
            continue;
        }
        const struct work inner = work_of_call(e, item);
        for (size_t k = 0; k < inner.values.n; k++)
            touch(e, &work, inner.values.at[k].first, true);
        if (inner.weights >= 0)
            work.weights = 0;
    }
    if (work.weights > 0)
        work.weights = 0; /* w is the start of all weights */
    return work;
}

/* "base + offset". */
static const char *sum(struct emitter *e, const char *base, int64_t offset)
{
    return offset ? arena_printf(e->arena, "%s %c %lld", base, offset < 0 ? '-' : '+',
                                 (long long)(offset < 0 ? -offset : offset))
                  : base;
}

/* "base + offset + stride * i", of time number i of a loop. */
static const char *sum_in_loop(struct emitter *e, const char *base, int64_t offset, int64_t stride)
{
    const char *large = stride > INT32_MAX / 2 || offset > INT32_MAX / 2 ? "L" : "";
    const char *at = sum(e, base, offset);
    return stride ? arena_printf(e->arena, "%s + %lld%s * i", at, (long long)stride, large) : at;
}

static const char *weight_at(struct emitter *e, const struct work *work, int64_t byte)
{
    return sum_in_loop(e, "w", (byte - work->weights) / NETRT_ELEMENT_BYTES,
                       work->stride / NETRT_ELEMENT_BYTES);
}

/* ---- steps ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "resnet.net:7 layer1.0", to start a comment; the place is left out where there is none. */
static const char *place_in_source(struct emitter *e, struct span span, const char *name)
{
    const struct source *source = span.source ? sources_get(e->sources, span.source) : NULL;
    name = name ? name : "";
    if (!source)
        return c_comment(e->arena, name);
    return c_comment(e->arena, arena_printf(e->arena, "%s:%u%s%s", base_name(source->path),
                                            source_position(source, span.begin).line,
                                            *name ? " " : "", name));
}

static void describe_step(struct emitter *e, const struct plan_step *step)
{
    const char *macs = "";
    if (step->first)
        cwriter_line(&e->w, "/* %s: %s, part by part */",
                     place_in_source(e, step->first->span, step->first->name),
                     text_of_node(e->arena, step->first));
    if (step->macs > 0)
        macs = arena_printf(e->arena, "; %s macs", text_of_count(e->arena, step->macs));
    cwriter_line(&e->w, "/* %s: %s%s */", place_in_source(e, step->node->span, step->node->name),
                 text_of_node(e->arena, step->node), macs);
}

/* A packed tensor, or -1, from element `offset` on. */
static void add_weight(struct emitter *e, const struct work *work, const char *field, int packed,
                       int64_t offset)
{
    if (packed >= 0)
        cwriter_item(&e->w, ".%s = %s", field,
                     weight_at(e, work,
                               (int64_t)e->plan->packed.at[packed].layout.offset +
                                   offset * NETRT_ELEMENT_BYTES));
}

static void add_operand(struct emitter *e, const struct work *work, const char *field,
                        const struct operand *o)
{
    if (o->place == PLACE_packed)
        add_weight(e, work, field, o->index, o->offset);
    else if (o->place != PLACE_none)
        cwriter_item(&e->w, ".%s = %s", field, sum(e, find_value(work, o)->name, o->offset));
}

/* The number of a step within its function, as an argument. */
static const char *number(struct emitter *e, const struct work *work, int step, bool network)
{
    if (network)
        return sum_in_loop(e, arena_printf(e->arena, "%d", step), 0, work->steps);
    return sum_in_loop(e, "step", step, work->steps);
}

static void emit_step(struct emitter *e, const struct plan_function *f, const struct work *work,
                      int index, bool network)
{
    const struct plan_step *step = &e->plan->steps.at[index];
    describe_step(e, step);
    cwriter_list(&e->w, "net_step(c, %s, %s, %ld, &(struct netrt_args){",
                 number(e, work, index - f->first_step, network), e->task[step->task], step->tasks);
    add_operand(e, work, "out", &step->out);
    add_operand(e, work, "in", &step->in);
    add_operand(e, work, "other", &step->other);
    add_operand(e, work, "third", &step->third);
    add_operand(e, work, "fourth", &step->fourth);
    add_operand(e, work, "more", &step->more);
    add_weight(e, work, "weight", step->weight, 0);
    add_weight(e, work, "bias", step->bias, 0);
    add_weight(e, work, "first_weight", step->first_weight, 0);
    add_weight(e, work, "first_bias", step->first_bias, 0);
    if (step->slots) {
        add_operand(e, work, "scratch", &step->scratch);
        cwriter_item(&e->w, ".scratch_size = %lld", (long long)step->scratch_size);
        cwriter_item(&e->w, ".slots = %d", step->slots);
    }
    cwriter_end(&e->w, "});");
}

/* ---- calls ---- */

static int blocks_around(const struct frame *frame)
{
    int n = 0;
    for (; frame; frame = frame->parent)
        n += frame->kind == FRAME_block;
    return n;
}

/* The block that a call stands for: in as many blocks as the function's first instance. */
static const struct frame *frame_of_call(const struct plan *plan, const struct plan_item *item)
{
    const int wanted = blocks_around(plan->functions.at[item->function].frame);
    const struct frame *frame = plan->steps.at[item->step].node->frame;
    while (frame && (frame->kind != FRAME_block || blocks_around(frame) > wanted))
        frame = frame->parent;
    return frame;
}

/* The path of the block or step of an item, in time number `time` of its loop. */
static const char *path_of_item(const struct plan *plan, const struct plan_item *item, int time,
                                int steps)
{
    struct plan_item at = *item;
    at.step += time * steps;
    if (item->kind == ITEM_STEP)
        return plan->steps.at[at.step].node->name;
    const struct frame *frame = frame_of_call(plan, &at);
    return frame ? frame->path : NULL;
}

/* "resnet.net:14 layer2.1: bottleneck", or "resnet.net:14 layer2.1 .. layer2.7: bottleneck". */
static void describe_call(struct emitter *e, const struct plan_item *item)
{
    const struct frame *frame = frame_of_call(e->plan, item);
    const int steps = plan_item_steps(e->plan, item);
    if (!frame || e->plan->functions.at[item->function].of)
        return;
    const char *path = frame->path;
    const char *last = path_of_item(e->plan, item, item->times - 1, steps);
    if (path && last && item->times > 1 && item->period == 1)
        path = arena_printf(e->arena, "%s .. %s", path, last);
    cwriter_line(&e->w, "/* %s: %s */", place_in_source(e, frame->span, path),
                 c_comment(e->arena, frame->name ? frame->name : "block"));
}

static void emit_call(struct emitter *e, const struct plan_function *f, const struct work *work,
                      const struct plan_item *item, bool network)
{
    const struct work inner = work_of_call(e, item);
    cwriter_list(&e->w, "%s(", e->function[item->function]);
    cwriter_item(&e->w, "c");
    cwriter_item(&e->w, "%s", number(e, work, item->step - f->first_step, network));
    if (inner.weights >= 0)
        cwriter_item(&e->w, "%s", weight_at(e, work, inner.weights));
    for (size_t i = 0; i < inner.values.n; i++) {
        const struct value *value = find_value(work, inner.values.at[i].first);
        cwriter_item(&e->w, "%s", value->name);
    }
    cwriter_end(&e->w, ");");
}

static void emit_item(struct emitter *e, const struct plan_function *f, const struct work *work,
                      const struct plan_item *item, bool network)
{
    if (item->kind == ITEM_STEP) {
        emit_step(e, f, work, item->step, network);
        return;
    }
    describe_call(e, item);
    emit_call(e, f, work, item, network);
}

/* A loop of one call. */
static void emit_repeated(struct emitter *e, const struct plan_function *f,
                          const struct work *inside, const struct plan_item *item, bool network)
{
    describe_call(e, item);
    cwriter_line(&e->w, "for (int i = 0; i < %d; i++)", item->times);
    e->w.depth++;
    emit_call(e, f, inside, item, network);
    e->w.depth--;
}

static void emit_loop(struct emitter *e, const struct plan_function *f, const struct work *work,
                      const struct plan_item *items, bool network)
{
    struct work inside = *work;
    for (int i = 0; i < items->period; i++)
        inside.steps += plan_item_steps(e->plan, &items[i]);
    inside.stride = items->stride;
    if (items->period == 1 && items->kind == ITEM_CALL) {
        emit_repeated(e, f, &inside, items, network);
        return;
    }
    const char *first = path_of_item(e->plan, items, 0, inside.steps),
               *last = path_of_item(e->plan, items, items->times - 1, inside.steps);
    if (first && last)
        cwriter_line(&e->w, "/* %s .. %s; the first time: */", c_comment(e->arena, first),
                     c_comment(e->arena, last));
    cwriter_open(&e->w, "for (int i = 0; i < %d; i++) {", items->times);
    for (int i = 0; i < items->period; i++)
        emit_item(e, f, &inside, &items[i], network);
    cwriter_close(&e->w, "}");
}

static void emit_items(struct emitter *e, const struct plan_function *f, const struct work *work,
                       bool network)
{
    for (size_t i = 0; i < f->items.n; i += (size_t)f->items.at[i].period) {
        const struct plan_item *item = &f->items.at[i];
        if (item->times > 1)
            emit_loop(e, f, work, item, network);
        else
            emit_item(e, f, work, item, network);
    }
}

/* ---- functions ---- */

/* The node whose value it is; the operator that an output was made by. */
static const struct node *node_of_place(const struct plan *plan, const struct operand *o)
{
    if (o->place == PLACE_input)
        return plan->graph->inputs.at[o->index].node;
    if (o->place == PLACE_output)
        return plan->graph->outputs.at[o->index].node;
    return plan->buffers.at[o->index].node;
}

static const char *const fault_words = "the first fault of a run";

static bool is_fault(const struct emitter *e, const struct operand *o)
{
    return o->place == PLACE_arena && o->index == e->plan->fault;
}

/* "conv layer1.0.conv1, 64x56x56", and how many others lie there after it. */
static const char *describe_value(struct emitter *e, const struct value *value)
{
    if (is_fault(e, value->first))
        return fault_words;
    const struct node *node = node_of_place(e->plan, value->first);
    const char *others = value->n > 1 ? arena_printf(e->arena, "; then %d more", value->n - 1) : "";
    const char *text =
        arena_printf(e->arena, "%s %s, %s%s", op_info(node->op)->name, node->name ? node->name : "",
                     text_of_image(e->arena, &node->type), others);
    return c_comment(e->arena, text);
}

static void describe_function(struct emitter *e, const struct plan_function *f,
                              const struct work *work)
{
    const char *name = f->frame && f->frame->name ? f->frame->name : "block";
    const char *path = f->frame ? place_in_source(e, f->frame->span, f->frame->path) : "";
    const char *kind = f->frame && f->frame->kind == FRAME_block ? "Block" : "Part";
    const char *several = arena_printf(e->arena, "%d instances; the first, ", f->instances);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "/*");
    if (f->of)
        cwriter_line(&e->w, " * Part of %s, has", f->of);
    else
        cwriter_line(&e->w, " * %s %s, %scalled at %s, has", kind, c_comment(e->arena, name),
                     f->instances > 1 ? several : "", path);
    for (size_t i = 0; i < work->values.n; i++)
        cwriter_line(&e->w, " *   %s  %s", work->values.at[i].name,
                     describe_value(e, &work->values.at[i]));
    cwriter_line(&e->w, " */");
}

static void emit_block(struct emitter *e, size_t index)
{
    const struct plan_function *f = &e->plan->functions.at[index];
    struct work work = work_of(e, f->first_step, f->n_steps, f->once);
    for (size_t i = 0; i < work.values.n; i++)
        work.values.at[i].name = arena_printf(e->arena, "x%zu", i);
    describe_function(e, f, &work);
    cwriter_list(&e->w, "static void %s(", e->function[index]);
    cwriter_item(&e->w, "const struct net_context *c");
    cwriter_item(&e->w, "int step");
    if (work.weights >= 0)
        cwriter_item(&e->w, "const float *w");
    for (size_t i = 0; i < work.values.n; i++)
        cwriter_item(&e->w, "%sfloat *%s", work.values.at[i].written ? "" : "const ",
                     work.values.at[i].name);
    cwriter_end(&e->w, ")");
    cwriter_open(&e->w, "{");
    emit_items(e, f, &work, false);
    cwriter_close(&e->w, "}");
}

/* What a value is called in net_compute(): by its node's name, or by its operator too where that is
 * a number. */
static const char *name_of_value(struct emitter *e, const struct node *node)
{
    const char *name = node->name ? node->name : "";
    return *name >= '0' && *name <= '9'
               ? arena_printf(e->arena, "%s_%s", op_info(node->op)->name, name)
               : name;
}

static void declare_value(struct emitter *e, struct work *work, struct value *value)
{
    const struct operand *o = value->first;
    if (o->place != PLACE_arena) {
        const char *array = o->place == PLACE_input ? "inputs" : "outputs";
        value->name = arena_printf(e->arena, "%s[%d]", array, o->index);
        return;
    }
    const struct buffer *buffer = &e->plan->buffers.at[o->index];
    const bool fault = is_fault(e, o);
    value->name = names_add(&work->names, fault ? "fault" : name_of_value(e, buffer->node));
    cwriter_line(&e->w, "float *const %s = %s; /* %s */", value->name,
                 sum(e, "arena", buffer->offset / NETRT_ELEMENT_BYTES),
                 fault ? fault_words : text_of_image(e->arena, &buffer->node->type));
}

static bool has_arena(const struct work *work)
{
    for (size_t i = 0; i < work->values.n; i++)
        if (work->values.at[i].first->place == PLACE_arena)
            return true;
    return false;
}

/* The threads of the pool, or the caller's where steps are too short to share. */
static void emit_region(struct emitter *e)
{
    const bool alone = e->plan->threads == 1;
    if (alone)
        cwriter_line(&e->w, "(void)pool; /* other threads would cost more than they bring */");
    cwriter_line(&e->w, "const struct net_context *const c = &(struct net_context){%s, profile};",
                 alone ? "NULL" : "netrt_begin(pool)");
}

static void emit_locals(struct emitter *e, struct work *work)
{
    static const char *const fixed[] = {"w",           "c",        "inputs",  "outputs",
                                        "workspace",   "pool",     "profile", "arena",
                                        "net_compute", "net_step", "i"};
    names_init(&work->names, e->arena);
    work->names.outer = &e->names; /* locals hide nothing */
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        names_add(&work->names, fixed[i]);
    emit_region(e);
    if (has_arena(work))
        cwriter_line(&e->w, "float *const arena = workspace;");
    else
        cwriter_line(&e->w, "(void)workspace;");
    if (work->weights < 0)
        cwriter_line(&e->w, "(void)w;");
    for (size_t i = 0; i < work->values.n; i++)
        declare_value(e, work, &work->values.at[i]);
    cwriter_line(&e->w, "%s", "");
}

static void emit_run(struct emitter *e, size_t index)
{
    const struct plan_function *f = &e->plan->functions.at[index];
    struct work work = work_of_network(e, f);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w,
                 "/* The network: dense inputs to dense outputs, in the arena `workspace`. */");
    cwriter_line(&e->w,
                 "static void net_compute(const float *w, const float *const *inputs, float *const "
                 "*outputs,");
    cwriter_line(&e->w,
                 "                    void *workspace, netrt_pool *pool, struct netrt_profile "
                 "*profile)");
    cwriter_open(&e->w, "{");
    emit_locals(e, &work);
    if (e->plan->fault >= 0)
        cwriter_line(&e->w, "*(struct netrt_fault *)workspace = (struct netrt_fault){0};");
    emit_items(e, f, &work, true);
    cwriter_line(&e->w, "netrt_end(c->region);");
    cwriter_close(&e->w, "}");
}

static void emit_context(struct emitter *e)
{
    static const char *const lines[] = {
        "",
        "/* ---- the network: a function for each distinct block ---- */",
        "",
        "/* What every function gets: threads, and who wants to know the times. */",
        "struct net_context {",
        "    netrt_pool *region;",
        "    struct netrt_profile *profile;",
        "};",
        "",
        "/* Step number `step`: all tasks of a kernel. */",
        "static void net_step(const struct net_context *c, int step, netrt_task *task, long n,",
        "                     const struct netrt_args *args)",
        "{",
        "    netrt_add(c->region, task, n, args);",
        "    if (!c->profile)",
        "        return;",
        "    netrt_wait(c->region);",
        "    c->profile->mark(c->profile, step);",
        "}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cwriter_line(&e->w, "%s", lines[i]);
}

void emit_functions(struct emitter *e)
{
    const size_t network = e->plan->functions.n - 1;
    emit_context(e);
    for (size_t i = 0; i < network; i++)
        emit_block(e, i);
    emit_run(e, network);
}
