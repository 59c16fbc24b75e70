/* The commands of a program for training, and what its model says to them. */
#ifndef NETRT_TRAIN_COMMANDS_H
#define NETRT_TRAIN_COMMANDS_H

#include "../host/program.h"

#include <signal.h>

int netrt_command_gradients(struct netrt_program *); /* of one batch, to a file */
int netrt_command_train(struct netrt_program *);     /* on a data set, */

/* Lets signals that want the program to end wait, in this thread and those that it makes; what was
 * blocked before. */
void netrt_block_signals(sigset_t *before);
/* Whether one of them waits. */
bool netrt_is_to_end(void);

struct netrt_group;
/* with the other ranks of a group. */
int netrt_train(struct netrt_program *, struct netrt_group *);
/* netrt_train_main() with a function for the command `train`. */
int netrt_train_main_by(const struct netrt_model *, int (*train)(struct netrt_program *), int argc,
                        char **argv);

/* Where a model for training has what the compiler added to it: numbers of inputs and outputs, or
 * -1. */
struct netrt_roles {
    int labels, seed;  /* inputs */
    int loss, classes; /* outputs; classes: the scores, of pictures or of the pixels of a map */
};
struct netrt_roles netrt_roles_of(const struct netrt_model *);

/* The number of the input, or the parameter, of that name, or -1. */
int netrt_find_input(const struct netrt_model *, const char *name);
int netrt_find_param(const struct netrt_model *, const char *name);
/* The numbers that a picture's label has in the input of labels: one, a class; the share of each
 * class; or a class for each pixel. 1 where there is no such input. */
long netrt_label_size(const struct netrt_model *, const struct netrt_roles *);
/* Writes the label of a picture of that class. */
void netrt_label_write(float *label, long size, int class);
/* Whether labels are maps, a class for each pixel of that input. */
bool netrt_labels_are_maps(const struct netrt_model *, const struct netrt_roles *, int pictures);

/* Answers that are compared with labels, and those that are right. */
struct netrt_answers {
    long all, right;
};
void netrt_answers_add(struct netrt_answers *, struct netrt_answers more);
/* Of the first n pictures of a run, or of their pixels but those whose label is `ignored`; by the
 * largest share where labels are shares. None where there are no classes, or no labels. */
struct netrt_answers netrt_count_answers(const struct netrt_program *, const struct netrt_roles *,
                                         long ignored, long n);
/* Fails where a label of the batch in `labels` is not the number of a class, or not a share of one;
 * `where` names them. */
int netrt_check_labels(const struct netrt_program *, const struct netrt_roles *,
                       const float *labels, const char *where);

#endif
