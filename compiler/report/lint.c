/* Warnings about a network as it is written: a check for each row. */
#include "report/table.h"

#include <math.h>

/* A check says in the table's language what is odd about a row, or NULL. */
struct lint {
    const char *flag;
    enum diag_id id;
    const char *(*check)(const struct report *, const struct report_row *);
    bool before; /* what is odd is the operator before the row */
};

static bool is_pool(enum op op)
{
    return op == OP_maxpool || op == OP_avgpool;
}

static bool has_window(const struct report_row *row)
{
    return is_pool(row->op) || row->op == OP_conv;
}

static int64_t input_size(const struct report_row *row, int axis)
{
    return type_along(&row->input[0], axis);
}

/* Rows or columns that a window covers. */
static int64_t reach(const struct attrs *a, int axis)
{
    int64_t dilation = a->dilation[axis] ? a->dilation[axis] : 1;
    return (a->kernel[axis] - 1) * dilation + 1;
}

/* What is left of the padded input after the last whole stride. */
static int64_t remainder_of(const struct report_row *row, int axis)
{
    const struct attrs *a = &row->attr;
    int64_t padded = input_size(row, axis) + a->padding[axis] + a->padding[axis + 2];
    int64_t left = padded - reach(a, axis);
    return left > 0 ? left % a->stride[axis] : 0;
}

/* Rows or columns of the input, not of its padding, at the end, that no window reads; gaps that the
 * stride leaves between windows are meant. */
static int64_t dropped(const struct report_row *row, int axis)
{
    const struct attrs *a = &row->attr;
    int64_t gap = a->stride[axis] - reach(a, axis);
    int64_t n = remainder_of(row, axis) - a->padding[axis + 2] - (gap > 0 ? gap : 0);
    return n > 0 ? n : 0;
}

static const char *check_dropped(const struct report *r, const struct report_row *row)
{
    if (row->op != OP_conv || !(dropped(row, 0) || dropped(row, 1)))
        return NULL;
    return arena_printf(r->arena,
                        "the stride drops rows (%lld) and columns (%lld) at the end of %lldx%lld",
                        (long long)dropped(row, 0), (long long)dropped(row, 1),
                        (long long)input_size(row, 0), (long long)input_size(row, 1));
}

/* The size that the other rounding gives along an axis. */
static int64_t other_size(const struct report_row *row, int axis)
{
    const struct attrs *a = &row->attr;
    int64_t size = type_along(&row->output, axis);
    if (!remainder_of(row, axis))
        return size;
    int64_t padded = input_size(row, axis) + a->padding[axis] + a->padding[axis + 2];
    int64_t whole = (padded - reach(a, axis)) / a->stride[axis] + 1;
    if (a->ceil)
        return whole;
    /* With ceil, a window that would start in the padding at the end is left out. */
    bool starts_inside = whole * a->stride[axis] < input_size(row, axis) + a->padding[axis];
    return whole + starts_inside;
}

static const char *check_ceil(const struct report *r, const struct report_row *row)
{
    if (!is_pool(row->op))
        return NULL;
    const int64_t rows = type_along(&row->output, 0), columns = type_along(&row->output, 1);
    int64_t h = other_size(row, 0), w = other_size(row, 1);
    if (h == rows && w == columns)
        return NULL;
    return arena_printf(r->arena, "the result is %lldx%lld, and %lldx%lld with ceil=%s",
                        (long long)rows, (long long)columns, (long long)h, (long long)w,
                        row->attr.ceil ? "false" : "true");
}

static const char *check_uneven(const struct report *r, const struct report_row *row)
{
    const int64_t *p = row->attr.padding, *s = row->attr.stride;
    bool strided = has_window(row) && (s[0] > 1 || s[1] > 1);
    if (!strided || (p[0] == p[2] && p[1] == p[3]))
        return NULL;
    return arena_printf(r->arena,
                        "the padding %lld, %lld, %lld, %lld is uneven: even padding reads other "
                        "rows and columns",
                        (long long)p[0], (long long)p[1], (long long)p[2], (long long)p[3]);
}

