/* What moves and joins tensors, flows and constants alike. */
#include "onnx/import.h"

#include "base/number.h"

#include <string.h>

static bool has_dims(const struct node *n, int rank, const int64_t *dim)
{
    return n->type.rank == rank && !memcmp(n->type.dim, dim, (size_t)rank * sizeof *dim);
}

/* What a turned node shuffles, as ShuffleNet is written: view(n, groups, c / groups, h,
 * w).transpose(1, 2), of which a tensor of these dimensions is made, as it was before; NULL:
 * nothing. */
static struct node *shuffled(const struct node *turned, int rank, const int64_t *dim)
{
    struct node *parted = turned->op == OP_permute ? turned->input[0] : NULL;
    if (!parted || parted->op != OP_reshape || parted->type.rank != rank + 1 || rank != 4)
        return NULL;
    for (int i = 0; i <= rank; i++)
        if (turned->attr.dims.at[i] != (i == 1 ? 2 : i == 2 ? 1 : i))
            return NULL;
    const bool rest = !memcmp(parted->type.dim + 3, dim + 2, (size_t)(rank - 2) * sizeof *dim);
    return rest && has_dims(parted->input[0], rank, dim) ? parted->input[0] : NULL;
}

static struct node *shuffle_node(struct call *c, const struct node *turned, struct node *of)
{
    struct attrs a;
    attrs_init(&a, OP_channel_shuffle);
    a.groups = turned->input[0]->type.dim[1];
    return make(c, OP_channel_shuffle, &a, &of, 1, NULL, 0);
}

/* A reshape of the graph to these dimensions, its batch among them; none where they are those. One
 * after another is one. */
static struct node *reshape_node(struct call *c, struct node *in, int rank, const int64_t *dim)
{
    struct attrs a;
    if (has_dims(in, rank, dim))
        return in;
    while (in->op == OP_reshape)
        in = in->input[0];
    if (has_dims(in, rank, dim))
        return in;
    if (rank > MAX_RANK) {
        call_lacks(c, "more than %d dimensions are needed", MAX_RANK);
        return NULL;
    }
    struct node *of = shuffled(in, rank, dim);
    if (of)
        return shuffle_node(c, in, of);
    /* what a classifier ends with: passes know this better than a reshape */
    if (rank == 2 && in->type.rank == 4) {
        attrs_init(&a, OP_flatten);
        return make(c, OP_flatten, &a, &in, 1, NULL, 0);
    }
    attrs_init(&a, OP_reshape);
    a.shape.n = rank - 1;
    memcpy(a.shape.at, dim + 1, (size_t)(rank - 1) * sizeof *dim);
    return make(c, OP_reshape, &a, &in, 1, NULL, 0);
}

/* ONNX's dimensions with `lead` of 1 before them; false: the batch would be among those that move.
 */
static bool reshape_leading(struct call *c, struct node *in, int lead, int rank, const int64_t *dim,
                            struct flow *out)
{
    int64_t all[MAX_RANK + CONSTANT_RANK];
    for (int i = 0; i < lead; i++)
        all[i] = 1;
    memcpy(all + lead, dim, (size_t)rank * sizeof *dim);
    if (lead + rank > MAX_RANK)
        return call_lacks(c, "more than %d dimensions are needed", MAX_RANK);
    if (lead + rank < 2)
        return call_lacks(c, "what flows in has no channels");
    if (all[0] != in->type.dim[0])
        return call_lacks(c, "the batch, %lld, would not stay the first dimension",
                          (long long)in->type.dim[0]);
    *out = (struct flow){reshape_node(c, in, lead + rank, all), lead};
    return out->node;
}

bool flow_as(struct call *c, struct flow f, int lead, struct flow *out)
{
    *out = f;
    return lead == f.lead ||
           reshape_leading(c, f.node, lead, flow_rank(f), f.node->type.dim + f.lead, out);
}

bool flow_reshape(struct call *c, struct flow f, int rank, const int64_t *dim, struct flow *out)
{
    const int64_t batch = f.node->type.dim[0];
    const int lead = rank >= 2 && dim[0] == batch ? 0 : rank ? 1 : 2;
    return reshape_leading(c, f.node, lead, rank, dim, out);
}

