/* What Python, PyTorch and C have where the grammar says no: a check for each. */
#include "front/mistake.h"
#include "front/slips.h"

static const char *slip_of(const struct token *t)
{
    return t->kind == TOKEN_NAME ? slip_hint(t->value.text) : NULL;
}

/* `return relu`, `x is 3`, `while (c) {`, `elif c:`: words that are none here, at the mistake,
 * before it, or, where that is the start of a body, at the start of the statement. */
static bool foreign_word(const struct mistake *m)
{
    size_t first = walk_back(m, starts_statement);
    struct token t = near(m, 0);
    if (!slip_of(&t))
        t = near(m, -1);
    if (!slip_of(&t) && (kind(m, 0) == TOKEN_COLON || kind(m, 0) == TOKEN_OPEN_BRACE))
        t = m->p->tokens.list.at[first];
    if (!slip_of(&t) || kind(m, 0) == TOKEN_ASSIGN)
        return false;
    struct diag *d = diag_add(m->p->diags, t.span, MESSAGE(err_foreign_word), t.value.text);
    diag_hint(d, "%s", slip_of(&t));
    if (slip_meant(t.value.text))
        diag_fix(d, t.span, slip_meant(t.value.text));
    return true;
}

/* `conv(16, 3)(x)`, as PyTorch calls a module. */
static bool call_of_call(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_OPEN_PAREN || kind(m, -1) != TOKEN_CLOSE_PAREN ||
        !m->expected->kind[TOKEN_ARROW])
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_call_of_call));
    diag_hint(d, "what flows in is the result of the step before; 'from x -> …' goes back to 'x'");
    return true;
}

/* `concat(a, b)`, without braces behind it. */
static bool fork_with_arguments(const struct mistake *m)
{
    const struct token *tokens = m->p->tokens.list.at;
    size_t open = m->at;
    if (kind(m, -1) != TOKEN_CLOSE_PAREN)
        return false;
    do
        open--;
    while (tokens[open].kind != TOKEN_OPEN_PAREN || tokens[open].match != m->at - 1);
    if (!open || tokens[open - 1].kind < TOKEN_CONCAT || tokens[open - 1].kind > TOKEN_SPLIT)
        return false;
    const char *fork = tokens[open - 1].value.text;
    struct diag *d = diag_add(m->p->diags, tokens[open].span, MESSAGE(err_fork_arguments), fork);
    diag_hint(d, "write '%s { | … | … }'", fork);
    return true;
}

/* The fork that an operator between two tensors means; NULL: none. */
static const char *fork_of(int kind)
{
    return kind == TOKEN_PLUS    ? "add"
           : kind == TOKEN_MINUS ? "sub"
           : kind == TOKEN_STAR  ? "mul"
           : kind == TOKEN_SLASH ? "div"
                                 : NULL;
}

/* `relu + identity`, between steps. */
static bool steps_as_operands(const struct mistake *m)
{
    const char *fork = fork_of(kind(m, 0));
    if (!fork || !m->expected->kind[TOKEN_ARROW] || kind(m, -1) == TOKEN_NEWLINE ||
        kind(m, 1) == TOKEN_STAR)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_steps_as_operands),
                              m->expected->name(kind(m, 0)));
    diag_hint(d, "write '%s { | … | … }'", fork);
    return true;
}

/* `repeat i in 0..3`. */
static bool repeat_with_variable(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_IN || kind(m, -2) != TOKEN_REPEAT)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_repeat_variable));
    diag_hint(d, "write 'for %s in …'", near(m, -1).value.text);
    return true;
}

/* `for (i = 0; …`. */
static bool loop_of_c(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_ASSIGN || kind(m, -2) != TOKEN_OPEN_PAREN || kind(m, -3) != TOKEN_FOR)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_loop_of_c));
    diag_hint(d, "write 'for %s in 0..n { … }'", near(m, -1).value.text);
    return true;
}

/* `import torch`, `from torch import nn`. */
static bool import_of_module(const struct mistake *m)
{
    bool from = kind(m, 0) == TOKEN_FROM && kind(m, 2) == TOKEN_IMPORT;
    bool import = kind(m, -1) == TOKEN_IMPORT && is_word(kind(m, 0));
    if (!from && !import)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_import_module));
    diag_hint(d, "write 'import \"file.net\"'; operators are there without an import");
    return true;
}

