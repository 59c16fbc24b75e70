/* Layer normalization of a whole image. May be in place. */
#ifndef NETRT_KERNELS_LAYERNORM_H
#define NETRT_KERNELS_LAYERNORM_H

#include "border.h"

/* Sum over an image of (x - mean)^power, power 1 or 2: each row in float, the rows in double. */
NETRT_INLINE double netrt_layernorm_sum(const struct netrt_layernorm *k, const netrt_element *image,
                                        float mean, int power)
{
    double total = 0;
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        for (long y = 0; y < k->h; y++) {
            const netrt_element *in = image + b * k->in.plane + y * k->in.row;
            netrt_vec sum[NETRT_VECS];
            NETRT_UNROLL
            for (long v = 0; v < NETRT_VECS; v++) {
                const long lane = v * NETRT_VL;
                sum[v] = netrt_all(0);
                for (long x = 0; x < k->w; x++) {
                    netrt_vec d = netrt_load(in + x * k->in.col + lane) - mean;
                    sum[v] += power == 2 ? d * d : d;
                }
                sum[v] = netrt_first(sum[v], k->c - b * NETRT_BLOCK - lane);
            }
            total += (double)netrt_sum(sum);
        }
    return total;
}

NETRT_INLINE void netrt_layernorm(const struct netrt_layernorm *k, const struct netrt_args *a,
                                  long task)
{
    const double n = (double)(k->c * k->h * k->w);
    const netrt_element *image = a->in + task * k->in.image;
    netrt_element *result = a->out + task * k->out.image;
    const float mean = (float)(netrt_layernorm_sum(k, image, 0, 1) / n);
    const float variance = (float)(netrt_layernorm_sum(k, image, mean, 2) / n);
    const float scale = 1 / __builtin_sqrtf(variance + k->eps);
    for (long b = 0; b * NETRT_BLOCK < k->c; b++) {
        for (long i = 0; i < k->h * k->w; i++) {
            const netrt_element *in =
                image + b * k->in.plane + i / k->w * k->in.row + i % k->w * k->in.col;
            netrt_element *out =
                result + b * k->out.plane + i / k->w * k->out.row + i % k->w * k->out.col;
            const long at = b * k->weight_block + i * k->weight_position;
            NETRT_UNROLL
            for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
                netrt_vec x = (netrt_load(in + lane) - mean) * scale;
                if (k->affine)
                    x = x * netrt_load(a->weight + at + lane) + netrt_load(a->bias + at + lane);
                netrt_store(out + lane, netrt_first(x, k->c - b * NETRT_BLOCK - lane));
            }
        }
        NETRT_CLEAR_BORDER(k, result + b * k->out.plane, k->h, k->w, 0, k->h);
    }
}

#endif
