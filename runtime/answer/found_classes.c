#include "found.h"
#include "scores.h"

#include <stdio.h>
#include <stdlib.h>

static void write_likeliest(const struct netrt_scores *s, long most, double *probabilities,
                            long *classes)
{
    long class = -1;
    for (long i = 0; i < most && (class = netrt_scores_next(s, class)) >= 0; i++) {
        probabilities[i] = s->at[class];
        classes[i] = class;
    }
}

long netrt_classes_found(const struct netrt_model *m, const float *row, long most,
                         double *probabilities, long *classes, char *error, size_t error_size)
{
    const struct netrt_output *output = &m->outputs[netrt_find_output(m, NETRT_PURPOSE_classes)];
    struct netrt_scores s;
    if (!netrt_scores_open(&s, output->tensor.dim[1]))
        return snprintf(error, error_size, "out of memory"), -1;
    netrt_scores_clear(&s);
    netrt_scores_add(&s, output, row, 1);
    if (s.not_finite)
        snprintf(error, error_size, NETRT_NOT_FINITE, s.not_finite, s.classes);
    else
        write_likeliest(&s, most, probabilities, classes);
    free(s.at);
    return s.not_finite ? -1 : s.classes;
}
