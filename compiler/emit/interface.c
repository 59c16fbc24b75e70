/* The library interface: NAME_workspace_size, _bind, _run, _release; or a main() instead. */
#include "emit/parts.h"

#include <string.h>

void interface_init(struct interface *f, const struct plan *plan,
                    const struct emit_options *options)
{
    const struct graph *graph = plan->graph;
    struct names names;
    names_init(&names, plan->arena);
    names_add(&names, "workspace");
    names_add(&names, "pool");
    names_add(&names, "weights");
    f->prefix = c_identifier(plan->arena, options->name);
    f->input = arena_array(plan->arena, graph->inputs.n, sizeof *f->input);
    f->output = arena_array(plan->arena, graph->outputs.n, sizeof *f->output);
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const char *name = graph->inputs.at[i].node->name;
        f->input[i] = names_add(&names, name ? name : "input");
    }
    for (size_t i = 0; i < graph->outputs.n; i++) {
        const char *name = graph->outputs.at[i].name;
        f->output[i] = names_add(&names, name && *name ? name : "output");
    }
}

static const char *c_type(const struct node *node)
{
    return dtype_in_c(node->type.dtype);
}

void interface_parameters(struct cwriter *w, const struct interface *f, const struct plan *plan)
{
    cwriter_item(w, "const %s_weights *weights", f->prefix);
    for (size_t i = 0; i < plan->graph->inputs.n; i++)
        cwriter_item(w, "const %s *%s", c_type(plan->graph->inputs.at[i].node), f->input[i]);
    for (size_t i = 0; i < plan->graph->outputs.n; i++)
        cwriter_item(w, "%s *%s", c_type(plan->graph->outputs.at[i].node), f->output[i]);
    cwriter_item(w, "void *workspace");
    cwriter_item(w, "netrt_pool *pool");
}

/* The user's type of weights is never defined: it stands for struct netrt_weights. */
static void emit_bind(struct emitter *e, const char *prefix)
{
    struct cwriter *w = &e->w;
    cwriter_line(w, "int %s_bind(%s_weights **weights, const char *path, char *error, size_t size)",
                 prefix, prefix);
    cwriter_open(w, "{");
    cwriter_line(w, "*weights = (%s_weights *)netrt_bind(&net_model, path, error, size);", prefix);
    cwriter_line(w, "return *weights ? 0 : -1;");
    cwriter_close(w, "}");
    cwriter_line(w, "%s", "");
    cwriter_line(w, "void %s_release(%s_weights *weights)", prefix, prefix);
    cwriter_open(w, "{");
    cwriter_line(w, "netrt_unbind((struct netrt_weights *)weights);");
    cwriter_close(w, "}");
}

/* Whether a run can go wrong by what an input holds: of the code for any target. */
static bool has_faults(const struct plan *plan)
{
    bool any = false;
    for (; plan; plan = plan->next)
        any = any || plan->fault >= 0;
    return any;
}

/* A pointer as the network takes it: of floats. */
static void pointer_item(struct emitter *e, const char *type, const char *name,
                         const struct node *node)
{
    if (node->type.dtype == DTYPE_f32)
        cwriter_item(&e->w, "%s", name);
    else
        cwriter_item(&e->w, "(%s)(%svoid *)%s", type, *type == 'c' ? "const " : "", name);
}

static void emit_pointers(struct emitter *e, const struct interface *f)
{
    const struct graph *graph = e->plan->graph;
    cwriter_list(&e->w, "const float *const net_in[] = {");
    for (size_t i = 0; i < graph->inputs.n; i++)
        pointer_item(e, "const float *", f->input[i], graph->inputs.at[i].node);
    cwriter_end(&e->w, graph->inputs.n ? "};" : "NULL};");
    cwriter_list(&e->w, "float *const net_out[] = {");
    for (size_t i = 0; i < graph->outputs.n; i++)
        pointer_item(e, "float *", f->output[i], graph->outputs.at[i].node);
    cwriter_end(&e->w, graph->outputs.n ? "};" : "NULL};");
}

