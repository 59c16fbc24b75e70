/*
 * Every kernel as a plain loop nest, the oracle of the tests: dense arrays [image][channel][row]
 * [column], PyTorch's meaning and layout of weights, sums in double. Of a shape only the fields
 * that say what is computed are read, never views, tiles, tasks and borders; conv, depthwise and
 * grouped take the size of the input besides.
 */
#ifndef NETRT_KERNELS_REFERENCE_H
#define NETRT_KERNELS_REFERENCE_H

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "shapes.h"

#define NETRT_REFERENCE static inline __attribute__((unused))

NETRT_REFERENCE double netrt_reference_act(long act, double a, double b, double x)
{
    const double cut = x + 3 < 0 ? 0 : x + 3 > 6 ? 6 : x + 3;
    switch (act) {
    case NETRT_ACT_relu:
        return x < 0 ? 0 : x;
    case NETRT_ACT_relu6:
        return x < 0 ? 0 : x > 6 ? 6 : x;
    case NETRT_ACT_leaky_relu:
        return x < 0 ? a * x : x;
    case NETRT_ACT_sigmoid:
        return 1 / (1 + exp(-x));
    case NETRT_ACT_tanh:
        return tanh(x);
    case NETRT_ACT_gelu:
        return x / 2 * erfc(-x / sqrt(2));
    case NETRT_ACT_silu:
        return x / (1 + exp(-x));
    case NETRT_ACT_hardswish:
        return x * cut / 6;
    case NETRT_ACT_hardsigmoid:
        return cut / 6;
    case NETRT_ACT_clip:
        return x < a ? (a < b ? a : b) : x > b ? b : x;
    case NETRT_ACT_elu:
        return x < 0 ? a * expm1(x) : x;
    case NETRT_ACT_mish:
        return x * tanh(log1p(exp(x)));
    case NETRT_ACT_softplus:
        return a * x > b ? x : log1p(exp(a * x)) / a;
    case NETRT_ACT_exp:
        return exp(x);
    case NETRT_ACT_log:
        return log(x);
    case NETRT_ACT_sqrt:
        return sqrt(x);
    case NETRT_ACT_abs:
        return fabs(x);
    case NETRT_ACT_neg:
        return -x;
    case NETRT_ACT_pow:
        return pow(x, a);
    default:
        return x;
    }
}

/* An image of a dense array, and whether a position lies in it. */
#define NETRT_AT(array, n, c, y, x, channels, h, w)                                                \
    (array)[(((n) * (channels) + (c)) * (h) + (y)) * (w) + (x)]
#define NETRT_IN(y, x, h, w) ((y) >= 0 && (y) < (h) && (x) >= 0 && (x) < (w))

/* weight[oc][group_ic][kh][kw] */
NETRT_REFERENCE void netrt_reference_conv(const struct netrt_conv *k, const struct netrt_args *a,
                                          long ih, long iw)
{
    const long ic = k->oc / k->group_oc * k->group_ic;
    for (long i = 0; i < k->images * k->oc * k->oh * k->ow; i++) {
        const long x = i % k->ow, y = i / k->ow % k->oh;
        const long o = i / k->ow / k->oh % k->oc, n = i / k->ow / k->oh / k->oc;
        double sum = k->bias ? (double)a->bias[o] : 0;
        for (long c = 0; c < k->group_ic; c++)
            for (long u = 0; u < k->kh; u++)
                for (long v = 0; v < k->kw; v++) {
                    const long row = y * k->sh - k->pt + u * k->dh;
                    const long col = x * k->sw - k->pl + v * k->dw;
                    const long from = o / k->group_oc * k->group_ic + c;
                    if (NETRT_IN(row, col, ih, iw))
                        sum += (double)NETRT_AT(a->weight, o, c, u, v, k->group_ic, k->kh, k->kw) *
                               (double)NETRT_AT(a->in, n, from, row, col, ic, ih, iw);
                }
        if (k->residual)
            sum += (double)a->other[i];
        a->out[i] =
            (float)netrt_reference_act(k->act, (double)k->act_arg, (double)k->act_arg2, sum);
    }
}

/* The same convolution with `group` channels a group: a shape of conv, for the two kernels below.
 */
#define NETRT_REFERENCE_AS_CONV(k, group)                                                          \
    {                                                                                              \
        .images = (k)->images, .oc = (k)->c, .group_oc = (group), .group_ic = (group),             \
        .oh = (k)->oh, .ow = (k)->ow, .kh = (k)->kh, .kw = (k)->kw, .sh = (k)->sh, .sw = (k)->sw,  \
        .dh = (k)->dh, .dw = (k)->dw, .pt = (k)->pt, .pl = (k)->pl, .bias = (k)->bias,             \
        .act = (k)->act, .act_arg = (k)->act_arg, .act_arg2 = (k)->act_arg2,                       \
        .residual = (k)->residual                                                                  \
    }

