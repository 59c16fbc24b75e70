/* Memory: to run, from the plan, as the program that is generated allocates it; and to train. */
#include "ir/loss.h"
#include "report/table.h"
#include "core/weights.h"

#include <string.h>

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
    for (size_t i = 0; i < r->rows.n; i++)
        r->rows.at[i].figures.at[FIGURE_activations] = 0;
    for (size_t i = 0; i < plan->buffers.n; i++) {
        const struct buffer *b = &plan->buffers.at[i];
        struct report_row *row = b->scratch ? NULL : report_row_of(r, b->node->written);
        if (row)
            row->figures.at[FIGURE_activations] += b->bytes / NETRT_ELEMENT_BYTES;
    }
    report_sum_again(r, FIGURE_activations);
}

/* The rows of a node, and of what it absorbed, but `host` itself, have no step but that of `host`.
 */
static void set_host(struct report *r, const struct node *node, int host)
{
    for (size_t i = 0; i <= node->absorbed.n; i++) {
        const uint32_t written = i ? node->absorbed.at[i - 1] : node->written;
        struct report_row *row = report_row_of(r, written);
        if (row && row != &r->rows.at[host])
            row->host = host;
    }
}

static void add_hosts(struct report *r, const struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.n; i++) {
        const struct plan_step *s = &plan->steps.at[i];
        const struct report_row *row = report_row_of(r, s->node->written);
        if (!row)
            continue;
        set_host(r, s->node, (int)(row - r->rows.at));
        if (s->first)
            set_host(r, s->first, (int)(row - r->rows.at));
    }
}

void report_add_plan(struct report *r, const struct plan *plan)
{
    r->target = plan->target.name;
    r->memory.known = true;
    r->memory.arena_bytes = plan->arena_bytes;
    r->memory.lower_bound_bytes = plan->lower_bound_bytes;
    r->memory.naive_bytes = plan->naive_bytes;
    r->memory.packed_bytes = plan->weights_bytes;
    for (size_t i = 0; i < r->outputs.n; i++) /* passes drop what is nothing behind a softmax */
        r->outputs.at[i].probabilities = graph_output_is_softmax(&plan->graph->outputs.at[i]);
    add_buffers(r, plan);
    add_timeline(r, plan);
    add_hosts(r, plan);
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

/* ---- the program for training (runtime/train) ---- */

/* Copies of each parameter that has a gradient. */
static int64_t optimizer_states(enum op optimizer)
{
    static const int states[] = {
#define OPTIMIZER(name, states, doc) states,
#define NUMBER(...)
#include "core/optimizers.def"
    };
    return states[optimizer - OP_optimizer_sgd];
}

static int64_t bytes_of(const struct type *type)
{
    return type_elements(type) * dtype_bytes(type->dtype);
}

static int64_t params_bytes(const struct graph *g)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < g->params.n; i++)
        bytes += bytes_of(&g->params.at[i]->type);
    return bytes;
}

/* Of the outputs that are gradients, or of those that are none. */
static int64_t outputs_bytes(const struct graph *g, bool gradients)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < g->outputs.n; i++)
        if ((g->outputs.at[i].purpose == NETRT_PURPOSE_gradient) == gradients)
            bytes += bytes_of(&g->outputs.at[i].node->type);
    return bytes;
}

/* Of a run and the next one; random numbers are not read ahead. */
static int64_t inputs_bytes(const struct graph *g)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < g->inputs.n; i++) {
        const struct node *n = g->inputs.at[i].node;
        bytes += (strcmp(n->name, loss_seed) ? 2 : 1) * bytes_of(&n->type);
    }
    return bytes;
}

/* Of the packed weights but for parameters that lie among them. */
static int64_t packed_bytes(const struct plan *plan)
{
    int64_t bytes = plan->weights_bytes;
    for (size_t i = 0; i < plan->packed.n; i++) {
        const struct packed *p = &plan->packed.at[i];
        if (netrt_packed_is_plain(&p->layout, p->weight->kind))
            bytes -= (int64_t)p->layout.bytes;
    }
    return bytes;
}

/* The multiply-accumulates of what is computed again. Those of the network as a whole fit. */
static int64_t macs_again(const struct graph *g)
{
    int64_t macs = 0;
    struct counts counts;
    for (size_t i = 0; i < g->nodes.n; i++)
        if (g->nodes.at[i]->again && cost_count(g->nodes.at[i], &counts))
            macs += counts.macs;
    return macs;
}

struct report_trainer report_trainer(const struct plan *plan)
{
    const struct graph *g = plan->graph;
    const struct picture optimizer = graph_recipe_or(g, CLASS_OPTIMIZER, OP_optimizer_sgd),
                         recipe = graph_recipe_or(g, CLASS_RECIPE, OP_recipe);
    const int64_t gradients = outputs_bytes(g, true);
    struct report_trainer t = {
        .known = true,
        .optimizer = op_info(optimizer.op)->name,
        .params = params_bytes(g) * (recipe.attr.average > 0 ? 2 : 1),
        .packed = packed_bytes(plan),
        .states = gradients * optimizer_states(optimizer.op),
        .gradients = gradients * (recipe.attr.accumulate > 1 ? 2 : 1),
        .batches = inputs_bytes(g) + outputs_bytes(g, false),
        .arena = plan->arena_bytes,
        .again = macs_again(g),
        .keep = 1,
    };
    t.all = t.params + t.packed + t.states + t.gradients + t.batches + t.arena;
    return t;
}

void report_add_trainer(struct report *r, const struct plan *plan, int64_t keep)
{
    r->training_memory.program = report_trainer(plan);
    r->training_memory.program.keep = keep;
}

const char *report_keep_text(struct arena *arena, int64_t keep)
{
    return keep == 1   ? "all"
           : keep == 0 ? "ends of blocks"
                       : arena_printf(arena, "1 of %lld", (long long)keep);
}
