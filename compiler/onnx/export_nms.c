/*
 * nms by NonMaxSuppression, which lists what it keeps of each class. The scores of these among low
 * ones, TopK of all classes, and zeros where it has found none are results of a fixed size.
 */
#include "onnx/export.h"

#include <float.h>
#include <stdint.h>

/* What stands where a box is none. */
static const double LOW = -FLT_MAX;

struct choosing {
    struct exporting *e;
    const struct attrs *a;
    int64_t boxes, all, classes; /* all: with the background */
    bool by_class; /* numbers of candidates count boxes first: scores lie by classes */
    bool own;      /* each class has boxes of its own */
};

static const char *turned(struct choosing *c, const char *what, const char *in)
{
    static const int64_t perm[] = {0, 2, 1};
    const char *t = STEP(c->e, what, "Transpose", in);
    export_ints(c->e, "perm", 3, perm);
    return t;
}

static const char *reshaped(struct choosing *c, const char *what, const char *in, int rank,
                            const int64_t *dim)
{
    return STEP(c->e, what, "Reshape", in, export_known_ints(c->e, "shape", rank, dim));
}

/* Low scores in the shape of some tensor. */
static const char *low_like(struct choosing *c, const char *in)
{
    return STEP(c->e, "low", "Min", in, export_known_real(c->e, "least", LOW));
}

/* Scores where something is true, which is spread to them, and low ones elsewhere. */
static const char *scores_where(struct choosing *c, const char *what, const char *is,
                                const char *scores)
{
    return STEP(c->e, what, "Where", is, scores, export_known_real(c->e, "least", LOW));
}

/* Of [N, boxes, ...] those boxes that are there, if their number is an operand. */
static const char *present(struct choosing *c, const char *scores)
{
    static const int64_t last = 2;
    int64_t *at = arena_array(c->e->x->arena, (size_t)c->boxes, sizeof *at);
    if (c->e->node->n_inputs < 3)
        return scores;
    for (int64_t i = 0; i < c->boxes; i++)
        at[i] = i;
    const char *is = STEP(c->e, "there", "Less", export_known_ints(c->e, "rows", (int)c->boxes, at),
                          export_in(c->e, 2));
    is = STEP(c->e, "each", "Unsqueeze", is, export_known_ints(c->e, "last", 1, &last));
    return scores_where(c, "present", is, scores);
}