/* weight[c][1][kh][kw] */
NETRT_REFERENCE void netrt_reference_depthwise(const struct netrt_depthwise *k,
                                               const struct netrt_args *a, long ih, long iw)
{
    const struct netrt_conv conv = NETRT_REFERENCE_AS_CONV(k, 1);
    netrt_reference_conv(&conv, a, ih, iw);
}

/* weight[c][group][kh][kw] */
NETRT_REFERENCE void netrt_reference_grouped(const struct netrt_grouped *k,
                                             const struct netrt_args *a, long ih, long iw)
{
    const struct netrt_conv conv = NETRT_REFERENCE_AS_CONV(k, k->group);
    netrt_reference_conv(&conv, a, ih, iw);
}

/* Winograd's convolution, as the plain one that it stands for. */
NETRT_REFERENCE struct netrt_conv netrt_reference_of_winograd(const struct netrt_winograd *k)
{
    return (struct netrt_conv){.images = k->images,
                               .ic = k->ic,
                               .ic_block = NETRT_BLOCK,
                               .oc = k->oc,
                               .group_oc = k->oc,
                               .group_ic = k->ic,
                               .oh = k->oh,
                               .ow = k->ow,
                               .kh = k->kh,
                               .kw = k->kw,
                               .sh = 1,
                               .sw = 1,
                               .dh = k->dh,
                               .dw = k->dw,
                               .pt = k->pt,
                               .pl = k->pl,
                               .bias = k->bias,
                               .residual = k->residual,
                               .act = k->act,
                               .act_arg = k->act_arg,
                               .act_arg2 = k->act_arg2};
}

/* weight[oc][ic][kh][kw] */
NETRT_REFERENCE void netrt_reference_winograd(const struct netrt_winograd *k,
                                              const struct netrt_args *a, long ih, long iw)
{
    const struct netrt_conv conv = netrt_reference_of_winograd(k);
    netrt_reference_conv(&conv, a, ih, iw);
}

/* out[images][c][top + h + bottom][left + w + right]: `in` with zeros around. */
NETRT_REFERENCE void netrt_reference_border(const struct netrt_border *k,
                                            const struct netrt_args *a)
{
    const long rows = k->border_top + k->h + k->border_bottom;
    const long cols = k->border_left + k->w + k->border_right;
    for (long i = 0; i < k->images * k->c * rows * cols; i++) {
        const long y = i / cols % rows - k->border_top, x = i % cols - k->border_left;
        a->out[i] = NETRT_IN(y, x, k->h, k->w) ? a->in[(i / cols / rows * k->h + y) * k->w + x] : 0;
    }
}

/* weight[ic of all groups][group_oc][kh][kw]: input (row, col) adds to output (y, x) where
 * y + pt = row sh + u dh, x + pl = col sw + v dw. */
NETRT_REFERENCE void netrt_reference_conv_transpose(const struct netrt_conv_transpose *k,
                                                    const struct netrt_args *a)
{
    const long ic = k->oc / k->group_oc * k->group_ic;
    for (long i = 0; i < k->images * k->oc * k->oh * k->ow; i++) {
        const long x = i % k->ow, y = i / k->ow % k->oh;
        const long o = i / k->ow / k->oh % k->oc, n = i / k->ow / k->oh / k->oc;
        double sum = k->bias ? (double)a->bias[o] : 0;
        for (long c = 0; c < k->group_ic; c++)
            for (long u = 0; u < k->kh; u++)
                for (long v = 0; v < k->kw; v++) {
                    const long down = y + k->pt - u * k->dh, right = x + k->pl - v * k->dw;
                    const long from = o / k->group_oc * k->group_ic + c;
                    if (down % k->sh == 0 && right % k->sw == 0 &&
                        NETRT_IN(down / k->sh, right / k->sw, k->ih, k->iw))
                        sum += (double)NETRT_AT(a->weight, from, o % k->group_oc, u, v, k->group_oc,
                                                k->kh, k->kw) *
                               (double)NETRT_AT(a->in, n, from, down / k->sh, right / k->sw, ic,
                                                k->ih, k->iw);
                }
        if (k->residual)
            sum += (double)a->other[i];
        a->out[i] =
            (float)netrt_reference_act(k->act, (double)k->act_arg, (double)k->act_arg2, sum);
    }
}

