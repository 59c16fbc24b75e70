/* The shape of what flows out of each line, behind it. */
#include "lsp/request.h"

/* The spot whose result a line ends with: the one that ends last; the outer one of several. */
static const struct spot **spots_of_lines(const struct request *r)
{
    const struct spots *s = &r->analysis->spots;
    const struct spot **of = arena_array(r->scratch, r->source->n_lines + 1, sizeof *of);
    for (size_t i = 0; i < s->list.n; i++) {
        const struct spot *spot = &s->list.at[i];
        if (spot->span.end > r->source->size || spot->last->op == OP_input)
            continue;
        const struct spot **best = &of[source_line_number(r->source, spot->span.end - 1)];
        if (!*best || (*best)->span.end < spot->span.end ||
            ((*best)->span.end == spot->span.end && (*best)->span.begin > spot->span.begin))
            *best = spot;
    }
    return of;
}

/* The end of a line's last word that is no comment. */
static uint32_t *ends_of_lines(const struct request *r)
{
    uint32_t *end = arena_array(r->scratch, r->source->n_lines + 1, sizeof *end);
    for (size_t i = 0; i < r->analysis->words.list.n; i++) {
        const struct word *w = &r->analysis->words.list.at[i];
        if (w->kind != WORD_comment)
            end[source_line_number(r->source, w->span.begin)] = w->span.end;
    }
    return end;
}

json_t *answer_inlay_hints(struct request *r)
{
    json_t *list = json_array();
    struct span range = range_span(r, json_object_get(r->params, "range"));
    const struct spot **of = spots_of_lines(r);
    const uint32_t *end = ends_of_lines(r);
    for (size_t line = 1; line <= r->source->n_lines; line++)
        if (of[line] && end[line] >= range.begin && end[line] <= range.end)
            json_array_append_new(list, json_pack("{s:o, s:s, s:i, s:b}", "position",
                                                  position_json(r->source, end[line], r->encoding),
                                                  "label", spot_shape(r->scratch, of[line]), "kind",
                                                  1, "paddingLeft", 1));
    return list;
}