static void emit_call_of_run(struct emitter *e, const struct interface *f)
{
    struct cwriter *w = &e->w;
    cwriter_list(w, "int %s_run(", f->prefix);
    interface_parameters(w, f, e->plan);
    cwriter_end(w, ")");
    cwriter_open(w, "{");
    emit_pointers(e, f);
    cwriter_line(w, "if (!weights || (uintptr_t)workspace %% 64)");
    cwriter_line(w, "    return -1;");
    cwriter_line(w, "const struct netrt_weights *bound = (const struct netrt_weights *)weights;");
    cwriter_line(w, "bound->code->run(bound->packed, net_in, net_out, workspace, pool, NULL);");
    if (has_faults(e->plan))
        cwriter_line(w, "return ((const struct netrt_fault *)workspace)->kind ? 1 : 0;");
    else
        cwriter_line(w, "return 0;");
    cwriter_close(w, "}");
}

/* Inputs that are prepared from pictures. */
static int count_prepared(const struct graph *graph)
{
    int n = 0;
    for (size_t i = 0; i < graph->inputs.n; i++)
        n += graph->inputs.at[i].pictures.n != 0;
    return n;
}

bool interface_prepares(const struct graph *graph)
{
    return count_prepared(graph) != 0;
}

/* Begins names of which these are taken. */
static void reserve(struct names *names, struct emitter *e, const char *const *taken, size_t n)
{
    names_init(names, e->arena);
    for (size_t i = 0; i < n; i++)
        names_add(names, taken[i]);
}

/* The input's name in the function that prepares it, beside its other parameters. */
static const char *prepared_name(struct emitter *e, const struct interface *f, size_t i)
{
    static const char *const others[] = {"rgb", "width", "height", "place", "error", "size"};
    struct names names;
    reserve(&names, e, others, sizeof others / sizeof *others);
    return names_add(&names, f->input[i]);
}

/* The function that prepares pictures for an input, up to its closing bracket. */
static void prepare_prototype(struct emitter *e, const struct interface *f, size_t i,
                              const char *end)
{
    const bool one = count_prepared(e->plan->graph) == 1;
    cwriter_list(&e->w, "int %s_prepare%s%s(", f->prefix, one ? "" : "_", one ? "" : f->input[i]);
    cwriter_item(&e->w, "const unsigned char *rgb");
    cwriter_item(&e->w, "long width");
    cwriter_item(&e->w, "long height");
    cwriter_item(&e->w, "float *%s", prepared_name(e, f, i));
    cwriter_item(&e->w, "double *place");
    cwriter_item(&e->w, "char *error");
    cwriter_item(&e->w, "size_t size");
    cwriter_end(&e->w, end);
}

bool interface_finds_boxes(const struct graph *graph)
{
    return graph_find_output(graph, NETRT_PURPOSE_boxes);
}

/* Whether an output is needed to find boxes: they, their scores, classes and number. */
static bool is_of_boxes(const struct graph *graph, size_t i)
{
    const struct graph_output *boxes = graph_find_output(graph, NETRT_PURPOSE_boxes);
    const enum netrt_purpose purpose = graph->outputs.at[i].purpose;
    return purpose == NETRT_PURPOSE_boxes || purpose == NETRT_PURPOSE_box_scores ||
           purpose == NETRT_PURPOSE_box_classes || (int)i == graph_count_output(graph, boxes);
}

/* The outputs' names in the function that finds boxes, beside its other parameters; NULL of those
 * that it does not take. */
static const char **boxes_names(struct emitter *e, const struct interface *f)
{
    static const char *const others[] = {"place",   "most",  "corners", "scores",
                                         "classes", "error", "size"};
    const struct graph *graph = e->plan->graph;
    const char **name = arena_array(e->arena, graph->outputs.n, sizeof *name);
    struct names names;
    reserve(&names, e, others, sizeof others / sizeof *others);
    for (size_t i = 0; i < graph->outputs.n; i++)
        name[i] = is_of_boxes(graph, i) ? names_add(&names, f->output[i]) : NULL;
    return name;
}

