/* A configuration as a graph: its input, its layers, what they give. */
#include "darknet/import.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the text of a line, up to a blank or its end, is `word`. */
static bool is_word(const char *line, const char *word)
{
    const size_t n = strlen(word);
    return !strncmp(line, word, n) && !line[n + strspn(line + n, " \t\r\n")];
}

bool darknet_is_cfg(const char *path)
{
    enum { LONGEST = 4096 };
    char line[LONGEST];
    struct stat info;
    FILE *file = stat(path, &info) || !S_ISREG(info.st_mode) ? NULL : fopen(path, "r");
    bool is = false;
    while (file && fgets(line, sizeof line, file)) {
        const char *start = line + strspn(line, " \t\r\n");
        if (!*start || *start == '#' || *start == ';')
            continue;
        is = is_word(start, "[net]") || is_word(start, "[network]");
        break;
    }
    if (file)
        fclose(file);
    return is;
}

/* The sizes of the file, or those of --input. */
static bool take_shape(struct import *s, const struct darknet_options *o, const struct layer *first,
                       int64_t dim[3], bool *wrong_call)
{
    if (!key_int(first, "channels", 3, 1, &dim[0]) || !key_int(first, "height", 0, 1, &dim[1]) ||
        !key_int(first, "width", 0, 1, &dim[2]))
        return false;
    for (size_t i = 0; i < o->n_inputs && !*wrong_call; i++) {
        const char *value = strncmp(o->inputs[i], "image=", 6) ? "" : o->inputs[i] + 6;
        if (dims_parse(value, 3, dim) == 3)
            continue;
        diag_add(s->diags, (struct span){0}, MESSAGE(err_darknet_option), o->inputs[i]);
        *wrong_call = true;
    }
    if (!*wrong_call && (!dim[1] || !dim[2]))
        return layer_fail(first, "it has no 'width' and 'height'");
    return !*wrong_call;
}

/* How Darknet prepares pictures: a detector's with gray around them, others cut in the middle. */
static void prepare(struct import *s, struct graph_input *in, bool detects, struct span span)
{
    const struct type *t = &in->node->type;
    const enum op ops[2] = {detects ? OP_picture_letterbox : OP_picture_resize,
                            OP_picture_center_crop};
    for (int i = 0; i < (detects ? 1 : 2) && t->dim[1] == 3; i++) {
        struct picture step = {.op = ops[i], .span = span};
        attrs_init(&step.attr, ops[i]);
        step.attr.size[0] = t->dim[2];
        step.attr.size[1] = t->dim[3];
        if (ops[i] == OP_picture_resize)
            step.attr.size[0] = t->dim[2] > t->dim[3] ? t->dim[2] : t->dim[3];
        if (ops[i] == OP_picture_letterbox)
            step.attr.fill = 128;
        VEC_PUSH(s->arena, &in->pictures, step);
    }
}

static bool make_input(struct import *s, const struct darknet_options *o, const struct layer *first,
                       bool detects, bool *wrong_call)
{
    int64_t dim[3];
    struct attrs a;
    struct shape shape = {.diags = s->diags, .span = first->section->span};
    if (!take_shape(s, o, first, dim, wrong_call))
        return false;
    shape.type = (struct type){.rank = 4, .dim = {o->batch, dim[0], dim[1], dim[2]}};
    attrs_init(&a, OP_input);
    struct graph_input in = {.node = append_node(s, &shape, OP_input, &a, NULL, 0, "image")};
    s->input = in.node;
    if (!in.node)
        return false;
    in.node->label = in.node->name;
    in.node->frame = s->frame;
    prepare(s, &in, detects, first->section->span);
    VEC_PUSH(s->arena, &s->graph->inputs, in);
    return true;
}

static bool make_layers(struct import *s, const struct cfg *cfg)
{
    struct node *flow = s->input;
    for (size_t i = 1; i < cfg->sections.n; i++) {
        struct layer l = {.import = s,
                          .section = &cfg->sections.at[i],
                          .number = (int64_t)i - 1,
                          .frame = s->frame,
                          .out = flow};
        if (!section_maker_of(l.section)(&l))
            return false;
        flow = l.out;
        VEC_PUSH(s->arena, &s->layers, flow);
    }
    return true;
}

