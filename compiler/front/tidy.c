/* The tokens of a file with the comments that stand between them, and their text in the end. */
#include "front/tidy.h"

#include "front/tidy_pieces.h"

#include "front/parser.h"

bool piece_opens(const struct piece *p)
{
    return p->kind == TOKEN_OPEN_BRACE || p->kind == TOKEN_OPEN_PAREN ||
           p->kind == TOKEN_OPEN_BRACKET;
}

bool piece_closes(const struct piece *p)
{
    return p->kind == TOKEN_CLOSE_BRACE || p->kind == TOKEN_CLOSE_PAREN ||
           p->kind == TOKEN_CLOSE_BRACKET;
}

bool piece_begins_line(const struct tidy *t, size_t i)
{
    return !i || t->pieces.at[i].breaks;
}

size_t piece_next_word(const struct tidy *t, size_t i)
{
    do
        i++;
    while (i < t->pieces.n && t->pieces.at[i].kind == PIECE_COMMENT);
    return i;
}

/* ---- pieces ---- */

/* How far the source was read. */
struct reader {
    struct tidy *t;
    uint32_t number; /* of the source */
    size_t at, column, blanks;
    unsigned breaks; /* since the last piece */
    bool starts;     /* what comes next is a statement */
};

/* Steps over one byte. */
static void read_byte(struct reader *r)
{
    unsigned char c = (unsigned char)r->t->source->bytes[r->at++];
    r->column = c == '\n' ? 0 : r->column + ((c & 0xc0) != 0x80);
    r->blanks = c == '\n' ? 0 : r->blanks + (c == ' ' || c == '\t');
    r->breaks += c == '\n' && r->breaks < 2;
}

static struct piece *add_piece(struct reader *r, int kind, size_t end)
{
    struct tidy *t = r->t;
    struct piece p = {.kind = kind,
                      .span = {r->number, (uint32_t)r->at, (uint32_t)end},
                      .written = r->column,
                      .blanks = r->blanks,
                      .breaks = t->pieces.n ? r->breaks : 0,
                      .parent = NO_PIECE,
                      .close = NO_PIECE,
                      .below = NO_PIECE};
    while (r->at < end)
        read_byte(r);
    p.width = r->column - p.written;
    r->blanks = 0;
    r->breaks = 0;
    VEC_PUSH(t->arena, &t->pieces, p);
    return &t->pieces.at[t->pieces.n - 1];
}

static size_t comment_end(const struct source *s, size_t at)
{
    size_t end = at;
    while (end < s->size && s->bytes[end] != '\n')
        end++;
    while (s->bytes[end - 1] == ' ' || s->bytes[end - 1] == '\t' || s->bytes[end - 1] == '\r')
        end--;
    return end;
}

/* What stands between two tokens is blank, or a comment. */
static void read_between(struct reader *r, size_t end)
{
    const struct source *s = r->t->source;
    while (r->at < end)
        if (s->bytes[r->at] == '#')
            add_piece(r, PIECE_COMMENT, comment_end(s, r->at));
        else
            read_byte(r);
}

static void read_token(struct reader *r, const struct token *token)
{
    if (token->kind == TOKEN_NEWLINE || token->kind == TOKEN_NEWLINE_BRACE) {
        r->starts = true;
        return;
    }
    read_between(r, token->span.begin);
    struct piece *p = add_piece(r, token->kind, token->span.end);
    p->starts = r->starts;
    p->bar = token->branch;
    r->starts = token->kind == TOKEN_OPEN_BRACE;
}

static void read_pieces(struct tidy *t, const struct parser *p)
{
    struct reader r = {.t = t, .number = p->number, .starts = true};
    for (size_t i = 0; i + 1 < p->tokens.list.n; i++)
        read_token(&r, &p->tokens.list.at[i]);
    read_between(&r, t->source->size);
}

/* ---- what they are ---- */

static void match_brackets(struct tidy *t)
{
    size_t open = NO_PIECE;
    for (size_t i = 0; i < t->pieces.n; i++) {
        struct piece *p = &t->pieces.at[i];
        p->parent = open;
        if (piece_opens(p))
            open = i;
        if (piece_closes(p) && open != NO_PIECE) {
            t->pieces.at[open].close = i;
            open = t->pieces.at[open].parent;
        }
    }
}

/* Of a fork's braces, while branches are looked for. */
struct beginning {
    size_t at;   /* the statement before the next bar; NO_PIECE: it follows a bar */
    bool braces; /* were opened since */
};

/* `if c |`: the condition belongs to the bar. */
static void mark_bar(struct tidy *t, size_t bar, struct beginning *b)
{
    bool condition = b->at != NO_PIECE && t->pieces.at[b->at].kind == TOKEN_IF && !b->braces;
    t->pieces.at[bar].conditional = condition;
    t->pieces.at[condition ? b->at : bar].branch = true;
    b->at = NO_PIECE;
}

static void mark_branches(struct tidy *t)
{
    struct beginning *inside = arena_array(t->arena, t->pieces.n + 1, sizeof *inside);
    for (size_t i = 0; i < t->pieces.n; i++) {
        const struct piece *p = &t->pieces.at[i];
        struct beginning *b = &inside[p->parent == NO_PIECE ? t->pieces.n : p->parent];
        if (p->starts)
            *b = (struct beginning){.at = i};
        b->braces |= p->kind == TOKEN_OPEN_BRACE;
        if (p->bar)
            mark_bar(t, i, b);
    }
}

/* ---- text ---- */

static void put_blanks(struct text *out, size_t n)
{
    text_printf(out, "%*s", (int)n, "");
}

static void put_piece(struct text *out, const struct tidy *t, size_t i)
{
    const struct piece *p = &t->pieces.at[i];
    for (unsigned b = 0; b < p->breaks; b++)
        text_append(out, "\n");
    put_blanks(out, piece_begins_line(t, i) ? p->column : p->gap + p->extra);
    text_append_n(out, t->source->bytes + p->span.begin, p->span.end - p->span.begin);
}

bool tidy(struct text *out, struct strings *strings, struct diags *diags, uint32_t source)
{
    struct parser parser;
    const size_t n_errors = diags->n_errors;
    struct tidy t = {.arena = diags->arena, .source = sources_get(diags->sources, source)};
    parse_with(&parser, diags->arena, strings, diags, source);
    if (diags->n_errors != n_errors)
        return false;
    read_pieces(&t, &parser);
    match_brackets(&t);
    mark_branches(&t);
    tidy_lines(&t);
    tidy_gaps(&t);
    tidy_columns(&t);
    for (size_t i = 0; i < t.pieces.n; i++)
        put_piece(out, &t, i);
    text_append(out, t.pieces.n ? "\n" : "");
    return true;
}
