/* The words of the text form, from the tables that define them. Each list ends with NULL and is
 * indexed by its enum. */
#ifndef NETC_IR_NAMES_H
#define NETC_IR_NAMES_H

#include "ir/graph.h"

extern const char *const frame_kind_names[];   /* enum frame_kind */
extern const char *const weight_kind_names[];  /* enum netrt_expr_kind */
extern const char *const act_names[];          /* enum netrt_act */
extern const char *const op_mode_names[];      /* enum op_mode */
extern const char *const fan_names[];          /* enum netrt_fan */
extern const char *const require_kind_names[]; /* enum require_kind */
extern const char *const purpose_names[];      /* enum netrt_purpose */

/* The index of `word`; -1: not in the list. */
int name_find(const char *const *names, const char *word);

/* Whether the weight is the parameter that the role has by the node's name. */
bool weight_is_default(const struct node *, enum role);

#endif
