/* Steps of detection. */
#include "lower/lowering.h"

/* The largest float that is not above a number: a float is above one of them if it is above the
 * other. */
static float float_below(double x)
{
    const float f = (float)x;
    return (double)f > x ? nextafterf(f, -INFINITY) : f;
}

/* Where each level begins, behind the first; the number of boxes where there is none. */
static void set_levels(struct netrt_nms *k, const struct dims *levels)
{
    long *const at[] = {&k->level1, &k->level2, &k->level3, &k->level4, &k->level5};
    int64_t begin = 0;
    for (int i = 0; i < MAX_RANK - 1; i++) {
        begin = i < levels->n ? begin + levels->at[i] : k->boxes;
        *at[i] = begin;
    }
}

/* Elements from an image, a box, a class to the next. */
static void set_scores(struct netrt_nms *k, const struct value *boxes, const struct value *scores)
{
    int64_t step[MAX_RANK];
    value_strides(scores, step);
    k->other_box = step[scores->type.rank - 2];
    k->other_class = step[scores->type.rank - 1];
    k->other_image = scores->type.rank == 3 ? step[0] : k->boxes * k->other_box;
    if (graph_scores_are_plain(&boxes->type, &scores->type)) {
        k->other_image = step[0];
        k->other_box = step[1];
    }
}

static void set_boxes(struct netrt_nms *k, const struct value *boxes)
{
    int64_t step[MAX_RANK];
    value_strides(boxes, step);
    k->in_image = step[0];
    k->in_box = step[1];
    k->in_class = boxes->type.rank == 4 ? step[2] : 0;
}

/* Where the results lie: those behind the first one after the other. */
static void set_results(struct lowering *l, struct netrt_nms *k, const struct value *out)
{
    struct value scores, classes, count;
    int64_t step[MAX_RANK];
    value_further(l, 1, &scores);
    value_further(l, 2, &classes);
    value_further(l, 3, &count);
    value_strides(out, step);
    k->out_image = step[0];
    k->out_box = step[1];
    value_strides(&scores, step);
    k->more_image = step[0];
    k->classes_at = classes.at.offset - scores.at.offset;
    k->count_at = count.at.offset - scores.at.offset;
}

static void set_rules(struct netrt_nms *k, const struct attrs *a)
{
    k->first_class = a->background;
    k->candidates = a->candidates;
    k->grouped = a->agnostic ? 0 : a->levels.n ? 2 : k->classes > 1;
    k->iou_threshold = float_below(a->iou_threshold);
    k->score_threshold = (float)a->score_threshold;
    k->min_size = (float)a->min_size;
}

void lower_nms(struct lowering *l)
{
    const struct value *boxes = value_in(l, 0), *scores = value_in(l, 1), *out = value_make(l);
    const struct attrs *a = &l->node->attr;
    struct operand more;
    if (!out || !value_make_more(l, &more))
        return;
    struct plan_step *s = step_add(l, KERNEL_nms, out, boxes);
    struct netrt_nms *k = &s->shape.nms;
    s->other = scores->at;
    s->more = more;
    if (l->node->n_inputs > 2)
        s->third = value_in(l, 2)->at;
    k->counted = l->node->n_inputs > 2;
    k->images = boxes->type.dim[0];
    k->boxes = boxes->type.dim[1];
    k->classes = type_elements(&scores->type) / (k->images * k->boxes);
    k->detections = out->type.dim[1];
    set_boxes(k, boxes);
    set_scores(k, boxes, scores);
    set_results(l, k, out);
    set_levels(k, &a->levels);
    set_rules(k, a);
    value_scratch(l, s, netrt_nms_scratch(k));
}
