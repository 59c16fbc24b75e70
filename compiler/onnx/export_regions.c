/*
 * Regions of maps in one size, and masks at their places in a picture. Of a pyramid each region is
 * taken from all maps, and that of its level is chosen.
 */
#include "onnx/export.h"

/* ---- regions of maps ---- */

/* Regions of all images one after the other, [N regions, 4]. */
static const char *list_of_regions(struct exporting *e)
{
    static const int64_t list[] = {-1, 4};
    return STEP(e, "list", "Reshape", export_in(e, e->node->n_inputs - 1),
                export_known_ints(e, "list.shape", 2, list));
}

/* The image of each region: 0, 0, ..., 1, 1, ... */
static const char *images_of_regions(struct exporting *e)
{
    static const int64_t zero = 0, one = 1, flat = -1;
    const char *rois = export_in(e, e->node->n_inputs - 1);
    const int64_t spread[] = {1, export_type(e, e->node->n_inputs - 1)->dim[1]};
    const char *n = STEP(e, "batch", "Shape", rois);
    export_int(e, "start", 0);
    export_int(e, "end", 1);
    const char *axis = export_known_ints(e, "axis", 1, &zero);
    n = STEP(e, "n", "Squeeze", n, axis);
    const char *first = STEP(e, "first", "Squeeze", export_known_ints(e, "zero", 1, &zero), axis);
    const char *step = STEP(e, "step", "Squeeze", export_known_ints(e, "one", 1, &one), axis);
    const char *t = STEP(e, "images", "Range", first, n, step);
    t = STEP(e, "column", "Unsqueeze", t, export_known_ints(e, "last", 1, &one));
    t = STEP(e, "each", "Expand", t, export_known_ints(e, "regions", 2, spread));
    return STEP(e, "image", "Reshape", t, export_known_ints(e, "flat", 1, &flat));
}

struct regions {
    struct exporting *e;
    const char *list, *image; /* of roi_pool the image stands in the list, before the corners */
};

static const char *add_node(struct regions *r, bool last, const char *map)
{
    struct exporting *e = r->e;
    const char *in[] = {map, r->list, r->image};
    return last ? export_last(e, e->row->name, in, 3)
                : export_step(e, "level", e->row->name, in, 3);
}

/* The regions of a map, as the last node where there is no other map. */
static const char *regions_of(struct regions *r, int map, bool last)
{
    const struct attrs *a = &r->e->node->attr;
    const char *t = add_node(r, last, export_in(r->e, map));
    export_real(r->e, "spatial_scale", a->scales.at[map]);
    if (r->e->node->op == OP_roi_pool) {
        export_ints(r->e, "pooled_shape", 2, a->size);
        return t;
    }
    export_int(r->e, "output_height", a->size[0]);
    export_int(r->e, "output_width", a->size[1]);
    export_int(r->e, "sampling_ratio", a->sampling_ratio);
    export_string(r->e, "coordinate_transformation_mode",
                  a->aligned ? "half_pixel" : "output_half_pixel");
    return t;
}

/* The side of a square as large as each region, [N regions, 1, 1, 1]. */
static const char *sides_of(struct exporting *e, const char *list)
{
    static const int64_t axes[] = {2, 3};
    const char *sides = STEP(e, "sides", "Sub", export_part(e, "to", list, 1, 2, 4),
                             export_part(e, "from", list, 1, 0, 2));
    const char *t = STEP(e, "area", "Mul", export_part(e, "width", sides, 1, 0, 1),
                         export_part(e, "height", sides, 1, 1, 2));
    t = STEP(e, "side", "Sqrt", t);
    return STEP(e, "side", "Unsqueeze", t, export_known_ints(e, "maps", 2, axes));
}

static const char *regions_of_level(struct regions *r)
{
    struct exporting *e = r->e;
    const int maps = e->node->n_inputs - 1;
    if (maps == 1)
        return regions_of(r, 0, true);
    const char *side = sides_of(e, list_of_regions(e)), *t = regions_of(r, 0, false);
    for (int i = 1; i < maps; i++) {
        const double least = (double)attrs_least_side(&e->node->attr, i);
        const char *is =
            STEP(e, "coarser", "GreaterOrEqual", side, export_known_real(e, "least", least));
        const char *map = regions_of(r, i, false);
        t = i + 1 < maps ? STEP(e, "level", "Where", is, map, t) : LAST(e, "Where", is, map, t);
    }
    return t;
}

const char *export_roi_align(struct exporting *e)
{
    struct regions r = {e, list_of_regions(e), images_of_regions(e)};
    return regions_of_level(&r);
}