/* Whether only dimensions of 1 change their places: a permute is then a reshape. */
static bool moves_nothing(const int64_t *dim, const int *perm, int rank)
{
    int last = -1;
    for (int i = 0; i < rank; i++) {
        if (dim[perm[i]] != 1 && perm[i] < last)
            return false;
        last = dim[perm[i]] != 1 ? perm[i] : last;
    }
    return true;
}

/* Whether a permute of the graph has these dimensions undone by others. */
static bool undoes(const struct dims *dims, const struct node *permute)
{
    for (int i = 0; i < dims->n; i++)
        if (permute->attr.dims.at[dims->at[i]] != i)
            return false;
    return true;
}

/* What a permute that these dimensions undo was made of, also where an activation stands behind it,
 * which then is one of that: so a head of convolutions over regions turns them once. */
static struct node *unturned(struct call *c, struct node *n, const struct dims *dims)
{
    const bool activation = op_has(n->op, OP_ACTIVATION);
    struct node *permute = activation ? n->input[0] : n;
    if (permute->op != OP_permute || !undoes(dims, permute))
        return NULL;
    return activation ? make(c, n->op, &n->attr, permute->input, 1, NULL, 0) : permute->input[0];
}

/* What a reshape only adds dimensions of one position to, and its own dimensions in the order of
 * `dims`; NULL: it does more. */
static struct node *squeezed(const struct node *n, struct dims *dims)
{
    struct node *in = n->op == OP_reshape ? n->input[0] : NULL;
    struct dims order = {0};
    int own[MAX_RANK], found = 0;
    for (int i = 0; in && i < n->type.rank; i++) {
        const int64_t size = n->type.dim[i];
        const bool is_own =
            found < in->type.rank && size == in->type.dim[found] && (size > 1 || i == 0);
        own[i] = is_own ? found++ : -1;
        if (!is_own && size != 1)
            return NULL;
    }
    if (!in || found < in->type.rank)
        return NULL;
    for (int64_t i = 0; i < dims->n; i++)
        if (own[dims->at[i]] >= 0)
            order.at[order.n++] = own[dims->at[i]];
    *dims = order;
    return in;
}

/* A permute; of dimensions of one position that were only added none knows, and they come after it.
 */
static struct node *permute_node(struct call *c, struct node *n, struct attrs *a)
{
    int64_t dim[MAX_RANK];
    for (int i = 0; i < n->type.rank; i++)
        dim[i] = n->type.dim[a->dims.at[i]];
    struct node *in = squeezed(n, &a->dims);
    struct node *permuted = make(c, OP_permute, a, in ? &in : &n, 1, NULL, 0);
    return permuted ? reshape_node(c, permuted, n->type.rank, dim) : NULL;
}

bool flow_permute(struct call *c, struct flow f, const int *perm, struct flow *out)
{
    const int rank = flow_rank(f);
    int64_t dim[MAX_RANK];
    struct attrs a;
    for (int i = 0; i < rank; i++)
        dim[i] = flow_dim(f, perm[i]);
    if (moves_nothing(f.node->type.dim + f.lead, perm, rank))
        return flow_reshape(c, f, rank, dim, out);
    if (!f.lead && perm[0] != 0 && !flow_as(c, f, 1, &f))
        return false;
    attrs_init(&a, OP_permute);
    a.dims.n = f.node->type.rank;
    for (int i = 0; i < f.node->type.rank; i++)
        a.dims.at[i] = i < f.lead ? i : f.lead + perm[i - f.lead];
    *out = (struct flow){unturned(c, f.node, &a.dims), f.lead};
    if (!out->node && !c->reported)
        out->node = permute_node(c, f.node, &a);
    return out->node;
}

bool flow_scale(struct call *c, struct flow f, double factor, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_scale);
    a.factor = factor;
    *out = f;
    return factor == 1 || make_flow(c, OP_scale, &a, f, out);
}

bool flow_power(struct call *c, struct flow f, double exponent, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_pow);
    a.exponent = exponent;
    *out = f;
    return exponent == 1 || make_flow(c, OP_pow, &a, f, out);
}

