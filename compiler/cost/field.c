/*
 * Receptive fields as functions of the position. Along an axis output position o of an operator
 * reads its input from low(o) to high(o), and low(o + unit_out) = low(o) + unit_in, high likewise:
 * unit_out is 1 for windows, the factor for enlargements. The positions of the network's input
 * that o depends on are then a function of the same kind, `struct reach`, with a period of its
 * own, and exact: nothing is rounded on the way.
 */
#include "cost/field.h"

#include "cost/reach.h"

enum { MAX_PARTS = 1024 };

/* Channels, from the end of the part before, that all have one reach. */
struct part {
    int64_t end;
    struct reach reach;
};

/* All channels of a result. Where branches join, each brings its own reach; a slice of them has
 * only those that it takes. */
struct parts {
    struct part *at;
    size_t n, capacity;
};

struct fielding {
    struct arena *arena;
    const struct node *node;
    int axis;
    struct reach *reach[3]; /* by id, of all channels: rows, columns, depth */
    struct parts *parts;    /* by id, along this axis; NULL: nothing is sliced */
    const struct reach
        *given; /* what the rules take for the operands' reaches; NULL: all channels' */
};

/* ---- what operators read ---- */

static struct range read_window(const struct window *w, int64_t o)
{
    int64_t low = reach_plus(reach_times(o, w->stride), -w->before);
    return (struct range){low, reach_plus(low, reach_times(w->dilation, w->kernel - 1))};
}

/* Input i gives to outputs i * stride - before + k * dilation. Between the taps of a kernel that is
 * smaller than the stride an output has no input; it then counts as the one before. */
static struct range read_transposed(const struct window *w, int64_t o)
{
    int64_t at = reach_plus(o, w->before);
    int64_t low = ceil_div(reach_plus(at, -reach_times(w->dilation, w->kernel - 1)), w->stride);
    int64_t high = int_floor_div(at, w->stride);
    while (low <= high && (at - low * w->stride) % w->dilation)
        low++;
    while (low <= high && (at - high * w->stride) % w->dilation)
        high--;
    return low <= high ? (struct range){low, high} : (struct range){high, high};
}

/* Enlargements go on by unit_in / unit_out positions. */
static struct range read_nearest(const struct window *w, int64_t o)
{
    const int64_t at = int_floor_div(reach_times(o, w->unit_in), w->unit_out);
    return (struct range){at, at};
}

/* The nearest where centers map to centers. */
static struct range read_nearest_exact(const struct window *w, int64_t o)
{
    const int64_t at = int_floor_div(reach_times(2 * o + 1, w->unit_in), 2 * w->unit_out);
    return (struct range){at, at};
}

/* The positions around n / d, half of the kernel's on either side; that one alone where it is
 * whole. */
static struct range around(const struct window *w, int64_t n, int64_t d)
{
    const int64_t low = int_floor_div(n, d), high = ceil_div(n, d);
    const int64_t more = low < high ? w->kernel / 2 - 1 : 0;
    return (struct range){low - more, high + more};
}

static struct range read_centers(const struct window *w, int64_t o)
{
    const int64_t twice = reach_plus(reach_times(2 * o + 1, w->unit_in), -w->unit_out);
    return around(w, twice, 2 * w->unit_out);
}

static struct range read_corners(const struct window *w, int64_t o)
{
    return around(w, reach_times(o, w->unit_in), w->unit_out);
}

static struct range read_adaptive(const struct window *w, int64_t o)
{
    return (struct range){int_floor_div(reach_times(o, w->in), w->out),
                          ceil_div(reach_times(o + 1, w->in), w->out) - 1};
}

static int64_t padding_before(const struct fielding *f)
{
    return f->node->attr.padding[f->axis == 2 ? 4 : f->axis];
}

static struct window window_of(const struct fielding *f)
{
    const struct attrs *a = &f->node->attr;
    const struct type *in = &f->node->input[0]->type, *out = &f->node->type;
    bool pooled = f->node->op == OP_avgpool;
    return (struct window){
        .unit_out = 1,
        .unit_in = a->stride[f->axis],
        .stride = a->stride[f->axis],
        .kernel = a->kernel[f->axis],
        .dilation = pooled ? 1 : a->dilation[f->axis],
        .before = padding_before(f),
        .in = type_along(in, f->axis),
        .out = type_along(out, f->axis),
        .read = read_window,
    };
}