/* [N, boxes, classes], without the background. */
static const char *scores_of(struct choosing *c)
{
    const int64_t dim[] = {-1, c->boxes, c->all};
    const char *t = reshaped(c, "each", export_in(c->e, 1), 3, dim);
    t = c->a->background ? export_part(c->e, "foreground", t, 2, 1, c->all) : t;
    return present(c, t);
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

struct span_of_level {
    int64_t first, end;
};

/* The boxes of each level; all of them where there are no levels. Returns how many levels. */
static int find_levels(const struct choosing *c, struct span_of_level span[MAX_RANK])
{
    const struct dims *levels = &c->a->levels;
    int64_t first = 0;
    for (int i = 0; i < levels->n; i++) {
        span[i] = (struct span_of_level){first, first + levels->at[i]};
        first = span[i].end;
    }
    if (!levels->n)
        span[0] = (struct span_of_level){0, c->boxes};
    return levels->n ? (int)levels->n : 1;
}

static const char *joined(struct choosing *c, const char *const *part, int n, int64_t axis)
{
    if (n == 1)
        return part[0];
    const char *t = export_step(c->e, "levels", "Concat", part, n);
    export_int(c->e, "axis", axis);
    return t;
}

static const char *best_of_levels(struct choosing *c, const char *scores)
{
    struct span_of_level span[MAX_RANK];
    const char *part[MAX_RANK];
    const int n = find_levels(c, span);
    if (!c->a->candidates)
        return scores;
    for (int i = 0; i < n; i++)
        part[i] = best_of_level(c, scores, span[i].first, span[i].end);
    return joined(c, part, n, 1);
}

/* ---- what overlaps a better box ---- */

/* Scores, [groups, classes, boxes], of boxes, [groups, boxes, 4], that have no short side. */
static const char *large(struct choosing *c, const char *boxes, const char *scores)
{
    if (c->a->min_size <= 0)
        return scores;
    const char *sides = STEP(c->e, "sides", "Sub", export_part(c->e, "to", boxes, 2, 2, 4),
                             export_part(c->e, "from", boxes, 2, 0, 2));
    const char *is = STEP(c->e, "long", "GreaterOrEqual", sides,
                          export_known_real(c->e, "side", c->a->min_size));
    is = turned(c, "along", is);
    is = STEP(c->e, "large", "And", export_part(c->e, "columns", is, 1, 0, 1),
              export_part(c->e, "rows", is, 1, 1, 2));
    return scores_where(c, "enough", is, scores);
}

/* The scores of what overlaps no better box of its class, the others low. */
static const char *suppressed(struct choosing *c, const char *boxes, const char *scores)
{
    const double most = (double)attrs_most_overlap(c->a);
    const double least = c->a->score_threshold > LOW ? c->a->score_threshold : LOW;
    scores = large(c, boxes, scores);
    const char *found = STEP(c->e, "found", "NonMaxSuppression", boxes, scores,
                             export_known_ints(c->e, "most", 1, &(int64_t){INT32_MAX}),
                             export_known_reals(c->e, "overlap", 1, &most),
                             export_known_reals(c->e, "threshold", 1, &least));
    const char *own = STEP(c->e, "own", "GatherND", scores, found);
    return STEP(c->e, "dense", "ScatterND", low_like(c, scores), found, own);
}

/* Boxes of classes as those of the groups of as many images: [N classes, boxes, 4]. */
static const char *suppressed_apart(struct choosing *c, const char *scores)
{
    static const int64_t perm[] = {0, 2, 1, 3};
    const int64_t each[] = {-1, c->boxes, 4}, one[] = {-1, 1, c->boxes};
    const int64_t dim[] = {-1, c->classes, c->boxes};
    const char *boxes = export_in(c->e, 0);
    boxes = c->a->background ? export_part(c->e, "foreground", boxes, 2, 1, c->all) : boxes;
    boxes = STEP(c->e, "apart", "Transpose", boxes);
    export_ints(c->e, "perm", 4, perm);
    boxes = reshaped(c, "groups", boxes, 3, each);
    const char *t = suppressed(c, boxes, reshaped(c, "groups", scores, 3, one));
    return reshaped(c, "classes", t, 3, dim);
}

/* Each class by itself: a row of scores as candidates are counted. */
static const char *row_of_classes(struct choosing *c)
{
    static const int64_t flat[] = {0, -1};
    const char *t = scores_of(c);
    if (c->by_class)
        t = best_along(c, turned(c, "classes", t), 2, c->boxes);
    else
        t = turned(c, "classes", best_of_levels(c, t));
    t = c->own ? suppressed_apart(c, t) : suppressed(c, export_in(c->e, 0), t);
    return reshaped(c, "row", c->by_class ? t : turned(c, "positions", t), 2, flat);
}

/* The box of each candidate, [N, boxes classes, 4]. */
static const char *boxes_of_candidates(struct choosing *c)
{
    const int64_t class = 2, spread[] = {1, 1, c->classes, 1};
    const int64_t dim[] = {0, c->boxes * c->classes, 4};
    const char *boxes = export_in(c->e, 0);
    if (c->own && c->a->background)
        boxes = export_part(c->e, "foreground", boxes, 2, 1, c->all);
    if (!c->own && c->classes > 1) {
        boxes = STEP(c->e, "every", "Unsqueeze", boxes, export_known_ints(c->e, "axis", 1, &class));
        boxes =
            STEP(c->e, "spread", "Expand", boxes, export_known_ints(c->e, "classes", 4, spread));
    }
    return c->own || c->classes > 1 ? reshaped(c, "list", boxes, 3, dim) : boxes;
}

/* All classes together, those of each level by themselves where there is one class: the same. */
static const char *row_of_levels(struct choosing *c)
{
    static const int64_t flat[] = {0, -1};
    struct span_of_level span[MAX_RANK] = {{0, c->boxes * c->classes}};
    const char *part[MAX_RANK], *boxes = boxes_of_candidates(c);
    const int n = c->a->agnostic ? 1 : find_levels(c, span);
    const int64_t dim[] = {0, 1, c->boxes * c->classes};
    const char *scores = reshaped(c, "list", best_of_levels(c, scores_of(c)), 3, dim);
    for (int i = 0; i < n; i++) {
        const struct span_of_level s = span[i];
        part[i] =
            suppressed(c, n > 1 ? export_part(c->e, "boxes", boxes, 1, s.first, s.end) : boxes,
                       n > 1 ? export_part(c->e, "part", scores, 2, s.first, s.end) : scores);
    }
    return reshaped(c, "row", joined(c, part, n, 2), 2, flat);
}

/* ---- results ---- */

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

/* Which boxes they are, of numbers of candidates: their numbers, and where they lie. */
static const char *give_numbers(struct choosing *c, const char *is, const char *places)
{
    const int64_t background = c->a->background;
    const char *inner = export_known_ints(c->e, "inner", 1, c->by_class ? &c->boxes : &c->classes);
    const char *outer = STEP(c->e, "outer", "Div", places, inner);
    inner = STEP(c->e, "rest", "Mod", places, inner);
    const char *class = c->by_class ? outer : inner, *box = c->by_class ? inner : outer;
    class = STEP(c->e, "class", "Add", class, export_known_ints(c->e, "first", 1, &background));
    class = there(c, "classes", is, class);
    box = there(c, "indices", is, box);
    give(c, 2, class);
    give(c, 4, box);
    if (!c->own)
        return box;
    box = STEP(c->e, "before", "Mul", box, export_known_ints(c->e, "all", 1, &c->all));
    return STEP(c->e, "at", "Add", box, class);
}

/* The boxes at these places. */
static const char *chosen_boxes(struct choosing *c, const char *is, const char *at)
{
    static const int64_t last = 2;
    const int64_t dim[] = {0, c->boxes * c->all, 4};
    const char *boxes = export_in(c->e, 0);
    boxes = c->own ? reshaped(c, "all", boxes, 3, dim) : boxes;
    const char *axis = export_known_ints(c->e, "last", 1, &last);
    boxes = STEP(c->e, "chosen", "GatherND", boxes, STEP(c->e, "where", "Unsqueeze", at, axis));
    export_int(c->e, "batch_dims", 1);
    return LAST(c->e, "Where", STEP(c->e, "are", "Unsqueeze", is, axis), boxes,
                export_known_real(c->e, "none", 0));
}

static const char *write_found(struct choosing *c, bool together)
{
    const int64_t n = c->e->node->type.dim[1];
    const char *row = together ? row_of_levels(c) : row_of_classes(c);
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
    struct choosing c = {e, a, boxes->dim[1], all, all - a->background, false, boxes->rank > 3};
    c.by_class = a->candidates && !a->levels.n && all > 1 && !a->agnostic;
    if (a->sigma > 0)
        return export_lacks(e, "scores that decay");
    if (c.classes < 1)
        return export_lacks(e, "no class but the background");
    return write_found(&c, a->agnostic || (a->levels.n && all == 1));
}
