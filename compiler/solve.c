#include "solve.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool wrong(const char *problem, const char *value, const char *hint)
{
    fprintf(stderr, "netc: %s '%s'\n  hint: %s\n", problem, value, hint);
    return false;
}

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

/* The relation at *at, which is moved behind it. */
static bool take_relation(const char **at, enum relation *relation)
{
    static const char *const spelled[] = {
        [RELATION_most] = "<=", [RELATION_least] = ">=", [RELATION_equal] = "=="};
    for (int i = 0; i < 3; i++)
        if (!strncmp(*at, spelled[i], 2)) {
            *relation = (enum relation)i;
            *at += 2;
            return true;
        }
    return false;
}

/* A number with a suffix of the language, in a text of its own. */
static bool read_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    const int64_t factor = number_factor(end);
    *value *= (double)factor;
    return end != text && factor && isfinite(*value) && strspn(text, "0123456789.");
}

/* "params(resnet50)", of the figure that is asked for. */
static bool read_figure_of(struct question *q, struct arena *arena, const char *text)
{
    const size_t n = strlen(q->figure), all = strlen(text);
    if (strncmp(text, q->figure, n) || text[n] != '(' || text[all - 1] != ')' || all < n + 3)
        return false;
    q->network = arena_strndup(arena, text + n + 1, all - n - 2);
    return true;
}

bool question_read(struct question *q, struct arena *arena, const char *text)
{
    static const char hint[] = "FIGURE <= NUMBER, >= or ==, or FIGURE == FIGURE(NET), as 'params "
                               "<= 25.5M', 'train_bytes <= 8Gi', 'params == params(resnet50)'";
    const char *at = skip_blanks(text);
    const size_t n = strcspn(at, " \t<>=");
    *q = (struct question){.text = text, .figure = arena_strndup(arena, at, n)};
    at = skip_blanks(at + n);
    if (!n || !take_relation(&at, &q->relation))
        return wrong("no such question:", text, hint);
    at = skip_blanks(at);
    if (!report_has_figure(q->figure))
        return wrong("no figure has the name", q->figure, report_figure_names(arena));
    return read_number(at, &q->bound) || read_figure_of(q, arena, at) ||
           wrong("no such question:", text, hint);
}

bool question_holds(const struct question *q, double value)
{
    return q->relation == RELATION_equal ||
           (q->relation == RELATION_most ? value <= q->bound : value >= q->bound);
}

bool question_prefers(const struct question *q, double value, double to)
{
    return fabs(value - q->bound) < fabs(to - q->bound);
}
