/* What outputs are for. */
#include "ir/graph.h"
#include "ir/names.h"

/* A score for each class, or their one number, at each position. */
static bool fits_map(const struct type *t)
{
    if (!dtype_is_integer(t->dtype))
        return t->rank == 4;
    return t->rank == 3 || (t->rank == 4 && t->dim[1] == 1);
}

bool purpose_fits(enum netrt_purpose purpose, const struct type *t)
{
    const bool integer = dtype_is_integer(t->dtype);
    switch (purpose) {
    case NETRT_PURPOSE_classes:
        return !integer && t->rank > 1 && type_elements(t) == t->dim[0] * t->dim[1];
    case NETRT_PURPOSE_map:
        return fits_map(t);
    case NETRT_PURPOSE_picture:
        return !integer && t->rank == 4 && (t->dim[1] == 1 || t->dim[1] == 3);
    case NETRT_PURPOSE_boxes:
        return !integer && t->rank == 3 && t->dim[2] >= 4 && t->dim[2] <= 6;
    case NETRT_PURPOSE_box_scores:
        return !integer && (t->rank == 2 || t->rank == 3);
    case NETRT_PURPOSE_box_classes:
        return t->rank == 2;
    case NETRT_PURPOSE_loss:
        return type_elements(t) == 1;
    default:
        return true;
    }
}

int64_t purpose_n_classes(const struct graph_output *o)
{
    const struct type *t = &o->node->type;
    if (o->purpose == NETRT_PURPOSE_classes)
        return t->dim[1];
    if (o->purpose == NETRT_PURPOSE_box_scores && t->rank == 3)
        return t->dim[2];
    if (o->purpose != NETRT_PURPOSE_map || dtype_is_integer(t->dtype))
        return 0;
    return t->dim[1] == 1 ? 2 : t->dim[1];
}

bool graph_output_is_softmax(const struct graph_output *o)
{
    const struct node *node = o->node;
    while (node->op == OP_pack || op_has(node->op, OP_VIEW))
        node = node->input[0];
    return node->op == OP_softmax;
}

enum op purpose_op(enum netrt_purpose purpose)
{
    return op_find(purpose_names[purpose], CLASS_PURPOSE);
}

/* What a step of preprocessing makes of a channel's numbers. */
static void prepare_range(struct picture_range *r, const struct picture *step)
{
    for (int c = 0; c < 3; c++)
        for (int end = 0; end < 2; end++) {
            double *x = end ? &r->white[c] : &r->black[c];
            if (step->op == OP_picture_scale)
                *x *= step->attr.factor;
            if (step->op == OP_picture_normalize)
                *x = (*x - step->attr.mean[c]) / step->attr.std[c];
        }
}

static void swap_range(struct picture_range *r)
{
    const struct picture_range was = *r;
    for (int c = 0; c < 3; c++) {
        r->black[c] = was.black[2 - c];
        r->white[c] = was.white[2 - c];
    }
    r->reversed = !was.reversed;
}

static bool range_is_even(const struct picture_range *r)
{
    for (int c = 1; c < 3; c++)
        if (r->black[c] != r->black[0] || r->white[c] != r->white[0])
            return false;
    return true;
}

bool graph_picture_range(const struct graph *g, const struct graph_output *o,
                         struct picture_range *r)
{
    const struct graph_input *from = NULL;
    *r = (struct picture_range){{0, 0, 0}, {1, 1, 1}, false};
    for (int c = 0; c < 3 && o->attr.black != o->attr.white; c++) {
        r->black[c] = o->attr.black;
        r->white[c] = o->attr.white;
    }
    for (size_t i = 0; i < g->inputs.n; i++) {
        if (from && g->inputs.at[i].pictures.n && o->attr.black == o->attr.white)
            return false;
        from = g->inputs.at[i].pictures.n ? &g->inputs.at[i] : from;
    }
    int64_t channels = 3;
    for (size_t k = 0; from && o->attr.black == o->attr.white && k < from->pictures.n; k++) {
        const struct picture *step = &from->pictures.at[k];
        if (step->op == OP_picture_bgr && channels == 3)
            swap_range(r);
        if (step->op == OP_picture_to_gray)
            channels = 1;
        prepare_range(r, step);
    }
    return channels == o->node->type.dim[1] || range_is_even(r);
}

const struct graph_output *graph_find_output(const struct graph *g, enum netrt_purpose purpose)
{
    for (size_t i = 0; i < g->outputs.n; i++)
        if (g->outputs.at[i].purpose == purpose)
            return &g->outputs.at[i];
    return NULL;
}

const struct graph_output *graph_classes(const struct graph *g)
{
    return graph_find_output(g, NETRT_PURPOSE_classes);
}

const struct graph_output *graph_labelled(const struct graph *g)
{
    for (size_t i = 0; i < g->outputs.n; i++)
        if (purpose_n_classes(&g->outputs.at[i]))
            return &g->outputs.at[i];
    return NULL;
}

void graph_set_labels(struct graph *g, const struct source *source)
{
    g->labels.n = 0;
    for (uint32_t line = 1; line <= source->n_lines; line++) {
        size_t n;
        const char *at = source_line(source, line, &n);
        if (n || line < source->n_lines)
            VEC_PUSH(g->arena, &g->labels, arena_strndup(g->arena, at, n));
    }
}

int64_t graph_label_classes(const struct graph *g)
{
    const struct graph_output *o = graph_labelled(g), *first = &g->outputs.at[0];
    if (o)
        return purpose_n_classes(o);
    return first->purpose == NETRT_PURPOSE_map || first->purpose == NETRT_PURPOSE_boxes
               ? 0
               : type_c(&first->node->type);
}

void graph_suppose_classes(struct graph *g)
{
    struct graph_output *o = &g->outputs.at[0];
    const struct type *in = &g->inputs.at[0].node->type;
    if (g->inputs.n == 1 && in->rank == 4 && in->dtype == DTYPE_f32 && o->node->type.rank > 1 &&
        o->node->type.dim[1] > 1 && !graph_classes(g) && in->dim[0] == o->node->type.dim[0] &&
        purpose_fits(NETRT_PURPOSE_classes, &o->node->type))
        o->purpose = NETRT_PURPOSE_classes;
}
