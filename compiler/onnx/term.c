/*
 * What the body of a Loop computes, as terms. What is known is converted as it is anywhere; of the
 * rest a term says of which terms it was made by which operator, each once, so that two bodies
 * compute the same where their results have the same name. Casts to the type that there is,
 * dimensions of 1 that come or go and slices of all make no term.
 */
#include "onnx/term.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_LIST = 64 };

/* ---- names ---- */

static const char *intern(struct terms *t, const char *name)
{
    return strings_intern0(t->loop->import->strings, name);
}

/* The name of a term that is made so. */
static const char *name_of(struct terms *t, const char *made)
{
    made = intern(t, made);
    const char *name = map_get(&t->names, made);
    if (!name) {
        name = intern(t, arena_printf(t->loop->import->arena, "t%d", t->made++));
        map_put(&t->names, made, (void *)(uintptr_t)name);
    }
    return name;
}

/* "0.5f" or "[17,-1]"; NULL: it is too long. */
static const char *name_of_constant(struct terms *t, const struct constant *k)
{
    struct text text;
    double value;
    const int64_t n = constant_elements(k);
    text_init(&text, t->loop->import->arena);
    if (dtype_is_float(k->dtype)) {
        if (!constant_uniform(k, &value) || !n)
            return NULL;
        text_printf(&text, "%gf", value);
    } else if (n == 1) {
        text_printf(&text, "%" PRId64, constant_int_at(k, 0));
    }
    for (int64_t i = 0; i < n && n <= MOST_LIST && n > 1 && !dtype_is_float(k->dtype); i++)
        text_printf(&text, "%c%" PRId64 "%s", i ? ',' : '[', constant_int_at(k, i),
                    i == n - 1 ? "]" : "");
    return text.n ? intern(t, text_string(&text)) : NULL;
}

static struct term term_of_constant(struct terms *t, const struct constant *k)
{
    struct term out = {.name = name_of_constant(t, k), .dtype = k->dtype, .rank = k->rank};
    memcpy(out.dim, k->dim, sizeof out.dim);
    return out;
}

/* ---- text ---- */

static const char *parse(struct terms *t, const struct map *lines, const char **at);

static const char *parse_operands(struct terms *t, const struct map *lines, const char *word,
                                  const char **at)
{
    struct text made;
    text_init(&made, t->loop->import->arena);
    text_printf(&made, "%s(", word);
    while (**at && **at != ')') {
        ++*at;
        text_printf(&made, "%s,", parse(t, lines, at));
    }
    *at += **at == ')';
    return name_of(t, text_string(&made));
}

static const char *parse(struct terms *t, const struct map *lines, const char **at)
{
    const size_t list = **at == '[' ? strcspn(*at, "]") + 1 : 0;
    const size_t n = list ? list : strcspn(*at, "(),;=");
    const char *word = intern(t, arena_strndup(t->loop->import->arena, *at, n));
    const char *line = map_get(lines, word);
    *at += n;
    return **at == '(' ? parse_operands(t, lines, word, at) : line ? line : word;
}

const char *terms_of_text(struct terms *t, const char *text)
{
    struct map lines = {.arena = t->loop->import->arena};
    for (const char *at = text;;) {
        const size_t n = strcspn(at, "=;");
        if (at[n] != '=')
            return parse(t, &lines, &at);
        const char *name = intern(t, arena_strndup(t->loop->import->arena, at, n));
        at += n + 1;
        map_put(&lines, name, (void *)(uintptr_t)parse(t, &lines, &at));
        at += *at == ';';
    }
}

/* ---- nodes ---- */

/* A node with its operands as terms; those that are left out have no name. */
struct reading {
    struct terms *terms;
    struct call call;
    struct term *in;
    struct term out;
    bool foreign; /* some operand is neither known nor of the body */
};

static bool lacks(struct reading *r)
{
    return call_lacks(r->terms->loop, "its body has '%s' in a form that is not known in it",
                      r->call.node->op_type);
}