/* Units that are the ratio of two lengths. */
static void set_units(struct window *w, int64_t out, int64_t in)
{
    int64_t common = int_gcd(out, in);
    w->unit_out = common ? out / common : 1;
    w->unit_in = common ? in / common : 0;
}

/* ---- channels ---- */

static int64_t positions_of(const struct fielding *f, const struct node *n)
{
    return type_along(&n->type, f->axis);
}

/* Channels up to `end`; those like their neighbours are one part. */
static void parts_add(const struct fielding *f, struct parts *list, int64_t end,
                      const struct reach *reach)
{
    struct part *last = list->n ? &list->at[list->n - 1] : NULL;
    if (last && reach_equal(&last->reach, reach))
        last->end = end;
    else
        VEC_PUSH(f->arena, list, ((struct part){end, *reach}));
}

/* The part that holds a channel. */
static size_t part_at(const struct parts *parts, int64_t channel)
{
    size_t low = 0, high = parts->n - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (parts->at[middle].end > channel)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The reach of a node's channels [low, high). */
static struct reach reach_of_channels(const struct fielding *f, const struct node *n,
                                      struct range channels)
{
    const struct parts *parts = &f->parts[n->id];
    size_t i = part_at(parts, channels.low);
    struct reach r = parts->at[i].reach;
    for (; parts->at[i].end < channels.high; i++)
        r = reach_united(f->arena, &r, &parts->at[i + 1].reach, positions_of(f, n));
    return r;
}

/* Whether an operator selects or joins channels. */
static bool moves_channels(const struct node *n)
{
    return op_has(n->op, OP_MOVES) && attrs_axis(&n->attr, &n->type) == 1;
}

/* Whether dimension 1 of the result need not be that of the operand. */
static bool rearranges(const struct node *n)
{
    return n->op == OP_reshape || n->op == OP_permute || n->op == OP_unflatten ||
           n->op == OP_unfold;
}

static bool reads_all_channels(const struct node *n)
{
    const bool mixes = op_has(n->op, OP_AXES) || n->op == OP_roll || n->op == OP_flip;
    const bool along = mixes && attrs_axes(&n->attr, &n->input[0]->type) >> 1 & 1;
    return along || rearranges(n) || op_has(n->op, OP_INDEX) || n->op == OP_linear ||
           n->op == OP_matmul || op_info(n->op)->n_results || n->op == OP_result ||
           n->op == OP_scaled_dot_product_attention ||
           (n->op == OP_groupnorm && n->attr.groups == 1) ||
           ((n->op == OP_conv || n->op == OP_conv_transpose) && n->attr.groups == 1);
}

static struct range within(int64_t low, int64_t high, int64_t channels)
{
    low = int_max(0, int_min(low, channels - 1));
    return (struct range){low, int_max(low + 1, int_min(high, channels))};
}

static struct range group_read(const struct node *n, int64_t channel)
{
    const int64_t in = type_c(&n->input[0]->type) / n->attr.groups;
    const int64_t group = channel / (type_c(&n->type) / n->attr.groups);
    return (struct range){group * in, (group + 1) * in};
}

/* The channels of its operand that a slice's [low, high) are, with those between them. */
static struct range channels_taken(const struct node *n, int64_t low, int64_t high)
{
    const struct positions taken = attrs_positions(&n->attr, type_c(&n->input[0]->type));
    if (!moves_channels(n))
        return (struct range){low, high};
    return (struct range){taken.first + low * taken.step,
                          taken.first + (high - 1) * taken.step + 1};
}

/* The channels of an operand that channels [low, high) read, which read alike. */
static struct range channels_read(const struct node *n, int64_t low, int64_t high)
{
    const struct type *in = &n->input[0]->type;
    const int64_t c = type_c(in), g = n->attr.groups, size = n->attr.size[0];
    switch (n->op) {
    case OP_conv:
    case OP_conv_transpose:
    case OP_groupnorm:
        return group_read(n, low);
    case OP_lrn:
        return within(low - size / 2, high + (size - 1) / 2, c);
    case OP_channel_shuffle:
        low = low % g * (c / g) + low / g;
        return (struct range){low, low + 1};
    case OP_flatten:
        return (struct range){low / (type_elements(in) / c / type_n(in)),
                              ceil_div(high, type_elements(in) / c / type_n(in))};
    case OP_pad:
        return within(low - n->attr.channels[0], high - n->attr.channels[0], c);
    case OP_slice:
        return channels_taken(n, low, high);
    default:
        return (struct range){low, high};
    }
}

/* After how many channels others are read; 0: where an operand's change. */
static int64_t channels_alike(const struct node *n)
{
    if (n->op == OP_conv || n->op == OP_conv_transpose || n->op == OP_groupnorm)
        return type_c(&n->type) / n->attr.groups;
    return n->op == OP_lrn || n->op == OP_channel_shuffle ||
           (n->op == OP_slice && n->attr.step > 1 && moves_channels(n));
}

/* The end of channels of the result that read an operand's up to `end`. */
static int64_t end_after(const struct node *n, int64_t end)
{
    const struct type *in = &n->input[0]->type;
    if (end == type_c(in))
        return type_c(&n->type);
    switch (n->op) {
    case OP_flatten:
        return end * (type_elements(in) / type_c(in) / type_n(in));
    case OP_pad:
        return end + n->attr.channels[0];
    case OP_slice:
        return moves_channels(n) ? end - channels_taken(n, 0, 1).low : end;
    default:
        return end;
    }
}

/* Whether all channels of a join read the one that operand `i` has. */
static bool is_spread(const struct node *n, int i)
{
    return op_has(n->op, OP_JOIN) && type_c(&n->input[i]->type) == 1;
}

/* The end of the channels from `low` on that read alike. */
static int64_t next_end(const struct fielding *f, int64_t low)
{
    const struct node *n = f->node;
    int64_t end = type_c(&n->type), alike = channels_alike(n);
    for (int i = 0; !alike && i < n->n_inputs; i++) {
        if (is_spread(n, i))
            continue;
        const struct parts *parts = &f->parts[n->input[i]->id];
        const size_t part = part_at(parts, channels_read(n, low, low + 1).low);
        end = int_min(end, end_after(n, parts->at[part].end));
    }
    return alike ? low + alike : end;
}

/* ---- operators ---- */

static const struct reach *operand(const struct fielding *f, int i)
{
    return f->given ? &f->given[i] : &f->reach[f->axis][f->node->input[i]->id];
}

static struct reach reach_window(const struct fielding *f)
{
    struct window w = window_of(f);
    return reach_through(f->arena, operand(f, 0), &w);
}

static struct reach reach_transposed(const struct fielding *f)
{
    struct window w = window_of(f);
    w.read = read_transposed;
    w.unit_in = w.dilation / int_gcd(w.dilation, w.stride);
    w.unit_out = reach_times(w.stride, w.unit_in);
    return reach_through(f->arena, operand(f, 0), &w);
}

/* Units whose ratio is a factor, or the last fraction of its continued one that has a period. */
static void set_factor(struct window *w, double factor)
{
    int64_t before_out = 0, before_in = 1;
    double left = factor;
    w->unit_out = 1;
    w->unit_in = 0;
    while (left < MAX_PERIOD) {
        const int64_t whole = (int64_t)left;
        const int64_t out = whole * w->unit_out + before_out, in = whole * w->unit_in + before_in;
        if (out > MAX_PERIOD || in > MAX_PERIOD)
            return;
        before_out = w->unit_out;
        before_in = w->unit_in;
        w->unit_out = out;
        w->unit_in = in;
        left = 1 / (left - (double)whole);
    }
}

static void set_enlargement(struct window *w, const struct attrs *a, int axis)
{
    if (a->align_corners)
        set_units(w, w->out - 1, w->in - 1);
    else if (attrs_has_factor(a, axis, w->in, w->out))
        set_factor(w, a->scale[axis]);
    else
        set_units(w, w->out, w->in);
}

static struct reach reach_upsample(const struct fielding *f)
{
    const struct attrs *a = &f->node->attr;
    struct window w = window_of(f);
    w.kernel = f->axis < 2 ? attrs_taps(a) : 1; /* planes of a volume stay */
    w.read = a->align_corners          ? read_corners
             : w.kernel > 1            ? read_centers
             : a->mode == MODE_nearest ? read_nearest
                                       : read_nearest_exact;
    set_enlargement(&w, a, f->axis);
    if (!w.unit_in || !w.unit_out)
        return reach_whole(f->arena, operand(f, 0), w.in);
    return reach_through(f->arena, operand(f, 0), &w);
}

static struct reach reach_pixel_shuffle(const struct fielding *f)
{
    struct window w = window_of(f);
    if (f->axis == 2)
        return *operand(f, 0);
    w.stride = w.kernel = w.unit_out = f->node->attr.upscale_factor;
    w.unit_in = w.dilation = 1;
    w.before = 0;
    w.read = read_transposed;
    return reach_through(f->arena, operand(f, 0), &w);
}

/* Together the channels of a square read all of it. */
static struct reach reach_pixel_unshuffle(const struct fielding *f)
{
    struct window w = window_of(f);
    if (f->axis == 2)
        return *operand(f, 0);
    w.stride = w.kernel = w.unit_in = f->node->attr.downscale_factor;
    w.dilation = 1;
    w.before = 0;
    return reach_through(f->arena, operand(f, 0), &w);
}

static struct reach reach_adaptive(const struct fielding *f)
{
    struct window w = window_of(f);
    w.read = read_adaptive;
    set_units(&w, w.out, w.in);
    return w.out == 1 ? reach_whole(f->arena, operand(f, 0), w.in)
                      : reach_through(f->arena, operand(f, 0), &w);
}

/* Reads its input `by` positions further. */
static struct reach moved(const struct fielding *f, int64_t by)
{
    struct window w = window_of(f);
    w.unit_in = w.stride = w.kernel = w.dilation = 1;
    w.before = -by;
    return reach_through(f->arena, operand(f, 0), &w);
}

static struct reach reach_pad(const struct fielding *f)
{
    return moved(f, -padding_before(f));
}

static struct reach reach_crop(const struct fielding *f)
{
    const struct window w = window_of(f);
    if (f->axis == 2)
        return *operand(f, 0);
    return moved(f, attrs_crop_offset(&f->node->attr, f->axis, w.in));
}

static struct reach reach_all(const struct fielding *f)
{
    struct window w = window_of(f);
    return reach_whole(f->arena, operand(f, 0), w.in);
}

/* The dimensions that are columns of a map, its rows: 2 .. rank - 2, or the depth of a volume. */
static unsigned dimensions_along(const struct fielding *f, const struct type *t)
{
    const unsigned last = 1u << (t->rank - 1), third = 1u << 2;
    if (f->axis == 2)
        return t->rank == VOLUME_RANK ? third : 0;
    if (f->axis == 1)
        return t->rank > 2 ? last : 0;
    return t->rank == VOLUME_RANK ? 1u << 3 : t->rank > 3 ? last - third : 0;
}

static bool is_one_dimension(const struct fielding *f, const struct type *t)
{
    return f->axis || t->rank <= VOLUME_RANK;
}

/* Along rows, or columns, from all of them. */
static struct reach reach_axes(const struct fielding *f)
{
    const struct type *in = &f->node->input[0]->type;
    const unsigned axes = attrs_axes(&f->node->attr, in);
    return axes & dimensions_along(f, in) ? reach_all(f) : *operand(f, 0);
}

/* Positions are those of the operand only where its dimensions are kept. */
static struct reach reach_reduce(const struct fielding *f)
{
    return f->node->attr.keepdim ? reach_axes(f) : reach_all(f);
}

/* Each position from the same one of every operand; an operand of one position spreads. */
static struct reach reach_joined(const struct fielding *f)
{
    struct window w = window_of(f);
    struct reach r = *operand(f, 0);
    for (int i = 0; i < f->node->n_inputs; i++) {
        const struct type *t = &f->node->input[i]->type;
        struct reach in = *operand(f, i);
        if (type_along(t, f->axis) < w.out)
            in = reach_whole(f->arena, &in, 1);
        r = i ? reach_united(f->arena, &r, &in, w.out) : in;
    }
    return r;
}

/* Of no position: the range that any other, joined with it, leaves as it is. */
static struct reach reach_nothing(const struct fielding *f)
{
    return reach_constant(f->arena, REACH_FAR, -REACH_FAR);
}

/* Reads positions first, first + step, … */
static struct reach selected(const struct fielding *f, struct positions taken)
{
    struct window w = window_of(f);
    w.unit_in = w.stride = taken.step;
    w.kernel = w.dilation = 1;
    w.before = -taken.first;
    return reach_through(f->arena, operand(f, 0), &w);
}

/* Channels bring their own reach; of rows or columns some are read. */
static struct reach reach_slice(const struct fielding *f)
{
    const struct node *n = f->node;
    const struct type *in = &n->input[0]->type;
    const int axis = attrs_axis(&n->attr, in);
    const struct positions taken = attrs_positions(&n->attr, in->dim[axis]);
    if (axis == 1)
        return f->given ? *f->given
                        : reach_of_channels(f, n->input[0], channels_taken(n, 0, taken.n));
    if (!(dimensions_along(f, in) >> axis & 1))
        return *operand(f, 0);
    return is_one_dimension(f, in) ? selected(f, taken) : reach_all(f);
}

/* Where position `o` of the dimension of that bit comes from, in a roll or a flip. */
static int64_t moved_from(const struct node *n, unsigned along, int64_t size, int64_t o)
{
    const struct dims *dims = &n->attr.dims;
    int64_t i = 0;
    while (1u << (dims->at[i] < 0 ? dims->at[i] + n->type.rank : dims->at[i]) != along)
        i++;
    const int64_t from = (o - n->attr.shifts.at[i]) % size;
    return n->op == OP_flip ? size - 1 - o : from < 0 ? from + size : from;
}

/* All positions of all operands, whatever the position. */
static struct reach reach_product(const struct fielding *f)
{
    struct reach r = reach_nothing(f);
    for (int i = 0; i < f->node->n_inputs; i++) {
        const struct reach in =
            reach_whole(f->arena, operand(f, i), positions_of(f, f->node->input[i]));
        r = reach_united(f->arena, &r, &in, 1);
    }
    return r;
}

/* The dimension that the axis is, from its end on, or from where a roll has moved that to. */
static struct reach reach_roll(const struct fielding *f)
{
    const struct node *n = f->node;
    const unsigned along = dimensions_along(f, &n->type);
    const int64_t size = positions_of(f, n);
    if (!(attrs_axes(&n->attr, &n->type) & along))
        return *operand(f, 0);
    if (!is_one_dimension(f, &n->type) || size > MAX_PERIOD)
        return reach_all(f);
    const struct reach *in = operand(f, 0);
    const int64_t step = reach_times(in->step, size) / in->period;
    struct reach r = reach_new(f->arena, size, n->op == OP_flip ? -step : step);
    r.positions = size;
    for (int64_t o = 0; o < size; o++) {
        const int64_t from = moved_from(n, along, size, o);
        r.first[o] = reach_first(in, from);
        r.last[o] = reach_last(in, from);
    }
    return reach_simplified(f->arena, r);
}

/* Positions of one operand after those of the other. */
static struct reach reach_in_a_row(const struct fielding *f)
{
    const int64_t n = positions_of(f, f->node);
    const struct reach *in = operand(f, 0);
    struct reach r = reach_new(f->arena, n, reach_times(in->step, n) / in->period);
    int64_t o = 0;
    r.positions = n;
    for (int i = 0; i < f->node->n_inputs; i++) {
        in = operand(f, i);
        for (int64_t k = 0; k < positions_of(f, f->node->input[i]); k++) {
            r.first[o] = reach_first(in, k);
            r.last[o++] = reach_last(in, k);
        }
    }
    return reach_simplified(f->arena, r);
}

static struct reach reach_concat(const struct fielding *f)
{
    const struct type *out = &f->node->type;
    if (!(dimensions_along(f, out) >> attrs_axis(&f->node->attr, out) & 1))
        return reach_joined(f);
    if (!is_one_dimension(f, out) || positions_of(f, f->node) > MAX_PERIOD)
        return reach_product(f);
    return reach_in_a_row(f);
}

static struct reach reach_input(const struct fielding *f)
{
    return reach_new(f->arena, 1, 1);
}

typedef struct reach reach_rule(const struct fielding *);

static reach_rule *const rules[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, count, field, ...) reach_##field,
#define ATTR(...)
#include "ir/ops.def"
};

