/*
 * Where results lie: in the user's inputs and outputs, in buffers of the arena, in slices of a
 * concat's buffer, or over an operand that nobody reads any more.
 */
#include "base/number.h"
#include "lower/lowering.h"

#include <string.h>

/* ---- strides ---- */

static const int64_t most_floats = LOWER_MOST_BYTES / NETRT_ELEMENT_BYTES;

static int64_t blocks_of(int64_t channels)
{
    return channels / NETRT_BLOCK + (channels % NETRT_BLOCK != 0);
}

/* a * b into *result; false if negative or beyond what a buffer can have. */
static bool product(int64_t a, int64_t b, long *result)
{
    int64_t n;
    if (!checked_mul(a, b, &n) || n < 0 || n > most_floats)
        return false;
    *result = n;
    return true;
}

int64_t whole_blocks(int64_t n)
{
    return blocks_of(n) * NETRT_BLOCK;
}

/* Elements from a row of so many features to the next. Of rows a multiple of 4096 bytes apart a
 * first cache can keep only as many lines as it has ways, which are fewer than the rows that a
 * convolution's tile reads at once: a block more puts their lines elsewhere. */
static int64_t row_pitch(int64_t features)
{
    enum { WAY = 4096 / NETRT_ELEMENT_BYTES };
    const int64_t pitch = whole_blocks(features);
    return pitch % WAY ? pitch : pitch + NETRT_BLOCK;
}

/* The same of a type in layout rows, which has no border: a column is a row of features, whose
 * blocks of 16 follow each other, `pitch` elements from the next. */
static bool lay_out_rows(struct value *v, int64_t pitch, int64_t *floats)
{
    const struct type *t = &v->type;
    long all;
    if (!product(1, pitch, &v->view.col) || !product(type_w(t), v->view.col, &v->view.row) ||
        !product(type_n(t), v->view.row, &all))
        return false;
    v->view.image = v->view.row;
    v->view.plane = NETRT_BLOCK;
    v->view.lane = 1;
    v->at.offset = 0;
    *floats = all;
    return true;
}

/* Where row 0, column 0 of the first plane lies behind the border. */
static int64_t inner_offset(const struct value *v)
{
    return v->border[4] * v->plane + v->border[0] * v->view.row + v->border[1] * v->view.col;
}

/* Strides of a type with a border, the floats of all of it, and the offset of row 0, column 0. */
static bool lay_out(struct value *v, int64_t *floats)
{
    const struct type *t = &v->type;
    const bool blocked = t->layout == LAYOUT_blocked || t->layout == LAYOUT_planes;
    const int64_t *b = v->border;
    const int64_t most = most_floats / 4;
    const bool volume = t->rank == VOLUME_RANK && t->layout != LAYOUT_blocked;
    int64_t d = volume ? t->dim[2] : 1, h = type_h(t) / d, w = type_w(t);
    if (b[4] > most || b[5] > most || d > most || b[0] > most || b[1] > most || b[2] > most ||
        b[3] > most || h > most || w > most)
        return false;
    if (t->layout == LAYOUT_rows)
        return lay_out_rows(v, row_pitch(type_c(t)), floats);
    d += b[4] + b[5];
    h += b[0] + b[2];
    w += b[1] + b[3];
    v->view.col = blocked ? NETRT_BLOCK : 1;
    long plane, rows, image, all;
    if (!product(w, v->view.col, &v->view.row) || !product(h, v->view.row, &plane) ||
        !product(d, plane, &rows))
        return false;
    const int64_t channels = blocked ? blocks_of(type_c(t)) : type_c(t);
    if (!product(channels, rows, &image) || !product(type_n(t), image, &all))
        return false;
    v->view.image = image;
    v->view.plane = blocked ? plane : 0;
    v->view.lane = blocked ? 1 : rows;
    v->plane = blocked ? channels * plane : plane;
    v->at.offset = inner_offset(v);
    *floats = all;
    return true;
}

/* The same where rows follow each other without a block between them: what was packed, and further
 * results. */
