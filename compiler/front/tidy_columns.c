/*
 * Columns. What an author put under each other with more than the usual blanks stays so: pieces of
 * one kind behind pieces of one kind, at one column of a paragraph, go as far left as all of them
 * can. Numbers stand under each other by their ends.
 */
#include "front/tidy_pieces.h"

#include "front/parser.h"

/* Further right nobody counts. */
enum { COLUMNS = 256 };

/* Pieces under each other. */
struct column {
    size_t top;   /* its first piece: others are `below` */
    bool wanted;  /* one of them has more blanks than usual before it */
    size_t order; /* where it stands in the source; columns of a line are settled left to right */
};

/* The pieces of a line: [begin, end). */
struct line {
    size_t begin, end;
};

/* Lines in a row, in one body at one indentation, with no empty line between. */
struct paragraph {
    size_t parent, indent, end; /* end: of its last line */
    size_t number;
};

/* The last piece of a kind, behind a piece of a kind, at a place of the paragraph. */
struct seen {
    int kind, behind;
    size_t piece;
};

struct place {
    size_t paragraph;
    VEC(struct seen) list; /* in that paragraph */
};

struct columns {
    struct tidy *t;
    size_t *of;           /* piece -> the column that it belongs to; SIZE_MAX: none */
    struct place *places; /* COLUMNS of them */
    struct paragraph paragraph;
    VEC(struct column) list;
};

static bool is_number(const struct piece *p)
{
    return p->kind == TOKEN_INT || p->kind == TOKEN_REAL;
}

/* Of pieces that may stand under each other. */
static int kind_of(const struct piece *p)
{
    return is_number(p) ? TOKEN_INT : p->kind == PIECE_COMMENT ? 0 : p->kind;
}

/* Where a piece touches its column, in the source. */
static size_t written_at(const struct piece *p)
{
    return is_number(p) ? p->written + p->width - 1 : p->written;
}

/* Signs cling to what is before them, and but for numbers so does what follows a bracket. */
static bool may_move(const struct piece *p)
{
    return !piece_closes(p) && p->kind != TOKEN_COMMA && p->kind != TOKEN_COLON &&
           p->kind != TOKEN_DOT && p->kind != TOKEN_STEP &&
           (is_number(p) || !piece_opens(p - 1) || p[-1].kind == TOKEN_OPEN_BRACE) &&
           written_at(p) < COLUMNS;
}

/* Arrows, equals signs and comments stand under each other whatever is before them. */
static bool separates(const struct piece *p)
{
    return p->kind == TOKEN_ARROW || p->kind == TOKEN_ASSIGN || p->kind == PIECE_COMMENT;
}

/* ---- which pieces stand under each other ---- */

static bool wants_column(const struct piece *p)
{
    return p->blanks > p->gap;
}

/* Puts a piece under another one. */
static void put_under(struct columns *c, size_t above, size_t below)
{
    struct piece *at = c->t->pieces.at;
    if (c->of[above] == SIZE_MAX) {
        c->of[above] = c->list.n;
        VEC_PUSH(c->t->arena, &c->list,
                 (struct column){above, wants_column(&at[above]), written_at(&at[above])});
    }
    at[above].below = below;
    c->of[below] = c->of[above];
    c->list.at[c->of[below]].wanted |= wants_column(&at[below]);
}

/* What was seen at the place of a piece; a new entry, without a piece, where nothing was. */
static struct seen *seen_above(struct columns *c, const struct piece *p)
{
    struct place *place = &c->places[written_at(p)];
    const struct seen wanted = {kind_of(p), separates(p) ? 0 : kind_of(p - 1), NO_PIECE};
    if (place->paragraph != c->paragraph.number)
        place->list.n = 0;
    place->paragraph = c->paragraph.number;
    for (size_t i = 0; i < place->list.n; i++)
        if (place->list.at[i].kind == wanted.kind && place->list.at[i].behind == wanted.behind)
            return &place->list.at[i];
    VEC_PUSH(c->t->arena, &place->list, wanted);
    return &place->list.at[place->list.n - 1];
}

static void look_above(struct columns *c, size_t i)
{
    struct seen *seen = seen_above(c, &c->t->pieces.at[i]);
    if (seen->piece != NO_PIECE)
        put_under(c, seen->piece, i);
    seen->piece = i;
}

/* Whether a line goes on with the paragraph above it. */
static bool goes_on(const struct columns *c, size_t begin)
{
    const struct piece *first = &c->t->pieces.at[begin];
    const struct paragraph *p = &c->paragraph;
    return p->number && p->end == begin && first->breaks == 1 && first->parent == p->parent &&
           first->column == p->indent;
}

static struct line line_from(const struct tidy *t, size_t begin)
{
    size_t end = begin + 1;
    while (end < t->pieces.n && !t->pieces.at[end].breaks)
        end++;
    return (struct line){begin, end};
}

static void find_columns(struct columns *c)
{
    const struct tidy *t = c->t;
    struct paragraph *p = &c->paragraph;
    for (size_t begin = 0; begin < t->pieces.n; begin = p->end) {
        const struct piece *first = &t->pieces.at[begin];
        struct line line = line_from(t, begin);
        if (!goes_on(c, begin))
            *p = (struct paragraph){first->parent, first->column, 0, p->number + 1};
        p->end = line.end;
        for (size_t i = begin + 1; i < line.end; i++)
            if (may_move(&t->pieces.at[i]))
                look_above(c, i);
    }
}

/* ---- where they go ---- */

/* Of a piece, where it stands now. */
static size_t touches(const struct piece *p)
{
    return is_number(p) ? p->column + p->width : p->column;
}

/* As far left as all of a column can stand. */
static void settle(struct columns *c, const struct column *column)
{
    struct piece *at = c->t->pieces.at;
    size_t target = 0;
    for (size_t i = column->top; i != NO_PIECE; i = at[i].below)
        target = touches(&at[i]) > target ? touches(&at[i]) : target;
    for (size_t i = column->top; i != NO_PIECE; i = at[i].below)
        at[i].extra = target - touches(&at[i]);
}

/* Settles the columns that stand at one place in the source. */
static bool settle_at(struct columns *c, size_t order)
{
    bool any = false;
    for (size_t i = 0; i < c->list.n; i++)
        if (c->list.at[i].wanted && c->list.at[i].order == order) {
            settle(c, &c->list.at[i]);
            any = true;
        }
    return any;
}

void tidy_columns(struct tidy *t)
{
    struct columns c = {.t = t};
    c.of = arena_array(t->arena, t->pieces.n, sizeof *c.of);
    c.places = arena_array(t->arena, COLUMNS, sizeof *c.places);
    for (size_t i = 0; i < t->pieces.n; i++)
        c.of[i] = SIZE_MAX;
    tidy_place(t);
    find_columns(&c);
    for (size_t order = 0; order < COLUMNS; order++)
        if (settle_at(&c, order))
            tidy_place(t);
}