/* ---- formulas ---- */

/* So many positions of the operand, `step` apart, each of which sees `size` of the input's. */
static struct quantity size_of(struct formulas *f, const struct field *operand,
                               struct quantity positions, struct quantity step)
{
    const struct quantity more = quantity_minus(f, positions, quantity_number(f, 1));
    const struct quantity jump = quantity_symbol(f, SYMBOL_jump, (int64_t)operand->jump);
    return quantity_plus(f, quantity_symbol(f, SYMBOL_field, operand->size),
                         quantity_times(f, quantity_times(f, more, step), jump));
}

static struct quantity size_of_window(struct formulas *f, const struct field *operand,
                                      const struct window *w, int axis)
{
    static const enum formula_symbol kernels[] = {SYMBOL_kernel_rows, SYMBOL_kernel_columns,
                                                  SYMBOL_kernel_depth};
    const struct quantity step =
        w->dilation == 1 ? quantity_number(f, 1) : quantity_symbol(f, SYMBOL_dilation, w->dilation);
    return size_of(f, operand, quantity_symbol(f, kernels[axis], w->kernel), step);
}

static struct quantity size_of_all(struct formulas *f, const struct field *operand,
                                   const struct window *w, int axis)
{
    static const enum formula_symbol ins[] = {SYMBOL_rows, SYMBOL_columns, SYMBOL_depth};
    return size_of(f, operand, quantity_symbol(f, ins[axis], w->in), quantity_number(f, 1));
}

