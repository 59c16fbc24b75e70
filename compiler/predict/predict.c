/*
 * The time of a step on a machine: the cycles of what its kernel does, at the machine's clock, or
 * the bytes that it touches, at the bandwidth of where they lie, whichever takes longer.
 */
#include "base/number.h"
#include "ir/phase.h"
#include "predict/predict.h"
#include "schedule/model.h"

#include <math.h>

/* Vector instructions of an exponential, of a logarithm, of a division and what surrounds it;
 * cycles until a sum or maximum is ready for the next. */
enum { EXP = 20, LOG = 24, DIVISION = 8, LATENCY = 4 };

/* ---- cycles ---- */

static double act_instructions(long act)
{
    enum { WORK_PLAIN = 0, WORK_EXP = EXP + DIVISION };
    static const int work[] = {
#define ACT(name, work, ...) WORK_##work,
#include "kernels/acts.def"
    };
    return work[act];
}

/* A load and a multiply-add for each tap, one a cycle. */
static double depthwise(const union kernel_shape *k)
{
    return (double)(k->depthwise.kh * k->depthwise.kw) + act_instructions(k->depthwise.act);
}

/* The same; permutations go to another unit. */
static double grouped(const union kernel_shape *k)
{
    return (double)(k->grouped.kh * k->grouped.kw * k->grouped.group) +
           act_instructions(k->grouped.act);
}

/* The taps that reach a position; inputs are spread as in a convolution, but not kept. */
static double conv_transpose(const union kernel_shape *k)
{
    const struct netrt_conv_transpose *c = &k->conv_transpose;
    return (double)(c->ic * c->kh * c->kw) / (double)(c->sh * c->sw) + act_instructions(c->act);
}

/* A store. */
static double border(const union kernel_shape *k)
{
    (void)k;
    return 1;
}

/* A maximum that keeps NaN is three instructions. */
static double pooling(const union kernel_shape *k)
{
    const double taps = (double)(k->pooling.kh * k->pooling.kw);
    return (k->pooling.average ? taps : 3 * taps) + DIVISION;
}

/* Each sum waits for the one before. */
static double adaptive_pooling(const union kernel_shape *k)
{
    const struct netrt_adaptive_pooling *p = &k->adaptive_pooling;
    const int64_t taps = netrt_ceil_div(p->ih, p->oh) * netrt_ceil_div(p->iw, p->ow);
    return LATENCY * (double)taps + DIVISION;
}

static double pointwise(const union kernel_shape *k)
{
    return 2 + act_instructions(k->pointwise.act);
}

/* Elements are moved one by one where runs are not. */
static double strided(const union kernel_shape *k)
{
    return k->strided.in5 == 1 && k->strided.out5 == 1 ? 2 : NETRT_BLOCK;
}

/* A load and a multiply-add for each tap, which its position comes before. */
static double resample(const union kernel_shape *k)
{
    return 2 * (double)(k->resample.taps * k->resample.taps);
}

/* Lane by lane. */
static double pixel_shuffle(const union kernel_shape *k)
{
    (void)k;
    return NETRT_BLOCK;
}

static double softmax(const union kernel_shape *k)
{
    (void)k;
    return EXP + DIVISION;
}

/* Three passes over what lies in the first cache. */
static double channelnorm(const union kernel_shape *k)
{
    (void)k;
    return 3 * 3;
}

static double lrn(const union kernel_shape *k)
{
    return (double)k->lrn.size + EXP + LOG + DIVISION;
}

/* A load and an addition, or three instructions for what keeps NaN, for each that becomes one. */
static double reduce(const union kernel_shape *k)
{
    const struct netrt_reduce *r = &k->reduce;
    const int64_t blocks = r->over_channels ? netrt_ceil_div(r->c, NETRT_BLOCK) : 1;
    const bool adds = r->reduction == NETRT_REDUCTION_sum || r->reduction == NETRT_REDUCTION_mean;
    return (double)(r->many0 * r->many1 * blocks) * (adds ? 1 : 3) + DIVISION;
}

/* Two multiply-adds a cycle; packing shares a panel among the rows. */
static double matmul(const union kernel_shape *k)
{
    const struct netrt_conv *c = &k->matmul.product;
    return (double)c->ic / 2 + (double)(NETRT_BLOCK * c->ic) / (double)c->ow;
}

