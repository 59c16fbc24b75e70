/* The counts in Prometheus's text format. */
#include "service.h"

#include <stdlib.h>

/* What was counted for a network, at one moment. */
struct counted {
    struct serve_outcomes outcomes;
    struct serve_counts counts;
};

#define METRIC(name, kind, value, doc)                                                             \
    static double name(const struct counted *of)                                                   \
    {                                                                                              \
        return (double)of->value;                                                                  \
    }
#include "metrics.def"

static const struct metric {
    const char *name, *kind, *doc;
    double (*value)(const struct counted *);
} metrics[] = {
#define METRIC(name, kind, value, doc) {#name, #kind, doc, name},
#include "metrics.def"
};

/* A value within quotes. */
static void print_label(const char *text, FILE *out)
{
    for (; *text; text++)
        if (*text == '\n')
            fputs("\\n", out);
        else
            fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
}

static void print_head(const char *name, const char *kind, const char *doc, FILE *out)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, doc, name, kind);
}

static void print_of(const char *name, const struct serve_network *network, FILE *out)
{
    fprintf(out, "%s{model=\"", name);
    print_label(network->name, out);
}

static void print_times(const struct serve_network *network, const struct serve_outcomes *o,
                        FILE *out)
{
    static const double bounds[] = SERVE_TIME_BOUNDS;
    long sum = 0;
    for (int i = 0; i < SERVE_N_TIMES; i++) {
        sum += o->times[i];
        print_of("netc_request_seconds_bucket", network, out);
        if (i < SERVE_N_TIMES - 1)
            fprintf(out, "\",le=\"%g\"} %ld\n", bounds[i], sum);
        else
            fprintf(out, "\",le=\"+Inf\"} %ld\n", sum);
    }
    print_of("netc_request_seconds_sum", network, out);
    fprintf(out, "\"} %.9g\n", o->seconds);
    print_of("netc_request_seconds_count", network, out);
    fprintf(out, "\"} %ld\n", sum);
}

static void print_networks(struct serve_service *s, const struct counted *all, int n, FILE *out)
{
    for (size_t k = 0; k < sizeof metrics / sizeof *metrics; k++) {
        print_head(metrics[k].name, metrics[k].kind, metrics[k].doc, out);
        for (int i = 0; i < n; i++) {
            print_of(metrics[k].name, &s->networks.at[i], out);
            fprintf(out, "\"} %.15g\n", metrics[k].value(&all[i]));
        }
    }
    print_head("netc_request_seconds", "histogram", "time of the requests that were answered", out);
    for (int i = 0; i < n; i++)
        print_times(&s->networks.at[i], &all[i].outcomes, out);
}

void serve_metrics_print(struct serve_service *s, int connections, FILE *out)
{
    struct counted *all = calloc((size_t)s->networks.n + 1, sizeof *all);
    if (!all)
        return;
    for (int i = 0; i < s->networks.n; i++)
        all[i].counts = serve_queue_counts(s->queues[i]);
    pthread_mutex_lock(&s->lock);
    const long other = s->other;
    for (int i = 0; i < s->networks.n; i++)
        all[i].outcomes = s->outcomes[i];
    pthread_mutex_unlock(&s->lock);
    print_networks(s, all, s->networks.n, out);
    print_head("netc_connections", "gauge", "connections that are open", out);
    fprintf(out, "netc_connections %d\n", connections);
    print_head("netc_other_requests_total", "counter", "requests that were for no network", out);
    fprintf(out, "netc_other_requests_total %ld\n", other);
    free(all);
}
