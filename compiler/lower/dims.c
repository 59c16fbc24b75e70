/* Steps of what makes or rearranges dimensions. */
#include "base/number.h"
#include "lower/lowering.h"

void lower_param(struct lowering *l)
{
    const struct node *node = l->node;
    const struct type *t = &node->type;
    const int64_t columns = t->dim[t->rank - 1];
    const struct operand packed =
        weights_pack_rows(l, node->weight[ROLE_value], type_elements(t) / columns, columns);
    if (packed.place != PLACE_none)
        value_packed(l, &packed);
}

/* ---- strided copies ---- */

/* Positions of a copy: dimensions from the outermost on, with the steps of both operands. */
struct walk {
    int n;
    bool overflow; /* more dimensions than a kernel has */
    int64_t size[MAX_RANK], in[MAX_RANK], out[MAX_RANK];
};

/* Adds a dimension inside of those before; what can be one with the last becomes one. */
static void walk_add(struct walk *w, int64_t size, int64_t in, int64_t out)
{
    const int last = w->n - 1;
    if (size == 1)
        return;
    if (last >= 0 && w->in[last] == in * size && w->out[last] == out * size) {
        w->size[last] *= size;
        w->in[last] = in;
        w->out[last] = out;
        return;
    }
    w->overflow = w->overflow || w->n == MAX_RANK;
    if (w->overflow)
        return;
    w->size[w->n] = size;
    w->in[w->n] = in;
    w->out[w->n++] = out;
}

/* The same of the last dimension, which stays one of its own where zeros follow its positions. */
static void walk_end(struct walk *w, int64_t size, int64_t in, int64_t out, bool padded)
{
    if (size > 1 || !padded) {
        walk_add(w, size, in, out);
        return;
    }
    w->size[w->n] = size;
    w->in[w->n] = in;
    w->out[w->n++] = out;
}

/* The last six dimensions of a kernel's shape, where the walk has fewer. */
static void set_positions(struct netrt_strided *k, const struct walk *w)
{
    long *const size[] = {&k->n0, &k->n1, &k->n2, &k->n3, &k->n4, &k->n5};
    long *const in[] = {&k->in0, &k->in1, &k->in2, &k->in3, &k->in4, &k->in5};
    long *const out[] = {&k->out0, &k->out1, &k->out2, &k->out3, &k->out4, &k->out5};
    const int missing = MAX_RANK - w->n;
    for (int i = 0; i < MAX_RANK; i++) {
        const bool has = i >= missing;
        *size[i] = has ? w->size[i - missing] : 1;
        *in[i] = has ? w->in[i - missing] : 0;
        *out[i] = has ? w->out[i - missing] : 0;
    }
}

/* A copy along `w`; rows of `out` that are padded end with zeros. */
static void strided_add(struct lowering *l, const struct value *out, const struct value *in,
                        const struct walk *w)
{
    struct plan_step *s = step_add(l, KERNEL_strided, out, in);
    struct netrt_strided *k = &s->shape.strided;
    set_positions(k, w);
    k->pad = (long)value_padding(out);
    k->task_rows =
        schedule_rows(&l->scheduling, k->n0 * k->n1 * k->n2 * k->n3, k->n4, (double)k->n5);
}

struct move move_all(const struct type *out)
{
    struct move m = {0};
    for (int i = 0; i < out->rank; i++) {
        m.n[i] = out->dim[i];
        m.step[i] = 1;
    }
    return m;
}

/* Elements from `from` on, `step` apart along each dimension of the output, to its positions `to`.
 */
static void move_elements(struct lowering *l, const struct value *out, const struct value *in,
                          int64_t from, const int64_t step[MAX_RANK], const struct move *m)
{
    int64_t to[MAX_RANK];
    struct walk w = {0};
    const int last = out->type.rank - 1;
    const bool ends = m->to[last] + m->n[last] == out->type.dim[last];
    const long pad = ends ? (long)value_padding(out) : 0;
    value_strides(out, to);
    for (int i = 0; i < last; i++)
        walk_add(&w, m->n[i], step[i], to[i]);
    walk_end(&w, m->n[last], step[last], to[last], pad > 0);
    strided_add(l, out, in, &w);
    struct plan_step *s = &l->plan->steps.at[l->plan->steps.n - 1];
    s->shape.strided.pad = pad;
    s->in.offset += from;
    for (int i = 0; i <= last; i++)
        s->out.offset += m->to[i] * to[i];
}