static bool lay_out_close(struct value *v, int64_t *floats)
{
    return v->type.layout == LAYOUT_rows ? lay_out_rows(v, whole_blocks(type_c(&v->type)), floats)
                                         : lay_out(v, floats);
}

struct value value_planes(const struct value *v)
{
    struct value images = value_planar(v);
    struct type *t = &images.type;
    if (t->rank != VOLUME_RANK)
        return *v;
    if (t->layout == LAYOUT_blocked || v->type.layout == LAYOUT_rows)
        images.plane = t->dim[3] * images.view.row;
    images.view.image = (long)images.plane;
    *t = (struct type){.dtype = t->dtype,
                       .layout = t->layout == LAYOUT_planes ? LAYOUT_blocked : t->layout,
                       .rank = 4,
                       .dim = {t->dim[2], t->dim[1], t->dim[3], t->dim[4]}};
    return images;
}

struct value value_planar(const struct value *v)
{
    struct value planes = *v;
    struct type *t = &planes.type;
    if (t->layout != LAYOUT_rows)
        return planes;
    const long pitch = v->view.col;
    t->layout = LAYOUT_dense;
    planes.border[3] = pitch - type_w(t);
    planes.view.col = 1;
    planes.view.row = pitch;
    planes.view.lane = pitch * type_h(t);
    planes.view.plane = 0;
    planes.view.image = planes.view.lane * type_c(t);
    return planes;
}

struct value value_columns(const struct value *images)
{
    const int64_t *b = images->border;
    struct value one = *images;
    const int64_t h = type_h(&one.type) + b[0] + b[2], w = type_w(&one.type) + b[1] + b[3];
    one.at.offset -= b[0] * one.view.row + b[1] * one.view.col;
    one.type.dim[2] = one.type.dim[0];
    one.type.dim[3] = h * w;
    one.type.dim[0] = 1;
    one.view.row = one.view.image;
    for (int side = 0; side < 6; side++)
        one.border[side] = 0;
    return one;
}

/* ---- lifetimes ---- */

static const struct node *owner_of(const struct node *node)
{
    while (node->into)
        node = node->into;
    return node;
}

static void later(uint32_t *time, uint32_t at)
{
    if (at > *time)
        *time = at;
}

void values_init(struct lowering *l)
{
    const struct graph *graph = l->graph;
    const size_t n = graph->nodes.n;
    l->values = arena_array(l->scratch, n, sizeof *l->values);
    l->last_use = arena_array(l->scratch, n, sizeof *l->last_use);
    l->last_use_within = arena_array(l->scratch, n, sizeof *l->last_use_within);
    for (size_t i = 0; i < n; i++) {
        const uint32_t read = l->reader[i] ? l->reader[i]->id : (uint32_t)i;
        for (int k = 0; k < graph->nodes.at[i]->n_inputs; k++)
            later(&l->last_use[graph->nodes.at[i]->input[k]->id], read);
    }
    for (size_t i = 0; i < graph->outputs.n; i++)
        l->last_use[graph->outputs.at[i].node->id] = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        later(&l->last_use_within[owner_of(graph->nodes.at[i])->id], l->last_use[i]);
}

const struct value *value_of(const struct lowering *l, const struct node *node)
{
    return &l->values[node->id];
}

const struct value *value_in(const struct lowering *l, int i)
{
    return value_of(l, l->node->input[i]);
}

static bool reads(const struct node *user, const struct node *node)
{
    for (int k = 0; k < user->n_inputs; k++)
        if (user->input[k] == node)
            return true;
    return false;
}

/* Whether a result is an output of the network, or lies in it. */
static bool leaves(const struct lowering *l, const struct node *node)
{
    return l->last_use[node->id] == l->graph->nodes.n;
}

bool value_only_read_by(const struct lowering *l, enum op op, int n)
{
    const struct node *node = l->node;
    for (size_t i = node->id; i < l->graph->nodes.n; i++) {
        const struct node *user = l->graph->nodes.at[i];
        for (int k = 0; k < user->n_inputs; k++)
            if (user->input[k] == node && (user->op != op || k >= n))
                return false;
    }
    return !leaves(l, node);
}

