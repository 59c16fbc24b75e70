/* The graph in Graphviz's language: a box for a node, a cluster for a block, shapes on edges. */
#include "emit/parts.h"

#include <string.h>

static const char *fill_of(const struct node *node)
{
    if (op_has(node->op, OP_JOIN))
        return "khaki";
    switch (node->op) {
    case OP_input:
        return "palegreen";
    case OP_conv:
    case OP_conv_transpose:
    case OP_linear:
        return "lightblue";
    case OP_maxpool:
    case OP_avgpool:
    case OP_adaptive_avgpool:
    case OP_global_avgpool:
    case OP_adaptive_maxpool:
    case OP_global_maxpool:
        return "lightsalmon";
    default:
        return "white";
    }
}

/* A quoted string of Graphviz's language. */
static const char *dot_string(struct arena *arena, const char *s)
{
    struct text t;
    bool harmless;
    text_init(&t, arena);
    text_append(&t, "\"");
    for (size_t n = strlen(s), length; n; s += length, n -= length) {
        length = utf8_character(s, n, &harmless);
        if (*s == '"' || *s == '\\')
            text_printf(&t, "\\%c", *s);
        else if (*s == '\n')
            text_append(&t, "\\n");
        else
            text_append_n(&t, harmless ? s : "?", harmless ? length : 1);
    }
    text_append(&t, "\"");
    return text_string(&t);
}

/* A cluster is drawn around each call of a block. */
static const struct frame *block_of(const struct frame *frame)
{
    while (frame && frame->kind != FRAME_block)
        frame = frame->parent;
    return frame;
}

static int depth_of(const struct frame *frame)
{
    int depth = 0;
    for (frame = block_of(frame); frame; frame = block_of(frame->parent))
        depth++;
    return depth;
}

static const struct frame *common_block(const struct frame *a, const struct frame *b)
{
    int deep_a = depth_of(a), deep_b = depth_of(b);
    for (a = block_of(a); deep_a > deep_b; deep_a--)
        a = block_of(a->parent);
    for (b = block_of(b); deep_b > deep_a; deep_b--)
        b = block_of(b->parent);
    while (a != b) {
        a = block_of(a->parent);
        b = block_of(b->parent);
    }
    return a;
}

/* Opens those of the blocks below `from`, down to `to`, for nodes from number `first` on. */
static void open_clusters(struct cwriter *w, const struct frame *from, const struct frame *to,
                          uint32_t first)
{
    to = block_of(to);
    if (to == from)
        return;
    open_clusters(w, from, to->parent, first);
    struct arena *arena = w->out->arena;
    const char *name = to->name ? to->name : "block";
    const char *label =
        to->path && *to->path ? arena_printf(arena, "%s: %s", to->path, name) : name;
    cwriter_open(w, "subgraph cluster_%u_%u {", to->id, first);
    cwriter_line(w, "label = %s; style = rounded; color = gray;", dot_string(arena, label));
}

static void close_clusters(struct cwriter *w, int n)
{
    while (n-- > 0)
        cwriter_close(w, "}");
}

static void draw_node(struct cwriter *w, const struct node *node)
{
    struct arena *arena = w->out->arena;
    const char *what = text_of_node(arena, node), *name = node->name ? node->name : "";
    const char *label = arena_printf(arena, "%s\n%.*s", name, (int)strcspn(what, ","), what);
    cwriter_line(w, "n%u [label = %s, fillcolor = %s];", node->id, dot_string(arena, label),
                 fill_of(node));
}

static void draw_edges(struct cwriter *w, const struct node *node)
{
    for (int i = 0; i < node->n_inputs; i++)
        cwriter_line(w, "n%u -> n%u [label = \"%s\"%s];", node->input[i]->id, node->id,
                     text_of_image(w->out->arena, &node->input[i]->type),
                     node->residual && i == node->n_inputs - 1 ? ", style = dashed" : "");
}

static void draw_outputs(struct cwriter *w, const struct graph *graph)
{
    for (size_t i = 0; i < graph->outputs.n; i++) {
        const struct graph_output *o = &graph->outputs.at[i];
        cwriter_line(w, "out%zu [label = %s, shape = oval, fillcolor = palegreen];", i,
                     dot_string(w->out->arena, o->name ? o->name : "output"));
        cwriter_line(w, "n%u -> out%zu [label = \"%s\"];", o->node->id, i,
                     text_of_image(w->out->arena, &o->node->type));
    }
}

void emit_dot(struct text *out, const struct graph *graph)
{
    struct cwriter w;
    cwriter_init(&w, out);
    cwriter_open(&w, "digraph %s {", dot_string(out->arena, graph->name ? graph->name : "net"));
    cwriter_line(&w, "node [shape = box, style = filled, fontname = \"sans-serif\"];");
    cwriter_line(&w, "edge [fontname = \"sans-serif\", fontsize = 10];");
    const struct frame *open = NULL;
    for (size_t i = 0; i < graph->nodes.n; i++) {
        const struct node *node = graph->nodes.at[i];
        const struct frame *common = common_block(open, node->frame);
        close_clusters(&w, depth_of(open) - depth_of(common));
        open_clusters(&w, common, node->frame, node->id);
        open = block_of(node->frame);
        draw_node(&w, node);
    }
    close_clusters(&w, depth_of(open));
    for (size_t i = 0; i < graph->nodes.n; i++)
        draw_edges(&w, graph->nodes.at[i]);
    draw_outputs(&w, graph);
    cwriter_close(&w, "}");
}
