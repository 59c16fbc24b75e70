/* How good the answers of a network are on a data set, by the purpose of an output. */
#ifndef NETRT_ANSWER_EVALUATION_H
#define NETRT_ANSWER_EVALUATION_H

#include "finding.h"

/* An evaluation under way. */
struct netrt_eval {
    struct netrt_program *program;
    const struct netrt_eval_kind *kind;
    struct netrt_queue queue;
    struct netrt_finding finding; /* what the network says of the picture under way */
    long n, done, unanswered;     /* pictures */
    void *state;                  /* the kind's own */
    bool terminal;
    double shown; /* when the progress was last drawn */
};

/* Evaluation by a purpose: its data set, and how what was found is judged by it. */
struct netrt_eval_kind {
    enum netrt_purpose purpose;
    /* Reads what --data names, and counts its pictures. release() also after a failure. */
    int (*open)(struct netrt_eval *, struct netrt_message *);
    void (*release)(struct netrt_eval *);
    /* As those of struct netrt_pictures. */
    int (*read)(const struct netrt_eval *, long number, struct netrt_image *,
                struct netrt_message *);
    void (*name)(const struct netrt_eval *, long number, char *text, size_t size);
    /* Compares what was found in a picture with what is right. A failure, which speaks of that
     * without naming the picture, leaves it without an answer. */
    int (*judge)(struct netrt_eval *, const struct netrt_shot *, struct netrt_message *);
    /* Counts a picture without an answer. NULL: it counts nowhere. */
    int (*miss)(struct netrt_eval *, long number, struct netrt_message *);
    /* A figure for the progress bar. NULL: there is none before the end. */
    void (*progress)(const struct netrt_eval *, char *text, size_t size);
    /* Computes what takes all pictures. NULL: nothing does. */
    int (*finish)(struct netrt_eval *, struct netrt_message *);
    void (*print)(const struct netrt_eval *); /* the last line is the main figure */
    void (*json)(const struct netrt_eval *);  /* members of an object, a comma before each */
};

extern const struct netrt_eval_kind netrt_evaluates_classes, netrt_evaluates_boxes,
    netrt_evaluates_map, netrt_evaluates_picture;

#endif
