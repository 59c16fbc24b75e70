/* The language server: netc --lsp, which speaks LSP 3.17 with an editor over two streams. */
#ifndef NETC_LSP_LSP_H
#define NETC_LSP_LSP_H

#include <stddef.h>

struct lsp_options {
    const char *const *include_dirs; /* -I */
    size_t n_include_dirs;
    const char *resources; /* folder of the library of blocks, or NULL */
};

/* Answers the messages of file descriptor `in` on `out` until the editor says exit or `in` ends.
 * The exit status: 0 where `shutdown` came before `exit`, else 1. */
int lsp_serve(const struct lsp_options *, int in, int out);

#endif
