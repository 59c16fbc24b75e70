#include "front/printer.h"

#include "front/format.h"

#include <string.h>

/* ---- text ---- */

size_t printer_column(const struct printer *p)
{
    return p->out->n - p->line;
}

void put(struct printer *p, const char *s)
{
    if (p->too_wide)
        return;
    text_append(p->out, s);
    /* One column is left for the comma after it. */
    p->too_wide = p->flat && printer_column(p) >= PRINTER_WIDTH;
}

void put_string(struct printer *p, const char *s)
{
    put(p, "\"");
    for (; *s; s++) {
        char c[3] = {*s};
        const char *escaped = *s == '"' ? "\\\"" : *s == '\\' ? "\\\\" : *s == '\n' ? "\\n" : c;
        put(p, *s == '\t' ? "\\t" : escaped);
    }
    put(p, "\"");
}

void put_line(struct printer *p)
{
    put(p, "\n");
    p->line = p->out->n;
    text_printf(p->out, "%*s", (int)p->indent, "");
}

size_t printer_begin_flat(struct printer *p)
{
    p->flat = true;
    return p->out->n;
}

bool printer_end_flat(struct printer *p, size_t begin)
{
    bool fits = !p->too_wide;
    p->flat = p->too_wide = false;
    if (!fits)
        text_truncate(p->out, begin);
    return fits;
}

/* ---- expressions ---- */

static const struct {
    const char *spelling;
    int precedence;
} operators[] = {
#define OPERATOR(name, spelling, precedence) {spelling, precedence},
#include "base/operators.def"
};

/* An expression's own precedence: whole ones bind tightest. */
static int precedence(const struct ast_expr *e)
{
    if (e->kind == EXPR_cond)
        return 0;
    if (e->kind == EXPR_unary || e->kind == EXPR_binary)
        return operators[e->binary.operator].precedence;
    return operators[OPERATOR_index].precedence;
}

/* One of a list: name, name=value or value. */
static void put_item(struct printer *p, const char *name, const struct ast_expr *value)
{
    put(p, name ? name : "");
    put(p, name && value ? "=" : "");
    if (value)
        put_expr(p, value, 0);
}

/* Item i of a list, on a new line under the first if it does not fit. */
static void put_listed(struct printer *p, size_t i, size_t under, const char *name,
                       const struct ast_expr *value)
{
    bool was_flat = p->flat;
    size_t begin = was_flat ? 0 : printer_begin_flat(p);
    put(p, i ? ", " : "");
    put_item(p, name, value);
    if (was_flat || printer_end_flat(p, begin))
        return;
    if (i) {
        size_t indent = p->indent;
        put(p, ",");
        p->indent = under;
        put_line(p);
        p->indent = indent;
    }
    put_item(p, name, value);
}

void put_exprs(struct printer *p, const struct ast_exprs *items)
{
    size_t under = printer_column(p);
    for (size_t i = 0; i < items->list.n && !p->too_wide; i++)
        put_listed(p, i, under, NULL, items->list.at[i]);
}

void put_args(struct printer *p, const struct ast_args *args)
{
    put(p, "(");
    size_t under = printer_column(p);
    for (size_t i = 0; i < args->list.n && !p->too_wide; i++)
        put_listed(p, i, under, args->list.at[i].name, args->list.at[i].value);
    put(p, ")");
}

void put_params(struct printer *p, const struct ast_params *params)
{
    put(p, "(");
    size_t under = printer_column(p);
    for (size_t i = 0; i < params->list.n && !p->too_wide; i++)
        put_listed(p, i, under, params->list.at[i].name, params->list.at[i].value);
    put(p, ")");
}

static void binary(struct printer *p, const struct ast_expr *e)
{
    int own = precedence(e);
    bool chains = own != operators[OPERATOR_eq].precedence;
    put_expr(p, e->binary.left, chains ? own : own + 1);
    put(p, " ");
    put(p, operators[e->binary.operator].spelling);
    put(p, " ");
    put_expr(p, e->binary.right, own + 1);
}

static void unary(struct printer *p, const struct ast_expr *e)
{
    put(p, operators[e->binary.operator].spelling);
    if (e->binary.operator== OPERATOR_not)
        put(p, " ");
    put_expr(p, e->binary.left, precedence(e));
}

static void cond(struct printer *p, const struct ast_expr *e)
{
    put_expr(p, e->cond.yes, 1);
    put(p, " if ");
    put_expr(p, e->cond.condition, 1);
    put(p, " else ");
    put_expr(p, e->cond.no, 0);
}

static void tuple(struct printer *p, const struct ast_exprs *items)
{
    put(p, "(");
    put_exprs(p, items);
    put(p, items->list.n == 1 ? ",)" : ")");
}

static void list(struct printer *p, const struct ast_exprs *items)
{
    put(p, "[");
    put_exprs(p, items);
    put(p, "]");
}

static void member(struct printer *p, const struct ast_expr *e)
{
    put_expr(p, e->member.of, precedence(e));
    put(p, ".");
    put(p, e->member.name);
}

static void subscript(struct printer *p, const struct ast_expr *e)
{
    put_expr(p, e->binary.left, precedence(e));
    put(p, "[");
    put_expr(p, e->binary.right, 0);
    put(p, "]");
}

static void call(struct printer *p, const struct ast_expr *e)
{
    put_expr(p, e->call.callee, precedence(e));
    put_args(p, &e->call.args);
}

static void expr_bare(struct printer *p, const struct ast_expr *e)
{
    switch (e->kind) {
    case EXPR_int:
    case EXPR_real:
        put(p, e->spelling);
        break;
    case EXPR_bool:
        put(p, e->integer ? "true" : "false");
        break;
    case EXPR_string:
        put_string(p, e->string);
        break;
    case EXPR_name:
        put(p, e->string);
        break;
    case EXPR_in:
        put(p, "in");
        break;
    case EXPR_tuple:
        tuple(p, &e->items);
        break;
    case EXPR_list:
        list(p, &e->items);
        break;
    case EXPR_unary:
        unary(p, e);
        break;
    case EXPR_binary:
        binary(p, e);
        break;
    case EXPR_cond:
        cond(p, e);
        break;
    case EXPR_member:
        member(p, e);
        break;
    case EXPR_index:
        subscript(p, e);
        break;
    case EXPR_call:
        call(p, e);
        break;
    }
}

void put_expr(struct printer *p, const struct ast_expr *e, int loosest)
{
    bool parens = precedence(e) < loosest;
    if (p->too_wide)
        return;
    if (parens)
        put(p, "(");
    expr_bare(p, e);
    if (parens)
        put(p, ")");
}

void format_expr(struct text *out, const struct ast_expr *e)
{
    put_expr(&(struct printer){.out = out, .flat = true}, e, 0);
}
