/* What evaluations of maps and of pictures share: pictures in one folder, what is right in another.
 */
#ifndef NETRT_ANSWER_EVAL_PAIRS_H
#define NETRT_ANSWER_EVAL_PAIRS_H

#include "evaluation.h"
#include "../data/pairs.h"

/* Opens the folders of --data and --pictures, and sets the number of pictures. */
int netrt_eval_pairs_open(struct netrt_eval *, struct netrt_pairs *, struct netrt_message *);
int netrt_eval_pairs_read(const struct netrt_pairs *, long number, struct netrt_image *,
                          struct netrt_message *);
void netrt_eval_pairs_name(const struct netrt_pairs *, long number, char *text, size_t size);

#endif