/* The same for both products; what a query takes for its row is shared among the row's vectors. */
static double attention(const union kernel_shape *k)
{
    const struct netrt_attention *a = &k->attention;
    const double of_row = (double)a->keys * (double)(a->scores.ic + a->product.ow) / 2 +
                          (double)a->keys * (EXP + DIVISION);
    return of_row / (double)a->product.ow + DIVISION;
}

/* Two multiply-adds a cycle, of as many loads; then the gates, and the cell. */
static double recurrent(const union kernel_shape *k)
{
    const double gates = (double)NETRT_RECURRENT_GATES(&k->recurrent);
    return gates * (double)k->recurrent.h / 2 + (gates + 1) * (EXP + DIVISION);
}

/* Integer by integer. */
static double integers(const union kernel_shape *k)
{
    (void)k;
    return NETRT_BLOCK;
}

/* A row is copied as it is; others element by element. */
static double gather(const union kernel_shape *k)
{
    return k->gather.other5 == 0 && k->gather.in5 == 1 && k->gather.out5 == 1 ? 2 : 2 * NETRT_BLOCK;
}

/* A load, and five instructions for what chooses; one after the other where rows are not. */
static double argmax(const union kernel_shape *k)
{
    return (double)k->argmax.size * (k->argmax.in5 == 1 && k->argmax.n5 > 1 ? 6 : 6 * NETRT_BLOCK);
}

/* Each element is compared with the last of those taken; these sink once, and once more to be
 * sorted, a level for each factor of 2. */
static double topk(const union kernel_shape *k)
{
    const double taken = (double)k->topk.k, levels = log2(taken + 1);
    return NETRT_BLOCK * (3 * (double)k->topk.size / taken + 2 * 8 * levels);
}

/* Candidates are read once, sink in a heap, and some of them are compared with results that are
 * kept, 16 instructions for a vector of these: how many is not known; as many as there are results.
 */
static double nms(const union kernel_shape *k)
{
    const struct netrt_nms *n = &k->nms;
    const double all = (double)n->boxes * (double)n->classes, kept = (double)n->detections;
    return (all * 8 + kept * (2 * 8 * log2(all + 1) + kept)) / kept;
}

/* Four sides, and zeros behind them. */
static double anchors(const union kernel_shape *k)
{
    (void)k;
    return NETRT_BLOCK;
}

/* Two exponentials one after the other, a division for each of four weights, corners. */
static double decode(const union kernel_shape *k)
{
    (void)k;
    return 2 * 20 + 4 * DIVISION + 2 * NETRT_BLOCK;
}

/* Four loads and comparisons, one box after the other. */
static double inside(const union kernel_shape *k)
{
    (void)k;
    return 2 * 4;
}

/* Four neighbours of each sample, or each position of an element; as if regions were whole maps. */
static double roi(const union kernel_shape *k)
{
    const struct netrt_roi *r = &k->roi;
    const long positions = netrt_ceil_div(r->ih, r->oh) * netrt_ceil_div(r->iw, r->ow);
    return r->align ? 8 * (double)(r->samples ? r->samples * r->samples : positions)
                    : 3 * (double)positions;
}

/* Four neighbours, and where they are; as if boxes were whole pictures. */
static double paste(const union kernel_shape *k)
{
    (void)k;
    return NETRT_BLOCK * 12;
}

/* For each pixel four products of each map, weights that all share, and four products down; as if
 * regions were as large as their maps. A vector of the result is a point. */
static double keypoints(const union kernel_shape *k)
{
    const struct netrt_keypoints *p = &k->keypoints;
    return (double)(p->ih * p->iw) * (2 * 8 + 40 / (double)p->points);
}

static double groupnorm(const union kernel_shape *k)
{
    (void)k;
    return 3 * 3;
}

/* A multiply-add for each position, two a cycle; by_output, of vectors of all outputs. */
static double weight_gradient(const union kernel_shape *k)
{
    const struct netrt_weight_gradient *w = &k->weight_gradient;
    const double share = w->by_output ? (double)w->group_ic / NETRT_BLOCK : 1;
    return share * (double)w->images * (double)(w->oh * w->ow) / 2;
}