static bool read_in_steps(const struct lowering *, const struct node *);

bool value_ends_in_blocks(const struct node *reshape)
{
    const struct type *to = &reshape->type;
    return !reshape->into && reshape->input[0]->type.layout == LAYOUT_rows &&
           to->layout == LAYOUT_rows && to->dim[to->rank - 1] % NETRT_BLOCK == 0;
}

/* Whether a reshape cuts dimensions into several, or adds and leaves those of one position. */
static bool is_split(const struct node *node)
{
    const struct type *from = &node->input[0]->type, *to = &node->type;
    int64_t left = 1;
    if (node->op != OP_reshape || !value_ends_in_blocks(node))
        return false;
    for (int k = to->rank - 1, i = from->rank; k >= 0; k--) {
        while (left == 1 && to->dim[k] > 1)
            left = from->dim[--i];
        if (left % to->dim[k])
            return false;
        left /= to->dim[k];
    }
    return true;
}

/* Whether a reader takes any order of dimensions, or hands it on: a permute, a part, or what splits
 * them. */
static bool takes_steps(const struct lowering *l, const struct node *user)
{
    const bool hands_on = (user->op == OP_permute && !user->into) || is_split(user) ||
                          (user->op == OP_slice && graph_home(user) == user->input[0]);
    return op_has(user->op, OP_STEPS) || (hands_on && read_in_steps(l, user));
}

static bool read_in_steps(const struct lowering *l, const struct node *node)
{
    for (size_t i = node->id + 1; i < l->graph->nodes.n; i++) {
        const struct node *user = l->graph->nodes.at[i];
        if (reads(user, node) && !takes_steps(l, user))
            return false;
    }
    return !leaves(l, node);
}

bool value_read_in_steps(const struct lowering *l)
{
    return read_in_steps(l, l->node);
}

/* ---- places ---- */

static int new_buffer(struct lowering *l, const struct node *owner, int64_t floats)
{
    const int64_t line = 64;
    const struct buffer buffer = {.node = owner,
                                  .bytes = (floats * NETRT_ELEMENT_BYTES + line - 1) / line * line,
                                  .first = -1,
                                  .last = -1};
    VEC_PUSH(l->plan->arena, &l->plan->buffers, buffer);
    VEC_PUSH(l->scratch, &l->last_use_of_buffer, l->last_use_within[owner->id]);
    return (int)l->plan->buffers.n - 1;
}

/* The value of a node that owns its memory: a buffer of its own. */
static bool give_buffer(struct lowering *l, const struct node *node)
{
    struct value *v = &l->values[node->id];
    if (v->at.place != PLACE_none)
        return true;
    v->type = node->type;
    for (int side = 0; side < 6; side++)
        v->border[side] = node->border[side];
    int64_t floats;
    if (!lay_out(v, &floats))
        return lower_too_large(l, node);
    v->at.place = PLACE_arena;
    v->at.index = new_buffer(l, node, floats);
    volume_clear(l, v);
    return true;
}

static void slice_value(struct value *v, const struct value *of, int64_t channel)
{
    v->at = of->at;
    v->view = of->view;
    v->plane = of->plane;
    v->at.offset += channel / NETRT_BLOCK * of->view.plane;
    for (int side = 0; side < 6; side++)
        v->border[side] = of->border[side];
}

/* The user's memory, if the value can be made there: dense, without border. */
static bool give_output(struct lowering *l, const struct node *node)
{
    bool bare = true;
    for (int side = 0; side < 6; side++)
        bare = bare && !node->border[side];
    if (node->type.layout != LAYOUT_dense || !bare || node->into ||
        dtype_is_integer(node->type.dtype)) /* which are wider there */
        return false;
    for (size_t i = 0; i < l->graph->outputs.n; i++)
        if (l->graph->outputs.at[i].node == node) {
            l->values[node->id] = value_of_output(l, i);
            return true;
        }
    return false;
}

