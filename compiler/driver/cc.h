/* Running the C compiler, and finding what netc has beside itself. */
#ifndef NETC_DRIVER_CC_H
#define NETC_DRIVER_CC_H

#include "base/diag.h"

/* The folder of netc's resources (include/, libnetrt.a, blocks/): beside the executable when netc
 * was not installed, else in the same prefix, wherever that was moved to, or where it was put. */
const char *resources_find(struct arena *);

struct cc_source {
    const char *path;
    const char *flags;  /* split at spaces */
    const char *folder; /* of the files that its assembly includes; NULL: includes none */
};

struct cc_call {
    const char *compiler; /* a command and options for it, which override ours */
    const char *resources;
    const struct cc_source *sources;
    size_t n_sources;
    const char *output;
    bool library;        /* a static library; else an executable, or */
    const char *exports; /* a shared library of the symbols that the linker's script at this path
                            names; NULL */
    bool alone;          /* the sources need no runtime library */
    bool xml;            /* links what reads XML, */
    bool mpi;            /* and MPI */
    bool verbose;        /* print the commands */
};

/* Whether programs can be linked with MPI: it was there when netc was built. */
bool cc_has_mpi(void);

/* Compiles; the result appears at `output` whole or not at all. False: an error was reported. */
bool cc_run(struct arena *, struct diags *, const struct cc_call *);

/* Runs a program: `words` ends with NULL, its standard output goes to the file `output` unless that
 * is NULL. False: an error was reported. */
bool program_run(struct arena *, struct diags *, const char *const *words, const char *output,
                 bool verbose);

#endif
