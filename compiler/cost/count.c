/* Counting rules, one for each name in the column `count` of the table of operators. They compute
 * with quantities, so that a rule explains what it counts. */
#include "base/number.h"
#include "cost/cost.h"

struct counting {
    struct formulas *formulas;
    const struct node *node;
    const struct attrs *attr;
    const struct type *in, *out; /* the first operand, the result */
    struct quantity elements;    /* of the result */
    struct counted *counts;
};

typedef void count_rule(struct counting *);

static struct quantity number(struct counting *t, int64_t value)
{
    return quantity_number(t->formulas, value);
}

static struct quantity symbol(struct counting *t, enum formula_symbol symbol, int64_t value)
{
    return quantity_symbol(t->formulas, symbol, value);
}

static struct quantity times(struct counting *t, struct quantity a, struct quantity b)
{
    return quantity_times(t->formulas, a, b);
}

static struct quantity plus(struct counting *t, struct quantity a, struct quantity b)
{
    return quantity_plus(t->formulas, a, b);
}

static struct quantity minus(struct counting *t, struct quantity a, struct quantity b)
{
    return quantity_minus(t->formulas, a, b);
}

static struct quantity over(struct counting *t, struct quantity a, struct quantity b)
{
    return quantity_over(t->formulas, a, b);
}

/* So many times the elements of the result. */
static struct quantity elements_times(struct counting *t, int64_t n)
{
    return times(t, number(t, n), t->elements);
}

/* Elements of the input. */
static struct quantity inputs_of(struct counting *t)
{
    return cost_elements(t->formulas, SYMBOL_inputs, t->in);
}

static void count_free(struct counting *t)
{
    (void)t;
}

/* Each output is a sum of `taps` products, and of a bias. */
static void count_dot(struct counting *t, struct quantity taps)
{
    struct counted *c = t->counts;
    c->macs = c->mul = times(t, t->elements, taps);
    c->add = times(t, t->elements, minus(t, taps, number(t, !t->attr->bias)));
    if (t->attr->bias)
        c->bias = t->elements;
}

/* Elements of the kernel, of the axes that the input has. */
static struct quantity kernel_of(struct counting *t)
{
    const int64_t *kernel = t->attr->kernel;
    struct quantity n = number(t, 1);
    if (t->in->rank == VOLUME_RANK)
        n = symbol(t, SYMBOL_kernel_depth, kernel[2]);
    if (t->in->rank > 3)
        n = times(t, n, symbol(t, SYMBOL_kernel_rows, kernel[0]));
    return times(t, n, symbol(t, SYMBOL_kernel_columns, kernel[1]));
}

/* Channels of each group. */
static struct quantity of_group(struct counting *t, struct quantity channels)
{
    const int64_t groups = t->attr->groups;
    return groups == 1 ? channels : over(t, channels, symbol(t, SYMBOL_groups, groups));
}

static void count_conv(struct counting *t)
{
    const struct quantity channels = symbol(t, SYMBOL_channels, type_c(t->in));
    count_dot(t, times(t, kernel_of(t), of_group(t, channels)));
}

/* Each input gives kernel x outputs-of-its-group products; an output's first is not added. */
static void count_conv_transpose(struct counting *t)
{
    struct counted *c = t->counts;
    const struct quantity channels = symbol(t, SYMBOL_out_channels, t->attr->out);
    const struct quantity taps = times(t, kernel_of(t), of_group(t, channels));
    c->macs = c->mul = times(t, inputs_of(t), taps);
    if (c->macs.value > t->elements.value)
        c->add = minus(t, c->macs, t->elements);
    if (t->attr->bias) {
        c->bias = t->elements;
        c->add = plus(t, c->add, c->bias);
    }
}

/* Features are the last dimension. */
static void count_linear(struct counting *t)
{
    count_dot(t, symbol(t, SYMBOL_features, t->in->dim[t->in->rank - 1]));
}

/* Each element is a sum of products along the columns of the first operand. */
static void count_matmul(struct counting *t)
{
    const struct quantity terms = symbol(t, SYMBOL_terms, t->in->dim[t->in->rank - 1]);
    t->counts->macs = t->counts->mul = times(t, t->elements, terms);
    t->counts->add = times(t, t->elements, minus(t, terms, number(t, 1)));
}

