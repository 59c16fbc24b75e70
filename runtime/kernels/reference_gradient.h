/* The kernels of backward passes as plain loop nests, on dense arrays as in reference.h, in double.
 */
#ifndef NETRT_KERNELS_REFERENCE_GRADIENT_H
#define NETRT_KERNELS_REFERENCE_GRADIENT_H

#include <stdint.h>

#include "reference.h"

/* out[oc][group_ic][kh][kw], from in[images][channels of all groups][ih][iw] and
 * other[images][oc][oh][ow] */
NETRT_REFERENCE void netrt_reference_weight_gradient(const struct netrt_weight_gradient *k,
                                                     const struct netrt_args *a, long ih, long iw)
{
    const long ic = k->oc / k->group_oc * k->group_ic;
    for (long i = 0; i < k->oc * k->group_ic * k->kh * k->kw; i++) {
        const long v = i % k->kw, u = i / k->kw % k->kh, c = i / k->kw / k->kh % k->group_ic;
        const long o = i / k->kw / k->kh / k->group_ic, from = o / k->group_oc * k->group_ic + c;
        double sum = 0;
        for (long p = 0; p < k->images * k->oh * k->ow; p++) {
            const long x = p % k->ow, y = p / k->ow % k->oh, n = p / k->ow / k->oh;
            const long row = y * k->sh - k->pt + u * k->dh, col = x * k->sw - k->pl + v * k->dw;
            if (NETRT_IN(row, col, ih, iw))
                sum += (double)NETRT_AT(a->in, n, from, row, col, ic, ih, iw) *
                       (double)NETRT_AT(a->other, n, o, y, x, k->oc, k->oh, k->ow);
        }
        a->out[i] = (float)sum;
    }
}

/* The same of one group and stride 1. */
NETRT_REFERENCE void netrt_reference_winograd_gradient(const struct netrt_winograd_gradient *k,
                                                       const struct netrt_args *a, long ih, long iw)
{
    const struct netrt_weight_gradient plain = {.images = k->images,
                                                .oc = k->oc,
                                                .group_oc = k->oc,
                                                .group_ic = k->ic,
                                                .oh = k->oh,
                                                .ow = k->ow,
                                                .kh = k->kh,
                                                .kw = k->kw,
                                                .sh = 1,
                                                .sw = 1,
                                                .dh = 1,
                                                .dw = 1,
                                                .pt = k->pt,
                                                .pl = k->pl};
    netrt_reference_weight_gradient(&plain, a, ih, iw);
}

NETRT_REFERENCE void netrt_reference_sum_to(const struct netrt_sum_to *k,
                                            const struct netrt_args *a)
{
    const long n = k->over_images ? 1 : k->images, c = k->over_channels ? 1 : k->c;
    const long h = k->over_rows ? 1 : k->h, w = k->over_columns ? 1 : k->w;
    for (long i = 0; i < n * c * h * w; i++) {
        double sum = 0;
        for (long from = 0; from < k->images * k->c * k->h * k->w; from++) {
            const long x = from % k->w, y = from / k->w % k->h, b = from / k->w / k->h % k->c;
            const long at = from / k->w / k->h / k->c;
            if ((k->over_columns || x == i % w) && (k->over_rows || y == i / w % h) &&
                (k->over_channels || b == i / w / h % c) && (k->over_images || at == i / w / h / c))
                sum += (double)a->in[from];
        }
        a->out[i] = (float)sum;
    }
}

/* in: [images][c][oh][ow] */
NETRT_REFERENCE void netrt_reference_resample_gradient(const struct netrt_resample_gradient *k,
                                                       const struct netrt_args *a)
{
    enum { AROUND = 4 };
    const struct netrt_resample way = {.taps = k->taps, .centers = k->centers};
    for (long i = 0; i < k->images * k->c * k->ih * k->iw; i++) {
        const float *in = a->in + i / k->iw / k->ih * k->oh * k->ow;
        double sum = 0, down, right;
        for (long j = 0; j < k->oh * k->ow * AROUND * AROUND; j++) {
            const long t = j % (AROUND * AROUND), at = j / (AROUND * AROUND);
            const float y = netrt_reference_place(&way, at / k->ow, k->step_y);
            const float x = netrt_reference_place(&way, at % k->ow, k->step_x);
            const long row = netrt_reference_source(&way, y, t / AROUND, k->ih, &down);
            const long col = netrt_reference_source(&way, x, t % AROUND, k->iw, &right);
            if (row == i / k->iw % k->ih && col == i % k->iw)
                sum += down * right * (double)in[at];
        }
        a->out[i] = (float)sum;
    }
}

