/* Tree to graph: walks blocks, repeats, forks and expressions, and builds the graph of one net. */
#ifndef NETC_SEMA_ELABORATE_H
#define NETC_SEMA_ELABORATE_H

#include "front/parse.h"
#include "ir/graph.h"

/* What the command line chooses. */
struct elaborate_options {
    const char *file;
    const char *net;            /* NULL: the file's only one */
    const char *recipe;         /* "name" or "name(lr=0.1)"; NULL: the net's own */
    const char *const *defines; /* "name=value", value an expression of the language */
    size_t n_defines;
    const char *const *inputs; /* "name=3x96x96" */
    size_t n_inputs;
    const char *const *include_dirs;
    size_t n_include_dirs;
    const char *resources; /* folder that holds the library of blocks, blocks/ */
    int64_t batch;
    bool batch_given; /* the recipe's does not replace it */
    bool training;
    bool evaluates;   /* pictures are read as they are: no step of augmentation is taken */
    bool share_batch; /* `batch` divides the recipe's: into runs of a step */
    bool sync_bn;     /* and bn takes the statistics of all of these, a rank each */
    bool any_labels;  /* no program is made that reads data: a picture may have several */
    struct parsed_files *parsed; /* of these sources, arena and strings; NULL: none are kept */
    bool partial; /* the graph is given as far as it was built, whatever errors there were */
};

enum elaborate_result {
    ELABORATE_OK,
    ELABORATE_BAD_INPUT, /* errors are in diags */
    ELABORATE_WRONG_CALL /* errors are in diags, and the command line is at fault: several nets and
                            no choice, no such net, no such parameter or input */
};

/* The file that `name` is in an import of file `from`: beside that, then along include_dirs, then
 * in the library; in the arena. NULL: there is none. */
const char *import_search(struct arena *, const struct elaborate_options *, const char *from,
                          const char *name);

/* Parses the file and its imports (added to `sources`), chooses the net, and builds its graph. */
enum elaborate_result elaborate(struct arena *, struct strings *, struct sources *, struct diags *,
                                const struct elaborate_options *, struct graph **);

#endif
