/* Counting rules, one for each name in the column `count` of the table of operators. */
#include "base/number.h"
#include "cost/cost.h"

struct counting {
    const struct node *node;
    const struct attrs *attr;
    const struct type *in, *out; /* the first operand, the result */
    int64_t elements;            /* of the result */
    struct counts *counts;
    bool overflow;
};

typedef void count_rule(struct counting *);

static int64_t times(struct counting *t, int64_t a, int64_t b)
{
    int64_t product;
    if (checked_mul(a, b, &product))
        return product;
    t->overflow = true;
    return 0;
}

static int64_t plus(struct counting *t, int64_t a, int64_t b)
{
    int64_t sum;
    if (checked_add(a, b, &sum))
        return sum;
    t->overflow = true;
    return 0;
}

static void count_free(struct counting *t)
{
    (void)t;
}

/* Each output is a sum of `taps` products, and of a bias. */
static void count_dot(struct counting *t, int64_t taps)
{
    struct counts *c = t->counts;
    c->macs = c->mul = times(t, t->elements, taps);
    c->add = times(t, t->elements, taps - !t->attr->bias);
    c->bias = t->attr->bias ? t->elements : 0;
}

static void count_conv(struct counting *t)
{
    const struct attrs *a = t->attr;
    int64_t taps = times(t, times(t, a->kernel[0], a->kernel[1]), a->kernel[2]);
    count_dot(t, times(t, taps, type_c(t->in) / a->groups));
}

/* Each input gives kernel x outputs-of-its-group products; an output's first is not added. */
static void count_conv_transpose(struct counting *t)
{
    const struct attrs *a = t->attr;
    struct counts *c = t->counts;
    int64_t taps = times(t, a->kernel[0], a->kernel[1]);
    c->macs = times(t, type_elements(t->in), times(t, taps, a->out / a->groups));
    c->mul = c->macs;
    c->add = c->macs > t->elements ? c->macs - t->elements : 0;
    c->bias = a->bias ? t->elements : 0;
    c->add = plus(t, c->add, c->bias);
}

/* Features are the last dimension. */
static void count_linear(struct counting *t)
{
    count_dot(t, t->in->dim[t->in->rank - 1]);
}

/* Each element is a sum of products along the columns of the first operand. */
static void count_matmul(struct counting *t)
{
    const int64_t terms = t->in->dim[t->in->rank - 1];
    t->counts->macs = t->counts->mul = times(t, t->elements, terms);
    t->counts->add = times(t, t->elements, terms - 1);
}

/* Scores are sums of products along the columns of queries, times the scale, with the mask added; a
 * softmax of each query's, over n keys (n - 1 cmp, 2 n - 1 add, n exp, n div); results are sums of
 * products along the keys. */
static void count_attention(struct counting *t)
{
    const int last = t->out->rank - 1, masks = t->node->n_inputs - 3;
    const int64_t terms = t->in->dim[last], keys = t->node->input[1]->type.dim[last - 1];
    const int64_t queries = t->elements / t->out->dim[last], scores = times(t, queries, keys);
    struct counts *c = t->counts;
    c->macs = plus(t, times(t, scores, terms), times(t, t->elements, keys));
    c->mul = plus(t, c->macs, scores);
    c->add = plus(t, plus(t, times(t, scores, terms - 1), times(t, t->elements, keys - 1)),
                  times(t, scores, 2 + masks)) -
             queries;
    c->cmp = times(t, queries, keys - 1);
    c->exp = c->div = scores;
}

/* Numbers of states over all layers, directions and steps. */
static int64_t states_of(struct counting *t)
{
    return times(t, t->elements, t->attr->num_layers);
}

/* Products of a recurrent layer, of `gates` gates each: a state's row of weights is as long as the
 * state, and the input's as long as the input, the output of the layer before. Of two biases one
 * joins the two sums, so that with them there is an addition for each product and gate. */
