/* The nodes of a file as text, a line each: what messages and reports show in place of a source. */
#include "onnx/import.h"

enum { LONGEST = 160 };

/* A name out of the file: what would move the cursor is printed as '?'. */
static void add_name(struct text *t, const char *name)
{
    const size_t start = t->n;
    text_append(t, name ? name : "");
    for (size_t i = start; i < t->n; i++)
        t->at[i] = (unsigned char)t->at[i] < ' ' || t->at[i] == 127 ? '?' : t->at[i];
}

static void add_names(struct text *t, size_t n, char *const *names)
{
    const size_t start = t->n;
    for (size_t i = 0; i < n && t->n < start + LONGEST; i++) {
        text_append(t, i ? ", " : "");
        add_name(t, names[i]);
    }
    if (t->n >= start + LONGEST) {
        text_truncate(t, start + LONGEST);
        text_append(t, "...");
    }
}

/* Conv(x, conv1.weight) -> conv1; its operator is what messages underline. */
static struct span add_node(struct text *t, const Onnx__NodeProto *node)
{
    struct span span = {.begin = (uint32_t)t->n};
    add_name(t, node->op_type);
    span.end = (uint32_t)t->n;
    text_append(t, "(");
    add_names(t, node->n_input, node->input);
    text_append(t, ") -> ");
    add_names(t, node->n_output, node->output);
    text_append(t, "\n");
    return span;
}

struct span *list_nodes(struct arena *arena, struct sources *sources, const char *path,
                        const Onnx__GraphProto *graph)
{
    struct text t;
    struct span *spans = arena_array(arena, graph->n_node + 1, sizeof *spans);
    text_init(&t, arena);
    for (size_t i = 0; i < graph->n_node; i++)
        spans[i] = add_node(&t, graph->node[i]);
    const uint32_t source = sources_add(sources, path, text_string(&t), t.n);
    sources->files.at[source - 1]->in_memory = false; /* it is a file that was read */
    for (size_t i = 0; i < graph->n_node; i++)
        spans[i].source = source;
    return spans;
}