/* MaxRoiPool reads the image as a float before the corners. */
const char *export_roi_pool(struct exporting *e)
{
    static const int64_t last = 1;
    const char *image = STEP(e, "float", "Cast", images_of_regions(e));
    export_int(e, "to", file_number(DTYPE_f32));
    image = STEP(e, "before", "Unsqueeze", image, export_known_ints(e, "second", 1, &last));
    struct regions r = {e, STEP(e, "rois", "Concat", image, list_of_regions(e)), NULL};
    export_int(e, "axis", 1);
    return regions_of_level(&r);
}

/* ---- masks in pictures ---- */

/* Corners as whole numbers, what is none as 0: those that PyTorch's long() gives, but for NaN and
 * numbers of more than 24 bits. */
static const char *whole_corners(struct exporting *e)
{
    const double most = 0x1p24;
    const char *boxes = export_in(e, 1);
    const char *t = STEP(e, "none", "IsNaN", boxes);
    t = STEP(e, "numbers", "Where", t, export_known_real(e, "zero", 0), boxes);
    t = STEP(e, "held", "Clip", t, export_known_real(e, "least", -most),
             export_known_real(e, "most", most));
    t = STEP(e, "long", "Cast", t);
    export_int(e, "to", file_number(DTYPE_i64));
    t = STEP(e, "whole", "Cast", t);
    export_int(e, "to", file_number(DTYPE_f32));
    return t;
}

/* 0, 1, ... as floats. */
static const char *known_positions(struct exporting *e, const char *what, int64_t n)
{
    double *at = arena_array(e->x->arena, (size_t)n, sizeof *at);
    for (int64_t i = 0; i < n; i++)
        at[i] = (double)i;
    return export_known_reals(e, what, (int)n, at);
}

/*
 * The share of each position of a mask in each one of the picture along an axis, [N, boxes, out,
 * in], of corners [N, boxes, 4]: a position of the picture that the box covers lies between two of
 * the mask, and the share of each is 1 less its distance.
 */
static const char *shares(struct exporting *e, const char *corners, int axis, int64_t in,
                          int64_t out)
{
    static const int64_t last[] = {3};
    const char *zero = export_known_real(e, "zero", 0), *one = export_known_real(e, "one", 1);
    const char *half = export_known_real(e, "half", 0.5);
    const char *from = export_part(e, "begin", corners, 2, axis, axis + 1);
    const char *to = export_part(e, "last", corners, 2, axis + 2, axis + 3);
    const char *length = STEP(e, "length", "Add", STEP(e, "behind", "Sub", to, from), one);
    length = STEP(e, "length", "Max", length, one);
    const char *step = STEP(e, "step", "Div", export_known_real(e, "size", (double)in), length);
    const char *i = STEP(e, "inside", "Sub", known_positions(e, "places", out), from);
    const char *is = STEP(e, "covered", "And", STEP(e, "behind", "GreaterOrEqual", i, zero),
                          STEP(e, "before", "Less", i, length));
    const char *at = STEP(e, "middle", "Mul", STEP(e, "center", "Add", i, half), step);
    at = STEP(e, "at", "Clip", STEP(e, "shifted", "Sub", at, half), zero,
              export_known_real(e, "end", (double)(in - 1)));
    const char *axes = export_known_ints(e, "axes", 1, last);
    at = STEP(e, "each", "Unsqueeze", at, axes);
    at = STEP(e, "away", "Abs", STEP(e, "to", "Sub", at, known_positions(e, "cells", in)));
    at = STEP(e, "share", "Relu", STEP(e, "near", "Sub", one, at));
    return STEP(e, "shares", "Where", STEP(e, "is", "Unsqueeze", is, axes), at, zero);
}

/* Shares of rows times the mask times those of columns. */
const char *export_paste_masks(struct exporting *e)
{
    static const int64_t perm[] = {0, 1, 3, 2};
    const struct type *masks = export_type(e, 0);
    const int64_t *size = e->node->attr.size;
    const char *corners = whole_corners(e);
    const char *rows = shares(e, corners, 1, masks->dim[2], size[0]);
    const char *columns = shares(e, corners, 0, masks->dim[3], size[1]);
    columns = STEP(e, "turned", "Transpose", columns);
    export_ints(e, "perm", 4, perm);
    return LAST(e, "MatMul", STEP(e, "down", "MatMul", rows, export_in(e, 0)), columns);
}

const char *export_heatmaps_to_keypoints(struct exporting *e)
{
    return export_lacks(e, "maps that are resized to a size of their own each");
}
