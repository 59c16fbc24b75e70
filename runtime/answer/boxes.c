#include "boxes.h"
#include "../host/dtype.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct netrt_box_rows netrt_box_rows_of(const struct netrt_model *m,
                                        const struct netrt_output *boxes, netrt_output_part *part,
                                        const void *context)
{
    const int scores = netrt_find_output(m, NETRT_PURPOSE_box_scores);
    const int classes = netrt_find_output(m, NETRT_PURPOSE_box_classes);
    const int64_t *count = boxes->count ? part(context, boxes->count - 1) : NULL;
    struct netrt_box_rows r = {.boxes = boxes, .rows = boxes->tensor.dim[1]};
    r.box = part(context, (int)(boxes - m->outputs));
    r.scores = scores < 0 ? NULL : &m->outputs[scores];
    r.score = scores < 0 ? NULL : part(context, scores);
    r.classes = classes < 0 ? NULL : &m->outputs[classes];
    r.class = classes < 0 ? NULL : part(context, classes);
    r.rows = count && *count < r.rows ? (long)*count : r.rows;
    return r;
}

double netrt_boxes_overlap(const struct netrt_output *boxes)
{
    return boxes->count ? 1 : boxes->iou;
}

void netrt_box_place(double corner[4], const double scale[2], const double offset[2])
{
    for (int k = 0; k < 4; k++)
        corner[k] = corner[k] * scale[k % 2] + offset[k % 2];
}

int netrt_boxes_open(struct netrt_boxes *boxes, long room, struct netrt_message *m)
{
    *boxes = (struct netrt_boxes){.room = room, .at = calloc((size_t)room + 1, sizeof *boxes->at)};
    return boxes->at ? 0 : netrt_fail(m, "no memory for boxes");
}

/* The likeliest class of a row of scores, from class `first` on. */
static void take_score(struct netrt_box *box, const float *row, long classes, long first)
{
    box->class = first;
    for (long k = first + 1; k < classes; k++)
        box->class = row[k] > row[box->class] ? k : box->class;
    box->score = classes > first ? row[box->class] : 0;
}

static long class_of(const struct netrt_box_rows *r, long i)
{
    if (r->classes->dtype == NETRT_DTYPE_i64)
        return (long)((const int64_t *)r->class)[i];
    if (r->classes->dtype == NETRT_DTYPE_i32)
        return ((const int32_t *)r->class)[i];
    return lround(((const float *)r->class)[i]);
}

/* The score and class of row i; without a class it is 0. */
static void take_class(struct netrt_box *box, const struct netrt_box_rows *r, long i)
{
    const long columns = r->boxes->tensor.dim[2];
    const float *row = r->box + i * columns;
    const struct netrt_tensor *t = r->scores ? &r->scores->tensor : NULL;
    const long classes = t && t->rank == 3 ? t->dim[2] : 1;
    const bool background = r->boxes->background && classes > 1;
    box->class = columns > 5 ? lround(row[5]) : 0;
    box->score = columns > 4 ? row[4] : 1;
    if (t)
        take_score(box, r->score + i * classes, classes, background);
    if (r->classes)
        box->class = class_of(r, i);
}

/* Corners in pixels of the input. */
static void take_corners(struct netrt_box *box, const struct netrt_box_rows *r, long i,
                         const struct netrt_tensor *input)
{
    const float *row = r->box + i * r->boxes->tensor.dim[2];
    for (int axis = 0; axis < 2; axis++) {
        const double side = r->boxes->relative ? (double)input->dim[3 - axis] : 1;
        const double a = row[axis] * side, b = row[2 + axis] * side;
        box->corner[axis] = r->boxes->centers ? a - b / 2 : a;
        box->corner[2 + axis] = r->boxes->centers ? a + b / 2 : b;
    }
}

static bool is_finite_box(const struct netrt_box *box)
{
    bool finite = isfinite(box->score);
    for (int k = 0; k < 4; k++)
        finite &= isfinite(box->corner[k]) != 0;
    return finite;
}

/* The highest score first; of equal ones the row that stands first is. */
static int compare_boxes(const void *a, const void *b)
{
    const struct netrt_box *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

static double side(double low, double high)
{
    return high > low ? high - low : 0;
}

static double area(const double *corner)
{
    return side(corner[0], corner[2]) * side(corner[1], corner[3]);
}

/* What two boxes share, over what either has; 0 where neither has any. */
static double overlap(const double *a, const double *b)
{
    const double shared[4] = {fmax(a[0], b[0]), fmax(a[1], b[1]), fmin(a[2], b[2]),
                              fmin(a[3], b[3])};
    const double all = area(a) + area(b) - area(shared);
    return all > 0 ? area(shared) / all : 0;
}

/* Leaves the boxes that no better one of their class covers. */
static void suppress(struct netrt_boxes *boxes, double iou, long top)
{
    long kept = 0;
    for (long i = 0; i < boxes->n && kept < top; i++) {
        bool covered = false;
        for (long k = 0; k < kept && iou < 1 && !covered; k++)
            covered = boxes->at[k].class == boxes->at[i].class &&
                      overlap(boxes->at[k].corner, boxes->at[i].corner) > iou;
        if (!covered)
            boxes->at[kept++] = boxes->at[i];
    }
    boxes->n = kept;
}

int netrt_boxes_fill(struct netrt_boxes *boxes, const struct netrt_box_rows *r,
                     const struct netrt_tensor *input, double score, double iou, long top,
                     struct netrt_message *m)
{
    long bad = 0;
    boxes->n = 0;
    for (long i = 0; i < r->rows; i++) {
        struct netrt_box *box = &boxes->at[boxes->n];
        box->row = i;
        take_class(box, r, i);
        take_corners(box, r, i, input);
        bad += !is_finite_box(box);
        boxes->n += box->score > score;
    }
    if (bad)
        return netrt_fail(m, "%ld of %ld boxes are not finite", bad, r->rows);
    qsort(boxes->at, (size_t)boxes->n, sizeof *boxes->at, compare_boxes);
    suppress(boxes, iou, top);
    return 0;
}
