/* Steps of detection. */
#include "lower/lowering.h"

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
    struct value scores, classes, count, indices;
    int64_t step[MAX_RANK];
    value_further(l, 1, &scores);
    value_further(l, 2, &classes);
    value_further(l, 3, &count);
    value_further(l, 4, &indices);
    value_strides(out, step);
    k->out_image = step[0];
    k->out_box = step[1];
    value_strides(&scores, step);
    k->more_image = step[0];
    k->classes_at = classes.at.offset - scores.at.offset;
    k->count_at = count.at.offset - scores.at.offset;
    k->indices_at = indices.at.offset - scores.at.offset;
}

/* Which boxes leave each other out, as shapes.def numbers it. */
static long grouped(const struct attrs *a, long classes)
{
    if (a->agnostic)
        return 0;
    return a->levels.n ? (classes > 1 ? 3 : 2) : classes > 1;
}

static void set_rules(struct netrt_nms *k, const struct attrs *a)
{
    k->first_class = a->background;
    k->candidates = a->candidates;
    k->grouped = grouped(a, k->classes);
    k->iou_threshold = attrs_most_overlap(a);
    k->score_threshold = (float)a->score_threshold;
    k->min_size = (float)a->min_size;
    k->sigma = (float)a->sigma;
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

/* Numbers of a list, as fields of a kernel; 0 where it has fewer. */
static void set_list(float *const field[MAX_RANK], const struct reals *list)
{
    for (int i = 0; i < MAX_RANK; i++)
        *field[i] = i < list->n ? (float)list->at[i] : 0;
}

void lower_anchors(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *out = value_make(l);
    int64_t step[MAX_RANK];
    if (!out)
        return;
    struct netrt_anchors *k = &step_add(l, KERNEL_anchors, out, out)->shape.anchors;
    k->rows = a->size[0];
    k->columns = a->size[1];
    k->sh = (float)a->pitch[0];
    k->sw = (float)a->pitch[1];
    k->given = a->heights.n > 0;
    k->sizes = (long)a->lengths.n;
    k->ratios = (long)(k->given ? a->heights.n : a->ratios.n);
    k->position = (float)a->position;
    set_list((float *[]){&k->size0, &k->size1, &k->size2, &k->size3, &k->size4, &k->size5},
             &a->lengths);
    set_list((float *[]){&k->ratio0, &k->ratio1, &k->ratio2, &k->ratio3, &k->ratio4, &k->ratio5},
             k->given ? &a->heights : &a->ratios);
    value_strides(out, step);
    k->out_box = step[1];
}

/* Deltas of all images one after the other, or of each. */
static void set_deltas(struct netrt_decode *k, const struct value *deltas)
{
    int64_t step[MAX_RANK];
    value_strides(deltas, step);
    k->in_box = step[deltas->type.rank - 2];
    k->in_class = 4 * step[deltas->type.rank - 1];
    k->in_image = deltas->type.rank == 3 ? step[0] : k->boxes * k->in_box;
}

static void set_decoded(struct netrt_decode *k, const struct value *out)
{
    const int last = out->type.rank - 1;
    int64_t step[MAX_RANK];
    value_strides(out, step);
    k->out_image = step[0];
    k->out_box = step[1];
    k->out_class = step[last - 1];
}

static void set_coder(struct netrt_decode *k, const struct node *node)
{
    const struct attrs *a = &node->attr;
    float *const weight[] = {&k->weight0, &k->weight1, &k->weight2, &k->weight3};
    k->yolo = node->op == OP_decode ? 0 : 1 + a->scaled;
    for (int i = 0; i < 4; i++)
        *weight[i] = k->yolo ? 1 : (float)a->weights.at[a->weights.n == 1 ? 0 : i];
    k->stride_y = (float)a->pitch[0];
    k->stride_x = (float)a->pitch[1];
    k->bottom = (float)a->size[0];
    k->right = (float)a->size[1];
}

void lower_decode(struct lowering *l)
{
    const struct value *deltas = value_in(l, 0), *boxes = value_in(l, 1), *out = value_make(l);
    int64_t step[MAX_RANK];
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_decode, out, deltas);
    struct netrt_decode *k = &s->shape.decode;
    s->other = boxes->at;
    k->images = out->type.dim[0];
    k->boxes = out->type.dim[1];
    k->classes = out->type.rank == 4 ? out->type.dim[2] : 1;
    value_strides(boxes, step);
    k->other_image = boxes->type.dim[0] == 1 ? 0 : step[0];
    k->other_box = step[1];
    set_deltas(k, deltas);
    set_decoded(k, out);
    set_coder(k, l->node);
}

