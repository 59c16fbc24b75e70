/* Operators that stand for others (flag COMPOSITE): their nodes, each named as a part of the step.
 */
#include "sema/sema.h"

/* What is made, and where. */
struct making {
    struct sema *s;
    struct place *p;
    const char *path; /* of the step */
    struct span span;
};

/* Appends a part. NULL: it does not fit (reported), or an operand is none. */
static struct node *part(const struct making *m, enum op op, const struct attrs *attrs,
                         struct node *a, struct node *b, const char *name)
{
    struct node *in[] = {a, b};
    struct place there = *m->p;
    const int n = b ? 2 : a ? 1 : 0;
    if (op_info(op)->least > n)
        return NULL;
    elaborate_node(m->s, &there, op, attrs, in, n, names_join(m->s, m->path, name), NULL, m->span);
    return there.in.kind == FLOW_tensor ? there.in.node : NULL;
}

static struct node *part_of_dims(const struct making *m, enum op op, struct node *in,
                                 struct dims dims, const char *name)
{
    struct attrs a;
    attrs_init(&a, op);
    a.dim = (struct dims){1, {1}};
    *(op == OP_permute ? &a.dims : op == OP_reshape ? &a.shape : &a.sizes) = dims;
    return part(m, op, &a, in, NULL, name);
}

/* [k n, rows, columns], k numbers of n anchors, as [rows x columns x n, k]; of one number [n]. */
static struct node *rows_of(const struct making *m, struct node *map, int64_t k, const char *name)
{
    const struct dims by_anchor = {2, {-1, k}}, positions_first = {5, {0, 3, 4, 1, 2}};
    struct making inner = *m;
    inner.path = names_join(m->s, m->path, name);
    struct node *n = part_of_dims(&inner, OP_unflatten, map, by_anchor, "anchors");
    n = part_of_dims(&inner, OP_permute, n, positions_first, "positions");
    const struct dims rows = {k > 1 ? 2 : 1, {-1, k}};
    return part_of_dims(&inner, OP_reshape, n, rows, "rows");
}

static struct node *make_anchors(const struct making *m, const struct attrs *said,
                                 const struct type *map)
{
    struct attrs a;
    attrs_init(&a, OP_anchors);
    for (int axis = 0; axis < 2; axis++) {
        a.size[axis] = type_along(map, axis);
        a.pitch[axis] = said->pitch[axis];
    }
    a.lengths = said->lengths;
    a.ratios = said->ratios;
    return part(m, OP_anchors, &a, NULL, NULL, "anchors");
}

/* Boxes end at the border of the picture: of the network's first input, if nothing is said. */
static struct node *make_boxes(const struct making *m, const struct attrs *said,
                               struct node *deltas, struct node *anchors)
{
    struct attrs a;
    const struct graph *g = m->s->graph;
    attrs_init(&a, OP_decode);
    for (int axis = 0; axis < 2; axis++)
        a.size[axis] = said->size[axis]   ? said->size[axis]
                       : g->inputs.n == 0 ? 0
                                          : type_along(&g->inputs.at[0].node->type, axis);
    return anchors ? part(m, OP_decode, &a, deltas, anchors, "decode") : NULL;
}

static struct attrs nms_of(const struct attrs *said)
{
    struct attrs a;
    attrs_init(&a, OP_nms);
    a.iou_threshold = said->iou_threshold;
    a.candidates = said->pre_nms;
    a.detections = said->post_nms;
    a.min_size = said->min_size;
    return a;
}

void elaborate_proposals(struct sema *s, struct place *p, const struct attrs *said,
                         struct node *const in[], const struct entry *e, const char *label,
                         struct span span)
{
    const struct making m = {s, p, e->path, span};
    const struct type *map = &in[0]->type;
    const struct attrs a = nms_of(said);
    if (map->rank != 4) {
        struct text dims;
        text_init(&dims, s->arena);
        type_print_image(&dims, map);
        SEMA_ERROR(s, p, span, MESSAGE(err_proposals), text_string(&dims));
        flow_poison(p);
        return;
    }
    struct node *scores = rows_of(&m, in[0], 1, "scores");
    struct node *deltas = scores ? rows_of(&m, in[1], 4, "deltas") : NULL;
    struct node *anchors = deltas ? make_anchors(&m, said, map) : NULL;
    struct node *boxes = make_boxes(&m, said, deltas, anchors);
    struct node *operands[] = {boxes, scores};
    if (boxes)
        elaborate_node(s, p, OP_nms, &a, operands, 2, e->path, label, span);
    else
        flow_poison(p);
}
