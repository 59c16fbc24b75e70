/*
 * Diagnostics: queued records, printed with the source line and carets. diags.def is the table of
 * all messages. Report with
 *
 *     struct diag *d = diag_add(diags, span, MESSAGE(err_unknown_step), name);
 *     diag_range(d, other_span);
 *     diag_note(d, span, "in '%s' called here", block);
 *     diag_hint(d, "did you mean '%s'?", nearest);
 */
#ifndef NETC_BASE_DIAG_H
#define NETC_BASE_DIAG_H

#include "base/source.h"

#include <stdio.h>

enum severity { SEVERITY_note, SEVERITY_warning, SEVERITY_error, N_SEVERITIES };

enum diag_id {
#define DIAG(id, severity, flag, text) DIAG_##id,
#include "base/diags.def"
    N_DIAGS
};

/* The format of each message, a literal, so that the C compiler checks arguments against it. */
#define DIAG(id, severity, flag, text) static const char diag_text_##id[] = text;
#include "base/diags.def"

struct diag;

struct diags {
    struct arena *arena;
    const struct sources *sources;
    VEC(struct diag *) queue;
    size_t n_errors;
    size_t n_queued[N_SEVERITIES]; /* since the last diags_print(); many are only counted */
    bool warnings_are_errors;      /* -Werror */
    bool disabled[N_DIAGS];        /* -Wno-FLAG; all of a flag together */
};

void diags_init(struct diags *, struct arena *, const struct sources *);
/* "-W" options: `flag` without "no-" ("rounding", "error"); false: no such flag. */
bool diags_set_flag(struct diags *, const char *flag, bool on);
/* All that it knows, for messages: "error, dead, ..."; in the arena. */
const char *diags_flags(struct arena *);

/* The id and the format of a message, as diag_add() takes them. */
#define MESSAGE(id) DIAG_##id, diag_text_##id

/* Queues a message (a disabled warning is dropped, but the result can still be added to). */
struct diag *diag_add(struct diags *, struct span, enum diag_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Underlines a second place of the same line with tildes, or shows its line too. */
void diag_range(struct diag *, struct span);
/* A note with a place of its own; span.source 0: no place. */
void diag_note(struct diag *, struct span, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The way out, on a line of its own. */
void diag_hint(struct diag *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The hint "did you mean 'name'?", and the change that makes it so: the name in the place of all
 * that the message points at, unless it has a … that somebody has to fill in. */
void diag_suggest(struct diag *, const char *name);
/* A change that is the way out: `text` in the place of a span, which may be empty. */
void diag_fix(struct diag *, struct span, const char *text);

/* The message without its place, notes and hints. */
const char *diag_text(const struct diag *);
struct span diag_span(const struct diag *);
bool diag_is_error(const struct diag *);
enum severity diag_severity(const struct diag *);
/* Its id as diags.def has it: "err_open". */
const char *diag_name(const struct diag *);
/* The name of its warning, as in -Wno-NAME; "" of errors and notes. */
const char *diag_flag(const struct diag *);
/* The second place i; false behind the last. */
bool diag_get_range(const struct diag *, size_t i, struct span *);
/* Note i, hint i, change i: false, or NULL, behind the last. */
struct diag_note {
    struct span span;
    const char *text;
};
bool diag_get_note(const struct diag *, size_t i, struct diag_note *);
const char *diag_get_hint(const struct diag *, size_t i);
bool diag_get_fix(const struct diag *, size_t i, struct diag_note *);

/* Whether more errors would not be printed. */
bool diags_are_full(const struct diags *);
bool diags_have_errors(const struct diags *);
/* Sorts the queue by files and places in them; equal places keep their order. */
void diags_sort(struct diags *);
/* The same, prints the queue and empties it. */
void diags_print(struct diags *, FILE *);

#endif
