#include "oracle.h"

#include <math.h>
#include <stdlib.h>

/* All that an operator's rule sees. */
struct call {
    const struct node *node;
    const struct attrs *attr;
    const struct tensor *const *in;
    const struct parameters *p;
    struct tensor *out;
};

/* An element of the result. */
struct place {
    long n, c, y, x;
};

typedef double rule(const struct call *, struct place);

static double *element(const struct tensor *t, long n, long c, long y, long x)
{
    return &t->at[((n * t->c + c) * t->h + y) * t->w + x];
}

static bool inside(const struct tensor *t, long c, long y, long x)
{
    return c >= 0 && c < t->c && y >= 0 && y < t->h && x >= 0 && x < t->w;
}

/* Zero outside. */
static double get(const struct tensor *t, long n, long c, long y, long x)
{
    return inside(t, c, y, x) ? *element(t, n, c, y, x) : 0;
}

static double bias_of(const struct call *k, long c)
{
    return k->p->role[ROLE_bias] ? k->p->role[ROLE_bias][c] : 0;
}

static double conv(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    const struct tensor *in = k->in[0];
    const long ic = in->c / a->groups, oc = k->out->c / a->groups, first = at.c / oc * ic;
    const long kh = a->kernel[0], kw = a->kernel[1], x0 = at.x * a->stride[1] - a->padding[1];
    double sum = bias_of(k, at.c);
    for (long c = 0; c < ic; c++)
        for (long i = 0; i < kh; i++) {
            const double *weight = &k->p->role[ROLE_weight][((at.c * ic + c) * kh + i) * kw];
            const long y = at.y * a->stride[0] + i * a->dilation[0] - a->padding[0];
            if (y < 0 || y >= in->h)
                continue;
            const double *row = element(in, at.n, first + c, y, 0);
            for (long j = 0, x = x0; j < kw; j++, x += a->dilation[1])
                sum += x >= 0 && x < in->w ? weight[j] * row[x] : 0;
        }
    return sum;
}

/* The input row (or column) that tap i of a transposed convolution sends to output y, or -1. */
static long source_of(long y, long i, int axis, const struct attrs *a)
{
    long scaled = y + a->padding[axis] - i * a->dilation[axis];
    return scaled >= 0 && scaled % a->stride[axis] == 0 ? scaled / a->stride[axis] : -1;
}

static double conv_transpose(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    const long ic = k->in[0]->c / a->groups, oc = k->out->c / a->groups, first = at.c / oc * ic;
    const long kh = a->kernel[0], kw = a->kernel[1];
    double sum = bias_of(k, at.c);
    for (long i = 0; i < kh; i++)
        for (long j = 0; j < kw; j++) {
            const long y = source_of(at.y, i, 0, a), x = source_of(at.x, j, 1, a);
            for (long c = 0; c < ic && inside(k->in[0], c, y, x); c++)
                sum += k->p->role[ROLE_weight][(((first + c) * oc + at.c % oc) * kh + i) * kw + j] *
                       *element(k->in[0], at.n, first + c, y, x);
        }
    return sum;
}

/* The number of an element of the result in row-major order. */
static long number_of(const struct call *k, struct place at)
{
    return ((at.n * k->out->c + at.c) * k->out->h + at.y) * k->out->w + at.x;
}

static double linear(const struct call *k, struct place at)
{
    const struct type *in = &k->node->input[0]->type;
    const long features = (long)in->dim[in->rank - 1], out = (long)k->attr->out;
    const long number = number_of(k, at), first = number / out * features;
    double sum = bias_of(k, number % out);
    for (long i = 0; i < features; i++)
        sum += k->p->role[ROLE_weight][number % out * features + i] * k->in[0]->at[first + i];
    return sum;
}

static double bn(const struct call *k, struct place at)
{
    const double *const *role = k->p->role;
    double x = *element(k->in[0], at.n, at.c, at.y, at.x);
    x = (x - role[ROLE_running_mean][at.c]) / sqrt(role[ROLE_running_var][at.c] + k->attr->eps);
    return role[ROLE_weight] ? x * role[ROLE_weight][at.c] + role[ROLE_bias][at.c] : x;
}

