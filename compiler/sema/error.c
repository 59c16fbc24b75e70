/* Messages: each place is heard once, with notes through the calls and loops around it. */
#include "sema/sema.h"

enum {
    MOST_NOTES = 16,
    MOST_WORK = 2 * 1000 * 1000,
    MOST_DEPTH = 1000 /* of the tree, blocks and functions included: bounds the C stack */
};

static const char *key_of(struct sema *s, struct span span, int kind)
{
    return strings_intern0(s->strings,
                           arena_printf(s->arena, "%u:%u:%d", span.source, span.begin, kind));
}

static struct diags *sink(struct sema *s, struct span span, int kind)
{
    const char *key = key_of(s, span, kind);
    if (span.source && map_get(&s->reported, key)) {
        s->muted.queue.n = 0;
        return &s->muted;
    }
    map_put(&s->reported, key, s);
    return s->diags;
}

bool sema_reported(struct sema *s, struct span span)
{
    return s->diags->n_errors && map_get(&s->reported, key_of(s, span, -1));
}

struct diags *sema_sink(struct sema *s, struct span span)
{
    return sink(s, span, -1);
}

struct diags *sema_warning_sink(struct sema *s, struct span span, enum diag_id id)
{
    return sink(s, span, (int)id);
}

static void note_frame(struct diag *d, const struct frame *f)
{
    switch (f->kind) {
    case FRAME_net:
        if (f->span.source)
            diag_note(d, f->span, "in net '%s', made here", f->name);
        return;
    case FRAME_block:
        diag_note(d, f->span, "in '%s' called here", f->name);
        return;
    case FRAME_repeat:
        diag_note(d, f->span, "iteration %lld of 'repeat' here", (long long)f->iteration);
        return;
    case FRAME_for:
        diag_note(d, f->span, "iteration %lld of 'for %s' here", (long long)f->iteration, f->name);
        return;
    case FRAME_branch:
        diag_note(d, f->span, "in branch %lld of '%s' here", (long long)f->iteration, f->name);
    }
}

struct diag *sema_walk_out(const struct place *p, struct diag *d)
{
    int n = 0;
    struct span last = {0};
    for (const struct frame *f = p->frame; f && n < MOST_NOTES; f = f->parent) {
        bool again = f->span.source == last.source && f->span.begin == last.begin;
        last = f->span;
        if (again)
            continue;
        note_frame(d, f);
        n++;
    }
    return d;
}

/* Nobody is shown what is found after the errors that are printed. */
bool sema_work(struct sema *s, const struct place *p, struct span span, int64_t amount)
{
    s->work += amount;
    s->stopped |= diags_are_full(s->diags);
    if (s->work > MOST_WORK && !s->stopped) {
        s->stopped = true;
        SEMA_ERROR(s, p, span, MESSAGE(err_too_much_work), MOST_WORK);
    }
    return !s->stopped;
}

bool sema_enter(struct sema *s, const struct place *p, struct span span)
{
    if (s->depth >= MOST_DEPTH) {
        SEMA_ERROR(s, p, span, MESSAGE(err_too_deep), MOST_DEPTH);
        return false;
    }
    s->depth++;
    return true;
}

void sema_leave(struct sema *s)
{
    s->depth--;
}

const char *sema_text(const struct sema *s, struct span span)
{
    const struct source *source = sources_get(s->sources, span.source);
    return source ? arena_strndup(s->arena, source->bytes + span.begin, span.end - span.begin) : "";
}

const char *sema_describe(const struct sema *s, const struct value *v)
{
    struct text t;
    text_init(&t, s->arena);
    value_print(&t, v);
    return text_string(&t);
}
