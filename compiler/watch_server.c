/* HTTP is libmicrohttpd's: small, kept up, and packaged everywhere. The one thread that waits
 * answers all. */
#include "watch_server.h"

#ifdef NETC_HAVE_MICROHTTPD

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <string.h>

struct watch_server {
    struct MHD_Daemon *daemon;
    const struct watch_content *content;
    const char *names[2]; /* what a browser may call this host */
};

/* A name of another host that leads here would let a page of that host read what is served. */
static bool is_own_name(const struct watch_server *s, struct MHD_Connection *connection)
{
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    return host && (!strcmp(host, s->names[0]) || !strcmp(host, s->names[1]));
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status,
                                 const char *type, const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    const enum MHD_Result sent = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result answer(void *server, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **seen)
{
    static const char html[] = "text/html; charset=utf-8", plain[] = "text/plain; charset=utf-8";
    const struct watch_server *s = server;
    const struct watch_content *c = s->content;
    (void)version, (void)data, (void)size, (void)seen;
    if (!is_own_name(s, connection))
        return send_text(connection, MHD_HTTP_FORBIDDEN, plain, "no name of this host\n");
    if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
        return send_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, plain, "GET alone\n");
    if (!strcmp(url, "/"))
        return send_text(connection, MHD_HTTP_OK, html, c->frame);
    if (!strcmp(url, "/report"))
        return send_text(connection, MHD_HTTP_OK, c->is_html ? html : plain, c->report);
    if (!strcmp(url, "/version"))
        return send_text(connection, MHD_HTTP_OK, plain, c->version);
    return send_text(connection, MHD_HTTP_NOT_FOUND, plain, "nothing here\n");
}

struct watch_server *watch_server_start(struct arena *arena, struct diags *diags, uint16_t *port,
                                        const struct watch_content *content)
{
    struct watch_server *s = arena_new_of(arena, struct watch_server);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(*port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    s->content = content;
    s->daemon = MHD_start_daemon(MHD_NO_FLAG, *port, NULL, NULL, answer, s, MHD_OPTION_SOCK_ADDR,
                                 (struct sockaddr *)&address, MHD_OPTION_END);
    if (!s->daemon) {
        diag_add(diags, (struct span){0}, MESSAGE(err_watch_port), (unsigned)*port,
                 strerror(errno));
        return NULL;
    }
    *port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    s->names[0] = arena_printf(arena, "127.0.0.1:%u", (unsigned)*port);
    s->names[1] = arena_printf(arena, "localhost:%u", (unsigned)*port);
    return s;
}

void watch_server_wait(struct watch_server *s, int milliseconds)
{
    MHD_run_wait(s->daemon, milliseconds);
}

void watch_server_stop(struct watch_server *s)
{
    MHD_stop_daemon(s->daemon);
}

#else

struct watch_server *watch_server_start(struct arena *arena, struct diags *diags, uint16_t *port,
                                        const struct watch_content *content)
{
    (void)arena, (void)port, (void)content;
    struct diag *d = diag_add(diags, (struct span){0}, MESSAGE(err_watch_server));
    diag_hint(d, "'netc --report=html FILE.net -o FILE.html' writes the page once");
    return NULL;
}

void watch_server_wait(struct watch_server *s, int milliseconds)
{
    (void)s, (void)milliseconds;
}

void watch_server_stop(struct watch_server *s)
{
    (void)s;
}
#endif
