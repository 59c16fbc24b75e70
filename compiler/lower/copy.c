/* Steps of what moves elements: layouts, slices, joins, shifts, enlargement. */
#include "lower/lowering.h"

#include <math.h>

/* All of `in` to `out`, whatever their layouts; shifts and selections are for the caller. Rows are
 * copied as planes, and their padding is cleared as a border. */
static struct netrt_copy *copy_add(struct lowering *l, const struct value *out,
                                   const struct value *in)
{
    const struct value planes[] = {value_planar(out), value_planar(in)};
    out = &planes[0];
    in = &planes[1];
    struct netrt_copy *k = &step_add(l, KERNEL_copy, out, in)->shape.copy;
    k->in = in->view;
    k->out = out->view;
    k->in_blocked = in->type.layout == LAYOUT_blocked;
    k->out_blocked = out->type.layout == LAYOUT_blocked;
    k->ic = type_c(&in->type);
    SET_INPUT(k, &in->type);
    SET_OUTPUT(k, &out->type);
    k->c = type_c(&out->type);
    k->sy = k->sx = k->uy = k->ux = 1;
    k->tail = k->out_blocked;
    SET_BORDER(k, out);
    return k;
}

static struct netrt_copy *copy_operand(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    return out ? copy_add(l, out, in) : NULL;
}

/* Whether the channels of an image lie one after the other. */
static bool is_vector(const struct value *v)
{
    return type_h(&v->type) == 1 && type_w(&v->type) == 1 &&
           (v->type.layout == LAYOUT_blocked ? v->view.plane == NETRT_BLOCK : v->view.lane == 1);
}

/* One plane whose columns are the channels: a task for all of them. */
static void copy_vector(struct lowering *l, const struct value *out, const struct value *in)
{
    struct netrt_copy *k = copy_add(l, out, in);
    k->in_blocked = k->out_blocked = 0;
    k->iw = k->ow = k->ic;
    k->ic = k->c = 1;
    k->in.col = k->out.col = 1;
    k->in.row = k->out.row = k->in.lane = k->out.lane = k->ow;
    k->in.plane = k->out.plane = 0;
}

static void relayout(struct lowering *l, const struct value *out, const struct value *in)
{
    if (is_vector(in) && is_vector(out))
        copy_vector(l, out, in);
    else
        copy_add(l, out, in);
}

void lower_pack(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (out)
        relayout(l, out, in);
}

/* The elements in a layout, copied if they do not lie so. False: they are too many (reported). */
static bool lay_out(struct lowering *l, const struct value *from, enum layout layout,
                    struct value *laid)
{
    struct type type = from->type;
    *laid = *from;
    if (type.layout == layout)
        return true;
    type.layout = layout;
    if (!value_between(l, laid, &type))
        return false;
    relayout(l, laid, from);
    return true;
}

static void output_integers(struct lowering *l, const struct value *to, const struct value *from)
{
    struct value dense;
    if (lay_out(l, from, LAYOUT_dense, &dense))
        lower_integers_out(l, to, &dense);
}

void lower_long(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    struct value floats;
    if (out && lay_out(l, in, out->type.layout, &floats))
        lower_integers_of(l, out, &floats);
}

void lower_float(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    struct value integers;
    if (out && !dtype_is_integer(in->type.dtype))
        relayout(l, out, in);
    else if (out && lay_out(l, in, out->type.layout, &integers))
        lower_floats_of(l, out, &integers);
}

void lower_output(struct lowering *l, size_t i)
{
    const struct node *node = l->graph->outputs.at[i].node;
    const struct value *from = value_of(l, node);
    const struct value to = value_of_output(l, i);
    l->node = node;
    if (dtype_is_integer(node->type.dtype))
        output_integers(l, &to, from);
    else if (from->at.place != PLACE_output || from->at.index != (int)i)
        relayout(l, &to, from);
}

/* ---- parts ---- */

/* A row or column of the border that the part reaches: not where the output goes on. */
static long border_of(const struct value *out, int side, int axis, const struct move *m)
{
    const bool reaches = side < 2 ? !m->to[axis] : m->to[axis] + m->n[axis] == out->type.dim[axis];
    return reaches ? out->border[side] : 0;
}

/* Rows are those of all dimensions between the channels and the columns: where there are several,
 * only channels move. The part is copied to the block that it begins in, so that copies which
 * differ in their block alone are one kernel instance. */
void move_blocks(struct lowering *l, const struct value *out, const struct value *in,
                 const struct move *m)
{
    struct netrt_copy *k = copy_add(l, out, in);
    struct plan_step *s = &l->plan->steps.at[l->plan->steps.n - 1];
    const int x = out->type.rank - 1, y = x - 1;
    if (type_n(&in->type) < k->images) /* one for all */
        k->in.image = 0;
    k->c = m->n[1];
    k->dc = m->from[1];
    k->at = m->to[1] % NETRT_BLOCK;
    s->out.offset += m->to[1] / NETRT_BLOCK * out->view.plane;
    if (x > 1) {
        k->ow = m->n[x];
        k->dx = m->from[x];
        k->sx = m->step[x];
        k->border_left = border_of(out, 1, x, m);
        k->border_right = border_of(out, 3, x, m);
        s->out.offset += m->to[x] * out->view.col;
    }
    if (x == 3) {
        k->oh = m->n[y];
        k->dy = m->from[y];
        k->sy = m->step[y];
        k->border_top = border_of(out, 0, y, m);
        k->border_bottom = border_of(out, 2, y, m);
        s->out.offset += m->to[y] * out->view.row;
    }
}

