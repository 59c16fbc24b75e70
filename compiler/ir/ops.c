/* The table of operators, and what is read off it: look-ups, defaults, validity of attributes. */
#include "ir/graph.h"
#include "ir/names.h"

#include <string.h>

/* Where each operator's attributes begin in the table of attributes. */
enum {
#define OP(id, ...)         FIRST_##id, BEFORE_##id = FIRST_##id - 1,
#define ATTR(op, attr, ...) AT_##op##_##attr,
#include "ir/ops.def"
    N_ATTRS
};

/* Where each operator's results begin in the table of results. */
enum {
#define OP(id, ...) RESULTS_##id, BEFORE_RESULTS_##id = RESULTS_##id - 1,
#define ATTR(...)
#define RESULT(op, name, doc) AT_RESULT_##op##_##name,
#include "ir/ops.def"
    N_RESULTS
};

/* A struct with a byte for the operator and each of its results, to count them. */
struct count_no_results {
    char op;
#define OP(id, ...)                                                                                \
    }                                                                                              \
    ;                                                                                              \
    struct results_##id {                                                                          \
        char op;
#define ATTR(...)
#define RESULT(op, name, doc) char name;
#include "ir/ops.def"
};

static const struct result_info result_table[N_RESULTS] = {
#define OP(...)
#define ATTR(...)
#define RESULT(op, name, doc) {#name, doc},
#include "ir/ops.def"
};

/* The same of operands that are arguments. */
enum {
#define OP(id, ...) OPERANDS_##id, BEFORE_OPERANDS_##id = OPERANDS_##id - 1,
#define ATTR(...)
#define OPERAND(op, name, doc) AT_OPERAND_##op##_##name,
#include "ir/ops.def"
    N_OPERANDS
};

struct count_no_operands {
    char op;
#define OP(id, ...)                                                                                \
    }                                                                                              \
    ;                                                                                              \
    struct operands_##id {                                                                         \
        char op;
#define ATTR(...)
#define OPERAND(op, name, doc) char name;
#include "ir/ops.def"
};

static const struct result_info operand_table[N_OPERANDS] = {
#define OP(...)
#define ATTR(...)
#define OPERAND(op, name, doc) {#name, doc},
#include "ir/ops.def"
};

/* A struct with a byte for the operator and each of its attributes, to count them. */
struct count_first {
    char op;
#define OP(id, ...)                                                                                \
    }                                                                                              \
    ;                                                                                              \
    struct count_##id {                                                                            \
        char op;
#define ATTR(op, attr, ...) char attr;
#include "ir/ops.def"
};

