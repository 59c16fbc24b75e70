/*
 * A variant is the whole network with the n-th candidate for each of its layers, so that each is
 * measured where it will run: with what the layers before it leave in the caches, and with the
 * threads. Variants run in turn, several times, against the drift of machines; a candidate's time
 * is its least.
 */
#include "tune.h"

#include "core/cpu.h"
#include "driver/cc.h"
#include "driver/output.h"
#include "planner.h"
#include "schedule/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 5, MOST_VARIANTS = 32 };

static const double worth = 0.97; /* of the time of the model's choice, to be taken instead */

/* A layer's time with a decision. */
struct sample {
    const char *layer, *decision;
    double us, least; /* of all the layer's steps, in the last run and the best */
};

struct tuner {
    const struct product *product;
    struct plan_options options;
    struct graph *graph;
    const char *folder;
    int n_variants;
    const struct plan *plans[MOST_VARIANTS];
    VEC(struct sample) samples; /* those of the model's choices first */
};

static struct sample *sample_of(struct tuner *t, const struct schedule *s)
{
    for (size_t i = 0; i < t->samples.n; i++)
        if (!strcmp(t->samples.at[i].layer, s->layer) &&
            !strcmp(t->samples.at[i].decision, s->decision))
            return &t->samples.at[i];
    VEC_PUSH(t->product->arena, &t->samples, ((struct sample){s->layer, s->decision, 0, INFINITY}));
    return &t->samples.at[t->samples.n - 1];
}

static const char *program_of(const struct tuner *t, int variant)
{
    return arena_printf(t->product->arena, "%s/variant%d", t->folder, variant);
}

static int most_candidates(const struct plan *plan)
{
    int most = 0;
    for (size_t i = 0; i < plan->steps.n; i++)
        if (plan->steps.at[i].schedule && plan->steps.at[i].schedule->candidates > most)
            most = plan->steps.at[i].schedule->candidates;
    return most;
}

/* ---- programs ---- */

static bool make_variant(struct tuner *t, int variant)
{
    struct options options = *t->product->options;
    struct product product = *t->product;
    t->options.variant = variant + 1;
    struct plan *plan = plan_make(product.arena, product.diags, t->graph, &t->options);
    if (!plan)
        return false;
    options.output = program_of(t, variant);
    options.weights = NULL;
    product.options = &options;
    product.plan = t->plans[variant] = plan;
    return product_executable(&product);
}

/* Tuning takes minutes: on a terminal, how far it is. */
static void show_progress(const char *what, int done, int of)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r--tune: %s %d of %d%s", what, done, of, done == of ? "\n" : "");
}

static bool make_variants(struct tuner *t)
{
    int n = 1;
    for (int i = 0; i < n; i++) {
        show_progress("compiling variant", i + 1, n);
        if (!make_variant(t, i))
            return false;
        t->n_variants = i + 1;
        n = most_candidates(t->plans[0]);
        n = n < MOST_VARIANTS ? n : MOST_VARIANTS;
    }
    return true;
}

/* ---- times ---- */

/* The least times of all steps, in their order: the last column of what `bench --profile-csv`
 * writes, after the line that names the columns. */
static bool read_times(struct tuner *t, const struct plan *plan, const char *text)
{
    const char *line = text;
    for (size_t i = 0; i < t->samples.n; i++)
        t->samples.at[i].us = 0;
    for (size_t i = 0; i < plan->steps.n; i++) {
        const struct plan_step *s = &plan->steps.at[i];
        double us;
        line = strchr(line, '\n');
        if (!line || sscanf(++line, "%*[^,],%*[^,],%*f,%*d,%*f,%lf", &us) != 1)
            return false;
        if (s->schedule)
            sample_of(t, s->schedule)->us += us;
    }
    for (size_t i = 0; i < t->samples.n; i++) {
        struct sample *sample = &t->samples.at[i];
        if (sample->us > 0 && sample->us < sample->least)
            sample->least = sample->us;
    }
    return true;
}

static bool measure_variant(struct tuner *t, int variant)
{
    const struct product *p = t->product;
    const char *program = program_of(t, variant);
    const char *output = arena_printf(p->arena, "%s/times", t->folder), *why;
    const char *words[] = {program,
                           "bench",
                           "--random-weights",
                           "1",
                           "--profile-csv",
                           output,
                           "--runs",
                           "30",
                           t->options.threads ? "--threads" : NULL,
                           arena_printf(p->arena, "%d", t->options.threads),
                           NULL};
    if (!program_run(p->arena, p->diags, words, "/dev/null", p->options->verbose))
        return false;
    struct sources sources;
    sources_init(&sources, p->arena);
    const uint32_t source = sources_open(&sources, output, &why);
    if (source && read_times(t, t->plans[variant], sources_get(&sources, source)->bytes))
        return true;
    diag_add(p->diags, (struct span){0}, MESSAGE(err_open), output,
             source ? "it holds no times" : why);
    return false;
}

