/* Detection: boxes of anchors, known when they are written, and what deltas make of boxes. */
#include "onnx/export.h"

#include <math.h>

/* Half the sides of the anchors of a size and a ratio, in floats, as PyTorch computes them. */
static void half_sides(const struct attrs *a, int size, int ratio, float half[2])
{
    const float length = (float)a->lengths.at[size], root = sqrtf((float)a->ratios.at[ratio]);
    if (a->heights.n > 0) {
        half[0] = length / 2;
        half[1] = (float)a->heights.at[size] / 2;
        return;
    }
    half[0] = nearbyintf(1 / root * length / 2);
    half[1] = nearbyintf(root * length / 2);
}

/* The boxes of a position of the map, after `to`. Returns where the next ones go. */
static double *put_anchors(const struct attrs *a, int64_t row, int64_t column, double *to)
{
    const float x = ((float)column + (float)a->position) * (float)a->pitch[1];
    const float y = ((float)row + (float)a->position) * (float)a->pitch[0];
    const int ratios = a->heights.n > 0 ? 1 : (int)a->ratios.n;
    float half[2];
    for (int ratio = 0; ratio < ratios; ratio++)
        for (int size = 0; size < (int)a->lengths.n; size++) {
            half_sides(a, size, ratio, half);
            *to++ = x - half[0];
            *to++ = y - half[1];
            *to++ = x + half[0];
            *to++ = y + half[1];
        }
    return to;
}

const char *export_anchors(struct exporting *e)
{
    const struct type *t = &e->node->type;
    const struct attrs *a = &e->node->attr;
    double *all = arena_array(e->x->arena, (size_t)type_elements(t), sizeof *all), *to = all;
    for (int64_t row = 0; row < a->size[0]; row++)
        for (int64_t column = 0; column < a->size[1]; column++)
            to = put_anchors(a, row, column, to);
    const char *flat = export_known_reals(e, "boxes", (int)type_elements(t), all);
    return LAST(e, "Reshape", flat, export_known_ints(e, "shape", t->rank, t->dim));
}

/* The first two numbers of four, or the others. */
static const char *pair(struct exporting *e, const char *what, const char *in, int which)
{
    return export_part(e, what, in, -1, 2 * which, 2 * which + 2);
}

/* x and y of what has them in the order of rows and columns. */
static const char *known_pair(struct exporting *e, const char *what, double y, double x)
{
    const double both[] = {x, y};
    return export_known_reals(e, what, 2, both);
}

/* Deltas as the results lie, and boxes with a class where those have some. */
static const char *deltas_of(struct exporting *e)
{
    const struct type *t = &e->node->type, *in = export_type(e, 0);
    if (in->rank == t->rank)
        return export_in(e, 0);
    int64_t dim[MAX_RANK];
    for (int i = 0; i < t->rank; i++)
        dim[i] = i ? t->dim[i] : -1;
    return STEP(e, "deltas", "Reshape", export_in(e, 0),
                export_known_ints(e, "shape", t->rank, dim));
}

static const char *boxes_of(struct exporting *e)
{
    static const int64_t classes[] = {2};
    if (e->node->type.rank == 3)
        return export_in(e, 1);
    return STEP(e, "each", "Unsqueeze", export_in(e, 1), export_known_ints(e, "axes", 1, classes));
}

/* How far centers go, and what sides are times. */
struct changes {
    const char *move, *factor;
};

/* By R-CNN's rule moves are in shares of the sides, and factors end at 1000 / 16. */
static struct changes by_sides(struct exporting *e, const char *deltas, const char *side)
{
    const struct reals *given = &e->node->attr.weights;
    const int last = given->n == 1 ? 0 : 1;
    const double *w = given->at;
    const char *move = pair(e, "shift", deltas, 0), *factor = pair(e, "growth", deltas, 1);
    move = STEP(e, "share", "Div", move, known_pair(e, "weights", w[last], w[0]));
    factor = STEP(e, "log", "Div", factor, known_pair(e, "weights", w[3 * last], w[2 * last]));
    factor = STEP(e, "most", "Min", factor, export_known_real(e, "limit", log(1000.0 / 16)));
    return (struct changes){STEP(e, "move", "Mul", move, side), STEP(e, "factor", "Exp", factor)};
}

