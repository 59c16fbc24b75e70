/* Elements that are chosen when the network runs: see chosen.c. */
#ifndef NETC_ONNX_CHOSEN_H
#define NETC_ONNX_CHOSEN_H

#include "onnx/operators.h"

/* Rows of which those are there whose score is above a number. */
struct chosen {
    struct flow scores; /* a vector; no node: its parts were not joined yet */
    double above;
    int64_t n;                   /* rows, whether they are there or not */
    const struct chosen **parts; /* of what is joined, in order */
    int n_parts;                 /* 0: it is not */
};

/* What NonMaxSuppression leaves of boxes: a list of (image, class, box), or its column of boxes. */
struct found {
    struct flow boxes, scores;
    double iou_threshold, above;
    int64_t limit; /* so many at most */
    const struct chosen *among;
    bool column;
    struct flow positions; /* no node: nothing has asked for them yet */
};

/* suppress.c */
bool found_column(struct call *);
bool found_limited(struct call *);
/* The positions of the boxes, as many as are found; false: reported. */
bool found_positions(struct call *, const struct datum *, struct flow *);

/* operator_index.c: rows of a flow, or of what is known, at positions that flow. */
bool gather_rows_of(struct call *, const struct datum *, struct flow at, struct datum *out);

#endif
