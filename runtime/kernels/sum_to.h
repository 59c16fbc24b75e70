/* Sums over images, channels, rows or columns: the gradient of what was spread over them. */
#ifndef NETRT_KERNELS_SUM_TO_H
#define NETRT_KERNELS_SUM_TO_H

#include "border.h"

/* Adds to the sums of a block's lanes: a row, or one position of it. */
NETRT_INLINE void netrt_sum_to_row(const struct netrt_sum_to *k, netrt_vec *sum,
                                   const netrt_element *in)
{
    const long columns = k->over_columns ? k->w : 1;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec part = netrt_all(0);
        for (long x = 0; x < columns; x++)
            part += netrt_load(in + x * k->in.col + v * NETRT_VL);
        sum[v] += part;
    }
}

/* The rows of one image's block, or one of them. */
NETRT_INLINE void netrt_sum_to_plane(const struct netrt_sum_to *k, netrt_vec *sum,
                                     const netrt_element *in)
{
    const long rows = k->over_rows ? k->h : 1;
    netrt_vec part[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        part[v] = netrt_all(0);
    for (long y = 0; y < rows; y++)
        netrt_sum_to_row(k, part, in + y * k->in.row);
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        sum[v] += part[v];
}

/* One position of the output, all that becomes it. */
NETRT_INLINE void netrt_sum_to_at(const struct netrt_sum_to *k, netrt_element *out,
                                  const netrt_element *in)
{
    const long images = k->over_images ? k->images : 1;
    const long blocks = k->over_channels ? netrt_ceil_div(k->c, NETRT_BLOCK) : 1;
    netrt_vec sum[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        sum[v] = netrt_all(0);
    for (long n = 0; n < images; n++)
        for (long b = 0; b < blocks; b++)
            netrt_sum_to_plane(k, sum, in + n * k->in.image + b * k->in.plane);
    if (k->over_channels) {
        const netrt_vec all = netrt_all(netrt_sum(sum));
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
            sum[v] = netrt_first(all, 1 - v * NETRT_VL);
    }
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        netrt_store(out + v * NETRT_VL, sum[v]);
}

NETRT_INLINE void netrt_sum_to(const struct netrt_sum_to *k, const struct netrt_args *a, long task)
{
    const long blocks = k->over_channels ? 1 : netrt_ceil_div(k->c, NETRT_BLOCK);
    const long oh = k->over_rows ? 1 : k->h, ow = k->over_columns ? 1 : k->w;
    const netrt_element *in = a->in + task / blocks * k->in.image + task % blocks * k->in.plane;
    netrt_element *out = a->out + task / blocks * k->out.image + task % blocks * k->out.plane;
    for (long y = 0; y < oh; y++)
        for (long x = 0; x < ow; x++)
            netrt_sum_to_at(k, out + y * k->out.row + x * k->out.col,
                            in + y * k->in.row + x * k->in.col);
    NETRT_CLEAR_BORDER(k, out, oh, ow, 0, oh);
}

#endif
