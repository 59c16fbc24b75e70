/*
 * Brackets are matched before the file is parsed, so that one that is missing costs one message
 * and the rest is understood. `{` and `}` are trusted over ( ) [ ], lines that start with `block`,
 * `net` or `import` over both. A closing bracket that is missing is made up where it likely
 * belongs; one too many is dropped. Line breaks inside ( ) [ ] are dropped as well.
 */
#include "front/token.h"

#include "front/parser.h"

/* The parser, and walks over bodies, recurse as deep as brackets nest. */
enum { DEEPEST_NESTING = 200 };

/* Of definitions inside bodies, as many are looked at and reported. */
enum { MOST_NESTED = 100 };

/* What becomes of a token. */
struct fate {
    size_t partner; /* of an opening bracket: the token that closes it, or before which it ends */
    bool made_up;   /* the closing bracket is missing */
    bool dropped;
    size_t result; /* where it went */
};

struct balancer {
    struct parser *p;
    const struct token *at; /* as scanned */
    size_t n;
    struct fate *fate; /* of each */
    VEC(size_t) open;  /* the brackets that are open */
    struct tokens result;
    size_t looked;   /* no brace before this token ends a body early */
    size_t n_nested; /* definitions inside bodies, so far */
    bool nested;     /* one was reported that is closed: what follows from it is not */
};

static int closing(int kind)
{
    switch (kind) {
    case TOKEN_OPEN_BRACE:
        return TOKEN_CLOSE_BRACE;
    case TOKEN_OPEN_PAREN:
        return TOKEN_CLOSE_PAREN;
    case TOKEN_OPEN_BRACKET:
        return TOKEN_CLOSE_BRACKET;
    default:
        return 0;
    }
}

static char spelling(const struct balancer *b, size_t token)
{
    return b->p->source->bytes[b->at[token].span.begin];
}

/* Whether a bracket is open, and it is ( or [. */
static bool in_parens(const struct balancer *b)
{
    return b->open.n && b->at[b->open.at[b->open.n - 1]].kind != TOKEN_OPEN_BRACE;
}

/* ---- what closes what ---- */

/* Whether a line that starts with this token is a new step, not more of an expression. */
static bool starts_step(int kind)
{
    return kind == TOKEN_NAME || kind == TOKEN_STRING || kind == TOKEN_OPEN_BRACE ||
           (kind >= TOKEN_IF && kind != TOKEN_IN && kind != TOKEN_AND && kind != TOKEN_OR);
}

/* The token before which an open bracket was likely meant to be closed, at most `limit`. */
static size_t likely_end(const struct balancer *b, size_t open, size_t limit)
{
    for (size_t i = open + 1; i < limit; i++) {
        if (closing(b->at[i].kind) && b->fate[i].partner && !b->fate[i].made_up)
            i = b->fate[i].partner;
        else if (b->at[i].kind == TOKEN_NEWLINE && starts_step(b->at[i + 1].kind))
            return i;
    }
    return limit;
}

static size_t pop(struct balancer *b)
{
    return b->open.at[--b->open.n];
}

static void close_at(struct balancer *b, size_t open, size_t close, bool made_up)
{
    b->fate[open].partner = close;
    b->fate[open].made_up = made_up;
}

/* Closes each open ( and [ before the token `limit`. */
static void close_parens(struct balancer *b, size_t limit)
{
    while (in_parens(b)) {
        size_t open = pop(b);
        diag_add(b->p->diags, b->at[open].span, MESSAGE(err_unclosed), spelling(b, open));
        close_at(b, open, likely_end(b, open, limit), true);
    }
}

/* Whether an open bracket of this kind is there, above any `{`. */
static bool is_open(const struct balancer *b, int kind)
{
    for (size_t i = b->open.n; i-- && b->at[b->open.at[i]].kind != TOKEN_OPEN_BRACE;)
        if (b->at[b->open.at[i]].kind == kind)
            return true;
    return false;
}