/* The output is of so many elements. */
NETRT_REFERENCE void netrt_reference_scatter(const struct netrt_scatter *k,
                                             const struct netrt_args *a, long elements)
{
    const long n[] = {k->n0, k->n1, k->n2, k->n3, k->n4, k->n5};
    const long in[] = {k->in0, k->in1, k->in2, k->in3, k->in4, k->in5};
    const long out[] = {k->out0, k->out1, k->out2, k->out3, k->out4, k->out5};
    const long other[] = {k->other0, k->other1, k->other2, k->other3, k->other4, k->other5};
    for (long j = 0; j < elements; j++) {
        double sum = 0;
        for (long i = 0; i < n[0] * n[1] * n[2] * n[3] * n[4] * n[5]; i++) {
            const long at = netrt_reference_integer(a->other + netrt_reference_at(n, other, i));
            if (at >= 0 && at < k->size && netrt_reference_at(n, out, i) + at * k->along == j)
                sum += (double)a->in[netrt_reference_at(n, in, i)];
        }
        a->out[j] = (float)sum;
    }
}

/* The derivative at x, of which y is the result. */
NETRT_REFERENCE double netrt_reference_derivative(long act, double a, double b, double x)
{
    const double y = netrt_reference_act(act, a, b, x), s = 1 / (1 + exp(-x));
    switch (act) {
    case NETRT_ACT_relu:
        return x > 0;
    case NETRT_ACT_relu6:
        return x > 0 && x < 6;
    case NETRT_ACT_leaky_relu:
        return x > 0 ? 1 : a;
    case NETRT_ACT_sigmoid:
        return y * (1 - y);
    case NETRT_ACT_tanh:
        return 1 - y * y;
    case NETRT_ACT_gelu:
        return erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * acos(-1));
    case NETRT_ACT_silu:
        return s * (1 + x * (1 - s));
    case NETRT_ACT_hardswish:
        return x < -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1;
    case NETRT_ACT_hardsigmoid:
        return x > -3 && x < 3 ? 1.0 / 6 : 0;
    case NETRT_ACT_clip:
        return x >= a && x <= b;
    case NETRT_ACT_elu:
        return x > 0 ? 1 : a * exp(x);
    case NETRT_ACT_mish: {
        const double t = tanh(log1p(exp(x)));
        return t + x * s * (1 - t * t);
    }
    case NETRT_ACT_softplus:
        return a * x > b ? 1 : 1 / (1 + exp(-a * x));
    case NETRT_ACT_exp:
        return y;
    case NETRT_ACT_log:
        return 1 / x;
    case NETRT_ACT_sqrt:
        return 1 / (2 * y);
    case NETRT_ACT_abs:
        return (x > 0) - (x < 0);
    case NETRT_ACT_neg:
        return -1;
    case NETRT_ACT_pow:
        return a < 0 || a > 0 ? a * pow(x, a - 1) : 0;
    default:
        return 1;
    }
}

/* Whether the derivative is a function of the result. */
NETRT_REFERENCE int netrt_reference_keeps_result(long act)
{
    enum { KEEPS_INPUT, KEEPS_RESULT };
    static const int keeps[] = {
#define ACT(name, work, kept, doc) KEEPS_##kept,
#include "acts.def"
    };
    return keeps[act];
}

/* `input` is that of the activation, whether the kernel reads it or the result. */
NETRT_REFERENCE void netrt_reference_activation_gradient(const struct netrt_activation_gradient *k,
                                                         const struct netrt_args *a,
                                                         const float *input)
{
    for (long i = 0; i < k->images * k->c * k->h * k->w; i++)
        a->out[i] = (float)((double)a->in[i] *
                            netrt_reference_derivative(k->act, (double)k->act_arg,
                                                       (double)k->act_arg2, (double)input[i]));
}

