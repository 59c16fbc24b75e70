/*
 * Where lines end. The author decides, but for this: a body stands on its line as a whole or has
 * each of its statements on a line; `else`, `shortcut` and a branch's first step follow what is
 * before them; an arrow begins a line.
 */
#include "front/tidy_pieces.h"

#include "front/parser.h"

static bool is_brace(const struct tidy *t, size_t i)
{
    return i != NO_PIECE && t->pieces.at[i].kind == TOKEN_OPEN_BRACE;
}

static bool follows_comment(const struct tidy *t, size_t i)
{
    return i && t->pieces.at[i - 1].kind == PIECE_COMMENT;
}

/* Whether a piece belongs on the line of the piece before it, which is no comment. */
static bool is_joined(const struct tidy *t, size_t i)
{
    const struct piece *p = &t->pieces.at[i], *before = p - 1;
    if (before->kind == TOKEN_CLOSE_BRACE && !p->starts)
        return p->kind == TOKEN_ELSE || p->kind == TOKEN_SHORTCUT;
    if (p->kind == TOKEN_CLOSE_BRACE)
        return before->kind == TOKEN_OPEN_BRACE;
    return p->kind != PIECE_COMMENT && (before->bar || p->conditional);
}

static void join(struct tidy *t)
{
    for (size_t i = 1; i < t->pieces.n; i++)
        if (!follows_comment(t, i) && is_joined(t, i))
            t->pieces.at[i].breaks = 0;
}

/* `a ->` and a line break become a line break and `-> b`. */
static void move_arrows(struct tidy *t)
{
    for (size_t i = 1; i + 1 < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i], *next = p + 1;
        if (p->kind != TOKEN_ARROW || next->kind == PIECE_COMMENT || !next->breaks)
            continue;
        p->breaks = 1;
        next->breaks = 0;
    }
}

/* A body is broken if a line ends in it, in brackets of its own or not. */
static void find_broken(struct tidy *t)
{
    for (size_t i = t->pieces.n; i-- > 0;) {
        const struct piece *p = &t->pieces.at[i];
        if ((p->breaks || p->broken) && is_brace(t, p->parent))
            t->pieces.at[p->parent].broken = true;
    }
}

static void break_before(struct piece *p)
{
    p->breaks = p->breaks ? p->breaks : 1;
}

static void break_bodies(struct tidy *t)
{
    for (size_t i = 1; i < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i];
        if (is_brace(t, p->parent) && t->pieces.at[p->parent].broken &&
            (p->starts || p->branch || p->kind == TOKEN_CLOSE_BRACE))
            break_before(p);
    }
}

/* No empty line behind an opening bracket or before a closing one. */
static void drop_empty_lines(struct tidy *t)
{
    for (size_t i = 1; i < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i];
        if (p->breaks > 1 && (piece_opens(p - 1) || piece_closes(p)))
            p->breaks = 1;
    }
}

void tidy_lines(struct tidy *t)
{
    join(t);
    move_arrows(t);
    find_broken(t);
    break_bodies(t);
    drop_empty_lines(t);
}
