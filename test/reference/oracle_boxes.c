/* Detection by its definition, for oracle.c. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>

/* A box with a class: where its sides are, its score, and whether a better one leaves it out. */
struct candidate {
    const double *side;
    double score;
    long class;
    bool out;
};

static double area(const double *s)
{
    return (s[2] - s[0]) * (s[3] - s[1]);
}

static double overlap(const double *a, const double *b)
{
    const double w = fmin(a[2], b[2]) - fmax(a[0], b[0]), h = fmin(a[3], b[3]) - fmax(a[1], b[1]);
    const double both = fmax(w, 0) * fmax(h, 0);
    return both / (area(a) + area(b) - both);
}

/* All candidates of an image, at `c`; how many. */
static long candidates(const struct node *node, const struct tensor *const *in, long image,
                       struct candidate *c)
{
    const struct type *boxes = &node->input[0]->type;
    const struct attrs *a = &node->attr;
    const long rows = (long)boxes->dim[1], images = (long)boxes->dim[0];
    const long classes = (long)type_elements(&node->input[1]->type) / images / rows;
    const long there = node->n_inputs > 2 ? (long)in[2]->at[image] : rows;
    long n = 0;
    for (long i = 0; i < there * classes; i++) {
        const long at = image * rows * classes + i;
        const double *side = in[0]->at + 4 * (boxes->rank == 4 ? at : at / classes);
        const bool small = side[2] - side[0] < a->min_size || side[3] - side[1] < a->min_size;
        if (in[1]->at[at] > a->score_threshold && i % classes >= a->background &&
            (a->min_size == 0 || !small))
            c[n++] = (struct candidate){side, in[1]->at[at], i % classes, false};
    }
    return n;
}

/* The first of the best that are left; NULL: there is none. */
static struct candidate *best_of(struct candidate *c, long n)
{
    struct candidate *best = NULL;
    for (long i = 0; i < n; i++)
        if (!c[i].out && (!best || c[i].score > best->score))
            best = &c[i];
    return best;
}

/* What a result does to the candidates: itself is out, others of its class are too, or less good.
 */
static void suppress(const struct attrs *a, struct candidate *best, struct candidate *c, long n)
{
    for (long i = 0; i < n; i++) {
        if (!a->agnostic && c[i].class != best->class)
            continue;
        const double both = overlap(best->side, c[i].side);
        if (a->sigma > 0 && both > 0)
            c[i].score *= exp(-both * both / a->sigma);
        c[i].out |= a->sigma > 0 ? !(c[i].score > a->score_threshold) : both > a->iou_threshold;
    }
    best->out = true;
}

/* Of the attributes, candidates and levels are not here. */
static double nms(const struct node *node, const struct tensor *const *in, long number)
{
    const long row = number / 4 % (long)node->type.dim[1], all = (long)type_elements(&node->type);
    const long image = number / (all / (long)node->type.dim[0]);
    struct candidate *c = calloc((size_t)type_elements(&node->input[1]->type), sizeof *c), *best;
    if (!c || node->attr.candidates || node->attr.levels.n)
        abort();
    const long n = candidates(node, in, image, c);
    for (long found = 0; (best = best_of(c, n)) && found < row; found++)
        suppress(&node->attr, best, c, n);
    const double side = best ? best->side[number % 4] : 0;
    free(c);
    return side;
}