/* What all layers [yolo] find together. */
static struct node *all_found(struct import *s, const struct layer *last, bool scores)
{
    struct attrs a;
    struct node **parts = arena_array(s->arena, s->found.n, sizeof(struct node *));
    for (size_t i = 0; i < s->found.n; i++)
        parts[i] = scores ? s->found.at[i].scores : s->found.at[i].boxes;
    attrs_init(&a, OP_concat);
    struct shape shape = {.diags = s->diags, .span = last->section->span};
    struct node *all = s->found.n == 1 ? parts[0]
                                       : append_node(s, &shape, OP_concat, &a, parts,
                                                     (int)s->found.n, scores ? "scores" : "boxes");
    if (all && s->found.n > 1)
        all->frame = s->frame;
    return all;
}

static void add_output(struct import *s, const char *name, struct node *node,
                       enum netrt_purpose purpose)
{
    struct graph_output o = {.name = strings_intern0(s->strings, name),
                             .node = node,
                             .purpose = purpose,
                             .span = node->span};
    if (purpose_op(purpose) != N_OPS)
        attrs_init(&o.attr, purpose_op(purpose));
    if (purpose == NETRT_PURPOSE_boxes) { /* what Darknet's program for detection does */
        o.attr.score = 0.25;
        o.attr.iou = 0.45;
    }
    VEC_PUSH(s->arena, &s->graph->outputs, o);
}

static bool make_outputs(struct import *s, const struct layer *last)
{
    struct node *end = s->layers.n ? s->layers.at[s->layers.n - 1] : s->input;
    if (end == s->input)
        return layer_fail(last, "no layer computes anything");
    if (!s->found.n) {
        add_output(s, "output", end, NETRT_PURPOSE_tensor);
        graph_suppose_classes(s->graph);
        return true;
    }
    struct node *boxes = all_found(s, last, false), *scores = all_found(s, last, true);
    if (!boxes || !scores)
        return false;
    add_output(s, "boxes", boxes, NETRT_PURPOSE_boxes);
    add_output(s, "scores", scores, NETRT_PURPOSE_box_scores);
    return true;
}

static bool make_graph(struct import *s, const struct cfg *cfg, const struct darknet_options *o,
                       bool *wrong_call)
{
    const struct layer first = {.import = s, .section = &cfg->sections.at[0]};
    const struct layer last = {.import = s, .section = &cfg->sections.at[cfg->sections.n - 1]};
    bool detects = false;
    for (size_t i = 0; i < cfg->sections.n; i++)
        detects = detects || !strcmp(cfg->sections.at[i].name, "yolo");
    return make_input(s, o, &first, detects, wrong_call) && make_layers(s, cfg) &&
           make_outputs(s, &last);
}

/* "yolov3-tiny" of "cfg/yolov3-tiny.cfg". */
static const char *net_name(struct import *s, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return strings_intern(s->strings, base,
                          dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static void import_init(struct import *s, const char *path)
{
    struct frame *frame = arena_new_of(s->arena, struct frame);
    s->graph = graph_new(s->arena, s->strings, net_name(s, path));
    s->graph->source = path;
    *frame = (struct frame){.kind = FRAME_net, .name = s->graph->name, .path = ""};
    frame->id = s->graph->n_frames++;
    s->frame = frame;
}

struct graph *darknet_import(struct arena *arena, struct strings *strings, struct sources *sources,
                             struct diags *diags, const struct darknet_options *o, bool *wrong_call)
{
    struct import s = {.arena = arena, .strings = strings, .diags = diags};
    const char *why;
    const uint32_t source = sources_open(sources, o->path, &why);
    struct cfg cfg;
    if (!source)
        diag_add(diags, (struct span){0}, MESSAGE(err_open), o->path, why);
    if (!source || !cfg_read(arena, diags, source, &cfg) || !check_words(&s, &cfg))
        return NULL;
    if (!cfg.sections.n) {
        diag_add(diags, (struct span){0}, MESSAGE(err_darknet_file), o->path);
        return NULL;
    }
    import_init(&s, o->path);
    if (!make_graph(&s, &cfg, o, wrong_call))
        return NULL;
    graph_sweep(s.graph);
    return s.graph;
}
