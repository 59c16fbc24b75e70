/* Reads a node: its operator, operands, attributes and clauses. */
#include "ir/names.h"
#include "ir/scan.h"

#include <string.h>

static const struct attr_info *find_attr(struct reader *r, enum op op)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; r->token.kind == TOKEN_word && i < info->n_attrs; i++)
        if (!strcmp(info->attrs[i].name, r->token.text))
            return &info->attrs[i];
    diag_add(r->diags, r->token.span, MESSAGE(err_graph_attr), info->name);
    return NULL;
}

static bool read_bool(struct reader *r, struct attrs *attrs, const struct attr_info *attr)
{
    bool yes = accept_word(r, "true");
    attr_set(attrs, attr, 0, yes);
    return yes || accept_word(r, "false") || expected(r, "'true' or 'false'");
}

static bool read_word(struct reader *r, struct attrs *attrs, const struct attr_info *attr)
{
    const char *const *words = attr_words(attr->kind);
    int word = r->token.kind == TOKEN_word ? name_find(words, r->token.text) : -1;
    if (word < 0)
        return expected(r, "a mode");
    attr_set(attrs, attr, 0, word);
    scan(r);
    return true;
}

static bool read_reals(struct reader *r, struct attrs *attrs, const struct attr_info *attr)
{
    double number[3];
    int width = attr_width(attr->kind);
    bool list = width > 1 && accept_mark(r, '[');
    for (int i = 0; i < (list ? width : 1); i++)
        if ((i && !read_mark(r, ',')) || !read_number(r, &number[i]))
            return false;
    for (int i = 0; i < width; i++)
        attr_set(attrs, attr, i, number[list ? i : 0]);
    return !list || read_mark(r, ']');
}

/* An integer, or a real where the attribute has reals. */
static bool read_item(struct reader *r, const struct attr_info *attr, double *number)
{
    int64_t integer;
    if (attr_is_real(attr->kind))
        return read_number(r, number);
    if (!read_integer(r, &integer))
        return false;
    *number = (double)integer;
    return true;
}

/* [2,0,1], or one number. */
static bool read_list(struct reader *r, struct attrs *attrs, const struct attr_info *attr)
{
    const bool list = accept_mark(r, '[');
    int n = 0;
    do {
        double number;
        if (n == MAX_RANK)
            return expected(r, "at most six of a list");
        if (!read_item(r, attr, &number))
            return false;
        attr_set(attrs, attr, ++n, number);
    } while (list && accept_mark(r, ','));
    attr_set(attrs, attr, 0, n);
    return !list || read_mark(r, ']');
}

/* [1,2,3], of any length. */
static bool read_numbers(struct reader *r, struct attrs *attrs, const struct attr_info *attr)
{
    VEC(double) list = {0};
    double number;
    if (!read_mark(r, '['))
        return false;
    do {
        if (!read_number(r, &number))
            return false;
        VEC_PUSH(r->graph->arena, &list, number);
    } while (accept_mark(r, ','));
    attr_set_numbers(attrs, attr, (struct numbers){(int64_t)list.n, list.at});
    return read_mark(r, ']');
}

static bool read_attr(struct reader *r, struct attrs *attrs, const struct attr_info *attr, int rank)
{
    const int written = attr_written(attr->kind, rank);
    int64_t integer[6];
    int n;
    switch (attr->kind) {
    case ATTR_BOOL:
        return read_bool(r, attrs, attr);
    case ATTR_MODE:
    case ATTR_FAN:
        return read_word(r, attrs, attr);
    case ATTR_DIMS:
    case ATTR_REALS:
        return read_list(r, attrs, attr);
    case ATTR_NUMBERS:
        return read_numbers(r, attrs, attr);
    case ATTR_REAL:
    case ATTR_REAL_PAIR:
    case ATTR_TRIPLE:
        return read_reals(r, attrs, attr);
    default:
        n = read_integers(r, integer, written, written);
        for (int i = 0; i < (n == 1 ? attr_width(attr->kind) : n); i++)
            attr_set(attrs, attr, attr_place(attr->kind, n, i), (double)integer[i]);
        return n > 0;
    }
}

/* Whether each required attribute was given, and all values are valid. */
static bool check_attrs(struct reader *r, enum op op, const struct attrs *attrs, unsigned given,
                        struct span span)
{
    const struct op_info *info = op_info(op);
    for (int i = 0; i < info->n_attrs; i++)
        if (info->attrs[i].presence == ATTR_REQUIRED && !(given >> i & 1)) {
            diag_add(r->diags, span, MESSAGE(err_graph_required), info->name, info->attrs[i].name);
            return false;
        }
    const struct attr_info *bad = attrs_invalid(attrs, op);
    if (bad)
        diag_add(r->diags, span, MESSAGE(err_graph_least), bad->name, info->name, bad->least);
    return !bad;
}