bool field_recurrence(struct formulas *f, const struct node *node, const struct fields *operand,
                      int axis, struct quantity *size, struct quantity *jump)
{
    const struct fielding fielding = {.node = node, .axis = axis};
    const struct field *in = &operand->axis[axis];
    const bool slides = rules[node->op] == reach_window, gathers = rules[node->op] == reach_all;
    if (!(slides || gathers) || in->jump != (double)(int64_t)in->jump)
        return false;
    const struct window w = window_of(&fielding);
    const struct quantity step = quantity_symbol(f, SYMBOL_stride, w.stride);
    *size = slides ? size_of_window(f, in, &w, axis) : size_of_all(f, in, &w, axis);
    *jump = slides ? quantity_times(f, quantity_symbol(f, SYMBOL_jump, (int64_t)in->jump), step)
                   : quantity_number(f, 0);
    return true;
}

/* ---- parts of a result ---- */

static struct parts one_part(const struct fielding *f)
{
    struct parts parts = {0};
    parts_add(f, &parts, type_c(&f->node->type), &f->reach[f->axis][f->node->id]);
    return parts;
}

static bool operands_are_whole(const struct fielding *f)
{
    for (int i = 0; i < f->node->n_inputs; i++)
        if (f->parts[f->node->input[i]->id].n > 1)
            return false;
    return true;
}

