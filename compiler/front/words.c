#include "front/words.h"

#include "front/parse.h"
#include "front/token.h"

#include "front/parser.h"

static const char *const keywords[] = {
#define KEYWORD(token, spelling, ends) spelling,
#include "front/keywords.def"
};

const char *words_keyword(size_t i)
{
    return i < sizeof keywords / sizeof *keywords ? keywords[i] : NULL;
}

static enum word_kind kind_of(int token)
{
    switch (token) {
    case TOKEN_NAME:
        return WORD_name;
    case TOKEN_INT:
    case TOKEN_REAL:
    case TOKEN_STEP:
        return WORD_number;
    case TOKEN_STRING:
        return WORD_string;
    default:
        return token >= TOKEN_IF ? WORD_keyword : WORD_sign;
    }
}

/* Comments between two tokens. */
static void add_comments(struct arena *arena, struct words *words, const struct source *s,
                         struct span between)
{
    for (uint32_t i = between.begin; i < between.end; i++) {
        uint32_t begin = i;
        if (s->bytes[i] != '#')
            continue;
        while (i < between.end && s->bytes[i] != '\n' && s->bytes[i] != '\r')
            i++;
        struct span span = {between.source, begin, i};
        VEC_PUSH(arena, &words->list, (struct word){WORD_comment, '#', span});
    }
}

struct words words_read(struct arena *arena, struct strings *strings, const struct sources *sources,
                        uint32_t source)
{
    struct diags unheard;
    struct words words = {0};
    struct parser p = {.arena = arena, .strings = strings, .diags = &unheard, .number = source};
    uint32_t at = 0;
    diags_init(&unheard, arena, sources);
    p.source = sources_get(sources, source);
    if (p.source->size > LARGEST_FILE)
        return words;
    parser_scan(&p);
    for (size_t i = 0; i < p.tokens.list.n; i++) {
        const struct token *t = &p.tokens.list.at[i];
        if (t->kind == TOKEN_NEWLINE || t->kind == TOKEN_YYEOF || t->span.end <= at)
            continue;
        add_comments(arena, &words, p.source, (struct span){source, at, t->span.begin});
        struct word word = {kind_of(t->kind), p.source->bytes[t->span.begin], t->span};
        VEC_PUSH(arena, &words.list, word);
        at = t->span.end;
    }
    add_comments(arena, &words, p.source, (struct span){source, at, (uint32_t)p.source->size});
    return words;
}
