/* The plan as the runtime sees a compiled network: struct netrt_model and its tables. */
#include "plan/plan.h"

#include <string.h>

struct model_maker {
    struct arena *arena;
    const struct plan *plan;
    struct map exprs, params; /* by weight: its number + 1 */
};

static struct netrt_tensor tensor(const char *name, const struct type *type)
{
    struct netrt_tensor t = {.name = name, .rank = type->rank};
    for (int i = 0; i < type->rank; i++)
        t.dim[i] = (long)type->dim[i];
    return t;
}

static void number(struct map *map, const void *key, size_t i)
{
    map_put(map, key, (void *)(intptr_t)(i + 1));
}

static int number_of(const struct map *map, const void *key)
{
    return (int)(intptr_t)map_get(map, key) - 1;
}

static const enum netrt_picture_kind no_picture = (enum netrt_picture_kind) - 1;

/* Their names are those of the operators. */
static enum netrt_picture_kind picture_kind(enum op op)
{
    switch (op) {
#define PICTURE(name, doc)                                                                         \
    case OP_picture_##name:                                                                        \
        return NETRT_PICTURE_##name;
#include "core/picture.def"
    default:
        return no_picture;
    }
}

static struct netrt_picture picture(const struct picture *p)
{
    struct netrt_picture q = {
        .kind = picture_kind(p->op), .factor = (float)p->attr.factor, .fill = (int)p->attr.fill};
    for (int i = 0; i < 2; i++)
        q.size[i] = (long)p->attr.size[i];
    for (int i = 0; i < 3; i++) {
        q.mean[i] = (float)p->attr.mean[i];
        q.std[i] = (float)p->attr.std[i];
    }
    return q;
}

static enum netrt_dtype model_dtype(const struct node *n)
{
    return (enum netrt_dtype)n->type.dtype;
}

static void make_inputs(struct model_maker *m, struct netrt_model *model)
{
    const struct graph *g = m->plan->graph;
    struct netrt_input *inputs = arena_array(m->arena, g->inputs.n, sizeof *inputs);
    for (size_t i = 0; i < g->inputs.n; i++) {
        const struct graph_input *in = &g->inputs.at[i];
        struct netrt_picture *pictures =
            arena_array(m->arena, in->pictures.n + 1, sizeof *pictures);
        for (size_t k = 0; k < in->pictures.n; k++)
            pictures[k] = picture(&in->pictures.at[k]);
        inputs[i].tensor = tensor(in->node->name, &in->node->type);
        inputs[i].dtype = model_dtype(in->node);
        inputs[i].positions = (long)graph_positions(g, in->node);
        inputs[i].n_picture = (int)in->pictures.n;
        inputs[i].picture = pictures;
    }
    model->inputs = inputs;
    model->n_inputs = (int)g->inputs.n;
}

static void set_range(const struct graph *g, const struct graph_output *o,
                      struct netrt_output *output)
{
    struct picture_range range;
    graph_picture_range(g, o, &range);
    output->reversed = range.reversed;
    for (int c = 0; c < 3; c++) {
        output->black[c] = (float)range.black[c];
        output->white[c] = (float)range.white[c];
    }
}

int *plan_outputs_made(struct arena *arena, const struct plan *plan)
{
    int *made = arena_array(arena, plan->graph->outputs.n + 1, sizeof *made);
    for (size_t i = 0; i < plan->steps.n; i++)
        for (int arg = 0; arg < N_ARGS; arg++)
            if (plan->steps.at[i].arg[arg].place == PLACE_output)
                made[plan->steps.at[i].arg[arg].index] = (int)i;
    return made;
}

static void make_outputs(struct model_maker *m, struct netrt_model *model)
{
    const struct graph *g = m->plan->graph;
    struct netrt_output *outputs = arena_array(m->arena, g->outputs.n, sizeof *outputs);
    const int *made = plan_outputs_made(m->arena, m->plan);
    for (size_t i = 0; i < g->outputs.n; i++) {
        const struct graph_output *o = &g->outputs.at[i];
        outputs[i] = (struct netrt_output){.tensor = tensor(o->name, &o->node->type),
                                           .dtype = model_dtype(o->node),
                                           .purpose = o->purpose,
                                           .probabilities = graph_output_is_softmax(o),
                                           .threshold = (float)o->attr.threshold,
                                           .centers = o->attr.centers,
                                           .relative = o->attr.relative,
                                           .background = o->attr.background,
                                           .score = (float)o->attr.score,
                                           .iou = (float)o->attr.iou,
                                           .made = made[i],
                                           .count = graph_count_output(g, o) + 1,
                                           .counted = !o->node->type.counted[0]};
        if (o->purpose == NETRT_PURPOSE_picture)
            set_range(g, o, &outputs[i]);
    }
    model->outputs = outputs;
    model->n_outputs = (int)g->outputs.n;
}