/* Scores are sums of products along the columns of queries, times the scale, with the mask added; a
 * softmax of each query's, over n keys (n - 1 cmp, 2 n - 1 add, n exp, n div); results are sums of
 * products along the keys. */
static void count_attention(struct counting *t)
{
    const int last = t->out->rank - 1, masks = t->node->n_inputs - 3;
    const struct quantity one = number(t, 1), terms = symbol(t, SYMBOL_terms, t->in->dim[last]);
    const struct quantity keys = symbol(t, SYMBOL_keys, t->node->input[1]->type.dim[last - 1]);
    const struct quantity queries =
        symbol(t, SYMBOL_queries, t->elements.value / t->out->dim[last]);
    const struct quantity scores = quantity_as(t->formulas, SYMBOL_scores, times(t, queries, keys));
    struct counted *c = t->counts;
    c->macs = plus(t, times(t, scores, terms), times(t, t->elements, keys));
    c->mul = plus(t, c->macs, scores);
    c->add =
        plus(t, times(t, scores, minus(t, terms, one)), times(t, t->elements, minus(t, keys, one)));
    c->add = minus(t, plus(t, c->add, times(t, number(t, 2 + masks), scores)), queries);
    c->cmp = times(t, queries, minus(t, keys, one));
    c->exp = c->div = scores;
}

/* Numbers of states over all layers, directions and steps. */
static struct quantity states_of(struct counting *t)
{
    const struct quantity layers = symbol(t, SYMBOL_layers, t->attr->num_layers);
    return quantity_as(t->formulas, SYMBOL_states, times(t, t->elements, layers));
}

/* Products of a recurrent layer, of `gates` gates each: a state's row of weights is as long as the
 * state, and the input's as long as the input, the output of the layer before. Of two biases one
 * joins the two sums, so that with them there is an addition for each product and gate. */
static void count_gates(struct counting *t, int64_t n_gates)
{
    struct counted *c = t->counts;
    const struct quantity gates = symbol(t, SYMBOL_gates, n_gates);
    const struct quantity h = symbol(t, SYMBOL_hidden, t->attr->hidden_size);
    const struct quantity own = times(t, states_of(t), gates);
    const struct quantity later = times(t, number(t, t->attr->num_layers - 1),
                                        symbol(t, SYMBOL_out_channels, t->out->dim[2]));
    const struct quantity first = symbol(t, SYMBOL_features, t->in->dim[2]);
    const struct quantity inputs =
        t->attr->num_layers > 1
            ? quantity_as(t->formulas, SYMBOL_layer_inputs, plus(t, first, later))
            : first;
    c->macs = c->mul = plus(t, times(t, times(t, t->elements, gates), inputs), times(t, own, h));
    if (t->attr->bias)
        c->bias = times(t, number(t, 2), own);
    c->add = plus(t, minus(t, c->macs, own), c->bias);
}

/* Products of `gates` gates; then, for each number of a state, so many sigmoids (an exp, an
 * addition and a division each) and tanh (an exp), three products, and `adds` sums. */
static void count_recurrent(struct counting *t, int64_t gates, int64_t sigmoids, int64_t tanhs,
                            int64_t adds)
{
    const struct quantity states = states_of(t);
    count_gates(t, gates);
    t->counts->mul = plus(t, t->counts->mul, times(t, number(t, 3), states));
    t->counts->add = plus(t, t->counts->add, times(t, number(t, sigmoids + adds), states));
    t->counts->div = times(t, number(t, sigmoids), states);
    t->counts->exp = times(t, number(t, sigmoids + tanhs), states);
}

/* Cell: forget c + input new; state: output tanh(c). */
static void count_lstm(struct counting *t)
{
    count_recurrent(t, 4, 3, 2, 1);
}

/* A product with the reset gate; state: (1 - update) new + update h. */
static void count_gru(struct counting *t)
{
    count_recurrent(t, 3, 2, 1, 2);
}

/* x times a factor plus a term, by channel. */
static void count_bn(struct counting *t)
{
    t->counts->mul = t->counts->add = t->elements;
}