bool flow_number(struct call *c, double value, int rank, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_full);
    a.value = value;
    a.shape.n = rank;
    for (int i = 0; i < rank; i++)
        a.shape.at[i] = 1;
    *out = (struct flow){make(c, OP_full, &a, NULL, 0, NULL, 0), rank};
    return out->node;
}

/* What is above 0 is so by at least 2^-149, of which the factors make more than 1. */
bool flow_step(struct call *c, struct flow f, struct flow *out)
{
    const double large = 0x1p100;
    struct attrs a;
    attrs_init(&a, OP_clip);
    a.min = 0;
    a.max = 1;
    return flow_scale(c, f, large, &f) && make_flow(c, OP_clip, &a, f, &f) &&
           flow_scale(c, f, large, &f) && make_flow(c, OP_clip, &a, f, out);
}

/* One dimension of 1 is put before a parameter by its operator, so that it keeps the file's shape
 * and with it its name. */
static void constant_attrs(struct attrs *a, enum op op, const struct constant *k, int rank)
{
    attrs_init(a, op);
    a->batch = op != OP_param || rank != k->rank + 1;
    a->shape.n = a->batch ? rank : k->rank;
    for (int i = 0; i < a->shape.n; i++) {
        const int lead = (int)a->shape.n - k->rank;
        a->shape.at[i] = i < lead ? 1 : k->dim[i - lead];
    }
}

bool flow_of_constant(struct call *c, const struct constant *k, int rank, struct flow *out)
{
    struct attrs a;
    rank = (int)int_max(rank, 2);
    const int lead = rank - k->rank;
    double value;
    if (!dtype_is_float(k->dtype))
        return call_lacks(c, "a tensor of %s flows here: netc computes in f32",
                          dtype_name(k->dtype));
    if (rank > MAX_RANK || constant_elements(k) < 1)
        return call_lacks(c, "a tensor of %d dimensions and %lld elements flows here", rank,
                          (long long)constant_elements(k));
    const struct bound bound = {ROLE_value, k};
    if ((!k->name || constant_elements(k) == 1) && constant_uniform(k, &value)) {
        constant_attrs(&a, OP_full, k, rank);
        a.value = value;
        *out = (struct flow){make(c, OP_full, &a, NULL, 0, NULL, 0), lead};
    } else {
        constant_attrs(&a, OP_param, k, rank);
        *out = (struct flow){make(c, OP_param, &a, NULL, 0, &bound, 1), lead};
    }
    return out->node;
}

/* The dimensions that a value has in the graph, with those that lead. */
static int whole_rank(const struct datum *v)
{
    return v->kind == DATUM_constant ? v->constant->rank : v->flow.node->type.rank;
}

/* The value with so many dimensions in all. */
static bool widen(struct call *c, const struct datum *v, int whole, struct flow *out)
{
    if (v->kind == DATUM_constant)
        return flow_of_constant(c, v->constant, whole, out);
    return flow_as(c, v->flow, whole - flow_rank(v->flow), out);
}

/* The size of the batch, if a value has so many dimensions in all. */
static int64_t batch_of(const struct datum *v, int whole)
{
    if (whole_rank(v) < whole)
        return 1;
    return v->kind == DATUM_constant ? v->constant->dim[0] : v->flow.node->type.dim[0];
}

/* Whether what is known would make a batch of several of what flows in as one: behind a dimension
 * more it does not. */
static bool makes_batch(const struct datum *const *values, int n, int whole)
{
    bool known = false, flowing = false;
    for (int i = 0; i < n; i++)
        *(values[i]->kind == DATUM_constant ? &known : &flowing) |= batch_of(values[i], whole) > 1;
    return known && !flowing && whole < MAX_RANK;
}

bool flow_join_as(struct call *c, enum op op, const struct attrs *a,
                  const struct datum *const *values, int n, struct flow *out)
{
    struct node **nodes = arena_array(c->import->arena, (size_t)n, sizeof *nodes);
    int whole = 2, rank = 0;
    for (int i = 0; i < n; i++) {
        whole = (int)int_max(whole, whole_rank(values[i]));
        rank = (int)int_max(rank, datum_rank(values[i]));
    }
    whole += makes_batch(values, n, whole);
    for (int i = 0; i < n; i++) {
        struct flow f;
        if (!widen(c, values[i], whole, &f))
            return false;
        nodes[i] = f.node;
    }
    *out = (struct flow){make(c, op, a, nodes, n, NULL, 0), whole - rank};
    return out->node;
}