/* Dense, as large as the type, which fits. */
static struct value user_memory(const struct node *node, enum place place, size_t i)
{
    struct value v = {.type = node->type};
    int64_t floats;
    v.type.layout = LAYOUT_dense;
    lay_out(&v, &floats);
    v.at.place = place;
    v.at.index = (int)i;
    return v;
}

struct value value_of_input(const struct lowering *l, size_t i)
{
    return user_memory(l->graph->inputs.at[i].node, PLACE_input, i);
}

struct value value_of_output(const struct lowering *l, size_t i)
{
    return user_memory(l->graph->outputs.at[i].node, PLACE_output, i);
}

/* Rows one after the other would be joined to one that is cut anew, in all that it is computed
 * from: a column more keeps them apart where that cannot be. */
bool value_strip(struct lowering *l, const struct node *node)
{
    const struct value *in = value_of(l, node->input[0]);
    struct value *v = &l->values[node->id];
    int64_t floats;
    v->type = node->type;
    for (int side = 0; side < 6; side++)
        v->border[side] = node->border[side];
    if (!lay_out(v, &floats))
        return lower_too_large(l, node);
    if (node->op == OP_conv || in->view.row != type_w(&in->type) * in->view.col)
        v->view.row += v->view.col;
    v->at.place = PLACE_none;
    return true;
}

const struct value *value_make(struct lowering *l)
{
    const struct node *node = l->node, *owner = owner_of(node);
    struct value *v = &l->values[node->id];
    if (l->placed || l->reader[node->id] || give_output(l, node))
        return v;
    if (!give_buffer(l, owner))
        return NULL;
    int64_t channel = 0;
    for (const struct node *n = node; n->into; n = n->into)
        channel += n->into_channel;
    if (node != owner)
        slice_value(v, value_of(l, owner), channel);
    v->type = node->type;
    return v;
}

/* The only reader of a node, if that is a permute which leaves the last dimension where it is, and
 * has a buffer of its own. */
static const struct node *permuting_reader(const struct lowering *l, const struct node *node)
{
    const struct node *reader = l->graph->nodes.at[l->last_use[node->id]];
    const int last = node->type.rank - 1;
    for (size_t i = node->id + 1; i < reader->id; i++)
        if (reads(l->graph->nodes.at[i], node))
            return NULL;
    return reader->op == OP_permute && !reader->into && reader->attr.dims.at[last] == last ? reader
                                                                                           : NULL;
}

const struct value *value_make_permuted(struct lowering *l)
{
    const struct node *node = l->node;
    const struct node *reader = leaves(l, node) ? NULL : permuting_reader(l, node);
    int64_t to[MAX_RANK], *steps = arena_array(l->scratch, MAX_RANK, sizeof *steps);
    if (!reader || node->into)
        return value_make(l);
    if (!give_buffer(l, reader))
        return NULL;
    value_strides(value_of(l, reader), to);
    for (int64_t i = 0; i < reader->attr.dims.n; i++)
        steps[reader->attr.dims.at[i]] = to[i];
    l->values[node->id] = (struct value){
        .type = node->type, .at = value_of(l, reader)->at, .view.lane = 1, .steps = steps};
    return &l->values[node->id];
}

bool value_scratch(struct lowering *l, struct plan_step *s, int64_t floats)
{
    const int64_t slots = int_min(kernel_tasks(s->kernel, &s->shape), l->scheduling.threads);
    const int64_t line = 16; /* floats: pieces that threads write lie on lines of their own */
    int64_t all;
    floats = (floats + line - 1) / line * line;
    if (!checked_mul(floats, slots, &all) || all > most_floats)
        return lower_too_large(l, l->node);
    s->scratch = (struct operand){.place = PLACE_arena, .index = new_buffer(l, l->node, all)};
    l->plan->buffers.at[s->scratch.index].scratch = true;
    s->scratch_size = floats;
    s->slots = (int)slots;
    return true;
}

/* Result `i`, 1 or more, of a node: its layout, as a value at the start of its memory. */
static bool lay_out_result(const struct lowering *l, const struct node *node, int i,
                           struct value *v, int64_t *floats)
{
    *v = (struct value){.type = node_result_type(node, i, l->scratch)};
    v->type.layout = v->type.rank == 2 ? LAYOUT_blocked : LAYOUT_rows; /* the same memory */
    return lay_out_close(v, floats);
}

