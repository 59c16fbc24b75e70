#include "base/diag.h"

#include "base/text.h"

#include <string.h>

/* A file with more errors is something else, and nobody reads on. */
enum { MOST_OF_A_KIND = 100 };

static const char *const severity_names[N_SEVERITIES] = {"note", "warning", "error"};

struct diag {
    struct arena *arena;
    struct span span;
    enum diag_id id;
    enum severity severity;
    const char *text;
    VEC(struct span) ranges;
    VEC(struct diag_note) notes;
    VEC(const char *) hints;
    VEC(struct diag_note) fixes;
};

struct message {
    enum severity severity;
    const char *flag, *name;
};

static const struct message messages[] = {
#define DIAG(id, severity, flag, text) {SEVERITY_##severity, flag, #id},
#include "base/diags.def"
};

void diags_init(struct diags *t, struct arena *arena, const struct sources *sources)
{
    *t = (struct diags){.arena = arena, .sources = sources};
}

bool diags_set_flag(struct diags *t, const char *flag, bool on)
{
    bool known = !strcmp(flag, "error");
    if (known)
        t->warnings_are_errors = on;
    for (size_t i = 0; i < N_DIAGS; i++)
        if (*messages[i].flag && !strcmp(messages[i].flag, flag)) {
            t->disabled[i] = !on;
            known = true;
        }
    return known;
}

/* Whether no row before has this flag. */
static bool is_first(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (!strcmp(messages[i].flag, messages[row].flag))
            return false;
    return true;
}

const char *diags_flags(struct arena *arena)
{
    struct text t;
    text_init(&t, arena);
    text_append(&t, "error");
    for (size_t i = 0; i < N_DIAGS; i++)
        if (*messages[i].flag && is_first(i))
            text_printf(&t, ", %s", messages[i].flag);
    return text_string(&t);
}

struct diag *diag_add(struct diags *t, struct span span, enum diag_id id, const char *format, ...)
{
    struct diag *d = arena_new_of(t->arena, struct diag);
    *d = (struct diag){.arena = t->arena, .span = span, .id = id};
    d->severity = messages[id].severity;
    if (d->severity == SEVERITY_warning && t->warnings_are_errors)
        d->severity = SEVERITY_error;
    va_list args;
    va_start(args, format);
    d->text = arena_vprintf(t->arena, format, args);
    va_end(args);
    if (t->disabled[id])
        return d;
    t->n_errors += d->severity == SEVERITY_error;
    if (t->n_queued[d->severity]++ < MOST_OF_A_KIND)
        VEC_PUSH(t->arena, &t->queue, d);
    return d;
}

void diag_range(struct diag *d, struct span span)
{
    VEC_PUSH(d->arena, &d->ranges, span);
}

void diag_note(struct diag *d, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag_note note = {span, arena_vprintf(d->arena, format, args)};
    va_end(args);
    VEC_PUSH(d->arena, &d->notes, note);
}

void diag_hint(struct diag *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *hint = arena_vprintf(d->arena, format, args);
    va_end(args);
    VEC_PUSH(d->arena, &d->hints, hint);
}

void diag_fix(struct diag *d, struct span span, const char *text)
{
    VEC_PUSH(d->arena, &d->fixes, (struct diag_note){span, arena_strdup(d->arena, text)});
}

void diag_suggest(struct diag *d, const char *name)
{
    diag_hint(d, "did you mean '%s'?", name);
    if (!strstr(name, "…"))
        diag_fix(d, d->span, name);
}

bool diag_get_note(const struct diag *d, size_t i, struct diag_note *note)
{
    *note = i < d->notes.n ? d->notes.at[i] : (struct diag_note){0};
    return i < d->notes.n;
}

const char *diag_get_hint(const struct diag *d, size_t i)
{
    return i < d->hints.n ? d->hints.at[i] : NULL;
}

bool diag_get_fix(const struct diag *d, size_t i, struct diag_note *fix)
{
    *fix = i < d->fixes.n ? d->fixes.at[i] : (struct diag_note){0};
    return i < d->fixes.n;
}

enum severity diag_severity(const struct diag *d)
{
    return d->severity;
}

