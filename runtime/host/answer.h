/* Commands on pictures. */
#ifndef NETRT_HOST_ANSWER_H
#define NETRT_HOST_ANSWER_H

#include "program.h"

int netrt_command_answer(struct netrt_program *); /* what a network finds in pictures */
int netrt_command_eval(struct netrt_program *);   /* the share of right answers on a data set */

#endif
