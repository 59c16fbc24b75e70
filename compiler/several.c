#include "several.h"

#include "base/number.h"
#include "solve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAD_INPUT = 1, WRONG_CALL = 2, MOST_POINTS = 10000, MOST_LEFT_OUT = 10 };

/* What --sweep or a list of -D goes over. */
enum axis_kind { AXIS_define, AXIS_batch, AXIS_input };

struct axis {
    enum axis_kind kind;
    const char *name;
    VEC(const char *) values;
};

struct network {
    const char *file, *net;
};

struct several {
    struct arena *arena;
    const struct options *options;
    report_maker *make;
    struct nets *nets;
    VEC(struct network) networks;
    VEC(struct axis) axes;
    VEC(const char *) defines; /* of one value */
    struct question question;  /* without a text: none is asked */
    int left_out;              /* points of which no network can be made */
    int status;
};

static bool wrong(struct several *t, const char *problem, const char *value, const char *hint)
{
    fprintf(stderr, "netc: %s '%s'\n  hint: %s\n", problem, value, hint);
    t->status = WRONG_CALL;
    return false;
}

bool several_asked(const struct options *o)
{
    return o->report && (o->nets || o->sweeps.n || o->solve || o->files.n > 1 || options_list(o));
}

/* ---- networks ---- */

/* A file, or a net of one. */
static struct network network_of(struct several *t, const char *name)
{
    struct network n = {name, t->options->net};
    split_net(t->arena, name, &n.file, &n.net);
    return n;
}

static void add_nets(struct several *t, const char *file)
{
    for (const char *at = t->options->nets; *at;) {
        const size_t n = strcspn(at, ",");
        VEC_PUSH(t->arena, &t->networks, (struct network){file, arena_strndup(t->arena, at, n)});
        at += n + (at[n] == ',');
    }
}

static bool add_networks(struct several *t)
{
    const struct options *o = t->options;
    if (o->nets && o->net)
        return wrong(t, "--nets names several nets, and --net another:", o->net,
                     "give all of them to --nets");
    for (size_t i = 0; i < o->files.n; i++)
        if (o->nets)
            add_nets(t, o->files.at[i]);
        else
            VEC_PUSH(t->arena, &t->networks, network_of(t, o->files.at[i]));
    return true;
}

/* ---- what is swept ---- */

static bool bad_range(struct several *t, const char *range)
{
    return wrong(
        t, "no such range:", range,
        "1..256 by ones, 64..512:32 by 32, 1..256*2 by doubling, of integers, or a list as "
        "0.25,0.5,1");
}

/* The number at *at, which is moved behind it. */
static bool take_number(const char **at, int64_t *n)
{
    char *end;
    errno = 0;
    *n = strtoll(*at, &end, 10);
    const bool good = end != *at && !errno && *n >= 0 && *n <= INT32_MAX;
    *at = end;
    return good;
}

/* "a..b", and a step behind ':' or a factor behind '*'. */
static bool add_range(struct several *t, struct axis *axis, const char *range)
{
    const char *at = range;
    int64_t first, last, step = 1;
    if (!take_number(&at, &first) || strncmp(at, "..", 2))
        return bad_range(t, range);
    at += 2;
    if (!take_number(&at, &last) || first > last)
        return bad_range(t, range);
    const char sign = *at;
    if ((sign == ':' || sign == '*') && (at++, !take_number(&at, &step)))
        return bad_range(t, range);
    if (*at || step < 1 + (sign == '*') || (sign == '*' && !first))
        return bad_range(t, range);
    for (int64_t v = first; v <= last && axis->values.n <= MOST_POINTS;
         v = sign == '*' ? v * step : v + step)
        VEC_PUSH(t->arena, &axis->values, arena_printf(t->arena, "%lld", (long long)v));
    return true;
}

static bool add_values(struct several *t, struct axis *axis, const char *values)
{
    if (strstr(values, ".."))
        return add_range(t, axis, values);
    for (const char *at = values; *at;) {
        const char *end = next_comma(at);
        if (end == at)
            return bad_range(t, values);
        VEC_PUSH(t->arena, &axis->values, arena_strndup(t->arena, at, (size_t)(end - at)));
        at = end + (*end == ',');
    }
    return axis->values.n || bad_range(t, values);
}

/* batch, input, else a parameter. */
static bool add_axis(struct several *t, const char *text)
{
    const size_t n = strcspn(text, "=");
    struct axis axis = {.name = arena_strndup(t->arena, text, n)};
    axis.kind = !strcmp(axis.name, "batch")   ? AXIS_batch
                : !strcmp(axis.name, "input") ? AXIS_input
                                              : AXIS_define;
    if (!add_values(t, &axis, text + n + 1))
        return false;
    VEC_PUSH(t->arena, &t->axes, axis);
    return true;
}

