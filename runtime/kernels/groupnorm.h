/* Normalization of groups of channels at all positions, a whole image being one group or more. May
 * be in place. Two sweeps: the statistics, row by row, and the result. */
#ifndef NETRT_KERNELS_GROUPNORM_H
#define NETRT_KERNELS_GROUPNORM_H

#include "border.h"

/* Of each lane of a block, over some positions: the mean, and the sum of the squared distances to
 * it. Where nothing is centered the mean is 0. */
struct netrt_moments {
    netrt_vec mean[NETRT_VECS], squares[NETRT_VECS];
};

/* Sum over a row of (x - mean)^power, power 1 or 2. */
NETRT_INLINE netrt_vec netrt_groupnorm_row(const struct netrt_groupnorm *k, const netrt_element *in,
                                           netrt_vec mean, int power)
{
    enum { CHAINS = 4 };
    netrt_vec part[CHAINS] = {netrt_all(0), netrt_all(0), netrt_all(0), netrt_all(0)};
    long x = 0;
    for (; x + CHAINS <= k->w; x += CHAINS)
        NETRT_FOR (long i = 0; i < CHAINS; i++) {
            const netrt_vec d = netrt_load(in + (x + i) * k->in.col) - mean;
            part[i] += power == 2 ? d * d : d;
        }
    for (; x < k->w; x++) {
        const netrt_vec d = netrt_load(in + x * k->in.col) - mean;
        part[0] += power == 2 ? d * d : d;
    }
    return (part[0] + part[1]) + (part[2] + part[3]);
}

/* Of a block at all positions: a row's moments, which its two passes find in cache, join those of
 * the rows above (Chan, Golub, LeVeque). */
NETRT_INLINE struct netrt_moments netrt_groupnorm_moments(const struct netrt_groupnorm *k,
                                                          const netrt_element *in)
{
    struct netrt_moments m;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        m.mean[v] = m.squares[v] = netrt_all(0);
        for (long y = 0; y < k->h; y++) {
            const netrt_element *row = in + y * k->in.row + v * NETRT_VL;
            const float share = 1.0f / (float)(y + 1);
            const netrt_vec sum =
                k->centered ? netrt_groupnorm_row(k, row, netrt_all(0), 1) : netrt_all(0);
            const netrt_vec mean = sum * (1.0f / (float)k->w), far = mean - m.mean[v];
            m.squares[v] +=
                netrt_groupnorm_row(k, row, mean, 2) + far * far * ((float)(y * k->w) * share);
            m.mean[v] += far * share;
        }
    }
    return m;
}

/* Lanes low .. high - 1. */
NETRT_INLINE netrt_mask netrt_between(long low, long high)
{
    const netrt_mask lanes = NETRT_LANES;
    return NETRT_MASK(lanes >= netrt_all_bits((int32_t)low)) &
           NETRT_MASK(lanes < netrt_all_bits((int32_t)high));
}

/* 1 / sqrt(var + eps), the variance being `squares` over `n`. */
NETRT_INLINE float netrt_groupnorm_scale(const struct netrt_groupnorm *k, double squares, double n)
{
    return 1 / __builtin_sqrtf((float)(squares / n) + k->eps);
}

/* Normalizes lanes low .. high - 1 of block `b`. Where they are not all that the block has, the
 * others keep what they hold. Lanes behind the last channel are cleared. */
NETRT_INLINE void netrt_groupnorm_write(const struct netrt_groupnorm *k, const struct netrt_args *a,
                                        netrt_element *result, const netrt_element *image, long b,
                                        const netrt_vec *mean, const netrt_vec *scale, long low,
                                        long high)
{
    const long rest = k->c - b * NETRT_BLOCK;
    for (long i = 0; i < k->h * k->w; i++) {
        const long y = i / k->w, x = i % k->w;
        const netrt_element *in = image + b * k->in.plane + y * k->in.row + x * k->in.col;
        netrt_element *out = result + b * k->out.plane + y * k->out.row + x * k->out.col;
        const long at = b * k->weight_block + i * k->weight_position;
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            netrt_vec value = (netrt_load(in + lane) - mean[v]) * scale[v];
            if (k->scale)
                value = value * netrt_load(a->weight + at + lane);
            if (k->bias)
                value = value + netrt_load(a->bias + at + lane);
            if (low > 0 || high < (rest < NETRT_BLOCK ? rest : NETRT_BLOCK)) {
                const netrt_mask inside = netrt_between(low - lane, high - lane);
                value = netrt_select(inside, value, netrt_load(out + lane));
            }
            netrt_store(out + lane, netrt_first(value, rest - lane));
        }
    }
}

