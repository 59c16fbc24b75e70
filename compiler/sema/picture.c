/* An input's preprocessing: the steps that make its tensor of a picture. Sizes, channels and order
 * are checked, so that the program that runs them need not ask. */
#include "sema/sema.h"

static bool resamples(enum op op)
{
    return op == OP_picture_resize || op == OP_picture_stretch || op == OP_picture_letterbox;
}

static bool check_order(struct sema *s, const struct place *p, const struct callable *c,
                        struct span span)
{
    const struct pictures *t = p->pictures;
    if (!t->arithmetic || (c->op != OP_picture_to_gray && !resamples(c->op)))
        return true;
    SEMA_ERROR(s, p, span, MESSAGE(err_picture_order), c->name, t->arithmetic);
    return false;
}

/* A list has one number for each channel. */
static bool check_lists(struct sema *s, const struct place *p, const struct callable *c)
{
    for (int i = 0; i < c->n_slots; i++) {
        const struct value *v = &c->slots[i].value;
        if (c->slots[i].state == SLOT_empty || !value_is_sequence(v) ||
            op_info(c->op)->attrs[i].kind != ATTR_TRIPLE ||
            (int64_t)v->items.n == p->pictures->channels)
            continue;
        SEMA_ERROR(s, p, c->slots[i].span, MESSAGE(err_channel_list), v->items.n,
                   (long long)p->pictures->channels);
        return false;
    }
    return true;
}

static bool check_std(struct sema *s, const struct place *p, const struct attrs *a,
                      struct span span)
{
    if (a->std[0] > 0 && a->std[1] > 0 && a->std[2] > 0)
        return true;
    SEMA_ERROR(s, p, span, MESSAGE(err_zero_std));
    return false;
}

static bool check_fill(struct sema *s, const struct place *p, const struct attrs *a,
                       struct span span)
{
    if (a->fill <= 255)
        return true;
    SEMA_ERROR(s, p, span, MESSAGE(err_picture_fill), (long long)a->fill);
    return false;
}

/* What has the declared size follows --input. */
static void set_size(struct pictures *t, struct attrs *a)
{
    const struct type *in = &t->input->node->type;
    bool declared = a->size[0] == t->declared[0] && a->size[1] == t->declared[1];
    if (!a->size[0] || declared) {
        a->size[0] = in->dim[2];
        a->size[1] = in->dim[3];
    }
    t->height = a->size[0];
    t->width = a->size[1];
}

static void set_state(struct pictures *t, const struct callable *c, struct attrs *a)
{
    if (c->op == OP_picture_center_crop || c->op == OP_picture_stretch ||
        c->op == OP_picture_letterbox)
        set_size(t, a);
    if (c->op == OP_picture_resize)
        t->height = t->width = 0;
    if (c->op == OP_picture_to_gray)
        t->channels = 1;
    if ((c->op == OP_picture_scale || c->op == OP_picture_normalize) && !t->arithmetic)
        t->arithmetic = c->name;
}

void elaborate_picture(struct sema *s, struct place *p, const struct callable *c, struct span span)
{
    struct pictures *t = p->pictures;
    struct picture picture = {.op = c->op, .span = span};
    if (c->kind == CALLABLE_net || op_info(c->op)->class != CLASS_PICTURE) {
        SEMA_ERROR(s, p, span, MESSAGE(err_not_a_picture_step), c->name);
        return;
    }
    if (!check_order(s, p, c, span) || !check_lists(s, p, c) ||
        !attrs_bind(s, p, c, span, NULL, &picture.attr))
        return;
    if (c->op == OP_picture_normalize && !check_std(s, p, &picture.attr, span))
        return;
    if (c->op == OP_picture_letterbox && !check_fill(s, p, &picture.attr, span))
        return;
    set_state(t, c, &picture.attr);
    VEC_PUSH(s->arena, &t->input->pictures, picture);
}

static void check_result(struct sema *s, const struct place *p, const struct pictures *t,
                         const struct ast_input *input)
{
    const struct type *in = &t->input->node->type;
    if (t->channels != in->dim[1]) {
        struct diag *d = SEMA_ERROR(s, p, input->name_span, MESSAGE(err_picture_channels),
                                    (long long)t->channels, input->name, (long long)in->dim[1]);
        if (in->dim[1] == 1)
            diag_hint(d, "'to_gray' makes one channel of three");
    }
    if (t->height && (t->height != in->dim[2] || t->width != in->dim[3]))
        SEMA_ERROR(s, p, input->name_span, MESSAGE(err_picture_size), (long long)t->height,
                   (long long)t->width, input->name, (long long)in->dim[2], (long long)in->dim[3]);
}

void elaborate_pictures(struct sema *s, struct place *p, struct graph_input *in,
                        const struct ast_input *input, const int64_t *declared)
{
    struct pictures t = {.input = in, .channels = 3, .declared = {declared[0], declared[1]}};
    struct place inner = *p;
    size_t errors = s->diags->n_errors;
    if (in->node->type.rank != 4) {
        SEMA_ERROR(s, p, input->name_span, MESSAGE(err_flat_picture), input->name);
        return;
    }
    inner.pictures = &t;
    inner.in = (struct flow){FLOW_tensor, in->node};
    elaborate_body(s, &inner, input->body, false);
    if (s->diags->n_errors == errors)
        check_result(s, p, &t, input);
}
