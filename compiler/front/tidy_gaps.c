/* The blanks between two pieces of a line: none or one, and two before a comment. */
#include "front/tidy_pieces.h"

#include "front/parser.h"

static bool in_parens(const struct tidy *t, const struct piece *p)
{
    return p->parent != NO_PIECE && t->pieces.at[p->parent].kind == TOKEN_OPEN_PAREN;
}

static bool in_brackets(const struct tidy *t, const struct piece *p)
{
    return p->parent != NO_PIECE && t->pieces.at[p->parent].kind != TOKEN_OPEN_BRACE;
}

/* Whether a value ends with a piece, so that arguments, an index or an operator may follow it. */
static bool ends_operand(const struct tidy *t, size_t i)
{
    const struct piece *p = &t->pieces.at[i];
    if (i && p[-1].kind == TOKEN_DOT)
        return true;
    switch (p->kind) {
    case TOKEN_NAME:
    case TOKEN_STRING:
    case TOKEN_INT:
    case TOKEN_REAL:
    case TOKEN_STEP:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_CLOSE_PAREN:
    case TOKEN_CLOSE_BRACKET:
    case TOKEN_LABELS:
    case TOKEN_OUTPUT:
    case TOKEN_INPUT:
    case TOKEN_SHORTCUT:
    case TOKEN_NET:
    case TOKEN_BLOCK:
        return true;
    case TOKEN_TRAIN:
        return in_brackets(t, p);
    case TOKEN_IN:
        return !p->range;
    case TOKEN_FROM:
        return in_brackets(t, p);
    default:
        return p->kind >= TOKEN_CONCAT && p->kind <= TOKEN_SPLIT;
    }
}

/* The `in` behind a `for` is that of its range: a pattern has none. */
static void mark_ranges(struct tidy *t)
{
    bool pattern = false;
    for (size_t i = 0; i < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i];
        p->range = pattern && p->kind == TOKEN_IN;
        pattern = p->kind == TOKEN_FOR || (pattern && p->kind != TOKEN_IN);
    }
}

/* Comments are no operands, and a minus may follow one. */
static void mark_unary(struct tidy *t)
{
    size_t before = NO_PIECE;
    for (size_t i = 0; i < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i];
        if (p->kind == PIECE_COMMENT)
            continue;
        p->unary = p->kind == TOKEN_MINUS && (before == NO_PIECE || !ends_operand(t, before));
        before = i;
    }
}

/* What nothing separates from the piece before it. */
static bool clings(int kind)
{
    return kind == TOKEN_CLOSE_PAREN || kind == TOKEN_CLOSE_BRACKET || kind == TOKEN_COMMA ||
           kind == TOKEN_COLON || kind == TOKEN_DOT || kind == TOKEN_STEP || kind == TOKEN_TO ||
           kind == TOKEN_THROUGH;
}

/* What nothing separates from the piece behind it. */
static bool holds(const struct piece *p)
{
    return p->kind == TOKEN_OPEN_PAREN || p->kind == TOKEN_OPEN_BRACKET || p->kind == TOKEN_DOT ||
           p->kind == TOKEN_TO || p->kind == TOKEN_THROUGH || p->unary;
}

static size_t gap_before(const struct tidy *t, size_t i)
{
    const struct piece *p = &t->pieces.at[i], *before = p - 1;
    if (p->kind == PIECE_COMMENT)
        return 2;
    if (clings(p->kind) || holds(before))
        return 0;
    if (p->kind == TOKEN_ASSIGN || before->kind == TOKEN_ASSIGN)
        return !in_parens(t, p->kind == TOKEN_ASSIGN ? p : before);
    if (p->kind == TOKEN_OPEN_PAREN || p->kind == TOKEN_OPEN_BRACKET)
        return !ends_operand(t, i - 1);
    return !(p->kind == TOKEN_CLOSE_BRACE && before->kind == TOKEN_OPEN_BRACE);
}

void tidy_gaps(struct tidy *t)
{
    mark_ranges(t);
    mark_unary(t);
    for (size_t i = 1; i < t->pieces.n; i++)
        t->pieces.at[i].gap = gap_before(t, i);
}
