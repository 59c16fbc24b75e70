/*
 * Products of matrices that are both computed. A task packs some blocks of columns of the second
 * operand into its scratch memory, as a convolution's weights lie, and multiplies all rows of the
 * first with them: a 1x1 convolution whose positions are the rows.
 */
#ifndef NETRT_KERNELS_MATMUL_H
#define NETRT_KERNELS_MATMUL_H

#include "conv.h"

/* Rows of the second operand whose steps from column to column are 1, each followed by zeros up to
 * a whole block. */
NETRT_INLINE void netrt_matmul_copy(const struct netrt_matmul *k, netrt_element *panel,
                                    const netrt_element *from)
{
    for (long i = 0; i < k->product.ic; i++)
        NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
            netrt_store(panel + i * NETRT_BLOCK + lane, netrt_load(from + i * k->other_row + lane));
}

/* The first `lanes` columns of a block, of any steps; zeros for the others. A few rows at a time,
 * so that both sides stay in cache where columns lie far apart. */
NETRT_INLINE void netrt_matmul_gather(const struct netrt_matmul *k, netrt_element *panel,
                                      const netrt_element *from, long lanes)
{
    for (long first = 0; first < k->product.ic; first += NETRT_BLOCK) {
        const long next = first + NETRT_BLOCK, end = next < k->product.ic ? next : k->product.ic;
        for (long lane = 0; lane < NETRT_BLOCK; lane++)
            for (long i = first; i < end; i++)
                panel[i * NETRT_BLOCK + lane] =
                    lane < lanes ? from[i * k->other_row + lane * k->other_col] : 0;
    }
}

/* Blocks first .. end - 1 of columns. */
NETRT_INLINE void netrt_matmul_pack(const struct netrt_matmul *k, netrt_element *panel,
                                    const netrt_element *other, long first, long end)
{
    for (long b = first; b < end; b++, panel += k->product.ic * NETRT_BLOCK) {
        const netrt_element *from = other + b * NETRT_BLOCK * k->other_col;
        const long lanes = k->product.oc - b * NETRT_BLOCK;
        if (k->other_col == 1)
            netrt_matmul_copy(k, panel, from);
        else if (lanes >= NETRT_BLOCK)
            netrt_matmul_gather(k, panel, from, NETRT_BLOCK);
        else
            netrt_matmul_gather(k, panel, from, lanes);
    }
}

NETRT_INLINE void netrt_matmul(const struct netrt_matmul *k, const struct netrt_args *a, long task)
{
    const struct netrt_conv *c = &k->product;
    const long blocks = netrt_ceil_div(c->oc, NETRT_BLOCK);
    const long parts = netrt_ceil_div(blocks, c->task_blocks), product = task / parts;
    const long first = task % parts * c->task_blocks;
    const long end = first + c->task_blocks < blocks ? first + c->task_blocks : blocks;
    const struct netrt_rows part = {.block = first, .end = 1};
    struct netrt_args of = *a;
    netrt_matmul_pack(k, a->scratch, a->other + NETRT_ELEMENT_AT(k, other, product), first, end);
    of.in = a->in + NETRT_ELEMENT_AT(k, in, product);
    of.out = a->out + NETRT_ELEMENT_AT(k, out, product);
    of.weight = a->scratch - first * c->ic * NETRT_BLOCK; /* the convolution counts from block 0 */
    netrt_conv_part(c, &of, &part, end);
}

#endif