/* What an operator along some dimensions works on together with an element: `n` elements, of which
 * that is number `at`. */
struct group {
    const double *first;
    long n, at;
    long size[MAX_RANK], step[MAX_RANK]; /* of each dimension; 1 and 0 of those it is not along */
};

/* The group of element `number` of the first operand. */
static struct group group_of(const struct call *k, long number)
{
    const struct type *t = &k->node->input[0]->type;
    const unsigned axes = attrs_axes(k->attr, t);
    struct group g = {.first = &k->in[0]->at[number], .n = 1};
    long step = 1;
    for (int i = MAX_RANK - 1; i >= 0; i--) {
        const bool along = axes >> i & 1;
        g.size[i] = along ? (long)t->dim[i] : 1;
        if (i >= t->rank)
            continue;
        const long at = number / step % (long)t->dim[i];
        if (along) {
            g.step[i] = step;
            g.first -= at * step;
            g.at += at * g.n;
            g.n *= g.size[i];
        }
        step *= (long)t->dim[i];
    }
    return g;
}

static const double *item_at(const struct group *g, long i)
{
    const double *at = g->first;
    for (int axis = MAX_RANK - 1; axis >= 0; axis--) {
        at += i % g->size[axis] * g->step[axis];
        i /= g->size[axis];
    }
    return at;
}

static double item_of(const struct group *g, long i)
{
    return *item_at(g, i);
}

static double mean_of(const struct group *x)
{
    double mean = 0;
    for (long i = 0; i < x->n; i++)
        mean += item_of(x, i) / (double)x->n;
    return mean;
}

/* A group's elements over their deviation from `mean`, all with the first of them; the parameters
 * are those of an element's place in the group, or, where groups are of channels, of its channel.
 */
static double normalized(const struct call *k, const struct group *x, double mean, bool channels)
{
    const double *weight = k->p->role[ROLE_weight], *bias = k->p->role[ROLE_bias];
    const struct tensor *in = k->in[0];
    double variance = 0;
    for (long i = 0; i < x->n && x->at == 0; i++)
        variance += pow(item_of(x, i) - mean, 2) / (double)x->n;
    for (long i = 0; i < x->n && x->at == 0; i++) {
        const long number = item_at(x, i) - in->at;
        const long param = channels ? number / (in->h * in->w) % in->c : i;
        const double y = (in->at[number] - mean) / sqrt(variance + k->attr->eps);
        k->out->at[number] = y * (weight ? weight[param] : 1) + (bias ? bias[param] : 0);
    }
    return k->out->at[item_at(x, x->at) - in->at];
}

static double layernorm(const struct call *k, struct place at)
{
    const struct group x = group_of(k, number_of(k, at));
    return normalized(k, &x, x.at ? 0 : mean_of(&x), false);
}

static double rmsnorm(const struct call *k, struct place at)
{
    const struct group x = group_of(k, number_of(k, at));
    return normalized(k, &x, 0, false);
}

/* Elements that follow each other. */
static double groupnorm(const struct call *k, struct place at)
{
    const struct tensor *in = k->in[0];
    const long groups = k->attr->groups ? (long)k->attr->groups : in->c;
    const long n = in->c / groups * in->h * in->w, number = number_of(k, at);
    struct group x = {.first = &in->at[number / n * n], .n = n, .at = number % n};
    for (int i = 0; i < MAX_RANK; i++)
        x.size[i] = 1;
    x.size[0] = n;
    x.step[0] = 1;
    return normalized(k, &x, x.at ? 0 : mean_of(&x), true);
}

static double lrn(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    double squares = 0;
    for (long c = at.c - a->size[0] / 2; c <= at.c + (a->size[0] - 1) / 2; c++)
        squares += pow(get(k->in[0], at.n, c, at.y, at.x), 2);
    return *element(k->in[0], at.n, at.c, at.y, at.x) /
           pow(a->k + a->alpha / (double)a->size[0] * squares, a->beta);
}