static bool measure(struct tuner *t)
{
    bool done = true;
    for (int round = 0; round < ROUNDS && done; round++)
        for (int i = 0; i < t->n_variants && done; i++) {
            show_progress("measuring run", round * t->n_variants + i + 1, ROUNDS * t->n_variants);
            done = measure_variant(t, i);
        }
    return done;
}

/* ---- the choice ---- */

/* The model's choice, unless another is faster by enough. A step that its reader computes has no
 * time of its own. */
static void choose(struct tuner *t, const struct sample *first, struct tuning *tuning)
{
    const struct sample *best = first;
    if (isinf(first->least))
        return;
    for (size_t i = 0; i < t->samples.n; i++) {
        const struct sample *s = &t->samples.at[i];
        if (!strcmp(s->layer, first->layer) && s->least < best->least &&
            s->least < worth * first->least)
            best = s;
    }
    const char *comment = arena_printf(t->product->arena, "%.1f us", best->least);
    if (best != first)
        comment = arena_printf(t->product->arena, "%s, untuned %.1f us", comment, first->least);
    tuning_set(tuning, best->layer, best->decision, comment);
}

static void choose_all(struct tuner *t, struct tuning *tuning)
{
    const struct plan *model = t->plans[0];
    for (size_t i = 0; i < model->steps.n; i++)
        if (model->steps.at[i].schedule)
            choose(t, sample_of(t, model->steps.at[i].schedule), tuning);
}

static bool tune_in(struct tuner *t, struct tuning *tuning)
{
    if (!make_variants(t))
        return false;
    if (!most_candidates(t->plans[0])) {
        diag_add(t->product->diags, (struct span){0}, MESSAGE(note_tune_nothing),
                 t->product->options->tune);
        return true;
    }
    if (!measure(t))
        return false;
    choose_all(t, tuning);
    return true;
}

/* Compiles the graph with candidate after candidate for each layer, runs what it makes, and adds
 * the fastest to `tuning`. False: an error was reported. */
static bool tune(const struct product *product, struct graph *graph,
                 const struct plan_options *options, struct tuning *tuning)
{
    struct output_folder folder;
    struct tuner t = {.product = product, .options = *options, .graph = graph};
    if (!netrt_cpu_runs(options->target.name) || product_is_foreign(&options->target)) {
        diag_add(product->diags, (struct span){0}, MESSAGE(err_tune_here), options->target.name);
        return false;
    }
    if (!output_folder_make(&folder, product->arena, product->diags))
        return false;
    t.folder = folder.path;
    const bool done = tune_in(&t, tuning);
    output_folder_remove(&folder);
    return done;
}

/* ---- files ---- */

/* The schedules of a file; `new`: there may be none yet. False: an error was reported. */
static bool read_schedules(const struct product *p, struct sources *sources, const char *path,
                           bool new, struct tuning *tuning)
{
    const char *why;
    if (new &&access(path, F_OK))
        return true;
    uint32_t source = sources_open(sources, path, &why);
    if (!source)
        diag_add(p->diags, (struct span){0}, MESSAGE(err_open), path, why);
    return source && tuning_read(tuning, p->diags, source);
}

/* Measures, and writes the schedules with those that the file held. */
static bool tune_to_file(const struct product *p, struct sources *sources, struct graph *g,
                         const struct plan_options *o, struct tuning *tuning)
{
    const char *path = p->options->tune;
    struct text t;
    if (!read_schedules(p, sources, path, true, tuning) || !tune(p, g, o, tuning))
        return false;
    text_init(&t, p->arena);
    tuning_print(&t, tuning);
    return output_write(p->diags, path, t.at, t.n);
}

bool tune_schedules(const struct product *p, struct sources *sources, struct graph *g,
                    struct plan_options *o)
{
    struct tuning *tuning = tuning_new(p->arena);
    const char *given = p->options->schedule;
    if (given && !read_schedules(p, sources, given, false, tuning))
        return false;
    if (p->options->tune && !tune_to_file(p, sources, g, o, tuning))
        return false;
    o->tuning = tuning;
    return true;
}
