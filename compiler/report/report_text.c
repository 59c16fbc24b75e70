#include "report/blocks.h"
#include "report/forms.h"

void report_text(struct text *t, const struct report *r, const struct grid_style *style)
{
    struct block blocks[N_BLOCKS];
    blocks_make(blocks, r);
    text_printf(t, style->colour ? "\033[1m%s\033[0m\n\n" : "%s\n\n", blocks_title(r));
    for (int i = 0; i < N_BLOCKS; i++) {
        if (!blocks[i].grid.rows.n)
            continue;
        if (i)
            text_printf(t, style->colour ? "\n\033[1m%s\033[0m\n\n" : "\n%s\n\n",
                        blocks[i].heading);
        grid_print_text(&blocks[i].grid, t, style);
    }
}
