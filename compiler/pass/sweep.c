/* Drops nodes that no output needs. Needs nothing; keeps the inputs. */
#include "pass/pass.h"

void pass_sweep(struct graph *graph)
{
    graph_sweep(graph);
}