static const struct attr_info attr_table[N_ATTRS] = {
#define OP(...)
#define ATTR(op, attr, kind, ...) ATTR_AS(op, attr, attr, kind, __VA_ARGS__)
#define ATTR_AS(op, attr, field, kind, presence, value, least, doc)                                \
    {#attr, doc, ATTR_##kind, ATTR_##presence, offsetof(struct attrs, field), value, least},
#include "ir/ops.def"
};

/* Flags as the table spells them. */
enum {
    NONE = OP_NONE,
    EPILOGUE = OP_EPILOGUE,
    ACTIVATION = OP_ACTIVATION,
    INPLACE = OP_INPLACE,
    VIEW = OP_VIEW,
    TRAINING_ONLY = OP_TRAINING_ONLY,
    ROWS = OP_ROWS,
    STEPS = OP_STEPS,
    VOLUME = OP_VOLUME,
    WHOLE = OP_WHOLE,
    EITHER = OP_EITHER,
    AXES = OP_AXES,
    JOIN = OP_JOIN,
    TYPES = OP_TYPES,
    INDEX = OP_INDEX,
    MOVES = OP_MOVES,
    COMPOSITE = OP_COMPOSITE,
    BATCH = OP_BATCH,
    DERIVATIVE = OP_DERIVATIVE
};

static const struct op_info op_table[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, count, field, lower, gradient, doc)     \
    {spelling,                                                                                     \
     doc,                                                                                          \
     CLASS_##class,                                                                                \
     least,                                                                                        \
     most,                                                                                         \
     flags,                                                                                        \
     attr_table + FIRST_##id,                                                                      \
     (int)sizeof(struct count_##id) - 1,                                                           \
     result_table + RESULTS_##id,                                                                  \
     (int)sizeof(struct results_##id) - 1,                                                         \
     operand_table + OPERANDS_##id,                                                                \
     (int)sizeof(struct operands_##id) - 1},
#define ATTR(...)
#include "ir/ops.def"
};

/* What infinity is as an integer: more than any dimension has. */
static const int64_t most_integer = (int64_t)1 << 48;

int64_t attrs_crop_offset(const struct attrs *a, int axis, int64_t in)
{
    return a->offset[axis] < 0 ? (in - a->size[axis]) / 2 : a->offset[axis];
}

int attrs_taps(const struct attrs *a)
{
    static const int taps[] = {
#define MODE(id, spelling, taps, whole) taps,
#include "ir/modes.def"
    };
    return taps[a->mode];
}

bool attrs_has_factor(const struct attrs *a, int axis, int64_t in, int64_t out)
{
    static const int64_t whole[] = {
#define MODE(id, spelling, taps, whole) whole,
#include "ir/modes.def"
    };
    const bool has_factor = axis < (int)(sizeof a->scale / sizeof *a->scale); /* not of depth */
    return has_factor && a->scale[axis] > 0 && (out % in || out / in > whole[a->mode]);
}

float attrs_upsample_step(const struct attrs *a, int axis, int64_t in, int64_t out)
{
    if (a->align_corners)
        return out > 1 ? (float)(in - 1) / (float)(out - 1) : 0;
    return attrs_has_factor(a, axis, in, out) ? (float)(1 / a->scale[axis])
                                              : (float)in / (float)out;
}

unsigned attrs_axes(const struct attrs *a, const struct type *type)
{
    unsigned axes = 0;
    const struct dims *dims = a->dims.n ? &a->dims : &a->dim;
    for (int64_t i = 0; i < dims->n; i++) {
        const int64_t axis = dims->at[i] < 0 ? dims->at[i] + type->rank : dims->at[i];
        if (axis < 1 || axis >= type->rank || axes >> axis & 1)
            return 0;
        axes |= 1u << axis;
    }
    return axes ? axes : (1u << type->rank) - 2;
}

int attrs_axis(const struct attrs *a, const struct type *type)
{
    const unsigned axes = attrs_axes(a, type);
    int axis = 1;
    while (axis < type->rank && axes != 1u << axis)
        axis++;
    return axis < type->rank ? axis : 0;
}

bool attrs_pad(const struct attrs *a)
{
    for (int side = 0; side < 6; side++)
        if (a->padding[side])
            return true;
    return false;
}

bool attrs_are_of_points(const struct attrs *a)
{
    return a->kernel[0] == 1 && a->kernel[1] == 1 && a->kernel[2] == 1 && !attrs_pad(a);
}

/* Position `i` of `size`, from the end where negative; no dimension has more than most_integer. */
static int64_t position(int64_t i, int64_t size)
{
    return i == most_integer ? size : i < 0 ? i + size : i;
}

struct positions attrs_positions(const struct attrs *a, int64_t size)
{
    const int64_t first = position(a->start, size), end = position(a->end, size);
    struct positions taken = {first, end, a->step, 0};
    if (first >= 0 && end <= size && first < end)
        taken.n = (end - first - 1) / a->step + 1;
    return taken;
}

int64_t attrs_directions(const struct attrs *a)
{
    return a->bidirectional ? 2 : 1;
}

const struct op_info *op_info(enum op op)
{
    return &op_table[op];
}

enum op op_find(const char *spelling, enum op_class class)
{
    for (int op = 0; op < N_OPS; op++)
        if (op_table[op].class == class && !strcmp(op_table[op].name, spelling))
            return (enum op)op;
    return N_OPS;
}

bool op_has(enum op op, enum op_flag flag)
{
    return (op_table[op].flags & (unsigned)flag) != 0;
}

int op_find_result(enum op op, const char *name)
{
    for (int i = 0; i < op_info(op)->n_results; i++)
        if (!strcmp(op_info(op)->results[i].name, name))
            return i;
    return -1;
}

int op_count_operand(enum op op)
{
    const struct op_info *info = op_info(op);
    const int last = info->n_operands - 1;
    return last >= 0 && !strcmp(info->operands[last].name, "count") ? last : -1;
}

/* Their names are those of the operators. */
enum netrt_act op_act(enum op op)
{
    return (enum netrt_act)name_find(act_names, op_info(op)->name);
}

bool act_keeps_result(enum netrt_act act)
{
    enum { INPUT, RESULT };
    static const int saved[] = {
#define ACT(name, work, saved, doc) saved,
#include "kernels/acts.def"
    };
    return saved[act] == RESULT;
}

double op_act_arg(enum op op, const struct attrs *attrs, int i)
{
    const struct op_info *info = op_info(op);
    return i < info->n_attrs ? attr_get(attrs, &info->attrs[i], 0) : 0;
}

float attrs_most_overlap(const struct attrs *a)
{
    const float nearest = (float)a->iou_threshold;
    return (double)nearest > a->iou_threshold ? nextafterf(nearest, -INFINITY) : nearest;
}

float attrs_least_side(const struct attrs *a, int map)
{
    const double level = round(-log2(a->scales.at[map]));
    return (float)(a->canonical_size * exp2(level - (double)a->canonical_level - 1e-6));
}

int attr_width(enum attr_kind kind)
{
    static const int width[] = {[ATTR_INT] = 1,
                                [ATTR_REAL] = 1,
                                [ATTR_BOOL] = 1,
                                [ATTR_PAIR] = 2,
                                [ATTR_REAL_PAIR] = 2,
                                [ATTR_EXTENT] = 3,
                                [ATTR_PADDING] = 6,
                                [ATTR_TRIPLE] = 3,
                                [ATTR_MODE] = 1,
                                [ATTR_FAN] = 1,
                                [ATTR_DIMS] = 1 + MAX_RANK,
                                [ATTR_REALS] = 1 + MAX_RANK,
                                [ATTR_NUMBERS] = 1};
    return width[kind];
}

bool attr_is_real(enum attr_kind kind)
{
    return kind == ATTR_REAL || kind == ATTR_REAL_PAIR || kind == ATTR_TRIPLE ||
           kind == ATTR_REALS || kind == ATTR_NUMBERS;
}

const char *const *attr_words(enum attr_kind kind)
{
    return kind == ATTR_MODE ? op_mode_names : kind == ATTR_FAN ? fan_names : NULL;
}

bool attr_is_list(enum attr_kind kind)
{
    return kind == ATTR_DIMS || kind == ATTR_REALS || kind == ATTR_NUMBERS;
}

int attr_place(enum attr_kind kind, int n, int i)
{
    static const int extent[] = {2, 0, 1}, padding[] = {4, 0, 1, 5, 2, 3};
    if (kind == ATTR_EXTENT && n == 3)
        return extent[i];
    return kind == ATTR_PADDING && n == 6 ? padding[i] : i;
}

int attr_written(enum attr_kind kind, int rank)
{
    const int width = attr_width(kind);
    if (rank == VOLUME_RANK)
        return width;
    return kind == ATTR_EXTENT ? 2 : kind == ATTR_PADDING ? 4 : width;
}

void attrs_flatten(struct attrs *attrs, enum op op)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++)
        if (info->attrs[i].kind == ATTR_EXTENT)
            attr_set(attrs, &info->attrs[i], 2, info->attrs[i].least);
    attrs->padding[4] = attrs->padding[5] = 0;
}

double attr_get(const struct attrs *attrs, const struct attr_info *attr, int i)
{
    const char *field = (const char *)attrs + attr->field;
    const struct numbers *list;
    switch (attr->kind) {
    case ATTR_NUMBERS:
        list = (const void *)field;
        return i ? list->at[i - 1] : (double)list->n;
    case ATTR_REAL:
    case ATTR_REAL_PAIR:
    case ATTR_TRIPLE:
    case ATTR_REALS:
        return ((const double *)(const void *)field)[i];
    case ATTR_BOOL:
        return *(const bool *)field;
    case ATTR_MODE:
    case ATTR_FAN:
        return *(const enum op_mode *)(const void *)field;
    default:
        return (double)((const int64_t *)(const void *)field)[i];
    }
}

void attr_set(struct attrs *attrs, const struct attr_info *attr, int i, double value)
{
    char *field = (char *)attrs + attr->field;
    switch (attr->kind) {
    case ATTR_REAL:
    case ATTR_REAL_PAIR:
    case ATTR_TRIPLE:
    case ATTR_REALS:
        ((double *)(void *)field)[i] = value;
        break;
    case ATTR_BOOL:
        *(bool *)field = value != 0;
        break;
    case ATTR_MODE:
    case ATTR_FAN:
        *(enum op_mode *)(void *)field = (enum op_mode)(int)value;
        break;
    default:
        ((int64_t *)(void *)field)[i] = isinf(value) ? most_integer : (int64_t)value;
    }
}

void attr_set_numbers(struct attrs *attrs, const struct attr_info *attr, struct numbers list)
{
    *(struct numbers *)(void *)((char *)attrs + attr->field) = list;
}

bool attr_is_uniform(const struct attrs *attrs, const struct attr_info *attr, int n)
{
    for (int i = 1; i < n; i++)
        if (attr_get(attrs, attr, i) != attr_get(attrs, attr, 0))
            return false;
    return true;
}

bool attr_is_same(const struct attrs *a, const struct attrs *b, const struct attr_info *attr)
{
    for (int i = 0; i < attr_width(attr->kind); i++)
        if (attr_get(a, attr, i) != attr_get(b, attr, i))
            return false;
    return true;
}

/* A list of one; of none where that is 0. */
static void init_list(struct attrs *attrs, const struct attr_info *attr)
{
    attr_set(attrs, attr, 0, attr->value != 0);
    attr_set(attrs, attr, 1, attr->value);
}

void attrs_init(struct attrs *attrs, enum op op)
{
    memset(attrs, 0, sizeof *attrs);
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++) {
        const struct attr_info *attr = &info->attrs[i];
        if (attr_is_list(attr->kind) && attr->kind != ATTR_NUMBERS)
            init_list(attrs, attr);
        for (int j = 0; !attr_is_list(attr->kind) && j < attr_width(attr->kind); j++)
            attr_set(attrs, attr, j, attr->value);
        if (attr->kind == ATTR_EXTENT && attr->presence == ATTR_REQUIRED)
            attr_set(attrs, attr, 2, 1); /* until a volume's is given */
    }
}

void attrs_finish(struct attrs *attrs, enum op op)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++) {
        int64_t *value = (int64_t *)(void *)((char *)attrs + info->attrs[i].field);
        for (int j = 0; j < 3 && info->attrs[i].presence == ATTR_AS_KERNEL; j++)
            if (value[j] == 0)
                value[j] = attrs->kernel[j];
    }
}

/* Numbers that are set: of a list its length and what is in it. */
static int attr_used(const struct attrs *attrs, const struct attr_info *attr)
{
    return attr_is_list(attr->kind) ? 1 + (int)attr_get(attrs, attr, 0) : attr_width(attr->kind);
}

const struct attr_info *attrs_invalid(const struct attrs *attrs, enum op op)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++)
        for (int j = 0; j < attr_used(attrs, &info->attrs[i]); j++)
            if (!(attr_get(attrs, &info->attrs[i], j) >= info->attrs[i].least))
                return &info->attrs[i];
    return NULL;
}