/* Of all operands that are given. */
static bool make_term(struct reading *r, const char *word)
{
    struct text made;
    text_init(&made, r->call.import->arena);
    text_printf(&made, "%s(", word);
    for (int i = 0; i < r->call.n_in; i++)
        if (r->in[i].name)
            text_printf(&made, "%s,", r->in[i].name);
    r->out.name = name_of(r->terms, text_string(&made));
    return true;
}

/* The first operand in other dimensions. */
static bool pass_on(struct reading *r)
{
    r->out.name = r->in[0].name;
    return true;
}

static bool operand_is(const struct reading *r, int i)
{
    return i < r->call.n_in && r->in[i].name;
}

/* Known integers of an operand, or of the attribute; -1: they are not. */
static int ints_of(struct reading *r, int i, const char *name, int64_t *to)
{
    if (i < r->call.n_in && r->in[i].name && !r->call.in[i])
        return -1;
    return operand_ints(&r->call, i, name, to, CONSTANT_RANK);
}

/* From the end where negative. */
static int place_of(int64_t axis, int rank)
{
    return (int)(axis < 0 ? axis + rank : axis);
}

static const char *axis_word(struct reading *r, const char *word, int64_t axis, int rank)
{
    return arena_printf(r->call.import->arena, "%s%d", word, place_of(axis, rank));
}

static bool is_axis(int64_t axis, int rank)
{
    return axis >= -rank && axis < rank;
}

static bool read_join(struct reading *r)
{
    if (r->call.n_in != 2 || !operand_is(r, 0) || !operand_is(r, 1) ||
        attribute_int(&r->call, "fmod", 0))
        return lacks(r);
    r->out.dtype = r->in[0].dtype;
    r->out.rank = r->in[0].rank > r->in[1].rank ? r->in[0].rank : r->in[1].rank;
    for (int i = 1; i <= r->out.rank; i++) {
        const int64_t a = i <= r->in[0].rank ? r->in[0].dim[r->in[0].rank - i] : 1;
        const int64_t b = i <= r->in[1].rank ? r->in[1].dim[r->in[1].rank - i] : 1;
        r->out.dim[r->out.rank - i] = a == 1 ? b : a;
    }
    return make_term(r, r->call.node->op_type);
}

static bool read_cast(struct reading *r)
{
    r->out = r->in[0];
    const int64_t to = attribute_int(&r->call, "to", 0);
    r->out.dtype = to == 1 ? DTYPE_f32 : DTYPE_i64;
    if (to != 1 && to != 7)
        return lacks(r);
    if (r->out.dtype == r->in[0].dtype)
        return pass_on(r);
    return make_term(r, to == 1 ? "Float" : "Long");
}

/* A row of what is outside, by the number of the iteration. */
static bool read_row(struct reading *r, const struct datum *of)
{
    struct terms *t = r->terms;
    int k = 0;
    while (k < t->n_rows && t->row[k] != of)
        k++;
    if (k == MOST_ROWS || of->kind != DATUM_flow || datum_rank(of) < 1 ||
        attribute_int(&r->call, "axis", 0))
        return lacks(r);
    t->row[k] = of;
    t->n_rows += k == t->n_rows;
    r->out = (struct term){.dtype = of->flow.node->type.dtype, .rank = datum_rank(of) - 1};
    for (int i = 0; i < r->out.rank; i++)
        r->out.dim[i] = datum_dim(of, i + 1);
    r->out.name = intern(t, arena_printf(t->loop->import->arena, "row%d", k));
    return true;
}

/* The only position of a dimension is the rest itself. */
static bool read_gather(struct reading *r)
{
    const struct term *x = &r->in[0], *at = &r->in[1];
    const int64_t axis = attribute_int(&r->call, "axis", 0);
    if (!operand_is(r, 1) || !is_axis(axis, x->rank) || x->rank + at->rank > CONSTANT_RANK)
        return lacks(r);
    const int place = place_of(axis, x->rank);
    r->out.dtype = x->dtype;
    for (int i = 0; i < x->rank; i++)
        if (i != place)
            r->out.dim[r->out.rank++] = x->dim[i];
        else
            for (int k = 0; k < at->rank; k++)
                r->out.dim[r->out.rank++] = at->dim[k];
    if (x->dim[place] == 1 && at->rank == 0 && !strcmp(at->name, "0"))
        return pass_on(r);
    return make_term(r, axis_word(r, "Gather", axis, x->rank));
}

