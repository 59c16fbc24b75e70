/*
 * nms by NonMaxSuppression, which lists what it keeps of each class. The scores of these among low
 * ones, TopK of all classes, and zeros where it has found none are results of a fixed size.
 */
#include "onnx/export.h"

#include <float.h>

/* What stands where a box is none. */
static const double LOW = -FLT_MAX;

struct choosing {
    struct exporting *e;
    const struct attrs *a;
    int64_t boxes, classes; /* but for the background */
    bool by_class;          /* numbers of candidates count boxes first: scores lie by classes */
};

static const char *turned(struct choosing *c, const char *what, const char *in)
{
    static const int64_t perm[] = {0, 2, 1};
    const char *t = STEP(c->e, what, "Transpose", in);
    export_ints(c->e, "perm", 3, perm);
    return t;
}

/* [N, boxes, classes], without the background. */
static const char *scores_of(struct choosing *c)
{
    const int64_t all = c->classes + c->a->background;
    const int64_t dim[] = {-1, c->boxes, all};
    const char *t =
        STEP(c->e, "each", "Reshape", export_in(c->e, 1), export_known_ints(c->e, "shape", 3, dim));
    return c->a->background ? export_part(c->e, "foreground", t, 2, 1, all) : t;
}

/* Low scores in the shape of some tensor. */
static const char *low_like(struct choosing *c, const char *in)
{
    return STEP(c->e, "low", "Min", in, export_known_real(c->e, "least", LOW));
}

/* Of so many scores along an axis only the best, the others low. */
static const char *best_along(struct choosing *c, const char *in, int64_t axis, int64_t n)
{
    const int64_t most = c->a->candidates;
    if (!most || most >= n)
        return in;
    const char *values =
        STEP(c->e, "best", "TopK", in, export_known_ints(c->e, "candidates", 1, &most));
    export_int(c->e, "axis", axis);
    const char *indices = export_more(c->e, "places");
    const char *t = STEP(c->e, "kept", "ScatterElements", low_like(c, in), indices, values);
    export_int(c->e, "axis", axis);
    return t;
}

/* The same of the boxes of a level, and of all their classes together. */
static const char *best_of_level(struct choosing *c, const char *in, int64_t first, int64_t end)
{
    const int64_t flat[] = {0, -1}, dim[] = {0, end - first, c->classes};
    const char *t = export_part(c->e, "level", in, 1, first, end);
    t = STEP(c->e, "flat", "Reshape", t, export_known_ints(c->e, "shape", 2, flat));
    t = best_along(c, t, 1, (end - first) * c->classes);
    return STEP(c->e, "level", "Reshape", t, export_known_ints(c->e, "shape", 3, dim));
}

static const char *best_of_levels(struct choosing *c, const char *scores)
{
    const struct dims *levels = &c->a->levels;
    const int n = levels->n ? (int)levels->n : 1;
    const char *part[MAX_RANK];
    int64_t first = 0;
    for (int i = 0; i < n; i++) {
        const int64_t end = levels->n ? first + levels->at[i] : c->boxes;
        part[i] = best_of_level(c, scores, first, end);
        first = end;
    }
    if (n == 1)
        return part[0];
    const char *t = export_step(c->e, "levels", "Concat", part, n);
    export_int(c->e, "axis", 1);
    return t;
}

/* Candidates by classes, [N, classes, boxes]. */
static const char *candidates(struct choosing *c)
{
    const char *scores = scores_of(c);
    if (c->by_class)
        return best_along(c, turned(c, "classes", scores), 2, c->boxes);
    if (c->a->candidates)
        scores = best_of_levels(c, scores);
    return turned(c, "classes", scores);
}

/* The scores of what overlaps no better box, the others low: in a row as candidates are counted. */
static const char *suppressed(struct choosing *c)
{
    const int64_t flat[] = {0, -1};
    const char *scores = candidates(c);
    const double least = c->a->score_threshold > LOW ? c->a->score_threshold : LOW;
    const char *found = STEP(c->e, "found", "NonMaxSuppression", export_in(c->e, 0), scores,
                             export_known_ints(c->e, "most", 1, &c->boxes),
                             export_known_reals(c->e, "overlap", 1, &c->a->iou_threshold),
                             export_known_reals(c->e, "threshold", 1, &least));
    const char *own = STEP(c->e, "own", "GatherND", scores, found);
    const char *t = STEP(c->e, "dense", "ScatterND", low_like(c, scores), found, own);
    t = c->by_class ? t : turned(c, "positions", t);
    return STEP(c->e, "row", "Reshape", t, export_known_ints(c->e, "shape", 2, flat));
}