bool flow_join(struct call *c, enum op op, const struct datum *const *values, int n,
               struct flow *out)
{
    struct attrs a;
    attrs_init(&a, op);
    return flow_join_as(c, op, &a, values, n, out);
}

bool flow_join_two(struct call *c, enum op op, struct flow left, struct flow right,
                   struct flow *out)
{
    const struct datum a = datum_of_flow(left), b = datum_of_flow(right);
    const struct datum *both[2] = {&a, &b};
    return flow_join(c, op, both, 2, out);
}

/* The dimensions that stay, without those of size 1 that were reduced. */
static bool drop_axes(struct call *c, struct flow f, unsigned axes, struct flow *out)
{
    int64_t dim[MAX_RANK];
    int rank = 0;
    for (int i = 0; i < flow_rank(f); i++)
        if (!(axes >> i & 1))
            dim[rank++] = flow_dim(f, i);
    return flow_reshape(c, f, rank, dim, out);
}

bool flow_reduce(struct call *c, enum op op, struct flow f, unsigned axes, bool keep,
                 struct flow *out)
{
    struct attrs a;
    if ((axes & 1) && !f.lead && !flow_as(c, f, 1, &f))
        return false;
    attrs_init(&a, op);
    a.dim.n = 0;
    for (int i = 0; i < flow_rank(f); i++)
        if (axes >> i & 1)
            a.dim.at[a.dim.n++] = f.lead + i;
    *out = f;
    if (!a.dim.n)
        return true;
    /* something besides the batch has to be left */
    a.keepdim = keep || a.dim.n == f.node->type.rank - 1;
    return make_flow(c, op, &a, f, out) && (keep || !a.keepdim || drop_axes(c, *out, axes, out));
}

bool datum_reshape(struct call *c, const struct datum *v, int rank, const int64_t *dim,
                   struct datum *out)
{
    struct import *s = c->import;
    struct flow f;
    if (v->kind == DATUM_constant) {
        *out = datum_of_constant(constant_reshaped(s->arena, &s->budget, v->constant, rank, dim));
        return out->constant || give_constant(c, NULL);
    }
    if (!flow_reshape(c, v->flow, rank, dim, &f))
        return false;
    *out = datum_of_flow(f);
    return true;
}

bool datum_permute(struct call *c, const struct datum *v, const int *perm, struct datum *out)
{
    struct flow f;
    if (v->kind == DATUM_constant) {
        *out = datum_of_constant(constant_permuted(c->import->arena, v->constant, perm));
        return true;
    }
    if (!flow_permute(c, v->flow, perm, &f))
        return false;
    *out = datum_of_flow(f);
    return true;
}

/* Positions low, low + step, …, n of them, in the order that they have. */
static bool slice_forwards(struct call *c, struct flow f, int axis, int64_t low, int64_t n,
                           int64_t step, struct flow *out)
{
    struct attrs a;
    *out = f;
    if (n == flow_dim(f, axis))
        return true;
    attrs_init(&a, OP_slice);
    a.dim.n = 1;
    a.dim.at[0] = f.lead + axis;
    a.start = low;
    a.end = low + (n - 1) * step + 1;
    a.step = step;
    return make_flow(c, OP_slice, &a, f, out);
}

static bool flip(struct call *c, struct flow f, int axis, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_flip);
    a.dims.n = 1;
    a.dims.at[0] = f.lead + axis;
    return make_flow(c, OP_flip, &a, f, out);
}