/* Number t of the taps of a window: its element in the plane, or -1. */
NETRT_REFERENCE long netrt_reference_window_tap(const struct netrt_pooling_gradient *k, long y,
                                                long x, long t)
{
    const long row = y * k->sh - k->pt + t / k->kw * k->dh;
    const long col = x * k->sw - k->pl + t % k->kw * k->dw;
    return NETRT_IN(row, col, k->ih, k->iw) ? row * k->iw + col : -1;
}

/* What an average divides by: the taps that lie inside, or also in the padding. */
NETRT_REFERENCE double netrt_reference_count(const struct netrt_pooling_gradient *k, long y, long x)
{
    double count = 0;
    for (long t = 0; t < k->kh * k->kw; t++) {
        const long row = y * k->sh - k->pt + t / k->kw * k->dh;
        const long col = x * k->sw - k->pl + t % k->kw * k->dw;
        count += k->count_include_pad ? row < k->ih + k->pb && col < k->iw + k->pr
                                      : NETRT_IN(row, col, k->ih, k->iw);
    }
    return count;
}

/* The first of the largest elements of a window; -1: it has none. */
NETRT_REFERENCE long netrt_reference_largest(const struct netrt_pooling_gradient *k,
                                             const float *in, long y, long x)
{
    long largest = -1;
    for (long t = 0; t < k->kh * k->kw; t++) {
        const long at = netrt_reference_window_tap(k, y, x, t);
        if (at >= 0 && (largest < 0 || in[at] > in[largest]))
            largest = at;
    }
    return largest;
}

NETRT_REFERENCE void netrt_reference_pooling_gradient(const struct netrt_pooling_gradient *k,
                                                      const struct netrt_args *a)
{
    const long plane = k->ih * k->iw, planes = k->images * k->c;
    for (long i = 0; i < planes * plane; i++) {
        const long p = i / plane;
        double sum = 0;
        for (long o = 0; o < k->oh * k->ow; o++) {
            const long y = o / k->ow, x = o % k->ow;
            const double g = (double)a->in[p * k->oh * k->ow + o];
            for (long t = 0; k->average && t < k->kh * k->kw; t++)
                if (netrt_reference_window_tap(k, y, x, t) == i % plane)
                    sum += g / netrt_reference_count(k, y, x);
            if (!k->average && netrt_reference_largest(k, a->other + p * plane, y, x) == i % plane)
                sum += g;
        }
        a->out[i] = (float)sum;
    }
}

/* Each window as a pool of its own, of one position. */
NETRT_REFERENCE void
netrt_reference_adaptive_pooling_gradient(const struct netrt_adaptive_pooling_gradient *k,
                                          const struct netrt_args *a)
{
    const long plane = k->ih * k->iw;
    for (long i = 0; i < k->images * k->c * plane; i++) {
        const long p = i / plane;
        double sum = 0;
        for (long o = 0; o < k->oh * k->ow; o++) {
            const long y = o / k->ow, x = o % k->ow;
            const long top = y * k->ih / k->oh, left = x * k->iw / k->ow;
            const struct netrt_pooling_gradient window = {
                .ih = k->ih,
                .iw = k->iw,
                .kh = netrt_ceil_div((y + 1) * k->ih, k->oh) - top,
                .kw = netrt_ceil_div((x + 1) * k->iw, k->ow) - left,
                .dh = 1,
                .dw = 1,
                .pt = -top,
                .pl = -left};
            const double g = (double)a->in[p * k->oh * k->ow + o];
            const double each = 1 / (double)(window.kh * window.kw);
            for (long t = 0; k->average && t < window.kh * window.kw; t++)
                sum += netrt_reference_window_tap(&window, 0, 0, t) == i % plane ? g * each : 0;
            if (!k->average &&
                netrt_reference_largest(&window, a->other + p * plane, 0, 0) == i % plane)
                sum += g;
        }
        a->out[i] = (float)sum;
    }
}