static void drop(struct balancer *b, size_t i)
{
    if (!b->nested)
        diag_add(b->p->diags, b->at[i].span, MESSAGE(err_unopened), spelling(b, i));
    b->fate[i].dropped = true;
}

static void close_paren(struct balancer *b, size_t i)
{
    int kind = b->at[i].kind == TOKEN_CLOSE_PAREN ? TOKEN_OPEN_PAREN : TOKEN_OPEN_BRACKET;
    if (!in_parens(b)) {
        drop(b, i);
        return;
    }
    size_t open = pop(b);
    if (b->at[open].kind != kind && is_open(b, kind)) {
        diag_add(b->p->diags, b->at[open].span, MESSAGE(err_unclosed), spelling(b, open));
        close_at(b, open, likely_end(b, open, i), true);
        close_paren(b, i);
        return;
    }
    if (b->at[open].kind != kind)
        diag_range(diag_add(b->p->diags, b->at[i].span, MESSAGE(err_mismatched), spelling(b, open),
                            spelling(b, i)),
                   b->at[open].span);
    close_at(b, open, i, false);
}

/* ---- braces ---- */

/* Whether a line starts with what can only stand outside of all bodies. */
static bool starts_item(const struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    if (!b->at[i].first && i && b->at[i - 1].kind != TOKEN_OPEN_BRACE)
        return false;
    return ((kind == TOKEN_BLOCK || kind == TOKEN_NET) && b->at[i + 1].kind == TOKEN_NAME) ||
           (kind == TOKEN_IMPORT && b->at[i + 1].kind == TOKEN_STRING);
}

/* Whether a line starts with what is no expression, nor a step. */
static bool starts_statement(const struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    return b->at[i].first && b->at[i + 1].kind == TOKEN_NAME &&
           (kind == TOKEN_LET || kind == TOKEN_DEFAULT || kind == TOKEN_INPUT);
}

/* Whether a line starts with a label, which stands in no brackets. */
static bool starts_labelled(const struct balancer *b, size_t i)
{
    return i && b->at[i - 1].kind == TOKEN_NEWLINE && b->at[i].kind == TOKEN_NAME &&
           b->at[i + 1].kind == TOKEN_COLON;
}

/* Whether the outermost brace that is closed here was meant to go on: there are steps after it,
 * and then one more `}`. */
static bool ends_early(struct balancer *b, size_t i)
{
    size_t next = i + 1 + (b->at[i + 1].kind == TOKEN_NEWLINE), depth = 0, j = next;
    int kind = b->at[next].kind;
    if (i < b->looked || kind == TOKEN_LET || kind == TOKEN_DEFAULT || kind == TOKEN_CLOSE_BRACE)
        return false;
    for (; b->at[j].kind != TOKEN_YYEOF && !starts_item(b, j); j++) {
        if (b->at[j].kind == TOKEN_CLOSE_BRACE && !depth--)
            return true;
        depth += b->at[j].kind == TOKEN_OPEN_BRACE;
    }
    b->looked = j;
    return false;
}

static void close_brace(struct balancer *b, size_t i)
{
    close_parens(b, i);
    if (b->open.n == 1 && ends_early(b, i)) {
        if (!b->nested)
            diag_add(b->p->diags, b->at[i].span, MESSAGE(err_early_brace));
        b->fate[i].dropped = true;
    } else if (b->open.n) {
        close_at(b, pop(b), i, false);
    } else {
        drop(b, i);
    }
}

/* Columns of white space before the line of a token; more than is sensible counts as so many. */
static size_t indentation(const struct balancer *b, size_t token)
{
    enum { MOST = 200 };
    const struct source *s = b->p->source;
    const char *line = s->bytes + s->line[source_line_number(s, b->at[token].span.begin) - 1];
    size_t n = 0;
    while (n < MOST && (line[n] == ' ' || line[n] == '\t'))
        n++;
    return n;
}