static void count_gates(struct counting *t, int64_t gates)
{
    struct counts *c = t->counts;
    const int64_t h = t->attr->hidden_size, own = times(t, states_of(t), gates);
    const int64_t inputs =
        plus(t, t->in->dim[2], times(t, t->attr->num_layers - 1, t->out->dim[2]));
    const int64_t of_input = times(t, times(t, t->elements, gates), inputs);
    c->macs = c->mul = plus(t, of_input, times(t, own, h));
    c->bias = t->attr->bias ? times(t, own, 2) : 0;
    c->add = plus(t, c->macs - own, c->bias);
}

/* Products of `gates` gates; then, for each number of a state, so many sigmoids (an exp, an
 * addition and a division each) and tanh (an exp), three products, and `adds` sums. */
static void count_recurrent(struct counting *t, int64_t gates, int64_t sigmoids, int64_t tanhs,
                            int64_t adds)
{
    const int64_t states = states_of(t);
    count_gates(t, gates);
    t->counts->mul = plus(t, t->counts->mul, times(t, states, 3));
    t->counts->add = plus(t, t->counts->add, times(t, states, sigmoids + adds));
    t->counts->div = times(t, states, sigmoids);
    t->counts->exp = times(t, states, sigmoids + tanhs);
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
static int64_t groups_of(const struct counting *t)
{
    return t->elements / type_elements_along(t->in, attrs_axes(t->attr, t->in));
}

/* For each group: mean (n - 1 add, 1 div), n differences, their squares, variance (n - 1 add,
 * 1 div), eps, a root, n quotients; a scale and a shift. */
static void count_norm(struct counting *t, int64_t groups)
{
    int64_t affine = t->attr->affine ? t->elements : 0;
    t->counts->mul = plus(t, t->elements, affine);
    t->counts->add = plus(t, times(t, t->elements, 3), affine) - groups;
    t->counts->div = plus(t, t->elements, times(t, 2, groups));
    t->counts->exp = groups;
}

static void count_layernorm(struct counting *t)
{
    count_norm(t, groups_of(t));
}

/* instancenorm: a group for each channel. */
static void count_groupnorm(struct counting *t)
{
    count_norm(t, type_n(t->out) * (t->attr->groups ? t->attr->groups : type_c(t->out)));
}

/* For each group: n squares, their mean (n - 1 add, 1 div), eps, a root, n quotients; a scale. */
static void count_rmsnorm(struct counting *t)
{
    int64_t groups = groups_of(t);
    t->counts->mul = times(t, t->elements, 1 + t->attr->affine);
    t->counts->add = t->elements;
    t->counts->div = plus(t, t->elements, groups);
    t->counts->exp = groups;
}

/* x / (k + alpha * (sum of `size` squares / size)) ^ beta; each square is computed once. */
static void count_lrn(struct counting *t)
{
    t->counts->mul = t->counts->div = times(t, t->elements, 2);
    t->counts->add = times(t, t->elements, t->attr->size[0]);
    t->counts->exp = t->elements;
}

static void count_relu(struct counting *t)
{
    t->counts->cmp = t->elements;
}

static void count_relu6(struct counting *t)
{
    t->counts->cmp = times(t, t->elements, 2);
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
    t->counts->mul = times(t, t->elements, 3);
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
    int64_t bounds = isfinite(t->attr->min) + isfinite(t->attr->max);
    t->counts->cmp = times(t, t->elements, bounds);
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
    t->counts->exp = times(t, t->elements, 3);
}

/* beta * x > threshold ? x : log(1 + exp(beta * x)) / beta */
static void count_softplus(struct counting *t)
{
    t->counts->cmp = t->counts->mul = t->counts->add = t->counts->div = t->elements;
    t->counts->exp = times(t, t->elements, 2);
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
    t->counts->cmp = times(t, t->elements, 2);
}

static void count_hardswish(struct counting *t)
{
    count_hardsigmoid(t);
    t->counts->mul = t->elements;
}

/* For each group of n: n - 1 cmp, n differences, n exp, n - 1 add, n div. */
static void count_softmax(struct counting *t)
{
    int64_t groups = groups_of(t);
    t->counts->cmp = t->elements - groups;
    t->counts->add = times(t, t->elements, 2) - groups;
    t->counts->exp = t->counts->div = t->elements;
}

/* x - max - log(sum of exp(x - max)): as softmax, but a log and n differences for n div. */
static void count_log_softmax(struct counting *t)
{
    int64_t groups = groups_of(t);
    t->counts->cmp = t->elements - groups;
    t->counts->add = times(t, t->elements, 3) - groups;
    t->counts->exp = plus(t, t->elements, groups);
}

/* Of n elements: n - 1 for each of the result. */
static int64_t reductions(const struct counting *t)
{
    return type_elements(t->in) - t->elements;
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

/* k times the largest of those that are left: of n, n - 1 comparisons, then one fewer each time. */
static void count_topk(struct counting *t)
{
    const int64_t n = type_elements_along(t->in, attrs_axes(t->attr, t->in)), k = t->attr->count;
    const int64_t groups = t->elements / k;
    t->counts->cmp = times(t, groups, times(t, k, 2 * n - k - 1) / 2);
}

/* Of n candidates each is compared with the threshold, the k results are the best of those that are
 * left, and each candidate is compared with the results before it: (n - 1) + (n - 2) + … of k rows.
 * An area is 2 subtractions and a product; an intersection over union 6 comparisons, 4 sums, a
 * product and a quotient, which one more is made with. */
static void count_nms(struct counting *t)
{
    const struct type *scores = &t->node->input[1]->type;
    const int64_t images = t->in->dim[0], n = type_elements(scores) / images, k = t->out->dim[1];
    const int64_t all = times(t, images, n),
                  pairs = times(t, images, times(t, k, 2 * n - k - 1) / 2);
    t->counts->cmp = plus(t, all, times(t, 8, pairs));
    t->counts->add = plus(t, times(t, 2, all), times(t, 4, pairs));
    t->counts->mul = plus(t, all, pairs);
    t->counts->div = pairs;
}

/* A side is the position's pixels and a constant. */
static void count_anchors(struct counting *t)
{
    t->counts->add = t->elements;
}

/* Width, height and center of what is changed, 4 sums and 2 products by a half, and the corners of
 * what comes of it, 4 sums and 2 products; at a border each is compared twice. */
static void count_corners(struct counting *t)
{
    const int64_t boxes = t->elements / 4;
    t->counts->add = times(t, 8, boxes);
    t->counts->mul = times(t, 4, boxes);
    t->counts->cmp = t->attr->size[0] ? times(t, 8, boxes) : 0;
}

/* x w + cx of both axes, exp(x) w after one comparison; deltas over their weights. */
static void count_decode(struct counting *t)
{
    const struct reals *weights = &t->attr->weights;
    const int64_t boxes = t->elements / 4;
    count_corners(t);
    t->counts->add = plus(t, t->counts->add, times(t, 2, boxes));
    t->counts->mul = plus(t, t->counts->mul, times(t, 4, boxes));
    t->counts->cmp = plus(t, t->counts->cmp, times(t, 2, boxes));
    t->counts->exp = times(t, 2, boxes);
    t->counts->div = weights->n == 1 && weights->at[0] == 1 ? 0 : t->elements;
}

/* (sigmoid(x) - 0.5) stride + cx of both axes, a sigmoid being an exponential, a sum and a
 * quotient; exp(x) w, or the square of a sigmoid. */
static void count_decode_yolo(struct counting *t)
{
    const int64_t boxes = t->elements / 4, sigmoids = t->attr->scaled ? t->elements : 2 * boxes;
    count_corners(t);
    t->counts->add = plus(t, t->counts->add, plus(t, sigmoids, times(t, 4, boxes)));
    t->counts->mul = plus(t, t->counts->mul, times(t, t->attr->scaled ? 8 : 4, boxes));
    t->counts->exp = t->elements;
    t->counts->div = sigmoids;
}

static void count_maxpool(struct counting *t)
{
    int64_t window = times(t, times(t, t->attr->kernel[0], t->attr->kernel[1]), t->attr->kernel[2]);
    t->counts->cmp = times(t, t->elements, window - 1);
}

static void count_avgpool(struct counting *t)
{
    int64_t window = times(t, times(t, t->attr->kernel[0], t->attr->kernel[1]), t->attr->kernel[2]);
    t->counts->add = times(t, t->elements, window - 1);
    t->counts->div = t->elements;
}

/* Window y of `out` covers floor(y in / out) to ceil((y + 1) in / out); neighbours share one
 * position unless their border is whole, so that the lengths sum to in + out - gcd(in, out). */
static int64_t sum_of_windows(int64_t in, int64_t out)
{
    return in + out - int_gcd(in, out);
}

static int64_t items_of_windows(struct counting *t)
{
    int64_t items = type_n(t->out) * type_c(t->out);
    for (int axis = 0; axis < 3; axis++)
        items = times(t, items, sum_of_windows(type_along(t->in, axis), type_along(t->out, axis)));
    return items;
}

static void count_adaptive_maxpool(struct counting *t)
{
    t->counts->cmp = items_of_windows(t) - t->elements;
}

static void count_global_maxpool(struct counting *t)
{
    t->counts->cmp = type_elements(t->in) - t->elements;
}

/* A region is at most the whole map: then each element has the windows of adaptive_maxpool. */
static void count_roi_pool(struct counting *t)
{
    count_adaptive_maxpool(t);
}

/* The mean of samples, each of four products; where their number is that of the positions, a region
 * being the whole map. */
static void count_roi_align(struct counting *t)
{
    const struct attrs *a = t->attr;
    int64_t samples = 1;
    for (int axis = 0; axis < 2; axis++)
        samples =
            times(t, samples,
                  a->sampling_ratio ? a->sampling_ratio
                                    : (type_along(t->in, axis) - 1) / type_along(t->out, axis) + 1);
    const int64_t products = times(t, t->elements, times(t, 4, samples));
    t->counts->mul = products;
    t->counts->add = products - t->elements;
    t->counts->div = t->elements;
}

static void count_adaptive_avgpool(struct counting *t)
{
    t->counts->add = items_of_windows(t) - t->elements;
    t->counts->div = t->elements;
}

static void count_global_avgpool(struct counting *t)
{
    t->counts->add = type_elements(t->in) - t->elements;
    t->counts->div = t->elements;
}

/* 4 values by their weights, or 16 */
static void count_upsample(struct counting *t)
{
    const int64_t values = (int64_t)attrs_taps(t->attr) * attrs_taps(t->attr);
    if (values == 1)
        return;
    t->counts->mul = times(t, t->elements, values);
    t->counts->add = times(t, t->elements, values - 1);
}

static void count_scale(struct counting *t)
{
    t->counts->mul = t->elements;
}

static void count_add(struct counting *t)
{
    t->counts->add = times(t, t->elements, t->node->n_inputs - 1);
}

static void count_mul(struct counting *t)
{
    t->counts->mul = times(t, t->elements, t->node->n_inputs - 1);
}

static void count_div(struct counting *t)
{
    t->counts->div = times(t, t->elements, t->node->n_inputs - 1);
}

static void count_cmp(struct counting *t)
{
    t->counts->cmp = times(t, t->elements, t->node->n_inputs - 1);
}

static count_rule *const rules[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, count, ...) count_##count,
#define ATTR(...)
#include "ir/ops.def"
};

static int64_t count_weight(struct counting *t, const struct weight *w)
{
    int64_t n = w != NULL;
    for (int i = 0; w && i < w->type.rank; i++)
        n = times(t, n, w->type.dim[i]);
    return n;
}

static void count_params(struct counting *t)
{
    for (enum role role = 0; role < N_ROLES; role++) {
        const int64_t n = count_weight(t, t->node->weight[role]);
        *(role_is_learned(role) ? &t->counts->params : &t->counts->buffers) += n;
    }
}

bool cost_count(const struct node *node, struct counts *counts)
{
    *counts = (struct counts){0};
    struct counting t = {.node = node,
                         .attr = &node->attr,
                         .in = node->n_inputs ? &node->input[0]->type : NULL,
                         .out = &node->type,
                         .elements = type_elements(&node->type),
                         .counts = counts};
    rules[node->op](&t);
    count_params(&t);
    return !t.overflow;
}