void lower_inside(struct lowering *l)
{
    const struct value *boxes = value_in(l, 0), *out = value_make(l);
    int64_t step[MAX_RANK];
    if (!out)
        return;
    struct netrt_inside *k = &step_add(l, KERNEL_inside, out, boxes)->shape.inside;
    k->images = out->type.dim[0];
    k->boxes = out->type.dim[1];
    k->bottom = (float)l->node->attr.size[0];
    k->right = (float)l->node->attr.size[1];
    value_strides(boxes, step);
    k->in_image = step[0];
    k->in_box = step[1];
    value_strides(out, step);
    k->out_image = step[0];
}

/* ---- regions ---- */

/* Elements from an image's boxes to the next image's, and from a box to the next. */
static void set_box_steps(const struct value *boxes, long *image, long *box)
{
    int64_t step[MAX_RANK];
    value_strides(boxes, step);
    *image = step[0];
    *box = step[1];
}

/* A step does the regions that lie on one map. */
static void add_regions(struct lowering *l, const struct value *out, int map, int maps)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, map), *rois = value_in(l, maps);
    struct plan_step *s = step_add(l, KERNEL_roi, out, in);
    struct netrt_roi *k = &s->shape.roi;
    s->other = rois->at;
    k->in = in->view;
    k->out = out->view;
    k->images = type_n(&in->type);
    k->regions = type_n(&out->type) / k->images;
    k->c = type_c(&in->type);
    SET_INPUT(k, &in->type);
    k->oh = type_h(&out->type);
    k->ow = type_w(&out->type);
    SET_BORDER(k, out);
    set_box_steps(rois, &k->other_image, &k->other_box);
    k->align = l->node->op == OP_roi_align;
    k->samples = a->sampling_ratio;
    k->offset = a->aligned ? 0.5f : 0;
    k->scale = (float)a->scales.at[map];
    k->first = map == 0;
    k->last = map == maps - 1;
    k->least = k->first ? 0 : attrs_least_side(a, map);
    k->most = k->last ? 0 : attrs_least_side(a, map + 1);
}

void lower_roi(struct lowering *l)
{
    const int maps = l->node->n_inputs - 1;
    const struct value *out = value_make(l);
    for (int i = 0; out && i < maps; i++)
        add_regions(l, out, i, maps);
}

void lower_paste_masks(struct lowering *l)
{
    const struct value *masks = value_in(l, 0), *boxes = value_in(l, 1), *out = value_make(l);
    int64_t step[MAX_RANK];
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_paste, out, masks);
    struct netrt_paste *k = &s->shape.paste;
    s->other = boxes->at;
    k->images = masks->type.dim[0];
    k->regions = masks->type.dim[1];
    k->ih = masks->type.dim[2];
    k->iw = masks->type.dim[3];
    k->oh = out->type.dim[2];
    k->ow = out->type.dim[3];
    value_strides(masks, step);
    k->in_image = step[0];
    k->in_region = step[1];
    k->in_row = step[2];
    set_box_steps(boxes, &k->other_image, &k->other_box);
    value_strides(out, step);
    k->out_image = step[0];
    k->out_region = step[1];
    k->out_row = step[2];
}

/* Where the results lie. */
static void set_points(struct lowering *l, struct netrt_keypoints *k, const struct value *out)
{
    struct value scores;
    int64_t step[MAX_RANK];
    value_strides(out, step);
    k->out_image = step[0];
    k->out_region = step[1];
    k->out_point = step[2];
    value_further(l, 1, &scores);
    value_strides(&scores, step);
    k->more_image = step[0];
    k->more_region = step[1];
}

void lower_heatmaps_to_keypoints(struct lowering *l)
{
    const struct value *maps = value_in(l, 0), *rois = value_in(l, 1), *out = value_make(l);
    struct operand more;
    int64_t step[MAX_RANK];
    if (!out || !value_make_more(l, &more))
        return;
    struct plan_step *s = step_add(l, KERNEL_keypoints, out, maps);
    struct netrt_keypoints *k = &s->shape.keypoints;
    s->other = rois->at;
    s->more = more;
    k->images = maps->type.dim[0];
    k->regions = maps->type.dim[1];
    k->points = maps->type.dim[2];
    k->ih = maps->type.dim[3];
    k->iw = maps->type.dim[4];
    value_strides(maps, step);
    k->in_image = step[0];
    k->in_region = step[1];
    k->in_point = step[2];
    k->in_row = step[3];
    set_box_steps(rois, &k->other_image, &k->other_box);
    set_points(l, k, out);
    value_scratch(l, s, netrt_keypoints_scratch(k));
}