/* The function that finds boxes in outputs, up to its closing bracket. */
static void boxes_prototype(struct emitter *e, const struct interface *f, const char *end)
{
    const struct graph *graph = e->plan->graph;
    const char **name = boxes_names(e, f);
    cwriter_list(&e->w, "long %s_boxes(", f->prefix);
    for (size_t i = 0; i < graph->outputs.n; i++)
        if (name[i])
            cwriter_item(&e->w, "const %s *%s", c_type(graph->outputs.at[i].node), name[i]);
    cwriter_item(&e->w, "const double *place");
    cwriter_item(&e->w, "long most");
    cwriter_item(&e->w, "double *corners");
    cwriter_item(&e->w, "double *scores");
    cwriter_item(&e->w, "long *classes");
    cwriter_item(&e->w, "char *error");
    cwriter_item(&e->w, "size_t size");
    cwriter_end(&e->w, end);
}

static void emit_boxes(struct emitter *e, const struct interface *f)
{
    const char **name = boxes_names(e, f);
    cwriter_line(&e->w, "%s", "");
    boxes_prototype(e, f, ")");
    cwriter_open(&e->w, "{");
    cwriter_list(&e->w, "const void *const net_output[] = {");
    for (size_t i = 0; i < e->plan->graph->outputs.n; i++)
        cwriter_item(&e->w, "%s", name[i] ? name[i] : "NULL");
    cwriter_end(&e->w, "};");
    cwriter_line(&e->w, "return netrt_boxes_found(&net_model, net_output, place, most, corners, "
                        "scores, classes, error, size);");
    cwriter_close(&e->w, "}");
}

bool interface_finds(const struct graph *graph)
{
    return interface_finds_boxes(graph) || graph_classes(graph);
}

/* The name of the output of classes in the function that finds them, beside its other parameters.
 */
static const char *classes_name(struct emitter *e, const struct interface *f)
{
    static const char *const others[] = {"most", "probabilities", "classes", "error", "size"};
    const struct graph *graph = e->plan->graph;
    struct names names;
    reserve(&names, e, others, sizeof others / sizeof *others);
    return names_add(&names, f->output[graph_classes(graph) - graph->outputs.at]);
}

/* The function that finds classes in an output, up to its closing bracket. */
static void classes_prototype(struct emitter *e, const struct interface *f, const char *end)
{
    cwriter_list(&e->w, "long %s_classes(", f->prefix);
    cwriter_item(&e->w, "const float *%s", classes_name(e, f));
    cwriter_item(&e->w, "long most");
    cwriter_item(&e->w, "double *probabilities");
    cwriter_item(&e->w, "long *classes");
    cwriter_item(&e->w, "char *error");
    cwriter_item(&e->w, "size_t size");
    cwriter_end(&e->w, end);
}

static void emit_classes(struct emitter *e, const struct interface *f)
{
    cwriter_line(&e->w, "%s", "");
    classes_prototype(e, f, ")");
    cwriter_open(&e->w, "{");
    cwriter_line(&e->w,
                 "return netrt_classes_found(&net_model, %s, most, probabilities, classes, error, "
                 "size);",
                 classes_name(e, f));
    cwriter_close(&e->w, "}");
}

