#include "prepare.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char option[] = "--prepare";

/* The inputs that could be pictures, "'image', 'depth'". */
static const char *list_inputs(struct prepare *s, const struct graph *g)
{
    struct text t;
    text_init(&t, s->arena);
    for (size_t i = 0; i < g->inputs.n; i++)
        text_printf(&t, "%s'%s'", i ? ", " : "", g->inputs.at[i].node->name);
    return text_string(&t);
}

static struct graph_input *find_input(struct graph *g, const char *name, size_t length)
{
    for (size_t i = 0; i < g->inputs.n; i++) {
        const char *own = g->inputs.at[i].node->name;
        if (strlen(own) == length && !strncmp(own, name, length))
            return &g->inputs.at[i];
    }
    return NULL;
}

/* The input that the text names before a "=", or the only one; *steps: what is left of the text.
 * NULL: reported. */
static struct graph_input *choose_input(struct prepare *s, struct graph *g, const char **steps)
{
    const size_t length = strcspn(s->steps, "= \t\n([{");
    const bool named = s->steps[length] == '=';
    struct graph_input *input = named              ? find_input(g, s->steps, length)
                                : g->inputs.n == 1 ? &g->inputs.at[0]
                                                   : NULL;
    *steps = s->steps + (named ? length + 1 : 0);
    if (input)
        return input;
    s->wrong_call = true;
    struct diag *d =
        named ? diag_add(s->diags, (struct span){0}, MESSAGE(err_prepare_name), g->name, s->steps)
              : diag_add(s->diags, (struct span){0}, MESSAGE(err_prepare_which), g->name,
                         g->inputs.n);
    diag_hint(d, "its inputs are %s: '--prepare NAME=…' is of one of them", list_inputs(s, g));
    return NULL;
}

/* The name of an input as a word, which those of other tools need not be. */
static const char *word_of(struct prepare *s, const char *name)
{
    char *word = arena_printf(s->arena, "%s%s", isalpha((unsigned char)*name) ? "" : "x_", name);
    for (char *c = word; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return word;
}

/* A description of such an input alone; *hidden: how much of it is not the option's text. */
static const char *describe(struct prepare *s, const struct node *input, const char *steps,
                            size_t *hidden)
{
    struct text t;
    text_init(&t, s->arena);
    text_printf(&t, "net prepared { input %s[", word_of(s, input->name));
    for (int i = 1; i < input->type.rank; i++)
        text_printf(&t, "%s%" PRId64, i > 1 ? ", " : "", input->type.dim[i]);
    text_append(&t, "] { ");
    *hidden = t.n;
    text_printf(&t, "%s\n}\nidentity\n}\nimport \"blocks/imagenet.net\"\n", steps);
    return text_string(&t);
}

/* The graph of a description that is in memory. */
static struct graph *elaborate_text(struct prepare *s, const char *text, size_t hidden)
{
    const uint32_t source = sources_add(s->sources, option, text, strlen(text));
    struct parsed_files files = {0};
    struct graph *g = NULL;
    sources_hide(s->sources, source, (uint32_t)hidden);
    const struct ast_file *tree = parse(s->arena, s->strings, s->diags, source);
    if (diags_have_errors(s->diags))
        return NULL;
    VEC_PUSH(s->arena, &files.list, (struct parsed_file){option, source, tree});
    const struct elaborate_options o = {.file = option,
                                        .include_dirs = s->options->include_dirs,
                                        .n_include_dirs = s->options->n_include_dirs,
                                        .resources = s->options->resources,
                                        .batch = 1,
                                        .parsed = &files};
    return elaborate(s->arena, s->strings, s->sources, s->diags, &o, &g) == ELABORATE_OK ? g : NULL;
}

/* The steps are read as those of a description's input, by the same rules. */
static void prepare_pictures(struct prepare *s, struct graph *g)
{
    size_t hidden;
    const char *steps;
    struct graph_input *input = choose_input(s, g, &steps);
    if (!input)
        return;
    if (dtype_is_integer(input->node->type.dtype)) {
        diag_add(s->diags, (struct span){0}, MESSAGE(err_integer_picture), input->node->name);
        return;
    }
    const char *text = describe(s, input->node, steps, &hidden);
    const struct graph *prepared = elaborate_text(s, text, hidden);
    if (prepared)
        input->pictures.at = prepared->inputs.at[0].pictures.at;
    if (prepared)
        input->pictures.n = prepared->inputs.at[0].pictures.n;
}

static void read_labels(struct prepare *s, struct graph *g)
{
    const char *why;
    const uint32_t source = sources_open(s->sources, s->labels, &why);
    if (!source) {
        diag_add(s->diags, (struct span){0}, MESSAGE(err_open), s->labels, why);
        return;
    }
    graph_set_labels(g, sources_get(s->sources, source));
    const int64_t classes = graph_label_classes(g);
    if (classes && classes != (int64_t)g->labels.n)
        diag_add(s->diags, (struct span){0}, MESSAGE(warn_label_count), g->labels.n,
                 (long long)classes);
}

bool prepare_graph(struct prepare *s, struct graph *g)
{
    if (s->steps)
        prepare_pictures(s, g);
    if (s->labels)
        read_labels(s, g);
    return !s->wrong_call;
}
