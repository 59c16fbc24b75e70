/* All that is known of one text: made when it is asked for, dropped when the text changes. Words
 * and names are known at once; nets are elaborated one at a time, so that a key press need not wait
 * for all of them. */
#ifndef NETC_LSP_ANALYSIS_H
#define NETC_LSP_ANALYSIS_H

#include "front/words.h"
#include "lsp/index.h"
#include "lsp/spots.h"

struct analysis {
    struct arena *arena;
    struct strings *strings;
    struct sources sources;
    struct diags diags; /* of its grammar */
    uint32_t source;
    const struct ast_file *tree;
    struct words words;
    struct index index;
    VEC(const struct diag *) findings;
    struct spots spots;
    struct parsed_files files;
    struct elaborate_options options; /* of each net */
    size_t next;                      /* item of the tree to look at */
    bool finished;                    /* there is none left */
};

/* What an analysis starts from. */
struct analysis_input {
    struct overlay text;
    const struct overlay *overlays; /* all texts that are open, this one too */
    size_t n_overlays;
    struct elaborate_options options; /* folders to look for imports in */
};

struct analysis *analysis_new(const struct analysis_input *);
/* Elaborates the next net, if any is left. */
void analysis_step(struct analysis *);
/* Whether its findings are all that will be found. */
bool analysis_is_judged(const struct analysis *);
void analysis_free(struct analysis *);
const struct source *analysis_source(const struct analysis *);

#endif