void move_strided(struct lowering *l, const struct value *out, const struct value *in,
                  const struct move *m)
{
    int64_t step[MAX_RANK], from = 0;
    value_strides(in, step);
    for (int i = 0; i < out->type.rank; i++) {
        from += m->from[i] * step[i];
        step[i] *= in->type.dim[i] < m->n[i] ? 0 : m->step[i]; /* one for all images */
    }
    move_elements(l, out, in, from, step, m);
}

/* The last dimension of the result goes through the windows of another one. */
void lower_unfold(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    int64_t step[MAX_RANK] = {0};
    if (!out)
        return;
    const int axis = attrs_axis(a, &in->type);
    const struct move m = move_all(&out->type);
    value_strides(in, step);
    step[in->type.rank] = step[axis];
    step[axis] *= a->step;
    move_elements(l, out, in, 0, step, &m);
}

/* A copy from an input without channels is all fill. */
void fill_add(struct lowering *l, const struct value *out, float number)
{
    const struct value planes = value_planar(out), nothing = {0};
    struct netrt_copy *k = &step_add(l, KERNEL_copy, &planes, &nothing)->shape.copy;
    k->out = planes.view;
    k->out_blocked = planes.type.layout == LAYOUT_blocked;
    SET_OUTPUT(k, &planes.type);
    k->c = type_c(&planes.type);
    k->sy = k->sx = k->uy = k->ux = 1;
    k->tail = k->out_blocked;
    k->fill = number;
    SET_BORDER(k, &planes);
}

void lower_full(struct lowering *l)
{
    const struct value *out = value_make(l);
    if (out)
        fill_add(l, out, (float)l->node->attr.value);
}

/* Whether rows are those of `to`, or one row for all. */
static bool rows_spread(const struct type *from, const struct type *to)
{
    return type_w(from) == 1 || type_w(from) == type_w(to);
}

bool lower_expand(struct lowering *l, struct value *v)
{
    const struct type *to = &l->node->type;
    struct type full = v->type;
    struct value expanded;
    struct walk w = {0};
    int64_t from[MAX_RANK], out[MAX_RANK];
    if (v->type.layout != LAYOUT_rows || rows_spread(&v->type, to))
        return true;
    for (int i = 1; i < full.rank - 1; i++)
        full.dim[i] = to->dim[i];
    if (!value_between(l, &expanded, &full))
        return false;
    value_strides(v, from);
    value_strides(&expanded, out);
    const int last = full.rank - 1;
    for (int i = 0; i < last; i++)
        walk_add(&w, full.dim[i], v->type.dim[i] < full.dim[i] ? 0 : from[i], out[i]);
    walk_end(&w, full.dim[last], from[last], out[last], value_padding(&expanded) > 0);
    strided_add(l, &expanded, v, &w);
    *v = expanded;
    return true;
}

/* Nothing moves where the operand was made in this order, and where readers take it as it lies. */
void lower_permute(struct lowering *l)
{
    if (value_of(l, l->node)->at.place != PLACE_none)
        return;
    if (!l->node->into && value_read_in_steps(l)) {
        value_permute(l, &l->node->attr.dims);
        return;
    }
    const struct value *in = value_in(l, 0), *out = value_make(l);
    int64_t from[MAX_RANK], to[MAX_RANK];
    struct walk w = {0};
    if (!out)
        return;
    value_strides(in, from);
    value_strides(out, to);
    const int last = out->type.rank - 1;
    for (int i = 0; i < last; i++)
        walk_add(&w, out->type.dim[i], from[l->node->attr.dims.at[i]], to[i]);
    walk_end(&w, out->type.dim[last], from[l->node->attr.dims.at[last]], to[last],
             value_padding(out) > 0);
    strided_add(l, out, in, &w);
}

/* ---- reshape ---- */

/* Positions of a type, from the innermost dimension on: `left` of the current one, `step` apart. */
struct factors {
    const struct type *type;
    int64_t stride[MAX_RANK], left, step;
    int i;
};

static void factors_init(struct factors *f, const struct value *v)
{
    *f = (struct factors){.type = &v->type, .left = 1, .i = v->type.rank};
    value_strides(v, f->stride);
}

