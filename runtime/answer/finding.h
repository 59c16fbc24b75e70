/* What a network finds in a picture, by the purposes of its outputs. */
#ifndef NETRT_ANSWER_FINDING_H
#define NETRT_ANSWER_FINDING_H

#include "boxes.h"
#include "map.h"
#include "../host/program.h"
#include "queue.h"
#include "scores.h"
#include "target.h"

struct netrt_finding_kind;

/* What one output says of one picture. */
struct netrt_finding {
    const struct netrt_finding_kind *kind;
    const struct netrt_program *program;
    const struct netrt_output *output;
    int number;                 /* of the output */
    struct netrt_target target; /* where it is written; its path NULL: nowhere */
    struct netrt_scores scores;
    struct netrt_map map;
    struct netrt_image image;
    struct netrt_boxes boxes;
};

/* The ways to find and to tell of a purpose. NULL: there is none. */
struct netrt_finding_kind {
    bool crops; /* whether several crops of a picture have one finding */
    int (*open)(struct netrt_finding *, struct netrt_message *);
    /* Adds what row `at` of the outputs says. A failure, at the last crop, speaks of what was found
     * without naming the picture. */
    int (*find)(struct netrt_finding *, const struct netrt_queue *, const struct netrt_shot *,
                long at, struct netrt_message *);
    void (*print)(const struct netrt_finding *);
    void (*json)(const struct netrt_finding *); /* members of an object, a comma before each */
    int (*write)(const struct netrt_finding *, const char *path, struct netrt_message *);
    void (*draw)(const struct netrt_finding *, const struct netrt_shot *, struct netrt_image *);
    void (*release)(struct netrt_finding *);
};

extern const struct netrt_finding_kind netrt_finds_classes, netrt_finds_map, netrt_finds_picture,
    netrt_finds_boxes;

/* Opens a finding of a kind. Fails where the command line has several crops, and the kind one. */
int netrt_finding_open(struct netrt_finding *, struct netrt_message *);
/* Fails where an option is of boxes, and none of the findings are. */
int netrt_findings_check(const struct netrt_finding *, int n, const struct netrt_program *);
/* The kind of an output's purpose; NULL: it is not for answers. */
const struct netrt_finding_kind *netrt_finding_kind(enum netrt_purpose);
/* The name of a class; NULL: it has none. */
const char *netrt_class_name(const struct netrt_program *, long class);
/* A line of text for a share of a class, or its probability. */
void netrt_print_class(const struct netrt_program *, double share, long class);
/* The members of an object of JSON that name a class, without a comma before them. */
void netrt_json_class(const struct netrt_program *, long class);
/* A string of JSON. Bytes that are no UTF-8 are what Python's os.fsdecode makes of them. */
void netrt_json_string(const char *);

#endif