static void give(struct choosing *c, int result, const char *name)
{
    map_put(&c->e->x->further[result], c->e->node, (void *)(uintptr_t)name);
}

/* What is found, and zeros behind the last. */
static const char *there(struct choosing *c, const char *what, const char *is, const char *in)
{
    static const int64_t zero = 0;
    return STEP(c->e, what, "Where", is, in, export_known_ints(c->e, "zero", 1, &zero));
}

static const char *give_count(struct choosing *c, const char *is)
{
    static const int64_t axis = 1;
    const char *ones = STEP(c->e, "ones", "Cast", is);
    export_int(c->e, "to", file_number(DTYPE_i64));
    return STEP(c->e, "count", "ReduceSum", ones, export_known_ints(c->e, "axis", 1, &axis));
}

/* Numbers of classes and of boxes, of numbers of candidates. */
static const char *give_numbers(struct choosing *c, const char *is, const char *places)
{
    const int64_t background = c->a->background;
    const char *inner = export_known_ints(c->e, "inner", 1, c->by_class ? &c->boxes : &c->classes);
    const char *outer = STEP(c->e, "outer", "Div", places, inner);
    inner = STEP(c->e, "rest", "Mod", places, inner);
    const char *class = c->by_class ? outer : inner, *box = c->by_class ? inner : outer;
    class = STEP(c->e, "class", "Add", class, export_known_ints(c->e, "first", 1, &background));
    give(c, 2, there(c, "classes", is, class));
    box = there(c, "indices", is, box);
    give(c, 4, box);
    return box;
}

/* The boxes of these numbers. */
static const char *chosen_boxes(struct choosing *c, const char *is, const char *numbers)
{
    static const int64_t last = 2;
    const char *axis = export_known_ints(c->e, "last", 1, &last);
    const char *at = STEP(c->e, "at", "Unsqueeze", numbers, axis);
    const char *boxes = STEP(c->e, "chosen", "GatherND", export_in(c->e, 0), at);
    export_int(c->e, "batch_dims", 1);
    return LAST(c->e, "Where", STEP(c->e, "are", "Unsqueeze", is, axis), boxes,
                export_known_real(c->e, "none", 0));
}

static const char *write_found(struct choosing *c)
{
    const int64_t n = c->e->node->type.dim[1];
    const char *row = suppressed(c);
    const char *values = STEP(c->e, "top", "TopK", row, export_known_ints(c->e, "n", 1, &n));
    export_int(c->e, "axis", 1);
    const char *places = export_more(c->e, "numbers");
    const char *is = STEP(c->e, "is", "Greater", values, export_known_real(c->e, "low", LOW));
    give(c, 1, STEP(c->e, "scores", "Where", is, values, export_known_real(c->e, "none", 0)));
    give(c, 3, give_count(c, is));
    return chosen_boxes(c, is, give_numbers(c, is, places));
}

const char *export_nms(struct exporting *e)
{
    const struct attrs *a = &e->node->attr;
    const struct type *boxes = export_type(e, 0), *scores = export_type(e, 1);
    const int64_t all = type_elements(scores) / (boxes->dim[0] * boxes->dim[1]);
    struct choosing c = {e, a, boxes->dim[1], all - a->background, false};
    c.by_class = a->candidates && !a->levels.n && all > 1;
    if (boxes->rank > 3)
        return export_lacks(e, "boxes of their own for each class");
    if (e->node->n_inputs > 2)
        return export_lacks(e, "boxes of which as many are there as were found");
    if (a->sigma > 0 || a->min_size > 0)
        return export_lacks(e, a->sigma > 0 ? "scores that decay" : "a least side of boxes");
    if ((a->agnostic && all > 1) || (a->levels.n && all == 1))
        return export_lacks(e, "groups of boxes that are not their classes");
    return write_found(&c);
}