static bool read_concat(struct reading *r)
{
    const int64_t axis = attribute_int(&r->call, "axis", 0);
    r->out = r->in[0];
    if (!operand_is(r, 0) || !is_axis(axis, r->out.rank))
        return lacks(r);
    const int place = place_of(axis, r->out.rank);
    for (int i = 1; i < r->call.n_in; i++) {
        if (!operand_is(r, i) || r->in[i].rank != r->out.rank || r->in[i].dtype != r->out.dtype)
            return lacks(r);
        const int64_t more = r->in[i].dim[place], size = r->out.dim[place];
        r->out.dim[place] = size < 0 || more < 0 || size > INT32_MAX ? -1 : size + more;
    }
    return make_term(r, axis_word(r, "Concat", axis, r->out.rank));
}

static bool read_extreme(struct reading *r)
{
    if (r->call.n_in != 1 || attribute(&r->call, "axes") || attribute_int(&r->call, "keepdims", 1))
        return lacks(r);
    r->out = (struct term){.dtype = r->in[0].dtype};
    return make_term(r, r->call.node->op_type);
}

/* Of sizes that are not known. */
static bool read_shape(struct reading *r)
{
    if (attribute(&r->call, "start") || attribute(&r->call, "end"))
        return lacks(r);
    r->out = (struct term){.dtype = DTYPE_i64, .rank = 1, .dim = {r->in[0].rank}};
    return make_term(r, "Shape");
}

static bool read_fill(struct reading *r)
{
    const Onnx__AttributeProto *a = attribute(&r->call, "value");
    const char *why;
    const struct constant *k =
        a && a->t ? file_constant(r->call.import->arena, r->call.import->options->path, a->t, &why)
                  : NULL;
    const char *value = k ? name_of_constant(r->terms, k) : a ? NULL : "0f";
    if (!value || r->in[0].rank != 1 || r->in[0].dim[0] < 0 || r->in[0].dim[0] > CONSTANT_RANK)
        return lacks(r);
    r->out = (struct term){.dtype = k ? k->dtype : DTYPE_f32, .rank = (int)r->in[0].dim[0]};
    for (int i = 0; i < r->out.rank; i++)
        r->out.dim[i] = -1;
    return make_term(r, arena_printf(r->call.import->arena, "Fill%s", value));
}

static bool read_squeeze(struct reading *r, bool add)
{
    int64_t axes[CONSTANT_RANK];
    bool chosen[2 * CONSTANT_RANK] = {false};
    const struct term *x = &r->in[0];
    const int n = ints_of(r, 1, "axes", axes), rank = x->rank + (add ? n : 0);
    if (n < 1 || rank > CONSTANT_RANK)
        return lacks(r);
    for (int i = 0; i < n; i++) {
        if (!is_axis(axes[i], rank))
            return lacks(r);
        const int place = place_of(axes[i], rank);
        if (chosen[place] || (!add && x->dim[place] != 1))
            return lacks(r);
        chosen[place] = true;
    }
    r->out.dtype = x->dtype;
    for (int i = 0, k = 0; i < rank; i++)
        if (add)
            r->out.dim[r->out.rank++] = chosen[i] ? 1 : x->dim[k++];
        else if (!chosen[i])
            r->out.dim[r->out.rank++] = x->dim[i];
    return pass_on(r);
}

static bool read_unsqueeze(struct reading *r)
{
    return read_squeeze(r, true);
}

static bool read_squeezed(struct reading *r)
{
    return read_squeeze(r, false);
}

/* Whether dimensions of 1 alone are before those that a term has. */
static bool leads(const struct term *x, int rank, const int64_t *dim)
{
    for (int i = 1; i <= rank || i <= x->rank; i++) {
        const int64_t a = i <= x->rank ? x->dim[x->rank - i] : 1, b = i <= rank ? dim[rank - i] : 1;
        if (a < 0 || a != b)
            return false;
    }
    return rank >= x->rank;
}