NETRT_REFERENCE void netrt_reference_pooling(const struct netrt_pooling *k,
                                             const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->c * k->oh * k->ow; i++) {
        const float *in = a->in + i / k->ow / k->oh * k->ih * k->iw;
        const long top = i / k->ow % k->oh * k->sh - k->pt, left = i % k->ow * k->sw - k->pl;
        double max = -INFINITY, sum = 0;
        long inside = 0, padded = 0;
        for (long u = 0; u < k->kh; u++)
            for (long v = 0; v < k->kw; v++) {
                const long row = top + u * k->dh, col = left + v * k->dw;
                padded += row < k->ih + k->pb && col < k->iw + k->pr;
                if (!NETRT_IN(row, col, k->ih, k->iw))
                    continue;
                const double tap = (double)in[row * k->iw + col];
                max = tap > max || isnan(tap) ? tap : max;
                sum += tap;
                inside++;
            }
        const long count = k->count_include_pad ? padded : inside;
        a->out[i] = (float)(!k->average ? max : inside > 0 ? sum / (double)count : 0);
    }
}

NETRT_REFERENCE void netrt_reference_adaptive_pooling(const struct netrt_adaptive_pooling *k,
                                                      const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->c * k->oh * k->ow; i++) {
        const long x = i % k->ow, y = i / k->ow % k->oh;
        const float *in = a->in + i / k->ow / k->oh * k->ih * k->iw;
        const long top = y * k->ih / k->oh, bottom = netrt_ceil_div((y + 1) * k->ih, k->oh);
        const long left = x * k->iw / k->ow, right = netrt_ceil_div((x + 1) * k->iw, k->ow);
        double sum = 0, max = -INFINITY;
        for (long row = top; row < bottom; row++)
            for (long col = left; col < right; col++) {
                const double tap = (double)in[row * k->iw + col];
                sum += tap;
                max = tap > max || isnan(tap) ? tap : max;
            }
        const double mean = sum / (double)((bottom - top) * (right - left));
        a->out[i] = (float)(k->average ? mean : max);
    }
}

NETRT_REFERENCE double netrt_reference_join(long join, double x, double other)
{
    switch (join) {
    case NETRT_JOIN_add:
        return x + other;
    case NETRT_JOIN_sub:
        return x - other;
    case NETRT_JOIN_mul:
        return x * other;
    case NETRT_JOIN_div:
        return x / other;
    case NETRT_JOIN_minimum:
        return isnan(x) || x < other ? x : other;
    case NETRT_JOIN_maximum:
        return isnan(x) || x > other ? x : other;
    default:
        return x;
    }
}

/* An operand's element for element i of the result; bits 1, 2 and 4 of `ones` say that it has one
 * channel, row, column. */
NETRT_REFERENCE double netrt_reference_spread(const struct netrt_pointwise *k, const float *from,
                                              int ones, long i)
{
    const long c = ones & 1 ? 1 : k->c, h = ones & 2 ? 1 : k->h, w = ones & 4 ? 1 : k->w;
    const long x = i % k->w, y = i / k->w % k->h, o = i / k->w / k->h % k->c;
    return (double)NETRT_AT(from, i / k->w / k->h / k->c, o % c, y % h, x % w, c, h, w);
}

NETRT_REFERENCE void netrt_reference_pointwise(const struct netrt_pointwise *k,
                                               const struct netrt_args *a, int in_ones,
                                               int other_ones)
{
    const long plane = k->h * k->w;
    for (long i = 0; i < k->images * k->c * plane; i++) {
        const long c = i / plane % k->c;
        double x = netrt_reference_spread(k, a->in, in_ones, i);
        if (k->slope && x < 0)
            x *= (double)a->weight[k->slope == 1 ? 0 : c];
        if (k->scale)
            x *= (double)a->weight[c];
        if (k->bias)
            x += (double)a->bias[c];
        if (k->join)
            x = netrt_reference_join(k->join, x,
                                     netrt_reference_spread(k, a->other, other_ones, i));
        a->out[i] = (float)netrt_reference_act(k->act, (double)k->act_arg, (double)k->act_arg2, x);
    }
}

/* out[images][c][oh][ow]: the channels that the copy writes, no others. */
NETRT_REFERENCE void netrt_reference_copy(const struct netrt_copy *k, const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->c * k->oh * k->ow; i++) {
        const long x = i % k->ow * k->sx + k->dx, y = i / k->ow % k->oh * k->sy + k->dy;
        const long c = i / k->ow / k->oh % k->c, n = i / k->ow / k->oh / k->c;
        const long from =
            k->shuffle ? c % k->shuffle * (k->ic / k->shuffle) + c / k->shuffle : c + k->dc;
        const int inside =
            from >= 0 && from < k->ic && NETRT_IN(y, x, k->ih * k->uy, k->iw * k->ux);
        a->out[i] =
            inside ? NETRT_AT(a->in, n, from, y / k->uy, x / k->ux, k->ic, k->ih, k->iw) : k->fill;
    }
}