static void emit_pictures(struct emitter *e, const struct interface *f)
{
    struct cwriter *w = &e->w;
    for (size_t i = 0; i < e->plan->graph->inputs.n; i++) {
        if (!e->plan->graph->inputs.at[i].pictures.n)
            continue;
        cwriter_line(w, "%s", "");
        prepare_prototype(e, f, i, ")");
        cwriter_open(w, "{");
        cwriter_line(w,
                     "return netrt_prepare(&net_model.inputs[%zu], rgb, width, height, %s, place, "
                     "error, size);",
                     i, prepared_name(e, f, i));
        cwriter_close(w, "}");
    }
    if (interface_finds_boxes(e->plan->graph))
        emit_boxes(e, f);
    if (graph_classes(e->plan->graph))
        emit_classes(e, f);
    if (!e->plan->graph->labels.n)
        return;
    cwriter_line(w, "%s", "");
    cwriter_line(w, "const char *%s_label(long class_number)", f->prefix);
    cwriter_open(w, "{");
    cwriter_line(w, "return class_number >= 0 && class_number < net_model.n_labels ? "
                    "net_model.labels[class_number] : NULL;");
    cwriter_close(w, "}");
}

/* What no other symbol of a shared library gives. */
static void emit_pools(struct emitter *e, const char *prefix)
{
    struct cwriter *w = &e->w;
    cwriter_line(w, "%s", "");
    cwriter_line(w, "netrt_pool *%s_pool_new(int threads)", prefix);
    cwriter_open(w, "{");
    cwriter_line(w, "return netrt_pool_new(threads);");
    cwriter_close(w, "}");
    cwriter_line(w, "%s", "");
    cwriter_line(w, "void %s_pool_free(netrt_pool *pool)", prefix);
    cwriter_open(w, "{");
    cwriter_line(w, "netrt_pool_free(pool);");
    cwriter_close(w, "}");
}

/* For programs that load the library by name. */
static void emit_library(struct emitter *e, const char *prefix)
{
    struct cwriter *w = &e->w;
    cwriter_line(w, "%s", "");
    cwriter_line(w, "const struct netrt_library *%s_library(void)", prefix);
    cwriter_open(w, "{");
    cwriter_line(w, "static const struct netrt_library library = {");
    cwriter_line(w, "    NETRT_LIBRARY_VERSION, &net_model, netrt_bind, netrt_unbind, "
                    "netrt_pool_new, netrt_pool_free};");
    cwriter_line(w, "return &library;");
    cwriter_close(w, "}");
}

void emit_exports(struct text *out, const struct plan *plan, const struct emit_options *options)
{
    struct interface f;
    interface_init(&f, plan, options);
    text_printf(out, "{ global: %s_*; local: *; };\n", f.prefix);
}

void emit_interface(struct emitter *e)
{
    struct interface f;
    interface_init(&f, e->plan, e->options);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "/* ---- the interface, as %s.h describes it ---- */",
                 c_comment(e->arena, e->options->name));
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "typedef struct %s_weights %s_weights;", f.prefix, f.prefix);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "size_t %s_workspace_size(void)", f.prefix);
    cwriter_open(&e->w, "{");
    cwriter_line(&e->w, "return net_model.workspace_bytes;");
    cwriter_close(&e->w, "}");
    cwriter_line(&e->w, "%s", "");
    emit_bind(e, f.prefix);
    cwriter_line(&e->w, "%s", "");
    emit_call_of_run(e, &f);
    emit_pictures(e, &f);
    if (!e->options->shared)
        return;
    emit_pools(e, f.prefix);
    emit_library(e, f.prefix);
}

void emit_main(struct emitter *e)
{
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "int main(int argc, char **argv)");
    cwriter_open(&e->w, "{");
    const struct emit_options *o = e->options;
    cwriter_line(&e->w, "return %s(&net_model, argc, argv);",
                 o->mpi        ? "netrt_mpi_train_main"
                 : o->training ? "netrt_train_main"
                 : o->boxes    ? "netrt_main_boxes"
                               : "netrt_main");
    cwriter_close(&e->w, "}");
}

/* ---- the header ---- */

