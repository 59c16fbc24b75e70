/* Prints figures of the graph text on standard input, a line each: figures WHAT, which is
 * totals, conventions, fields, training or checkpoints. */
#include "cost/convention.h"
#include "cost/cost.h"
#include "cost/field.h"
#include "cost/training.h"
#include "ir/ir.h"

#include <stdio.h>
#include <string.h>

static struct graph *read_input(struct arena *arena)
{
    struct text text;
    struct sources sources;
    struct diags diags;
    char piece[4096];
    text_init(&text, arena);
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    for (size_t n; (n = fread(piece, 1, sizeof piece, stdin));)
        text_append_n(&text, piece, n);
    uint32_t file = sources_add(&sources, "standard input", text_string(&text), text.n);
    struct graph *g = graph_read(arena, strings_new(arena), &diags, file);
    diags_print(&diags, stderr);
    return g;
}

/* "params buffers macs" */
static bool print_totals(struct arena *arena, const struct graph *g)
{
    (void)arena;
    int64_t params = 0, buffers = 0, macs = 0;
    for (size_t i = 0; i < g->nodes.n; i++) {
        struct counts counts;
        if (!cost_count(g->nodes.at[i], &counts))
            return false;
        params += counts.params;
        buffers += counts.buffers;
        macs += counts.macs;
    }
    printf("%lld %lld %lld\n", (long long)params, (long long)buffers, (long long)macs);
    return true;
}

/* "name total" of each convention; also of exact without bias, and without activations too. */
static bool print_convention(const struct graph *g, enum convention c, const char *name,
                             const struct count_options *options)
{
    int64_t total = 0;
    for (size_t i = 0; i < g->nodes.n; i++) {
        int64_t count;
        if (!convention_count(c, g->nodes.at[i], options, &count))
            return false;
        total += count;
    }
    printf("%s %lld\n", name, (long long)total);
    return true;
}

static bool print_conventions(struct arena *arena, const struct graph *g)
{
    (void)arena;
    bool fits = true;
    for (int c = 0; c < N_CONVENTIONS; c++) {
        enum convention convention = (enum convention)c;
        const char *name = convention_info(convention)->name;
        fits = fits && convention_find(name) == convention &&
               print_convention(g, convention, name, NULL);
    }
    return fits &&
           print_convention(g, CONVENTION_exact, "exact-no-bias",
                            &(struct count_options){.no_bias = true}) &&
           print_convention(g, CONVENTION_exact, "exact-neither",
                            &(struct count_options){.no_bias = true, .no_activations = true});
}

/* "name op size jump offset size jump offset": rows, then columns, of volumes then depth; the last
 * line is `last`. */
static void print_field(const char *name, const struct node *n, const struct fields *f)
{
    printf("%s %s", name, op_info(n->op)->name);
    for (int axis = 0; axis < (f->axis[2].size ? 3 : 2); axis++)
        printf(" %lld %g %lld", (long long)f->axis[axis].size, f->axis[axis].jump,
               (long long)f->axis[axis].offset);
    printf("\n");
}

static bool print_fields(struct arena *arena, const struct graph *g)
{
    const struct fields *fields = field_all(arena, g);
    for (size_t i = 0; i < g->nodes.n; i++)
        print_field(g->nodes.at[i]->name, g->nodes.at[i], &fields[i]);
    const struct node *last = field_last(g);
    if (last)
        print_field("last", last, &fields[last->id]);
    return true;
}

static bool print_training(struct arena *arena, const struct graph *g)
{
    struct training t;
    bool fits = training_estimate(arena, g, &t);
    printf("saved %lld\n", (long long)t.saved);
    printf("walk %lld\n", (long long)t.walk);
    printf("gradients %lld\n", (long long)t.gradients);
    printf("lecture %lld %lld\n", (long long)t.lecture[0], (long long)t.lecture[1]);
    for (int o = 0; o < N_OPTIMIZERS; o++)
        printf("%s %lld\n", optimizer_name((enum optimizer)o), (long long)t.peak[o]);
    return fits;
}

/* "keep points peak macs" */
static bool print_checkpoints(struct arena *arena, const struct graph *g)
{
    struct checkpoints c = training_checkpoints(arena, g);
    for (size_t i = 0; i < c.n; i++)
        printf("%lld %lld %lld %lld\n", (long long)c.at[i].keep, (long long)c.at[i].points,
               (long long)c.at[i].peak_bytes, (long long)c.at[i].extra_macs);
    return true;
}

static const struct {
    const char *name;
    bool (*print)(struct arena *, const struct graph *);
} whats[] = {{"totals", print_totals},
             {"conventions", print_conventions},
             {"fields", print_fields},
             {"training", print_training},
             {"checkpoints", print_checkpoints}};

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct graph *g = read_input(arena);
    bool done = false;
    for (size_t i = 0; g && argc > 1 && i < sizeof whats / sizeof *whats; i++)
        if (!strcmp(argv[1], whats[i].name))
            done = whats[i].print(arena, g);
    arena_free(arena);
    return !done;
}