static double softmax(const struct call *k, struct place at)
{
    const struct group x = group_of(k, number_of(k, at));
    double largest = -INFINITY, sum = 0;
    for (long i = 0; i < x.n; i++)
        largest = fmax(largest, item_of(&x, i));
    for (long i = 0; i < x.n; i++)
        sum += exp(item_of(&x, i) - largest);
    return exp(item_of(&x, x.at) - largest) / sum;
}

static double log_softmax(const struct call *k, struct place at)
{
    return log(softmax(k, at));
}

static double maxpool(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    double largest = -INFINITY;
    for (long i = 0; i < a->kernel[0]; i++)
        for (long j = 0; j < a->kernel[1]; j++) {
            long y = at.y * a->stride[0] + i * a->dilation[0] - a->padding[0];
            long x = at.x * a->stride[1] + j * a->dilation[1] - a->padding[1];
            if (inside(k->in[0], at.c, y, x))
                largest = fmax(largest, *element(k->in[0], at.n, at.c, y, x));
        }
    return largest;
}

static long least(long a, long b)
{
    return a < b ? a : b;
}

static long most(long a, long b)
{
    return a > b ? a : b;
}

/* The mean of rows y0 .. y1 - 1 and columns x0 .. x1 - 1, zero outside, over `count` elements. */
static double mean(const struct call *k, struct place at, const long y[2], const long x[2],
                   long count)
{
    double sum = 0;
    for (long i = y[0]; i < y[1]; i++)
        for (long j = x[0]; j < x[1]; j++)
            sum += get(k->in[0], at.n, at.c, i, j);
    return sum / (double)count;
}

/* The window ends where the padding ends, also where `ceil` lets it start near the end. */
static double avgpool(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    const struct tensor *in = k->in[0];
    long y0 = at.y * a->stride[0] - a->padding[0], x0 = at.x * a->stride[1] - a->padding[1];
    long y[] = {y0, least(y0 + a->kernel[0], in->h + a->padding[2])};
    long x[] = {x0, least(x0 + a->kernel[1], in->w + a->padding[3])};
    long whole = (y[1] - y[0]) * (x[1] - x[0]);
    long clipped = (least(y[1], in->h) - most(y[0], 0)) * (least(x[1], in->w) - most(x[0], 0));
    return mean(k, at, y, x, a->count_include_pad ? whole : clipped);
}

static double adaptive_avgpool(const struct call *k, struct place at)
{
    const struct tensor *in = k->in[0], *out = k->out;
    long y[] = {at.y * in->h / out->h, ((at.y + 1) * in->h + out->h - 1) / out->h};
    long x[] = {at.x * in->w / out->w, ((at.x + 1) * in->w + out->w - 1) / out->w};
    return mean(k, at, y, x, (y[1] - y[0]) * (x[1] - x[0]));
}

static double adaptive_maxpool(const struct call *k, struct place at)
{
    const struct tensor *in = k->in[0], *out = k->out;
    double largest = -INFINITY;
    for (long y = at.y * in->h / out->h; y * out->h < (at.y + 1) * in->h; y++)
        for (long x = at.x * in->w / out->w; x * out->w < (at.x + 1) * in->w; x++)
            largest = fmax(largest, *element(in, at.n, at.c, y, x));
    return largest;
}

/* The group of an element of the result: where dimensions are left out, it has those of the input
 * that stay, in order. */
static struct group reduced_of(const struct call *k, struct place at)
{
    const struct type *in = &k->node->input[0]->type;
    const unsigned axes = attrs_axes(k->attr, in);
    long left = number_of(k, at), first = 0, step = 1;
    for (int i = in->rank - 1; i >= 0; i--) {
        if (!(axes >> i & 1)) {
            first += left % (long)in->dim[i] * step;
            left /= (long)in->dim[i];
        }
        step *= (long)in->dim[i];
    }
    return group_of(k, first);
}

static double sum(const struct call *k, struct place at)
{
    const struct group x = reduced_of(k, at);
    return mean_of(&x) * (double)x.n;
}

static double mean_along(const struct call *k, struct place at)
{
    const struct group x = reduced_of(k, at);
    return mean_of(&x);
}

static double amax(const struct call *k, struct place at)
{
    const struct group x = reduced_of(k, at);
    double largest = -INFINITY;
    for (long i = 0; i < x.n; i++)
        largest = fmax(largest, item_of(&x, i));
    return largest;
}

