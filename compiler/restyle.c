#include "restyle.h"

#include "driver/output.h"
#include "driver/unified.h"
#include "front/tidy.h"

#include <string.h>

/* One file. */
struct restyled {
    struct diags *diags;
    const struct options *options;
    const struct source *source;
    struct text text;
};

static bool is_unchanged(const struct restyled *r)
{
    return r->text.n == r->source->size &&
           !memcmp(text_string(&r->text), r->source->bytes, r->text.n);
}

static bool write_back(const struct restyled *r)
{
    return is_unchanged(r) ||
           output_rewrite(r->diags, r->source->path, text_string(&r->text), r->text.n);
}

static bool show_changes(const struct restyled *r)
{
    struct text changes;
    text_init(&changes, r->diags->arena);
    unified_diff(&changes, r->source->path, r->source->bytes, text_string(&r->text));
    return output_write(r->diags, r->options->output ? r->options->output : "-",
                        text_string(&changes), changes.n);
}

static bool check(const struct restyled *r)
{
    if (is_unchanged(r))
        return true;
    struct diag *d =
        diag_add(r->diags, (struct span){0}, MESSAGE(err_unformatted), r->source->path);
    diag_hint(d, "'netc --format -i %s' writes it anew", r->source->path);
    return false;
}

static bool finish(const struct restyled *r)
{
    const struct options *o = r->options;
    if (o->in_place)
        return write_back(r);
    bool shown = !o->show_changes || show_changes(r);
    if (o->check)
        return check(r) && shown;
    return o->show_changes ? shown
                           : output_write(r->diags, o->output ? o->output : "-",
                                          text_string(&r->text), r->text.n);
}

static bool restyle_file(struct sources *sources, struct strings *strings, struct restyled *r,
                         const char *path)
{
    const char *why;
    uint32_t number = sources_open(sources, path, &why);
    text_init(&r->text, r->diags->arena);
    if (!number) {
        diag_add(r->diags, (struct span){0}, MESSAGE(err_open), path, why);
        return false;
    }
    r->source = sources_get(sources, number);
    return tidy(&r->text, strings, r->diags, number) && finish(r);
}

bool restyle(struct sources *sources, struct strings *strings, struct diags *diags,
             const struct options *options)
{
    bool good = true;
    for (size_t i = 0; i < options->files.n; i++) {
        struct restyled r = {.diags = diags, .options = options};
        good &= restyle_file(sources, strings, &r, options->files.at[i]);
    }
    return good;
}