/* An addition for each that becomes one. */
static double sum_to(const union kernel_shape *k)
{
    const struct netrt_sum_to *s = &k->sum_to;
    return (s->over_images ? (double)s->images : 1) * (double)(s->over_rows ? s->h : 1) *
           (double)(s->over_columns ? s->w : 1) *
           (double)(s->over_channels ? netrt_ceil_div(s->c, NETRT_BLOCK) : 1);
}

static double activation_gradient(const union kernel_shape *k)
{
    return 4 + act_instructions(k->activation_gradient.act);
}

/* The share of a position's windows, each of a load and a store; of a max two sweeps more. */
static double pooling_gradient(const union kernel_shape *k)
{
    const struct netrt_pooling_gradient *p = &k->pooling_gradient;
    const double windows = (double)(p->kh * p->kw) / (double)(p->sh * p->sw);
    return 2 + windows * (p->average ? 3 : 10);
}

static double adaptive_pooling_gradient(const union kernel_shape *k)
{
    return 2 + (k->adaptive_pooling_gradient.average ? 3 : 10);
}

/* Of each position of the input as many of the result as there are: sixteen taps at most, each of a
 * load and a store. */
static double resample_gradient(const union kernel_shape *k)
{
    const struct netrt_resample_gradient *r = &k->resample_gradient;
    const double ratio = (double)(r->oh * r->ow) / (double)(r->ih * r->iw);
    return 2 + ratio * 3 * (double)(r->taps * r->taps);
}

/* The output is cleared; elements are added one by one, however many come to one. */
static double scatter(const union kernel_shape *k)
{
    const struct netrt_scatter *s = &k->scatter;
    const double added = (double)s->n0 * (double)(s->n1 * s->n2 * s->n3) * (double)(s->n4 * s->n5);
    return 1 + 3 * added / (double)(s->clear * netrt_scatter_tasks(s));
}

/* Three passes over the batch. */
static double bn_train(const union kernel_shape *k)
{
    return 3 * 3 + act_instructions(k->bn_train.act);
}

static double bn_gradient(const union kernel_shape *k)
{
    return 2 * (4 + act_instructions(k->bn_gradient.act));
}

/* All scores for the one number. */
static double cross_entropy(const union kernel_shape *k)
{
    const struct netrt_cross_entropy *c = &k->cross_entropy;
    return (double)c->images * (double)(c->h * c->w) * (double)netrt_ceil_div(c->c, NETRT_BLOCK) *
           (NETRT_BLOCK + EXP);
}

static double cross_entropy_gradient(const union kernel_shape *k)
{
    (void)k;
    return NETRT_BLOCK + 2 * EXP;
}

/* Six multiplications of words, and the shifts between them. */
static double dropout(const union kernel_shape *k)
{
    (void)k;
    return 20;
}

/* These have models of their own, which plain_cycles() and kernel_cycles() ask. */
static double conv(const union kernel_shape *k)
{
    (void)k;
    return 0;
}

static double winograd(const union kernel_shape *k)
{
    return conv(k);
}

static double winograd_gradient(const union kernel_shape *k)
{
    return conv(k);
}

static double copy(const union kernel_shape *k)
{
    return conv(k);
}

/* Cycles for each vector of the result. A kernel without a function here does not compile; a pair
 * is the sum of its two. */
static double (*const instructions[N_KERNELS])(const union kernel_shape *) = {
#define KERNEL(name, doc) [KERNEL_##name] = name,
#define PAIR(name, first, then, doc)
#include "kernels/shapes.def"
};

/* Positions that a step writes. */
static double positions(const struct plan_step *s)
{
    const struct type *type = &s->node->type;
    const struct netrt_border *b = &s->shape.border;
    const int64_t all = type_n(type) * type_h(type) * type_w(type);
    if (s->kernel == KERNEL_border)
        return (double)(b->images * (b->border_top + b->h + b->border_bottom) *
                        (b->border_left + b->w + b->border_right)) -
               (double)all;
    return (double)all / (double)phase_steps(s->node);
}

static double vectors(const struct target *t, const struct plan_step *s)
{
    const int64_t blocks = netrt_ceil_div(type_c(&s->node->type), NETRT_BLOCK);
    return positions(s) * (double)(blocks * schedule_vectors(t));
}

/* Blocks are copied as they are; from or to planes, lane by lane. */
static double copy_cycles(const struct target *t, const struct plan_step *s)
{
    const struct netrt_copy *k = &s->shape.copy;
    const bool whole = k->in_blocked && k->out_blocked && !k->shuffle;
    const double elements = (double)(k->images * k->c * k->oh * k->ow);
    return whole ? elements / t->lanes : elements;
}

