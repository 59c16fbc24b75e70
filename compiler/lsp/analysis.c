#include "lsp/analysis.h"

#include <string.h>

const struct source *analysis_source(const struct analysis *a)
{
    return sources_get(&a->sources, a->source);
}

void analysis_free(struct analysis *a)
{
    if (a)
        arena_free(a->arena);
}

/* ---- findings ---- */

/* An editor needs no choice of a net: each is looked at. */
static bool is_choice(const struct diag *d)
{
    static const char *const names[] = {"err_no_net", "err_several_nets", "err_open_param"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(diag_name(d), names[i]))
            return true;
    return false;
}

/* Nets of a file share its blocks, and what is wrong there. */
static bool is_known(const struct analysis *a, const struct diag *d)
{
    struct span span = diag_span(d);
    for (size_t i = 0; i < a->findings.n; i++) {
        const struct diag *other = a->findings.at[i];
        struct span place = diag_span(other);
        if (span.source == place.source && span.begin == place.begin &&
            !strcmp(diag_text(d), diag_text(other)))
            return true;
    }
    return false;
}

static void take_findings(struct analysis *a, const struct diags *diags)
{
    enum { MOST_FINDINGS = 200 };
    for (size_t i = 0; i < diags->queue.n && a->findings.n < MOST_FINDINGS; i++) {
        const struct diag *d = diags->queue.at[i];
        if (!is_choice(d) && !is_known(a, d))
            VEC_PUSH(a->arena, &a->findings, d);
    }
}

/* ---- nets ---- */

static bool is_complete(const struct ast_item *item)
{
    const struct ast_params *params = &item->definition.params;
    for (size_t i = 0; i < params->list.n; i++)
        if (!params->list.at[i].value)
            return false;
    return item->kind == ITEM_net;
}

/* Elaborates a net, NULL: what there is without one. Of a text that is not grammatical only the
 * graph is taken: what the rest means is not certain. */
static void look_at_net(struct analysis *a, const char *net)
{
    struct diags diags;
    struct graph *g = NULL;
    diags_init(&diags, a->arena, &a->sources);
    a->options.net = net;
    elaborate(a->arena, a->strings, &a->sources, &diags, &a->options, &g);
    if (!diags_have_errors(&a->diags))
        take_findings(a, &diags);
    if (g && net)
        spots_add_graph(&a->spots, a->arena, g);
}

bool analysis_is_judged(const struct analysis *a)
{
    return a->finished || diags_have_errors(&a->diags);
}

/* The next net that needs no arguments, from an item on; the number of items: there is none. */
static size_t next_net(const struct analysis *a, size_t i)
{
    while (i < a->tree->items.n && !is_complete(a->tree->items.at[i]))
        i++;
    return i;
}

void analysis_step(struct analysis *a)
{
    size_t i = next_net(a, a->next), n = a->tree->items.n;
    if (a->finished)
        return;
    if (i < n)
        look_at_net(a, a->tree->items.at[i]->definition.name);
    else
        look_at_net(a, NULL);
    a->next = i + 1;
    a->finished = next_net(a, a->next) >= n;
}

struct analysis *analysis_new(const struct analysis_input *in)
{
    struct arena *arena = arena_new();
    struct analysis *a = arena_new_of(arena, struct analysis);
    *a = (struct analysis){.arena = arena, .strings = strings_new(arena), .options = in->options};
    sources_init(&a->sources, arena);
    a->sources.overlays = in->overlays;
    a->sources.n_overlays = in->n_overlays;
    diags_init(&a->diags, arena, &a->sources);
    a->source = sources_add(&a->sources, in->text.path, in->text.bytes, in->text.size);
    a->tree = parse(arena, a->strings, &a->diags, a->source);
    const struct parsed_file file = {analysis_source(a)->path, a->source, a->tree};
    VEC_PUSH(arena, &a->files.list, file);
    a->options.file = file.path;
    a->options.parsed = &a->files;
    a->options.batch = 1;
    a->options.partial = true;
    take_findings(a, &a->diags);
    a->words = words_read(arena, a->strings, &a->sources, a->source);
    a->index = (struct index){
        .arena = arena, .strings = a->strings, .sources = &a->sources, .options = &a->options};
    index_make(&a->index, &file);
    a->sources.n_overlays = 0;
    return a;
}
