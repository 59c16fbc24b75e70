/*
 * The peak of fused multiply-adds of one core, in GFLOP/s: independent chains in registers, nothing
 * from memory. Prints the best of many short runs. Build with -O3 -march=native.
 */
#include <stdio.h>
#include <time.h>

#if defined __AVX512F__
enum { LANES = 16, CHAINS = 24 };
#elif defined __AVX__
enum { LANES = 8, CHAINS = 12 };
#elif defined __aarch64__
enum { LANES = 4, CHAINS = 24 };
#else
enum { LANES = 4, CHAINS = 12 };
#endif
enum { STEPS = 100000, RUNS = 200 };

typedef float vector __attribute__((vector_size(4 * LANES)));

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* STEPS rounds of CHAINS multiply-adds; the sum keeps the compiler from dropping them. */
static float run(float start)
{
    vector a = {0}, b = {0}, x[CHAINS], sum = {0};
    a += start;
    b += 1 - start;
    for (int i = 0; i < CHAINS; i++)
        x[i] = b + (float)i;
    for (long n = 0; n < STEPS; n++) {
#pragma GCC unroll 32
        for (int i = 0; i < CHAINS; i++)
            x[i] = x[i] * a + b;
    }
    for (int i = 0; i < CHAINS; i++)
        sum += x[i];
    return sum[0];
}

int main(void)
{
    double best = 1e30;
    volatile float kept = 0.5f;
    for (int i = 0; i < RUNS; i++) {
        double start = now();
        kept = run(kept > 0 ? 0.5f : 0.25f);
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    printf("%.1f\n", 2e-9 * LANES * CHAINS * STEPS / best);
    return 0;
}
