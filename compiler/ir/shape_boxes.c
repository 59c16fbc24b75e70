/* Shape rules of detection: boxes, of which as many are there as are found. */
#include "base/number.h"
#include "ir/shape.h"

/* Reports boxes that are none; `more`: what else they may be. */
static bool fail_boxes(const struct shape_call *c, int i, const char *more)
{
    return shape_fail(c, MESSAGE(err_boxes), op_info(c->op)->name, more, shape_dims(c, i));
}

/* Numbers of what nms chooses from. */
struct choice {
    int64_t boxes, classes;
};

/* Scores are [N, boxes, classes], or [N x boxes, classes], or without classes. */
static bool find_classes(const struct shape_call *c, struct choice *choice)
{
    const struct type *boxes = shape_in(c, 0), *scores = shape_in(c, 1);
    const int64_t images = boxes->dim[0], last = scores->dim[scores->rank - 1];
    const bool plain = graph_scores_are_plain(boxes, scores);
    choice->classes = plain ? 1 : last;
    const int64_t rows = type_elements(scores) / choice->classes;
    const bool fits =
        plain ||
        (scores->rank == 3 && scores->dim[0] == images && scores->dim[1] == choice->boxes) ||
        (scores->rank == 2 && rows % images == 0 && rows / images == choice->boxes);
    return (fits && (boxes->rank == 3 || boxes->dim[2] == choice->classes)) ||
           shape_fail(c, MESSAGE(err_box_scores), shape_dims(c, 0), shape_dims(c, 1));
}

static bool check_levels(const struct shape_call *c, int64_t boxes)
{
    const struct dims *levels = &c->attr->levels;
    int64_t sum = 0;
    for (int64_t i = 0; i < levels->n; i++)
        sum += levels->at[i];
    return !levels->n || sum == boxes ||
           shape_fail(c, MESSAGE(err_levels), op_info(c->op)->name, (long long)sum,
                      (long long)boxes);
}

/* The results of nms: boxes, scores, classes and indices, of which as many are there as `count`
 * says. */
static void set_found(const struct shape_call *c, int64_t images, int64_t n)
{
    struct shape *s = c->shape;
    s->type = (struct type){.rank = 3, .dim = {images, n, 4}, .counted = {false, true}};
    s->further[0] = (struct type){.rank = 2, .dim = {images, n}, .counted = {false, true}};
    s->further[1] = s->further[0];
    s->further[1].dtype = DTYPE_i64;
    s->further[2] = (struct type){.dtype = DTYPE_i64, .rank = 2, .dim = {images, 1}};
    s->further[3] = s->further[1];
}

bool shape_nms(const struct shape_call *c)
{
    const struct type *boxes = shape_in(c, 0);
    struct choice choice = {.boxes = boxes->dim[1]};
    int64_t all;
    if ((boxes->rank != 3 && boxes->rank != 4) || boxes->dim[boxes->rank - 1] != 4)
        return fail_boxes(c, 0, " or [boxes, classes, 4]");
    if (!find_classes(c, &choice) || !check_levels(c, choice.boxes))
        return false;
    if (!checked_mul(choice.boxes, choice.classes, &all) || all > INT32_MAX)
        return shape_too_large(c);
    all = int_max(1, all - (c->attr->background ? choice.boxes : 0));
    set_found(c, boxes->dim[0], c->attr->detections ? int_min(c->attr->detections, all) : all);
    return true;
}

bool shape_anchors(const struct shape_call *c)
{
    const struct attrs *a = c->attr;
    const bool given = a->heights.n > 0;
    int64_t n = (int64_t)(given ? a->heights.n : a->lengths.n * a->ratios.n);
    if (given && a->heights.n != a->lengths.n)
        return shape_fail(c, MESSAGE(err_anchor_sides), (int)a->lengths.n, (int)a->heights.n);
    if (given && (a->ratios.n != 1 || a->ratios.at[0] != 1))
        return shape_fail(c, MESSAGE(err_anchor_ratios));
    if (!n)
        return shape_fail(c, MESSAGE(err_no_anchors));
    if (!checked_mul(n, a->size[0], &n) || !checked_mul(n, a->size[1], &n))
        return shape_too_large(c);
    c->shape->type = (struct type){.rank = 3, .dim = {1, n, 4}};
    return true;
}

/* Whether there are as many boxes, each of four numbers, in one image or in each. */
static bool are_boxes(const struct type *boxes, int64_t images, int64_t n)
{
    return boxes->rank == 3 && boxes->dim[2] == 4 && boxes->dim[1] == n &&
           (boxes->dim[0] == images || boxes->dim[0] == 1);
}

