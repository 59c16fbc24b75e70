/*
 * The tokens anew, with brackets that match: what was decided in match.c is done. Line breaks
 * inside ( ) [ ] are dropped.
 */
#include "front/balance.h"

#include "front/parser.h"

/* The parser, and walks over bodies, recurse as deep as brackets nest. */
enum { DEEPEST_NESTING = 200 };

/* The token before those arguments that end at token i; i, where it ends none. */
static size_t before_arguments(const struct balancer *b, size_t i)
{
    size_t depth = 0;
    for (size_t at = i; at > 0; at--) {
        depth += b->at[at].kind == TOKEN_CLOSE_PAREN;
        depth -= b->at[at].kind == TOKEN_OPEN_PAREN && depth > 0;
        if (!depth)
            return at == i ? i : at - 1;
    }
    return i;
}

/* Whether the innermost open bracket is the brace of a fork. */
static bool in_fork(const struct balancer *b)
{
    size_t brace = b->open.n ? b->open.at[b->open.n - 1] : 0;
    if (!brace || b->at[brace].kind != TOKEN_OPEN_BRACE)
        return false;
    int before = b->at[before_arguments(b, brace - 1)].kind;
    return before >= TOKEN_CONCAT && before <= TOKEN_SPLIT;
}

static int last_kind(const struct balancer *b)
{
    return b->result.list.n ? b->result.list.at[b->result.list.n - 1].kind : TOKEN_NEWLINE;
}

/* Appends a token to the result. A line break before a brace is a kind of its own, so that the
 * parser sees early whether a body is missing or only stands on the wrong line. */
static void emit(struct balancer *b, struct token t)
{
    struct tokens *r = &b->result;
    int last = last_kind(b);
    if (t.kind == TOKEN_NEWLINE && (balancer_in_parens(b) || !token_ends_step(last)))
        return;
    if (last == TOKEN_NEWLINE && r->list.n) {
        if (t.kind == TOKEN_CLOSE_BRACE || t.kind == TOKEN_BAR)
            r->list.n--;
        else if (t.kind == TOKEN_OPEN_BRACE)
            r->list.at[r->list.n - 1].kind = TOKEN_NEWLINE_BRACE;
    }
    t.branch = t.kind == TOKEN_BAR && in_fork(b);
    VEC_PUSH(b->p->arena, &r->list, t);
}

/* Closes the innermost bracket with token t. */
static void emit_closing(struct balancer *b, struct token t)
{
    size_t open = balancer_pop(b);
    t.kind = balancer_closing(b->at[open].kind);
    emit(b, t);
    b->result.list.at[b->fate[open].result].match = b->result.list.n - 1;
}

static void emit_opening(struct balancer *b, size_t i)
{
    emit(b, b->at[i]);
    VEC_PUSH(b->p->arena, &b->open, i);
    b->fate[i].result = b->result.list.n - 1;
}

/* Whether the innermost open bracket has to be closed before token i. */
static bool closes_before(const struct balancer *b, size_t i)
{
    if (!b->open.n)
        return false;
    const struct fate *f = &b->fate[b->open.at[b->open.n - 1]];
    return f->made_up && f->partner == i;
}

/* A line break where what is above is unfinished: the next statement is not part of it. */
static void break_line(struct balancer *b)
{
    int last = last_kind(b);
    if (token_ends_step(last) || last == TOKEN_NEWLINE || last == TOKEN_BAR ||
        last == TOKEN_OPEN_BRACE)
        return;
    struct token t = {.kind = TOKEN_NEWLINE, .span = b->result.list.at[b->result.list.n - 1].span};
    t.span.begin = t.span.end;
    VEC_PUSH(b->p->arena, &b->result.list, t);
}

static void rewrite(struct balancer *b, size_t i)
{
    bool braces = closes_before(b, i) && !balancer_in_parens(b) && b->at[i].kind != TOKEN_YYEOF;
    while (closes_before(b, i)) {
        struct token t = {.span = b->result.list.at[b->result.list.n - 1].span};
        t.span.begin = t.span.end;
        emit_closing(b, t);
    }
    if (braces)
        emit(b, (struct token){.kind = TOKEN_NEWLINE, .span = b->at[i].span});
    if (b->fate[i].kind == FATE_dropped)
        return;
    if (b->fate[i].kind == FATE_refused) {
        emit(b, (struct token){.kind = TOKEN_NET_error, .span = b->at[i].span});
        return;
    }
    if (balancer_starts_item(b, i) || balancer_starts_statement(b, i))
        break_line(b);
    if (balancer_closing(b->at[i].kind))
        emit_opening(b, i);
    else if (b->open.n && b->fate[b->open.at[b->open.n - 1]].partner == i)
        emit_closing(b, b->at[i]);
    else
        emit(b, b->at[i]);
}

void balance(struct parser *p)
{
    struct balancer b = {.p = p, .at = p->tokens.list.at, .n = p->tokens.list.n};
    b.fate = arena_array(p->arena, b.n, sizeof *b.fate);
    size_t deep = 0;
    for (size_t i = 0; i < b.n && !deep; i++) {
        balancer_match(&b, i);
        deep = b.open.n > DEEPEST_NESTING ? i : 0;
    }
    if (deep) {
        diag_add(p->diags, b.at[deep].span, MESSAGE(err_deep_nesting), (int)DEEPEST_NESTING);
        p->tokens.list.at[0] = b.at[b.n - 1];
        p->tokens.list.n = 1;
        return;
    }
    b.open.n = 0;
    for (size_t i = 0; i < b.n; i++)
        rewrite(&b, i);
    p->tokens = b.result;
}
