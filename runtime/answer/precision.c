#include "precision.h"
#include "../data/annotations_parts.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* numpy.linspace(0.5, 0.95, 10), to the last digit: overlaps are often just one of these. */
static const double overlaps[NETRT_OVERLAPS] = {
    0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95};
static const double least_area[NETRT_AREAS] = {0, 0, 32 * 32, 96 * 96};
static const double most_area[NETRT_AREAS] = {1e10, 32 * 32, 96 * 96, 1e10};

/* Boxes and things of a category in one picture. */
struct scene {
    long n_boxes, n_things;
    const struct netrt_box *boxes[NETRT_MOST_BOXES];
    const struct netrt_thing **things;
    double *overlap; /* [boxes, things] */
    bool *ignored;   /* things that are neither right nor wrong to find, at the area under way */
    long *order;     /* of things: those that are not ignored first */
    bool *found;     /* things that have a box, at the overlap under way */
};

int netrt_precision_open(struct netrt_precision *p, long n_categories, struct netrt_message *m)
{
    *p = (struct netrt_precision){.n_categories = n_categories};
    p->categories = calloc((size_t)n_categories + 1, sizeof *p->categories);
    return p->categories ? 0 : netrt_fail(m, "no memory for precisions");
}

void netrt_precision_release(struct netrt_precision *p)
{
    free(p->categories);
    free(p->verdicts);
    *p = (struct netrt_precision){0};
}

/* ---- one picture ---- */

static double area_of(const struct netrt_box *box)
{
    return (box->corner[2] - box->corner[0]) * (box->corner[3] - box->corner[1]);
}

/* What both cover over what either does; of a crowd, over what the box does. */
static double overlap_of(const struct netrt_box *box, const struct netrt_thing *thing)
{
    const double width = box->corner[2] - box->corner[0], height = box->corner[3] - box->corner[1];
    const double *t = thing->box;
    const double w = fmin(width + box->corner[0], t[2] + t[0]) - fmax(box->corner[0], t[0]);
    const double h = fmin(height + box->corner[1], t[3] + t[1]) - fmax(box->corner[1], t[1]);
    if (w <= 0 || h <= 0)
        return 0;
    const double both = w * h;
    return both / (thing->crowd ? width * height : width * height + t[2] * t[3] - both);
}

static bool is_outside(double area, enum netrt_area range)
{
    return area < least_area[range] || area > most_area[range];
}

/* Which things count in a range of areas, and these first. */
static void order_things(struct scene *s, enum netrt_area range, long *counted)
{
    long n = 0;
    for (long i = 0; i < s->n_things; i++) {
        const struct netrt_thing *thing = s->things[i];
        s->ignored[i] = thing->crowd || thing->difficult || is_outside(thing->area, range);
        if (!s->ignored[i])
            s->order[n++] = i;
    }
    *counted += n;
    for (long i = 0; i < s->n_things; i++)
        if (s->ignored[i])
            s->order[n++] = i;
}

/* The thing that a box finds: the one that it covers best of those that count, else of the others;
 * of equal ones the last. -1: none. */
static long find_thing(const struct scene *s, long box, double least)
{
    long best = -1;
    double most = fmin(least, 1 - 1e-10);
    for (long i = 0; i < s->n_things; i++) {
        const long thing = s->order[i];
        if (s->found[thing] && !s->things[thing]->crowd)
            continue;
        if (best >= 0 && !s->ignored[best] && s->ignored[thing])
            break;
        const double overlap = s->overlap[box * s->n_things + thing];
        if (overlap < most)
            continue;
        most = overlap;
        best = thing;
    }
    return best;
}

/* Judges all boxes by one overlap. What finds nothing, and is not in the range of areas, does not
 * count either. */
