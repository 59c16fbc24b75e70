#define _XOPEN_SOURCE 700 /* realpath() */

#include "lsp/request.h"

#include <stdlib.h>
#include <string.h>

const json_t *param(const struct request *r, const char *a, const char *b)
{
    const json_t *value = json_object_get(r->params, a);
    return b ? json_object_get(value, b) : value;
}

json_int_t json_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static size_t position_offset(const struct request *r, const json_t *position)
{
    return offset_of(r->source->bytes, r->source->size, json_int(position, "line"),
                     json_int(position, "character"), r->encoding);
}

struct span range_span(const struct request *r, const json_t *range)
{
    const json_t *start = json_object_get(range, "start"), *end = json_object_get(range, "end");
    size_t begin = start ? position_offset(r, start) : r->source->size;
    size_t last = end ? position_offset(r, end) : begin;
    return (struct span){r->analysis->source, (uint32_t)begin,
                         (uint32_t)(last < begin ? begin : last)};
}

json_t *location_json(const struct request *r, const struct source *s, struct span span)
{
    char *real = realpath(s->path, NULL);
    const char *uri = path_to_uri(r->scratch, real ? real : s->path);
    free(real);
    for (const struct document *d = r->documents; d; d = d->next)
        if (s == r->source || !strcmp(path_to_uri(r->scratch, d->path), uri)) {
            uri = s == r->source ? r->document->uri : d->uri;
            break;
        }
    return json_pack("{s:s, s:o}", "uri", uri, "range", range_json(s, span, r->encoding));
}

const char *span_text(const struct request *r, struct span span)
{
    return arena_strndup(r->scratch, r->source->bytes + span.begin, span.end - span.begin);
}
