/* --solve: which point of a sweep answers a question about a figure. */
#ifndef NETC_SOLVE_H
#define NETC_SOLVE_H

#include "report/report.h"

enum relation { RELATION_most, RELATION_least, RELATION_equal };

/* "params <= 25.5M": a figure, as budgets name it, and what it is compared with. */
struct question {
    const char *text, *figure;
    enum relation relation;
    double bound;
    const char *network; /* whose figure the bound is, as FILE:NET or NET; NULL: it is a number */
};

/* Reads a question, in the arena; false: what is wrong was printed. */
bool question_read(struct question *, struct arena *, const char *text);
/* Whether a value is an answer. Any is one of an equation, which the nearest solves. */
bool question_holds(const struct question *, double value);
/* Whether a value is nearer to the bound than another. */
bool question_prefers(const struct question *, double value, double to);

#endif