/* Where result `n` starts behind the first of the further ones, which is where those before end. */
static bool results_before(const struct lowering *l, const struct node *node, int n, int64_t *sum)
{
    struct value v;
    int64_t floats;
    *sum = 0;
    for (int i = 1; i < n; i++)
        if (!lay_out_result(l, node, i, &v, &floats) || !checked_add(*sum, floats, sum))
            return false;
    return true;
}

bool value_make_more(struct lowering *l, struct operand *more)
{
    int64_t all;
    if (!results_before(l, l->node, op_info(l->node->op)->n_results, &all) || all > most_floats)
        return lower_too_large(l, l->node);
    *more = (struct operand){.place = PLACE_arena, .index = new_buffer(l, l->node, all)};
    l->values[l->node->id].more = *more;
    return true;
}

void value_further(const struct lowering *l, int i, struct value *v)
{
    int64_t floats, before;
    lay_out_result(l, l->node, i, v, &floats);
    results_before(l, l->node, i, &before);
    v->at = value_of(l, l->node)->more;
    v->at.offset += before;
}

struct operand value_fault(struct lowering *l)
{
    struct plan *plan = l->plan;
    if (plan->fault < 0)
        plan->fault = new_buffer(l, l->node, 1);
    plan->buffers.at[plan->fault].scratch = true;
    return (struct operand){.place = PLACE_arena, .index = plan->fault};
}

int64_t value_padding(const struct value *v)
{
    const int64_t last = v->type.dim[v->type.rank - 1];
    return v->type.layout == LAYOUT_dense ? 0 : -last & (NETRT_BLOCK - 1);
}

void value_result(struct lowering *l, int i)
{
    const struct node *of = l->node->input[0];
    struct value *v = &l->values[l->node->id];
    int64_t floats, before;
    lay_out_result(l, of, i, v, &floats);
    results_before(l, of, i, &before);
    v->at = value_of(l, of)->more;
    v->at.offset += before;
    later(&l->last_use_of_buffer.at[v->at.index], l->last_use_within[l->node->id]);
}

static bool same_place(const struct value *a, const struct node *node)
{
    for (int side = 0; side < 6; side++)
        if (a->border[side] != node->border[side])
            return false;
    return type_equal(&a->type, &node->type);
}

/* Whether operand `i` is a whole buffer that is read here for the last time. */
static bool dies_here(const struct lowering *l, int i)
{
    const struct node *in = l->node->input[i];
    const struct value *v = value_of(l, in);
    return v->at.place == PLACE_arena && !in->into && v->at.offset == inner_offset(v) &&
           type_equal(&l->plan->buffers.at[v->at.index].node->type, &l->node->type) &&
           l->last_use_of_buffer.at[v->at.index] == l->node->id;
}

const struct value *value_make_over(struct lowering *l, int i)
{
    const struct node *node = l->node;
    const struct value *over = value_in(l, i);
    int times = 0;
    for (int k = 0; k < node->n_inputs; k++)
        times += value_in(l, k)->at.place == over->at.place &&
                 value_in(l, k)->at.index == over->at.index;
    if (l->placed || l->reader[node->id] || node->into || times > 1 || !same_place(over, node) ||
        !dies_here(l, i))
        return value_make(l);
    l->values[node->id] = *over;
    later(&l->last_use_of_buffer.at[over->at.index], l->last_use_within[node->id]);
    return &l->values[node->id];
}

void value_strides(const struct value *v, int64_t stride[MAX_RANK])
{
    const struct type *t = &v->type;
    int64_t step = 1;
    for (int i = t->rank - 1; i >= 0 && v->steps; i--)
        stride[i] = v->steps[i];
    for (int i = t->rank - 1; i >= 0 && !v->steps; i--) {
        stride[i] = step;
        if (i == t->rank - 1 && t->layout == LAYOUT_rows)
            step = v->view.col;
        else
            step *= t->dim[i];
    }
    if (!v->steps && t->rank > 1)
        stride[0] = v->view.image;
}

