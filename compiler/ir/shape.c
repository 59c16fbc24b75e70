/* Shape inference: the dispatch to the rules, the checks around them, and what rules share. */
#include "ir/shape.h"

#include <string.h>

typedef bool shape_rule(const struct shape_call *);

static shape_rule *const rules[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, ...) shape_##shape,
#define ATTR(...)
#include "ir/ops.def"
};

/* Beyond this no size can be addressed, and below it sums of sizes cannot overflow. */
static const int64_t most_size = (int64_t)1 << 48;

const struct type *shape_in(const struct shape_call *c, int i)
{
    return &c->input[i]->type;
}

const char *shape_dims(const struct shape_call *c, int i)
{
    struct text text;
    text_init(&text, c->shape->diags->arena);
    type_print_image(&text, shape_in(c, i));
    return text_string(&text);
}

bool shape_fail(const struct shape_call *c, enum diag_id id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(c->shape->diags->arena, format, args);
    va_end(args);
    c->shape->failure = diag_add(c->shape->diags, c->shape->span, id, "%s", text);
    return false;
}

bool shape_is_map(const struct type *t)
{
    return t->rank == 3 || t->rank == 4;
}

bool shape_is_space(const struct type *t)
{
    return shape_is_map(t) || t->rank == VOLUME_RANK;
}

/* A map of one row keeps the rank of its input. */
bool shape_image(const struct shape_call *c, int64_t channels, int64_t h, int64_t w)
{
    struct type *t = &c->shape->type;
    *t = (struct type){.rank = shape_in(c, 0)->rank, .dim = {shape_in(c, 0)->dim[0], channels}};
    t->dim[t->rank - 2] = t->rank == 3 ? channels : h;
    t->dim[t->rank - 1] = w;
    return true;
}

bool shape_space(const struct shape_call *c, int64_t channels, int64_t d, int64_t h, int64_t w)
{
    shape_image(c, channels, h, w);
    if (shape_in(c, 0)->rank == VOLUME_RANK)
        c->shape->type.dim[2] = d;
    return true;
}

bool shape_vector(const struct shape_call *c, int64_t channels)
{
    const struct type *in = shape_in(c, 0);
    c->shape->type = (struct type){.dtype = in->dtype, .rank = 2, .dim = {in->dim[0], channels}};
    return true;
}

void shape_weight(const struct shape_call *c, enum role role, int rank, int64_t d0, int64_t d1,
                  int64_t d2, int64_t d3)
{
    shape_has_param(c, role, &(struct type){.rank = rank, .dim = {d0, d1, d2, d3}});
}

void shape_has_param(const struct shape_call *c, enum role role, const struct type *type)
{
    c->shape->has_param[role] = true;
    c->shape->param[role] = *type;
}

int shape_axis(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const int axis = attrs_axis(c->attr, in);
    if (!axis)
        shape_fail(c, MESSAGE(err_one_axis), op_info(c->op)->name, in->rank - 1);
    return axis;
}

bool shape_needs_image(const struct shape_call *c)
{
    shape_fail(c, MESSAGE(err_needs_image), op_info(c->op)->name, shape_dims(c, 0));
    if (shape_in(c, 0)->rank == VOLUME_RANK)
        diag_hint(c->shape->failure, "%s works on rows and columns, not on depth",
                  op_info(c->op)->name);
    return false;
}

bool shape_needs_space(const struct shape_call *c)
{
    return shape_fail(c, MESSAGE(err_needs_image), op_info(c->op)->name, shape_dims(c, 0));
}

bool shape_too_large(const struct shape_call *c)
{
    return shape_fail(c, MESSAGE(err_too_large), op_info(c->op)->name);
}

bool shape_input(const struct shape_call *c)
{
    return c->shape->type.rank >= 2 || shape_fail(c, MESSAGE(err_input_rank));
}

bool shape_picture(const struct shape_call *c)
{
    return shape_fail(c, MESSAGE(err_not_a_tensor), op_info(c->op)->name);
}

static bool check_count(const struct shape_call *c)
{
    const struct op_info *info = op_info(c->op);
    int most = info->most - op_has(c->op, OP_EPILOGUE);
    if (c->n_inputs >= info->least && (info->most == MANY || c->n_inputs <= most))
        return true;
    return shape_fail(c, MESSAGE(err_operand_count), info->name, info->least,
                      info->most == MANY ? " or more" : "", most == 1 ? "" : "s", c->n_inputs);
}

static const char *type_text(const struct shape_call *c, int i)
{
    return arena_printf(c->shape->diags->arena, "%s[%s]", dtype_name(shape_in(c, i)->dtype),
                        shape_dims(c, i));
}

/* Whether operand i has the element type that the operator's flags ask for. */
static bool check_type(const struct shape_call *c, int i)
{
    const bool index =
        (op_has(c->op, OP_INDEX) && i == c->n_inputs - 1) || i == op_count_operand(c->op);
    const bool integer = dtype_is_integer(shape_in(c, i)->dtype);
    const char *name = op_info(c->op)->name;
    if (index)
        return integer || shape_fail(c, MESSAGE(err_needs_integers), name, type_text(c, i));
    if (integer && !op_has(c->op, OP_TYPES))
        return shape_fail(c, MESSAGE(err_no_integers), name, type_text(c, i));
    return shape_in(c, i)->dtype == shape_in(c, 0)->dtype ||
           shape_fail(c, MESSAGE(err_mixed_types), name, type_text(c, 0), type_text(c, i));
}

static bool check_types(const struct shape_call *c)
{
    for (int i = 0; i < c->n_inputs; i++)
        if (!check_type(c, i))
            return false;
    return true;
}

static bool check_attrs(const struct shape_call *c)
{
    const struct op_info *info = op_info(c->op);
    for (int i = 0; i < info->n_attrs; i++) {
        enum attr_kind kind = info->attrs[i].kind;
        for (int j = 0; j < attr_width(kind); j++)
            if (!attr_is_real(kind) &&
                fabs(attr_get(c->attr, &info->attrs[i], j)) > (double)most_size)
                return shape_too_large(c);
    }
    return true;
}

static bool check_sizes(const struct shape_call *c)
{
    const struct shape *s = c->shape;
    bool fits = type_valid(&s->type);
    for (int i = 1; i < op_info(c->op)->n_results; i++)
        fits = fits && type_valid(&s->further[i - 1]);
    for (int role = 0; role < N_ROLES; role++)
        fits = fits && (!s->has_param[role] || type_valid(&s->param[role]));
    return fits || shape_too_large(c);
}

bool shape_infer(struct shape *shape, enum op op, const struct attrs *attr,
                 struct node *const *inputs, int n_inputs)
{
    const struct shape_call call = {shape, op, attr, inputs, n_inputs};
    shape->failure = NULL;
    memset(shape->has_param, 0, sizeof shape->has_param);
    return check_count(&call) && check_attrs(&call) && check_types(&call) && rules[op](&call) &&
           check_sizes(&call);
}

struct type node_result_type(const struct node *n, int i, struct arena *arena)
{
    struct diags silent;
    struct shape shape = {.diags = &silent, .type = n->type};
    diags_init(&silent, arena, NULL);
    shape_infer(&shape, n->op, &n->attr, n->input, n->n_inputs - n->residual);
    return i ? shape.further[i - 1] : shape.type;
}
