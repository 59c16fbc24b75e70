/* Rules of softmax, and of its cross entropy. */
#include "ir/loss.h"
#include "report/elements.h"

#include <math.h>
#include <string.h>

static struct real exponential(struct arena *arena, struct real x)
{
    return real_function(arena, "exp", exp(x.value), x);
}

/* The sum of exp over the dimensions of a softmax, at the position `at`. */
static struct real sum_of_exp(const struct elements *e, const struct node *n,
                              const int64_t at[MAX_RANK], unsigned axes)
{
    const struct type *type = &n->input[0]->type;
    struct real sum = real_number(e->arena, 0);
    int64_t other[MAX_RANK];
    for (int64_t i = 0; i < type_elements(type); i++) {
        bool along = true;
        elements_position(type, i, other);
        for (int d = 0; d < type->rank; d++)
            along = along && (axes >> d & 1 || other[d] == at[d]);
        if (along)
            sum = real_plus(e->arena, sum, exponential(e->arena, elements_operand(e, n, 0)[i]));
    }
    return sum;
}

void elements_softmax(const struct elements *e, const struct node *n, struct real *result)
{
    const unsigned axes = attrs_axes(&n->attr, &n->type);
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        elements_position(&n->type, i, at);
        result[i] = real_over(e->arena, exponential(e->arena, elements_operand(e, n, 0)[i]),
                              sum_of_exp(e, n, at, axes));
    }
}

static struct real logarithm(struct arena *arena, struct real x)
{
    return real_function(arena, "log", log(x.value), x);
}

void elements_log_softmax(const struct elements *e, const struct node *n, struct real *result)
{
    const unsigned axes = attrs_axes(&n->attr, &n->type);
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        elements_position(&n->type, i, at);
        result[i] = real_minus(e->arena, elements_operand(e, n, 0)[i],
                               logarithm(e->arena, sum_of_exp(e, n, at, axes)));
    }
}

/* ---- cross entropy: of scores [N, C, ...] and labels [N, 1, ...], or shares [N, C, ...] ---- */

static const unsigned classes = 1u << 1;

static struct real label_at(const struct elements *e, const struct node *n,
                            const int64_t at[MAX_RANK])
{
    return elements_operand(e, n, 1)[elements_at(&n->input[1]->type, at)];
}

/* 1 where the label is that class, else 0. */
static struct real label_is(const struct elements *e, const struct node *n,
                            const int64_t at[MAX_RANK], int64_t class)
{
    const struct real label = label_at(e, n, at), c = real_number(e->arena, (double)class);
    const double value = isnan(label.value) ? label.value : label.value == c.value;
    return real_function2(e->arena, "is", value, label, c);
}

/* The share that the label gives a class: of a whole one all of it. */
static struct real said_share(const struct elements *e, const struct node *n,
                              const int64_t at[MAX_RANK])
{
    return loss_has_shares(n) ? label_at(e, n, at) : label_is(e, n, at, at[1]);
}

/* What a class counts. */
static double class_weight(const struct node *n, int64_t class)
{
    return n->attr.class_weights.n ? n->attr.class_weights.at[class] : 1;
}

/* 0 for the label that counts for nothing, else 1. Where that is no class, no label is it. */
static struct real counted(const struct elements *e, const struct node *n,
                           const int64_t at[MAX_RANK])
{
    const struct real one = real_number(e->arena, 1);
    if (loss_has_shares(n) || n->attr.ignore_index < 0)
        return one;
    return real_minus(e->arena, one, label_is(e, n, at, n->attr.ignore_index));
}

/* The share of a class: 1 - label_smoothing of what the label gives it, and its part of the rest,
 * times what the class counts. */
static struct real share_of(const struct elements *e, const struct node *n,
                            const int64_t at[MAX_RANK])
{
    const double smoothing = n->attr.label_smoothing;
    const double rest = smoothing / (double)n->input[0]->type.dim[1];
    const struct real said = real_times(e->arena, real_number(e->arena, 1 - smoothing),
                                        said_share(e, n, at)),
                      share = real_plus(e->arena, said, real_number(e->arena, rest));
    return real_times(e->arena, counted(e, n, at),
                      real_times(e->arena, real_number(e->arena, class_weight(n, at[1])), share));
}

