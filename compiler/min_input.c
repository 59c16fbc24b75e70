/* The smallest input that a net takes: sizes are tried from 1 on, since a window that fits one
 * size need not fit all above it. */
#include "min_input.h"
#include "base/number.h"

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

/* Rows and columns to try; 0: as the net is written. */
struct size {
    int64_t h, w;
};

/* The most rows and columns of the images that the net is written for; 0: it takes none. */
static struct size written_size(const struct report *r)
{
    struct size size = {0, 0};
    for (size_t i = 0; i < r->inputs.n; i++)
        if (is_image(&r->inputs.at[i])) {
            const struct type *type = &r->inputs.at[i].type;
            size = (struct size){int_max(size.h, type_h(type)), int_max(size.w, type_w(type))};
        }
    return size;
}

static bool all_are_square(const struct report *r)
{
    bool square = true;
    for (size_t i = 0; i < r->inputs.n; i++)
        square &= !is_image(&r->inputs.at[i]) ||
                  type_h(&r->inputs.at[i].type) == type_w(&r->inputs.at[i].type);
    return square;
}

/* "image=3x63x63" for every image. */
static size_t set_inputs(struct arena *arena, const struct report *r, struct size size,
                         const char **inputs)
{
    size_t n = 0;
    for (size_t i = 0; i < r->inputs.n; i++) {
        const struct type *type = &r->inputs.at[i].type;
        if (is_image(&r->inputs.at[i]))
            inputs[n++] =
                arena_printf(arena, "%s=%lldx%lldx%lld", r->inputs.at[i].name,
                             (long long)type_c(type), (long long)(size.h ? size.h : type_h(type)),
                             (long long)(size.w ? size.w : type_w(type)));
    }
    return n;
}

static void attempt_init(struct attempt *a, const struct report *r,
                         const struct elaborate_options *options, struct size size)
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

/* A search along rows, columns or both; at `most` the net is as it is written. */
struct search {
    const struct report *report;
    const struct elaborate_options *options;
    bool rows, columns;
    int64_t most;
    const char *reason; /* why the size below does not fit; NULL: there is none */
};

static int64_t search(struct search *s)
{
    int64_t size = 0;
    for (bool fits = false; !fits;) {
        struct attempt a;
        size++;
        attempt_init(&a, s->report, s->options,
                     (struct size){s->rows ? size : 0, s->columns ? size : 0});
        fits = a.graph || size >= s->most;
        if (!fits)
            s->reason = why_not(&a, s->report);
        arena_free(a.arena);
    }
    return size;
}

static void search_square(struct text *t, const struct report *r,
                          const struct elaborate_options *options, int64_t written)
{
    struct search s = {r, options, true, true, written, NULL};
    const long long size = search(&s);
    text_printf(t, "%s: the smallest input is %lldx%lld\n", r->network, size, size);
    if (s.reason)
        text_printf(t, "  %lldx%lld: %s\n", size - 1, size - 1, s.reason);
}

/* Rows, with the columns as they are written, and columns likewise. */
static void search_axes(struct text *t, const struct report *r,
                        const struct elaborate_options *options, struct size written)
{
    struct search rows = {r, options, true, false, written.h, NULL};
    struct search columns = {r, options, false, true, written.w, NULL};
    const long long h = search(&rows), w = search(&columns);
    text_printf(t, "%s: the smallest input is %lldx%lld\n", r->network, h, w);
    if (rows.reason)
        text_printf(t, "  %lld rows: %s\n", h - 1, rows.reason);
    if (columns.reason)
        text_printf(t, "  %lld columns: %s\n", w - 1, columns.reason);
}

void min_input_print(struct text *t, const struct report *r,
                     const struct elaborate_options *options)
{
    const struct size written = written_size(r);
    if (!written.h)
        text_printf(t, "%s: takes no images\n", r->network);
    else if (all_are_square(r))
        search_square(t, r, options, written.h);
    else
        search_axes(t, r, options, written);
}
