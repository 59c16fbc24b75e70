/* Networks in files of other tools, in place of a description. */
#ifndef NETC_FOREIGN_H
#define NETC_FOREIGN_H

#include "core/weights.h"
#include "driver/options.h"
#include "sema/elaborate.h"

/* What a file is, for messages: "an ONNX file"; NULL: none of another tool. ONNX is told by the
 * file's ending, Darknet's configurations by how they begin. */
const char *foreign_kind(const char *path);

struct foreign {
    struct arena *arena;
    struct strings *strings;
    struct sources *sources;
    struct diags *diags;
    const struct elaborate_options *options;
    struct netrt_source *weights;       /* found in the file; NULL: it holds none */
    bool wrong_call;                    /* the command line is at fault (reported, or as below) */
    const char *problem, *value, *hint; /* an option that such a file has no use for; or NULL */
};

/* The file as a graph, called after it. NULL: an error was reported, or is in `problem`. */
struct graph *foreign_import(struct foreign *);

#endif
