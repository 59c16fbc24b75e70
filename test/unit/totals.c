/* Prints "params buffers macs" of the graph text on standard input. */
#include "cost/cost.h"
#include "ir/ir.h"

#include <stdio.h>

static struct graph *read_input(struct arena *arena)
{
    struct text text;
    struct sources sources;
    struct diags diags;
    char piece[4096];
    text_init(&text, arena);
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    for (size_t n; (n = fread(piece, 1, sizeof piece, stdin));)
        text_append_n(&text, piece, n);
    uint32_t file = sources_add(&sources, "standard input", text_string(&text), text.n);
    struct graph *g = graph_read(arena, strings_new(arena), &diags, file);
    diags_print(&diags, stderr);
    return g;
}

int main(void)
{
    struct arena *arena = arena_new();
    struct graph *g = read_input(arena);
    int64_t params = 0, buffers = 0, macs = 0;
    bool counted = g != NULL;
    for (size_t i = 0; counted && i < g->nodes.n; i++) {
        struct counts counts;
        counted = cost_count(g->nodes.at[i], &counts);
        params += counts.params;
        buffers += counts.buffers;
        macs += counts.macs;
    }
    printf("%lld %lld %lld\n", (long long)params, (long long)buffers, (long long)macs);
    arena_free(arena);
    return !counted;
}
