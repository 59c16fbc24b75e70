/* Prints a graph in the text form of docs/ir.md. */
#include "ir/ir.h"
#include "ir/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct printer {
    struct text *out;
    const struct graph *graph;
    struct map frames; /* to a struct numbered, in the order of first use */
    uint32_t n_frames;
};

struct numbered {
    uint32_t number;
};

static void print_string(struct text *out, const char *s)
{
    text_append(out, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            text_printf(out, "\\%c", *s);
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            text_printf(out, "\\x%02x", (unsigned)*s);
        else
            text_append_n(out, s, 1);
    }
    text_append(out, "\"");
}

/* @layer1.0.conv1.weight, or @"any text". */
static void print_param(struct text *out, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    text_append(out, "@");
    if (*name && !name[strspn(name, plain)])
        text_append(out, name);
    else
        print_string(out, name);
}

/* The shortest decimal that reads back as the same number. */
static void print_real(struct text *out, double real)
{
    char digits[40];
    bool integral = real == floor(real) && fabs(real) < 1e15 && !(real == 0 && signbit(real));
    snprintf(digits, sizeof digits, "%.0f", real);
    for (int precision = 6; !integral && precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, real);
        if (strtod(digits, NULL) == real)
            break;
    }
    text_append(out, digits);
}

static void print_value(struct text *out, const struct attrs *attrs, const struct attr_info *attr,
                        int i)
{
    double value = attr_get(attrs, attr, i);
    if (attr->kind == ATTR_BOOL)
        text_append(out, value != 0 ? "true" : "false");
    else if (attr_words(attr->kind))
        text_append(out, attr_words(attr->kind)[(int)value]);
    else if (attr_is_real(attr->kind))
        print_real(out, value);
    else
        text_printf(out, "%lld", (long long)value);
}

static void print_list(struct text *out, const struct attrs *attrs, const struct attr_info *attr)
{
    const int n = (int)attr_get(attrs, attr, 0);
    text_append(out, "[");
    for (int i = 1; i <= n; i++) {
        text_append(out, i > 1 ? "," : "");
        print_value(out, attrs, attr, i);
    }
    text_append(out, "]");
}

/* 3, or [3,1] where the numbers differ. */
static void print_attr(struct text *out, const struct attrs *attrs, const struct attr_info *attr,
                       int rank)
{
    text_printf(out, "%s=", attr->name);
    if (attr_is_list(attr->kind)) {
        print_list(out, attrs, attr);
        return;
    }
    int width = attr_written(attr->kind, rank);
    width = attr_is_uniform(attrs, attr, width) ? 1 : width;
    for (int i = 0; i < width; i++) {
        text_append(out, i ? "," : width > 1 ? "[" : "");
        print_value(out, attrs, attr, attr_place(attr->kind, width, i));
    }
    text_append(out, width > 1 ? "]" : "");
}

static bool is_default(const struct attrs *attrs, const struct attrs *defaults,
                       const struct attr_info *attr)
{
    return attr->presence != ATTR_REQUIRED && attr_is_same(attrs, defaults, attr);
}

/* Those that are not their defaults, in the order of the table. */
static void print_attrs(struct text *out, enum op op, const struct attrs *attrs, int rank)
{
    struct attrs defaults;
    attrs_init(&defaults, op);
    memcpy(defaults.kernel, attrs->kernel, sizeof defaults.kernel);
    attrs_finish(&defaults, op);
    const char *between = " {";
    for (int i = 0; i < op_info(op)->n_attrs; i++) {
        const struct attr_info *attr = &op_info(op)->attrs[i];
        if (is_default(attrs, &defaults, attr))
            continue;
        text_append(out, between);
        print_attr(out, attrs, attr, rank);
        between = ", ";
    }
    text_append(out, *between == ',' ? "}" : "");
}

static void print_weight(struct text *out, const struct weight *w)
{
    if (w->kind == NETRT_EXPR_PARAM) {
        print_param(out, w->name);
        return;
    }
    if (w->kind == NETRT_EXPR_REAL) {
        print_real(out, w->real);
        return;
    }
    text_printf(out, "%s(", weight_kind_names[w->kind]);
    for (int i = 0; i < NETRT_MAX_OPERANDS && w->operand[i]; i++) {
        text_append(out, i ? ", " : "");
        print_weight(out, w->operand[i]);
    }
    if (w->axis)
        text_printf(out, ", axis=%d", w->axis);
    text_append(out, ")");
}