/* " normalize mean 0.5 0.5 0.5 std 1 1 1": a step of preprocessing. */
static void add_picture(struct text *t, const struct picture *p)
{
    const struct op_info *info = op_info(p->op);
    text_printf(t, " %s", info->name);
    for (int i = 0; i < info->n_attrs; i++) {
        if (info->n_attrs > 1)
            text_printf(t, " %s", info->attrs[i].name);
        for (int k = 0; k < attr_width(info->attrs[i].kind); k++)
            text_printf(t, " %g", attr_get(&p->attr, &info->attrs[i], k));
    }
}

/* What pictures go through before they are this input. */
static void describe_pictures(struct emitter *e, const struct graph_input *input)
{
    struct text t;
    if (!input->pictures.n)
        return;
    text_init(&t, e->arena);
    for (size_t i = 0; i < input->pictures.n; i++) {
        text_append(&t, i ? "," : "");
        add_picture(&t, &input->pictures.at[i]);
    }
    cwriter_line(&e->w, " *       of pictures, RGB in 0..1:%s", text_string(&t));
}

/* " of int64_t, from 0 to 30521" behind an input's shape; "" of floats. */
static const char *describe_integers(struct emitter *e, const struct node *node)
{
    const int64_t positions = node->op == OP_input ? graph_positions(e->plan->graph, node) : 0;
    if (!dtype_is_integer(node->type.dtype))
        return "";
    return positions ? arena_printf(e->arena, " of %s, from 0 to %lld", c_type(node),
                                    (long long)(positions - 1))
                     : arena_printf(e->arena, " of %s", c_type(node));
}

/* ", of which *count are there" behind an output's shape; "" where all are. */
static const char *describe_count(struct emitter *e, const struct interface *f,
                                  const struct graph_output *o)
{
    const int count = graph_count_output(e->plan->graph, o);
    if (count < 0)
        return "";
    return arena_printf(e->arena,
                        e->plan->graph->inputs.at[0].node->type.dim[0] > 1
                            ? ", of which %s[i] are there of image i: behind them are zeros"
                            : ", of which *%s are there: behind them are zeros",
                        f->output[count]);
}

static void describe_tensors(struct emitter *e, const struct interface *f)
{
    const struct graph *graph = e->plan->graph;
    for (size_t i = 0; i < graph->inputs.n; i++) {
        cwriter_line(&e->w, " *   %s  input %s%s", f->input[i],
                     text_of_dims(e->arena, &graph->inputs.at[i].node->type),
                     describe_integers(e, graph->inputs.at[i].node));
        describe_pictures(e, &graph->inputs.at[i]);
    }
    for (size_t i = 0; i < graph->outputs.n; i++)
        cwriter_line(&e->w, " *   %s  output %s%s%s", f->output[i],
                     text_of_dims(e->arena, &graph->outputs.at[i].node->type),
                     describe_integers(e, graph->outputs.at[i].node),
                     describe_count(e, f, &graph->outputs.at[i]));
}

static void emit_lines(struct cwriter *w, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cwriter_line(w, "%s", lines[i]);
}