static void judge(struct scene *s, enum netrt_area range, int at, struct netrt_verdict *verdicts)
{
    memset(s->found, 0, (size_t)s->n_things * sizeof *s->found);
    for (long i = 0; i < s->n_boxes; i++) {
        const long thing = find_thing(s, i, overlaps[at]);
        const bool ignored =
            thing < 0 ? is_outside(area_of(s->boxes[i]), range) : s->ignored[thing];
        if (thing >= 0)
            s->found[thing] = true;
        verdicts[i].right[range] |= (uint16_t)((thing >= 0) << at);
        verdicts[i].ignored[range] |= (uint16_t)(ignored << at);
    }
}

static int scene_open(struct scene *s, long n_things, struct netrt_message *m)
{
    const size_t n = (size_t)n_things + 1;
    s->things = calloc(n, sizeof *s->things);
    s->overlap = calloc(n * NETRT_MOST_BOXES, sizeof *s->overlap);
    s->ignored = calloc(n, sizeof *s->ignored);
    s->order = calloc(n, sizeof *s->order);
    s->found = calloc(n, sizeof *s->found);
    return s->things && s->overlap && s->ignored && s->order && s->found
               ? 0
               : netrt_fail(m, "no memory for boxes");
}

static void scene_release(struct scene *s)
{
    free(s->things);
    free(s->overlap);
    free(s->ignored);
    free(s->order);
    free(s->found);
}

/* What a picture has of a category. */
static void scene_fill(struct scene *s, const struct netrt_annotations *d,
                       const struct netrt_annotated *picture, const struct netrt_boxes *boxes,
                       long category)
{
    s->n_boxes = s->n_things = 0;
    for (long i = 0; i < boxes->n && s->n_boxes < NETRT_MOST_BOXES; i++)
        if (boxes->at[i].class == d->categories[category].class)
            s->boxes[s->n_boxes++] = &boxes->at[i];
    for (long i = picture->first; i < picture->first + picture->n; i++)
        if (d->things[i].category == category)
            s->things[s->n_things++] = &d->things[i];
    for (long i = 0; i < s->n_boxes; i++)
        for (long k = 0; k < s->n_things; k++)
            s->overlap[i * s->n_things + k] = overlap_of(s->boxes[i], s->things[k]);
}

static struct netrt_verdict *add_verdicts(struct netrt_precision *p, const struct scene *s,
                                          long category)
{
    for (long i = 0; i < s->n_boxes; i++) {
        struct netrt_verdict *more = netrt_grow(p->verdicts, p->n + i, sizeof *more);
        if (!more)
            return NULL;
        p->verdicts = more;
        more[p->n + i] = (struct netrt_verdict){
            .score = s->boxes[i]->score, .category = category, .number = p->n + i};
    }
    return p->verdicts + p->n;
}

static int add_category(struct netrt_precision *p, struct scene *s, long category,
                        struct netrt_message *m)
{
    struct netrt_verdict *verdicts = s->n_boxes ? add_verdicts(p, s, category) : NULL;
    if (s->n_boxes && !verdicts)
        return netrt_fail(m, "no memory for boxes");
    for (enum netrt_area range = 0; range < NETRT_AREAS; range++) {
        order_things(s, range, &p->categories[category].things[range]);
        for (int at = 0; at < NETRT_OVERLAPS; at++)
            judge(s, range, at, verdicts);
    }
    p->n += s->n_boxes;
    return 0;
}

int netrt_precision_add(struct netrt_precision *p, const struct netrt_annotations *d, long picture,
                        const struct netrt_boxes *boxes, struct netrt_message *m)
{
    struct scene s = {0};
    int status = scene_open(&s, d->pictures[picture].n, m);
    for (long i = 0; i < d->n_categories && !status; i++) {
        scene_fill(&s, d, &d->pictures[picture], boxes, i);
        if (s.n_boxes || s.n_things)
            status = add_category(p, &s, i, m);
    }
    scene_release(&s);
    return status;
}

/* ---- all pictures ---- */