/* Groups of elements that an operator along some dimensions works on together. */
static struct quantity groups_of(struct counting *t)
{
    const int64_t n = type_elements_along(t->in, attrs_axes(t->attr, t->in));
    return quantity_as(t->formulas, SYMBOL_collections,
                       over(t, t->elements, symbol(t, SYMBOL_grouped, n)));
}

/* For each group: mean (n - 1 add, 1 div), n differences, their squares, variance (n - 1 add,
 * 1 div), eps, a root, n quotients; a scale and a shift. */
static void count_norm(struct counting *t, struct quantity groups)
{
    t->counts->mul = elements_times(t, 1 + t->attr->affine);
    t->counts->add = minus(t, elements_times(t, 3 + t->attr->affine), groups);
    t->counts->div = plus(t, t->elements, times(t, number(t, 2), groups));
    t->counts->exp = groups;
}

static void count_layernorm(struct counting *t)
{
    count_norm(t, groups_of(t));
}

/* instancenorm: a group for each channel. */
static void count_groupnorm(struct counting *t)
{
    const struct quantity images = symbol(t, SYMBOL_images, type_n(t->out));
    const struct quantity groups = t->attr->groups ? symbol(t, SYMBOL_groups, t->attr->groups)
                                                   : symbol(t, SYMBOL_channels, type_c(t->out));
    count_norm(t, quantity_as(t->formulas, SYMBOL_collections, times(t, images, groups)));
}

/* For each group: n squares, their mean (n - 1 add, 1 div), eps, a root, n quotients; a scale. */
static void count_rmsnorm(struct counting *t)
{
    const struct quantity groups = groups_of(t);
    t->counts->mul = elements_times(t, 1 + t->attr->affine);
    t->counts->add = t->elements;
    t->counts->div = plus(t, t->elements, groups);
    t->counts->exp = groups;
}

/* x / (k + alpha * (sum of `size` squares / size)) ^ beta; each square is computed once. */
static void count_lrn(struct counting *t)
{
    t->counts->mul = t->counts->div = elements_times(t, 2);
    t->counts->add = times(t, symbol(t, SYMBOL_size, t->attr->size[0]), t->elements);
    t->counts->exp = t->elements;
}

static void count_relu(struct counting *t)
{
    t->counts->cmp = t->elements;
}

static void count_relu6(struct counting *t)
{
    t->counts->cmp = elements_times(t, 2);
}

static void count_leaky_relu(struct counting *t)
{
    t->counts->cmp = t->counts->mul = t->elements;
}

static void count_sigmoid(struct counting *t)
{
    t->counts->exp = t->counts->add = t->counts->div = t->elements;
}

static void count_tanh(struct counting *t)
{
    t->counts->exp = t->elements;
}

/* x * 0.5 * (1 + erf(x * sqrt(0.5))) */
static void count_gelu(struct counting *t)
{
    t->counts->mul = elements_times(t, 3);
    t->counts->add = t->counts->exp = t->elements;
}

static void count_silu(struct counting *t)
{
    count_sigmoid(t);
    t->counts->mul = t->elements;
}

/* A comparison for each bound that there is. */
static void count_clip(struct counting *t)
{
    const int bounds = isfinite(t->attr->min) + isfinite(t->attr->max);
    t->counts->cmp = times(t, symbol(t, SYMBOL_bounds, bounds), t->elements);
}

/* x < 0 ? alpha * (exp(x) - 1) : x */
static void count_elu(struct counting *t)
{
    t->counts->cmp = t->counts->mul = t->counts->add = t->counts->exp = t->elements;
}

/* x * tanh(log(1 + exp(x))) */
static void count_mish(struct counting *t)
{
    t->counts->mul = t->counts->add = t->elements;
    t->counts->exp = elements_times(t, 3);
}

/* beta * x > threshold ? x : log(1 + exp(beta * x)) / beta */
static void count_softplus(struct counting *t)
{
    t->counts->cmp = t->counts->mul = t->counts->add = t->counts->div = t->elements;
    t->counts->exp = elements_times(t, 2);
}

static void count_exp(struct counting *t)
{
    t->counts->exp = t->elements;
}

static void count_log(struct counting *t)
{
    t->counts->exp = t->elements;
}