static void emit_prototypes(struct emitter *e, const struct interface *f)
{
    struct cwriter *w = &e->w;
    const char *p = f->prefix;
    const char *pools = e->options->shared ? "threads" : "core/pool.h";
    cwriter_line(w, "typedef struct netrt_pool netrt_pool; /* %s; NULL is the caller's thread */",
                 pools);
    cwriter_line(w, "typedef struct %s_weights %s_weights;", p, p);
    cwriter_line(w, "%s", "");
    cwriter_line(w, "/* Bytes of workspace that a run needs, aligned to 64. */");
    cwriter_line(w, "size_t %s_workspace_size(void);", p);
    cwriter_line(w, "%s", "");
    cwriter_line(w, "/* Reads the weights of a checkpoint; NULL: those that the library "
                    "carries. Returns");
    cwriter_line(
        w, " * 0, or -1 with a message in `error` (at most `size` bytes) and *weights NULL. */");
    cwriter_line(
        w, "int %s_bind(%s_weights **weights, const char *path, char *error, size_t size);", p, p);
    cwriter_line(w, "void %s_release(%s_weights *weights); /* NULL is nothing */", p, p);
    cwriter_line(w, "%s", "");
    cwriter_line(w, "/* Allocates nothing; threads may run at once, each with a workspace (and "
                    "pool) of its own.");
    cwriter_line(w,
                 " * Returns 0, or -1 where the weights are NULL or the workspace is not aligned%s",
                 has_faults(e->plan) ? "; or" : ". */");
    if (has_faults(e->plan))
        cwriter_line(w,
                     " * 1 where an integer is no position in what it is to choose from: what it "
                     "chose is NaN, or -1. */");
    cwriter_list(w, "int %s_run(", p);
    interface_parameters(w, f, e->plan);
    cwriter_end(w, ");");
    if (!e->options->shared)
        return;
    cwriter_line(w, "%s", "");
    cwriter_line(w, "/* So many threads, the caller's among them; NULL: the system gives none. */");
    cwriter_line(w, "netrt_pool *%s_pool_new(int threads);", p);
    cwriter_line(w, "void %s_pool_free(netrt_pool *pool); /* NULL is nothing */", p);
    cwriter_line(w, "%s", "");
    cwriter_line(w, "/* What programs ask that load networks by name: core/library.h. */");
    cwriter_line(w, "const struct netrt_library *%s_library(void);", p);
}

/* The constants of an input or output: elements, dimensions and each of them. */
static void emit_shape(struct emitter *e, const struct interface *f, const char *name,
                       const struct type *type)
{
    if (type_elements(type) > INT32_MAX)
        return;
    cwriter_list(&e->w, "%s", "");
    cwriter_item(&e->w, "%s_%s_size = %lld", f->prefix, name, (long long)type_elements(type));
    cwriter_item(&e->w, "%s_%s_rank = %d", f->prefix, name, type->rank);
    for (int i = 0; i < type->rank; i++)
        cwriter_item(&e->w, "%s_%s_dim_%d = %lld", f->prefix, name, i, (long long)type->dim[i]);
    cwriter_end(&e->w, ",");
}

/* By the names that the arrays have in the call of a run. */
static void emit_shapes(struct emitter *e, const struct interface *f)
{
    const struct graph *graph = e->plan->graph;
    cwriter_line(&e->w, "/* Elements of the inputs and outputs of a run, and their shapes. */");
    cwriter_open(&e->w, "enum {");
    for (size_t i = 0; i < graph->inputs.n; i++)
        emit_shape(e, f, f->input[i], &graph->inputs.at[i].node->type);
    for (size_t i = 0; i < graph->outputs.n; i++)
        emit_shape(e, f, f->output[i], &graph->outputs.at[i].node->type);
    cwriter_close(&e->w, "};");
}

/* The name that the network gives to what has `identifier` here, where that is another. */
static void emit_name(struct emitter *e, const struct interface *f, const char *identifier,
                      const char *name)
{
    if (name && *name && strcmp(name, identifier) != 0)
        cwriter_line(&e->w, "#define %s_%s_name %s", f->prefix, identifier,
                     c_string(e->arena, name));
}

static void emit_names(struct emitter *e, const struct interface *f)
{
    const struct graph *graph = e->plan->graph;
    for (size_t i = 0; i < graph->inputs.n; i++)
        emit_name(e, f, f->input[i], graph->inputs.at[i].node->name);
    for (size_t i = 0; i < graph->outputs.n; i++)
        emit_name(e, f, f->output[i], graph->outputs.at[i].name);
}

static void emit_classes_prototype(struct emitter *e, const struct interface *f)
{
    static const char *const lines[] = {"",
                                        "/* What one image's output says, the likeliest first: "
                                        "probabilities and numbers of classes. "
                                        "At most",
                                        " * `most` are written. Returns how many classes there "
                                        "are, or -1 with a message in `error`. "
                                        "*/"};
    if (!graph_classes(e->plan->graph))
        return;
    emit_lines(&e->w, lines, sizeof lines / sizeof *lines);
    classes_prototype(e, f, ");");
}

