/* What evaluations of maps and of pictures share: pictures in one folder, what is right in another.
 * Their state begins with a struct netrt_pairs. */
#ifndef NETRT_ANSWER_EVAL_PAIRS_H
#define NETRT_ANSWER_EVAL_PAIRS_H

#include "evaluation.h"
#include "../data/pairs.h"

/* Makes the state, of so many bytes, opens the folders of --data and --pictures, and sets the
 * number of pictures. */
int netrt_eval_pairs_open(struct netrt_eval *, size_t bytes, struct netrt_message *);
void netrt_eval_pairs_release(struct netrt_eval *);
int netrt_eval_pairs_read(const struct netrt_eval *, long number, struct netrt_image *,
                          struct netrt_message *);
void netrt_eval_pairs_name(const struct netrt_eval *, long number, char *text, size_t size);

#endif
