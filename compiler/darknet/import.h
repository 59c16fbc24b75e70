/* What the files of this folder share: the layers so far, and how operators are made for one. */
#ifndef NETC_DARKNET_IMPORT_H
#define NETC_DARKNET_IMPORT_H

#include "darknet/cfg.h"
#include "darknet/darknet.h"

/* What a layer [yolo] finds. */
struct found {
    struct node *boxes, *scores;
};

struct import {
    struct arena *arena;
    struct strings *strings;
    struct diags *diags;
    struct graph *graph;
    struct node *input;
    VEC(struct node *) layers; /* by number: what flows out */
    VEC(struct found) found;
    const struct frame *frame; /* of the net */
};

/* A section that becomes operators. */
struct layer {
    struct import *import;
    const struct cfg_section *section;
    int64_t number;
    const struct frame *frame; /* of its operators: its own where there are several */
    int made;                  /* operators so far */
    struct node *out;          /* what flows, in and at last out */
};

/* Reports what is wrong with the layer; false, for functions to return. */
bool layer_fail(const struct layer *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of a key, at its line, or of its section where it is not written; `must` says what it
 * has to be. */
bool key_fail(const struct layer *, const char *key, const char *must);

/* Numbers of keys that are not below `least`; `otherwise` where a key is not written. False:
 * reported. */
bool key_int(const struct layer *, const char *key, int64_t otherwise, int64_t least, int64_t *to);
bool key_real(const struct layer *, const char *key, double otherwise, double *to);
/* A key that netc computes with one value alone. */
bool key_is(const struct layer *, const char *key, const char *only);
/* Numbers with commas between; *n is 0 where the key is not written. */
bool key_ints(const struct layer *, const char *key, int64_t *to, int most, int *n);

/* The layer will be several operators, called after its number and theirs, "3.0", "3.1". */
void layer_opens(struct layer *);
/* An operator behind what flows; it is what flows then. False: reported. */
bool layer_add(struct layer *, enum op, const struct attrs *);
/* One over other operands; NULL: reported. `name` within the layer's scope, NULL: the next number.
 */
struct node *layer_make(struct layer *, enum op, const struct attrs *, struct node *const *inputs,
                        int n, const char *name);
/* Makes what flows [N, C], whatever it is. */
bool layer_flatten(struct layer *);
/* What key `activation` says, of an operator that flows. Whether it is any but "linear" is asked
 * before. */
bool layer_activation(struct layer *, const char *otherwise);
bool is_linear(const struct layer *, const char *otherwise);

/* An operator that belongs to no layer alone, at the place of `shape`. NULL: reported. */
struct node *append_node(struct import *, struct shape *, enum op, const struct attrs *,
                         struct node *const *inputs, int n, const char *name);

/* Names all sections and keys that netc does not know, before anything is made. */
bool check_words(struct import *, const struct cfg *);

/* The layers of sections.def. */
typedef bool section_maker(struct layer *);
section_maker *section_maker_of(const struct cfg_section *);
#define SECTION(name, maker, keys, training) section_maker section_##maker;
#include "darknet/sections.def"

#endif
