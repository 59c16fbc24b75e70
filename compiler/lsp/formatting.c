/* The formatter's changes. */
#include "lsp/request.h"

#include "front/tidy.h"

#include <string.h>

/* What is left of two texts without the lines that both begin and end with. */
static struct span changed_part(const char *old, size_t n, const char *new, size_t m,
                                size_t *new_end)
{
    size_t begin = 0, end = 0;
    while (begin < n && begin < m && old[begin] == new[begin])
        begin++;
    while (begin && old[begin - 1] != '\n')
        begin--;
    while (end < n - begin && end < m - begin && old[n - 1 - end] == new[m - 1 - end])
        end++;
    while (end && old[n - end - 1] != '\n')
        end--;
    *new_end = m - end;
    return (struct span){0, (uint32_t)begin, (uint32_t)(n - end)};
}

json_t *answer_formatting(struct request *r)
{
    struct sources sources;
    struct diags diags;
    struct text t;
    const struct source *s = r->source;
    size_t new_end;
    sources_init(&sources, r->scratch);
    diags_init(&diags, r->scratch, &sources);
    text_init(&t, r->scratch);
    uint32_t source = sources_add(&sources, s->path, s->bytes, s->size);
    if (!tidy(&t, strings_new(r->scratch), &diags, source))
        return json_null();
    const char *new = text_string(&t);
    if (t.n == s->size && !memcmp(new, s->bytes, t.n))
        return json_array();
    struct span span = changed_part(s->bytes, s->size, new, t.n, &new_end);
    return json_pack("[{s:o, s:s%}]", "range", range_json(s, span, r->encoding), "newText",
                     new + span.begin, new_end - span.begin);
}