/* Operands have the steps of their own, as the kernel's. */
NETRT_REFERENCE void netrt_reference_strided(const struct netrt_strided *k,
                                             const struct netrt_args *a)
{
    const long n[] = {k->n0, k->n1, k->n2, k->n3, k->n4, k->n5};
    const long in[] = {k->in0, k->in1, k->in2, k->in3, k->in4, k->in5};
    const long out[] = {k->out0, k->out1, k->out2, k->out3, k->out4, k->out5};
    for (long i = 0; i < n[0] * n[1] * n[2] * n[3] * n[4] * n[5]; i++) {
        long from = 0, to = 0, left = i;
        for (int d = 5; d >= 0; d--) {
            from += left % n[d] * in[d];
            to += left % n[d] * out[d];
            left /= n[d];
        }
        a->out[to] = a->in[from];
        for (long x = 0; x < k->pad && i % n[5] == n[5] - 1; x++)
            a->out[to + 1 + x] = 0;
    }
}

NETRT_REFERENCE void netrt_reference_pixel_shuffle(const struct netrt_pixel_shuffle *k,
                                                   const struct netrt_args *a)
{
    const long side = k->side, square = side * side;
    for (long i = 0; i < k->images * k->c * k->oh * k->ow; i++) {
        const long x = i % k->ow, y = i / k->ow % k->oh;
        const long c = i / k->ow / k->oh % k->c, n = i / k->ow / k->oh / k->c;
        a->out[i] = k->inverse
                        ? NETRT_AT(a->in, n, c / square, y * side + c / side % side,
                                   x * side + c % side, k->c / square, k->oh * side, k->ow * side)
                        : NETRT_AT(a->in, n, c * square + y % side * side + x % side, y / side,
                                   x / side, k->c * square, k->oh / side, k->ow / side);
    }
}

/* Where position i lies in the input: PyTorch's floats, on which the nearest position depends. */
NETRT_REFERENCE float netrt_reference_place(const struct netrt_resample *k, long i, float step)
{
    const float product = (float)(((double)i + (k->centers ? 0.5 : 0)) * (double)step);
    const float at = k->centers ? product - 0.5f : product;
    return k->taps < 4 ? fmaxf(at, 0) : at;
}

/* The weight of an input position at that distance. */
NETRT_REFERENCE double netrt_reference_tap(long taps, double distance)
{
    const double x = fabs(distance), a = -0.75;
    if (taps == 2)
        return fmax(1 - x, 0);
    return x < 1   ? (a + 2) * pow(x, 3) - (a + 3) * pow(x, 2) + 1
           : x < 2 ? a * pow(x, 3) - 5 * a * pow(x, 2) + 8 * a * x - 4 * a
                   : 0;
}

/* Number `t` of the input positions, of which there are n, around `at`, and its weight. */
NETRT_REFERENCE long netrt_reference_source(const struct netrt_resample *k, float at, long t,
                                            long n, double *weight)
{
    const long around = (long)floorf(at) - 1 + t;
    const long nearest = (long)floorf(k->centers ? at + 0.5f : at);
    const long from = k->taps == 1 ? nearest : around;
    *weight = k->taps == 1 ? t == 0 : netrt_reference_tap(k->taps, (double)at - (double)around);
    return from < 0 ? 0 : from < n ? from : n - 1;
}

NETRT_REFERENCE void netrt_reference_resample(const struct netrt_resample *k,
                                              const struct netrt_args *a)
{
    enum { AROUND = 4 };
    for (long i = 0; i < k->images * k->c * k->oh * k->ow; i++) {
        const float *in = a->in + i / k->ow / k->oh * k->ih * k->iw;
        const float y = netrt_reference_place(k, i / k->ow % k->oh, k->step_y);
        const float x = netrt_reference_place(k, i % k->ow, k->step_x);
        double sum = 0, down, right;
        for (long t = 0; t < AROUND * AROUND; t++) {
            const long row = netrt_reference_source(k, y, t / AROUND, k->ih, &down);
            const long col = netrt_reference_source(k, x, t % AROUND, k->iw, &right);
            sum += down * right * (double)in[row * k->iw + col];
        }
        a->out[i] = (float)sum;
    }
}