const char *diag_name(const struct diag *d)
{
    return messages[d->id].name;
}

const char *diag_flag(const struct diag *d)
{
    return messages[d->id].flag;
}

bool diag_get_range(const struct diag *d, size_t i, struct span *range)
{
    *range = i < d->ranges.n ? d->ranges.at[i] : (struct span){0};
    return i < d->ranges.n;
}

struct span diag_span(const struct diag *d)
{
    return d->span;
}

bool diag_is_error(const struct diag *d)
{
    return d->severity == SEVERITY_error;
}

const char *diag_text(const struct diag *d)
{
    return d->text;
}

bool diags_are_full(const struct diags *t)
{
    return t->n_queued[SEVERITY_error] > MOST_OF_A_KIND;
}

bool diags_have_errors(const struct diags *t)
{
    return t->n_errors != 0;
}

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* What is not harmless as question marks: names and lines come from anybody. */
static void print_safely(const char *s, size_t n, FILE *f)
{
    bool harmless;
    for (size_t i = 0, length; i < n; i += length) {
        length = utf8_character(s + i, n - i, &harmless);
        fwrite(harmless ? s + i : "?", 1, harmless ? length : 1, f);
    }
}

/* A line of a message: a name in it may be as long as a file. Characters are not cut. */
static void print_shortened(const char *s, size_t n, FILE *f)
{
    enum { LONGEST = 2000, FIRST = 1000, LAST = 200 };
    size_t first = FIRST, last = n - LAST;
    if (n <= LONGEST) {
        print_safely(s, n, f);
        return;
    }
    while (first && continues_character(s[first]))
        first--;
    while (last < n && continues_character(s[last]))
        last++;
    print_safely(s, first, f);
    fputs("\u2026", f);
    print_safely(s + last, n - last, f);
}

/* The same of a message, whose own line breaks are meant. */
static void print_message(const char *text, FILE *f)
{
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\n");
        print_shortened(text, n, f);
        if (text[n]) {
            fputc('\n', f);
            n++;
        }
    }
}

static void print_place(const struct sources *sources, struct span span, FILE *f)
{
    const struct source *s = sources_get(sources, span.source);
    if (!s)
        return;
    struct position p = source_position(s, span.begin);
    print_safely(s->path, strlen(s->path), f);
    fprintf(f, ":%u:%u: ", p.line, p.column);
}

/* A part of a source line: all of it, or what is near a place in a long one. */
struct excerpt {
    const char *at;
    size_t n;
    uint32_t begin; /* its offset in the file */
    bool cut_before, cut_after;
};

static struct excerpt excerpt_of(const struct source *s, uint32_t offset)
{
    enum { LONGEST = 200, BEFORE = 80 };
    uint32_t line = source_line_number(s, offset);
    size_t n, first = 0, place = 0;
    const char *at = source_line(s, line, &n);
    size_t last = n;
    if (offset > s->line[line - 1])
        place = offset - s->line[line - 1];
    if (n > LONGEST) {
        first = place > BEFORE ? place - BEFORE : 0;
        last = n - first > LONGEST ? first + LONGEST : n;
    }
    while (first < last && continues_character(at[first]))
        first++;
    while (last < n && continues_character(at[last]))
        last++;
    return (struct excerpt){at + first, last - first, s->line[line - 1] + (uint32_t)first,
                            first > 0, last < n};
}

/* Marks the characters of `span` that lie in the excerpt; an empty span marks one. */
static void mark(char *marks, const struct excerpt *e, struct span span, char with)
{
    uint32_t end = span.end > span.begin ? span.end : span.begin + 1;
    size_t column = 0;
    for (size_t i = 0; i <= e->n; i++) {
        bool inside = e->begin + i >= span.begin && e->begin + i < end;
        if (i < e->n && continues_character(e->at[i]))
            continue;
        if (inside)
            marks[column] = with;
        column++;
    }
}

static bool on_line(const struct source *s, struct span span, uint32_t line)
{
    return source_line_number(s, span.begin) == line;
}

/* The text as it is, but nothing that a terminal would obey. */
static void print_text(const struct excerpt *e, FILE *f)
{
    fputs(e->cut_before ? "\u2026 " : "  ", f);
    print_safely(e->at, e->n, f);
    fputs(e->cut_after ? " \u2026\n" : "\n", f);
}

