#include "found.h"
#include "boxes.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const void *part_of(const void *context, int i)
{
    return ((const void *const *)context)[i];
}

/* Box number `i`, where the caller wants it. */
static void write_box(const struct netrt_box *box, const double *place, long i, double *corners,
                      double *scores, long *classes)
{
    double corner[4];
    memcpy(corner, box->corner, sizeof corner);
    if (place)
        netrt_box_place(corner, place, place + 2);
    memcpy(corners + 4 * i, corner, sizeof corner);
    scores[i] = box->score;
    classes[i] = box->class;
}

long netrt_boxes_found(const struct netrt_model *m, const void *const *output, const double *place,
                       long most, double *corners, double *scores, long *classes, char *error,
                       size_t error_size)
{
    const struct netrt_output *o = &m->outputs[netrt_find_output(m, NETRT_PURPOSE_boxes)];
    const struct netrt_box_rows rows = netrt_box_rows_of(m, o, part_of, output);
    struct netrt_message why = {0};
    struct netrt_boxes boxes = {0};
    int status = netrt_boxes_open(&boxes, rows.rows, &why);
    if (!status)
        status = netrt_boxes_fill(&boxes, &rows, &m->inputs[0].tensor, o->score,
                                  netrt_boxes_overlap(o), LONG_MAX, &why);
    for (long i = 0; i < boxes.n && i < most && !status; i++)
        write_box(&boxes.at[i], place, i, corners, scores, classes);
    if (status && error_size)
        snprintf(error, error_size, "%s", why.text);
    const long n = boxes.n;
    free(boxes.at);
    return status ? -1 : n;
}
