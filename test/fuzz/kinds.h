/* The kinds of input, and what reads each. */
#ifndef NETC_FUZZ_KINDS_H
#define NETC_FUZZ_KINDS_H

#include "mutate.h"

#include <stdbool.h>

struct kind {
    const char *name;
    const char *file; /* what its inputs are called */
    /* Reads the input, a file and its bytes, and goes on with it as far as it is good; true: it was
     * accepted. */
    bool (*run)(const char *path, const struct bytes *);
    mutation *mutate;
};

/* The readers of executables. */
bool run_checkpoint(const char *path, const struct bytes *);
bool run_darknet(const char *path, const struct bytes *);
/* A checkpoint whose names say nothing: its layers are taken by shape and order. */
bool run_by_order(const char *path, const struct bytes *);
/* The inputs are an index, or patterns of names, of a file that is sound. */
bool run_index(const char *path, const struct bytes *);
bool run_map(const char *path, const struct bytes *);
/* A request for inference: up to the first byte 0 JSON, then tensors. */
bool run_infer(const char *path, const struct bytes *);
bool run_npy(const char *path, const struct bytes *);
bool run_picture(const char *path, const struct bytes *);
bool run_dataset(const char *path, const struct bytes *);
bool run_annotations(const char *path, const struct bytes *);
/* The inputs are labels, or pictures, of a data set whose other half is sound. */
bool run_idx_labels(const char *path, const struct bytes *);
bool run_idx(const char *path, const struct bytes *);

/* Packed weights, and the state of a training, of a network that is compiled into the fuzzer. */
void write_made(const char *folder); /* a sound one of each, packed/whole and state/whole */
bool run_packed(const char *path, const struct bytes *);
bool run_state(const char *path, const struct bytes *);
/* The text of netc's --prepare, up to the first byte 0, and the file of its --labels. */
bool run_prepare(const char *path, const struct bytes *);
bool run_labels(const char *path, const struct bytes *);
/* Command lines, a word a line: of netc, and of what it makes of that network. */
bool run_call_netc(const char *path, const struct bytes *);
bool run_call_answers(const char *path, const struct bytes *);
bool run_call_trains(const char *path, const struct bytes *);

/* NULL: no such kind. */
const struct kind *kind_find(const char *name);

/* Makes a folder for the inputs of a kind, in $TMPDIR, or else in memory, where a system has files
 * there: a disk that is written to for each input takes most of the time. `path`: what its inputs
 * are called. false: there is no folder. */
bool kind_place(const struct kind *, char *path, size_t size);
void kind_leave(const char *path); /* removes the folder with all files in it */

#endif
