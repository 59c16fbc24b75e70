/* Findings of outputs of classes: a probability for each class, the mean of all crops. */
#include "finding.h"

#include <stdlib.h>

enum { CLASSIFY_TOP = 5 };

static int open_classes(struct netrt_finding *f, struct netrt_message *m)
{
    return netrt_scores_open(&f->scores, f->output->tensor.dim[1]) ? 0
                                                                   : netrt_fail(m, "out of memory");
}

static int find_classes(struct netrt_finding *f, const struct netrt_queue *q,
                        const struct netrt_shot *shot, long at, struct netrt_message *m)
{
    long n;
    const float *row = netrt_output_row(f->program, f->number, at, &n);
    if (!shot->crop)
        netrt_scores_clear(&f->scores);
    netrt_scores_add(&f->scores, f->output, row, 1 / (double)q->crops);
    if (shot->last && f->scores.not_finite)
        return netrt_fail(m, NETRT_NOT_FINITE, f->scores.not_finite, n * q->crops);
    return 0;
}

static long top(const struct netrt_finding *f)
{
    return f->program->options->top ? f->program->options->top : CLASSIFY_TOP;
}

static void print_classes(const struct netrt_finding *f)
{
    long class = -1;
    for (long i = 0; i < top(f) && (class = netrt_scores_next(&f->scores, class)) >= 0; i++)
        netrt_print_class(f->program, f->scores.at[class], class);
}

static void json_classes(const struct netrt_finding *f)
{
    long class = -1;
    printf(", \"classes\": [");
    for (long i = 0; i < top(f) && (class = netrt_scores_next(&f->scores, class)) >= 0; i++) {
        printf("%s{", i ? ", " : "");
        netrt_json_class(f->program, class);
        printf(", \"probability\": %.9g}", f->scores.at[class]);
    }
    printf("]");
}

static void release_classes(struct netrt_finding *f)
{
    free(f->scores.at);
}

const struct netrt_finding_kind netrt_finds_classes = {.crops = true,
                                                       .open = open_classes,
                                                       .find = find_classes,
                                                       .print = print_classes,
                                                       .json = json_classes,
                                                       .release = release_classes};