static size_t points_of(const struct several *t)
{
    size_t n = 1;
    for (size_t i = 0; i < t->axes.n && n <= MOST_POINTS; i++)
        n *= t->axes.at[i].values.n;
    return n;
}

static bool add_axes(struct several *t)
{
    const struct options *o = t->options;
    for (size_t i = 0; i < o->sweeps.n; i++)
        if (!add_axis(t, o->sweeps.at[i]))
            return false;
    for (size_t i = 0; i < o->defines.n; i++) {
        if (!*next_comma(o->defines.at[i]))
            VEC_PUSH(t->arena, &t->defines, o->defines.at[i]);
        else if (!add_axis(t, o->defines.at[i]))
            return false;
    }
    return points_of(t) <= MOST_POINTS ||
           wrong(t, "more points than a table takes:", o->sweeps.n ? o->sweeps.at[0] : "-D",
                 arena_printf(t->arena, "it takes %d", MOST_POINTS));
}

/* ---- points ---- */

/* The value of each axis at a point: the last one changes first. */
static const char **values_of(struct several *t, size_t point)
{
    const char **values = arena_array(t->arena, t->axes.n + 1, sizeof *values);
    for (size_t i = t->axes.n; i--;) {
        values[i] = t->axes.at[i].values.at[point % t->axes.at[i].values.n];
        point /= t->axes.at[i].values.n;
    }
    return values;
}

/* "image=3x64x64" for each image. */
static bool set_input(struct several *t, struct options *o, const char *value,
                      const struct report *first)
{
    bool any = false;
    for (size_t i = 0; i < first->inputs.n; i++) {
        const struct report_tensor *input = &first->inputs.at[i];
        if (input->type.rank != 4)
            continue;
        VEC_PUSH(t->arena, &o->inputs,
                 arena_printf(t->arena, "%s=%lldx%sx%s", input->name,
                              (long long)type_c(&input->type), value, value));
        any = true;
    }
    return any || wrong(t, "no input of this network is an image:", first->network,
                        "--sweep input=RANGE sets rows and columns");
}

static bool set_batch(struct several *t, struct options *o, const char *value)
{
    const char *at = value;
    o->batch_given = true;
    return (take_number(&at, &o->batch) && !*at && o->batch) ||
           wrong(t, "no such batch:", value, "--sweep batch=1..256");
}

/* `first` is NULL where the shapes of inputs are not known yet: they stay as they are written. */
static bool set_axis(struct several *t, struct options *o, const struct axis *axis,
                     const char *value, const struct report *first)
{
    if (axis->kind == AXIS_batch)
        return set_batch(t, o, value);
    if (axis->kind == AXIS_input)
        return !first || set_input(t, o, value, first);
    VEC_PUSH(t->arena, &o->defines, arena_printf(t->arena, "%s=%s", axis->name, value));
    return true;
}

/* The options of a network at a point; false: a value is wrong (printed). */
static bool options_at(struct several *t, struct options *o, const struct network *n,
                       const char *const *values, const struct report *first)
{
    bool good = true;
    *o = *t->options;
    o->file = n->file;
    o->net = n->net;
    memset(&o->defines, 0, sizeof o->defines);
    memset(&o->inputs, 0, sizeof o->inputs);
    for (size_t i = 0; i < t->defines.n; i++)
        VEC_PUSH(t->arena, &o->defines, t->defines.at[i]);
    for (size_t i = 0; i < t->options->inputs.n; i++)
        VEC_PUSH(t->arena, &o->inputs, t->options->inputs.at[i]);
    for (size_t i = 0; i < t->axes.n && good; i++)
        good = set_axis(t, o, &t->axes.at[i], values[i], first);
    return good;
}

/* ---- which point answers ---- */

/* The points of a network, as far as they have been made. */
struct search {
    bool any;           /* a point answers: the network's row in the table */
    double value, miss; /* its figure; that of the nearest point that does not answer */
    const char *const *missed;
};

/* Sets the bound to the figure of another network, as it is written. */
static bool measure_other(struct several *t, const char *file)
{
    struct question *q = &t->question;
    struct options o = *t->options;
    const struct network other =
        strchr(q->network, ':') ? network_of(t, q->network) : (struct network){file, q->network};
    o.file = other.file;
    o.net = other.net;
    memset(&o.defines, 0, sizeof o.defines);
    const struct report *r = t->make(t->arena, &o, &t->status);
    return r && (report_figure(r, q->figure, &q->bound) ||
                 wrong(t, "this report has no figure", q->figure, "'time' wants --machine"));
}

