#include "report/blocks.h"
#include "report/forms.h"

void report_md(struct text *t, const struct report *r)
{
    struct block blocks[N_BLOCKS];
    blocks_make(blocks, r);
    text_printf(t, "# %s\n\n", blocks_title(r));
    for (int i = 0; i < N_BLOCKS; i++) {
        if (!blocks[i].grid.rows.n)
            continue;
        if (i)
            text_printf(t, "\n## %s\n\n", blocks[i].heading);
        grid_print_md(&blocks[i].grid, t);
    }
}
