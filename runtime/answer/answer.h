/* Commands on pictures. */
#ifndef NETRT_ANSWER_ANSWER_H
#define NETRT_ANSWER_ANSWER_H

#include "../host/program.h"

int netrt_command_answer(struct netrt_program *); /* what a network finds in pictures */
int netrt_command_eval(struct netrt_program *);   /* the share of right answers on a data set */

#endif