static const char *check_padding(const struct report *r, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    bool rows = a->kernel[0] == 1 && (a->padding[0] || a->padding[2]);
    bool columns = a->kernel[1] == 1 && (a->padding[1] || a->padding[3]);
    if (row->op != OP_conv || !(rows || columns))
        return NULL;
    return arena_printf(r->arena, "padding along the 1 of a %lldx%lld kernel only adds a border",
                        (long long)a->kernel[0], (long long)a->kernel[1]);
}

/* The operator whose result a row reads, in whatever view; NULL: none. */
static const struct report_row *row_before(const struct report *r, const struct report_row *row)
{
    do {
        if (!row->n_inputs || row->from[0] == FROM_INPUT)
            return NULL;
        row = &r->rows.at[row->from[0]];
    } while (op_has(row->op, OP_VIEW));
    return row;
}

static const char *check_double_activation(const struct report *r, const struct report_row *row)
{
    const struct report_row *before = op_has(row->op, OP_ACTIVATION) ? row_before(r, row) : NULL;
    if (!before || !op_has(before->op, OP_ACTIVATION))
        return NULL;
    return arena_printf(r->arena, "'%s' after '%s'", op_info(row->op)->name,
                        op_info(before->op)->name);
}

/* Whether it makes pixels of pixels, or of patches that do not overlap, out of all their channels:
 * as transformers do, whose layernorm is one over the channels of a pixel. */
static bool reads_pixels(const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    return row->op == OP_conv && a->groups == 1 && a->kernel[0] == a->stride[0] &&
           a->kernel[1] == a->stride[1];
}

static const char *check_layernorm(const struct report *r, const struct report_row *row)
{
    const struct report_row *before = reads_pixels(row) ? row_before(r, row) : NULL;
    if (!before || before->op != OP_layernorm || before->attr.dim.n)
        return NULL;
    const struct type *map = &before->output;
    if (map->rank != 4 || type_h(map) * type_w(map) == 1)
        return NULL;
    return arena_printf(r->arena,
                        "all of %lldx%lldx%lld is normalized together, and the %lldx%lld "
                        "convolution after it reads pixels: layernorm(dim=1) normalizes the "
                        "channels of each pixel",
                        (long long)type_c(map), (long long)type_h(map), (long long)type_w(map),
                        (long long)row->attr.kernel[0], (long long)row->attr.kernel[1]);
}

/* A norm of a whole sequence has a weight for each feature of each token: transformers normalize
 * the features of each token. */
static const char *check_sequence_norm(const struct report *r, const struct report_row *row)
{
    const struct type *in = row->n_inputs ? &row->input[0] : NULL;
    const bool norm = row->op == OP_layernorm || row->op == OP_rmsnorm;
    if (!norm || row->attr.dim.n || in->rank != 3 || in->dim[1] == 1 || in->dim[2] == 1)
        return NULL;
    return arena_printf(r->arena,
                        "all of %lldx%lld is normalized together, with a weight for each position: "
                        "%s(dim=-1) normalizes the %lld features of each token",
                        (long long)in->dim[1], (long long)in->dim[2], op_info(row->op)->name,
                        (long long)in->dim[2]);
}

/* A picture whose colours come last, as other tools have them. */
static const char *check_channels(const struct report *r, const struct report_row *row)
{
    enum { MANY_CHANNELS = 8, COLOURS = 3 };
    if (!has_window(row) || row->from[0] != FROM_INPUT || row->input[0].rank != 4)
        return NULL;
    const int64_t c = type_c(&row->input[0]), h = input_size(row, 0), w = input_size(row, 1);
    if (c < MANY_CHANNELS || h < MANY_CHANNELS || !(w == COLOURS || (w == 1 && c == h)))
        return NULL;
    return arena_printf(r->arena,
                        "the input has %lld channels of %lldx%lld: channels come first, a picture "
                        "of %lldx%lld is [%lld, %lld, %lld]",
                        (long long)c, (long long)h, (long long)w, (long long)c, (long long)h,
                        (long long)w, (long long)c, (long long)h);
}

/* A window that reads very many channels and makes few of them. A 1x1 that reduces before a larger
 * window, or makes the scores of a map, is meant so. */