static double amin(const struct call *k, struct place at)
{
    const struct group x = reduced_of(k, at);
    double least_of_all = INFINITY;
    for (long i = 0; i < x.n; i++)
        least_of_all = fmin(least_of_all, item_of(&x, i));
    return least_of_all;
}

static double reshape(const struct call *k, struct place at)
{
    return k->in[0]->at[number_of(k, at)];
}

static double param(const struct call *k, struct place at)
{
    return k->p->role[ROLE_value][number_of(k, at)];
}

/* The position in each dimension of the result, innermost first, in steps of the input. */
static double permute(const struct call *k, struct place at)
{
    const struct type *in = &k->node->input[0]->type, *out = &k->node->type;
    long left = number_of(k, at), from = 0;
    for (int i = out->rank - 1; i >= 0; i--) {
        long step = 1;
        for (int j = (int)k->attr->dims.at[i] + 1; j < in->rank; j++)
            step *= in->dim[j];
        from += left % out->dim[i] * step;
        left /= out->dim[i];
    }
    return k->in[0]->at[from];
}

static double same(const struct call *k, struct place at)
{
    return *element(k->in[0], at.n, at.c, at.y, at.x);
}

static double pad(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    long c = at.c - a->channels[0], y = at.y - a->padding[0], x = at.x - a->padding[1];
    return inside(k->in[0], c, y, x) ? *element(k->in[0], at.n, c, y, x) : a->value;
}

static double crop(const struct call *k, struct place at)
{
    const struct attrs *a = k->attr;
    long y = a->offset[0] < 0 ? (k->in[0]->h - k->out->h) / 2 : a->offset[0];
    long x = a->offset[1] < 0 ? (k->in[0]->w - k->out->w) / 2 : a->offset[1];
    return *element(k->in[0], at.n, at.c, at.y + y, at.x + x);
}

static double upsample(const struct call *k, struct place at)
{
    return oracle_upsample(k->attr, k->in[0], k->out, number_of(k, at));
}

/* Channels as a table of groups by rows, read by columns. */
static double channel_shuffle(const struct call *k, struct place at)
{
    long groups = k->attr->groups, each = k->in[0]->c / groups;
    return *element(k->in[0], at.n, at.c % groups * each + at.c / groups, at.y, at.x);
}

/* Channels are numbered by output channel, then row, then column of the square. */
static double pixel_shuffle(const struct call *k, struct place at)
{
    long r = k->attr->upscale_factor;
    return *element(k->in[0], at.n, (at.c * r + at.y % r) * r + at.x % r, at.y / r, at.x / r);
}

static double pixel_unshuffle(const struct call *k, struct place at)
{
    long r = k->attr->downscale_factor;
    return *element(k->in[0], at.n, at.c / r / r, at.y * r + at.c / r % r, at.x * r + at.c % r);
}

static double scale(const struct call *k, struct place at)
{
    return same(k, at) * k->attr->factor;
}

/* Rows of the first operand by columns of the second; a matrix that is alone in a dimension serves
 * all of that. */
static double matmul(const struct call *k, struct place at)
{
    const struct type *out = &k->node->type, *a = &k->node->input[0]->type;
    const struct type *b = &k->node->input[1]->type;
    const int columns = out->rank - 1, rows = out->rank - 2;
    const long terms = (long)a->dim[columns], width = (long)b->dim[columns];
    long left = number_of(k, at), step_a = terms, step_b = terms * width;
    const long column = left % width, row = left / width % (long)out->dim[rows];
    const double *x = &k->in[0]->at[row * terms], *y = &k->in[1]->at[column];
    double sum = 0;
    step_a *= (long)a->dim[rows];
    left /= width * (long)out->dim[rows];
    for (int i = rows - 1; i >= 0; i--) {
        x += left % (long)out->dim[i] % (long)a->dim[i] * step_a;
        y += left % (long)out->dim[i] % (long)b->dim[i] * step_b;
        step_a *= (long)a->dim[i];
        step_b *= (long)b->dim[i];
        left /= (long)out->dim[i];
    }
    for (long i = 0; i < terms; i++)
        sum += x[i] * y[i * width];
    return sum;
}

