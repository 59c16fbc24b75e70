#include "lsp/spots.h"

/* In its own sources, the text is the first that was opened. */
enum { THE_TEXT = 1 };

static size_t hash(struct span span, bool call)
{
    uint64_t h = ((uint64_t)span.begin << 33 | (uint64_t)span.end << 1 | call) *
                 UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h ^ h >> 29);
}

/* The slot of a place, free or not. */
static size_t *slot_of(const struct spots *s, struct span span, bool call)
{
    size_t i = hash(span, call) & (s->n_slots - 1);
    while (s->slot[i]) {
        const struct spot *spot = &s->list.at[s->slot[i] - 1];
        if (spot->span.begin == span.begin && spot->span.end == span.end && !spot->frame == !call)
            break;
        i = (i + 1) & (s->n_slots - 1);
    }
    return &s->slot[i];
}

static void grow(struct spots *s, struct arena *arena)
{
    if (2 * s->list.n < s->n_slots)
        return;
    s->n_slots = s->n_slots ? 2 * s->n_slots : 256;
    s->slot = arena_array(arena, s->n_slots, sizeof *s->slot);
    for (size_t i = 0; i < s->list.n; i++)
        *slot_of(s, s->list.at[i].span, s->list.at[i].frame) = i + 1;
}

/* A node that a step made; `instance` tells one time from another. */
static void visit(struct spots *s, struct arena *arena, const struct graph *g, struct span span,
                  const struct frame *frame, const struct node *node, uint32_t instance)
{
    if (span.source != THE_TEXT)
        return;
    grow(s, arena);
    size_t *slot = slot_of(s, span, frame);
    if (!*slot) {
        VEC_PUSH(arena, &s->list,
                 (struct spot){span, g, NULL, node, node, node, frame, instance, 1});
        *slot = s->list.n;
        return;
    }
    struct spot *spot = &s->list.at[*slot - 1];
    if (spot->graph != g)
        return;
    if (spot->instance == instance && spot->times == 1)
        spot->last = node;
    spot->times += spot->instance != instance;
    spot->instance = instance;
    spot->latest = node;
}

void spots_add_graph(struct spots *s, struct arena *arena, const struct graph *g)
{
    size_t known = s->list.n;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *node = g->nodes.at[i];
        visit(s, arena, g, node->span, NULL, node, node->id);
        for (const struct frame *f = node->frame; f; f = f->parent)
            if (f->kind == FRAME_block)
                visit(s, arena, g, f->span, f, node, f->id);
    }
    const struct fields *fields = s->list.n > known ? field_all(arena, g) : NULL;
    for (; known < s->list.n; known++)
        s->list.at[known].fields = fields;
}

const struct spot *spots_at(const struct spots *s, size_t offset)
{
    const struct spot *found = NULL;
    for (size_t i = 0; i < s->list.n; i++) {
        const struct spot *spot = &s->list.at[i];
        if (spot->span.begin <= offset && offset <= spot->span.end &&
            (!found || spot->span.end - spot->span.begin < found->span.end - found->span.begin))
            found = spot;
    }
    return found;
}

bool spot_made(const struct spot *s, const struct node *node)
{
    if (!s->frame)
        return node == s->first;
    for (const struct frame *f = node->frame; f; f = f->parent)
        if (f == s->frame)
            return true;
    return false;
}