/* Nothing where all are the parameters that the node would have by default. */
static void print_weights(struct text *out, const struct node *n)
{
    bool plain = true;
    for (enum role role = 0; role < N_ROLES; role++)
        plain = plain && (!n->weight[role] || weight_is_default(n, role));
    for (enum role role = 0; role < N_ROLES && !plain; role++)
        if (n->weight[role]) {
            text_printf(out, " %s=", role_name(role));
            print_weight(out, n->weight[role]);
        }
}

static void print_activation(struct text *out, const struct node *n)
{
    if (!n->act)
        return;
    text_printf(out, " act=%s", act_names[n->act]);
    if (n->act_arg[0] != 0 || n->act_arg[1] != 0) {
        text_append(out, "(");
        print_real(out, n->act_arg[0]);
        if (n->act_arg[1] != 0) {
            text_append(out, ", ");
            print_real(out, n->act_arg[1]);
        }
        text_append(out, ")");
    }
}

static void print_border(struct text *out, const int64_t border[6])
{
    if (border[4] || border[5]) {
        for (int i = 0; i < 6; i++)
            text_printf(out, "%s%lld", i ? "," : " border=[",
                        (long long)border[attr_place(ATTR_PADDING, 6, i)]);
        text_append(out, "]");
        return;
    }
    if (border[0] == border[1] && border[0] == border[2] && border[0] == border[3]) {
        if (border[0])
            text_printf(out, " border=%lld", (long long)border[0]);
        return;
    }
    text_printf(out, " border=[%lld,%lld,%lld,%lld]", (long long)border[0], (long long)border[1],
                (long long)border[2], (long long)border[3]);
}

static void print_named(struct text *out, const char *before, const char *name)
{
    if (!name)
        return;
    text_append(out, before);
    print_string(out, name);
}

static void print_node(struct printer *p, const struct node *n)
{
    struct text *out = p->out;
    text_printf(out, "  %%%u = %s", n->id, op_info(n->op)->name);
    for (int i = 0; i < n->n_inputs; i++)
        text_printf(out, "%s%%%u", i ? ", " : " ", n->input[i]->id);
    print_attrs(out, n->op, &n->attr, n->n_inputs ? n->input[0]->type.rank : 0);
    text_append(out, n->residual ? " residual" : "");
    print_activation(out, n);
    text_append(out, n->inlined ? " inlined" : "");
    text_append(out, n->kept ? " kept" : "");
    print_named(out, " ", n->name);
    print_named(out, " label ", n->label);
    print_weights(out, n);
    if (n->into)
        text_printf(out, " into=%%%u[%lld]", n->into->id, (long long)n->into_channel);
    print_border(out, n->border);
    if (n->device)
        text_printf(out, " on %d", n->device);
    if (n->frame)
        text_printf(out, " in !%u", ((struct numbered *)map_get(&p->frames, n->frame))->number);
    text_append(out, " : ");
    type_print(out, &n->type);
    text_append(out, "\n");
}

static void print_frame(struct printer *p, const struct frame *f)
{
    struct numbered *number = arena_new_of(p->out->arena, struct numbered);
    number->number = p->n_frames++;
    map_put(&p->frames, f, number);
    text_printf(p->out, "  frame !%u = %s", number->number, frame_kind_names[f->kind]);
    print_named(p->out, " ", f->name);
    if (f->parent)
        text_printf(p->out, " in !%u", ((struct numbered *)map_get(&p->frames, f->parent))->number);
    print_named(p->out, " path ", f->path);
    if (f->iteration)
        text_printf(p->out, " iteration %lld", (long long)f->iteration);
    text_append(p->out, "\n");
}

/* A frame after its parents, each once. */
static void print_frames_of(struct printer *p, const struct frame *frame)
{
    VEC(const struct frame *) chain = {0};
    for (const struct frame *f = frame; f && !map_get(&p->frames, f); f = f->parent)
        VEC_PUSH(p->out->arena, &chain, f);
    while (chain.n)
        print_frame(p, chain.at[--chain.n]);
}

/* Whether reading the nodes alone would give the parameters, in their order. */
static bool params_are_implied(const struct graph *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->nodes.n; i++)
        for (enum role role = 0; role < N_ROLES; role++) {
            const struct weight *w = g->nodes.at[i]->weight[role];
            if (!w)
                continue;
            if (n == g->params.n || w != g->params.at[n] ||
                !weight_is_default(g->nodes.at[i], role))
                return false;
            n++;
        }
    return n == g->params.n;
}

