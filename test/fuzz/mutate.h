/* Mutations of inputs, a function of a seed alone. */
#ifndef NETC_FUZZ_MUTATE_H
#define NETC_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* A growing input; `at` is from malloc. */
struct bytes {
    unsigned char *at;
    size_t n, capacity;
};

void bytes_release(struct bytes *);
void bytes_copy(struct bytes *to, const struct bytes *from);
/* Reads a file whole; returns 0, or -1 if it cannot be read. */
int bytes_read(struct bytes *, const char *path);

/* A stream of random numbers. */
struct random {
    uint64_t state;
};

/* A number in [0, n), n at least 1. */
size_t random_below(struct random *, size_t n);

typedef void mutation(struct random *, struct bytes *, const struct bytes *other);

/* Changes the input in one to four ways: bits, bytes, numbers, pieces removed, repeated or moved,
 * pieces of `other`, words of a text exchanged, an early end. */
void mutate(struct random *, struct bytes *, const struct bytes *other);
/* The same for an ONNX file: mostly one that can still be read, with another graph. */
void mutate_onnx(struct random *, struct bytes *, const struct bytes *other);

#endif