static double boxes(const struct call *k, struct place at)
{
    return oracle_boxes(k->node, k->in, number_of(k, at));
}

static double attention(const struct call *k, struct place at)
{
    return oracle_attention(k->node, k->in, number_of(k, at));
}

/* The position of a result's element by dimension, and the element of an operand there. */
static void position_of(const struct call *k, struct place at, long position[MAX_RANK])
{
    long left = number_of(k, at);
    for (int i = k->node->type.rank - 1; i >= 0; i--) {
        position[i] = left % (long)k->node->type.dim[i];
        left /= (long)k->node->type.dim[i];
    }
}

static double element_at(const struct call *k, int operand, const long position[MAX_RANK])
{
    const struct type *type = &k->node->input[operand]->type;
    long number = 0;
    for (int i = 0; i < type->rank; i++) /* where there is one, it serves all */
        number = number * (long)type->dim[i] + (type->dim[i] == 1 ? 0 : position[i]);
    return k->in[operand]->at[number];
}

static double embedding(const struct call *k, struct place at)
{
    const long number = number_of(k, at), width = (long)k->attr->embedding_dim;
    return k->p->role[ROLE_weight][(long)k->in[0]->at[number / width] * width + number % width];
}

static double gather(const struct call *k, struct place at)
{
    long p[MAX_RANK];
    position_of(k, at, p);
    p[attrs_axis(k->attr, &k->node->input[0]->type)] = (long)element_at(k, 1, p);
    return element_at(k, 0, p);
}

/* The first element of a group that is as large, or small, as any. */
static double argmax(const struct call *k, struct place at)
{
    const struct group x = reduced_of(k, at);
    long best = 0;
    for (long i = 1; i < x.n; i++)
        if ((item_of(&x, i) - item_of(&x, best)) * (k->node->op == OP_argmin ? -1 : 1) > 0)
            best = i;
    return (double)best;
}

static double whole(const struct call *k, struct place at)
{
    return trunc(same(k, at));
}

/* The element before which, in order, so many others come as its position says. */
static double topk(const struct call *k, struct place at)
{
    long p[MAX_RANK], before = 0;
    const int axis = attrs_axis(k->attr, &k->node->input[0]->type);
    const long n = (long)k->node->input[0]->type.dim[axis];
    position_of(k, at, p);
    const long wanted = p[axis];
    for (long i = 0; i < n; i++, before = 0) {
        p[axis] = i;
        const double x = element_at(k, 0, p);
        for (p[axis] = 0; p[axis] < n; p[axis]++) {
            const double more = (element_at(k, 0, p) - x) * (k->attr->largest ? 1 : -1);
            before += more > 0 || (more == 0 && p[axis] < i);
        }
        if (before == wanted)
            return x;
    }
    abort();
}

static int axis_of(const struct call *k, int64_t dim)
{
    return (int)(dim < 0 ? dim + k->node->input[0]->type.rank : dim);
}

/* All at once, with the first element; a later one is there. */
static double recurrent(const struct call *k, struct place at)
{
    const long number = number_of(k, at);
    if (number == 0)
        oracle_recurrent(k->node, k->in[0], k->p, k->out);
    return k->out->at[number];
}

/* x[:, start:end:step] along a dimension. */
static double slice(const struct call *k, struct place at)
{
    long p[MAX_RANK];
    const int axis = axis_of(k, k->attr->dim.at[0]);
    const long start = (long)k->attr->start;
    position_of(k, at, p);
    p[axis] = p[axis] * (long)k->attr->step +
              (start < 0 ? start + (long)k->node->input[0]->type.dim[axis] : start);
    return element_at(k, 0, p);
}

/* torch.roll: what was moved to a position came from that before it, or from the end. */
static double roll(const struct call *k, struct place at)
{
    long p[MAX_RANK];
    position_of(k, at, p);
    for (int i = 0; i < (int)k->attr->dims.n; i++) {
        const int axis = axis_of(k, k->attr->dims.at[i]);
        const long size = (long)k->node->type.dim[axis];
        p[axis] = ((p[axis] - (long)k->attr->shifts.at[i]) % size + size) % size;
    }
    return element_at(k, 0, p);
}