/* Element i of channel c over the batch, of so many positions a plane. */
#define NETRT_BATCH(k, c_, i)                                                                      \
    (((i) / ((k)->h * (k)->w) * (k)->c + (c_)) * (k)->h * (k)->w + (i) % ((k)->h * (k)->w))

/* more[c]: the means, and behind them the variances */
NETRT_REFERENCE void netrt_reference_bn_train(const struct netrt_bn_train *k,
                                              const struct netrt_args *a)
{
    const long n = k->images * k->h * k->w;
    for (long c = 0; c < k->c; c++) {
        double mean = 0, var = 0;
        for (long i = 0; i < n; i++)
            mean += (double)a->in[NETRT_BATCH(k, c, i)] / (double)n;
        for (long i = 0; i < n; i++)
            var += pow((double)a->in[NETRT_BATCH(k, c, i)] - mean, 2) / (double)n;
        for (long i = 0; i < n; i++) {
            double y = ((double)a->in[NETRT_BATCH(k, c, i)] - mean) / sqrt(var + (double)k->eps);
            if (k->affine)
                y = y * (double)a->weight[c] + (double)a->bias[c];
            if (k->residual)
                y += (double)a->other[NETRT_BATCH(k, c, i)];
            a->out[NETRT_BATCH(k, c, i)] =
                (float)netrt_reference_act(k->act, (double)k->act_arg, (double)k->act_arg2, y);
        }
        a->more[c] = (float)mean;
        a->more[k->c + c] = (float)var;
    }
}

/* The gradient of bn's own result at an element of channel c, through the activation behind it. */
NETRT_REFERENCE double netrt_reference_bn_flows(const struct netrt_bn_gradient *k,
                                                const struct netrt_args *a, long c, long at)
{
    const double xhat =
        ((double)a->other[at] - (double)a->third[c]) / sqrt((double)a->fourth[c] + (double)k->eps);
    const double z = k->act && k->affine ? xhat * (double)a->weight[c] + (double)a->bias[c] : xhat;
    return (double)a->in[at] *
           netrt_reference_derivative(k->act, (double)k->act_arg, (double)k->act_arg2, z);
}

/* third[c], fourth[c]: means and variances; more[c]: the gradients of the weights, and behind them
 * those of the biases. The sums of its definition. */
NETRT_REFERENCE void netrt_reference_bn_gradient(const struct netrt_bn_gradient *k,
                                                 const struct netrt_args *a)
{
    const long n = k->images * k->h * k->w;
    for (long c = 0; c < k->c; c++) {
        const double scale = 1 / sqrt((double)a->fourth[c] + (double)k->eps);
        const double mean = (double)a->third[c];
        double bias = 0, weight = 0;
        for (long i = 0; i < n; i++) {
            const double g = netrt_reference_bn_flows(k, a, c, NETRT_BATCH(k, c, i));
            bias += g;
            weight += g * ((double)a->other[NETRT_BATCH(k, c, i)] - mean) * scale;
        }
        for (long i = 0; i < n; i++) {
            const long at = NETRT_BATCH(k, c, i);
            const double xhat = ((double)a->other[at] - mean) * scale;
            const double g = netrt_reference_bn_flows(k, a, c, at) - bias / (double)n -
                             xhat * weight / (double)n;
            a->out[at] = (float)(g * scale * (k->affine ? (double)a->weight[c] : 1));
        }
        a->more[c] = (float)weight;
        a->more[k->c + c] = (float)bias;
    }
}

/* The logarithm of the sum of a position's exponentials; `in` points at its first score. */
NETRT_REFERENCE double netrt_reference_log_sum(const float *in, long c, long plane)
{
    double max = -INFINITY, sum = 0;
    for (long i = 0; i < c; i++)
        max = fmax(max, (double)in[i * plane]);
    for (long i = 0; i < c; i++)
        sum += exp((double)in[i * plane] - max);
    return max + log(sum);
}

/* What the label of position i wants of a class: other[image][position] names one, or
 * other[image][class][position] are shares. */
