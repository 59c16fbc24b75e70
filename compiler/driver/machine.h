/* What a machine can do: peak and bandwidth, read from a file or measured once. */
#ifndef NETC_DRIVER_MACHINE_H
#define NETC_DRIVER_MACHINE_H

#include "base/diag.h"
#include "base/text.h"

struct machine {
    const char *name;
    int threads;           /* that the figures [1] are for */
    double gflops[2];      /* fused multiply-adds, 2 operations each: of one thread, of `threads` */
    double gbytes[2];      /* GB/s from memory: likewise */
    double full_gbytes[2]; /* of a sweep over as much as the last cache has: likewise */
    double cache_gbytes;   /* GB/s of one thread from its last level of cache */
    int64_t cache_bytes;   /* that level's size */
    double core_gbytes;    /* GB/s of one thread from the caches of its core */
    int64_t core_bytes;    /* their size */
};

/* What lies between machines. */
struct machine_link {
    const char *name;
    double gbytes;     /* GB/s that each sends, and receives, at a time */
    double latency_us; /* of a message from one to another */
};

/* How the machine that netc runs on is measured: by a program that the C compiler makes. */
struct machine_measure {
    const char *resources; /* driver/cc.h */
    const char *compiler;
    const char *target, *target_flags; /* whose instructions count */
    bool verbose;
};

/* --machine: the machine that a JSON file describes. False: an error was reported. */
bool machine_read(struct machine *, struct arena *, struct diags *, const char *path);
/* --interconnect: what a JSON file says of it. False: an error was reported. */
bool machine_read_link(struct machine_link *, struct arena *, struct diags *, const char *path);
/* --machine native: from the cache ($XDG_CACHE_HOME/netc/machine.json; of another target than
 * native machine-TARGET.json), else measured (a second or two) and kept there. */
bool machine_native(struct machine *, struct arena *, struct diags *,
                    const struct machine_measure *);
/* The JSON of a machine, as machine_read() reads it. */
void machine_print(struct text *, const struct machine *);

#endif
