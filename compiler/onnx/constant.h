/*
 * Tensors whose elements are known: initializers, and what is computed of them. A constant is a
 * view of elements that lie elsewhere, in steps of its strides, as NumPy's arrays are: moving
 * dimensions copies nothing.
 */
#ifndef NETC_ONNX_CONSTANT_H
#define NETC_ONNX_CONSTANT_H

#include "ir/tensor.h"

enum { CONSTANT_RANK = 8 };

struct constant {
    enum dtype dtype;
    int rank;
    int64_t dim[CONSTANT_RANK], stride[CONSTANT_RANK]; /* in elements; a stride may be 0 or below */
    const unsigned char *data; /* of the first element, in its dtype's bytes */
    const char *name;          /* of the initializer of which this is all, in its shape; or NULL */
    const struct constant *of; /* the one with a name that this is a view of; or NULL */
};

/* How many elements may still be written: a file's own few times over, whatever it asks for. */
struct budget {
    int64_t elements;
};

/* Takes so many of it; false: there are not as many left. */
bool budget_take(struct budget *, int64_t elements);

bool dtype_is_float(enum dtype);

/* The product; false: it is no size that can be addressed. */
bool constant_count(int rank, const int64_t *dim, int64_t *elements);
int64_t constant_elements(const struct constant *);
/* The strides of C order. */
void constant_order(struct constant *);
bool constant_is_in_order(const struct constant *);
bool constant_same_shape(const struct constant *, const struct constant *);

/* The elements in C order, one after the other. */
struct walk {
    const struct constant *of;
    int64_t index[CONSTANT_RANK], at;
};
void walk_begin(struct walk *, const struct constant *, int64_t first);
/* Where the element lies, from `data` on; then the next one's turn comes. */
int64_t walk_next(struct walk *);

/* The element that lies `at` elements behind the first. Of floats an integer is what C makes of
 * them, or the nearest that there is. */
double constant_real(const struct constant *, int64_t at);
int64_t constant_int(const struct constant *, int64_t at);
/* Element `i` in C order. */
double constant_real_at(const struct constant *, int64_t i);
int64_t constant_int_at(const struct constant *, int64_t i);
/* Elements first .. first + n - 1 in C order, as floats. */
void constant_floats(const struct constant *, int64_t first, int64_t n, float *to);
/* Whether all elements are one number; of a large one it is not asked. */
bool constant_uniform(const struct constant *, double *value);

/* A constant in C order whose elements are written through *elements: float for floats of at most
 * 32 bits, double, int64_t for integers, a byte for bool; its dtype is that of what is written.
 * NULL: beyond the budget. */
struct constant *constant_new(struct arena *, struct budget *, enum dtype, int rank,
                              const int64_t *dim, void **elements);
/* Writes element `i`. */
void constant_put_real(struct constant *, void *elements, int64_t i, double);
void constant_put_int(struct constant *, void *elements, int64_t i, int64_t);
/* Copies an element of another constant, `at` behind its first. */
void constant_put(struct constant *, void *elements, int64_t i, const struct constant *from,
                  int64_t at);

/* Views: in the arena. */
struct constant *constant_view(struct arena *, const struct constant *);
struct constant *constant_permuted(struct arena *, const struct constant *, const int *perm);
/* Position first, first + step, … of a dimension, n of them, all inside. */
struct constant *constant_sliced(struct arena *, const struct constant *, int axis, int64_t first,
                                 int64_t n, int64_t step);
/* Spread to a shape of equal or larger rank as NumPy does it; NULL: it does not fit. */
struct constant *constant_spread(struct arena *, const struct constant *, int rank,
                                 const int64_t *dim);
/* The same elements in another shape of as many; copied where they do not lie in order. NULL:
 * beyond the budget. */
struct constant *constant_reshaped(struct arena *, struct budget *, const struct constant *,
                                   int rank, const int64_t *dim);
/* A scalar or a vector of integers. */
struct constant *constant_of_ints(struct arena *, int rank, int64_t n, const int64_t *values);

#endif