static void count_sqrt(struct counting *t)
{
    t->counts->exp = t->elements;
}

static void count_pow(struct counting *t)
{
    t->counts->exp = t->elements;
}

/* max(x, -x), of which the change of sign is free */
static void count_abs(struct counting *t)
{
    t->counts->cmp = t->elements;
}

/* 0 - x */
static void count_neg(struct counting *t)
{
    t->counts->add = t->elements;
}

/* x < 0 ? slope * x : x */
static void count_prelu(struct counting *t)
{
    t->counts->cmp = t->counts->mul = t->elements;
}

static void count_hardsigmoid(struct counting *t)
{
    t->counts->add = t->counts->div = t->elements;
    t->counts->cmp = elements_times(t, 2);
}

static void count_hardswish(struct counting *t)
{
    count_hardsigmoid(t);
    t->counts->mul = t->elements;
}

/* For each group of n: n - 1 cmp, n differences, n exp, n - 1 add, n div. */
static void count_softmax(struct counting *t)
{
    const struct quantity groups = groups_of(t);
    t->counts->cmp = minus(t, t->elements, groups);
    t->counts->add = minus(t, elements_times(t, 2), groups);
    t->counts->exp = t->counts->div = t->elements;
}

/* x - max - log(sum of exp(x - max)): as softmax, but a log and n differences for n div. */
static void count_log_softmax(struct counting *t)
{
    const struct quantity groups = groups_of(t);
    t->counts->cmp = minus(t, t->elements, groups);
    t->counts->add = minus(t, elements_times(t, 3), groups);
    t->counts->exp = plus(t, t->elements, groups);
}

/* Of n elements: n - 1 for each of the result. */
static struct quantity reductions(struct counting *t)
{
    return minus(t, inputs_of(t), t->elements);
}

static void count_sum(struct counting *t)
{
    t->counts->add = reductions(t);
}

static void count_mean(struct counting *t)
{
    t->counts->add = reductions(t);
    t->counts->div = t->elements;
}

static void count_amax(struct counting *t)
{
    t->counts->cmp = reductions(t);
}

/* k (2 n - k - 1) / 2: of k rows, n - 1 in the first and one fewer each time. */
static struct quantity triangle(struct counting *t, struct quantity k, struct quantity n)
{
    const struct quantity two = number(t, 2);
    const struct quantity twice = minus(t, minus(t, times(t, two, n), k), number(t, 1));
    return over(t, times(t, k, twice), two);
}

/* k times the largest of those that are left: of n, n - 1 comparisons, then one fewer each time. */
static void count_topk(struct counting *t)
{
    const struct quantity k = symbol(t, SYMBOL_best, t->attr->count);
    const struct quantity n =
        symbol(t, SYMBOL_grouped, type_elements_along(t->in, attrs_axes(t->attr, t->in)));
    const struct quantity groups =
        symbol(t, SYMBOL_collections, t->elements.value / t->attr->count);
    t->counts->cmp = times(t, groups, triangle(t, k, n));
}

/* Of n candidates each is compared with the threshold, the k results are the best of those that are
 * left, and each candidate is compared with the results before it: (n - 1) + (n - 2) + … of k rows.
 * An area is 2 subtractions and a product; an intersection over union 6 comparisons, 4 sums, a
 * product and a quotient, which one more is made with; Soft-NMS takes the exponential of its square
 * over sigma times a score. */
static void count_nms(struct counting *t)
{
    const struct type *scores = &t->node->input[1]->type;
    const struct quantity images = symbol(t, SYMBOL_images, t->in->dim[0]);
    const struct quantity n = symbol(t, SYMBOL_candidates, type_elements(scores) / t->in->dim[0]);
    const struct quantity k = symbol(t, SYMBOL_best, t->out->dim[1]), all = times(t, images, n);
    const struct quantity pairs =
        quantity_as(t->formulas, SYMBOL_pairs, times(t, images, triangle(t, k, n)));
    t->counts->cmp = plus(t, all, times(t, number(t, 8), pairs));
    t->counts->add = plus(t, times(t, number(t, 2), all), times(t, number(t, 4), pairs));
    t->counts->mul = plus(t, all, pairs);
    t->counts->div = pairs;
    if (t->attr->sigma > 0) {
        t->counts->mul = plus(t, all, times(t, number(t, 3), pairs));
        t->counts->div = times(t, number(t, 2), pairs);
        t->counts->exp = pairs;
    }
}