bool datum_slice(struct call *c, const struct datum *v, int axis, int64_t first, int64_t n,
                 int64_t step, struct datum *out)
{
    struct flow f = v->flow;
    const bool back = step < 0;
    if (v->kind == DATUM_constant) {
        *out =
            datum_of_constant(constant_sliced(c->import->arena, v->constant, axis, first, n, step));
        return true;
    }
    if (n < 1)
        return call_lacks(c, "nothing is left of dimension %d", axis);
    const int64_t low = back ? first + (n - 1) * step : first;
    const bool whole = n == flow_dim(f, axis) && !back;
    if ((!whole && !f.lead && !axis && !flow_as(c, f, 1, &f)) ||
        !slice_forwards(c, f, axis, low, n, back ? -step : step, &f) ||
        (back && n > 1 && !flip(c, f, axis, &f)))
        return false;
    *out = datum_of_flow(f);
    return true;
}

static const struct constant *concat_constants(struct call *c, const struct datum *const *values,
                                               int n, int axis, const int64_t *dim)
{
    struct import *s = c->import;
    const struct constant *first = values[0]->constant;
    void *elements;
    struct constant *all =
        constant_new(s->arena, &s->budget, first->dtype, first->rank, dim, &elements);
    int64_t inner = 1, start = 0;
    for (int i = axis; i < first->rank; i++)
        inner *= dim[i];
    for (int k = 0; k < n && all; k++) {
        const struct constant *part = values[k]->constant;
        const int64_t count = constant_elements(part);
        const int64_t own = dim[axis] ? inner / dim[axis] * part->dim[axis] : 0;
        struct walk w;
        walk_begin(&w, part, 0);
        for (int64_t i = 0; i < count; i++)
            constant_put(all, elements, i / own * inner + start + i % own, part, walk_next(&w));
        start += own;
    }
    return all;
}

/* The dimensions of the whole; false: the parts do not fit. */
static bool concat_dims(struct call *c, const struct datum *const *values, int n, int axis,
                        int64_t *dim)
{
    const int rank = datum_rank(values[0]);
    for (int i = 0; i < rank; i++)
        dim[i] = datum_dim(values[0], i);
    for (int k = 1; k < n; k++) {
        if (datum_rank(values[k]) != rank)
            return call_lacks(c, "what it joins has different ranks");
        for (int i = 0; i < rank; i++)
            if (i != axis && datum_dim(values[k], i) != dim[i])
                return call_lacks(c, "what it joins differs in dimension %d", i);
        if (!checked_add(dim[axis], datum_dim(values[k], axis), &dim[axis]))
            return call_lacks(c, "the result is too large to address");
    }
    return true;
}

/* What a concat joins, those before it taken apart. */
struct joined {
    struct node *whole;
    struct node *const *nodes;
    int n;
};

/* A concat whose first operands are what another one joins reads that one: so DenseNet's layers,
 * which join all that was before, each add to what is there. The list that is left to join. */
static int reuse_concat(struct import *s, struct node **nodes, int n, int64_t axis)
{
    const struct joined *before = map_get(&s->joins, nodes[0]);
    int k = 0;
    if (!before || before->n >= n || before->whole->attr.dim.at[0] != axis)
        return n;
    while (k < before->n && before->nodes[k] == nodes[k])
        k++;
    if (k < before->n)
        return n;
    nodes[0] = before->whole;
    memmove(nodes + 1, nodes + k, (size_t)(n - k) * sizeof *nodes);
    return n - k + 1;
}

static void note_concat(struct import *s, struct node *whole, struct node *const *nodes, int n)
{
    struct joined *all = arena_new_of(s->arena, struct joined);
    *all = (struct joined){whole, nodes, n};
    map_put(&s->joins, nodes[0], all);
}

/* Where a slice of `of` along a dimension begins that ends at `end`; -1: it is none. */
static int64_t begin_of_part(const struct node *n, const struct node *of, int axis, int64_t end)
{
    if (n->op != OP_slice || n->input[0] != of || attrs_axis(&n->attr, &of->type) != axis)
        return -1;
    const struct positions taken = attrs_positions(&n->attr, of->type.dim[axis]);
    return taken.step == 1 && taken.end == end ? taken.first : -1;
}

/* The end of a tensor before its beginning, as torch.roll is written, along one dimension after the
 * other: one roll along all. NULL: the parts are no such. */
