/* The conversation: its beginning and end, the texts that are open, and who answers what. */
#include "lsp/lsp.h"

#include "lsp/request.h"
#include "lsp/transport.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Error codes of JSON-RPC and LSP. */
enum {
    ERROR_parse = -32700,
    ERROR_invalid_request = -32600,
    ERROR_method = -32601,
    ERROR_params = -32602,
    ERROR_not_initialized = -32002,
    ERROR_failed = -32803
};

enum state { STATE_new, STATE_running, STATE_shut };

struct server {
    const struct lsp_options *options;
    struct transport transport;
    enum state state;
    enum encoding encoding;
    struct document *documents;
    bool gone; /* nobody listens, or `exit` came */
};

enum needs { NEEDS_DOCUMENT, NEEDS_POSITION };

static const struct method {
    const char *name;
    json_t *(*answer)(struct request *);
    enum needs needs;
} methods[] = {
#define METHOD(name, function, needs) {name, answer_##function, NEEDS_##needs},
#include "lsp/methods.def"
};

/* ---- sending ---- */

static void send(struct server *s, json_t *message)
{
    json_object_set_new(message, "jsonrpc", json_string("2.0"));
    s->gone |= !transport_send(&s->transport, message);
}

static void send_result(struct server *s, const json_t *id, json_t *result)
{
    send(s, json_pack("{s:O, s:o}", "id", id, "result", result));
}

/* `id` NULL: it is not known. */
static void send_error(struct server *s, const json_t *id, int code, const char *message)
{
    json_t *known = id ? json_incref((json_t *)id) : json_null();
    send(s,
         json_pack("{s:o, s:{s:i, s:s}}", "id", known, "error", "code", code, "message", message));
}

/* ---- documents ---- */

static struct document *find_document(const struct server *s, const char *uri)
{
    for (struct document *d = s->documents; uri && d; d = d->next)
        if (!strcmp(d->uri, uri))
            return d;
    return NULL;
}

/* Any text can be imported by any other. */
static void forget_analyses(struct server *s)
{
    for (struct document *d = s->documents; d; d = d->next) {
        analysis_free(d->analysis);
        d->analysis = NULL;
        d->published = false;
    }
}

static void analyze(struct server *s)
{
    struct arena *scratch = arena_new();
    VEC(struct overlay) overlays = {0};
    for (const struct document *d = s->documents; d; d = d->next)
        VEC_PUSH(scratch, &overlays, (struct overlay){d->path, d->text, d->n});
    for (struct document *d = s->documents; d; d = d->next) {
        struct analysis_input in = {.text = {d->path, d->text, d->n},
                                    .overlays = overlays.at,
                                    .n_overlays = overlays.n,
                                    .options = {.include_dirs = s->options->include_dirs,
                                                .n_include_dirs = s->options->n_include_dirs,
                                                .resources = s->options->resources}};
        if (!d->analysis)
            d->analysis = analysis_new(&in);
    }
    arena_free(scratch);
}

static void publish(struct server *s, const char *uri, json_int_t version, json_t *diagnostics)
{
    send(s, json_pack("{s:s, s:{s:s, s:I, s:o}}", "method", "textDocument/publishDiagnostics",
                      "params", "uri", uri, "version", version, "diagnostics", diagnostics));
}

static void publish_judged(struct server *s)
{
    struct arena *scratch = arena_new();
    for (struct document *d = s->documents; d; d = d->next) {
        if (d->published || !analysis_is_judged(d->analysis))
            continue;
        publish(s, d->uri, d->version, diagnostics_json(d->analysis, scratch, s->encoding));
        d->published = true;
    }
    arena_free(scratch);
}

/* Elaborates a net that nobody has looked at; false: there is none. */
static bool step(struct server *s)
{
    for (struct document *d = s->documents; d; d = d->next)
        if (!d->analysis->finished) {
            analysis_step(d->analysis);
            return true;
        }
    return false;
}

/* Works until all is known, or the editor has something to say. */
static void work(struct server *s)
{
    if (transport_pending(&s->transport))
        return;
    analyze(s);
    do
        publish_judged(s);
    while (!s->gone && !transport_pending(&s->transport) && step(s));
}