/* Of a convolution of one position each weight is used once: multiplying hides behind reading. */
static double plain_cycles(const struct target *t, const struct plan_step *s)
{
    if (s->kernel == KERNEL_conv)
        return s->macs / (t->rates.multiply_adds * (double)t->lanes);
    if (s->kernel == KERNEL_copy)
        return copy_cycles(t, s);
    return vectors(t, s) * instructions[s->kernel](&s->shape);
}

/* Threads that find a task each. */
static int64_t busy(const struct plan_step *s, int64_t threads)
{
    return int_min(s->tasks, threads);
}

/* Until all threads are done, of one kernel. */
static double kernel_cycles(const struct target *t, const struct plan_step *s, int64_t threads)
{
    const struct netrt_conv *k = &s->shape.conv;
    const int64_t taking_part = busy(s, threads);
    const double region = taking_part > 1 ? t->rates.region_cycles : 0;
    if (s->kernel == KERNEL_winograd)
        return schedule_winograd_cycles(t, &s->shape.winograd, threads) + region;
    if (s->kernel == KERNEL_winograd_gradient)
        return schedule_winograd_gradient_cycles(t, &s->shape.winograd_gradient, threads) + region;
    if (s->kernel == KERNEL_conv && k->images * k->oh * k->ow > 1)
        return schedule_conv_cycles(t, k, threads);
    return t->rates.task_cycles + plain_cycles(t, s) / (double)taking_part + region;
}

/* A task of a pair makes what it reads of a convolution in pieces; that costs no handing out. */
static void join_pieces(struct netrt_conv *k, int64_t tasks)
{
    const int64_t columns = netrt_ceil_div(netrt_ceil_div(k->oc, NETRT_BLOCK), k->task_blocks);
    const int64_t cuts = netrt_ceil_div(tasks, k->images * columns);
    k->task_rows = (long)netrt_ceil_div(k->oh, cuts);
}

/* The two of a pair one after the other. */
static double step_cycles(const struct target *t, const struct plan_step *s, int64_t threads)
{
    struct plan_step of[2] = {*s, *s};
    enum kernel kernel[2];
    union kernel_shape shape[2];
    if (!kernel_split(s->kernel, &s->shape, kernel, shape))
        return kernel_cycles(t, s, threads);
    of[0].node = s->first;
    of[0].macs = s->first_macs;
    of[1].macs = s->macs - s->first_macs;
    for (int i = 0; i < 2; i++) {
        of[i].kernel = kernel[i];
        of[i].shape = shape[i];
    }
    if (kernel[0] == KERNEL_conv)
        join_pieces(&of[0].shape.conv, s->tasks);
    return kernel_cycles(t, &of[0], threads) + kernel_cycles(t, &of[1], threads);
}

/* ---- bytes ---- */

/* A product's second operand may be a parameter. */
static double weight_bytes(const struct plan *plan, const struct plan_step *s)
{
    const struct operand *const weights[] = {&s->weight, &s->first_weight, &s->other};
    double bytes = 0;
    for (int i = 0; i < 3; i++)
        if (weights[i]->place == PLACE_packed)
            bytes += (double)plan->packed.at[weights[i]->index].layout.bytes;
    return bytes;
}

/* Of the second operand, which may be spread to the result: a gate for each channel. */
static double other_bytes(const struct plan_step *s, double result)
{
    const struct node *n = s->node;
    if (s->other.place == PLACE_none || s->other.place == PLACE_packed)
        return 0;
    return n->n_inputs > 1 ? (double)type_bytes(&n->input[n->n_inputs - 1]->type) : result;
}

/* Of the operands and the result, each once. */
static double tensor_bytes(const struct plan_step *s)
{
    const struct type *type = &s->node->type;
    const double result = positions(s) * (double)type_bytes(type) /
                          (double)(type_n(type) * type_h(type) * type_w(type));
    if (s->kernel == KERNEL_border)
        return result;
    const struct node *reader = s->first ? s->first : s->node;
    const double operand = reader->n_inputs ? (double)type_bytes(&reader->input[0]->type) : 0;
    return result + operand + other_bytes(s, result);
}