static double flip(const struct call *k, struct place at)
{
    long p[MAX_RANK];
    position_of(k, at, p);
    for (int i = 0; i < (int)k->attr->dims.n; i++) {
        const int axis = axis_of(k, k->attr->dims.at[i]);
        p[axis] = (long)k->node->type.dim[axis] - 1 - p[axis];
    }
    return element_at(k, 0, p);
}

/* Tensor.unfold: the last dimension counts from where the window starts. */
static double unfold(const struct call *k, struct place at)
{
    long p[MAX_RANK];
    const int axis = axis_of(k, k->attr->dim.at[0]);
    position_of(k, at, p);
    p[axis] = p[axis] * (long)k->attr->step + p[k->node->type.rank - 1];
    return element_at(k, 0, p);
}

static double full(const struct call *k, struct place at)
{
    (void)at;
    return k->attr->value;
}

static double concat(const struct call *k, struct place at)
{
    long p[MAX_RANK];
    int i = 0;
    const int axis = axis_of(k, k->attr->dim.at[0]);
    position_of(k, at, p);
    for (; p[axis] >= (long)k->node->input[i]->type.dim[axis]; i++)
        p[axis] -= (long)k->node->input[i]->type.dim[axis];
    p[0] = k->in[i]->n == 1 ? 0 : p[0];
    return element_at(k, i, p);
}

/* Operand i, whose one position of a dimension is that of all. */
static double operand(const struct call *k, int i, struct place at)
{
    long position[MAX_RANK];
    position_of(k, at, position);
    return element_at(k, i, position);
}

#define JOIN(name, formula)                                                                        \
    static double name(const struct call *k, struct place at)                                      \
    {                                                                                              \
        double x = operand(k, 0, at);                                                              \
        for (int i = 1; i < k->node->n_inputs; i++) {                                              \
            const double y = operand(k, i, at);                                                    \
            x = formula;                                                                           \
        }                                                                                          \
        return x;                                                                                  \
    }
JOIN(add, x + y)
JOIN(sub, x - y)
JOIN(mul, x *y)
JOIN(quotient, x / y)
JOIN(minimum, fmin(x, y))
JOIN(maximum, fmax(x, y))

#define ACTIVATION(name, formula)                                                                  \
    static double name(const struct call *k, struct place at)                                      \
    {                                                                                              \
        double x = same(k, at);                                                                    \
        return formula;                                                                            \
    }
ACTIVATION(relu, fmax(x, 0))
ACTIVATION(relu6, fmin(fmax(x, 0), 6))
ACTIVATION(leaky_relu, x >= 0 ? x : x * k->attr->negative_slope)
ACTIVATION(sigmoid, 1 / (1 + exp(-x)))
ACTIVATION(hyperbolic, tanh(x))
ACTIVATION(gelu, x / 2 * (1 + erf(x / sqrt(2))))
ACTIVATION(silu, x / (1 + exp(-x)))
ACTIVATION(hardswish, x *fmin(fmax(x + 3, 0), 6) / 6)
ACTIVATION(hardsigmoid, fmin(fmax(x + 3, 0), 6) / 6)
ACTIVATION(clip, fmin(fmax(x, k->attr->min), k->attr->max))
ACTIVATION(elu, x > 0 ? x : k->attr->alpha * (exp(x) - 1))
ACTIVATION(mish, x *tanh(log(1 + exp(x))))
ACTIVATION(softplus, k->attr->beta *x > k->attr->threshold
                         ? x
                         : log(1 + exp(k->attr->beta * x)) / k->attr->beta)
ACTIVATION(exponential, exp(x))
ACTIVATION(logarithm, log(x))
ACTIVATION(root, sqrt(x))
ACTIVATION(absolute, fabs(x))
ACTIVATION(negative, -x)
ACTIVATION(power, pow(x, k->attr->exponent))
ACTIVATION(prelu, x >= 0 ? x : x * k->p->role[ROLE_weight][k->attr->num_parameters == 1 ? 0 : at.c])

