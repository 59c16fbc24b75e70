/* What each path answers. */
#include "exchange.h"

#include <jansson.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#ifndef NETRT_VERSION
#define NETRT_VERSION "0.1"
#endif

/* Takes the tree over. */
static int respond_json(struct serve_exchange *x, int status, json_t *root)
{
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    const size_t size = text ? strlen(text) : 0;
    json_decref(root);
    return serve_respond(x, status, "application/json", text, size, size);
}

static int serve_server(struct serve_exchange *x)
{
    return respond_json(x, MHD_HTTP_OK,
                        json_pack("{s:s, s:s, s:[s]}", "name", "netc-serve", "version",
                                  NETRT_VERSION, "extensions", "binary_tensor_data"));
}

static int serve_live(struct serve_exchange *x)
{
    return respond_json(x, MHD_HTTP_OK, json_pack("{s:b}", "live", 1));
}

static int status_of(bool ready)
{
    return ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static int serve_ready(struct serve_exchange *x)
{
    const bool ready = serve_service_ready(x->http->service);
    return respond_json(x, status_of(ready), json_pack("{s:b}", "ready", ready));
}

static int serve_model_ready(struct serve_exchange *x)
{
    const bool ready = serve_service_ready(x->http->service);
    return respond_json(x, status_of(ready),
                        json_pack("{s:s, s:b}", "name", x->network->name, "ready", ready));
}

/* The first dimension is open, but for what each image has more rows than one of. */
static json_t *describe(const struct serve_tensor *tensors, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        json_t *shape = json_pack("[i]", -1);
        for (int k = 1; k < tensors[i].rank; k++)
            json_array_append_new(shape, json_integer(tensors[i].dim[k]));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o}", "name", tensors[i].name, "datatype",
                                        serve_datatype(tensors[i].dtype), "shape", shape));
    }
    return list;
}

static int serve_model(struct serve_exchange *x)
{
    const struct serve_network *n = x->network;
    return respond_json(x, MHD_HTTP_OK,
                        json_pack("{s:s, s:s, s:o, s:o}", "name", n->name, "platform", "netc",
                                  "inputs", describe(n->inputs, n->n_inputs), "outputs",
                                  describe(n->outputs, n->n_outputs)));
}

static int serve_metrics(struct serve_exchange *x)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return serve_respond(x, MHD_HTTP_OK, "", NULL, 0, 0);
    serve_metrics_print(x->http->service, serve_connections_count(&x->http->connections), out);
    fclose(out);
    return serve_respond(x, MHD_HTTP_OK, "text/plain; version=0.0.4", text, size, size);
}

/* ---- inference ---- */

/* How many bytes of the body are JSON. */
static int header_size(struct serve_exchange *x, size_t *header)
{
    const char *given = serve_header(x, "Inference-Header-Content-Length");
    char *end;
    *header = x->size;
    if (!given)
        return 0;
    const unsigned long long n = strtoull(given, &end, 10);
    if (*given < '0' || *given > '9' || *end || n > x->size)
        return netrt_fail(
            &x->message,
            "'Inference-Header-Content-Length' is no number of up to the %zu bytes of "
            "the body",
            x->size);
    *header = (size_t)n;
    return 0;
}

/* Returns the status of the response; 200 with the answer. */
static int infer(struct serve_exchange *x, struct serve_request *request,
                 struct serve_answer *answer)
{
    struct serve_service *s = x->http->service;
    size_t header;
    if (header_size(x, &header) ||
        serve_request_read(request, x->network, x->body ? x->body : "", x->size, header,
                           s->limits.request, &x->message))
        return MHD_HTTP_BAD_REQUEST;
    if (serve_queue_run(s->queues[x->network - s->networks.at], request, &x->message))
        return MHD_HTTP_BAD_REQUEST;
    return serve_request_answer(request, answer, &x->message) ? MHD_HTTP_INTERNAL_SERVER_ERROR
                                                              : MHD_HTTP_OK;
}

static int serve_infer(struct serve_exchange *x)
{
    struct serve_request request = {0};
    struct serve_answer answer = {0};
    const int status = infer(x, &request, &answer);
    serve_request_release(&request);
    if (status != MHD_HTTP_OK)
        return serve_respond_error(x, status);
    return serve_respond(
        x, status, answer.header < answer.size ? "application/octet-stream" : "application/json",
        answer.data, answer.size, answer.header);
}

/* ---- which path ---- */

static const struct serve_route routes[] = {
#define ROUTE(method, path, serve) {method, path, serve},
#include "routes.def"
};

/* Whether a path is that of a route; then where the name of its network begins, or NULL. */
static bool fits(const char *pattern, const char *path, const char **name, size_t *length)
{
    *name = NULL;
    for (; *pattern; pattern++)
        if (*pattern == '*') {
            *name = path;
            *length = strcspn(path, "/");
            path += *length;
        } else if (*pattern != *path++)
            return false;
    return !*path;
}

static const struct serve_route *refuse(struct serve_exchange *x, int status)
{
    x->refused = status;
    return NULL;
}

const struct serve_route *serve_route_find(struct serve_exchange *x, const char *method,
                                           const char *path)
{
    const char *name, *other = NULL;
    size_t length;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!fits(routes[i].path, path, &name, &length))
            continue;
        other = routes[i].method;
        if (strcmp(method, other) != 0)
            continue;
        x->network = name ? serve_networks_find(&x->http->service->networks, name, length) : NULL;
        if (!name || x->network)
            return &routes[i];
        netrt_fail(&x->message, "no network '%.*s' is served", (int)(length < 100 ? length : 100),
                   name);
        return refuse(x, MHD_HTTP_NOT_FOUND);
    }
    x->allow = other;
    if (other) {
        netrt_fail(&x->message, "'%.100s' takes %s, not %.20s", path, other, method);
        return refuse(x, MHD_HTTP_METHOD_NOT_ALLOWED);
    }
    netrt_fail(&x->message, "nothing is at '%.100s'", path);
    return refuse(x, MHD_HTTP_NOT_FOUND);
}