/* A side is the position's pixels and a constant. */
static void count_anchors(struct counting *t)
{
    t->counts->add = t->elements;
}

static struct quantity boxes_of(struct counting *t)
{
    return symbol(t, SYMBOL_boxes, t->elements.value / 4);
}

/* What counts n boxes with so many sums, products and comparisons each, and 8 of these more where
 * boxes end at a border. */
static void count_boxes(struct counting *t, int64_t add, int64_t mul, int64_t cmp)
{
    const struct quantity n = boxes_of(t);
    t->counts->add = times(t, number(t, add), n);
    t->counts->mul = times(t, number(t, mul), n);
    cmp += t->attr->size[0] ? 8 : 0;
    if (cmp)
        t->counts->cmp = times(t, number(t, cmp), n);
}

/* Width, height and center of what is changed are 4 sums and 2 products by a half, the corners of
 * what comes of it as many; x w + cx of both axes, exp(x) w after a comparison; deltas are over
 * their weights. */
static void count_decode(struct counting *t)
{
    const struct reals *weights = &t->attr->weights;
    count_boxes(t, 10, 8, 2);
    t->counts->exp = times(t, number(t, 2), boxes_of(t));
    if (weights->n != 1 || weights->at[0] != 1)
        t->counts->div = t->elements;
}

/* The same corners; (sigmoid(x) - 0.5) stride + cx of both axes, a sigmoid being an exponential, a
 * sum and a quotient; exp(x) w, or (2 sigmoid(x))^2 w. */
static void count_decode_yolo(struct counting *t)
{
    const bool scaled = t->attr->scaled;
    count_boxes(t, scaled ? 16 : 14, scaled ? 12 : 8, 0);
    t->counts->exp = t->elements;
    t->counts->div = times(t, number(t, scaled ? 4 : 2), boxes_of(t));
}

/* Each side with that of the picture. */
static void count_inside(struct counting *t)
{
    t->counts->cmp = times(t, number(t, 4), symbol(t, SYMBOL_boxes, t->elements.value));
}

/* One less than a window has elements. */
static struct quantity joined_by_window(struct counting *t)
{
    return times(t, t->elements, minus(t, kernel_of(t), number(t, 1)));
}

static void count_maxpool(struct counting *t)
{
    t->counts->cmp = joined_by_window(t);
}

static void count_avgpool(struct counting *t)
{
    t->counts->add = joined_by_window(t);
    t->counts->div = t->elements;
}

/* Window y of `out` covers floor(y in / out) to ceil((y + 1) in / out); neighbours share one
 * position unless their border is whole, so that the lengths sum to in + out - gcd(in, out). */
static struct quantity sum_of_windows(struct counting *t, int64_t in, int64_t out)
{
    return minus(t, plus(t, number(t, in), number(t, out)), number(t, int_gcd(in, out)));
}

static struct quantity items_of_windows(struct counting *t)
{
    struct quantity items = times(t, symbol(t, SYMBOL_images, type_n(t->out)),
                                  symbol(t, SYMBOL_channels, type_c(t->out)));
    for (int axis = 0; axis < 3; axis++) {
        const int64_t in = type_along(t->in, axis), out = type_along(t->out, axis);
        if (in > 1 || out > 1)
            items = times(t, items, sum_of_windows(t, in, out));
    }
    return quantity_as(t->formulas, SYMBOL_items, items);
}

static void count_adaptive_maxpool(struct counting *t)
{
    t->counts->cmp = minus(t, items_of_windows(t), t->elements);
}

static void count_global_maxpool(struct counting *t)
{
    t->counts->cmp = reductions(t);
}

/* The mean of samples, each of four products; where their number is that of the positions, a region
 * being the whole map. */