static const char *check_reduction(const struct report *r, const struct report_row *row)
{
    enum { ABRUPT = 32 };
    const struct attrs *a = &row->attr;
    if (row->op != OP_conv || a->kernel[0] * a->kernel[1] == 1 || a->out < 2)
        return NULL;
    const int64_t channels = type_c(&row->input[0]);
    if (channels / a->out < ABRUPT)
        return NULL;
    return arena_printf(r->arena,
                        "%lld channels become %lld in one step: a layer between, of some %.0f, is "
                        "a step of the same factor on either side",
                        (long long)channels, (long long)a->out,
                        sqrt((double)channels * (double)a->out));
}

/* Whether features pass an operator as they are: no weights make others of them. */
static bool keeps_features(enum op op)
{
    return op_has(op, OP_VIEW) || op_has(op, OP_ACTIVATION) || op_has(op, OP_TRAINING_ONLY) ||
           op == OP_bn || op == OP_softmax || op == OP_log_softmax;
}

static bool reads(const struct report_row *row, int made)
{
    for (int i = 0; i < row->n_inputs; i++)
        if (row->from[i] == made)
            return true;
    return false;
}

/* Whether a row's result, as features, is a result of the network. */
static bool flows_out(const struct report *r, const struct report_row *row)
{
    int made = (int)(row - r->rows.at);
    for (int i = made + 1; i < (int)r->rows.n; i++) {
        if (!reads(&r->rows.at[i], made))
            continue;
        if (!keeps_features(r->rows.at[i].op))
            return false;
        made = i;
    }
    return true;
}

/* A mean of what several branches made, and no layer behind it that makes classes of it. Where the
 * mean is of a convolution's result, that layer stands before it. */
static const char *check_head(const struct report *r, const struct report_row *row)
{
    if (row->op != OP_global_avgpool && row->op != OP_adaptive_avgpool)
        return NULL;
    const struct report_row *before = row_before(r, row);
    while (before && keeps_features(before->op))
        before = row_before(r, before);
    if (!before || (before->op != OP_concat && before->op != OP_add) || !flows_out(r, row))
        return NULL;
    return arena_printf(r->arena,
                        "%lld features of '%s' flow out, and no linear layer makes classes of them",
                        (long long)type_c(&row->output), op_info(before->op)->name);
}

static const struct lint lints[] = {
    {"rounding", DIAG_warn_rounding, check_dropped, false},
    {"rounding", DIAG_warn_rounding, check_ceil, false},
    {"rounding", DIAG_warn_rounding, check_uneven, false},
    {"padding", DIAG_warn_padding, check_padding, false},
    {"double-activation", DIAG_warn_double_activation, check_double_activation, false},
    {"layernorm", DIAG_warn_layernorm, check_layernorm, true},
    {"layernorm", DIAG_warn_layernorm, check_sequence_norm, false},
    {"channels", DIAG_warn_channels, check_channels, false},
    {"reduction", DIAG_warn_reduction, check_reduction, false},
    {"head", DIAG_warn_head, check_head, false},
};

enum { N_LINTS = sizeof lints / sizeof *lints };

void report_lints_off(struct diags *diags)
{
    for (int i = 0; i < N_LINTS; i++)
        diags_set_flag(diags, lints[i].flag, false);
}

/* In a report a warning is a line of it; in a compile, and as an error, a message. */
static bool is_message(const struct report *r)
{
    return r->options->report == FORM_none || r->options->report == FORM_csv ||
           r->diags->warnings_are_errors;
}

static void run_lint(struct report *r, const struct lint *lint, const struct report_row *row)
{
    const char *text = r->diags->disabled[lint->id] ? NULL : lint->check(r, row);
    if (!text)
        return;
    const struct span span = lint->before ? row_before(r, row)->span : row->span;
    VEC_PUSH(r->arena, &r->warnings, (struct report_warning){lint->flag, span, text});
    if (is_message(r))
        diag_add(r->diags, span, lint->id, "%s", text);
}

void report_lint(struct report *r)
{
    for (size_t i = 0; i < r->rows.n; i++)
        for (int k = 0; k < N_LINTS; k++)
            run_lint(r, &lints[k], &r->rows.at[i]);
}