bool read_attrs(struct reader *r, enum op op, struct attrs *attrs, int rank)
{
    struct span span = r->token.span;
    unsigned given = 0;
    attrs_init(attrs, op);
    if (accept_mark(r, '{')) {
        do {
            const struct attr_info *attr = find_attr(r, op);
            if (!attr)
                return false;
            given |= 1u << (attr - op_info(op)->attrs);
            scan(r);
            if (!read_mark(r, '=') || !read_attr(r, attrs, attr, rank))
                return false;
        } while (accept_mark(r, ','));
        if (!read_mark(r, '}'))
            return false;
    }
    attrs_finish(attrs, op);
    if (rank != VOLUME_RANK)
        attrs_flatten(attrs, op);
    return check_attrs(r, op, attrs, given, span);
}

/* What is read of a node before it is made. */
struct draft {
    const char *value, *name, *label, *into;
    struct span span, into_span;
    enum op op;
    struct attrs attrs;
    VEC(struct node *) inputs;
    struct shape shape;
    struct type type;
    bool has_type;
    const struct weight *weight[N_ROLES];
    bool has_weights, residual, inlined, kept;
    enum netrt_act act;
    double act_arg[2];
    int64_t border[6], into_channel, device;
    const struct frame *frame;
};

static bool read_op(struct reader *r, struct draft *d)
{
    static const enum op_class classes[] = {CLASS_LAYER, CLASS_FORK, CLASS_INTERNAL};
    d->op = N_OPS;
    for (int i = 0; r->token.kind == TOKEN_word && i < 3 && d->op == N_OPS; i++)
        d->op = op_find(r->token.text, classes[i]);
    if (d->op == N_OPS)
        return expected(r, "an operator");
    scan(r);
    return true;
}

static bool read_operands(struct reader *r, struct draft *d)
{
    if (r->token.kind != TOKEN_value)
        return true;
    do {
        struct span span = r->token.span;
        const char *name;
        if (!read_text(r, TOKEN_value, "an operand", &name))
            return false;
        struct node *input = map_get(&r->values, name);
        if (!input) {
            diag_add(r->diags, span, MESSAGE(err_graph_value), name);
            return false;
        }
        VEC_PUSH(r->arena, &d->inputs, input);
    } while (accept_mark(r, ','));
    return true;
}

static bool read_activation(struct reader *r, struct draft *d)
{
    int act = r->token.kind == TOKEN_word ? name_find(act_names, r->token.text) : -1;
    if (act < 0)
        return expected(r, "an activation");
    d->act = (enum netrt_act)act;
    scan(r);
    if (!accept_mark(r, '('))
        return true;
    if (!read_number(r, &d->act_arg[0]) || (accept_mark(r, ',') && !read_number(r, &d->act_arg[1])))
        return false;
    return read_mark(r, ')');
}

static bool read_into_clause(struct reader *r, struct draft *d)
{
    d->into_span = r->token.span;
    return read_text(r, TOKEN_value, "a value", &d->into) && read_mark(r, '[') &&
           read_integer(r, &d->into_channel) && read_mark(r, ']');
}

bool read_frame(struct reader *r, const struct frame **frame)
{
    double number = r->token.number;
    if (r->token.kind != TOKEN_frame || number >= (double)r->frames.n)
        return expected(r, "a frame that stands above");
    *frame = r->frames.at[(size_t)number];
    scan(r);
    return true;
}

static bool read_device(struct reader *r, struct draft *d)
{
    if (!read_integer(r, &d->device))
        return false;
    return (d->device >= 0 && d->device <= INT32_MAX) || expected(r, "a device before this");
}

static int find_role(const char *word)
{
    for (int role = 0; role < N_ROLES; role++)
        if (!strcmp(role_name((enum role)role), word))
            return role;
    return -1;
}

/* Four sides of each plane, or the six of a volume. */
static bool read_border(struct reader *r, struct draft *d)
{
    int64_t side[6];
    const int n = read_integers(r, side, 4, 6);
    memset(d->border, 0, sizeof d->border);
    for (int i = 0; i < (n == 1 ? 4 : n); i++)
        d->border[attr_place(ATTR_PADDING, n, i)] = side[i];
    return n > 0;
}

/* A clause that starts with a word. */
static bool read_clause(struct reader *r, struct draft *d, const char *word)
{
    int role = find_role(word);
    if (role >= 0) {
        d->has_weights = true;
        return read_mark(r, '=') && read_weight(r, &d->weight[role]);
    }
    if (!strcmp(word, "residual"))
        return d->residual = true;
    if (!strcmp(word, "inlined"))
        return d->inlined = true;
    if (!strcmp(word, "kept"))
        return d->kept = true;
    if (!strcmp(word, "act"))
        return read_mark(r, '=') && read_activation(r, d);
    if (!strcmp(word, "label"))
        return read_text(r, TOKEN_string, "a label", &d->label);
    if (!strcmp(word, "into"))
        return read_mark(r, '=') && read_into_clause(r, d);
    if (!strcmp(word, "border"))
        return read_mark(r, '=') && read_border(r, d);
    if (!strcmp(word, "on"))
        return read_device(r, d);
    return !strcmp(word, "in") && read_frame(r, &d->frame);
}

