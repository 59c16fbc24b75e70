/*
 * `{` and `}` are trusted over ( ) [ ], lines that start with `block`, `net` or `import` over both:
 * unless the rest of the line shows that it is the brace that is wrong. A closing bracket that is
 * missing is made up where it likely belongs; one too many is refused.
 */
#include "front/balance.h"

#include "front/parser.h"

/* Of definitions inside bodies, as many are looked at and reported. */
enum { MOST_NESTED = 100 };

int balancer_closing(int kind)
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

bool balancer_in_parens(const struct balancer *b)
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

/* The token before which an open bracket was likely meant to be closed, at most `limit`: an arrow
 * or a bar, which stand in no brackets, or a step on a line of its own. */
static size_t likely_end(const struct balancer *b, size_t open, size_t limit)
{
    for (size_t i = open + 1; i < limit; i++) {
        if (b->at[i].kind == TOKEN_ARROW || b->at[i].kind == TOKEN_BAR)
            return i;
        if (balancer_closing(b->at[i].kind) && b->fate[i].partner && !b->fate[i].made_up)
            i = b->fate[i].partner;
        else if (b->at[i].kind == TOKEN_NEWLINE && starts_step(b->at[i + 1].kind))
            return i;
    }
    return limit;
}

size_t balancer_pop(struct balancer *b)
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
    while (balancer_in_parens(b)) {
        size_t open = balancer_pop(b);
        diag_add(b->p->diags, b->at[open].span, MESSAGE(err_unclosed), spelling(b, open));
        close_at(b, open, likely_end(b, open, limit), true);
    }
}

/* Whether an open bracket is there, above any `{`, that a token of this kind closes. */
static bool is_open(const struct balancer *b, int kind)
{
    for (size_t i = b->open.n; i-- && b->at[b->open.at[i]].kind != TOKEN_OPEN_BRACE;)
        if (balancer_closing(b->at[b->open.at[i]].kind) == kind)
            return true;
    return false;
}

/* Whether the innermost open bracket is closed further on this line, if token i is passed over. */
static bool closes_on_line(const struct balancer *b, size_t i)
{
    enum { FARTHEST = 100 };
    size_t depth = 0;
    if (!balancer_in_parens(b))
        return false;
    int close = balancer_closing(b->at[b->open.at[b->open.n - 1]].kind);
    for (size_t j = i + 1; j < b->n && j < i + FARTHEST && !b->at[j].first; j++) {
        int kind = b->at[j].kind;
        if (kind == TOKEN_ARROW || kind == TOKEN_BAR)
            return false;
        if ((kind == TOKEN_CLOSE_PAREN || kind == TOKEN_CLOSE_BRACKET) && !depth--)
            return kind == close;
        depth += kind == TOKEN_OPEN_PAREN || kind == TOKEN_OPEN_BRACKET;
    }
    return false;
}

/* A bracket that has no partner. */
static void refuse(struct balancer *b, size_t i, enum fate_kind kind)
{
    if (!b->nested)
        diag_add(b->p->diags, b->at[i].span, MESSAGE(err_unopened), spelling(b, i));
    b->fate[i].kind = kind;
}

static void report_mismatch(struct balancer *b, size_t open, size_t close)
{
    struct diag *d = diag_add(b->p->diags, b->at[close].span, MESSAGE(err_mismatched),
                              spelling(b, open), spelling(b, close));
    diag_range(d, b->at[open].span);
}

/* `conv{64, 3)`: whether a brace was opened on the line of token i, where ) or ] closes nothing,
 * and is not closed there. */
static bool brace_for_paren(const struct balancer *b, size_t i)
{
    enum { FARTHEST = 100 };
    size_t open = b->open.n ? b->open.at[b->open.n - 1] : i, depth = 0;
    if (open == i || i - open > FARTHEST)
        return false;
    for (size_t j = open + 1; j <= i; j++)
        if (b->at[j].first)
            return false;
    for (size_t j = i + 1; j < i + FARTHEST && j < b->n && !b->at[j].first; j++) {
        if (b->at[j].kind == TOKEN_CLOSE_BRACE && !depth--)
            return false;
        depth += b->at[j].kind == TOKEN_OPEN_BRACE;
    }
    return true;
}