static bool read_reshape(struct reading *r)
{
    int64_t dim[CONSTANT_RANK];
    const int n = ints_of(r, 1, "shape", dim);
    if (n < 0)
        return lacks(r);
    r->out = (struct term){.dtype = r->in[0].dtype, .rank = n};
    memcpy(r->out.dim, dim, (size_t)n * sizeof *dim);
    if (leads(&r->in[0], n, dim))
        return pass_on(r);
    return strcmp(r->call.node->op_type, "Reshape") ? lacks(r) : make_term(r, "Reshape");
}

/* Positions from one to another of a dimension, or all. */
static bool read_slice(struct reading *r)
{
    int64_t axis[CONSTANT_RANK], step[CONSTANT_RANK] = {1};
    const struct term *x = &r->in[0];
    const int axes = ints_of(r, 3, "axes", axis);
    const int steps = operand_is(r, 4) ? ints_of(r, 4, "steps", step) : 1;
    if (!operand_is(r, 2) || axes != 1 || steps != 1 || step[0] != 1 || !is_axis(axis[0], x->rank))
        return lacks(r);
    r->out = *x;
    if (!strcmp(r->in[1].name, "0") && !strcmp(r->in[2].name, "9223372036854775807"))
        return pass_on(r);
    r->out.dim[place_of(axis[0], x->rank)] = -1;
    for (int i = 3; i < r->call.n_in; i++)
        r->in[i].name = NULL;
    return make_term(r, axis_word(r, "Slice", axis[0], x->rank));
}

/* To sizes, between the middles of pixels. */
static bool read_resize(struct reading *r)
{
    const char *mode = attribute_string(&r->call, "mode");
    const char *way = attribute_string(&r->call, "coordinate_transformation_mode");
    const bool strange =
        attribute_int(&r->call, "exclude_outside", 0) || attribute_int(&r->call, "antialias", 0) ||
        attribute_real(&r->call, "cubic_coeff_a", -0.75) != -0.75 || attribute(&r->call, "axes") ||
        attribute(&r->call, "keep_aspect_ratio_policy");
    const bool scaled =
        r->call.n_in > 2 && r->call.in[2] &&
        (r->call.in[2]->kind != DATUM_constant || constant_elements(r->call.in[2]->constant));
    if (strange || scaled || !operand_is(r, 3) || (*way && strcmp(way, "half_pixel") != 0))
        return lacks(r);
    r->out = r->in[0];
    for (int i = 2; i < r->out.rank; i++)
        r->out.dim[i] = -1;
    r->in[1].name = r->in[2].name = NULL;
    return make_term(r, arena_printf(r->call.import->arena, "Resize_%s", mode));
}

static bool read_arg_max(struct reading *r)
{
    const int64_t axis = attribute_int(&r->call, "axis", 0);
    const struct term *x = &r->in[0];
    if (!is_axis(axis, x->rank) || attribute_int(&r->call, "keepdims", 1) ||
        attribute_int(&r->call, "select_last_index", 0))
        return lacks(r);
    r->out.dtype = DTYPE_i64;
    for (int i = 0; i < x->rank; i++)
        if (i != place_of(axis, x->rank))
            r->out.dim[r->out.rank++] = x->dim[i];
    return make_term(r, axis_word(r, "ArgMax", axis, x->rank));
}

static bool read_same(struct reading *r)
{
    r->out = r->in[0];
    return pass_on(r);
}

static const struct {
    const char *operator;
    bool (*read)(struct reading *);
} readers[] = {{"Add", read_join},          {"Sub", read_join},
               {"Mul", read_join},          {"Div", read_join},
               {"Mod", read_join},          {"Cast", read_cast},
               {"Gather", read_gather},     {"Concat", read_concat},
               {"ReduceMax", read_extreme}, {"ReduceMin", read_extreme},
               {"Shape", read_shape},       {"ConstantOfShape", read_fill},
               {"Squeeze", read_squeezed},  {"Unsqueeze", read_unsqueeze},
               {"Reshape", read_reshape},   {"Expand", read_reshape},
               {"Slice", read_slice},       {"Resize", read_resize},
               {"ArgMax", read_arg_max},    {"Identity", read_same}};