static struct parts parts_of_concat(const struct fielding *f)
{
    struct parts parts = {0};
    int64_t begin = 0;
    for (int i = 0; i < f->node->n_inputs; i++) {
        const struct parts *in = &f->parts[f->node->input[i]->id];
        for (size_t k = 0; k < in->n && parts.n <= MAX_PARTS; k++)
            parts_add(f, &parts, begin + in->at[k].end, &in->at[k].reach);
        begin += type_c(&f->node->input[i]->type);
    }
    return parts;
}

/* Of channels that read the same of every operand the rule gives the reach. */
static struct parts parts_by_rule(struct fielding *f)
{
    const struct node *n = f->node;
    const size_t count = (size_t)n->n_inputs;
    struct reach *before = arena_array(f->arena, count, sizeof *before);
    struct reach *given = arena_array(f->arena, count, sizeof *given);
    struct parts parts = {0};
    for (int64_t low = 0, end; low < type_c(&n->type) && parts.n <= MAX_PARTS; low = end) {
        bool same = low > 0;
        end = next_end(f, low);
        for (size_t i = 0; i < count; i++) {
            const struct range read =
                is_spread(n, (int)i) ? (struct range){0, 1} : channels_read(n, low, end);
            given[i] = reach_of_channels(f, n->input[i], read);
            same = same && reach_equal(&given[i], &before[i]);
            before[i] = given[i];
        }
        f->given = given;
        const struct reach reach = same ? parts.at[parts.n - 1].reach : rules[n->op](f);
        f->given = NULL;
        parts_add(f, &parts, end, &reach);
    }
    return parts;
}