/* `over`: bits 1, 2 and 4 for channels, rows and columns that are reduced. */
NETRT_REFERENCE void netrt_reference_reduce(const struct netrt_reduce *k,
                                            const struct netrt_args *a, long ih, long iw, int over)
{
    const long c = over & 1 ? 1 : k->c, h = over & 2 ? 1 : ih, w = over & 4 ? 1 : iw;
    const long outputs = k->images * c * h * w, inputs = k->images * k->c * ih * iw;
    for (long i = 0; i < outputs; i++) {
        const int most = k->reduction == NETRT_REDUCTION_amax,
                  least = k->reduction == NETRT_REDUCTION_amin;
        double all = most ? -INFINITY : least ? INFINITY : 0;
        for (long j = 0; j < inputs; j++) {
            const long x = j % iw, y = j / iw % ih, channel = j / iw / ih % k->c;
            const long n = j / iw / ih / k->c;
            const double v = (double)a->in[j];
            if (((n * c + channel % c) * h + y % h) * w + x % w != i || (c > 1 && channel >= c))
                continue;
            all = most    ? (v > all || isnan(v) ? v : all)
                  : least ? (v < all || isnan(v) ? v : all)
                          : all + v;
        }
        a->out[i] =
            (float)(k->reduction == NETRT_REDUCTION_mean ? all * (double)outputs / (double)inputs
                                                         : all);
    }
}

