/*
 * Convolutions as several, each of some rows and columns of the output, its phases.
 *
 * Output rows p, p + s, p + 2 s, … of a transposed convolution with stride s are reached by the
 * same taps of the kernel, from neighbouring rows of the input: they are a convolution of stride 1
 * with these taps, in reverse order.
 *
 * Along the depth of a volume, planes are such rows: what is said of planes here is true of the
 * images of a batch of maps too, where a window has one.
 *
 * Where a dilation is about as large as the map, most taps see only padding: neighbouring rows of
 * the output that see the input by the same taps are a convolution with these, without padding.
 */
#ifndef NETC_IR_PHASE_H
#define NETC_IR_PHASE_H

#include "ir/graph.h"

/* What one direction of a phase is. */
struct phase {
    int64_t first, step, size; /* of the output's rows: the first, from one to the next, how many */
    int64_t tap, tap_step,
        taps;               /* of the kernel's: the first to multiply, down to the next, how many */
    int64_t reaching;       /* taps, with those that see only padding */
    int64_t from, dilation; /* the row that the first output's first tap reads, negative before the
                             * input; from a tap's row to the next one's */
};

/* Whether a node is a convolution that is lowered so: by few phases, of which each is reached by
 * taps, or is but what the node adds. Of the others, transposed ones gather what reaches an output,
 * and dilated ones see most of their taps, or all through the same. */
bool phase_suits(const struct node *);
/* Phases along rows (axis 0) or columns (1) of a convolution, or planes (2) of a transposed one, at
 * least one. */
int64_t phase_count(const struct node *, int axis);
/* How many steps multiply for the node's result: all phases that taps reach, or 1. */
int64_t phase_steps(const struct node *);
/* Phase number i of these, i < phase_count(). Taps that see only padding are left out; where none
 * is left, `taps` is 0. Of a conv, `tap_step` is 1, and the taps are in their own order. */
struct phase phase_of(const struct node *, int axis, int64_t i);
/* Zeros that the node reads around its input: rows and columns of its phases, top, left, bottom,
 * right, none where they do not suit; planes of a transposed convolution of a volume, front and
 * back. */
void phase_border(const struct node *, int64_t border[6]);

#endif