/* Whether nothing lies between the rows of a value, which follow each other. */
static bool is_compact(const struct value *v)
{
    struct value plain = {.type = v->type};
    int64_t floats;
    return !v->steps && lay_out(&plain, &floats) && plain.view.col == v->view.col &&
           (plain.view.image == v->view.image || type_n(&v->type) == 1);
}

/* Whether rows have nothing between them. */
static bool is_dense(const struct type *t)
{
    const int64_t n = t->dim[t->rank - 1];
    return t->layout == LAYOUT_rows ? row_pitch(n) == n : n % NETRT_BLOCK == 0;
}

/* Rows of equal length, or rows without padding. */
static bool lies_alike(const struct type *a, const struct type *b)
{
    return (a->dim[a->rank - 1] == b->dim[b->rank - 1] && a->layout == b->layout) ||
           (is_dense(a) && is_dense(b));
}

bool value_reshape(struct lowering *l)
{
    const struct value *in = value_in(l, 0);
    struct value *v = &l->values[l->node->id];
    int64_t floats;
    if (l->node->into || !is_compact(in) || !lies_alike(&in->type, &l->node->type))
        return false;
    v->type = l->node->type;
    if (!lay_out(v, &floats))
        return false;
    v->at = in->at;
    if (v->at.place == PLACE_arena)
        later(&l->last_use_of_buffer.at[v->at.index], l->last_use_within[l->node->id]);
    return true;
}

void value_packed(struct lowering *l, const struct operand *packed)
{
    struct value *v = &l->values[l->node->id];
    int64_t floats;
    v->type = l->node->type;
    lay_out_close(v, &floats);
    v->at = *packed;
}

bool value_between(struct lowering *l, struct value *v, const struct type *type)
{
    return value_between_like(l, v, type, &(struct value){0});
}

bool value_between_like(struct lowering *l, struct value *v, const struct type *type,
                        const struct value *like)
{
    int64_t floats;
    *v = (struct value){.type = *type};
    for (int side = 0; side < 4; side++)
        v->border[side] = like->border[side];
    if (!lay_out(v, &floats))
        return lower_too_large(l, l->node);
    v->at.place = PLACE_arena;
    v->at.index = new_buffer(l, l->node, floats);
    return true;
}

void value_part(struct lowering *l, int axis, int64_t first)
{
    const struct type *type = &l->node->type;
    const struct value *in = value_in(l, 0);
    struct value *v = &l->values[l->node->id];
    const bool by_blocks = axis == type_channel_axis(type) && !in->steps;
    int64_t step[MAX_RANK];
    value_strides(in, step);
    value_alias(l, by_blocks ? first : 0, type);
    v->steps = in->steps;
    if (!by_blocks)
        v->at.offset += first * step[axis];
    if (type->layout == LAYOUT_rows)
        v->view.row = type_w(type) * v->view.col;
}

void value_alias(struct lowering *l, int64_t channel, const struct type *type)
{
    const struct value *of = value_in(l, 0);
    struct value *v = &l->values[l->node->id];
    slice_value(v, of, channel);
    v->type = *type;
    if (v->at.place == PLACE_arena)
        later(&l->last_use_of_buffer.at[v->at.index], l->last_use_within[l->node->id]);
}

void value_permute(struct lowering *l, const struct dims *dims)
{
    int64_t from[MAX_RANK], step[MAX_RANK] = {0};
    value_strides(value_in(l, 0), from);
    for (int64_t i = 0; i < dims->n; i++)
        step[i] = from[dims->at[i]];
    value_by_steps(l, step);
}

void value_by_steps(struct lowering *l, const int64_t step[MAX_RANK])
{
    int64_t *steps = arena_array(l->scratch, MAX_RANK, sizeof *steps);
    memcpy(steps, step, MAX_RANK * sizeof *step);
    value_alias(l, 0, &l->node->type);
    l->values[l->node->id].steps = steps;
}