/* A block that holds whole groups: its lanes' moments are joined group by group. */
NETRT_INLINE void netrt_groupnorm_block(const struct netrt_groupnorm *k, const struct netrt_args *a,
                                        netrt_element *result, const netrt_element *image, long b)
{
    const struct netrt_moments m = netrt_groupnorm_moments(k, image + b * k->in.plane);
    const float n = (float)(k->h * k->w);
    float mean[NETRT_BLOCK], squares[NETRT_BLOCK];
    netrt_vec means[NETRT_VECS], scales[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++) {
        netrt_store(mean + v * NETRT_VL, m.mean[v]);
        netrt_store(squares + v * NETRT_VL, m.squares[v]);
    }
    for (long first = 0; first < NETRT_BLOCK; first += k->group) {
        float sum = 0, all = 0;
        for (long i = first; i < first + k->group; i++)
            sum += mean[i];
        sum /= (float)k->group;
        for (long i = first; i < first + k->group; i++)
            all += squares[i] + n * (mean[i] - sum) * (mean[i] - sum);
        const float scale = netrt_groupnorm_scale(k, (double)all, (double)(n * (float)k->group));
        for (long i = first; i < first + k->group; i++) {
            mean[i] = k->centered ? sum : 0;
            squares[i] = scale;
        }
    }
    for (long v = 0; v < NETRT_VECS; v++) {
        means[v] = netrt_load(mean + v * NETRT_VL);
        scales[v] = netrt_load(squares + v * NETRT_VL);
    }
    netrt_groupnorm_write(k, a, result, image, b, means, scales, 0, NETRT_BLOCK);
}

/* Sum of lanes low .. high - 1 of a block. */
NETRT_INLINE double netrt_groupnorm_lanes(const netrt_vec *x, long low, long high)
{
    netrt_vec part[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++)
        part[v] = netrt_select(netrt_between(low - v * NETRT_VL, high - v * NETRT_VL), x[v],
                               netrt_all(0));
    return (double)netrt_sum(part);
}

/* Channels first .. end - 1 as one group: the moments of block after block are joined. */
NETRT_INLINE void netrt_groupnorm_channels(const struct netrt_groupnorm *k,
                                           const struct netrt_args *a, netrt_element *result,
                                           const netrt_element *image, long first, long end)
{
    const double n = (double)(k->h * k->w);
    const long from = first / NETRT_BLOCK, to = netrt_ceil_div(end, NETRT_BLOCK);
    double mean = 0, squares = 0, count = 0;
    for (long b = from; b < to; b++) {
        const long low = b == from ? first % NETRT_BLOCK : 0;
        const long high = end - b * NETRT_BLOCK < NETRT_BLOCK ? end - b * NETRT_BLOCK : NETRT_BLOCK;
        struct netrt_moments m = netrt_groupnorm_moments(k, image + b * k->in.plane);
        const double more = (double)(high - low);
        const double here = netrt_groupnorm_lanes(m.mean, low, high) / more, far = here - mean;
        for (long v = 0; v < NETRT_VECS; v++) {
            const netrt_vec d = m.mean[v] - (float)here;
            m.squares[v] += d * d * (float)n;
        }
        squares += netrt_groupnorm_lanes(m.squares, low, high) +
                   far * far * n * count * more / (count + more);
        count += more;
        mean += far * more / count;
    }
    const float scale = netrt_groupnorm_scale(k, squares, n * count);
    netrt_vec means[NETRT_VECS], scales[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++) {
        means[v] = netrt_all((float)mean);
        scales[v] = netrt_all(scale);
    }
    for (long b = from; b < to; b++) {
        const long high = end - b * NETRT_BLOCK < NETRT_BLOCK ? end - b * NETRT_BLOCK : NETRT_BLOCK;
        netrt_groupnorm_write(k, a, result, image, b, means, scales,
                              b == from ? first % NETRT_BLOCK : 0, high);
    }
}

/* A task is a block that holds whole groups, a group of whole blocks, or else an image. */
NETRT_INLINE void netrt_groupnorm(const struct netrt_groupnorm *k, const struct netrt_args *a,
                                  long task)
{
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK),
               each = netrt_groupnorm_tasks(k) / k->images;
    const netrt_element *image = a->in + task / each * k->in.image;
    netrt_element *result = a->out + task / each * k->out.image;
    const long part = task % each, of_part = each == 1 ? blocks : netrt_ceil_div(blocks, each);
    if (NETRT_BLOCK % k->group == 0)
        netrt_groupnorm_block(k, a, result, image, part);
    else
        for (long first = part * of_part * NETRT_BLOCK;
             first < (part + 1) * of_part * NETRT_BLOCK && first < k->c; first += k->group)
            netrt_groupnorm_channels(k, a, result, image, first, first + k->group);
    for (long b = part * of_part; b < (part + 1) * of_part && b < blocks; b++)
        NETRT_CLEAR_BORDER(k, result + b * k->out.plane, k->h, k->w, 0, k->h);
}

#endif
