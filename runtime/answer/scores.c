#include "scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int netrt_scores_open(struct netrt_scores *s, long classes)
{
    s->classes = classes;
    s->at = calloc((size_t)classes, sizeof *s->at);
    return s->at != NULL;
}

void netrt_scores_clear(struct netrt_scores *s)
{
    memset(s->at, 0, (size_t)s->classes * sizeof *s->at);
    s->not_finite = 0;
}

void netrt_scores_add(struct netrt_scores *s, const struct netrt_output *output, const float *from,
                      double share)
{
    double largest = -INFINITY, sum = 0;
    for (long i = 0; i < s->classes; i++) {
        s->not_finite += !isfinite(from[i]);
        largest = from[i] > largest ? from[i] : largest;
    }
    if (s->not_finite)
        return;
    for (long i = 0; i < s->classes; i++)
        sum += exp(from[i] - largest);
    for (long i = 0; i < s->classes; i++)
        s->at[i] += share * (output->probabilities ? from[i] : exp(from[i] - largest) / sum);
}

long netrt_scores_next(const struct netrt_scores *s, long last)
{
    long best = -1;
    for (long i = 0; i < s->classes; i++) {
        int after = last < 0 || s->at[i] < s->at[last] || (s->at[i] == s->at[last] && i > last);
        if (after && (best < 0 || s->at[i] > s->at[best]))
            best = i;
    }
    return best;
}

long netrt_rank(const double *scores, long classes, long class)
{
    long rank = 0;
    for (long i = 0; i < classes; i++)
        rank += scores[i] > scores[class] || (scores[i] == scores[class] && i < class);
    return rank;
}
