/* Boxes around things in pictures. */
#ifndef NETRT_ANSWER_BOXES_H
#define NETRT_ANSWER_BOXES_H

#include "../host/message.h"
#include "../core/model.h"

struct netrt_box {
    double corner[4]; /* x1, y1, x2, y2 */
    double score;
    long class, row; /* row: where it stood */
};

struct netrt_boxes {
    long n, room;
    struct netrt_box *at; /* the highest score first */
};

/* One image's part of the outputs of boxes; NULL: there is none. */
struct netrt_box_rows {
    const struct netrt_output *boxes, *scores, *classes;
    const float *box, *score;
    const void *class;
    long rows; /* that are there */
};

/* One image's part of output number `i`. */
typedef const void *netrt_output_part(const void *context, int i);
/* Boxes, and the outputs that go with them: those that are there, all or as many as another output
 * counts. */
struct netrt_box_rows netrt_box_rows_of(const struct netrt_model *,
                                        const struct netrt_output *boxes, netrt_output_part *,
                                        const void *context);
/* The overlap beyond which the description leaves a box out: what counts boxes has left out its
 * own. */
double netrt_boxes_overlap(const struct netrt_output *);
/* From pixels of the input to those of the picture: x, y of both corners. */
void netrt_box_place(double corner[4], const double scale[2], const double offset[2]);

/* Room for as many boxes; free(at) is the caller's. */
int netrt_boxes_open(struct netrt_boxes *, long room, struct netrt_message *);
/* Takes the rows whose score is above `score`, each with its likeliest class, and of those of a
 * class that overlap by more than `iou` the ones of higher scores, `top` of them at most; in pixels
 * of the input. A failure speaks of the numbers without naming a picture. */
int netrt_boxes_fill(struct netrt_boxes *, const struct netrt_box_rows *,
                     const struct netrt_tensor *input, double score, double iou, long top,
                     struct netrt_message *);

#endif
