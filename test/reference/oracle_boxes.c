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

/* Of the attributes, candidates and levels are not here. */
double oracle_nms(const struct node *node, const struct tensor *const *in, long number)
{
    const long row = number / 4 % (long)node->type.dim[1], all = (long)type_elements(&node->type);
    const long image = number / (all / (long)node->type.dim[0]);
    struct candidate *c = calloc((size_t)type_elements(&node->input[1]->type), sizeof *c), *best;
    if (!c || node->attr.candidates || node->attr.levels.n)
        abort();
    const long n = candidates(node, in, image, c);
    for (long found = 0; (best = best_of(c, n)) && found < row; found++)
        for (long i = 0; i < n; i++)
            c[i].out |=
                &c[i] == best || ((node->attr.agnostic || c[i].class == best->class) &&
                                  overlap(best->side, c[i].side) > node->attr.iou_threshold);
    const double side = best ? best->side[number % 4] : 0;
    free(c);
    return side;
}
