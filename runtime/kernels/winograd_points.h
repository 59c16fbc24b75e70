/* The points of Winograd's algorithm: what its kernel and the packing of its weights share. */
#ifndef NETRT_KERNELS_WINOGRAD_POINTS_H
#define NETRT_KERNELS_WINOGRAD_POINTS_H

/* Finite point i of the n at which Winograd's algorithm multiplies polynomials; the last one is
 * infinity. These round least, by the squares of the coefficients of all three transforms, among
 * multiples of 1/16, which keep coefficients exact. */
static inline float netrt_winograd_point(long n, long i)
{
    static const float five[] = {0, 0.75f, -0.75f, 2}, six[] = {0, 0.625f, -0.625f, 1.5f, -1.5f};
    static const float other[] = {0, 1, -1, 2, -2, 0.5f, -0.5f};
    return n == 5 ? five[i] : n == 6 ? six[i] : other[i];
}
/* What the weights at finite point i of n are divided by: the product of its distances to the
 * others. */
static inline float netrt_winograd_divisor(long n, long i)
{
    float product = 1;
    for (long k = 0; k < n - 1; k++)
        if (k != i)
            product *= netrt_winograd_point(n, i) - netrt_winograd_point(n, k);
    return product;
}

#endif
