#include "exchange.h"

#include <jansson.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SERVE_SPARE = 8,           /* connections beyond the limit that hear why they are closed */
    SERVE_HEADERS = 32 * 1024, /* bytes of a request's line and headers */
    SERVE_STACK = 1024 * 1024, /* bytes of a connection's thread */
    SERVE_FIRST_PIECE = 64 * 1024
};

/* ---- responses ---- */

const char *serve_header(const struct serve_exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* `allow`: the methods that the path takes, where this one it does not, or NULL. */
static void add_headers(struct MHD_Response *response, int status, const char *type,
                        const char *allow, size_t size, size_t header)
{
    char length[32];
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    snprintf(length, sizeof length, "%zu", header);
    if (header < size)
        MHD_add_response_header(response, "Inference-Header-Content-Length", length);
    if (allow)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
}

/* Counts, unless it is those that are asked for. */
static void count(struct serve_exchange *x, int status)
{
    struct timespec now, *since = &x->client->since;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const double seconds =
        (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) * 1e-9;
    const bool inference = x->network && x->route && !strcmp(x->route->method, "POST");
    serve_service_count(x->http->service, inference ? x->network : NULL, status == MHD_HTTP_OK,
                        seconds);
}

int serve_respond(struct serve_exchange *x, int status, const char *type, char *data, size_t size,
                  size_t header)
{
    struct MHD_Response *response =
        data ? MHD_create_response_from_buffer(size, data, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!response)
        return free(data), -1;
    add_headers(response, status, type, x->allow, size, header);
    count(x, status);
    serve_connections_mark(&x->http->connections, x->client, false);
    const enum MHD_Result queued = MHD_queue_response(x->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return queued == MHD_YES ? 0 : -1;
}

/* Names in a message are the client's, and may be cut within a character. */
static void make_ascii(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            *text = '?';
}

int serve_respond_error(struct serve_exchange *x, int status)
{
    json_t *root = json_pack("{s:s}", "error", x->message.text);
    if (!root) {
        make_ascii(x->message.text);
        root = json_pack("{s:s}", "error", x->message.text);
    }
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    const size_t size = text ? strlen(text) : 0;
    return serve_respond(x, status, "application/json", text, size, size);
}

/* ---- requests ---- */

static void forget_body(struct serve_exchange *x)
{
    serve_service_drop(x->http->service, x->capacity);
    free(x->body);
    x->body = NULL;
    x->size = x->capacity = 0;
}

/* What is wrong before the body: a status, or 0. */
static int refuse_early(struct serve_exchange *x)
{
    const struct serve_limits *limits = &x->http->service->limits;
    const char *length = serve_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *encoding = serve_header(x, MHD_HTTP_HEADER_CONTENT_ENCODING);
    if (serve_connections_count(&x->http->connections) > limits->connections) {
        netrt_fail(&x->message, "this server has its %d connections", limits->connections);
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (strcmp(x->route->method, "POST") != 0)
        return 0;
    if (!serve_service_ready(x->http->service)) {
        netrt_fail(&x->message, "this server is ending");
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (encoding && strcmp(encoding, "identity") != 0) {
        netrt_fail(&x->message, "a body with 'Content-Encoding: %.40s' is not read", encoding);
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }
    if (length && strtoull(length, NULL, 10) > limits->request) {
        netrt_fail(&x->message, "the body has more than the %zu bytes that this server takes",
                   limits->request);
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return 0;
}

/* Makes room for so many more bytes: a status, or 0. */
static int grow(struct serve_exchange *x, size_t more)
{
    const size_t limit = x->http->service->limits.request;
    size_t wanted = x->capacity ? x->capacity : SERVE_FIRST_PIECE;
    if (more > limit - x->size) {
        netrt_fail(&x->message, "the body has more than the %zu bytes that this server takes",
                   limit);
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    while (wanted < x->size + more)
        wanted *= 2;
    if (wanted > limit)
        wanted = limit;
    if (wanted == x->capacity)
        return 0;
    netrt_fail(&x->message, "this server holds as many requests as it has memory for");
    if (!serve_service_hold(x->http->service, wanted - x->capacity))
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    char *body = realloc(x->body, wanted);
    if (!body) {
        serve_service_drop(x->http->service, wanted - x->capacity);
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    x->body = body;
    x->capacity = wanted;
    return 0;
}

static void take_piece(struct serve_exchange *x, const char *piece, size_t size)
{
    if (x->refused)
        return;
    x->refused = grow(x, size);
    if (x->refused) {
        forget_body(x);
        return;
    }
    memcpy(x->body + x->size, piece, size);
    x->size += size;
}

static enum MHD_Result finish(struct serve_exchange *x)
{
    int failed;
    serve_connections_mark(&x->http->connections, x->client, true);
    if (x->refused)
        failed = serve_respond_error(x, x->refused);
    else
        failed = x->route->serve(x);
    return failed ? MHD_NO : MHD_YES;
}

/* At the end of the headers. */
static enum MHD_Result begin(struct serve_http *http, struct MHD_Connection *connection,
                             const char *path, const char *method, void **state)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct serve_exchange *x = calloc(1, sizeof *x);
    if (!x || !info || !info->socket_context) {
        free(x);
        return MHD_NO;
    }
    *x = (struct serve_exchange){
        .http = http, .connection = connection, .client = info->socket_context};
    *state = x;
    serve_service_begin(http->service);
    serve_connections_mark(&http->connections, x->client, false);
    x->route = serve_route_find(x, method, path);
    if (x->route)
        x->refused = refuse_early(x);
    return x->refused ? finish(x) : MHD_YES;
}

static enum MHD_Result handle(void *http, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *piece,
                              size_t *size, void **state)
{
    (void)version;
    if (!*state)
        return begin(http, connection, path, method, state);
    if (!*size)
        return finish(*state);
    take_piece(*state, piece, *size);
    *size = 0;
    return MHD_YES;
}

static void end_exchange(void *http, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct serve_exchange *x = *state;
    (void)connection, (void)code;
    if (!x)
        return;
    forget_body(x);
    serve_connections_mark(&x->http->connections, x->client, false);
    serve_service_end(((struct serve_http *)http)->service);
    free(x);
    *state = NULL;
}

static void notice_connection(void *http, struct MHD_Connection *connection, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct serve_connections *c = &((struct serve_http *)http)->connections;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context = serve_connections_open(
            c, MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    else
        serve_connections_close(c, *context);
}

/* ---- the server ---- */

int serve_http_start(struct serve_http *http, struct serve_service *service, int listener,
                     struct netrt_message *m)
{
    *http = (struct serve_http){.service = service};
    serve_connections_init(&http->connections);
    http->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ITC,
        0, NULL, NULL, handle, http, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)(service->limits.connections + SERVE_SPARE),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVE_HEADERS, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)SERVE_STACK, MHD_OPTION_NOTIFY_COMPLETED,
        end_exchange, http, MHD_OPTION_NOTIFY_CONNECTION, notice_connection, http, MHD_OPTION_END);
    if (!http->daemon) {
        serve_connections_release(&http->connections);
        return netrt_fail(m, "the system gives no thread to serve with");
    }
    return 0;
}

void serve_http_close(struct serve_http *http)
{
    const MHD_socket listener = MHD_quiesce_daemon(http->daemon);
    if (listener != MHD_INVALID_SOCKET)
        close(listener);
}

void serve_http_stop(struct serve_http *http)
{
    MHD_stop_daemon(http->daemon);
    serve_connections_release(&http->connections);
}
