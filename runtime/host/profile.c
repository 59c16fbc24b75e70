#include "profile.h"
#include "file.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Seconds of a step in all runs, and in its fastest. */
struct step_time {
    double total, least;
};

struct netrt_step_clock {
    struct netrt_profile profile; /* first: mark() gets a pointer to it */
    struct netrt_profile *behind; /* who shares what a step has found, or NULL */
    const struct netrt_model *model;
    long runs;
    double last;
    struct step_time steps[];
};

double netrt_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void mark_step(struct netrt_profile *profile, int step)
{
    struct netrt_step_clock *clock = (struct netrt_step_clock *)profile;
    double now = netrt_seconds();
    struct step_time *time = &clock->steps[step];
    const double seconds = now - clock->last;
    if (time->total <= 0 || seconds < time->least)
        time->least = seconds;
    time->total += seconds;
    clock->last = now;
}

struct netrt_step_clock *netrt_step_clock_new(const struct netrt_model *model)
{
    struct netrt_step_clock *clock = (struct netrt_step_clock *)calloc(
        1, sizeof *clock + (size_t)model->n_steps * sizeof *clock->steps);
    if (clock) {
        clock->profile.mark = mark_step;
        clock->model = model;
    }
    return clock;
}

void netrt_step_clock_free(struct netrt_step_clock *clock)
{
    free(clock);
}

static void share_behind(struct netrt_profile *profile, float *found, long n, int moments)
{
    struct netrt_profile *behind = ((struct netrt_step_clock *)profile)->behind;
    behind->share(behind, found, n, moments);
}

struct netrt_profile *netrt_step_clock_start(struct netrt_step_clock *clock,
                                             struct netrt_profile *behind)
{
    if (!clock)
        return behind;
    clock->behind = behind;
    clock->profile.share = behind && behind->share ? share_behind : NULL;
    clock->runs++;
    clock->last = netrt_seconds();
    return &clock->profile;
}

void netrt_step_clock_reset(struct netrt_step_clock *clock)
{
    if (!clock)
        return;
    clock->runs = 0;
    memset(clock->steps, 0, (size_t)clock->model->n_steps * sizeof *clock->steps);
}

static void print_steps(const struct netrt_step_clock *clock, FILE *out)
{
    double total = 0;
    for (int i = 0; i < clock->model->n_steps; i++)
        total += clock->steps[i].total;
    if (total <= 0)
        return;
    fprintf(out, "%10s %10s %7s %9s  step\n", "ms", "least", "share", "GFLOP/s");
    for (int i = 0; i < clock->model->n_steps; i++) {
        const struct netrt_step *step = &clock->model->steps[i];
        const struct step_time *time = &clock->steps[i];
        double seconds = time->total / (double)clock->runs;
        fprintf(out, "%10.4f %10.4f %6.1f%% %9.1f  %s (%s)\n", 1e3 * seconds, 1e3 * time->least,
                100 * time->total / total, seconds > 0 ? 2e-9 * step->macs / seconds : 0,
                step->name, step->kernel);
    }
    fprintf(out, "%10.4f            %6.1f%%            sum\n", 1e3 * total / (double)clock->runs,
            100.0);
}

/* Names of steps are labels and operators: they have neither commas nor quotes. */
static void write_steps(const struct netrt_step_clock *clock, FILE *out)
{
    fprintf(out, "step,kernel,macs,runs,mean_us,least_us\n");
    for (int i = 0; i < clock->model->n_steps; i++) {
        const struct netrt_step *step = &clock->model->steps[i];
        const struct step_time *time = &clock->steps[i];
        fprintf(out, "%s,%s,%.0f,%ld,%.4f,%.4f\n", step->name, step->kernel, step->macs,
                clock->runs, 1e6 * time->total / (double)clock->runs, 1e6 * time->least);
    }
}

int netrt_step_clock_report(const struct netrt_step_clock *clock,
                            const struct netrt_options *options, struct netrt_message *m)
{
    struct netrt_writer writer;
    if (!clock || !clock->runs)
        return 0;
    if (options->profile)
        print_steps(clock, stdout);
    if (!options->profile_csv)
        return 0;
    const int status = netrt_writer_open(&writer, options->profile_csv, m);
    if (status)
        return status;
    write_steps(clock, writer.file);
    return netrt_writer_close(&writer, 0, m);
}
