/*
 * NonMaxSuppression, whose result has as many rows as are found. It is nms, made where its
 * positions are asked for: by then it is known how many of them are wanted at most.
 */
#include "base/number.h"
#include "onnx/chosen.h"

#include <math.h>

/* A number that is an operand of any dimensions. */
static bool take_number(struct call *c, int i, double otherwise, double *to)
{
    const struct constant *k = operand_given(c, i) ? operand_constant(c, i, "a limit") : NULL;
    *to = otherwise;
    if (!operand_given(c, i))
        return true;
    if (!k || constant_elements(k) != 1)
        return call_lacks(c, "operand %d is not one number", i + 1);
    *to = constant_real_at(k, 0);
    return true;
}

/* Boxes are [1, n, 4], scores [1, 1, n]. */
static bool take_boxes(struct call *c, struct found *f)
{
    const struct datum *boxes = operand_datum(c, 0), *scores = boxes ? operand_datum(c, 1) : NULL;
    if (!scores)
        return false;
    if (datum_rank(boxes) != 3 || datum_rank(scores) != 3 || datum_dim(boxes, 0) != 1 ||
        datum_dim(scores, 0) != 1 || datum_dim(scores, 1) != 1 || datum_dim(boxes, 2) != 4 ||
        datum_dim(boxes, 1) != datum_dim(scores, 2) || attribute_int(c, "center_point_box", 0))
        return call_lacks(c, "boxes are not [1, n, 4], corners of one image, scores not [1, 1, n]");
    const int64_t n = datum_dim(boxes, 1), vector[2] = {1, n};
    f->limit = n;
    return operand_flow_as(c, 0, 0, &f->boxes) && operand_flow(c, 1, &f->scores) &&
           flow_reshape(c, f->scores, 2, vector, &f->scores);
}

const struct node *unshaped(const struct node *n)
{
    while (n->op == OP_reshape)
        n = n->input[0];
    return n;
}

/* Where rows are chosen, of both the same. By other scores than these, those of rows that are not
 * there are made low. */
static bool take_choice(struct call *c, struct found *f)
{
    const struct choice *boxes = &c->in[0]->choice, *scores = &c->in[1]->choice;
    const struct chosen *of = boxes->chosen;
    if (!boxes->kind && !scores->kind)
        return true;
    if (boxes->kind != CHOICE_rows || scores->kind != CHOICE_rows || scores->chosen != of ||
        boxes->from_end != 2 || scores->from_end != 1)
        return call_lacks(c, "boxes and scores are not chosen together");
    f->among = of;
    const bool own =
        of->scores.node && !of->among && unshaped(f->scores.node) == unshaped(of->scores.node);
    const double above = own ? of->above : ABOVE_NOTHING;
    f->above = above > f->above ? above : f->above;
    return own || flow_if_there(c, f->scores, scores, &f->scores);
}

static bool give_found(struct call *c, struct found *f)
{
    return give_datum(
        c, (struct datum){.kind = DATUM_choice, .choice = {.kind = CHOICE_found, .found = f}});
}

bool convert_non_max_suppression(struct call *c)
{
    struct found *f = arena_new_of(c->import->arena, struct found);
    double most;
    *f = (struct found){.limit = 0};
    if (!take_boxes(c, f) || !take_number(c, 2, 0, &most) ||
        !take_number(c, 3, 0, &f->iou_threshold) || !take_number(c, 4, -INFINITY, &f->above) ||
        !take_choice(c, f))
        return false;
    if (most < 1)
        return call_lacks(c, "it is to find no boxes");
    f->limit = most < (double)f->limit ? (int64_t)most : f->limit;
    return give_found(c, f);
}

bool found_column(struct call *c)
{
    const struct constant *at = operand_constant(c, 1, "the column");
    struct found *f = arena_new_of(c->import->arena, struct found);
    *f = *c->in[0]->choice.found;
    const int64_t axis = attribute_int(c, "axis", 0);
    if (!at || f->column || (axis != 1 && axis != -1) || constant_elements(at) != 1 ||
        constant_int_at(at, 0) != 2)
        return at &&
               call_lacks(c, "of what NonMaxSuppression gives, the numbers of boxes are read");
    f->column = true;
    return give_found(c, f);
}

/* The first ones, from the best on. */
bool found_limited(struct call *c)
{
    const struct constant *k[4];
    static const char *const names[] = {"starts", "ends", "axes", "steps"};
    int64_t value[4] = {0, 0, 0, 1};
    struct found *f = arena_new_of(c->import->arena, struct found);
    *f = *c->in[0]->choice.found;
    for (int i = 0; i < 4; i++) {
        k[i] = i < 2 || operand_given(c, i + 1) ? operand_constant(c, i + 1, names[i]) : NULL;
        if ((i < 2 && !k[i]) || (k[i] && constant_elements(k[i]) != 1))
            return call_lacks(c, "of what is found it takes others than the first");
        value[i] = k[i] ? constant_int_at(k[i], 0) : value[i];
    }
    if (!f->column || value[0] || value[1] < 1 || value[2] || value[3] != 1)
        return call_lacks(c, "of what is found it takes others than the first");
    f->limit = int_min(f->limit, value[1]);
    f->positions.node = NULL;
    f->rows = NULL;
    return give_found(c, f);
}

bool found_positions(struct call *c, const struct datum *v, struct flow *out)
{
    struct found *f = v->choice.found;
    struct node *const both[2] = {f->boxes.node, f->scores.node};
    struct attrs a;
    if (!f->column)
        return call_lacks(c, "of what NonMaxSuppression gives, the numbers of boxes are read");
    if (!f->positions.node) {
        attrs_init(&a, OP_nms);
        a.iou_threshold = f->iou_threshold;
        a.score_threshold = f->above;
        a.detections = f->limit;
        struct node *nms = make(c, OP_nms, &a, both, 2, NULL, 0);
        attrs_init(&a, OP_result);
        a.index = op_find_result(OP_nms, "indices");
        f->positions = (struct flow){nms ? make(c, OP_result, &a, &nms, 1, NULL, 0) : NULL, 1};
        f->rows = arena_new_of(c->import->arena, struct chosen);
        *f->rows = (struct chosen){.n = nms ? nms->type.dim[1] : 0, .counter = nms};
    }
    *out = f->positions;
    return out->node;
}
