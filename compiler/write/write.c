#include "write/write.h"

#include "front/format.h"
#include "front/parse.h"
#include "front/tidy.h"
#include "write/tree.h"

#include <string.h>

static bool check(struct diags *diags, const struct graph *g)
{
    for (size_t i = 0; i < g->nodes.n; i++)
        if (!node_is_plain(g->nodes.at[i])) {
            diag_add(diags, (struct span){0}, MESSAGE(err_write_node),
                     op_info(g->nodes.at[i]->op)->name,
                     g->nodes.at[i]->name ? g->nodes.at[i]->name : "");
            return false;
        }
    return true;
}

/* Whether the flow ends with a name that the language gives it: the label of its last step, or
 * "output" where that has none. */
static bool ends_as(const struct seq *body, const char *name)
{
    size_t n = body->steps.n;
    while (n && (body->steps.at[n - 1]->output || body->steps.at[n - 1]->kind == STEP_let))
        n--;
    const struct step *last = n ? body->steps.at[n - 1] : NULL;
    const bool known = last && last->kind != STEP_from && last->kind != STEP_again &&
                       last->kind != STEP_repeat && last->kind != STEP_for;
    return known && !strcmp(last->label ? last->label : "output", name);
}

struct looking {
    const char *label;
    bool found;
};

static void look(void *context, struct step *step)
{
    struct looking *l = context;
    l->found = l->found || (step->label && !strcmp(step->label, l->label));
}

/* Of several outputs the main one keeps its name too: by a step that does nothing, where its own
 * has another, and no other step has that. */
static void name_end(struct writing *s)
{
    struct looking l = {.label = s->graph->outputs.at[0].name};
    seq_walk(s->body, look, &l);
    if (s->graph->outputs.n < 2 || l.found || ends_as(s->body, l.label))
        return;
    struct step *end = step_new(s, STEP_op, NULL);
    end->name = op_info(OP_identity)->name;
    end->label = l.label;
    seq_push(s, s->body, end);
}

static void list_params(struct writing *s, struct written_params *params)
{
    for (size_t i = 0; i < s->graph->nodes.n; i++) {
        const struct node *n = s->graph->nodes.at[i];
        for (int role = 0; role < N_ROLES; role++)
            if (n->weight[role] && !is_written_again(s, n)) {
                const char *name = path_of_role(s->arena, s->path[i], (enum role)role);
                VEC_PUSH(s->arena, &params->list, (struct written_param){n->weight[role], name});
            }
    }
}

/* The text in its style. What does not parse is a fault of this folder. */
static bool format(struct text *out, struct sources *sources, struct diags *diags,
                   struct strings *strings, const struct text *text)
{
    struct text printed;
    const uint32_t source = sources_add(sources, "description", text->at, text->n);
    const struct ast_file *file = parse(out->arena, strings, diags, source);
    if (diags_have_errors(diags))
        return false;
    text_init(&printed, out->arena);
    format_file(&printed, file);
    return tidy(out, strings, diags, sources_add(sources, "description", printed.at, printed.n));
}

bool write_net(struct text *out, struct sources *sources, struct diags *diags,
               struct strings *strings, const struct graph *g, struct written_params *params)
{
    struct writing s = {.arena = out->arena, .strings = strings, .graph = g};
    struct text text;
    if (!check(diags, g))
        return false;
    text_init(&text, out->arena);
    unique_init(&s.block_names, out->arena);
    write_paths(&s);
    write_structure(&s);
    write_scopes(&s);
    write_blocks(&s);
    name_end(&s);
    write_text(&s, &text);
    list_params(&s, params);
    return format(out, sources, diags, strings, &text);
}
