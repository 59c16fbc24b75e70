#include "pass/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_FAULT = 70 };

static const struct {
    const char *name, *doc;
    void (*run)(struct graph *);
} passes[N_PASSES] = {
#define PASS(id, name, doc) {name, doc, pass_##id},
#include "pass/passes.def"
};

const char *pass_name(enum pass_id id)
{
    return passes[id].name;
}

const char *pass_doc(enum pass_id id)
{
    return passes[id].doc;
}

enum pass_id pass_find(const char *name)
{
    int id = 0;
    while (id < N_PASSES && strcmp(passes[id].name, name) != 0)
        id++;
    return (enum pass_id)id;
}

const char *pass_names(struct arena *arena)
{
    struct text names;
    text_init(&names, arena);
    for (int id = 0; id < N_PASSES; id++)
        text_printf(&names, "%s%s", id ? ", " : "", passes[id].name);
    return text_string(&names);
}

void pass_run(enum pass_id id, struct graph *graph)
{
    const char *why;
    passes[id].run(graph);
    if (graph_verify(graph, &why))
        return;
    fprintf(stderr, "netc: internal fault: pass '%s' broke the graph: %s\nplease report it\n",
            passes[id].name, why);
    exit(EXIT_FAULT);
}

void pass_pipeline(struct graph *graph)
{
    graph_number(graph);
    for (int id = 0; id < N_PASSES; id++)
        pass_run((enum pass_id)id, graph);
}
