/*
 * Tokens. A file is scanned whole before it is parsed, so that brackets can be balanced first and
 * a message can look at what stands before and after a mistake. Private to this folder.
 */
#ifndef NETC_FRONT_TOKEN_H
#define NETC_FRONT_TOKEN_H

#include "base/diag.h"
#include "base/text.h"
#include "front/ast.h"

#include <string.h>

/* A number as written; `real` holds its value too where it has a point or an exponent. */
struct number {
    const char *spelling;
    int64_t integer;
    double real;
};

/* The value of a token or of a rule of the grammar. */
union value {
    const char *text; /* of a word or a string, interned */
    struct number number;
    enum ast_operator operator;
    enum ast_fork_kind fork;
    struct ast_joint joint;
    struct ast_expr *expr;
    struct ast_exprs exprs;
    struct ast_arg arg;
    struct ast_args args;
    struct ast_param param;
    struct ast_params params;
    struct ast_pattern *pattern;
    struct ast_range range;
    struct ast_label *label;
    struct ast_path path;
    struct ast_path_item path_item;
    struct ast_body *body;
    struct ast_action *action;
    struct ast_step *step;
    struct ast_stmt *stmt;
    struct ast_let let;
    struct ast_default defaults;
    struct ast_item *item;
    struct ast_definition definition;
};

struct token {
    int kind; /* of the grammar, in front/parser.h */
    struct span span;
    union value value;
    size_t match; /* of a bracket: the index of the one that closes it */
    bool first;   /* on its line */
    bool branch;  /* of a `|`: directly in the braces of a fork */
};

struct tokens {
    VEC(struct token) list;
};

/* What scanning and parsing one file share. */
struct parser {
    struct arena *arena;
    struct strings *strings;
    struct diags *diags;
    const struct source *source;
    uint32_t number; /* of the source */
    struct tokens tokens;
    size_t next;         /* the token that the parser reads next */
    bool recovering;     /* from an error that was reported: tokens are being dropped */
    unsigned complaints; /* about the grammar, so far */
    bool too_deep;       /* an expression was */
    struct ast_file *file;
};

/* scan.c: the tokens of the file as they stand, the last one YYEOF. False: there are more than any
 * description has (reported). */
bool parser_scan(struct parser *);
/* balance.c: makes their brackets match, and sets `match` of those that open. */
void balance(struct parser *);
/* parse.c: fills in a parser with a source, its tokens with brackets that match, and its tree. */
void parse_with(struct parser *, struct arena *, struct strings *, struct diags *, uint32_t source);
/* Whether a step can end with a token of this kind. */
bool token_ends_step(int kind);

/* Whether a line ends here, or goes on with blanks, a comment or a closing brace alone. */
static inline bool ends_line(const char *s)
{
    return strchr("\r\n#}", s[strspn(s, " \t")]) != NULL;
}

#endif
