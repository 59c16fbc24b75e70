/* --emit=plan: the steps with all that was decided, the memory, the functions. */
#include "plan/plan.h"
#include "core/weights.h"
#include "schedule/schedule.h"

static const char *const place_names[] = {"none", "input", "output", "arena", "packed"};

static void print_packed(struct text *t, const struct plan *plan, int packed)
{
    const struct netrt_packed *p = &plan->packed.at[packed].layout;
    text_printf(t, "%zu+%zu", p->offset, p->bytes);
    if (p->stored != NETRT_STORED_f32)
        text_printf(t, ":%s", netrt_stored_name(p->stored));
}

/* " in=b3@4096+1856": buffer 3, at byte 4096 of the arena, 1856 floats into it; " weight=64+1024":
 * 1024 bytes from byte 64 of the weights on. */
static void print_argument(struct text *t, const struct plan *plan, const struct plan_step *s,
                           enum arg arg)
{
    const struct operand *o = &s->arg[arg];
    if (o->place == PLACE_none)
        return;
    text_printf(t, " %s=", arg_name(arg));
    if (o->place == PLACE_packed)
        print_packed(t, plan, o->index);
    else if (o->place == PLACE_arena)
        text_printf(t, "b%d@%lld", o->index, (long long)plan->buffers.at[o->index].offset);
    else
        text_printf(t, "%s%d", place_names[o->place], o->index);
    if (o->offset)
        text_printf(t, "%+lld", (long long)o->offset);
}

static void print_tile(struct text *t, const struct plan_step *s)
{
    const struct netrt_conv *k = &s->shape.conv;
    const struct netrt_winograd *w = &s->shape.winograd;
    const struct netrt_winograd_gradient *g = &s->shape.winograd_gradient;
    if (s->kernel == KERNEL_conv)
        text_printf(t, " tile=%ldx%ld task=%ldx%ld", k->blocks, k->cols, k->task_blocks,
                    k->task_rows);
    if (s->kernel == KERNEL_winograd)
        text_printf(t, " outputs=%ldx%ld tile=%ldx%ld task=%ldx%ld", w->tile_h, w->tile_w,
                    w->blocks, w->cols, w->task_blocks, w->task_tiles);
    if (s->kernel == KERNEL_winograd_gradient)
        text_printf(t, " outputs=%ldx%ld task=%ldx%ld part=%ld", g->tile_h, g->tile_w, g->task_out,
                    g->task_in, g->part_tiles);
}

static bool same_place(const struct operand *a, const struct operand *b)
{
    return a->place == b->place && a->index == b->index && a->offset == b->offset;
}

/* Why it is so, and what the result is written over. */
static void print_reason(struct text *t, const struct plan_step *s)
{
    text_printf(t, " (%s%s", s->schedule && s->schedule->measured ? "tuned: " : "",
                *s->why ? s->why : kernel_info(s->kernel)->doc);
    if (same_place(&s->out, &s->in))
        text_append(t, "; in place");
    if (same_place(&s->out, &s->other))
        text_append(t, "; over the other operand");
    text_append(t, ")\n");
}

static void print_step(struct text *t, const struct plan *plan, size_t i)
{
    const struct plan_step *s = &plan->steps.at[i];
    text_printf(t, "step %zu ", i);
    text_append_harmless(t, s->node->name ? s->node->name : "");
    text_printf(t, ": %s", plan->tasks.at[s->task].name);
    text_printf(t, " kernel=%s", kernel_info(s->kernel)->name);
    print_tile(t, s);
    text_printf(t, " tasks=%ld", s->tasks);
    for (int arg = 0; arg < N_ARGS; arg++)
        print_argument(t, plan, s, (enum arg)arg);
    if (s->shared)
        text_printf(t, " shared=%lld", (long long)s->shared);
    if (s->macs > 0)
        text_printf(t, " macs=%.0f", s->macs);
    text_printf(t, " us=%.1f", s->predicted_us);
    print_reason(t, s);
}

static void print_memory(struct text *t, const struct plan *plan)
{
    for (size_t i = 0; i < plan->buffers.n; i++) {
        const struct buffer *b = &plan->buffers.at[i];
        text_printf(t, "buffer %zu ", i);
        text_append_harmless(t, (int)i == plan->fault ? "faults"
                                : b->node->name       ? b->node->name
                                                      : "");
        text_printf(t, ": %lld bytes at %lld, steps %d to %d\n", (long long)b->bytes,
                    (long long)b->offset, b->first, b->last);
    }
    const double ratio =
        plan->lower_bound_bytes ? (double)plan->arena_bytes / (double)plan->lower_bound_bytes : 1;
    text_printf(t, "arena: %lld bytes, lower bound %lld (%.3f times), naive %lld\n",
                (long long)plan->arena_bytes, (long long)plan->lower_bound_bytes, ratio,
                (long long)plan->naive_bytes);
    text_printf(t, "weights: %lld bytes in %zu tensors, %zu expressions\n",
                (long long)plan->weights_bytes, plan->packed.n, plan->exprs.n);
}

static void print_item(struct text *t, const struct plan *plan, const struct plan_item *item,
                       const char *indent)
{
    if (item->kind == ITEM_CALL)
        text_printf(t, "%scall %s at step %d\n", indent, plan->functions.at[item->function].name,
                    item->step);
    else
        text_printf(t, "%sstep %d %s\n", indent, item->step,
                    plan->tasks.at[plan->steps.at[item->step].task].name);
}

static void print_function(struct text *t, const struct plan *plan, const struct plan_function *f)
{
    int inside = 0; /* items of a loop, still to come */
    text_printf(t, "function %s: %d steps, instances %d, buffers %d\n", f->name, f->n_steps,
                f->instances, (int)f->params.n);
    for (size_t i = 0; i < f->items.n; i++) {
        const struct plan_item *item = &f->items.at[i];
        if (item->times > 1) {
            text_printf(t, "  %d times\n", item->times);
            inside = item->period;
        }
        print_item(t, plan, item, inside-- > 0 ? "    " : "  ");
    }
}

void plan_print(struct text *t, const struct plan *plan)
{
    text_printf(t, "plan %s: target %s, %zu steps, %zu tasks, %zu functions\n", plan->graph->name,
                plan->target.name, plan->steps.n, plan->tasks.n, plan->functions.n);
    for (size_t i = 0; i < plan->steps.n; i++)
        print_step(t, plan, i);
    print_memory(t, plan);
    for (size_t i = 0; i < plan->functions.n; i++)
        print_function(t, plan, &plan->functions.at[i]);
}
