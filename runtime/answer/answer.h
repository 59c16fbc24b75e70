/* Commands on pictures. */
#ifndef NETRT_ANSWER_ANSWER_H
#define NETRT_ANSWER_ANSWER_H

#include "../host/program.h"

int netrt_command_answer(struct netrt_program *); /* what a network finds in pictures */
int netrt_command_eval(struct netrt_program *);   /* how good answers are on a data set */

/* The whole program, which reads annotations of Pascal VOC by that function, if there is one. */
int netrt_main_with(const struct netrt_model *, netrt_annotations_reader *, int argc, char **argv);

#endif