/* Categories one after the other, in each the highest score first, of equal ones the first. */
static int compare_verdicts(const void *a, const void *b)
{
    const struct netrt_verdict *x = a, *y = b;
    if (x->category != y->category)
        return x->category < y->category ? -1 : 1;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Boxes that count, from the best on: so many right ones among so many. */
struct curve {
    long n, *right, *all;
};

static void trace(struct curve *c, const struct netrt_verdict *verdicts, long n,
                  enum netrt_area range, int at)
{
    long right = 0, all = 0;
    c->n = 0;
    for (long i = 0; i < n; i++) {
        if (verdicts[i].ignored[range] >> at & 1)
            continue;
        right += verdicts[i].right[range] >> at & 1;
        c->right[c->n] = right;
        c->all[c->n++] = ++all;
    }
}

/* The mean of the best precision that is reached at each recall or a higher one, 0 where none is.
 * Goes from the highest recall down. */
static double average(const struct curve *c, long things)
{
    double sum = 0, best = 0;
    long i = c->n;
    for (int r = NETRT_RECALLS - 1; r >= 0; r--) {
        while (i > 0 && (double)c->right[i - 1] / (double)things >= 0.01 * r) {
            i--;
            best = fmax(best, (double)c->right[i] / ((double)c->all[i] + DBL_EPSILON));
        }
        sum += best;
    }
    return sum / NETRT_RECALLS;
}

static void finish_category(struct netrt_category_precision *to, struct curve *c,
                            const struct netrt_verdict *verdicts, long n)
{
    for (enum netrt_area range = 0; range < NETRT_AREAS; range++)
        for (int at = 0; at < NETRT_OVERLAPS; at++) {
            const double things = (double)to->things[range];
            trace(c, verdicts, n, range, at);
            to->precision[range][at] = things > 0 ? average(c, to->things[range]) : -1;
            to->recall[range][at] =
                things > 0 ? (c->n ? (double)c->right[c->n - 1] / things : 0) : -1;
        }
}

int netrt_precision_finish(struct netrt_precision *p, struct netrt_message *m)
{
    const size_t room = (size_t)p->n + 1;
    struct curve c = {.right = calloc(room, sizeof *c.right), .all = calloc(room, sizeof *c.all)};
    int status = c.right && c.all ? 0 : netrt_fail(m, "no memory for precisions");
    if (p->n)
        qsort(p->verdicts, (size_t)p->n, sizeof *p->verdicts, compare_verdicts);
    for (long i = 0, first = 0, end = 0; i < p->n_categories && !status; i++, first = end) {
        while (end < p->n && p->verdicts[end].category == i)
            end++;
        finish_category(&p->categories[i], &c, p->verdicts + first, end - first);
    }
    free(c.right);
    free(c.all);
    return status;
}

/* The mean of those that are there, of one number for each category, range and overlap. */
static double mean(const struct netrt_precision *p, size_t member, long one, enum netrt_area range,
                   int at)
{
    const size_t row = (size_t)range * NETRT_OVERLAPS;
    double sum = 0;
    long n = 0;
    for (long i = one < 0 ? 0 : one; i < (one < 0 ? p->n_categories : one + 1); i++) {
        const double *x = (const double *)(const void *)((const char *)&p->categories[i] + member);
        for (int k = 0; k < NETRT_OVERLAPS; k++)
            if ((at < 0 || k == at) && x[row + (size_t)k] >= 0) {
                sum += x[row + (size_t)k];
                n++;
            }
    }
    return n ? sum / (double)n : -1;
}

double netrt_mean_precision(const struct netrt_precision *p, long one, enum netrt_area range,
                            int at)
{
    return mean(p, offsetof(struct netrt_category_precision, precision), one, range, at);
}

double netrt_mean_recall(const struct netrt_precision *p, long one, enum netrt_area range, int at)
{
    return mean(p, offsetof(struct netrt_category_precision, recall), one, range, at);
}