static struct node *roll_of_parts(struct call *c, struct node *const *parts, int axis)
{
    struct node *of = parts[0]->op == OP_slice && axis > 0 ? parts[0]->input[0] : NULL;
    const int64_t size = of ? of->type.dim[axis] : 0;
    const int64_t first = of ? begin_of_part(parts[0], of, axis, size) : -1;
    struct attrs a;
    if (first <= 0 || begin_of_part(parts[1], of, axis, first) != 0)
        return NULL;
    attrs_init(&a, OP_roll);
    a.dims.n = a.shifts.n = 0;
    if (of->op == OP_roll && !(attrs_axes(&of->attr, &of->type) >> axis & 1)) {
        a = of->attr;
        of = of->input[0];
    }
    a.dims.at[a.dims.n++] = axis;
    a.shifts.at[a.shifts.n++] = first <= size / 2 ? -first : size - first;
    return make(c, OP_roll, &a, &of, 1, NULL, 0);
}

static bool concat_flows(struct call *c, const struct datum *const *values, int n, int axis,
                         struct flow *out)
{
    struct node **nodes = arena_array(c->import->arena, (size_t)n, sizeof *nodes);
    struct attrs a;
    int whole = datum_rank(values[0]) + (axis == 0);
    for (int i = 0; i < n; i++)
        whole = (int)int_max(whole, whole_rank(values[i]));
    for (int i = 0; i < n; i++) {
        struct flow f;
        if (!widen(c, values[i], whole, &f))
            return false;
        nodes[i] = f.node;
    }
    attrs_init(&a, OP_concat);
    a.dim.n = 1;
    a.dim.at[0] = whole - datum_rank(values[0]) + axis;
    *out = (struct flow){n == 2 ? roll_of_parts(c, nodes, (int)a.dim.at[0]) : NULL,
                         whole - datum_rank(values[0])};
    if (out->node)
        return true;
    struct node **left = arena_array(c->import->arena, (size_t)n, sizeof *left);
    memcpy(left, nodes, (size_t)n * sizeof *left);
    const int n_left = reuse_concat(c->import, left, n, a.dim.at[0]);
    out->node = make(c, OP_concat, &a, left, n_left, NULL, 0);
    if (out->node)
        note_concat(c->import, out->node, nodes, n);
    return out->node;
}

bool datum_concat(struct call *c, const struct datum *const *values, int n, int axis,
                  struct datum *out)
{
    int64_t dim[CONSTANT_RANK];
    struct flow f;
    bool constant = true;
    int filled = 0;
    const struct datum **parts = arena_array(c->import->arena, (size_t)n, sizeof *parts);
    if (!concat_dims(c, values, n, axis, dim))
        return false;
    for (int i = 0; i < n; i++) {
        constant = constant && values[i]->kind == DATUM_constant;
        if (datum_dim(values[i], axis) > 0)
            parts[filled++] = values[i];
    }
    if (constant) {
        *out = datum_of_constant(concat_constants(c, values, n, axis, dim));
        return out->constant || give_constant(c, NULL);
    }
    if (filled == 1) {
        *out = *parts[0];
        return true;
    }
    if (!concat_flows(c, parts, filled, axis, &f))
        return false;
    *out = datum_of_flow(f);
    return true;
}

bool datum_spread(struct call *c, const struct datum *v, int rank, const int64_t *dim,
                  struct datum *out)
{
    struct import *s = c->import;
    struct budget one = {1};
    void *elements;
    const int64_t single[1] = {1};
    struct flow f;
    if (v->kind == DATUM_constant) {
        const struct constant *k = constant_spread(s->arena, v->constant, rank, dim);
        *out = datum_of_constant(k);
        return k || call_lacks(c, "its operand does not spread to that shape");
    }
    /* times a constant of ones, of that shape */
    struct constant *ones = constant_new(s->arena, &one, DTYPE_f32, 1, single, &elements);
    constant_put_real(ones, elements, 0, 1);
    const struct datum factor = datum_of_constant(constant_spread(s->arena, ones, rank, dim));
    const struct datum *both[2] = {v, &factor};
    if (!factor.constant || !flow_join(c, OP_mul, both, 2, &f))
        return call_lacks(c, "its operand does not spread to that shape");
    *out = datum_of_flow(f);
    return true;
}
