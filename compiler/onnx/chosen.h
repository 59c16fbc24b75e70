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
    const struct chosen *among;  /* the rows that these are some of; NULL: all */
    const struct chosen *of;     /* those of which each is here several times; NULL: none */
    int64_t times;
    struct node *counter; /* nms, which says how many there are, the first ones; NULL: none */
};

/* Below all scores that are there, and above those that are made of what is not. */
#define ABOVE_NOTHING (-0x1p100)

/* What NonMaxSuppression leaves of boxes: a list of (image, class, box), or its column of boxes. */
struct found {
    struct flow boxes, scores;
    double iou_threshold, above;
    int64_t limit; /* so many at most */
    const struct chosen *among;
    bool column;
    struct flow positions; /* no node: nothing has asked for them yet */
    struct chosen *rows;   /* what they choose */
};

/* The functions that the rows of chosen.def name. */
#define CHOSEN(operator, choice, function) convert chosen_##function;
#include "onnx/chosen.def"

/* chosen.c: reports that a node depends on how many there are; the first operand that has a choice.
 */
bool chosen_lacks(struct call *);
const struct datum *chosen_operand(const struct call *);
/* Converts the node with n other operands, of which none is a choice alone; as if all rows were
 * there; the same, with that choice of its result. */
bool convert_with(struct call *, const struct datum **operands, int n);
bool convert_all(struct call *);
bool convert_as(struct call *, struct choice);
/* Whether that number is known to be all that there is; NULL: no. */
bool is_number(const struct datum *, double number);
struct choice choice_of(enum choice_kind, const struct chosen *, int from_end);
/* Of the dimension `from_end`, counted from the end, as many are there as are chosen. */
struct choice rows_of(const struct chosen *, int from_end);
bool are_same_rows(const struct datum *, const struct choice *);

/* rows.c: positions that are known, of another dimension than that of rows. */
bool chosen_part(struct call *);

/* places.c: whether they are the rows of which a mask was made, or all of what has so many. */
bool are_chosen_from(const struct datum *, const struct chosen *);

/* there.c: a vector that is above 0 where the mask is true; what flows, a number far below all
 * others for rows that are not there. */
bool flow_of_mask(struct call *, const struct chosen *, struct flow *);
bool flow_if_there(struct call *, struct flow, const struct choice *rows, struct flow *);

/* suppress.c: the tensor that reshapes make another shape of. */
const struct node *unshaped(const struct node *);
bool found_column(struct call *);
bool found_limited(struct call *);
/* The positions of the boxes, as many as are found; false: reported. */
bool found_positions(struct call *, const struct datum *, struct flow *);

/* operator_index.c: rows of a flow, or of what is known, at positions that flow. */
bool gather_rows_of(struct call *, const struct datum *, struct flow at, struct datum *out);

#endif