/* Microseconds to move a GB of a set of `set` bytes through which the program passes again and
 * again: from the cache in half of which it fits; from there on it finds less and less in the last
 * one, until that is too small by half. */
static double us_of_gbyte(const struct plan_rates *r, double set)
{
    const double full = (double)r->cache_bytes;
    if (2 * set <= (double)r->core_bytes * r->threads)
        return 1e6 / r->core_gbytes;
    if (2 * set <= full)
        return 1e6 / r->cache_gbytes;
    if (set >= 2 * full)
        return 1e6 / r->memory_gbytes;
    const double from = set < full ? r->cache_gbytes : r->full_gbytes;
    const double to = set < full ? r->full_gbytes : r->memory_gbytes;
    const double part = log2(set < full ? 2 * set / full : set / full);
    return 1e6 * ((1 - part) / from + part / to);
}

double plan_transfer_us(const struct plan_rates *r, double bytes, double set)
{
    return 1e-9 * bytes * us_of_gbyte(r, set);
}

/* Tensors come from where the step before left them; weights from where a run leaves them all. */
static double transfer_us(const struct plan *plan, const struct plan_step *s,
                          const struct plan_rates *r)
{
    const double tensors = tensor_bytes(s), weights = weight_bytes(plan, s);
    const double all = (double)(plan->weights_bytes + plan->arena_bytes);
    return plan_transfer_us(r, tensors, tensors + weights) + plan_transfer_us(r, weights, all);
}

/* Of the multiplications of the definition, those that Winograd's algorithm leaves. */
static double share_left(const struct plan_step *s)
{
    const struct netrt_winograd w =
        s->kernel == KERNEL_winograd_gradient
            ? netrt_winograd_gradient_forward(&s->shape.winograd_gradient)
            : s->shape.winograd;
    return s->kernel == KERNEL_winograd || s->kernel == KERNEL_winograd_gradient
               ? (double)netrt_winograd_points(&w) / (double)(w.tile_h * w.tile_w * w.kh * w.kw)
               : 1;
}

/* The multiply-adds of a step, by all threads, at the machine's peak. */
static double peak_us(const struct plan *plan, const struct plan_step *s,
                      const struct plan_rates *r)
{
    const struct target *t = &plan->target;
    const double a_cycle = t->rates.multiply_adds * (double)t->lanes * (double)r->threads;
    return s->macs * share_left(s) / a_cycle / r->ghz / 1e3;
}

/* Bytes a cycle of one core from where a set of `set` bytes lies. */
static double bytes_a_cycle(const struct plan_rates *r, double set)
{
    return 1e6 / us_of_gbyte(r, set) / r->threads / r->ghz;
}

/* The target as its models see it on this machine. A thread alone calls its tasks, which costs
 * nothing that LeNet's times show. */
static struct target target_on(const struct plan *plan, const struct plan_rates *r)
{
    struct target t = plan->target;
    t.rates.far_bytes = bytes_a_cycle(r, (double)r->cache_bytes / 2);
    t.rates.far_weights = bytes_a_cycle(r, (double)(plan->weights_bytes + plan->arena_bytes));
    if (r->threads == 1)
        t.rates.task_cycles = 0;
    return t;
}

struct plan_rates plan_rates_assumed(const struct target *t, int threads)
{
    const double ghz = 3, far = t->rates.far_bytes * ghz * threads;
    return (struct plan_rates){
        .threads = threads,
        .ghz = ghz,
        .core_gbytes = t->rates.middle_bytes * ghz * threads,
        .cache_gbytes = far,
        .full_gbytes = far,
        .memory_gbytes = far,
        .core_bytes = t->l2,
        .cache_bytes = (int64_t)1 << 60,
    };
}

struct plan_time plan_predict(const struct plan *plan, const struct plan_step *s,
                              const struct plan_rates *r)
{
    const struct target target = target_on(plan, r);
    const double moving = transfer_us(plan, s, r);
    const double alone = (double)r->threads / (double)busy(s, r->threads);
    struct plan_time t = {
        .compute_us = step_cycles(&target, s, r->threads) / r->ghz / 1e3,
        .memory_us = alone * moving,
        .roofline_us = schedule_max(peak_us(plan, s, r), moving),
    };
    t.us = schedule_max(t.compute_us, t.memory_us);
    return t;
}
