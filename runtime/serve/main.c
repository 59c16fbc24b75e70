/* netc-serve: serves networks of shared libraries by the Open Inference Protocol over HTTP. */
#include "http.h"
#include "listen.h"
#include "../host/options.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef NETRT_VERSION
#define NETRT_VERSION "0.1"
#endif

enum { SERVE_MEGABYTE = 1000000, SERVE_MOST_MEGABYTES = 4000, SERVE_MOST_THREADS = 1024 };

struct program {
    const struct netrt_options *options;
    struct netrt_message *message;
    struct serve_service service;
    struct serve_http http;
    int listener;
    char url[128];
};

/* ---- options ---- */

static long or_else(long given, long otherwise)
{
    return given ? given : otherwise;
}

static struct serve_limits limits_of(const struct netrt_options *o)
{
    return (struct serve_limits){
        .request = (size_t)or_else(o->max_request, 64) * SERVE_MEGABYTE,
        .connections = (int)or_else(o->max_connections, 64),
        .timeout = (double)or_else(o->timeout, 30),
    };
}

static struct serve_queue_options queue_of(const struct netrt_options *o)
{
    return (struct serve_queue_options){
        .threads = (int)o->threads,
        .instances = (int)or_else(o->instances, 1),
        .wait = o->batch_wait < 0 ? 0 : o->batch_wait * 1e-3,
    };
}

static int check_options(const struct netrt_options *o, struct netrt_message *m)
{
    const struct {
        const char *name;
        unsigned long long value, most;
    } bounds[] = {
        {"port", o->port, 65535},
        {"threads", (unsigned long long)o->threads, SERVE_MOST_THREADS},
        {"instances", (unsigned long long)o->instances, SERVE_MOST_THREADS},
        {"max-connections", (unsigned long long)o->max_connections, 10000},
        {"max-request", (unsigned long long)o->max_request, SERVE_MOST_MEGABYTES},
        {"batch-wait", o->batch_wait > 60000 ? 60001 : 0, 60000},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (bounds[i].value > bounds[i].most)
            return netrt_misuse(m, "option '--%s' takes a number up to %llu", bounds[i].name,
                                bounds[i].most);
    if (o->socket && (o->host || o->port != NETRT_DEFAULT_PORT))
        return netrt_misuse(m, "options '--socket' and '--%s' exclude each other",
                            o->host ? "host" : "port");
    return 0;
}

/* ---- serving ---- */

static void wanted_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

/* Waits a tenth of a second for a signal that ends the program; then looks after the clients. */
static bool is_ended(struct program *p)
{
    const struct timespec tick = {.tv_nsec = 100000000};
    sigset_t set;
    wanted_signals(&set);
    const bool ended = sigtimedwait(&set, NULL, &tick) > 0;
    serve_connections_expire(&p->http.connections, p->service.limits.timeout);
    return ended;
}

/* What was begun is answered, unless a second signal comes or the clients take too long. */
static void drain(struct program *p)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    serve_service_close(&p->service);
    serve_http_close(&p->http);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while (serve_service_active(&p->service) && !is_ended(p) &&
           (double)(now.tv_sec - start.tv_sec) < p->service.limits.timeout);
}

static void announce(const struct program *p)
{
    const struct netrt_options *o = p->options;
    for (int i = 0; i < p->service.networks.n; i++)
        printf("%s%s", i ? ", " : "serving ", p->service.networks.at[i].name);
    printf(" at %s\n", o->socket ? o->socket : p->url);
    fflush(stdout);
}

static int listen_somewhere(struct program *p)
{
    const struct netrt_options *o = p->options;
    return o->socket ? serve_listen_path(o->socket, &p->listener, p->message)
                     : serve_listen_port(o->host ? o->host : "127.0.0.1", (unsigned)o->port,
                                         &p->listener, p->url, sizeof p->url, p->message);
}

static int serve_until_signal(struct program *p)
{
    int status = listen_somewhere(p);
    if (!status)
        status = serve_http_start(&p->http, &p->service, p->listener, p->message);
    if (status)
        return status;
    announce(p);
    while (!is_ended(p))
        ;
    drain(p);
    serve_http_stop(&p->http);
    if (p->options->socket)
        unlink(p->options->socket);
    return 0;
}

/* Signals wait in all threads: the first one takes them where it looks. */
static void hold_signals(void)
{
    sigset_t set;
    wanted_signals(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int serve(const struct netrt_options *o, struct netrt_message *m)
{
    struct program p = {.options = o, .message = m};
    struct serve_networks networks;
    const struct serve_limits limits = limits_of(o);
    const struct serve_queue_options queue = queue_of(o);
    hold_signals();
    int status = serve_networks_load(&networks, o->words, o->n_words, o->weights, m);
    if (status) {
        serve_networks_release(&networks);
        return status;
    }
    status = serve_service_init(&p.service, &networks, &queue, &limits, m);
    if (!status)
        status = serve_until_signal(&p);
    serve_service_release(&p.service);
    return status;
}

/* Its place in the table of commands, of which it has one; serve() is called by main(). */
static int nothing(struct netrt_program *p)
{
    (void)p;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct netrt_command commands[] = {
        {NULL, NETRT_COMMAND_SERVE, "libNAME.so...",
         "serve networks that 'netc --emit=shared' made, until a signal ends it", nothing},
        {0}};
    struct netrt_message message = {0};
    struct netrt_options options;
    int status = netrt_options_parse(&options, commands, argc, argv, &message);
    if (!status && options.help)
        netrt_options_help(commands, "netc-serve", stdout);
    else if (!status && options.version)
        printf("netc-serve, runtime %s\n", NETRT_VERSION);
    else if (!status)
        status = check_options(&options, &message);
    if (!status && !options.help && !options.version)
        status = serve(&options, &message);
    if (status)
        fprintf(stderr, "netc-serve: error: %s\n%s", message.text,
                message.details ? message.details : "");
    free(message.details);
    return status;
}