static void add_document(struct server *s, const json_t *item)
{
    const char *uri = json_string_value(json_object_get(item, "uri"));
    const json_t *text = json_object_get(item, "text");
    struct document *known = find_document(s, uri);
    if (!uri || !json_is_string(text))
        return;
    forget_analyses(s);
    if (known) {
        document_set_text(known, json_string_value(text), json_string_length(text));
        return;
    }
    struct document *d = document_new(uri, json_string_value(text), json_string_length(text));
    d->version = json_int(item, "version");
    d->next = s->documents;
    s->documents = d;
}

static void change_document(struct server *s, struct document *d, const json_t *change)
{
    const json_t *text = json_object_get(change, "text"), *range = json_object_get(change, "range");
    const json_t *start = json_object_get(range, "start"), *end = json_object_get(range, "end");
    const char *new = json_string_value(text);
    if (!new)
        return;
    if (!range) {
        document_set_text(d, new, json_string_length(text));
        return;
    }
    size_t from = offset_of(d->text, d->n, json_int(start, "line"), json_int(start, "character"),
                            s->encoding);
    size_t to =
        offset_of(d->text, d->n, json_int(end, "line"), json_int(end, "character"), s->encoding);
    document_splice(d, from, to < from ? from : to, new, json_string_length(text));
}

static void remove_document(struct server *s, const struct document *gone)
{
    struct document **at = &s->documents;
    while (*at && *at != gone)
        at = &(*at)->next;
    struct document *d = *at;
    if (!d)
        return;
    *at = d->next;
    publish(s, d->uri, d->version, json_array());
    document_free(d);
    forget_analyses(s);
}

/* ---- notifications ---- */

static void did_open(struct server *s, const json_t *params)
{
    add_document(s, json_object_get(params, "textDocument"));
}

static void did_change(struct server *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    const json_t *changes = json_object_get(params, "contentChanges");
    struct document *d = find_document(s, json_string_value(json_object_get(item, "uri")));
    if (!d)
        return;
    for (size_t i = 0; i < json_array_size(changes); i++)
        change_document(s, d, json_array_get(changes, i));
    d->version = json_int(item, "version");
    forget_analyses(s);
}

static void did_close(struct server *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    remove_document(s, find_document(s, json_string_value(json_object_get(item, "uri"))));
}

/* Files that no editor has open may have changed. */
static void did_save(struct server *s, const json_t *params)
{
    (void)params;
    forget_analyses(s);
}

static void notify(struct server *s, const char *method, const json_t *params)
{
    static const struct {
        const char *name;
        void (*take)(struct server *, const json_t *);
    } notifications[] = {{"textDocument/didOpen", did_open},
                         {"textDocument/didChange", did_change},
                         {"textDocument/didClose", did_close},
                         {"textDocument/didSave", did_save},
                         {"workspace/didChangeWatchedFiles", did_save}};
    if (!strcmp(method, "exit"))
        s->gone = true;
    for (size_t i = 0; i < sizeof notifications / sizeof *notifications; i++)
        if (s->state == STATE_running && !strcmp(method, notifications[i].name))
            notifications[i].take(s, params);
}

/* ---- requests ---- */

static void choose_encoding(struct server *s, const json_t *params)
{
    const json_t *general = json_object_get(json_object_get(params, "capabilities"), "general");
    const json_t *offered = json_object_get(general, "positionEncodings");
    for (size_t i = 0; i < json_array_size(offered); i++) {
        const char *name = json_string_value(json_array_get(offered, i));
        if (name && !strcmp(name, "utf-8"))
            s->encoding = ENCODING_utf8;
    }
}

static json_t *capabilities(const struct server *s)
{
    return json_pack("{s:s, s:{s:b, s:i, s:b}, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:{s:b}, "
                     "s:{s:[s, s, s]}, "
                     "s:{s:[s]}, s:{s:{s:o, s:[]}, s:b}}",
                     "positionEncoding", s->encoding == ENCODING_utf8 ? "utf-8" : "utf-16",
                     "textDocumentSync", "openClose", 1, "change", 2, "save", 1, "hoverProvider", 1,
                     "inlayHintProvider", 1, "definitionProvider", 1, "referencesProvider", 1,
                     "documentHighlightProvider", 1, "documentSymbolProvider", 1,
                     "foldingRangeProvider", 1, "documentFormattingProvider", 1, "renameProvider",
                     "prepareProvider", 1, "completionProvider", "triggerCharacters", ".", "(", ">",
                     "codeActionProvider", "codeActionKinds", "quickfix", "semanticTokensProvider",
                     "legend", "tokenTypes", semantic_types(), "tokenModifiers", "full", 1);
}

