/*
 * The directory of a zip archive. Own code, since libzip and minizip do not say where an entry that
 * is stored as it is lies in the file, and PyTorch's and NumPy's are: they are read in place.
 */
#ifndef NETRT_CORE_ZIP_H
#define NETRT_CORE_ZIP_H

#include "checkpoint_parts.h"

struct zip_entry {
    const char *name; /* kept by the checkpoint */
    uint64_t header;  /* where its local header lies */
    uint64_t packed, bytes;
    bool deflated;
};

struct zip {
    size_t n;
    struct zip_entry *entries; /* sorted by name; kept */
};

int zip_open(struct zip *, struct netrt_checkpoint *, int file, struct checkpoint_error *);
/* The entry of this name, or NULL. */
const struct zip_entry *zip_find(const struct zip *, const char *name);
/* Where the entry's content lies. */
int zip_place(const struct netrt_checkpoint *, int file, const struct zip_entry *,
              struct checkpoint_place *, struct checkpoint_error *);

/* What archives are: their readers. */
int torch_read_zip(struct netrt_checkpoint *, int file, const struct zip *,
                   const struct zip_entry *pickle, struct checkpoint_error *);
int npz_read(struct netrt_checkpoint *, int file, const struct zip *, struct checkpoint_error *);

#endif