static double anchors(const struct node *node, long number)
{
    const struct attrs *a = &node->attr;
    const long given = a->heights.n > 0, sizes = (long)a->lengths.n;
    const long each = given ? sizes : sizes * (long)a->ratios.n, side = number % 4, axis = side % 2;
    const long box = number / 4 % each, cell = number / 4 / each;
    const double size = a->lengths.at[box % sizes],
                 root = given ? 1 : sqrt(a->ratios.at[box / sizes]);
    const double position = (double)(axis ? cell / a->size[1] : cell % a->size[1]) + a->position;
    const double length = given  ? (axis ? a->heights.at[box] : size)
                          : axis ? root * size
                                 : size / root;
    const double half = given ? length / 2 : rint(length / 2);
    return position * a->pitch[!axis] + (side < 2 ? -half : half);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double decode(const struct node *node, const struct tensor *const *in, long number)
{
    const struct attrs *a = &node->attr;
    const long side = number % 4, axis = side % 2, place = number / 4;
    const long classes = node->type.rank == 4 ? (long)node->type.dim[2] : 1;
    const long boxes = (long)type_elements(&node->input[1]->type) / 4;
    const double *d = in[0]->at + 4 * place, *box = in[1]->at + place / classes % boxes * 4;
    const double length = box[2 + axis] - box[axis], stride = a->pitch[!axis];
    const bool yolo = node->op == OP_decode_yolo;
    const double wide = yolo ? 1 : a->weights.at[a->weights.n == 1 ? 0 : 2 + axis];
    const double move = yolo ? (sigmoid(d[axis]) - 0.5) * stride * (a->scaled ? 2 : 1)
                             : d[axis] / a->weights.at[a->weights.n == 1 ? 0 : axis] * length;
    const double factor = yolo && a->scaled
                              ? pow(2 * sigmoid(d[2 + axis]), 2)
                              : exp(yolo ? d[2 + axis] : fmin(d[2 + axis] / wide, log(1000. / 16)));
    const double x = box[axis] + length / 2 + move + (side < 2 ? -0.5 : 0.5) * length * factor;
    const double border = (double)a->size[!axis];
    return border > 0 ? fmin(fmax(x, 0), border) : x;
}

static double inside(const struct node *node, const struct tensor *const *in, long number)
{
    const double *box = in[0]->at + 4 * number;
    const double rows = (double)node->attr.size[0], columns = (double)node->attr.size[1];
    return fmin(box[0], box[1]) >= 0 && fmax(box[2] - columns, box[3] - rows) <= 0;
}

/* The map on which a region lies: of a pyramid by its side. */
static int map_of(const struct node *node, const double *roi)
{
    const struct attrs *a = &node->attr;
    const int maps = node->n_inputs - 1;
    const double level = (double)a->canonical_level + log2(sqrt(area(roi)) / a->canonical_size) +
                         1e-6 - round(-log2(a->scales.at[0]));
    return maps == 1 || !(level > 0) ? 0 : (int)fmin(floor(level), maps - 1);
}

/* What neighbours of a sample on an axis count; 0 of others, and where it lies far outside. */
static double near(double at, long size, long position)
{
    if (at < -1 || at > (double)size)
        return 0;
    const double held = fmin(fmax(at, 0), (double)(size - 1));
    return fmax(0, 1 - fabs(held - (double)position));
}

/* Samples of element `i` of an axis, as weights of its positions. */
static double *sample(const struct node *node, double from, double to, long i, long n, long size)
{
    const struct attrs *a = &node->attr;
    const double each = (a->aligned ? to - from : fmax(to - from, 1)) / (double)n;
    const double begin = a->aligned ? from - 0.5 : from;
    const long samples = a->sampling_ratio ? (long)a->sampling_ratio : (long)ceil(each);
    double *weight = calloc((size_t)size, sizeof *weight);
    if (!weight)
        abort();
    for (long s = 0; s < samples; s++)
        for (long p = 0; p < size; p++)
            weight[p] +=
                near(begin + ((double)i + ((double)s + 0.5) / (double)samples) * each, size, p) /
                (double)samples;
    return weight;
}

/* Positions that element `i` of an axis covers, as ones. */
static double *cover(double from, double to, long i, long n, long size)
{
    const double first = round(from), length = fmax(round(to) - first + 1, 1) / (double)n;
    double *inside = calloc((size_t)size, sizeof *inside);
    if (!inside)
        abort();
    for (long p = 0; p < size; p++)
        inside[p] = (double)p >= first + floor((double)i * length) &&
                    (double)p < first + ceil((double)(i + 1) * length);
    return inside;
}

static double roi(const struct node *node, const struct tensor *const *in, long number)
{
    const long ow = (long)node->attr.size[1], oh = (long)node->attr.size[0];
    const long regions = (long)node->input[node->n_inputs - 1]->type.dim[1];
    const long x = number % ow, y = number / ow % oh, plane = number / ow / oh;
    const long channels = (long)node->type.dim[1], region = plane / channels;
    const double *roi = in[node->n_inputs - 1]->at + 4 * region;
    const int map = map_of(node, roi);
    const struct tensor *m = in[map];
    const double scale = node->attr.scales.at[map];
    const double *at = m->at + (region / regions * channels + plane % channels) * m->h * m->w;
    const bool align = node->op == OP_roi_align;
    double *rows = align ? sample(node, roi[1] * scale, roi[3] * scale, y, oh, m->h)
                         : cover(roi[1] * scale, roi[3] * scale, y, oh, m->h);
    double *columns = align ? sample(node, roi[0] * scale, roi[2] * scale, x, ow, m->w)
                            : cover(roi[0] * scale, roi[2] * scale, x, ow, m->w);
    double sum = 0, most = -INFINITY;
    for (long i = 0; i < m->h * m->w; i++) {
        const double weight = rows[i / m->w] * columns[i % m->w];
        sum += weight * at[i];
        most = weight > 0 ? fmax(most, at[i]) : most;
    }
    free(rows);
    free(columns);
    return align ? sum : isinf(most) ? 0 : most;
}

/* What lies between the positions of a plane at a place, of which neighbours up to `reach` away
 * count by `weight`; those beyond the border are the ones at it. */
static double between(const double *plane, long rows, long columns, double y, double x, int reach,
                      double (*weight)(double))
{
    double sum = 0;
    for (long i = (long)floor(y) + 1 - reach; i <= (long)floor(y) + reach; i++)
        for (long j = (long)floor(x) + 1 - reach; j <= (long)floor(x) + reach; j++)
            sum += weight(fabs(y - (double)i)) * weight(fabs(x - (double)j)) *
                   plane[(long)fmin(fmax((double)i, 0), (double)(rows - 1)) * columns +
                         (long)fmin(fmax((double)j, 0), (double)(columns - 1))];
    return sum;
}

static double linear(double distance)
{
    return fmax(0, 1 - distance);
}

/* Keys' cubic with a = -3/4. */
static double cubic(double x)
{
    const double a = -0.75;
    return x <= 1  ? ((a + 2) * x - (a + 3)) * x * x + 1
           : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
                   : 0;
}

static double paste(const struct node *node, const struct tensor *const *in, long number)
{
    const struct type *masks = &node->input[0]->type;
    const long rows = (long)masks->dim[2], columns = (long)masks->dim[3];
    const long h = (long)node->attr.size[0], w = (long)node->attr.size[1];
    const long region = number / w / h;
    const double *box = in[1]->at + 4 * region;
    const double left = trunc(box[0]), top = trunc(box[1]);
    const double width = fmax(trunc(box[2]) - left + 1, 1);
    const double height = fmax(trunc(box[3]) - top + 1, 1);
    const double x = (double)(number % w) - left, y = (double)(number / w % h) - top;
    if (x < 0 || y < 0 || x >= width || y >= height)
        return 0;
    return between(in[0]->at + region * rows * columns, rows, columns,
                   (y + 0.5) * (double)rows / height - 0.5,
                   (x + 0.5) * (double)columns / width - 0.5, 1, linear);
}

static double keypoints(const struct node *node, const struct tensor *const *in, long number)
{
    const struct type *maps = &node->input[0]->type;
    const long rows = (long)maps->dim[3], columns = (long)maps->dim[4];
    const long map = number / 3, region = map / (long)maps->dim[2];
    const double *roi = in[1]->at + 4 * region, *plane = in[0]->at + map * rows * columns;
    const double width = fmax(roi[2] - roi[0], 1), height = fmax(roi[3] - roi[1], 1);
    const double w = ceil(width), h = ceil(height);
    double best = -INFINITY, at[3] = {0, 0, 1};
    for (double y = 0; y < h; y++)
        for (double x = 0; x < w; x++) {
            const double here = between(plane, rows, columns, (y + 0.5) * (double)rows / h - 0.5,
                                        (x + 0.5) * (double)columns / w - 0.5, 2, cubic);
            if (here > best) {
                best = here;
                at[0] = (x + 0.5) * width / w + roi[0];
                at[1] = (y + 0.5) * height / h + roi[1];
            }
        }
    return at[number % 3];
}

double oracle_boxes(const struct node *node, const struct tensor *const *in, long number)
{
    switch (node->op) {
    case OP_nms:
        return nms(node, in, number);
    case OP_anchors:
        return anchors(node, number);
    case OP_inside:
        return inside(node, in, number);
    case OP_roi_align:
    case OP_roi_pool:
        return roi(node, in, number);
    case OP_paste_masks:
        return paste(node, in, number);
    case OP_heatmaps_to_keypoints:
        return keypoints(node, in, number);
    default:
        return decode(node, in, number);
    }
}