/* Goes on to the next dimension where the current one is used up. False: that was the last. */
static bool factors_next(struct factors *f)
{
    while (f->left == 1 && f->i > 0) {
        f->left = f->type->dim[--f->i];
        f->step = f->stride[f->i];
    }
    return f->left > 1;
}

static void factors_take(struct factors *f, int64_t n)
{
    f->left /= n;
    f->step *= n;
}

/* Whether rows have one position, which zeros follow. */
static bool is_column(const struct value *v)
{
    return v->type.dim[v->type.rank - 1] == 1 && value_padding(v) > 0;
}

/* The positions of two shapes of equal elements, in order, as dimensions that both have. False:
 * there are none, as for 4x6 and 6x4, or no room is left for that of a column's rows. */
static bool find_common(struct walk *w, const struct value *out, const struct value *in)
{
    struct walk inner_first = {0};
    struct factors a, b;
    factors_init(&a, in);
    factors_init(&b, out);
    while (factors_next(&a) && factors_next(&b)) {
        const int64_t n = int_min(a.left, b.left);
        if (a.left % n || b.left % n || inner_first.n == MAX_RANK)
            return false;
        inner_first.size[inner_first.n] = n;
        inner_first.in[inner_first.n] = a.step;
        inner_first.out[inner_first.n++] = b.step;
        factors_take(&a, n);
        factors_take(&b, n);
    }
    *w = (struct walk){0};
    for (int i = inner_first.n - 1; i >= 0; i--)
        walk_add(w, inner_first.size[i], inner_first.in[i], inner_first.out[i]);
    return !is_column(out) || w->n < MAX_RANK;
}

/* A copy along `w`, that find_common() has found. */
static void reshape_add(struct lowering *l, const struct value *out, const struct value *in,
                        struct walk *w)
{
    if (is_column(out))
        walk_end(w, 1, 0, 1, true);
    strided_add(l, out, in, w);
}

/* By way of dense memory, to which either shape has a common one. */
static void copy_twice(struct lowering *l, const struct value *out, const struct value *in)
{
    struct value between;
    struct type type = in->type;
    struct walk w;
    type.layout = LAYOUT_dense;
    if (!value_between(l, &between, &type))
        return;
    find_common(&w, &between, in);
    reshape_add(l, &between, in, &w);
    between.type = out->type;
    between.type.layout = LAYOUT_dense;
    between.view.image = (long)(type_elements(&type) / type.dim[0]);
    find_common(&w, out, &between);
    reshape_add(l, out, &between, &w);
}

/* The step of a dimension of so many positions, which come next; false: they have several. */
static bool take_dimension(struct factors *f, int64_t size, int64_t *step)
{
    *step = 0;
    for (int64_t taken = 1; taken < size;) {
        if (!factors_next(f))
            return false;
        const int64_t n = int_min(size / taken, f->left);
        if (size / taken % n || f->left % n || (taken > 1 && f->step != *step * taken))
            return false;
        *step = taken > 1 ? *step : f->step;
        taken *= n;
        factors_take(f, n);
    }
    return true;
}

/* The steps by which readers find the dimensions of a reshape in the memory of its operand, as of
 * heads in some columns of rows. False: they do not take steps, or would find no zeros behind rows
 * that are no whole blocks, or a dimension has several steps. */
static bool reshape_by_steps(struct lowering *l)
{
    const struct value *in = value_in(l, 0);
    const struct type *to = &l->node->type;
    int64_t step[MAX_RANK];
    struct factors f;
    if (!value_ends_in_blocks(l->node) || !value_read_in_steps(l))
        return false;
    factors_init(&f, in);
    for (int i = to->rank - 1; i >= 0; i--)
        if (!take_dimension(&f, to->dim[i], &step[i]))
            return false;
    value_by_steps(l, step);
    return true;
}

void lower_reshape(struct lowering *l)
{
    struct walk w;
    if (value_reshape(l) || reshape_by_steps(l))
        return;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    /* zeros behind rows that are no dimension of the walk would be written within a run */
    const bool rows_end = !value_padding(out) || is_column(out);
    if (find_common(&w, out, in) &&
        (rows_end || w.size[w.n - 1] == out->type.dim[out->type.rank - 1]))
        reshape_add(l, out, in, &w);
    else
        copy_twice(l, out, in);
}