/* Deltas are [N, boxes, 4 classes], or [N x boxes, 4 classes] of boxes of N images. */
bool shape_decode(const struct shape_call *c)
{
    const struct type *deltas = shape_in(c, 0), *boxes = shape_in(c, 1);
    const struct attrs *a = c->attr;
    const int64_t last = deltas->dim[deltas->rank - 1], classes = last / 4;
    const int64_t images = deltas->rank == 3 ? deltas->dim[0] : boxes->dim[0];
    const int64_t rows = type_elements(deltas) / last;
    struct type *out = &c->shape->type;
    if ((deltas->rank != 2 && deltas->rank != 3) || last % 4 || rows % images ||
        !are_boxes(boxes, images, rows / images) || (classes > 1 && c->op == OP_decode_yolo))
        return shape_fail(c, MESSAGE(err_deltas), op_info(c->op)->name,
                          c->op == OP_decode ? " or [boxes, 4 classes]" : "", shape_dims(c, 0),
                          shape_dims(c, 1));
    if (c->op == OP_decode && a->weights.n != 1 && a->weights.n != 4)
        return shape_fail(c, MESSAGE(err_decode_weights), (int)a->weights.n);
    *out = (struct type){.rank = 3, .dim = {images, rows / images, 4}};
    if (classes > 1)
        *out = (struct type){.rank = 4, .dim = {images, rows / images, classes, 4}};
    out->counted[1] = boxes->counted[1] || (deltas->rank == 3 && deltas->counted[1]);
    return true;
}

bool shape_inside(const struct shape_call *c)
{
    const struct type *boxes = shape_in(c, 0);
    if (boxes->rank != 3 || boxes->dim[2] != 4)
        return fail_boxes(c, 0, "");
    c->shape->type = (struct type){
        .rank = 2, .dim = {boxes->dim[0], boxes->dim[1]}, .counted = {false, boxes->counted[1]}};
    return true;
}

/* Maps of one size of batch and channels, and how many there are. */
static bool are_features(const struct shape_call *c)
{
    const struct type *first = shape_in(c, 0);
    const int n = c->n_inputs - 1;
    for (int i = 0; i < n; i++) {
        const struct type *map = shape_in(c, i);
        if (map->rank != 4 || map->dim[0] != first->dim[0] || map->dim[1] != first->dim[1])
            return shape_fail(c, MESSAGE(err_roi_features), op_info(c->op)->name, shape_dims(c, i));
    }
    return c->attr->scales.n == n || shape_fail(c, MESSAGE(err_roi_scales), op_info(c->op)->name, n,
                                                n == 1 ? "" : "s", (int)c->attr->scales.n);
}

/* Regions of all images one after the other: [N x regions, C, rows, columns]. */
bool shape_roi(const struct shape_call *c)
{
    const struct type *map = shape_in(c, 0);
    const int last = c->n_inputs - 1;
    const struct type *rois = shape_in(c, last);
    if (!are_features(c))
        return false;
    if (rois->rank != 3 || rois->dim[2] != 4 || rois->dim[0] != map->dim[0])
        return shape_fail(c, MESSAGE(err_boxes), op_info(c->op)->name, "", shape_dims(c, last));
    c->shape->type = (struct type){
        .rank = 4,
        .dim = {rois->dim[0] * rois->dim[1], map->dim[1], c->attr->size[0], c->attr->size[1]}};
    return true;
}

/* Whether there is a box for each of maps of that rank; `what` they are, for messages. */
static bool have_boxes(const struct shape_call *c, int rank, const char *what)
{
    const struct type *maps = shape_in(c, 0), *boxes = shape_in(c, 1);
    return (maps->rank == rank && boxes->rank == 3 && boxes->dim[2] == 4 &&
            boxes->dim[0] == maps->dim[0] && boxes->dim[1] == maps->dim[1]) ||
           shape_fail(c, MESSAGE(err_region_maps), op_info(c->op)->name, what, shape_dims(c, 0),
                      shape_dims(c, 1));
}

static bool are_counted(const struct shape_call *c)
{
    return shape_in(c, 0)->counted[1] || shape_in(c, 1)->counted[1];
}

bool shape_paste_masks(const struct shape_call *c)
{
    const struct type *boxes = shape_in(c, 1);
    if (!have_boxes(c, 4, "masks, [boxes, rows, columns],"))
        return false;
    c->shape->type =
        (struct type){.rank = 4,
                      .dim = {boxes->dim[0], boxes->dim[1], c->attr->size[0], c->attr->size[1]},
                      .counted = {false, are_counted(c)}};
    return true;
}

bool shape_heatmaps_to_keypoints(const struct shape_call *c)
{
    const struct type *maps = shape_in(c, 0);
    struct shape *s = c->shape;
    if (!have_boxes(c, 5, "maps, [boxes, points, rows, columns],"))
        return false;
    s->type = (struct type){.rank = 4,
                            .dim = {maps->dim[0], maps->dim[1], maps->dim[2], 3},
                            .counted = {false, are_counted(c)}};
    s->further[0] = s->type;
    s->further[0].rank = 3;
    s->further[0].dim[3] = 0;
    return true;
}

bool shape_composite(const struct shape_call *c)
{
    return shape_fail(c, MESSAGE(err_composite), op_info(c->op)->name);
}