/* ---- flatten ---- */

/* Channel by channel, gapless, into what is then one blocked vector. */
static void copy_flattened(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct value planes = *out;
    planes.type = in->type;
    planes.type.layout = LAYOUT_dense;
    planes.view.col = 1;
    planes.view.row = type_w(&in->type);
    planes.view.lane = planes.view.row * type_h(&in->type);
    planes.view.plane = 0;
    copy_add(l, &planes, in)->tail = 1;
}

void lower_flatten(struct lowering *l)
{
    const struct type *in = &value_in(l, 0)->type;
    const bool one = type_h(in) == 1 && type_w(in) == 1;
    /* linear reads a map as well */
    if (!l->node->into && (one || value_only_read_by(l, OP_linear, 1)))
        value_alias(l, 0, in);
    else if (one)
        copy_operand(l);
    else
        copy_flattened(l);
}

/* ---- channels ---- */

void lower_channel_shuffle(struct lowering *l)
{
    struct netrt_copy *k = copy_operand(l);
    if (k)
        k->shuffle = l->node->attr.groups;
}

/* ---- rows and columns ---- */

/* Images before, or behind, those of a volume. */
static void fill_images(struct lowering *l, const struct value *out, int64_t first, int64_t n)
{
    struct value part = *out;
    part.type.dim[0] = n;
    part.at.offset += first * out->view.image;
    if (n)
        fill_add(l, &part, (float)l->node->attr.value);
}

/* Images that are kept move behind those that are added. */
void lower_pad(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct value kept = *out;
    kept.type.dim[0] = in->type.dim[0];
    kept.at.offset += a->padding[4] * out->view.image;
    struct netrt_copy *k = copy_add(l, &kept, in);
    k->dc = -a->channels[0];
    k->dy = -a->padding[0];
    k->dx = -a->padding[1];
    k->fill = (float)a->value;
    fill_images(l, out, 0, a->padding[4]);
    fill_images(l, out, a->padding[4] + in->type.dim[0], a->padding[5]);
}

/* An offset of -1 is the middle, rounded towards the start. */
void lower_crop(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    struct netrt_copy *k = copy_operand(l);
    if (!k)
        return;
    k->dy = attrs_crop_offset(a, 0, k->ih);
    k->dx = attrs_crop_offset(a, 1, k->iw);
}

static void lower_resample(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct netrt_resample *k = &step_add(l, KERNEL_resample, out, in)->shape.resample;
    k->in = in->view;
    k->out = out->view;
    k->c = type_c(&in->type);
    SET_INPUT(k, &in->type);
    SET_OUTPUT(k, &l->node->type);
    k->taps = attrs_taps(a);
    k->centers = a->mode != MODE_nearest && !a->align_corners;
    k->step_y = attrs_upsample_step(a, 0, k->ih, k->oh);
    k->step_x = attrs_upsample_step(a, 1, k->iw, k->ow);
    SET_BORDER(k, out);
    k->task_rows =
        schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->c, NETRT_BLOCK), k->oh,
                      (1.0 + (double)(k->taps * k->taps)) * NETRT_BLOCK * (double)k->ow);
}

/* Whether each of `in` positions is repeated the same number of times. */
static bool repeats(const struct attrs *a, int axis, int64_t in, int64_t out)
{
    const float ratio = (float)in / (float)out;
    return out % in == 0 && fabsf(attrs_upsample_step(a, axis, in, out) - ratio) <= 0;
}

void lower_upsample(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct type *in = &l->node->input[0]->type, *out = &l->node->type;
    const bool whole =
        repeats(a, 0, type_h(in), type_h(out)) && repeats(a, 1, type_w(in), type_w(out));
    if (attrs_taps(a) > 1 || !whole) {
        lower_resample(l);
        return;
    }
    struct netrt_copy *k = copy_operand(l);
    if (!k)
        return;
    k->uy = k->oh / k->ih;
    k->ux = k->ow / k->iw;
}

void lower_pixel_shuffle(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct netrt_pixel_shuffle *k =
        &step_add(l, KERNEL_pixel_shuffle, out, in)->shape.pixel_shuffle;
    k->in = in->view;
    k->out = out->view;
    k->c = type_c(&l->node->type);
    SET_OUTPUT(k, &l->node->type);
    k->inverse = l->node->op == OP_pixel_unshuffle;
    k->side = k->inverse ? a->downscale_factor : a->upscale_factor;
    SET_BORDER(k, out);
    k->task_rows = schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->c, NETRT_BLOCK),
                                 k->oh, 2.0 * NETRT_BLOCK * (double)k->ow);
}
