/* Which candidates of the model may be chosen; private to this folder. */
#ifndef NETC_SCHEDULE_CHOOSE_H
#define NETC_SCHEDULE_CHOOSE_H

#include "schedule/measured.h"
#include "schedule/schedule.h"

struct schedule_filter {
    struct decision only;          /* what it decides */
    const struct decision *except; /* and none of these */
    int n_except;
};
/* Whether a candidate, as far as it is decided, is admitted; NULL admits all. */
bool schedule_admits(const struct schedule_filter *, const struct decision *);

/* "direct row=56 tile=2x14 task=4x7", and back; false: it is none. */
const char *decision_text(struct arena *, const struct decision *);
bool decision_read(struct decision *, const char *text);

/* ---- measured.c ---- */

/* What was measured for a layer; NULL: nothing. */
const struct decision *tuning_find(const struct tuning *, const char *layer);

/* ---- direct.c ---- */

/* Chooses the tile and the tasks of a direct convolution whose other fields are set, among what the
 * filter admits. Returns the reason, and the cycles until all threads are done; NULL: nothing is
 * admitted. */
const char *schedule_conv(const struct scheduling *, const struct schedule_filter *,
                          struct netrt_conv *, bool flat, double *cycles);

/* ---- winograd.c ---- */

/* Whether Winograd's algorithm, as the filter admits it, is faster than the direct convolution `k`,
 * whose cycles (with the threads planned for) are given; if so, the layer with its tile and tasks,
 * and the reason. */
bool schedule_winograd(const struct scheduling *, const struct schedule_filter *,
                       const struct netrt_conv *k, double direct_cycles, struct netrt_winograd *,
                       const char **why);

/* Outputs of a tile in the directions that have taps. */
long schedule_winograd_tile(const struct netrt_winograd *);
/* Cycles of transforming a vector of a tile, for each of its points. */
double schedule_point_cycles(const struct netrt_winograd *);

/* ---- gradients of weights ---- */

/* Cycles of the gradient of a convolution's weights that is multiplied out, without groups, by the
 * threads planned for. */
double schedule_weight_gradient_cycles(const struct scheduling *,
                                       const struct netrt_weight_gradient *);

#endif