/* A step of the network as written has a rule; what passes make has none. */
static rule *const rules[N_OPS] = {
    [OP_conv] = conv,
    [OP_conv_transpose] = conv_transpose,
    [OP_linear] = linear,
    [OP_embedding] = embedding,
    [OP_lstm] = recurrent,
    [OP_gru] = recurrent,
    [OP_bn] = bn,
    [OP_layernorm] = layernorm,
    [OP_rmsnorm] = rmsnorm,
    [OP_groupnorm] = groupnorm,
    [OP_instancenorm] = groupnorm,
    [OP_lrn] = lrn,
    [OP_relu] = relu,
    [OP_relu6] = relu6,
    [OP_leaky_relu] = leaky_relu,
    [OP_sigmoid] = sigmoid,
    [OP_tanh] = hyperbolic,
    [OP_gelu] = gelu,
    [OP_silu] = silu,
    [OP_hardswish] = hardswish,
    [OP_hardsigmoid] = hardsigmoid,
    [OP_clip] = clip,
    [OP_elu] = elu,
    [OP_mish] = mish,
    [OP_softplus] = softplus,
    [OP_exp] = exponential,
    [OP_log] = logarithm,
    [OP_sqrt] = root,
    [OP_abs] = absolute,
    [OP_neg] = negative,
    [OP_pow] = power,
    [OP_prelu] = prelu,
    [OP_softmax] = softmax,
    [OP_log_softmax] = log_softmax,
    [OP_maxpool] = maxpool,
    [OP_avgpool] = avgpool,
    [OP_adaptive_avgpool] = adaptive_avgpool,
    [OP_global_avgpool] = adaptive_avgpool,
    [OP_adaptive_maxpool] = adaptive_maxpool,
    [OP_global_maxpool] = adaptive_maxpool,
    [OP_mean] = mean_along,
    [OP_sum] = sum,
    [OP_amax] = amax,
    [OP_amin] = amin,
    [OP_argmax] = argmax,
    [OP_argmin] = argmax,
    [OP_topk] = topk,
    [OP_long] = whole,
    [OP_float] = same,
    [OP_nms] = boxes,
    [OP_anchors] = boxes,
    [OP_inside] = boxes,
    [OP_decode] = boxes,
    [OP_decode_yolo] = boxes,
    [OP_roi_align] = boxes,
    [OP_roi_pool] = boxes,
    [OP_paste_masks] = boxes,
    [OP_heatmaps_to_keypoints] = boxes,
    [OP_flatten] = reshape,
    [OP_dropout] = same,
    [OP_pad] = pad,
    [OP_crop] = crop,
    [OP_upsample] = upsample,
    [OP_channel_shuffle] = channel_shuffle,
    [OP_pixel_shuffle] = pixel_shuffle,
    [OP_pixel_unshuffle] = pixel_unshuffle,
    [OP_scale] = scale,
    [OP_identity] = same,
    [OP_param] = param,
    [OP_reshape] = reshape,
    [OP_permute] = permute,
    [OP_concat] = concat,
    [OP_add] = add,
    [OP_sub] = sub,
    [OP_mul] = mul,
    [OP_div] = quotient,
    [OP_minimum] = minimum,
    [OP_maximum] = maximum,
    [OP_matmul] = matmul,
    [OP_gather] = gather,
    [OP_scaled_dot_product_attention] = attention,
    [OP_slice] = slice,
    [OP_roll] = roll,
    [OP_flip] = flip,
    [OP_unfold] = unfold,
    [OP_unflatten] = reshape,
    [OP_full] = full,
};

void oracle_compute(const struct node *node, const struct tensor *const *in,
                    const struct parameters *p, struct tensor *out)
{
    struct call k = {node, &node->attr, in, p, out};
    rule *compute = rules[node->op];
    if (!compute)
        abort();
    for (long n = 0, i = 0; n < out->n; n++)
        for (long c = 0; c < out->c; c++)
            for (long y = 0; y < out->h; y++)
                for (long x = 0; x < out->w; x++)
                    out->at[i++] = compute(&k, (struct place){n, c, y, x});
}
