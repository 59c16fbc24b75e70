/* The parts of a report that people read, as grids: text and Markdown print the same. */
#ifndef NETC_REPORT_BLOCKS_H
#define NETC_REPORT_BLOCKS_H

#include "report/grid.h"
#include "report/table.h"

/* A grid under a heading; no rows: it is left out. */
struct block {
    const char *heading; /* "" of the first */
    struct grid grid;
};

enum block_id {
    BLOCK_layers,
    BLOCK_scopes,
    BLOCK_operators,
    BLOCK_conventions,
    BLOCK_devices,
    BLOCK_founds,
    BLOCK_memory,
    BLOCK_checkpoints,
    BLOCK_step,
    BLOCK_budgets,
    BLOCK_warnings,
    N_BLOCKS
};

void blocks_make(struct block *, const struct report *);
/* "resnet18: batch 1, f32, x86-64-v4". */
const char *blocks_title(const struct report *);

#endif