/* By YOLO's rules moves are in strides, from the middle of a cell. */
static struct changes by_cells(struct exporting *e, const char *deltas)
{
    const struct attrs *a = &e->node->attr;
    const double reach = a->scaled ? 2 : 1;
    const char *move = STEP(e, "shift", "Sigmoid", pair(e, "xy", deltas, 0));
    const char *factor = pair(e, "growth", deltas, 1);
    move = STEP(e, "middle", "Sub", move, export_known_real(e, "half", 0.5));
    move = STEP(e, "move", "Mul", move,
                known_pair(e, "stride", reach * a->pitch[0], reach * a->pitch[1]));
    if (!a->scaled)
        return (struct changes){move, STEP(e, "factor", "Exp", factor)};
    factor = STEP(e, "twice", "Mul", STEP(e, "sigmoid", "Sigmoid", factor),
                  export_known_real(e, "two", 2));
    return (struct changes){move, STEP(e, "factor", "Mul", factor, factor)};
}

/* Corners end at the border of the picture, if there is one. */
static const char *join_corners(struct exporting *e, const char *center, const char *half)
{
    const struct attrs *a = &e->node->attr;
    const char *least = STEP(e, "least", "Sub", center, half);
    const char *most = STEP(e, "most", "Add", center, half), *t;
    const double border[] = {(double)a->size[1], (double)a->size[0], (double)a->size[1],
                             (double)a->size[0]};
    if (!a->size[0] && !a->size[1]) {
        t = LAST(e, "Concat", least, most);
        export_int(e, "axis", -1);
        return t;
    }
    t = STEP(e, "corners", "Concat", least, most);
    export_int(e, "axis", -1);
    t = STEP(e, "inside", "Max", t, export_known_real(e, "zero", 0));
    return LAST(e, "Min", t, export_known_reals(e, "border", 4, border));
}

const char *export_decode(struct exporting *e)
{
    const char *deltas = deltas_of(e), *boxes = boxes_of(e);
    const char *half = export_known_real(e, "half", 0.5);
    const char *from = pair(e, "from", boxes, 0), *to = pair(e, "to", boxes, 1);
    const char *side = STEP(e, "side", "Sub", to, from);
    const struct changes c =
        e->node->op == OP_decode ? by_sides(e, deltas, side) : by_cells(e, deltas);
    const char *center = STEP(e, "before", "Add", from, STEP(e, "radius", "Mul", side, half));
    center = STEP(e, "center", "Add", center, c.move);
    const char *sides = STEP(e, "sides", "Mul", c.factor, side);
    return join_corners(e, center, STEP(e, "reach", "Mul", sides, half));
}

/* 1 where both first numbers are at least 0, and both others are within the picture. */
const char *export_inside(struct exporting *e)
{
    static const int64_t last = 2;
    const struct attrs *a = &e->node->attr;
    const char *boxes = export_in(e, 0);
    const char *from = STEP(e, "begins", "GreaterOrEqual", pair(e, "from", boxes, 0),
                            export_known_real(e, "zero", 0));
    const char *to = STEP(e, "ends", "LessOrEqual", pair(e, "to", boxes, 1),
                          known_pair(e, "border", (double)a->size[0], (double)a->size[1]));
    const char *t = STEP(e, "within", "And", from, to);
    t = STEP(e, "both", "And", export_part(e, "columns", t, last, 0, 1),
             export_part(e, "rows", t, last, 1, 2));
    t = STEP(e, "each", "Squeeze", t, export_known_ints(e, "axis", 1, &last));
    t = LAST(e, "Cast", t);
    export_int(e, "to", file_number(DTYPE_f32));
    return t;
}
