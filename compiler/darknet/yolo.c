/* What YOLO finds, as the detectors of examples/yolo.net say it. */
#include "darknet/import.h"

#include <string.h>

enum { BOX = 5 /* center, size, whether something is there */, MOST_ANCHORS = 64 };

struct head {
    struct layer *layer;
    int64_t classes;
    struct reals widths, heights;
    double reach; /* how far a center goes, in cells */
};

/* The anchors that `mask` numbers, all of them without it. */
static bool take_anchors(struct head *h)
{
    int64_t pair[2 * MOST_ANCHORS], mask[MAX_RANK];
    int numbers, n;
    if (!key_ints(h->layer, "anchors", pair, 2 * MOST_ANCHORS, &numbers) ||
        !key_ints(h->layer, "mask", mask, MAX_RANK, &n))
        return false;
    if (!numbers || numbers % 2)
        return key_fail(h->layer, "anchors", "widths and heights in turn");
    if (!n && numbers / 2 > MAX_RANK)
        return key_fail(h->layer, "mask", "the numbers of up to 6 anchors");
    for (int i = 0; !n && i < numbers / 2; i++)
        mask[i] = i;
    n = n ? n : numbers / 2;
    for (int i = 0; i < n; i++) {
        if (mask[i] < 0 || mask[i] >= numbers / 2)
            return key_fail(h->layer, "mask", "numbers of anchors that there are");
        h->widths.at[i] = (double)pair[2 * mask[i]];
        h->heights.at[i] = (double)pair[2 * mask[i] + 1];
    }
    h->widths.n = h->heights.n = n;
    return true;
}

static bool take_nms(const struct layer *l)
{
    const struct cfg_option *o = cfg_find(l->section, "nms_kind");
    return !o || !strcmp(o->value, "default") || !strcmp(o->value, "greedynms") ||
           key_fail(l, "nms_kind", "greedynms");
}

static bool take_head(struct head *h)
{
    const struct layer *l = h->layer;
    const struct type *t = &l->out->type;
    if (!key_int(l, "classes", 20, 1, &h->classes) || !take_anchors(h) ||
        !key_real(l, "scale_x_y", 1, &h->reach) || !key_is(l, "new_coords", "0") || !take_nms(l))
        return false;
    const int64_t wanted = (int64_t)h->widths.n * (BOX + h->classes);
    if (t->rank != 4 || t->dim[1] != wanted)
        return layer_fail(l, "%d anchors and %lld classes take %lld channels, and %lld come",
                          (int)h->widths.n, (long long)h->classes, (long long)wanted,
                          (long long)type_c(t));
    return true;
}

/* A row for each anchor of each position. */
static struct node *rows(struct head *h)
{
    struct attrs split, turn, join;
    const int64_t k = BOX + h->classes;
    attrs_init(&split, OP_unflatten);
    split.dim = (struct dims){1, {1}};
    split.sizes = (struct dims){2, {-1, k}};
    attrs_init(&turn, OP_permute);
    turn.dims = (struct dims){5, {0, 3, 4, 1, 2}};
    attrs_init(&join, OP_reshape);
    join.shape = (struct dims){2, {-1, k}};
    return layer_add(h->layer, OP_unflatten, &split) && layer_add(h->layer, OP_permute, &turn) &&
                   layer_add(h->layer, OP_reshape, &join)
               ? h->layer->out
               : NULL;
}

/* Columns of rows, `n` from `first` on; 0: all that follow. */
static struct node *columns(struct head *h, struct node *of, int64_t first, int64_t n)
{
    struct attrs a;
    attrs_init(&a, OP_slice);
    a.dim = (struct dims){1, {2}};
    a.start = first;
    a.end = n ? first + n : a.end;
    return layer_make(h->layer, OP_slice, &a, &of, 1, NULL);
}

/* A center is a sigmoid within its cell, spread by `scale_x_y` around the middle of that: as if the
 * step from a cell to the next were longer. */
static struct node *boxes(struct head *h, const struct type *map, struct node *deltas)
{
    struct attrs around, decode;
    const struct type *in = &h->layer->import->input->type;
    attrs_init(&around, OP_anchors);
    attrs_init(&decode, OP_decode_yolo);
    around.lengths = h->widths;
    around.heights = h->heights;
    around.position = 0.5;
    for (int axis = 0; axis < 2; axis++) {
        around.size[axis] = type_along(map, axis);
        around.pitch[axis] = (double)type_along(in, axis) / (double)around.size[axis];
        decode.pitch[axis] = around.pitch[axis] * h->reach;
    }
    struct node *operands[2] = {deltas, NULL};
    operands[1] = layer_make(h->layer, OP_anchors, &around, NULL, 0, "around");
    return operands[1] ? layer_make(h->layer, OP_decode_yolo, &decode, operands, 2, "boxes") : NULL;
}

/* Whether something is there, times how likely each class is. */
static struct node *scores(struct head *h, struct node *all)
{
    struct attrs sigmoid, mul;
    struct node *operands[2], *likely = columns(h, all, 4, 0);
    attrs_init(&sigmoid, OP_sigmoid);
    attrs_init(&mul, OP_mul);
    if (!likely || !(likely = layer_make(h->layer, OP_sigmoid, &sigmoid, &likely, 1, NULL)))
        return NULL;
    operands[0] = columns(h, likely, 0, 1);
    operands[1] = columns(h, likely, 1, 0);
    return operands[0] && operands[1] ? layer_make(h->layer, OP_mul, &mul, operands, 2, "scores")
                                      : NULL;
}

bool section_yolo(struct layer *l)
{
    struct head h = {.layer = l};
    struct node *map = l->out;
    if (!take_head(&h))
        return false;
    layer_opens(l);
    struct node *all = rows(&h);
    struct node *deltas = all ? columns(&h, all, 0, 4) : NULL;
    struct found found = {.boxes = deltas ? boxes(&h, &map->type, deltas) : NULL};
    found.scores = found.boxes ? scores(&h, all) : NULL;
    l->out = map;
    if (found.scores)
        VEC_PUSH(l->import->arena, &l->import->found, found);
    return found.scores;
}
