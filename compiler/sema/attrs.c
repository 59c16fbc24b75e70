/* Values to attributes of operators: typed by the rows of ops.def. */
#include "base/number.h"
#include "ir/names.h"
#include "sema/sema.h"

#include <math.h>
#include <string.h>

/* Whether an integer, or each of `n` items, is there. */
static bool has_ints(const struct value *v, size_t n)
{
    if (!value_is_sequence(v) || v->items.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (v->items.at[i].kind != VALUE_int)
            return false;
    return true;
}

static bool has_dims(const struct value *v)
{
    return value_is_sequence(v) && v->items.n <= MAX_RANK && has_ints(v, v->items.n);
}

/* The same of numbers. */
static bool has_numbers(const struct value *v, size_t n)
{
    if (!value_is_sequence(v) || v->items.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!value_is_number(&v->items.at[i]))
            return false;
    return true;
}

static bool is_padding_name(const struct value *v)
{
    return v->kind == VALUE_string && (!strcmp(v->string, "half") || !strcmp(v->string, "same"));
}

static bool is_word(enum attr_kind kind, const struct value *v)
{
    return v->kind == VALUE_string && name_find(attr_words(kind), v->string) >= 0;
}

static bool suits(enum attr_kind kind, const struct value *v)
{
    switch (kind) {
    case ATTR_INT:
        return v->kind == VALUE_int;
    case ATTR_REAL:
        return value_is_number(v);
    case ATTR_BOOL:
        return v->kind == VALUE_bool;
    case ATTR_PAIR:
        return v->kind == VALUE_int || has_ints(v, 2);
    case ATTR_EXTENT:
        return v->kind == VALUE_int || has_ints(v, 2) || has_ints(v, 3);
    case ATTR_PADDING:
        return v->kind == VALUE_int || has_ints(v, 2) || has_ints(v, 3) || has_ints(v, 4) ||
               has_ints(v, 6) || is_padding_name(v);
    case ATTR_REAL_PAIR:
        return value_is_number(v) || has_numbers(v, 2);
    case ATTR_TRIPLE:
        return value_is_number(v) || has_numbers(v, 3) || has_numbers(v, 1);
    case ATTR_MODE:
    case ATTR_FAN:
        return is_word(kind, v);
    case ATTR_DIMS:
        return v->kind == VALUE_int || has_dims(v);
    case ATTR_REALS:
        return value_is_number(v) ||
               (value_is_sequence(v) && v->items.n <= MAX_RANK && has_numbers(v, v->items.n));
    case ATTR_NUMBERS:
        return value_is_sequence(v) && has_numbers(v, v->items.n);
    }
    return false;
}

static const char *needed(enum attr_kind kind)
{
    static const char *const texts[] = {
        [ATTR_INT] = "an integer",
        [ATTR_REAL] = "a number",
        [ATTR_BOOL] = "true or false",
        [ATTR_PAIR] = "an integer or a pair (rows, columns)",
        [ATTR_EXTENT] = "an integer, a pair (rows, columns), or (depth, rows, columns) of a volume",
        [ATTR_PADDING] = "an integer, a pair, four sides, half or same",
        [ATTR_REAL_PAIR] = "a number or a pair (rows, columns)",
        [ATTR_TRIPLE] = "a number, or a list with one for each channel",
        [ATTR_MODE] = "one of"
#define MODE(id, spelling, taps, whole) " \"" spelling "\""
#include "ir/modes.def"
        ,
        [ATTR_FAN] = "one of \"fan_in\" \"fan_out\"",
        [ATTR_DIMS] = "a list of at most six integers",
        [ATTR_REALS] = "a number, or a list of at most six",
        [ATTR_NUMBERS] = "a list of numbers"};
    return texts[kind];
}

/* A real stands where an integer is needed, perhaps in a pair. */
static const struct value *stray_real(enum attr_kind kind, const struct value *v)
{
    if (attr_is_real(kind) || kind == ATTR_BOOL || attr_words(kind))
        return NULL;
    if (v->kind == VALUE_real)
        return v;
    for (size_t i = 0; value_is_sequence(v) && i < v->items.n; i++)
        if (v->items.at[i].kind == VALUE_real)
            return &v->items.at[i];
    return NULL;
}

/* What another tool has there. */
static void hint_value(struct diag *d, const struct attr_info *attr, const struct value *v)
{
    const char *habit = v->kind == VALUE_string ? habit_word(attr->kind, v->string) : NULL;
    if (habit)
        diag_hint(d, "%s", habit);
    else if (v->kind == VALUE_tensor)
        diag_hint(d, "what flows in is no argument: it is the result of the step before");
}

static bool report_kind(struct sema *s, const struct place *p, enum op op,
                        const struct attr_info *attr, const struct value *v, struct span span)
{
    const char *name = op_info(op)->name;
    const struct value *real = stray_real(attr->kind, v);
    const char *what =
        arena_printf(s->arena, "'%s' of '%s' needs %s", attr->name, name, needed(attr->kind));
    if (real)
        report_not_int(s, p, span, what, real);
    else
        hint_value(SEMA_ERROR(s, p, span, MESSAGE(err_attr_kind), what, value_describe(v),
                              sema_describe(s, v)),
                   attr, v);
    return false;
}

static bool at_least(const struct value *v, double least)
{
    for (size_t i = 0; value_is_sequence(v) && i < v->items.n; i++)
        if (value_number(&v->items.at[i]) < least)
            return false;
    return !value_is_number(v) || value_number(v) >= least;
}

bool attr_accepts(struct sema *s, const struct place *p, enum op op, const struct attr_info *attr,
                  const struct value *v, struct span span)
{
    const bool lacks = attr->presence == ATTR_REQUIRED && value_is_sequence(v) && v->items.n == 0;
    if (lacks || !suits(attr->kind, v))
        return report_kind(s, p, op, attr, v, span);
    if (at_least(v, attr->least))
        return true;
    SEMA_ERROR(s, p, span, MESSAGE(err_attr_range), attr->name, op_info(op)->name, attr->least,
               sema_describe(s, v));
    return false;
}

static void *field_of(struct attrs *a, const struct attr_info *attr)
{
    return (char *)a + attr->field;
}

static void set_pair(int64_t *pair, const struct value *v)
{
    for (size_t i = 0; i < 2; i++)
        pair[i] = v->kind == VALUE_int ? v->integer : v->items.at[i].integer;
}

/* (rows, columns), or (depth, rows, columns). */
static void set_extent(int64_t *size, const struct value *v)
{
    const int n = v->kind == VALUE_int ? 3 : (int)v->items.n;
    for (int i = 0; i < n; i++)
        size[attr_place(ATTR_EXTENT, n, i)] =
            v->kind == VALUE_int ? v->integer : v->items.at[i].integer;
}

/* Sides from one number, from (rows, columns), with depth before them in a volume, or all. */
static void set_padding(int64_t *side, const struct value *v)
{
    const int given = v->kind == VALUE_int ? 1 : v->kind == VALUE_string ? 0 : (int)v->items.n;
    const int n = given == 2 || given == 4 ? 4 : 6, each = given == 2 || given == 3 ? given : n;
    for (int i = 0; given && i < n; i++)
        side[attr_place(ATTR_PADDING, n, i)] =
            given == 1 ? v->integer : v->items.at[i % each].integer;
}

static void set_dims(struct dims *dims, const struct value *v)
{
    dims->n = v->kind == VALUE_int ? 1 : (int64_t)v->items.n;
    for (int64_t i = 0; i < dims->n; i++)
        dims->at[i] = v->kind == VALUE_int ? v->integer : v->items.at[i].integer;
}

/* As many, or one for all. */
static void set_reals(double *real, size_t n, const struct value *v)
{
    for (size_t i = 0; i < n; i++)
        real[i] = value_is_sequence(v) ? value_number(&v->items.at[v->items.n == 1 ? 0 : i])
                                       : value_number(v);
}

static void set_list(struct reals *reals, const struct value *v)
{
    const size_t n = value_is_sequence(v) ? v->items.n : 1;
    reals->n = (double)n;
    set_reals(reals->at, n, v);
}

static void set_numbers(struct sema *s, struct attrs *a, const struct attr_info *attr,
                        const struct value *v)
{
    double *list = arena_array(s->arena, v->items.n + 1, sizeof *list);
    for (size_t i = 0; i < v->items.n; i++)
        list[i] = value_number(&v->items.at[i]);
    attr_set_numbers(a, attr, (struct numbers){(int64_t)v->items.n, list});
}

static void set_attr(struct sema *s, struct attrs *a, const struct attr_info *attr,
                     const struct value *v)
{
    void *field = field_of(a, attr);
    switch (attr->kind) {
    case ATTR_INT:
        *(int64_t *)field = v->integer;
        return;
    case ATTR_REAL:
    case ATTR_REAL_PAIR:
    case ATTR_TRIPLE:
        set_reals(field, (size_t)attr_width(attr->kind), v);
        return;
    case ATTR_BOOL:
        *(bool *)field = v->boolean;
        return;
    case ATTR_PAIR:
        set_pair(field, v);
        return;
    case ATTR_EXTENT:
        set_extent(field, v);
        return;
    case ATTR_PADDING:
        set_padding(field, v);
        return;
    case ATTR_DIMS:
        set_dims(field, v);
        return;
    case ATTR_REALS:
        set_list(field, v);
        return;
    case ATTR_NUMBERS:
        set_numbers(s, a, attr, v);
        return;
    case ATTR_MODE:
    case ATTR_FAN:
        attr_set(a, attr, 0, name_find(attr_words(attr->kind), v->string));
    }
}

/* TensorFlow's "same": as many results as strides fit, the odd row below and right. For a
 * transposed convolution the cut that leaves stride times the input. */
static int64_t same_total(enum op op, const struct attrs *a, int axis, int64_t in)
{
    int64_t stride = a->stride[axis];
    int64_t reach = (a->kernel[axis] - 1) * a->dilation[axis] + 1;
    int64_t results = in / stride + (in % stride != 0);
    int64_t total = op == OP_conv_transpose ? reach - stride : (results - 1) * stride + reach - in;
    return total > 0 ? total : 0;
}

/* padding=half and padding=same, for the input's size. */
static bool resolve_padding(struct sema *s, const struct place *p, const struct callable *c,
                            const struct slot *slot, const struct type *in, struct attrs *a)
{
    if (!is_padding_name(&slot->value))
        return true;
    if (!a->kernel[0] || in->rank < 3) {
        SEMA_ERROR(s, p, slot->span, MESSAGE(err_padding_name), c->name, slot->value.string);
        return false;
    }
    for (int axis = 0; axis < (in->rank == VOLUME_RANK ? 3 : 2); axis++) {
        const int before = axis == 2 ? 4 : axis, after = axis == 2 ? 5 : 2 + axis;
        int64_t dilation = a->dilation[axis] ? a->dilation[axis] : 1, reach;
        if (!checked_mul(a->kernel[axis], dilation, &reach) || reach > INT32_MAX)
            return true; /* the shape rule says that the window is too large */
        a->dilation[axis] = dilation;
        int64_t total = same_total(c->op, a, axis, type_along(in, axis));
        bool same = !strcmp(slot->value.string, "same");
        a->padding[before] = same ? total / 2 : a->kernel[axis] / 2 * dilation;
        a->padding[after] = same ? total - total / 2 : a->padding[before];
    }
    return true;
}

/* Of a map of one row, [N, C, L], a window has one row: numbers for both axes are meant for the
 * columns. */
static void attrs_of_one_row(struct attrs *a, const struct op_info *info)
{
    int64_t *const rows[] = {a->kernel, a->stride, a->dilation, a->size};
    a->scale[0] = a->scale[0] > 0;
    a->padding[0] = a->padding[2] = a->output_padding[0] = 0;
    for (int i = 0; i < info->n_attrs; i++)
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            if ((info->attrs[i].kind == ATTR_PAIR || info->attrs[i].kind == ATTR_EXTENT) &&
                field_of(a, &info->attrs[i]) == rows[k])
                *rows[k] = *rows[k] ? 1 : 0;
}

/* Numbers for rows and columns are for maps, those for depth as well for volumes. */
static bool check_axes(struct sema *s, const struct place *p, enum op op,
                       const struct attr_info *attr, const struct slot *slot, const struct type *in)
{
    const bool axes = attr->kind == ATTR_EXTENT || attr->kind == ATTR_PADDING;
    const bool volume = in->rank == VOLUME_RANK;
    if (!axes || !value_is_sequence(&slot->value) || volume == (slot->value.items.n % 3 == 0) ||
        !suits(attr->kind, &slot->value))
        return true;
    struct text dims;
    text_init(&dims, s->arena);
    type_print_image(&dims, in);
    SEMA_ERROR(s, p, slot->span, MESSAGE(err_attr_axes), attr->name, op_info(op)->name,
               volume ? "(depth, rows, columns)" : "(rows, columns)", text_string(&dims),
               sema_describe(s, &slot->value));
    return false;
}

bool attrs_bind(struct sema *s, const struct place *p, const struct callable *c, struct span span,
                const struct type *in, struct attrs *a)
{
    const struct op_info *info = op_info(c->op);
    const struct slot *padding = NULL;
    attrs_init(a, c->op);
    for (int i = 0; i < info->n_attrs; i++) {
        const struct attr_info *attr = &info->attrs[i];
        const struct slot *slot = &c->slots[info->n_operands + i];
        if (in && slot->state != SLOT_empty && !check_axes(s, p, c->op, attr, slot, in))
            return false;
        if (slot->state != SLOT_empty)
            set_attr(s, a, attr, &slot->value);
        else if (attr->presence == ATTR_REQUIRED) {
            struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_missing_arg), c->name, attr->name);
            diag_hint(d, "%s: %s", attr->name, attr->doc);
            return false;
        }
        if (attr->kind == ATTR_PADDING && slot->state != SLOT_empty)
            padding = slot;
    }
    attrs_finish(a, c->op);
    if (in && in->rank == 3)
        attrs_of_one_row(a, info);
    if (in && in->rank != VOLUME_RANK)
        attrs_flatten(a, c->op);
    return !padding || !in || resolve_padding(s, p, c, padding, in, a);
}
