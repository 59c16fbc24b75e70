/* The smallest input that a net takes: sizes are tried from 1 on, since a window that fits one
 * size need not fit all above it. */
#include "report/report.h"

/* One size, tried in an arena of its own. */
struct attempt {
    struct arena *arena;
    struct sources sources;
    struct diags diags;
    struct graph *graph; /* NULL: it does not fit */
};

static bool is_image(const struct report_tensor *input)
{
    return input->type.rank == 4;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The largest side of the images that the net is written for; 0: it takes none. */
static int64_t written_size(const struct report *r)
{
    int64_t size = 0;
    for (size_t i = 0; i < r->inputs.n; i++)
        if (is_image(&r->inputs.at[i])) {
            const struct type *type = &r->inputs.at[i].type;
            size = most(size, most(type_h(type), type_w(type)));
        }
    return size;
}

/* "image=3x63x63" for every image. */
static size_t set_inputs(struct arena *arena, const struct report *r, int64_t size,
                         const char **inputs)
{
    size_t n = 0;
    for (size_t i = 0; i < r->inputs.n; i++)
        if (is_image(&r->inputs.at[i]))
            inputs[n++] = arena_printf(arena, "%s=%lldx%lldx%lld", r->inputs.at[i].name,
                                       (long long)type_c(&r->inputs.at[i].type), (long long)size,
                                       (long long)size);
    return n;
}

static void attempt_init(struct attempt *a, const struct report *r,
                         const struct elaborate_options *options, int64_t size)
{
    struct elaborate_options e = *options;
    *a = (struct attempt){.arena = arena_new()};
    sources_init(&a->sources, a->arena);
    diags_init(&a->diags, a->arena, &a->sources);
    const char **inputs = arena_array(a->arena, r->inputs.n, sizeof *inputs);
    e.n_inputs = set_inputs(a->arena, r, size, inputs);
    e.inputs = inputs;
    elaborate(a->arena, strings_new(a->arena), &a->sources, &a->diags, &e, &a->graph);
}

/* The first error, with its place: kept in the report's arena. */
static const char *why_not(const struct attempt *a, const struct report *r)
{
    for (size_t i = 0; i < a->diags.queue.n; i++) {
        const struct diag *d = a->diags.queue.at[i];
        struct span span = diag_span(d);
        if (!span.source || !diag_is_error(d))
            continue;
        const struct source *s = sources_get(&a->sources, span.source);
        return arena_printf(r->arena, "%s:%u: '%.*s': %s", s->path,
                            (unsigned)source_line_number(s, span.begin),
                            (int)(span.end - span.begin), s->bytes + span.begin, diag_text(d));
    }
    return "it does not fit";
}

void report_min_input(struct text *t, const struct report *r,
                      const struct elaborate_options *options)
{
    int64_t written = written_size(r), size = 0;
    const char *reason = NULL;
    for (bool fits = !written; !fits;) {
        struct attempt a;
        attempt_init(&a, r, options, ++size);
        fits = a.graph || size >= written;
        if (!fits)
            reason = why_not(&a, r);
        arena_free(a.arena);
    }
    if (!written)
        text_printf(t, "%s: takes no images\n", r->network);
    else
        text_printf(t, "%s: the smallest input is %lldx%lld\n", r->network, (long long)size,
                    (long long)size);
    if (reason)
        text_printf(t, "  %lldx%lld: %s\n", (long long)size - 1, (long long)size - 1, reason);
}