static void count_roi_align(struct counting *t)
{
    const struct attrs *a = t->attr;
    int64_t samples = 1;
    for (int axis = 0; axis < 2; axis++)
        samples *= a->sampling_ratio ? int_min(a->sampling_ratio, INT32_MAX)
                                     : (type_along(t->in, axis) - 1) / type_along(t->out, axis) + 1;
    const struct quantity four = number(t, 4), n = symbol(t, SYMBOL_samples, samples);
    t->counts->mul = times(t, t->elements, times(t, four, n));
    t->counts->add = minus(t, t->counts->mul, t->elements);
    t->counts->div = t->elements;
}

/* Of each pixel its place in the mask, 3 sums and a product along each axis, and 3 values between
 * two, each a sum and two products; as if boxes were whole pictures. */
static void count_paste_masks(struct counting *t)
{
    t->counts->add = times(t, number(t, 9), t->elements);
    t->counts->mul = times(t, number(t, 8), t->elements);
}

/* 4 values by their weights down, and 4 across, of each pixel, the largest of them, and 2 sums and
 * products for its place; as if regions were as large as their maps. */
static void count_heatmaps_to_keypoints(struct counting *t)
{
    const int64_t points = t->elements.value / 3;
    const struct quantity n = symbol(t, SYMBOL_points, points);
    const struct quantity pixels = symbol(t, SYMBOL_inputs, type_elements(t->in));
    const struct quantity places = times(t, number(t, 4), n);
    t->counts->mul = plus(t, times(t, number(t, 8), pixels), times(t, number(t, 2), n));
    t->counts->add = plus(t, times(t, number(t, 6), pixels), places);
    t->counts->cmp = minus(t, pixels, n);
}

static void count_adaptive_avgpool(struct counting *t)
{
    t->counts->add = minus(t, items_of_windows(t), t->elements);
    t->counts->div = t->elements;
}

static void count_global_avgpool(struct counting *t)
{
    t->counts->add = reductions(t);
    t->counts->div = t->elements;
}

/* 4 values by their weights, or 16 */
static void count_upsample(struct counting *t)
{
    const int64_t taps = attrs_taps(t->attr);
    const struct quantity values = symbol(t, SYMBOL_values, taps * taps);
    if (taps == 1)
        return;
    t->counts->mul = times(t, t->elements, values);
    t->counts->add = times(t, t->elements, minus(t, values, number(t, 1)));
}

static void count_scale(struct counting *t)
{
    t->counts->mul = t->elements;
}

/* An operation for each branch after the first. */
static struct quantity joined_by_branches(struct counting *t)
{
    const struct quantity branches = symbol(t, SYMBOL_branches, t->node->n_inputs);
    return times(t, t->elements, minus(t, branches, number(t, 1)));
}

static void count_add(struct counting *t)
{
    t->counts->add = joined_by_branches(t);
}

static void count_mul(struct counting *t)
{
    t->counts->mul = joined_by_branches(t);
}

static void count_div(struct counting *t)
{
    t->counts->div = joined_by_branches(t);
}

static void count_cmp(struct counting *t)
{
    t->counts->cmp = joined_by_branches(t);
}

static count_rule *const rules[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, count, ...) count_##count,
#define ATTR(...)
#include "ir/ops.def"
};

/* ---- parameters ---- */

/* Whether the weight is a kernel: OC x C / g x KD x KH x KW as far as its rank goes, of a
 * transposed one C first. */
static bool has_kernel(const struct node *n)
{
    return n->weight[ROLE_weight] &&
           (n->op == OP_conv || n->op == OP_conv_transpose || n->op == OP_linear);
}

/* Channels, of which the kernel has `n` for each group. */
static struct quantity all_groups(struct counting *t, enum formula_symbol channels, int64_t n)
{
    const int64_t groups = t->attr->groups ? t->attr->groups : 1;
    const struct quantity all = quantity_times(t->formulas, number(t, n), number(t, groups));
    return symbol(t, channels, all.value);
}

/* Elements of a kernel for each of its first dimension. */
static struct quantity kernel_taps(struct counting *t, const struct type *w,
                                   enum formula_symbol channels)
{
    static const enum formula_symbol axes[] = {SYMBOL_kernel_columns, SYMBOL_kernel_rows,
                                               SYMBOL_kernel_depth};
    struct quantity n = number(t, 1);
    for (int i = 2; i < w->rank; i++)
        n = times(t, n, symbol(t, axes[w->rank - 1 - i], w->dim[i]));
    if (t->node->op == OP_linear)
        return times(t, n, symbol(t, SYMBOL_features, w->dim[1]));
    return times(t, n, of_group(t, all_groups(t, channels, w->dim[1])));
}