NETRT_REFERENCE double netrt_reference_wanted(const struct netrt_cross_entropy *k,
                                              const struct netrt_args *a, long i, long class)
{
    const long plane = k->h * k->w;
    const double share = k->shares
                             ? (double)a->other[(i / plane * k->c + class) * plane + i % plane]
                             : class == (long)a->other[i];
    const double wanted = (double)k->smoothing / (double)k->c + (1 - (double)k->smoothing) * share;
    return k->weighted ? wanted * (double)a->weight[class] : wanted;
}

NETRT_REFERENCE int netrt_reference_is_ignored(const struct netrt_cross_entropy *k,
                                               const struct netrt_args *a, long i)
{
    return !k->shares && (long)a->other[i] == k->ignored;
}

/* What all positions count in the mean. */
NETRT_REFERENCE double netrt_reference_counts(const struct netrt_cross_entropy *k,
                                              const struct netrt_args *a)
{
    double sum = 0;
    for (long i = 0; i < k->images * k->h * k->w; i++)
        if (!netrt_reference_is_ignored(k, a, i))
            sum += k->weighted && !k->shares ? (double)a->weight[(long)a->other[i]] : 1;
    return sum;
}

NETRT_REFERENCE void netrt_reference_cross_entropy(const struct netrt_cross_entropy *k,
                                                   const struct netrt_args *a)
{
    const long plane = k->h * k->w;
    double sum = 0;
    for (long i = 0; i < k->images * plane; i++) {
        const float *in = a->in + i / plane * k->c * plane + i % plane;
        const double all = netrt_reference_log_sum(in, k->c, plane);
        for (long c = 0; c < k->c && !netrt_reference_is_ignored(k, a, i); c++)
            sum -= netrt_reference_wanted(k, a, i, c) * ((double)in[c * plane] - all);
    }
    a->out[0] = (float)(sum / netrt_reference_counts(k, a));
}

NETRT_REFERENCE void
netrt_reference_cross_entropy_gradient(const struct netrt_cross_entropy_gradient *k,
                                       const struct netrt_args *a)
{
    const struct netrt_cross_entropy of = {.images = k->images,
                                           .c = k->c,
                                           .h = k->h,
                                           .w = k->w,
                                           .smoothing = k->smoothing,
                                           .ignored = k->ignored,
                                           .shares = k->shares,
                                           .weighted = k->weighted};
    const long plane = k->h * k->w;
    const double gradient = (double)a->third[0] / netrt_reference_counts(&of, a);
    for (long i = 0; i < k->images * plane; i++) {
        const long first = i / plane * k->c * plane + i % plane;
        const double all = netrt_reference_log_sum(a->in + first, k->c, plane);
        double sum = 0;
        for (long c = 0; c < k->c; c++)
            sum += netrt_reference_wanted(&of, a, i, c);
        for (long c = 0; c < k->c; c++) {
            const double share = exp((double)a->in[first + c * plane] - all);
            const double difference = share * sum - netrt_reference_wanted(&of, a, i, c);
            a->out[first + c * plane] =
                netrt_reference_is_ignored(&of, a, i) ? 0 : (float)(difference * gradient);
        }
    }
}

NETRT_REFERENCE uint32_t netrt_reference_mix(uint32_t x)
{
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

/* other[0]: the seed. Counted are the elements of the tensor: of a volume, whose planes are images,
 * a channel of an item has all of them. */
NETRT_REFERENCE void netrt_reference_dropout(const struct netrt_dropout *k,
                                             const struct netrt_args *a)
{
    const uint32_t key =
        netrt_reference_mix(netrt_reference_mix((uint32_t)k->stream) + (uint32_t)(long)a->other[0]);
    const long plane = k->h * k->w, image = k->c * plane, depth = k->depth ? k->depth : 1;
    for (long i = 0; i < k->images * image; i++) {
        const long item = i / image / depth, z = i / image % depth;
        const long place = item * depth * image + z * plane + i % image / plane * k->channel_step +
                           i % plane / k->w * k->w + i % k->w * k->column_step;
        const uint32_t number =
            netrt_reference_mix(netrt_reference_mix((uint32_t)place + key) ^ key);
        const double p = (double)k->p, at = (double)(number >> 8) / (1 << 24);
        a->out[i] = at < p ? 0 : (float)((double)a->in[i] / (1 - p));
    }
}

#endif