/* Where matrix number `at` of n[0] x n[1] x n[2] x n[3] starts. */
NETRT_REFERENCE long netrt_reference_matrix(long at, const long n[4], const long step[4])
{
    long element = 0;
    for (int i = 3; i >= 0; at /= n[i--])
        element += at % n[i] * step[i];
    return element;
}
#define NETRT_REFERENCE_MATRIX(k, operand, at)                                                     \
    netrt_reference_matrix(                                                                        \
        at, (const long[]){(k)->n0, (k)->n1, (k)->n2, (k)->n3},                                    \
        (const long[]){(k)->operand##0, (k)->operand##1, (k)->operand##2, (k)->operand##3})

/* Operands lie as the shape's steps say. */
NETRT_REFERENCE void netrt_reference_matmul(const struct netrt_matmul *k,
                                            const struct netrt_args *a)
{
    const struct netrt_conv *c = &k->product;
    for (long p = 0; p < k->n0 * k->n1 * k->n2 * k->n3; p++) {
        const float *from = a->in + NETRT_REFERENCE_MATRIX(k, in, p);
        const float *with = a->other + NETRT_REFERENCE_MATRIX(k, other, p);
        float *to = a->out + NETRT_REFERENCE_MATRIX(k, out, p);
        for (long row = 0; row < c->ow; row++)
            for (long col = 0; col < c->oc; col++) {
                double sum = 0;
                for (long i = 0; i < c->ic; i++)
                    sum += (double)from[row * c->in.col + i * c->in.lane] *
                           (double)with[i * k->other_row + col * k->other_col];
                to[row * c->out.col + col] = (float)sum;
            }
    }
}

/* What one query, of one matrix, works with. */
struct netrt_reference_query {
    const float *query, *keys, *values, *mask;
    double most; /* the greatest score that is a number */
};

NETRT_REFERENCE double netrt_reference_score(const struct netrt_attention *k,
                                             const struct netrt_reference_query *q, long key)
{
    double score = k->masked ? (double)q->mask[key * k->fourth_col] : 0;
    for (long i = 0; i < k->scores.ic; i++)
        score += (double)k->scale * (double)q->query[i * k->in_col] *
                 (double)q->keys[key * k->scores.in.col + i * k->scores.in.lane];
    return score;
}

/* A column of the result. Keys whose score is -infinity do not take part. */
NETRT_REFERENCE float netrt_reference_attend(const struct netrt_attention *k,
                                             const struct netrt_reference_query *q, long column)
{
    double all = 0, sum = 0;
    for (long key = 0; key < k->keys; key++) {
        const double score = netrt_reference_score(k, q, key);
        const double weight = score == -INFINITY ? 0 : exp(score - q->most);
        sum += weight;
        all += weight * (double)q->values[key * k->product.in.lane + column * k->product.in.col];
    }
    return (float)(sum == 0 && k->safe ? all : all / sum);
}

/* Operands lie as the shape's steps say. */
NETRT_REFERENCE void netrt_reference_attention(const struct netrt_attention *k,
                                               const struct netrt_args *a)
{
    for (long p = 0; p < netrt_attention_matrices(k) * k->scores.oc; p++) {
        const long row = p % k->scores.oc, matrix = p / k->scores.oc;
        struct netrt_reference_query q = {
            .query = a->in + NETRT_REFERENCE_MATRIX(k, in, matrix) + row * k->in_row,
            .keys = a->other + NETRT_REFERENCE_MATRIX(k, other, matrix),
            .values = a->third + NETRT_REFERENCE_MATRIX(k, third, matrix),
            .most = -INFINITY,
        };
        if (k->masked)
            q.mask = a->fourth + NETRT_REFERENCE_MATRIX(k, fourth, matrix) + row * k->fourth_row;
        for (long key = 0; key < k->keys; key++)
            q.most = fmax(q.most, netrt_reference_score(k, &q, key));
        float *to = a->out + NETRT_REFERENCE_MATRIX(k, out, matrix) + row * k->out_row;
        for (long column = 0; column < k->product.ow; column++)
            to[column] = netrt_reference_attend(k, &q, column);
    }
}

/* (x - mean) / sqrt(var + eps), of `n` numbers `step` apart. */
struct netrt_reference_norm {
    double mean, scale;
};

NETRT_REFERENCE struct netrt_reference_norm
netrt_reference_norm_of(const float *x, long n, long step, long centered, float eps)
{
    struct netrt_reference_norm norm = {0, 0};
    for (long i = 0; centered && i < n; i++)
        norm.mean += (double)x[i * step] / (double)n;
    for (long i = 0; i < n; i++)
        norm.scale += pow((double)x[i * step] - norm.mean, 2) / (double)n;
    norm.scale = 1 / sqrt(norm.scale + (double)eps);
    return norm;
}

NETRT_REFERENCE void netrt_reference_channelnorm(const struct netrt_channelnorm *k,
                                                 const struct netrt_args *a)
{
    const long plane = k->h * k->w;
    for (long i = 0; i < k->images * plane; i++) {
        const float *in = a->in + i / plane * k->c * plane + i % plane;
        float *out = a->out + i / plane * k->c * plane + i % plane;
        const struct netrt_reference_norm norm =
            netrt_reference_norm_of(in, k->c, plane, k->centered, k->eps);
        for (long c = 0; c < k->c; c++)
            out[c * plane] = (float)(((double)in[c * plane] - norm.mean) * norm.scale *
                                         (k->scale ? (double)a->weight[c] : 1) +
                                     (k->bias ? (double)a->bias[c] : 0));
    }
}

NETRT_REFERENCE void netrt_reference_softmax(const struct netrt_softmax *k,
                                             const struct netrt_args *a)
{
    const long plane = k->h * k->w;
    for (long i = 0; i < k->images * plane; i++) {
        const float *in = a->in + i / plane * k->c * plane + i % plane;
        float *out = a->out + i / plane * k->c * plane + i % plane;
        double max = -INFINITY, sum = 0;
        for (long c = 0; c < k->c; c++)
            max = fmax(max, (double)in[c * plane]);
        for (long c = 0; c < k->c; c++)
            sum += exp((double)in[c * plane] - max);
        for (long c = 0; c < k->c; c++)
            out[c * plane] = k->log ? (float)((double)in[c * plane] - max - log(sum))
                                    : (float)(exp((double)in[c * plane] - max) / sum);
    }
}

/* An even window has one channel more before than after. */
NETRT_REFERENCE void netrt_reference_lrn(const struct netrt_lrn *k, const struct netrt_args *a)
{
    const long plane = k->h * k->w;
    for (long i = 0; i < k->images * k->c * plane; i++) {
        const long c = i / plane % k->c;
        double sum = 0;
        for (long d = -(k->size / 2); d < k->size - k->size / 2; d++)
            if (c + d >= 0 && c + d < k->c)
                sum += (double)a->in[i + d * plane] * (double)a->in[i + d * plane];
        sum = (double)k->k + (double)k->alpha * sum / (double)k->size;
        a->out[i] = (float)((double)a->in[i] / pow(sum, (double)k->beta));
    }
}

/* weight and bias [c][h][w] */
NETRT_REFERENCE void netrt_reference_groupnorm(const struct netrt_groupnorm *k,
                                               const struct netrt_args *a)
{
    const long plane = k->h * k->w, size = k->group * plane, image = k->c * plane;
    for (long first = 0; first < k->images * image; first += size) {
        const struct netrt_reference_norm norm =
            netrt_reference_norm_of(a->in + first, size, 1, k->centered, k->eps);
        for (long i = first; i < first + size; i++) {
            const long at = k->weight_position ? i % image : i % image / plane;
            a->out[i] = (float)(((double)a->in[i] - norm.mean) * norm.scale *
                                    (k->scale ? (double)a->weight[at] : 1) +
                                (k->bias ? (double)a->bias[at] : 0));
        }
    }
}

/* gate[g] of `in` and of the state's products, with the biases; h and c of direction d of image n,
 * which a step changes. */
NETRT_REFERENCE void netrt_reference_cell(const struct netrt_recurrent *k, const float *in,
                                          const double *product, double *h, double *c)
{
    double sum[4];
    for (long g = 0; g < NETRT_RECURRENT_GATES(k); g++)
        sum[g] = (double)in[g * k->h] + product[g];
    const double first = 1 / (1 + exp(-sum[0])), second = 1 / (1 + exp(-sum[1]));
    if (!k->lstm) {
        const double next = tanh((double)in[2 * k->h] + first * product[2]);
        *h = (1 - second) * next + second * *h;
        return;
    }
    *c = second * *c + first * tanh(sum[2]);
    *h = tanh(*c) / (1 + exp(-sum[3]));
}

/* in[image][step][direction][gate][h], weight[direction][gate][h][h], bias[direction][gate][h],
 * those of direction 1 in first_weight and first_bias; out[image][step][direction][h],
 * more[image][direction] [h], behind that of all the cells. `before` and `after` have room for a
 * state, twice. */
NETRT_REFERENCE void netrt_reference_recurrent(const struct netrt_recurrent *k,
                                               const struct netrt_args *a, double *before,
                                               double *after)
{
    const long gates = NETRT_RECURRENT_GATES(k), states = k->images * k->directions * k->h;
    for (long task = 0; task < k->images * k->directions; task++) {
        const long n = task / k->directions, d = task % k->directions;
        const float *weight = d ? a->first_weight : a->weight, *bias = d ? a->first_bias : a->bias;
        for (long j = 0; j < 2 * k->h; j++)
            before[j] = 0;
        for (long i = 0; i < k->steps; i++) {
            const long t = d ? k->steps - 1 - i : i;
            const long row = (n * k->steps + t) * k->directions + d;
            for (long j = 0; j < k->h; j++) {
                double product[4];
                for (long g = 0; g < gates; g++) {
                    product[g] = k->bias ? (double)bias[g * k->h + j] : 0;
                    for (long c = 0; c < k->h; c++)
                        product[g] += (double)weight[(g * k->h + j) * k->h + c] * before[c];
                }
                after[j] = before[j];
                after[k->h + j] = before[k->h + j];
                netrt_reference_cell(k, a->in + row * gates * k->h + j, product, &after[j],
                                     &after[k->h + j]);
                a->out[row * k->h + j] = (float)after[j];
            }
            for (long j = 0; j < 2 * k->h; j++)
                before[j] = after[j];
        }
        for (long j = 0; j < k->h; j++) {
            a->more[task * k->h + j] = (float)before[j];
            if (k->lstm)
                a->more[states + task * k->h + j] = (float)before[k->h + j];
        }
    }
}

/* An integer in the place of an element. */
NETRT_REFERENCE int32_t netrt_reference_integer(const float *at)
{
    int32_t i;
    memcpy(&i, at, sizeof i);
    return i;
}

NETRT_REFERENCE void netrt_reference_put(float *at, int32_t i)
{
    memcpy(at, &i, sizeof i);
}

NETRT_REFERENCE int32_t netrt_reference_whole(float x)
{
    const double whole = isnan(x) ? 0 : trunc((double)x);
    return (int32_t)fmin(fmax(whole, INT32_MIN), INT32_MAX);
}

NETRT_REFERENCE void netrt_reference_integers(const struct netrt_integers *k,
                                              const struct netrt_args *a)
{
    for (long i = 0; i < k->n; i++) {
        const int64_t *const wide = (const int64_t *)(const void *)a->in;
        if (k->floats && k->outwards)
            a->out[i] = (float)netrt_reference_integer(a->in + i);
        else if (k->floats)
            netrt_reference_put(a->out + i, netrt_reference_whole(a->in[i]));
        else if (k->outwards && k->bytes == 8)
            ((int64_t *)(void *)a->out)[i] = netrt_reference_integer(a->in + i);
        else if (k->bytes == 8)
            netrt_reference_put(a->out + i, wide[i] > INT32_MAX   ? INT32_MAX
                                            : wide[i] < INT32_MIN ? INT32_MIN
                                                                  : (int32_t)wide[i]);
        else
            netrt_reference_put(a->out + i, netrt_reference_integer(a->in + i));
    }
}

/* The position of element i in each of six dimensions, as steps of an operand. */
NETRT_REFERENCE long netrt_reference_at(const long n[6], const long step[6], long i)
{
    long at = 0;
    for (int d = 5; d >= 0; d--) {
        at += i % n[d] * step[d];
        i /= n[d];
    }
    return at;
}

NETRT_REFERENCE void netrt_reference_gather(const struct netrt_gather *k,
                                            const struct netrt_args *a)
{
    const long n[] = {k->n0, k->n1, k->n2, k->n3, k->n4, k->n5};
    const long in[] = {k->in0, k->in1, k->in2, k->in3, k->in4, k->in5};
    const long out[] = {k->out0, k->out1, k->out2, k->out3, k->out4, k->out5};
    const long other[] = {k->other0, k->other1, k->other2, k->other3, k->other4, k->other5};
    for (long i = 0; i < n[0] * n[1] * n[2] * n[3] * n[4] * n[5]; i++) {
        float *const to = a->out + netrt_reference_at(n, out, i);
        const long at = netrt_reference_integer(a->other + netrt_reference_at(n, other, i));
        if (at >= 0 && at < k->size)
            *to = a->in[netrt_reference_at(n, in, i) + at * k->along];
        else if (k->integers)
            netrt_reference_put(to, -1);
        else
            *to = NAN;
        for (long x = 0; x < k->pad && i % n[5] == n[5] - 1; x++)
            to[1 + x] = 0;
    }
}

/* The first element that no other one is beyond; a NaN is beyond all numbers. */
NETRT_REFERENCE void netrt_reference_argmax(const struct netrt_argmax *k,
                                            const struct netrt_args *a)
{
    const long n[] = {k->n0, k->n1, k->n2, k->n3, k->n4, k->n5};
    const long in[] = {k->in0, k->in1, k->in2, k->in3, k->in4, k->in5};
    const long out[] = {k->out0, k->out1, k->out2, k->out3, k->out4, k->out5};
    for (long i = 0; i < n[0] * n[1] * n[2] * n[3] * n[4] * n[5]; i++) {
        const float *const from = a->in + netrt_reference_at(n, in, i);
        float *const to = a->out + netrt_reference_at(n, out, i);
        long best = 0;
        for (long j = 1; j < k->size && !isnan(from[best * k->along]); j++) {
            const float x = from[j * k->along], y = from[best * k->along];
            if (isnan(x) || (k->least ? x < y : x > y))
                best = j;
        }
        netrt_reference_put(to, (int32_t)best);
        for (long x = 0; x < k->pad && i % n[5] == n[5] - 1; x++)
            to[1 + x] = 0;
    }
}

/* How many of the elements come before element j: those beyond it, and equal ones that stand
 * before. NaN is the largest. */
NETRT_REFERENCE long netrt_reference_rank(const struct netrt_topk *k, const float *in, long j)
{
    const float y = in[j * k->along];
    long before = 0;
    for (long i = 0; i < k->size; i++) {
        const float x = in[i * k->along];
        const int more = isnan(x) ? !isnan(y) : x > y, less = isnan(y) ? !isnan(x) : x < y;
        before += (k->largest ? more : less) || (!more && !less && i < j);
    }
    return before;
}

NETRT_REFERENCE void netrt_reference_topk(const struct netrt_topk *k, const struct netrt_args *a)
{
    const long n[] = {1, k->n0, k->n1, k->n2, k->n3, k->n4};
    const long in[] = {0, k->in0, k->in1, k->in2, k->in3, k->in4};
    const long out[] = {0, k->out0, k->out1, k->out2, k->out3, k->out4};
    const long more[] = {0, k->more0, k->more1, k->more2, k->more3, k->more4};
    for (long i = 0; i < n[1] * n[2] * n[3] * n[4] * n[5]; i++) {
        const float *const from = a->in + netrt_reference_at(n, in, i);
        float *const values = a->out + netrt_reference_at(n, out, i);
        float *const places = a->more + netrt_reference_at(n, more, i);
        for (long j = 0; j < k->size; j++) {
            const long at = netrt_reference_rank(k, from, j);
            if (at >= k->k)
                continue;
            values[at * k->out_step] = from[j * k->along];
            netrt_reference_put(places + at * k->more_step, (int32_t)j);
        }
        for (long x = 0; x < k->pad && k->last; x++)
            values[k->k + x] = places[k->k + x] = 0;
        for (long j = 0; j < k->k && !k->last && i % n[5] == n[5] - 1; j++)
            for (long x = 0; x < k->pad; x++)
                values[j * k->out_step + 1 + x] = places[j * k->more_step + 1 + x] = 0;
    }
}

#include "reference_boxes.h"

#endif