static void make_params(struct model_maker *m, struct netrt_model *model)
{
    const struct graph *g = m->plan->graph;
    struct netrt_tensor *params = arena_array(m->arena, g->params.n + 1, sizeof *params);
    for (size_t i = 0; i < g->params.n; i++) {
        const struct weight *w = g->params.at[i];
        params[i] = tensor(w->name, &w->type);
        number(&m->params, w, i);
    }
    model->params = params;
    model->n_params = (int)g->params.n;
}

static void make_exprs(struct model_maker *m, struct netrt_model *model)
{
    const struct plan *plan = m->plan;
    struct netrt_expr *exprs = arena_array(m->arena, plan->exprs.n + 1, sizeof *exprs);
    for (size_t i = 0; i < plan->exprs.n; i++) {
        const struct weight *w = plan->exprs.at[i];
        struct netrt_expr e = {.kind = w->kind, .axis = w->axis, .real = w->real, .list = w->list};
        for (int k = 0; k < NETRT_MAX_OPERANDS; k++)
            e.operand[k] = w->operand[k] ? number_of(&m->exprs, w->operand[k]) : 0;
        e.param = w->kind == NETRT_EXPR_PARAM ? number_of(&m->params, w) : 0;
        e.n = e.list ? (long)w->type.dim[0] : 0;
        exprs[i] = e;
        number(&m->exprs, w, i);
    }
    model->exprs = exprs;
    model->n_exprs = (int)plan->exprs.n;
}

static void make_packed(struct model_maker *m, struct netrt_model *model)
{
    const struct plan *plan = m->plan;
    struct netrt_packed *packed = arena_array(m->arena, plan->packed.n + 1, sizeof *packed);
    for (size_t i = 0; i < plan->packed.n; i++)
        packed[i] = plan->packed.at[i].layout;
    model->packed = packed;
    model->n_packed = (int)plan->packed.n;
}

static void make_steps(struct model_maker *m, struct netrt_model *model)
{
    const struct plan *plan = m->plan;
    struct netrt_step *steps = arena_array(m->arena, plan->steps.n + 1, sizeof *steps);
    for (size_t i = 0; i < plan->steps.n; i++) {
        const struct plan_step *s = &plan->steps.at[i];
        steps[i] = (struct netrt_step){s->node->name, kernel_info(s->kernel)->name, s->macs};
        model->macs += s->macs;
    }
    model->steps = steps;
    model->n_steps = (int)plan->steps.n;
}

/* NULL-terminated; NULL if there are none. */
static const char *const *names(struct model_maker *m, const char *const *at, size_t n)
{
    const char **copy = arena_array(m->arena, n + 1, sizeof *copy);
    if (n)
        memcpy(copy, at, n * sizeof *copy);
    return n ? copy : NULL;
}

static void make_codes(struct model_maker *m, struct netrt_model *model)
{
    const struct netrt_code **codes = arena_array(m->arena, N_TARGETS, sizeof *codes);
    for (const struct plan *plan = m->plan; plan; plan = plan->next) {
        struct netrt_code *code = arena_new_of(m->arena, struct netrt_code);
        code->target = plan->target.name;
        code->threads = plan->threads;
        model->faults |= plan->fault >= 0;
        codes[model->n_codes++] = code;
        if ((size_t)plan->arena_bytes > model->workspace_bytes)
            model->workspace_bytes = (size_t)plan->arena_bytes;
    }
    model->codes = codes;
}

const struct netrt_model *plan_model(struct arena *arena, const struct plan *plan)
{
    struct model_maker m = {
        .arena = arena, .plan = plan, .exprs.arena = arena, .params.arena = arena};
    struct netrt_model *model = arena_new_of(arena, struct netrt_model);
    const struct graph *g = plan->graph;
    model->name = g->name;
    model->source = g->source;
    make_inputs(&m, model);
    make_outputs(&m, model);
    make_params(&m, model);
    make_exprs(&m, model);
    make_packed(&m, model);
    make_steps(&m, model);
    model->labels = names(&m, g->labels.at, g->labels.n);
    model->n_labels = (int)g->labels.n;
    model->ignored = names(&m, g->ignored.at, g->ignored.n);
    model->weights_bytes = (size_t)plan->weights_bytes;
    make_codes(&m, model);
    return model;
}