/* What a program does with pictures before a run, and with numbers of classes after it. */
static void emit_picture_prototypes(struct emitter *e, const struct interface *f)
{
    static const char *const lines[] = {
        "",
        "/* Makes of a picture, rows of RGB of 8 bits, one image of the input. Column x and row y "
        "of it",
        " * lie at x * place[0] + place[2] and y * place[1] + place[3] of the picture, counted "
        "from the",
        " * edges; `place` may be NULL. Returns 0, or -1 with a message in `error`. */"};
    static const char *const boxes[] = {
        "",
        "/* What one image's outputs find, the best first: corners x1, y1, x2, y2 in pixels of the "
        "picture",
        " * with that `place`, or of the input where it is NULL; scores; numbers of classes. At "
        "most "
        "`most`",
        " * are written. Returns how many there are, or -1 with a message in `error`. */"};
    const struct graph *graph = e->plan->graph;
    for (size_t i = 0; i < sizeof lines / sizeof *lines && interface_prepares(graph); i++)
        cwriter_line(&e->w, "%s", lines[i]);
    for (size_t i = 0; i < graph->inputs.n; i++)
        if (graph->inputs.at[i].pictures.n)
            prepare_prototype(e, f, i, ");");
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes && interface_finds_boxes(graph); i++)
        cwriter_line(&e->w, "%s", boxes[i]);
    if (interface_finds_boxes(graph))
        boxes_prototype(e, f, ");");
    emit_classes_prototype(e, f);
    if (!graph->labels.n)
        return;
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "/* The name of a class; NULL: there is none of that number. */");
    cwriter_line(&e->w, "const char *%s_label(long class_number);", f->prefix);
}

/* Whether an input or output is not of floats. */
static bool has_integers(const struct graph *graph)
{
    for (size_t i = 0; i < graph->inputs.n; i++)
        if (dtype_is_integer(graph->inputs.at[i].node->type.dtype))
            return true;
    for (size_t i = 0; i < graph->outputs.n; i++)
        if (dtype_is_integer(graph->outputs.at[i].node->type.dtype))
            return true;
    return false;
}

void emit_header(struct text *out, const struct plan *plan, const struct emit_options *options)
{
    static const char *const open[] = {
        "", "#ifdef __cplusplus", "extern \"C\" {", "#endif", "",
    };
    static const char *const close[] = {"", "#ifdef __cplusplus", "}", "#endif", "", "#endif"};
    struct emitter e = {.arena = plan->arena, .plan = plan, .options = options};
    struct interface f;
    interface_init(&f, plan, options);
    cwriter_init(&e.w, out);
    cwriter_line(&e.w, "/*");
    cwriter_line(&e.w,
                 " * Network %s, compiled by netc. Tensors are dense, row-major, of floats%s:",
                 c_comment(plan->arena, plan->graph->name),
                 has_integers(plan->graph) ? " if not said otherwise" : "");
    describe_tensors(&e, &f);
    cwriter_line(&e.w, " */");
    cwriter_line(&e.w, "#ifndef NET_%s_H", f.prefix);
    cwriter_line(&e.w, "#define NET_%s_H", f.prefix);
    cwriter_line(&e.w, "%s", "");
    cwriter_line(&e.w, "#include <stddef.h>");
    if (has_integers(plan->graph))
        cwriter_line(&e.w, "#include <stdint.h>");
    emit_lines(&e.w, open, sizeof open / sizeof *open);
    emit_shapes(&e, &f);
    emit_names(&e, &f);
    cwriter_line(&e.w, "%s", "");
    emit_prototypes(&e, &f);
    emit_picture_prototypes(&e, &f);
    emit_lines(&e.w, close, sizeof close / sizeof *close);
}
