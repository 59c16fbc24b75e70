/*
 * A C function for each distinct block, and net_compute(). A function gets its weights, the values
 * it touches and the number of its first step; instances of a block call it with their own.
 */
#include "emit/parts.h"

#include <string.h>

/* A function that is being written. */
struct body {
    const struct plan_function *f;
    const char **name; /* of its parameters; of the network, also locals */
    bool network;
    int64_t stride; /* bytes from the weights of a time of the loop around to the next */
    int steps;      /* of a time of that loop; 0: in none */
};

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

static const char *weight_at(struct emitter *e, const struct body *body, int64_t byte)
{
    return sum_in_loop(e, "w", (byte - body->f->weights) / NETRT_ELEMENT_BYTES,
                       body->stride / NETRT_ELEMENT_BYTES);
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

/* Where an argument lies: in a parameter, or among the weights. */
static const char *operand_at(struct emitter *e, const struct body *body, const struct operand *o,
                              int param)
{
    if (o->place != PLACE_packed)
        return sum(e, body->name[param], o->offset);
    return weight_at(e, body,
                     (int64_t)e->plan->packed.at[o->index].layout.offset +
                         o->offset * NETRT_ELEMENT_BYTES);
}

/* The number of a step within its function, as an argument. */
static const char *number(struct emitter *e, const struct body *body, int step)
{
    const int within = step - body->f->first_step;
    const char *base = body->network ? arena_printf(e->arena, "%d", within) : "step";
    return sum_in_loop(e, base, body->network ? 0 : within, body->steps);
}

static void emit_step(struct emitter *e, const struct body *body, const struct plan_item *item)
{
    const struct plan_step *step = &e->plan->steps.at[item->step];
    const size_t begin = e->w.out->n;
    describe_step(e, step);
    cwriter_list(&e->w, "net_step(c, %s, %s, %ld, NETRT_ARGS(", number(e, body, item->step),
                 e->task[step->task], step->tasks);
    for (int arg = 0; arg < N_ARGS; arg++)
        if (step->arg[arg].place != PLACE_none)
            cwriter_item(&e->w, ".%s = %s", arg_name((enum arg)arg),
                         operand_at(e, body, &step->arg[arg], item->args[arg]));
    if (step->slots) {
        cwriter_item(&e->w, ".scratch_size = %lld", (long long)step->scratch_size);
        cwriter_item(&e->w, ".slots = %d", step->slots);
    }
    cwriter_end(&e->w, "));");
    if (step->shared)
        cwriter_line(&e->w, "net_share(c, %s, %lld, %d);",
                     operand_at(e, body, &step->out, item->args[ARG_out]),
                     (long long)step->shared / 2, step->kernel == KERNEL_bn_train);
    if (e->options->ranges)
        e->options->ranges->call[item->step] = (struct emit_range){begin, e->w.out->n};
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

static void emit_call(struct emitter *e, const struct body *body, const struct plan_item *item)
{
    const struct plan_function *callee = &e->plan->functions.at[item->function];
    cwriter_list(&e->w, "%s(", e->function[item->function]);
    cwriter_item(&e->w, "c");
    cwriter_item(&e->w, "%s", number(e, body, item->step));
    if (item->weights >= 0)
        cwriter_item(&e->w, "%s", weight_at(e, body, item->weights));
    for (size_t i = 0; i < callee->params.n; i++)
        cwriter_item(&e->w, "%s", body->name[item->args[i]]);
    cwriter_end(&e->w, ");");
}

static void emit_item(struct emitter *e, const struct body *body, const struct plan_item *item)
{
    if (item->kind == ITEM_STEP) {
        emit_step(e, body, item);
        return;
    }
    describe_call(e, item);
    emit_call(e, body, item);
}

/* A loop of one call. */
static void emit_repeated(struct emitter *e, const struct body *inside,
                          const struct plan_item *item)
{
    describe_call(e, item);
    cwriter_line(&e->w, "for (int i = 0; i < %d; i++)", item->times);
    e->w.depth++;
    emit_call(e, inside, item);
    e->w.depth--;
}

static void emit_loop(struct emitter *e, const struct body *body, const struct plan_item *items)
{
    struct body inside = *body;
    for (int i = 0; i < items->period; i++)
        inside.steps += plan_item_steps(e->plan, &items[i]);
    inside.stride = items->stride;
    if (items->period == 1 && items->kind == ITEM_CALL) {
        emit_repeated(e, &inside, items);
        return;
    }
    const char *first = path_of_item(e->plan, items, 0, inside.steps),
               *last = path_of_item(e->plan, items, items->times - 1, inside.steps);
    if (first && last)
        cwriter_line(&e->w, "/* %s .. %s; the first time: */", c_comment(e->arena, first),
                     c_comment(e->arena, last));
    cwriter_open(&e->w, "for (int i = 0; i < %d; i++) {", items->times);
    for (int i = 0; i < items->period; i++)
        emit_item(e, &inside, &items[i]);
    cwriter_close(&e->w, "}");
}

static void emit_items(struct emitter *e, const struct body *body)
{
    const struct plan_function *f = body->f;
    for (size_t i = 0; i < f->items.n; i += (size_t)f->items.at[i].period) {
        const struct plan_item *item = &f->items.at[i];
        if (item->times > 1)
            emit_loop(e, body, item);
        else
            emit_item(e, body, item);
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
static const char *describe_param(struct emitter *e, const struct plan_param *param)
{
    if (is_fault(e, &param->at))
        return fault_words;
    const struct node *node = node_of_place(e->plan, &param->at);
    const char *others = param->n > 1 ? arena_printf(e->arena, "; then %d more", param->n - 1) : "";
    const char *text =
        arena_printf(e->arena, "%s %s, %s%s", op_info(node->op)->name, node->name ? node->name : "",
                     text_of_image(e->arena, &node->type), others);
    return c_comment(e->arena, text);
}

static void describe_function(struct emitter *e, const struct body *body)
{
    const struct plan_function *f = body->f;
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
    for (size_t i = 0; i < f->params.n; i++)
        cwriter_line(&e->w, " *   %s  %s", body->name[i], describe_param(e, &f->params.at[i]));
    cwriter_line(&e->w, " */");
}

static struct body body_of(struct emitter *e, size_t index)
{
    const struct plan_function *f = &e->plan->functions.at[index];
    return (struct body){.f = f,
                         .name = arena_array(e->arena, f->params.n, sizeof(const char *)),
                         .network = index + 1 == e->plan->functions.n};
}

static void emit_block(struct emitter *e, size_t index)
{
    const struct body body = body_of(e, index);
    const struct plan_function *f = body.f;
    for (size_t i = 0; i < f->params.n; i++)
        body.name[i] = arena_printf(e->arena, "x%zu", i);
    describe_function(e, &body);
    cwriter_list(&e->w, "static void %s(", e->function[index]);
    cwriter_item(&e->w, "const struct net_context *c");
    cwriter_item(&e->w, "int step");
    if (f->weights >= 0)
        cwriter_item(&e->w, "const float *w");
    for (size_t i = 0; i < f->params.n; i++)
        cwriter_item(&e->w, "%sfloat *%s", f->params.at[i].written ? "" : "const ", body.name[i]);
    cwriter_end(&e->w, ")");
    cwriter_open(&e->w, "{");
    emit_items(e, &body);
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

/* Declares a value of the network, unless it is the caller's; returns its name. */
static const char *declare_value(struct emitter *e, struct names *names, const struct operand *o)
{
    if (o->place != PLACE_arena) {
        const char *array = o->place == PLACE_input ? "inputs" : "outputs";
        return arena_printf(e->arena, "%s[%d]", array, o->index);
    }
    const struct buffer *buffer = &e->plan->buffers.at[o->index];
    const bool fault = is_fault(e, o);
    const char *name = names_add(names, fault ? "fault" : name_of_value(e, buffer->node));
    cwriter_line(&e->w, "float *const %s = %s; /* %s */", name,
                 sum(e, "arena", buffer->offset / NETRT_ELEMENT_BYTES),
                 fault ? fault_words : text_of_image(e->arena, &buffer->node->type));
    return name;
}

static bool has_arena(const struct plan_function *f)
{
    for (size_t i = 0; i < f->params.n; i++)
        if (f->params.at[i].at.place == PLACE_arena)
            return true;
    return false;
}

/* The threads of the pool, or the caller's where steps are too short to share. */
static void emit_region(struct emitter *e)
{
    const bool alone = e->plan->threads == 1;
    if (alone)
        cwriter_line(&e->w, "(void)pool; /* other threads would cost more than they bring */");
    cwriter_line(&e->w, "const struct net_context context = {%s, profile};",
                 alone ? "NULL" : "netrt_begin(pool)");
    cwriter_line(&e->w, "const struct net_context *const c = &context;");
}

static void emit_locals(struct emitter *e, const struct body *body)
{
    static const char *const fixed[] = {"w",         "c",           "inputs",   "outputs",
                                        "workspace", "pool",        "profile",  "context",
                                        "arena",     "net_compute", "net_step", "i"};
    const struct plan_function *f = body->f;
    struct names names;
    names_init(&names, e->arena);
    names.outer = &e->names; /* locals hide nothing */
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        names_add(&names, fixed[i]);
    emit_region(e);
    if (has_arena(f))
        cwriter_line(&e->w, "float *const arena = (float *)workspace;");
    else
        cwriter_line(&e->w, "(void)workspace;");
    if (f->weights < 0)
        cwriter_line(&e->w, "(void)w;");
    for (size_t i = 0; i < f->params.n; i++)
        body->name[i] = declare_value(e, &names, &f->params.at[i].at);
    cwriter_line(&e->w, "%s", "");
}

static void emit_run(struct emitter *e, size_t index)
{
    const struct body body = body_of(e, index);
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
    emit_locals(e, &body);
    if (e->plan->fault >= 0)
        cwriter_line(&e->w, "*(struct netrt_fault *)workspace = (struct netrt_fault){0};");
    emit_items(e, &body);
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

/* What the step before has found is made that of all processes: it is whole, since who shares it
 * waits for each step. */
static void emit_sharing(struct emitter *e)
{
    static const char *const lines[] = {
        "",
        "/* Of two halves of n floats, what all processes that train together have found. */",
        "static void net_share(const struct net_context *c, float *found, long n, int moments)",
        "{",
        "    if (c->profile && c->profile->share)",
        "        c->profile->share(c->profile, found, n, moments);",
        "}",
    };
    bool shares = false;
    for (size_t i = 0; i < e->plan->steps.n; i++)
        shares = shares || e->plan->steps.at[i].shared;
    for (size_t i = 0; shares && i < sizeof lines / sizeof *lines; i++)
        cwriter_line(&e->w, "%s", lines[i]);
}

void emit_functions(struct emitter *e)
{
    const size_t network = e->plan->functions.n - 1;
    emit_context(e);
    emit_sharing(e);
    for (size_t i = 0; i < network; i++)
        emit_block(e, i);
    emit_run(e, network);
}