/* `conv(64, 3),` at the end of a line. */
static bool comma_after_step(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_COMMA || !m->expected->kind[TOKEN_ARROW])
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_comma_after_step));
    diag_hint(d, "join steps with '->', or write them on lines of their own");
    if (ends_line(m->p->source->bytes + here(m).end))
        diag_fix(d, here(m), "");
    return true;
}

/* `let a == 3`, `let a := 3`, `let a: int = 3`. */
static bool let_without_assign(const struct mistake *m)
{
    int k = kind(m, 0);
    const struct token *let = &m->p->tokens.list.at[walk_back(m, starts_statement)];
    if ((k != TOKEN_EQ && k != TOKEN_COLON) || !m->expected->kind[TOKEN_ASSIGN] ||
        let->kind != TOKEN_LET)
        return false;
    struct diag *d =
        diag_add(m->p->diags, here(m), MESSAGE(err_let_without_assign), m->expected->name(k));
    diag_hint(d, k == TOKEN_EQ ? "write '='" : "write 'let %s = …', without a type",
              let[1].value.text);
    return true;
}

/* `c in [3, 4]`, `c not in [3, 4]`. */
static bool in_as_comparison(const struct mistake *m)
{
    bool not = kind(m, 0) == TOKEN_NOT && kind(m, 1) == TOKEN_IN;
    if ((kind(m, 0) != TOKEN_IN && !not ) || !m->expected->kind[TOKEN_PLUS])
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_in_as_comparison));
    diag_hint(d, "compare with each: '%s'", not ? "c != 3 and c != 4" : "c == 3 or c == 4");
    return true;
}

static bool wants_value(const struct mistake *m)
{
    return m->expected->kind[TOKEN_INT] && m->expected->kind[TOKEN_MINUS];
}

/* `let a = if c { 3 } else { 4 }`, `3 if c`. */
static bool condition_as_value(const struct mistake *m)
{
    bool without_else = m->expected->kind[TOKEN_ELSE] && !m->expected->kind[TOKEN_COMMA] &&
                        !m->expected->kind[TOKEN_NEWLINE] && !m->expected->kind[TOKEN_ARROW];
    if (!(kind(m, 0) == TOKEN_IF && wants_value(m)) && !without_else)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_condition_as_value));
    diag_hint(d, "write 'a if condition else b'");
    return true;
}

/* `[i for i in x]`, `x[1:]`, `{"a": 1}`: what Python's lists can and these cannot. */
static bool list_of_python(const struct mistake *m)
{
    bool bracket = enclosing(m) == TOKEN_OPEN_BRACKET;
    if (kind(m, 0) == TOKEN_FOR && bracket && m->expected->kind[TOKEN_PLUS])
        diag_hint(diag_add(m->p->diags, here(m), MESSAGE(err_comprehension)),
                  "write the elements, or 'range(first, end, step)'; steps go through a list with "
                  "'for'");
    else if (kind(m, 0) == TOKEN_COLON && bracket &&
             (wants_value(m) || m->expected->kind[TOKEN_PLUS]))
        diag_hint(diag_add(m->p->diags, here(m), MESSAGE(err_list_slice)),
                  "an index takes one element; write the list that is wanted");
    else if (kind(m, 0) == TOKEN_OPEN_BRACE && kind(m, -1) == TOKEN_ASSIGN && wants_value(m))
        diag_hint(diag_add(m->p->diags, here(m), MESSAGE(err_brace_value)),
                  "a list stands in '[ ]', a tuple in '( )'");
    else
        return false;
    return true;
}

/* `1.` */
static bool number_with_point(const struct mistake *m)
{
    if (kind(m, -1) != TOKEN_DOT || kind(m, -2) != TOKEN_INT)
        return false;
    struct token number = near(m, -2);
    struct diag *d = diag_add(m->p->diags, near(m, -1).span, MESSAGE(err_number_point));
    diag_hint(d, "write '%s.0'", number.value.number.spelling);
    return true;
}

static bool (*const checks[])(const struct mistake *) = {
    loop_of_c,         import_of_module,     call_of_call,     fork_with_arguments,
    steps_as_operands, repeat_with_variable, comma_after_step, let_without_assign,
    in_as_comparison,  condition_as_value,   list_of_python,   number_with_point,
    foreign_word,
};

bool complain_foreign(const struct mistake *m)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i](m))
            return true;
    return false;
}
