/*
 * Indentation. Lines of a body stand four columns right of the statement that it belongs to, or of
 * the bar before that; those of a branch two columns right of its bar; those in other brackets
 * under what follows the bracket, or four columns right of the statement where nothing does.
 */
#include "front/tidy_pieces.h"

#include "front/parser.h"

/* The piece whose body a piece stands in; NULL: it is in none. */
static struct piece *body_of(struct tidy *t, size_t parent)
{
    while (parent != NO_PIECE && t->pieces.at[parent].kind != TOKEN_OPEN_BRACE)
        parent = t->pieces.at[parent].parent;
    return parent == NO_PIECE ? NULL : &t->pieces.at[parent];
}

static size_t nested_in(struct tidy *t, size_t parent)
{
    const struct piece *body = body_of(t, parent);
    return body ? body->nested : t->nested;
}

/* Where the statement stands in which something opens: behind a bar, not at it. */
static size_t edge_in(struct tidy *t, size_t parent)
{
    const struct piece *body = body_of(t, parent);
    size_t first = body ? body->first : t->first, nested = nested_in(t, parent);
    return nested < first ? first : nested;
}

/* The indentation of the next statement of a body. */
static size_t statement_indent(const struct piece *body)
{
    return !body ? 0 : body->inner + (body->in_branch ? BRANCH_INDENT : 0);
}

static void set_statement(struct tidy *t, struct piece *body, size_t first, size_t nested)
{
    *(body ? &body->first : &t->first) = first;
    *(body ? &body->nested : &t->nested) = nested;
}

/* Of a line in a body that goes on with a statement. */
static size_t continue_statement(struct tidy *t, const struct piece *p, struct piece *body)
{
    size_t first = body ? body->first : t->first;
    if (p->kind == TOKEN_ELSE || p->kind == TOKEN_SHORTCUT)
        return first;
    if (p->kind == TOKEN_ARROW)
        set_statement(t, body, first, first + TIDY_INDENT);
    return first + TIDY_INDENT;
}

static size_t begin_branch(struct tidy *t, struct piece *body)
{
    body->in_branch = true;
    set_statement(t, body, body->inner + BRANCH_INDENT, body->inner);
    return body->inner;
}

/* A comment stands as what follows it does; the last one in a body as a statement. */
static size_t comment_indent(struct tidy *t, size_t i, const struct piece *body)
{
    size_t next = piece_next_word(t, i);
    const struct piece *p = next < t->pieces.n ? &t->pieces.at[next] : NULL;
    if (p && p->branch)
        return body ? body->inner : 0;
    if (!p || p->starts || piece_closes(p))
        return statement_indent(body);
    return (body ? body->first : t->first) + TIDY_INDENT;
}

/* Whether a piece is the first of a branch; there may be comments between. */
static bool follows_bar(const struct tidy *t, size_t i)
{
    while (i && t->pieces.at[i - 1].kind == PIECE_COMMENT)
        i--;
    return i && t->pieces.at[i - 1].bar;
}

/* The column of a piece that begins a line. */
static size_t line_indent(struct tidy *t, size_t i)
{
    struct piece *p = &t->pieces.at[i];
    struct piece *open = p->parent == NO_PIECE ? NULL : &t->pieces.at[p->parent];
    if (open && piece_closes(p))
        return open->edge;
    if (open && open->kind != TOKEN_OPEN_BRACE)
        return open->inner;
    if (p->kind == PIECE_COMMENT)
        return comment_indent(t, i, open);
    if (p->branch && open)
        return begin_branch(t, open);
    if (!p->starts && !follows_bar(t, i))
        return continue_statement(t, p, open);
    set_statement(t, open, statement_indent(open), statement_indent(open));
    return statement_indent(open);
}

/* `broken` says of ( and [ that nothing follows them on their line. */
static void open_bracket(struct tidy *t, size_t i)
{
    struct piece *p = &t->pieces.at[i];
    const struct piece *outer = p->parent == NO_PIECE ? NULL : &t->pieces.at[p->parent];
    size_t around =
        outer && outer->kind != TOKEN_OPEN_BRACE ? outer->inner : nested_in(t, p->parent);
    bool brace = p->kind == TOKEN_OPEN_BRACE;
    if (!brace)
        p->broken = i + 1 < t->pieces.n && (p[1].breaks || p[1].kind == PIECE_COMMENT);
    p->inner = p->broken ? around + TIDY_INDENT : brace ? around : p->column + 1;
    p->edge = brace ? edge_in(t, p->parent) : p->broken ? around : p->inner;
    p->first = p->nested = p->inner;
    p->in_branch = false;
}

void tidy_place(struct tidy *t)
{
    t->first = t->nested = 0;
    for (size_t i = 0; i < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i];
        if (piece_begins_line(t, i))
            p->column = line_indent(t, i);
        else
            p->column = p[-1].column + p[-1].width + p->gap + p->extra;
        if (piece_opens(p))
            open_bracket(t, i);
        if (p->bar && p->parent != NO_PIECE && !piece_begins_line(t, i))
            t->pieces.at[p->parent].in_branch = true;
    }
}