static void print_params(struct printer *p)
{
    const struct graph *g = p->graph;
    size_t n = params_are_implied(g) ? 0 : g->params.n;
    for (size_t i = 0; i < n; i++) {
        const struct weight *w = g->params.at[i];
        text_append(p->out, "  param ");
        print_param(p->out, w->name);
        text_append(p->out, " : ");
        type_print(p->out, &w->type);
        text_append(p->out, "\n");
    }
}

static void print_require(struct text *out, const struct require *r)
{
    if (r->kind == REQUIRE_number) {
        print_real(out, r->number);
        return;
    }
    if (r->kind == REQUIRE_figure) {
        text_append(out, r->figure);
        return;
    }
    text_printf(out, "%s(", require_kind_names[r->kind]);
    print_require(out, r->left);
    if (r->right) {
        text_append(out, ", ");
        print_require(out, r->right);
    }
    text_append(out, ")");
}

/* What stands before the nodes. */
static void print_header(struct printer *p)
{
    const struct graph *g = p->graph;
    struct text *out = p->out;
    if (g->source) {
        print_named(out, "  source ", g->source);
        text_append(out, "\n");
    }
    text_append(out, g->training ? "  training\n" : "");
    if (g->ranks)
        text_printf(out, "  ranks %lld\n", (long long)g->ranks);
    for (size_t i = 0; i < g->labels.n; i++) {
        print_named(out, "  class ", g->labels.at[i]);
        text_append(out, "\n");
    }
    for (size_t i = 0; i < g->ignored.n; i++) {
        print_named(out, "  ignored ", g->ignored.at[i]);
        text_append(out, "\n");
    }
    for (size_t i = 0; i < g->frozen.n; i++) {
        print_named(out, "  frozen ", g->frozen.at[i]);
        text_append(out, "\n");
    }
    for (size_t i = 0; i < g->nodes.n; i++)
        print_frames_of(p, g->nodes.at[i]->frame);
    print_params(p);
}

static void print_purpose(struct printer *p, const struct graph_output *output)
{
    const enum op op = purpose_op(output->purpose);
    text_printf(p->out, " %s", purpose_names[output->purpose]);
    if (op != N_OPS)
        print_attrs(p->out, op, &output->attr, 0);
}

/* What stands after them. */
static void print_trailer(struct printer *p)
{
    const struct graph *g = p->graph;
    for (size_t i = 0; i < g->inputs.n; i++)
        for (size_t j = 0; j < g->inputs.at[i].pictures.n; j++) {
            const struct picture *step = &g->inputs.at[i].pictures.at[j];
            text_printf(p->out, "  picture %%%u %s", g->inputs.at[i].node->id,
                        op_info(step->op)->name);
            print_attrs(p->out, step->op, &step->attr, 0);
            text_append(p->out, "\n");
        }
    for (size_t i = 0; i < g->recipe.n; i++) {
        text_printf(p->out, "  recipe %s", op_info(g->recipe.at[i].op)->name);
        print_attrs(p->out, g->recipe.at[i].op, &g->recipe.at[i].attr, 0);
        text_append(p->out, "\n");
    }
    for (size_t i = 0; i < g->initials.n; i++) {
        const struct initial *initial = &g->initials.at[i];
        text_printf(p->out, "  initial %s", op_info(initial->said.op)->name);
        print_attrs(p->out, initial->said.op, &initial->said.attr, 0);
        text_append(p->out, " ");
        print_weight(p->out, initial->param);
        text_append(p->out, "\n");
    }
    for (size_t i = 0; i < g->outputs.n; i++) {
        print_named(p->out, "  output ", g->outputs.at[i].name);
        text_printf(p->out, " = %%%u", g->outputs.at[i].node->id);
        if (g->outputs.at[i].purpose)
            print_purpose(p, &g->outputs.at[i]);
        text_append(p->out, "\n");
    }
    for (size_t i = 0; i < g->requires.n; i++) {
        text_append(p->out, "  require ");
        print_require(p->out, g->requires.at[i]);
        text_append(p->out, "\n");
    }
}

void graph_print(struct text *out, const struct graph *g)
{
    struct printer p = {.out = out, .graph = g, .frames.arena = out->arena};
    text_append(out, "graph ");
    print_string(out, g->name);
    text_append(out, " {\n");
    print_header(&p);
    for (size_t i = 0; i < g->nodes.n; i++)
        print_node(&p, g->nodes.at[i]);
    print_trailer(&p);
    text_append(out, "}\n");
}
