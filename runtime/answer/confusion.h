/* Which classes a network takes for which, over the pictures of a data set. */
#ifndef NETRT_ANSWER_CONFUSION_H
#define NETRT_ANSWER_CONFUSION_H

#include "../host/program.h"

enum { NETRT_TOP = 5 }; /* answers among which the right one may be */

struct netrt_confusion {
    long classes;
    long *answers;     /* [right class][likeliest class]: pictures */
    long *pictures;    /* of each class, those without an answer among them */
    long *top1, *top5; /* of each class, pictures whose right class is so far in front */
};

/* Nothing counted; false: out of memory. netrt_confusion_release() also after that. */
bool netrt_confusion_open(struct netrt_confusion *, long classes);
void netrt_confusion_release(struct netrt_confusion *);
/* Counts a picture of class `right`, which stands at place `rank` of the answers, `likeliest` being
 * the first; `likeliest` -1: it has no answer. */
void netrt_confusion_count(struct netrt_confusion *, long right, long likeliest, long rank);

/* Writes a csv: a row for each class, with a column for each answer; whole or not at all. */
int netrt_confusion_write(const struct netrt_confusion *, const struct netrt_program *,
                          const char *path, struct netrt_message *);
/* A member "classes" of an object: what there is of each class that has pictures. */
void netrt_confusion_json(const struct netrt_confusion *, const struct netrt_program *);

#endif
