/* Losses, made of operators that the graph has: for recipes, and for a graph without one. */
#ifndef NETC_IR_LOSS_H
#define NETC_IR_LOSS_H

#include "ir/graph.h"

/* The names of the inputs that a loss adds: what the right answers are, and the numbers that
 * dropout draws from. */
extern const char loss_labels[], loss_seed[];
/* Whether no input has one of them. */
bool loss_names_are_free(const struct graph *);

/* The step of the graph's recipe that makes shares of classes of labels; NULL: labels stay whole.
 */
const struct picture *loss_mixing(const struct graph *);
/* The type of the labels of a loss over these scores: of cross entropy a number of a class for each
 * image or position, or where the recipe mixes them the share of each class, of others a number for
 * each of the scores. */
struct type loss_label_type(const struct graph *, enum op loss, const struct type *scores);
/* The input of labels of that type, made where there is none; NULL: there is one of another type.
 */
struct node *loss_labels_of(struct graph *, const struct node *scores, const struct type *);
/* Whether labels are such as cross entropy is to find, in either of PyTorch's forms: a class, or
 * the share of each. */
bool loss_classes_fit(const struct type *scores, const struct type *labels);
/* Whether the loss can be of these scores, and of labels of that type. */
bool loss_fits(enum op loss, const struct node *scores, const struct type *labels);

/* Appends a loss, an operator of class LOSS that fits: one number, [1, 1]. Where the scores come
 * from a softmax, or for bce a sigmoid, it is of what goes into that. */
struct node *loss_make(struct graph *, enum op loss, const struct attrs *, struct node *scores,
                       struct node *labels);
/* Likewise a sum of two, and one times a number. */
struct node *loss_add(struct graph *, struct node *, struct node *);
struct node *loss_scale(struct graph *, struct node *, double factor);
/* Whether the labels of a cross entropy, or of its gradient, are shares of classes. */
bool loss_has_shares(const struct node *);
/* Whether a node is a part of one, made on the way to it. */
bool loss_has_part(const struct node *);
/* Makes it the graph's loss: an output of that name and purpose. */
void loss_output(struct graph *, struct node *, struct span);

#endif
