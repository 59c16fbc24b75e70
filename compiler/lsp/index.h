/* What the names of a file and its imports mean: by the tree alone, so that a file with errors has
 * names too. */
#ifndef NETC_LSP_INDEX_H
#define NETC_LSP_INDEX_H

#include "front/ast.h"
#include "sema/elaborate.h"

enum symbol_kind {
#define SYMBOL(id, word, lsp_symbol, lsp_completion, token) SYMBOL_##id,
#include "lsp/symbols.def"
    N_SYMBOL_KINDS
};

/* A name that was given to something. */
struct symbol {
    enum symbol_kind kind;
    const char *name;
    struct span span;            /* of the name, where it is defined */
    struct span whole;           /* of all that defines it */
    struct span reach;           /* where it can be used, outside of its parent: local names */
    struct symbol *parent;       /* the definition or labelled step that it stands in, or NULL */
    struct symbol *of;           /* what a labelled step calls, or a net is made from; or NULL */
    const struct ast_item *item; /* of a block, net or constant of a file; NULL: it is another */
};

/* A place where a name stands. */
struct use {
    struct span span;
    struct symbol *symbol;
    bool definition;
};

/* A file, or one that it imports. */
struct indexed_file {
    const char *path; /* as it was opened */
    uint32_t source;
    const struct ast_file *tree;
    VEC(struct indexed_file *) imports;
    VEC(struct symbol *) globals;
};

struct index {
    struct arena *arena;
    struct strings *strings;
    struct sources *sources;
    const struct elaborate_options *options; /* with the files that were parsed */
    VEC(struct indexed_file *) files;        /* the first is the one that was asked for */
    VEC(struct symbol *) symbols;            /* in the order of their definitions */
    VEC(struct use) uses;
};

/* Indexes a file with all that it imports; `index` has all but its lists. */
void index_make(struct index *, const struct parsed_file *);

/* The use at a byte of a source, or that ends there; NULL: there is none. */
const struct use *index_at(const struct index *, uint32_t source, size_t offset);
/* The number of a thing inside a symbol: symbols that have it as their parent, or its `of`'s. */
bool symbol_holds(const struct symbol *outer, const struct symbol *);
const struct indexed_file *index_file(const struct index *, uint32_t source);

#endif
