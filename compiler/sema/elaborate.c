#include "sema/sema.h"

enum elaborate_result elaborate(struct arena *arena, struct strings *strings,
                                struct sources *sources, struct diags *diags,
                                const struct elaborate_options *options, struct graph **graph)
{
    struct sema s = {.arena = arena,
                     .strings = strings,
                     .sources = sources,
                     .diags = diags,
                     .options = options,
                     .reported = {.arena = arena},
                     .entries = {.arena = arena},
                     .unused = {.arena = arena}};
    diags_init(&s.muted, arena, sources);
    s.input_used = arena_array(arena, options->n_inputs, sizeof *s.input_used);
    struct module *m = module_load(&s, options->file);
    bool good = m && elaborate_net(&s, m) && !diags_have_errors(diags);
    *graph = good || options->partial ? s.graph : NULL;
    return good ? ELABORATE_OK : s.wrong_call ? ELABORATE_WRONG_CALL : ELABORATE_BAD_INPUT;
}