static bool add_question(struct several *t)
{
    struct question *q = &t->question;
    if (!t->options->solve)
        return true;
    if (!question_read(q, t->arena, t->options->solve)) {
        t->status = WRONG_CALL;
        return false;
    }
    if (!t->axes.n)
        return wrong(t, "no points to choose from for", q->text, "--sweep NAME=RANGE makes them");
    return !q->network || measure_other(t, t->options->files.at[0]);
}

/* Keeps the row of a point where it is the best answer so far; false: there is no such figure. */
static bool consider(struct several *t, struct search *s, const struct report *r,
                     const char *const *values)
{
    const struct question *q = &t->question;
    double value;
    if (!report_figure(r, q->figure, &value))
        return wrong(t, "this report has no figure", q->figure, "'time' wants --machine");
    if (!question_holds(q, value)) {
        if (!s->missed || question_prefers(q, value, s->miss)) {
            s->miss = value;
            s->missed = values;
        }
        return true;
    }
    if (s->any && !question_prefers(q, value, s->value))
        return true;
    t->nets->rows.n -= s->any;
    nets_add(t->nets, r, values);
    s->any = true;
    s->value = value;
    return true;
}

static void print_point(const struct several *t, const char *const *values)
{
    for (size_t i = 0; i < t->axes.n; i++)
        fprintf(stderr, "%s%s=%s", i ? ", " : "", t->axes.at[i].name, values[i]);
    fprintf(stderr, "\n");
}

/* Says where no point answers, and how far the nearest is from what it should equal. */
static bool conclude(struct several *t, const struct network *n, const struct search *s)
{
    const struct question *q = &t->question;
    if (s->any && s->value != q->bound && q->relation == RELATION_equal)
        fprintf(stderr, "netc: '%s' is %+.3g %% away at the nearest point\n", q->text,
                100 * (s->value - q->bound) / q->bound);
    if (s->any)
        return true;
    fprintf(stderr, "netc: no point of '%s' answers '%s': the nearest has %.10g, at ", n->file,
            q->text, s->miss);
    print_point(t, s->missed);
    t->status = BAD_INPUT;
    return false;
}

/* A point that makes no network is left out, and the others are tried: not many such. */
static bool leave_out(struct several *t, const char *const *values)
{
    for (size_t i = 0; i < t->axes.n; i++)
        fprintf(stderr, "netc: this was at %s=%s\n", t->axes.at[i].name, values[i]);
    return t->axes.n && t->status == BAD_INPUT && ++t->left_out < MOST_LEFT_OUT;
}

/* A point, whose report has an arena of its own. */
static bool add_point(struct several *t, const struct network *n, size_t point,
                      const struct report *first, struct search *search)
{
    struct options o;
    const char **values = values_of(t, point);
    if (!options_at(t, &o, n, values, first))
        return false;
    struct arena *arena = arena_new_inside(t->arena);
    const struct report *r = t->make(arena, &o, &t->status);
    bool good = r != NULL;
    if (r && t->question.text)
        good = consider(t, search, r, values);
    else if (r)
        nets_add(t->nets, r, values);
    if (!r)
        good = leave_out(t, values);
    arena_free(arena);
    return good;
}

/* Sets *first to the network with its inputs as they are written, where their sizes are swept. */
static bool make_first(struct several *t, const struct network *n, const struct report **first)
{
    struct options o;
    bool needed = false;
    for (size_t i = 0; i < t->axes.n; i++)
        needed |= t->axes.at[i].kind == AXIS_input;
    *first = NULL;
    if (!needed)
        return true;
    if (options_at(t, &o, n, values_of(t, 0), NULL))
        *first = t->make(t->arena, &o, &t->status);
    return *first != NULL;
}

static bool add_network(struct several *t, const struct network *n)
{
    const struct report *first;
    struct search search = {0};
    bool good = make_first(t, n, &first);
    for (size_t point = 0; good && point < points_of(t); point++)
        good = add_point(t, n, point, first, &search);
    return good && (!t->question.text || !(search.any || search.missed) || conclude(t, n, &search));
}

static void begin(struct several *t)
{
    const char **names = arena_array(t->arena, t->axes.n + 1, sizeof *names);
    for (size_t i = 0; i < t->axes.n; i++)
        names[i] = t->axes.at[i].name;
    nets_init(t->nets, t->arena, t->options, names, (int)t->axes.n);
}

int several_make(struct nets *nets, struct arena *arena, const struct options *o,
                 report_maker *make, bool *part)
{
    *part = false;
    struct several t = {.arena = arena, .options = o, .make = make, .nets = nets};
    if (!add_networks(&t) || !add_axes(&t) || !add_question(&t))
        return t.status;
    begin(&t);
    for (size_t i = 0; i < t.networks.n; i++)
        if (!add_network(&t, &t.networks.at[i]))
            return t.status;
    *part = t.left_out && nets->rows.n;
    return t.left_out ? BAD_INPUT : t.status;
}