static void initialize(struct server *s, const json_t *id, const json_t *params)
{
    if (s->state != STATE_new) {
        send_error(s, id, ERROR_invalid_request, "initialized before");
        return;
    }
    choose_encoding(s, params);
    s->state = STATE_running;
    send_result(s, id,
                json_pack("{s:o, s:{s:s, s:s}}", "capabilities", capabilities(s), "serverInfo",
                          "name", "netc", "version", NETC_VERSION));
}

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (!strcmp(methods[i].name, name))
            return &methods[i];
    return NULL;
}

/* A document and what is known of it, for a method. */
static void answer(struct server *s, const json_t *id, const struct method *m,
                   const struct document *d, const json_t *params)
{
    struct request r = {.params = params,
                        .encoding = s->encoding,
                        .scratch = arena_new(),
                        .document = d,
                        .documents = s->documents,
                        .analysis = d->analysis,
                        .source = analysis_source(d->analysis)};
    const json_t *position = json_object_get(params, "position");
    json_t *result = NULL;
    r.offset = offset_of(r.source->bytes, r.source->size, json_int(position, "line"),
                         json_int(position, "character"), s->encoding);
    if (m->needs == NEEDS_POSITION && !json_is_object(position))
        send_error(s, id, ERROR_params, "a position is missing");
    else
        result = m->answer(&r);
    if (r.refusal) {
        json_decref(result);
        send_error(s, id, ERROR_failed, r.refusal);
    } else if (result) {
        send_result(s, id, result);
    }
    arena_free(r.scratch);
}

static void answer_about(struct server *s, const json_t *id, const struct method *m,
                         const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    const struct document *d = find_document(s, json_string_value(json_object_get(item, "uri")));
    if (!d) {
        send_error(s, id, ERROR_params, "no such document is open");
        return;
    }
    analyze(s);
    while (!d->analysis->finished)
        analysis_step(d->analysis);
    answer(s, id, m, d, params);
}

static void request(struct server *s, const json_t *id, const char *method, const json_t *params)
{
    const struct method *m = find_method(method);
    if (!strcmp(method, "initialize")) {
        initialize(s, id, params);
    } else if (s->state == STATE_new) {
        send_error(s, id, ERROR_not_initialized, "not initialized");
    } else if (s->state == STATE_shut) {
        send_error(s, id, ERROR_invalid_request, "shut down");
    } else if (!strcmp(method, "shutdown")) {
        s->state = STATE_shut;
        send_result(s, id, json_null());
    } else if (m) {
        answer_about(s, id, m, params);
    } else {
        send_error(s, id, ERROR_method, "no such method");
    }
}

/* ---- messages ---- */

static void take(struct server *s, const json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    const char *method = json_string_value(json_object_get(message, "method"));
    bool named = json_is_integer(id) || json_is_string(id);
    bool answered = json_object_get(message, "result") || json_object_get(message, "error");
    if (!method && answered)
        return;
    if (!method || (id && !named))
        send_error(s, named ? id : NULL, ERROR_invalid_request, "no request");
    else if (id)
        request(s, id, method, json_object_get(message, "params"));
    else
        notify(s, method, json_object_get(message, "params"));
}

static bool take_next(struct server *s)
{
    const char *bytes;
    size_t n;
    json_error_t why;
    enum received received = transport_receive(&s->transport, &bytes, &n);
    if (received == RECEIVED_broken)
        fputs("netc: a message without its length, or shorter than that\n", stderr);
    if (received != RECEIVED_message)
        return false;
    json_t *message = json_loadb(bytes, n, JSON_DECODE_ANY, &why);
    if (message)
        take(s, message);
    else
        send_error(s, NULL, ERROR_parse, why.text);
    json_decref(message);
    return true;
}

int lsp_serve(const struct lsp_options *options, int in, int out)
{
    struct server s = {.options = options};
    transport_init(&s.transport, in, out);
    signal(SIGPIPE, SIG_IGN);
    json_set_alloc_funcs(memory_take, free);
    while (!s.gone && take_next(&s))
        if (s.state == STATE_running)
            work(&s);
    while (s.documents) {
        struct document *next = s.documents->next;
        document_free(s.documents);
        s.documents = next;
    }
    transport_release(&s.transport);
    json_set_alloc_funcs(malloc, free);
    return s.state == STATE_shut && s.gone ? 0 : 1;
}