/* A tab stays a tab under the line, so that carets stand under what they mark. */
static void print_marks(const char *marks, const struct excerpt *e, FILE *f)
{
    size_t last = 0, column = 0;
    for (size_t i = 0; marks[i]; i++)
        if (marks[i] != ' ')
            last = i + 1;
    fputs("  ", f);
    for (size_t i = 0; column < last; i++) {
        if (i < e->n && continues_character(e->at[i]))
            continue;
        bool tab = i < e->n && e->at[i] == '\t' && marks[column] == ' ';
        fputc(tab ? '\t' : marks[column], f);
        column++;
    }
    fputc('\n', f);
}

static void print_line(const struct diags *t, const struct diag *d, struct span span, FILE *f)
{
    const struct source *s = sources_get(t->sources, span.source);
    if (!s)
        return;
    struct excerpt e = excerpt_of(s, span.begin);
    uint32_t line = source_line_number(s, span.begin);
    char *marks = arena_array(t->arena, e.n + 2, 1);
    memset(marks, ' ', e.n + 1);
    for (size_t i = 0; d && i < d->ranges.n; i++)
        if (d->ranges.at[i].source == span.source && on_line(s, d->ranges.at[i], line))
            mark(marks, &e, d->ranges.at[i], '~');
    mark(marks, &e, span, '^');
    print_text(&e, f);
    print_marks(marks, &e, f);
}

static void print_field(const char *before, const char *text, FILE *f)
{
    fputs(before, f);
    print_message(text, f);
    fputc('\n', f);
}

static void print_diag(const struct diags *t, const struct diag *d, FILE *f)
{
    const char *flag = messages[d->id].flag;
    if (sources_get(t->sources, d->span.source))
        print_place(t->sources, d->span, f);
    else
        fputs("netc: ", f);
    fprintf(f, "%s: ", severity_names[d->severity]);
    print_message(d->text, f);
    fprintf(f, *flag ? " [-W%s]\n" : "\n", flag);
    print_line(t, d, d->span, f);
    const struct source *s = sources_get(t->sources, d->span.source);
    for (size_t i = 0; s && i < d->ranges.n; i++)
        if (!on_line(s, d->ranges.at[i], source_line_number(s, d->span.begin)) ||
            d->ranges.at[i].source != d->span.source)
            print_line(t, NULL, d->ranges.at[i], f);
    for (size_t i = 0; i < d->hints.n; i++)
        print_field("  hint: ", d->hints.at[i], f);
    for (size_t i = 0; i < d->notes.n; i++) {
        print_place(t->sources, d->notes.at[i].span, f);
        print_field("note: ", d->notes.at[i].text, f);
        print_line(t, NULL, d->notes.at[i].span, f);
    }
}

static int compare_places(const struct diag *p, const struct diag *q)
{
    if (p->span.source != q->span.source)
        return p->span.source < q->span.source ? -1 : 1;
    if (p->span.begin != q->span.begin)
        return p->span.begin < q->span.begin ? -1 : 1;
    return 0;
}

/* A stable sort: qsort is not, and equal places keep the order in which they were reported. */
void diags_sort(struct diags *t)
{
    for (size_t i = 1; i < t->queue.n; i++) {
        struct diag *d = t->queue.at[i];
        size_t j = i;
        for (; j && compare_places(t->queue.at[j - 1], d) > 0; j--)
            t->queue.at[j] = t->queue.at[j - 1];
        t->queue.at[j] = d;
    }
}

void diags_print(struct diags *t, FILE *f)
{
    diags_sort(t);
    for (size_t i = 0; i < t->queue.n; i++)
        print_diag(t, t->queue.at[i], f);
    t->queue.n = 0;
    for (size_t i = 0; i < N_SEVERITIES; i++) {
        if (t->n_queued[i] > MOST_OF_A_KIND)
            fprintf(f, "netc: more than %d of kind '%s': the others are not shown\n",
                    (int)MOST_OF_A_KIND, severity_names[i]);
        t->n_queued[i] = 0;
    }
}