/* (taps + 1) * OC with a bias, which a transposed convolution has for other channels than its
 * kernel's first. */
static struct quantity params_of_kernel(struct counting *t)
{
    const struct type *w = &t->node->weight[ROLE_weight]->type;
    const struct weight *bias = t->node->weight[ROLE_bias];
    const bool transposed = t->node->op == OP_conv_transpose;
    struct quantity taps = kernel_taps(t, w, transposed ? SYMBOL_out_channels : SYMBOL_channels);
    const struct quantity first =
        symbol(t, transposed ? SYMBOL_channels : SYMBOL_out_channels, w->dim[0]);
    if (bias && !transposed)
        taps = plus(t, taps, number(t, 1));
    taps = times(t, taps, first);
    return bias && transposed ? plus(t, taps, symbol(t, SYMBOL_out_channels, bias->type.dim[0]))
                              : taps;
}

static struct quantity elements_of_weight(struct counting *t, enum role role)
{
    const struct type *w = &t->node->weight[role]->type;
    struct quantity n = number(t, 1);
    for (int i = 0; i < w->rank; i++)
        n = times(t, n, number(t, w->dim[i]));
    return quantity_named(t->formulas, role_name(role), n);
}

/* What is shared is counted where it is first. */
static void count_params(struct counting *t)
{
    if (t->node->shares)
        return;
    if (has_kernel(t->node)) {
        t->counts->params = params_of_kernel(t);
        return;
    }
    for (enum role role = 0; role < N_ROLES; role++) {
        struct quantity *sum = role_is_learned(role) ? &t->counts->params : &t->counts->buffers;
        if (t->node->weight[role])
            *sum = plus(t, *sum, elements_of_weight(t, role));
    }
}

/* ---- all of them ---- */

struct quantity cost_elements(struct formulas *f, enum formula_symbol name, const struct type *type)
{
    static const enum formula_symbol of_result[] = {SYMBOL_out_columns, SYMBOL_out_rows,
                                                    SYMBOL_out_depth};
    static const enum formula_symbol of_input[] = {SYMBOL_columns, SYMBOL_rows, SYMBOL_depth};
    const bool input = name == SYMBOL_inputs;
    const bool named = type->rank == 2 || type->rank == 4 || type->rank == VOLUME_RANK;
    struct quantity n = quantity_number(f, 1);
    for (int i = 0; i < type->rank; i++) {
        const enum formula_symbol symbol = !i ? SYMBOL_images
                                           : i == 1
                                               ? (input ? SYMBOL_channels : SYMBOL_out_channels)
                                           : input ? of_input[(type->rank - 1 - i) % 3]
                                                   : of_result[(type->rank - 1 - i) % 3];
        if (type->dim[i] != 1 && named)
            n = quantity_times(f, n, quantity_symbol(f, symbol, type->dim[i]));
        else
            n = quantity_times(f, n, quantity_number(f, type->dim[i]));
    }
    return quantity_as(f, name, n);
}

void cost_explain(struct formulas *f, const struct node *node, struct counted *counts)
{
    const struct quantity none = quantity_number(f, 0);
    struct counting t = {.formulas = f,
                         .node = node,
                         .attr = &node->attr,
                         .in = node->n_inputs ? &node->input[0]->type : NULL,
                         .out = &node->type,
                         .elements = cost_elements(f, SYMBOL_elements, &node->type),
                         .counts = counts};
#define COUNT(id, doc) counts->id = none;
#include "cost/counts.def"
    rules[node->op](&t);
    count_params(&t);
}

bool cost_count(const struct node *node, struct counts *counts)
{
    struct formulas numbers = {0};
    struct counted counted;
    cost_explain(&numbers, node, &counted);
#define COUNT(id, doc) counts->id = counted.id.value;
#include "cost/counts.def"
    return !numbers.overflow;
}