/* A shape of sizes that are known, which is known itself. */
static bool shape_is_known(struct reading *r)
{
    const struct term *x = &r->in[0];
    bool known = !strcmp(r->call.node->op_type, "Shape") && !attribute(&r->call, "start") &&
                 !attribute(&r->call, "end");
    for (int i = 0; known && i < x->rank; i++)
        known = x->dim[i] >= 0;
    return known;
}

static bool read_node(struct reading *r)
{
    const char *type = r->call.node->op_type;
    for (size_t i = 0; i < sizeof readers / sizeof *readers && operand_is(r, 0); i++)
        if (!strcmp(type, readers[i].operator))
            return readers[i].read(r);
    return lacks(r);
}

/* Whether an operand is known but has no name; a Resize does without its second and third. */
static bool is_nameless(const struct reading *r, int i)
{
    const bool spare = !strcmp(r->call.node->op_type, "Resize") && (i == 1 || i == 2);
    return *r->call.node->input[i] && !r->in[i].name && !spare;
}

/* Operands as terms; *known: all are. */
static bool take_operands(struct reading *r, bool *known)
{
    struct terms *t = r->terms;
    *known = true;
    for (int i = 0; i < r->call.n_in; i++) {
        const char *name = intern(t, r->call.node->input[i]);
        const struct term *term = map_get(&t->of, name);
        const struct datum *v = *name && !term ? names_find(&t->body.names, name) : NULL;
        const bool constant = v && v->kind == DATUM_constant && !v->choice.kind;
        if (*name && !term && !(v && datum_is_there(v)))
            return lacks(r);
        r->call.in[i] = v;
        *known = *known && !term && (!*name || constant);
        if (term)
            r->in[i] = *term;
        else if (constant)
            r->in[i] = term_of_constant(t, v->constant);
        r->foreign = r->foreign || (*name && !term && !constant) || is_nameless(r, i);
    }
    return true;
}

static bool is_row(const struct reading *r)
{
    return !strcmp(r->call.node->op_type, "Gather") && r->call.n_in == 2 && r->call.in[0] &&
           r->call.in[0]->choice.kind == CHOICE_rows &&
           !strcmp(r->call.node->input[1], r->terms->number);
}

static bool keep(struct reading *r)
{
    struct terms *t = r->terms;
    struct term *kept = arena_new_of(t->loop->import->arena, struct term);
    const char *name = intern(t, r->call.node->output[0]);
    if (map_get(&t->of, name) || names_find(&t->body.names, name))
        return lacks(r);
    *kept = r->out;
    map_put(&t->of, name, kept);
    return true;
}

static bool read_one(struct terms *t, Onnx__NodeProto *node)
{
    struct arena *arena = t->loop->import->arena;
    struct reading r = {.terms = t, .call = *t->loop};
    const size_t before = t->loop->import->lacking;
    bool known;
    r.call.node = node;
    r.call.body = &t->body;
    r.call.n_in = (int)node->n_input;
    if (!node->op_type || node->n_input > MOST_OPERANDS || node->n_output != 1)
        return call_lacks(t->loop, "its body has a node that is not known in one");
    r.in = arena_array(arena, (size_t)r.call.n_in + CONSTANT_RANK, sizeof *r.in);
    r.call.in = arena_array(arena, (size_t)r.call.n_in + 1, sizeof *r.call.in);
    if (!take_operands(&r, &known))
        return false;
    if (known) {
        convert_nodes(&t->body, 1, &node);
        return t->loop->import->lacking == before;
    }
    if (is_row(&r))
        return read_row(&r, r.call.in[0]) && keep(&r);
    if (!r.foreign && operand_is(&r, 0) && shape_is_known(&r)) {
        names_set(&t->body, node->output[0],
                  datum_of_constant(constant_of_ints(arena, 1, r.in[0].rank, r.in[0].dim)));
        return true;
    }
    return r.foreign ? lacks(&r) : read_node(&r) && keep(&r);
}

bool terms_read(struct terms *t, size_t n, Onnx__NodeProto *const *nodes)
{
    struct import *s = t->loop->import;
    for (size_t i = 0; i < n && s->steps > 0; i++, s->steps--)
        if (!read_one(t, nodes[i]))
            return false;
    return s->steps > 0;
}