/* More parts than fit are taken for one. */
static struct parts parts_of(struct fielding *f)
{
    const struct node *n = f->node;
    const bool joins = n->op == OP_concat && moves_channels(n);
    if (!joins && (reads_all_channels(n) || operands_are_whole(f)))
        return one_part(f);
    const struct parts parts = joins ? parts_of_concat(f) : parts_by_rule(f);
    return parts.n > MAX_PARTS ? one_part(f) : parts;
}

static struct field field_of(const struct reach *r)
{
    struct field field = {.jump = (double)r->step / (double)r->period, .offset = r->first[0]};
    for (int64_t i = 0; i < r->period; i++)
        field.size = int_max(field.size, reach_clamp(r->last[i] - r->first[i] + 1));
    return field;
}

/* Whether something works on a volume: five dimensions alone can be anything. */
static bool has_volume(const struct graph *g)
{
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        if (op_has(n->op, OP_VOLUME) && n->input[0]->type.rank == VOLUME_RANK)
            return true;
    }
    return false;
}

static bool slices(const struct graph *g)
{
    for (size_t i = 0; i < g->nodes.n; i++)
        if (g->nodes.at[i]->op == OP_slice)
            return true;
    return false;
}

const struct fields *field_all(struct arena *arena, const struct graph *g)
{
    struct fielding f = {.arena = arena};
    struct fields *fields = arena_array(arena, g->nodes.n, sizeof *fields);
    for (f.axis = 0; f.axis < (has_volume(g) ? 3 : 2); f.axis++) {
        f.reach[f.axis] = arena_array(arena, g->nodes.n, sizeof **f.reach);
        f.parts = slices(g) ? arena_array(arena, g->nodes.n, sizeof *f.parts) : NULL;
        for (size_t i = 0; i < g->nodes.n; i++) {
            f.node = g->nodes.at[i];
            f.reach[f.axis][i] = rules[f.node->op](&f);
            if (f.parts)
                f.parts[i] = parts_of(&f);
            fields[i].axis[f.axis] = field_of(&f.reach[f.axis][i]);
        }
    }
    return fields;
}

/* Whether an operator gathers positions, or works on what was gathered. */
static bool gathers(const struct node *n)
{
    return n->op == OP_linear || n->op == OP_flatten || n->op == OP_adaptive_avgpool ||
           n->op == OP_global_avgpool || n->op == OP_adaptive_maxpool || n->op == OP_global_maxpool;
}

const struct node *field_last(const struct graph *g)
{
    const struct node *n = g->outputs.n ? g->outputs.at[0].node : NULL, *last = n;
    while (n && n->n_inputs && (gathers(n) || type_h(&n->type) * type_w(&n->type) == 1)) {
        last = gathers(n) ? n->input[0] : last;
        n = n->input[0];
    }
    return last;
}
