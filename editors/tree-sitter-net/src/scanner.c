/*
 * The one token that the grammar cannot describe: a line break that ends a statement. Whether one
 * can stand there the parser says; that the next line does not go on with the statement is seen
 * here.
 */
#include "tree_sitter/parser.h"

enum token { NEWLINE };

enum { LONGEST_WORD = 9 };

static bool is_blank(int32_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_of_word(int32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void pass_blanks(TSLexer *lexer)
{
    while (is_blank(lexer->lookahead))
        lexer->advance(lexer, false);
}

/* To the first token behind the lines that are empty or hold a comment alone. */
static void pass_lines(TSLexer *lexer)
{
    for (;;) {
        pass_blanks(lexer);
        if (lexer->lookahead == '#')
            while (lexer->lookahead != '\n' && !lexer->eof(lexer))
                lexer->advance(lexer, false);
        if (lexer->lookahead != '\n')
            return;
        lexer->advance(lexer, false);
    }
}

static bool word_is(const char *word, const char *wanted)
{
    while (*word && *word == *wanted)
        word++, wanted++;
    return *word == *wanted;
}

/* Reads a word; one that is too long to be of interest is cut off. */
static void read_word(TSLexer *lexer, char word[LONGEST_WORD + 1])
{
    int n = 0;
    for (; is_of_word(lexer->lookahead); lexer->advance(lexer, false))
        if (n < LONGEST_WORD)
            word[n++] = (char)lexer->lookahead;
    word[n] = '\0';
}

/* Whether a line that starts here goes on with the statement above it. */
static bool goes_on(TSLexer *lexer)
{
    char word[LONGEST_WORD + 1];
    if (lexer->lookahead == '-') {
        lexer->advance(lexer, false);
        return lexer->lookahead == '>';
    }
    if (!is_of_word(lexer->lookahead))
        return lexer->lookahead == '|' || lexer->lookahead == '}';
    read_word(lexer, word);
    if (!word_is(word, "shortcut"))
        return word_is(word, "else");
    pass_blanks(lexer);
    if (lexer->lookahead == '{')
        return true;
    read_word(lexer, word);
    return word_is(word, "if");
}

bool tree_sitter_net_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid)
{
    (void)payload;
    if (!valid[NEWLINE])
        return false;
    while (is_blank(lexer->lookahead))
        lexer->advance(lexer, true);
    if (lexer->lookahead != '\n')
        return false;
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    lexer->result_symbol = NEWLINE;
    pass_lines(lexer);
    return !lexer->eof(lexer) && !goes_on(lexer);
}

/* ---- nothing is kept from one token to the next ---- */

void *tree_sitter_net_external_scanner_create(void)
{
    return NULL;
}

void tree_sitter_net_external_scanner_destroy(void *payload)
{
    (void)payload;
}

unsigned tree_sitter_net_external_scanner_serialize(void *payload, char *buffer)
{
    (void)payload, (void)buffer;
    return 0;
}

void tree_sitter_net_external_scanner_deserialize(void *payload, const char *buffer, unsigned n)
{
    (void)payload, (void)buffer, (void)n;
}
