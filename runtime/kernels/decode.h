/* Boxes that deltas make of others: see the table. */
#ifndef NETRT_KERNELS_DECODE_H
#define NETRT_KERNELS_DECODE_H

#include "vecmath.h"

/* exp(x[0]) and exp(x[1]), in place. */
NETRT_INLINE void netrt_exp_pair(float x[2])
{
    float lanes[2 * NETRT_VL] = {x[0], x[1]};
    for (long i = 0; i < 2; i += NETRT_VL)
        netrt_store(lanes + i, netrt_exp_all(netrt_load(lanes + i)));
    x[0] = lanes[0];
    x[1] = lanes[1];
}

NETRT_INLINE void netrt_sigmoid_pair(float x[2])
{
    float power[2] = {-x[0], -x[1]};
    netrt_exp_pair(power);
    x[0] = 1 / (1 + power[0]);
    x[1] = 1 / (1 + power[1]);
}

/* What deltas become: how far the center goes, along x and y, and what the sides are times. */
struct netrt_decoded {
    float move[2], factor[2];
};

/* By R-CNN's rule moves are in shares of the sides. */
NETRT_INLINE struct netrt_decoded netrt_decode_rcnn(const struct netrt_decode *k,
                                                    const netrt_element *d, const float side[2])
{
    const float most = 4.135166556742356f; /* log(1000 / 16) */
    const float dw = d[2] / k->weight2, dh = d[3] / k->weight3;
    struct netrt_decoded r = {.move = {d[0] / k->weight0 * side[0], d[1] / k->weight1 * side[1]},
                              .factor = {dw > most ? most : dw, dh > most ? most : dh}};
    netrt_exp_pair(r.factor);
    return r;
}

/* By YOLO's rules they are in strides. */
NETRT_INLINE struct netrt_decoded netrt_decode_yolo(const struct netrt_decode *k,
                                                    const netrt_element *d)
{
    const float reach = k->yolo == 2 ? 2 : 1;
    struct netrt_decoded r = {.move = {d[0], d[1]}, .factor = {d[2], d[3]}};
    netrt_sigmoid_pair(r.move);
    r.move[0] = (r.move[0] - 0.5f) * (reach * k->stride_x);
    r.move[1] = (r.move[1] - 0.5f) * (reach * k->stride_y);
    if (k->yolo == 1) {
        netrt_exp_pair(r.factor);
        return r;
    }
    netrt_sigmoid_pair(r.factor);
    for (long i = 0; i < 2; i++)
        r.factor[i] = 2 * r.factor[i] * (2 * r.factor[i]);
    return r;
}

/* Between 0 and a border, if there is one. NaN stays. */
NETRT_INLINE float netrt_decode_clip(float x, float border)
{
    if (border == 0)
        return x;
    return x < 0 ? 0 : x > border ? border : x;
}

/* One box of one class. */
NETRT_INLINE void netrt_decode_box(const struct netrt_decode *k, netrt_element *out,
                                   const netrt_element *deltas, const netrt_element *box)
{
    const float border[2] = {k->right, k->bottom};
    const float side[2] = {box[2] - box[0], box[3] - box[1]};
    const struct netrt_decoded r =
        k->yolo ? netrt_decode_yolo(k, deltas) : netrt_decode_rcnn(k, deltas, side);
    for (long i = 0; i < 2; i++) {
        const float center = box[i] + 0.5f * side[i] + r.move[i];
        const float half = 0.5f * (r.factor[i] * side[i]);
        out[i] = netrt_decode_clip(center - half, border[i]);
        out[2 + i] = netrt_decode_clip(center + half, border[i]);
    }
    for (long i = 4; i < k->out_class; i++)
        out[i] = 0;
}

/* A task does some boxes of an image. */
NETRT_INLINE void netrt_decode(const struct netrt_decode *k, const struct netrt_args *a, long task)
{
    const long parts = netrt_ceil_div(k->boxes, NETRT_DECODED);
    const long image = task / parts, first = task % parts * NETRT_DECODED;
    const long end = first + NETRT_DECODED < k->boxes ? first + NETRT_DECODED : k->boxes;
    for (long i = first; i < end; i++)
        for (long c = 0; c < k->classes; c++)
            netrt_decode_box(k, a->out + image * k->out_image + i * k->out_box + c * k->out_class,
                             a->in + image * k->in_image + i * k->in_box + c * k->in_class,
                             a->other + image * k->other_image + i * k->other_box);
}

#endif
