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

/* The results of nms: boxes, scores, classes, of which as many are there as `count` says. */
static void set_found(const struct shape_call *c, int64_t images, int64_t n)
{
    struct shape *s = c->shape;
    s->type = (struct type){.rank = 3, .dim = {images, n, 4}, .counted = {false, true}};
    s->further[0] = (struct type){.rank = 2, .dim = {images, n}, .counted = {false, true}};
    s->further[1] = s->further[0];
    s->further[1].dtype = DTYPE_i64;
    s->further[2] = (struct type){.dtype = DTYPE_i64, .rank = 2, .dim = {images, 1}};
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