/* What the shares of all classes at a position sum to: of a whole label 1, where all count 1. */
static struct real all_shares(const struct elements *e, const struct node *n,
                              const int64_t at[MAX_RANK])
{
    struct real sum = real_number(e->arena, 0);
    int64_t other[MAX_RANK];
    memcpy(other, at, sizeof other);
    if (!loss_has_shares(n) && !n->attr.class_weights.n)
        return counted(e, n, at);
    for (other[1] = 0; other[1] < n->input[0]->type.dim[1]; other[1]++)
        sum = real_plus(e->arena, sum, share_of(e, n, other));
    return sum;
}

/* What the label's own class counts, in a mean over labels. */
static struct real label_weight(const struct elements *e, const struct node *n,
                                const int64_t at[MAX_RANK])
{
    struct real sum = real_number(e->arena, 0);
    int64_t other[MAX_RANK];
    memcpy(other, at, sizeof other);
    if (!n->attr.class_weights.n)
        return counted(e, n, at);
    for (other[1] = 0; other[1] < n->input[0]->type.dim[1]; other[1]++)
        sum = real_plus(e->arena, sum,
                        real_times(e->arena, real_number(e->arena, class_weight(n, other[1])),
                                   said_share(e, n, other)));
    return real_times(e->arena, counted(e, n, at), sum);
}

/* What all labels, of images or of positions of maps, count together. */
static struct real all_weights(const struct elements *e, const struct node *n)
{
    const struct type *labels = &n->input[1]->type;
    struct real sum = real_number(e->arena, 0);
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(labels); i++) {
        elements_position(labels, i, at);
        sum = real_plus(e->arena, sum, label_weight(e, n, at));
    }
    return sum;
}

/* Where nothing weighs or is left out, the divisor is a number, and stands in front as a factor. */
static struct real over_weights(const struct elements *e, const struct node *n, struct real sum)
{
    const struct type *scores = &n->input[0]->type;
    const double labels = (double)(type_elements(scores) / scores->dim[1]);
    if (loss_has_shares(n) || (!n->attr.class_weights.n && n->attr.ignore_index < 0))
        return real_times(e->arena, real_number(e->arena, 1 / labels), sum);
    return real_over(e->arena, sum, all_weights(e, n));
}

/* The mean of log(sum of exp) times all shares - the sum of shares times scores. */
void elements_cross_entropy(const struct elements *e, const struct node *n, struct real *result)
{
    const struct type *scores = &n->input[0]->type;
    struct real sum = real_number(e->arena, 0);
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(scores); i++) {
        elements_position(scores, i, at);
        if (at[1] == 0)
            sum = real_plus(e->arena, sum,
                            real_times(e->arena, all_shares(e, n, at),
                                       logarithm(e->arena, sum_of_exp(e, n, at, classes))));
        sum = real_minus(e->arena, sum,
                         real_times(e->arena, share_of(e, n, at), elements_operand(e, n, 0)[i]));
    }
    *result = over_weights(e, n, sum);
}

/* softmax times all shares - the class's, times the gradient of the mean. */
void elements_cross_entropy_gradient(const struct elements *e, const struct node *n,
                                     struct real *result)
{
    const struct real mean = over_weights(e, n, elements_operand(e, n, 2)[0]);
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        elements_position(&n->type, i, at);
        const struct real softmax =
            real_over(e->arena, exponential(e->arena, elements_operand(e, n, 0)[i]),
                      sum_of_exp(e, n, at, classes));
        const struct real wanted = real_times(e->arena, all_shares(e, n, at), softmax);
        result[i] = real_times(e->arena, mean, real_minus(e->arena, wanted, share_of(e, n, at)));
    }
}
