/* Several networks in one table: nets, files, or one net for each value of what is swept. */
#ifndef NETC_REPORT_NETS_H
#define NETC_REPORT_NETS_H

#include "report/table.h"

/* A network, or a point of a sweep, without its report. */
struct nets_row {
    const char *network, *file;
    const char *const *value; /* of each name that is swept */
    int64_t batch;
    struct figures total;
    int64_t weights_bytes;
    bool has_memory; /* to run it: */
    int64_t arena_bytes, packed_bytes;
    int64_t peak[N_OPTIMIZERS]; /* to train it; 0: it does not fit */
    int64_t
        field[2]; /* rows, columns of the last result before all positions are gathered; 0: none */
    struct report_layers layers;
    double us; /* on a machine */
};

struct nets {
    struct arena *arena;
    const struct options *options;
    enum convention flops;
    const char *const *swept;
    int n_swept;
    bool timed;
    VEC(struct nets_row) rows;
};

void nets_init(struct nets *, struct arena *, const struct options *, const char *const *swept,
               int n_swept);
/* Takes what the table shows from a whole report, which may end; `values` is kept. */
void nets_add(struct nets *, const struct report *, const char *const *values);

/* In the form that the options ask for; JSON by docs/nets.schema.json. False: a part of the page is
 * missing (reported to the diagnostics). */
bool nets_print(struct text *, const struct nets *, struct diags *, bool terminal);

#endif