/* A closing ) or ] with no ( or [ open. */
static void close_unopened(struct balancer *b, size_t i)
{
    if (!brace_for_paren(b, i)) {
        refuse(b, i, FATE_refused);
        return;
    }
    size_t open = balancer_pop(b);
    report_mismatch(b, open, i);
    b->fate[open].kind = FATE_refused;
    b->fate[i].kind = FATE_dropped;
}

static void close_paren(struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    if (!balancer_in_parens(b)) {
        close_unopened(b, i);
        return;
    }
    size_t open = b->open.at[b->open.n - 1];
    bool fits = balancer_closing(b->at[open].kind) == kind;
    if (!fits && closes_on_line(b, i)) {
        refuse(b, i, FATE_refused);
        return;
    }
    balancer_pop(b);
    if (!fits && is_open(b, kind)) {
        diag_add(b->p->diags, b->at[open].span, MESSAGE(err_unclosed), spelling(b, open));
        close_at(b, open, likely_end(b, open, i), true);
        close_paren(b, i);
        return;
    }
    if (!fits)
        report_mismatch(b, open, i);
    close_at(b, open, i, false);
}

/* ---- braces ---- */

bool balancer_starts_item(const struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    if (!b->at[i].first && i && b->at[i - 1].kind != TOKEN_OPEN_BRACE)
        return false;
    return ((kind == TOKEN_BLOCK || kind == TOKEN_NET) && b->at[i + 1].kind == TOKEN_NAME) ||
           (kind == TOKEN_IMPORT && b->at[i + 1].kind == TOKEN_STRING);
}

bool balancer_starts_statement(const struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    return (kind == TOKEN_LET || kind == TOKEN_DEFAULT || kind == TOKEN_INPUT) && b->at[i].first &&
           b->at[i + 1].kind == TOKEN_NAME;
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
    for (; b->at[j].kind != TOKEN_YYEOF && !balancer_starts_item(b, j); j++) {
        if (b->at[j].kind == TOKEN_CLOSE_BRACE && !depth--)
            return true;
        depth += b->at[j].kind == TOKEN_OPEN_BRACE;
    }
    b->looked = j;
    return false;
}

static void close_brace(struct balancer *b, size_t i)
{
    if (closes_on_line(b, i)) {
        refuse(b, i, FATE_refused);
        return;
    }
    close_parens(b, i);
    if (b->open.n == 1 && ends_early(b, i)) {
        if (!b->nested)
            diag_add(b->p->diags, b->at[i].span, MESSAGE(err_early_brace));
        b->fate[i].kind = FATE_dropped;
    } else if (b->open.n) {
        close_at(b, balancer_pop(b), i, false);
    } else {
        refuse(b, i, FATE_dropped);
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
        close_at(b, balancer_pop(b), limit, true);
}

/* ---- token by token ---- */

static void open_brace(struct balancer *b, size_t i)
{
    if (closes_on_line(b, i)) {
        diag_add(b->p->diags, b->at[i].span, MESSAGE(err_brace_in_brackets));
        b->fate[i].kind = FATE_refused;
        return;
    }
    close_parens(b, i);
    VEC_PUSH(b->p->arena, &b->open, i);
}

void balancer_match(struct balancer *b, size_t i)
{
    int kind = b->at[i].kind;
    if (kind == TOKEN_YYEOF || balancer_starts_item(b, i))
        close_braces(b, i);
    if (balancer_starts_statement(b, i) || starts_labelled(b, i))
        close_parens(b, i);
    if (kind == TOKEN_OPEN_BRACE)
        open_brace(b, i);
    else if (balancer_closing(kind))
        VEC_PUSH(b->p->arena, &b->open, i);
    else if (kind == TOKEN_CLOSE_PAREN || kind == TOKEN_CLOSE_BRACKET)
        close_paren(b, i);
    else if (kind == TOKEN_CLOSE_BRACE)
        close_brace(b, i);
}
