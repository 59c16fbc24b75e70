/* A pass that leaves a broken graph behind ends the program, and says that it is netc's fault. */
#include "pass/pass.h"

#include <stdio.h>
#include <string.h>

static const char text[] = "graph \"t\" {\n"
                           "  %0 = input \"x\" : f32[1,4,8,8]\n"
                           "  %1 = relu %0 \"a\"\n"
                           "  output \"y\" = %1\n"
                           "}\n";

int main(void)
{
    struct arena *arena = arena_new();
    struct sources sources;
    struct diags diags;
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    uint32_t source = sources_add(&sources, "t.graph", text, strlen(text));
    struct graph *graph = graph_read(arena, strings_new(arena), &diags, source);
    if (!graph)
        return 1;
    pass_run(PASS_sweep, graph);
    puts("sound");
    fflush(stdout);
    graph->nodes.at[1]->type.dim[1] = 5;
    pass_run(PASS_sweep, graph); /* does not return */
    return 0;
}