/* The brace of which the partner is likely missing: the first whose partner stands further left
 * than its line, so that it looks like another's; else the innermost. */
static size_t unclosed_brace(const struct balancer *b, size_t limit)
{
    for (size_t i = b->open.at[0]; i < limit; i++)
        if (b->at[i].kind == TOKEN_OPEN_BRACE && b->fate[i].partner &&
            indentation(b, b->fate[i].partner) < indentation(b, i))
            return i;
    return b->open.at[b->open.n - 1];
}

/* Whether the braces that are open at a token are all closed after it. */
static bool closed_later(const struct balancer *b, size_t token)
{
    size_t depth = b->open.n;
    for (size_t i = token; i < b->n && depth; i++) {
        depth += b->at[i].kind == TOKEN_OPEN_BRACE;
        depth -= b->at[i].kind == TOKEN_CLOSE_BRACE;
    }
    return !depth;
}

static void report_nested(struct balancer *b, size_t definition)
{
    if (b->n_nested++ >= MOST_NESTED)
        return;
    size_t brace = unclosed_brace(b, definition);
    struct diag *d = diag_add(b->p->diags, b->at[definition].span, MESSAGE(err_nested_definition),
                              b->at[definition].value.text);
    b->nested = b->nested || closed_later(b, definition);
    if (b->nested) {
        diag_hint(d, "it stands outside of all bodies");
    } else {
        diag_hint(d, "a '}' is missing above");
        diag_note(d, b->at[brace].span, "this '{' is still open");
    }
}

static void close_braces(struct balancer *b, size_t limit)
{
    close_parens(b, limit);
    if (!b->open.n)
        return;
    if (b->at[limit].kind == TOKEN_YYEOF)
        diag_add(b->p->diags, b->at[unclosed_brace(b, limit)].span, MESSAGE(err_unclosed), '{');
    else
        report_nested(b, limit);
    while (b->open.n)
        close_at(b, pop(b), limit, true);
}

/* ---- the two passes ---- */

static void match(struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    if (kind == TOKEN_YYEOF || starts_item(b, i))
        close_braces(b, i);
    if (kind == TOKEN_OPEN_BRACE || starts_statement(b, i) || starts_labelled(b, i))
        close_parens(b, i);
    if (closing(kind))
        VEC_PUSH(b->p->arena, &b->open, i);
    else if (kind == TOKEN_CLOSE_PAREN || kind == TOKEN_CLOSE_BRACKET)
        close_paren(b, i);
    else if (kind == TOKEN_CLOSE_BRACE)
        close_brace(b, i);
}

/* Whether the innermost open bracket is the brace of a fork. */
static bool in_fork(const struct balancer *b)
{
    size_t brace = b->open.n ? b->open.at[b->open.n - 1] : 0;
    if (!brace || b->at[brace].kind != TOKEN_OPEN_BRACE)
        return false;
    int before = b->at[brace - 1].kind;
    return before == TOKEN_CONCAT || before == TOKEN_ADD || before == TOKEN_MUL ||
           before == TOKEN_SPLIT;
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
    if (t.kind == TOKEN_NEWLINE && (in_parens(b) || !token_ends_step(last)))
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
    size_t open = pop(b);
    t.kind = closing(b->at[open].kind);
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
    bool braces = closes_before(b, i) && !in_parens(b) && b->at[i].kind != TOKEN_YYEOF;
    while (closes_before(b, i)) {
        struct token t = {.span = b->result.list.at[b->result.list.n - 1].span};
        t.span.begin = t.span.end;
        emit_closing(b, t);
    }
    if (braces)
        emit(b, (struct token){.kind = TOKEN_NEWLINE, .span = b->at[i].span});
    if (b->fate[i].dropped)
        return;
    if (starts_item(b, i) || starts_statement(b, i))
        break_line(b);
    if (closing(b->at[i].kind))
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
        match(&b, i);
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
