/* Memory: to run, from the plan, as the program that is generated allocates it; and to train. */
#include "report/table.h"

static const char *name_of(const struct node *node)
{
    return node->name ? node->name : op_info(node->op)->name;
}

static void add_buffers(struct report *r, const struct plan *plan)
{
    for (size_t i = 0; i < plan->buffers.n; i++) {
        const struct buffer *b = &plan->buffers.at[i];
        struct report_buffer copy = {name_of(b->node), b->node->span, b->offset,
                                     b->bytes,         b->first,      b->last};
        VEC_PUSH(r->arena, &r->memory.buffers, copy);
    }
}

/* The bytes alive in each step: those of the step before, with what begins and without what ended.
 */
static void add_timeline(struct report *r, const struct plan *plan)
{
    int64_t *change = arena_array(r->arena, plan->steps.n + 1, sizeof *change), alive = 0;
    for (size_t i = 0; i < plan->buffers.n; i++) {
        const struct buffer *b = &plan->buffers.at[i];
        if (b->first < 0)
            continue;
        change[b->first] += b->bytes;
        change[b->last + 1] -= b->bytes;
    }
    for (size_t i = 0; i < plan->steps.n; i++) {
        alive += change[i];
        const struct node *node = plan->steps.at[i].node;
        struct report_buffer at = {name_of(node), node->span, 0, alive, (int)i, (int)i};
        VEC_PUSH(r->arena, &r->memory.timeline, at);
    }
}

/* What the plan keeps of each operator's result: the elements of its buffer, with lanes and
 * border. */
static void set_planned(struct report *r, const struct plan *plan)
{
    struct map bytes = {.arena = r->arena};
    for (size_t i = 0; i < plan->buffers.n; i++)
        map_put(&bytes, plan->buffers.at[i].node, &plan->buffers.at[i]);
    for (size_t i = 0; i < r->rows.n; i++) {
        const struct buffer *b = map_get(&bytes, r->rows.at[i].node);
        r->rows.at[i].figures.at[FIGURE_activations] = b ? b->bytes / NETRT_ELEMENT_BYTES : 0;
    }
    report_sum_again(r, FIGURE_activations);
}

void report_add_plan(struct report *r, const struct plan *plan)
{
    r->target = plan->target.name;
    r->memory.known = true;
    r->memory.arena_bytes = plan->arena_bytes;
    r->memory.lower_bound_bytes = plan->lower_bound_bytes;
    r->memory.naive_bytes = plan->naive_bytes;
    r->memory.packed_bytes = plan->weights_bytes;
    add_buffers(r, plan);
    add_timeline(r, plan);
    if (r->options->activations == ACTIVATIONS_planned)
        set_planned(r, plan);
}

void report_add_training(struct report *r, const struct graph *g)
{
    struct report_training *t = &r->training_memory;
    t->known = training_estimate(r->arena, g, &t->bytes);
    if (!t->known)
        return;
    if (t->bytes.peak_at) {
        t->peak_name = name_of(t->bytes.peak_at);
        t->peak_span = t->bytes.peak_at->span;
    }
    t->checkpoints = training_checkpoints(r->arena, g);
}