static bool is_clause(const char *word)
{
    static const char *const words[] = {"residual", "inlined", "kept", "act", "label",
                                        "into",     "border",  "on",   "in"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], word))
            return true;
    return find_role(word) >= 0;
}

/* Clauses in any order, up to the next item. */
static bool read_clauses(struct reader *r, struct draft *d)
{
    for (;;) {
        const char *word = r->token.text;
        if (r->token.kind == TOKEN_string) {
            d->name = word;
            scan(r);
        } else if (r->token.kind == TOKEN_word && is_clause(word)) {
            scan(r);
            if (!read_clause(r, d, word))
                return false;
        } else if (accept_mark(r, ':')) {
            d->has_type = true;
            if (!read_type(r, &d->type))
                return false;
        } else {
            return true;
        }
    }
}

static bool infer(struct reader *r, struct draft *d)
{
    d->shape.diags = r->diags;
    d->shape.span = d->span;
    d->shape.type = d->type;
    int n_inputs = (int)d->inputs.n - d->residual;
    if (!shape_infer(&d->shape, d->op, &d->attrs, d->inputs.at, n_inputs < 0 ? 0 : n_inputs))
        return false;
    if (d->has_type && !type_equal_dims(&d->type, &d->shape.type)) {
        struct text text;
        text_init(&text, r->arena);
        type_print_dims(&text, &d->shape.type);
        diag_add(r->diags, d->span, MESSAGE(err_graph_type), text_string(&text));
        return false;
    }
    d->shape.type.layout = d->type.layout;
    return true;
}

/* Given weights stand for all that the operator has; without any, its name gives their names. */
static bool check_weights(struct reader *r, const struct draft *d)
{
    const char *op = op_info(d->op)->name;
    for (enum role role = 0; role < N_ROLES; role++) {
        bool has = d->shape.has_param[role];
        if (d->has_weights && has && !d->weight[role])
            diag_add(r->diags, d->span, MESSAGE(err_graph_no_weight), op, role_name(role));
        else if (d->weight[role] && !has)
            diag_add(r->diags, d->span, MESSAGE(err_graph_weight), op, role_name(role));
        else if (!d->has_weights && has && !d->name)
            diag_add(r->diags, d->span, MESSAGE(err_graph_unnamed), op);
        else
            continue;
        return false;
    }
    return true;
}

static struct node *make_node(struct reader *r, struct draft *d)
{
    if (d->has_weights)
        memset(d->shape.has_param, 0, sizeof d->shape.has_param);
    struct node *n = graph_append(r->graph, &d->shape, d->op, &d->attrs, d->inputs.at,
                                  (int)d->inputs.n, d->name);
    if (d->has_weights)
        memcpy(n->weight, d->weight, sizeof n->weight);
    memcpy(n->border, d->border, sizeof n->border);
    n->label = d->label;
    n->frame = d->frame;
    n->device = (int)d->device;
    n->residual = d->residual;
    n->inlined = d->inlined;
    n->kept = d->kept;
    n->act = d->act;
    memcpy(n->act_arg, d->act_arg, sizeof n->act_arg);
    n->into_channel = d->into_channel;
    if (d->into)
        VEC_PUSH(r->arena, &r->later, (struct later){n, d->into, d->into_span});
    if (n->op == OP_input)
        VEC_PUSH(r->arena, &r->graph->inputs, (struct graph_input){.node = n});
    return n;
}

static bool define_value(struct reader *r, const struct draft *d, struct node *n)
{
    if (map_get(&r->values, d->value)) {
        diag_add(r->diags, d->span, MESSAGE(err_graph_twice), d->value);
        return false;
    }
    map_put(&r->values, d->value, n);
    return true;
}

static int rank_read(const struct draft *d)
{
    return d->inputs.n ? d->inputs.at[0]->type.rank : 0;
}

bool read_node(struct reader *r)
{
    struct draft d = {.span = r->token.span};
    if (!read_text(r, TOKEN_value, "a value", &d.value) || !read_mark(r, '=') || !read_op(r, &d) ||
        !read_operands(r, &d) || !read_attrs(r, d.op, &d.attrs, rank_read(&d)) ||
        !read_clauses(r, &d))
        return false;
    return infer(r, &d) && check_weights(r, &d) && define_value(r, &d, make_node(r, &d));
}

bool read_into(struct reader *r)
{
    for (size_t i = 0; i < r->later.n; i++) {
        struct later *later = &r->later.at[i];
        later->node->into = map_get(&r->values, later->into);
        if (!later->node->into) {
            diag_add(r->diags, later->span, MESSAGE(err_graph_value), later->into);
            return false;
        }
    }
    return true;
}
