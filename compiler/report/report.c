#include "report/report.h"
#include "report/diff.h"

#include "report/explain.h"
#include "report/forms.h"
#include "report/style.h"
#include "report/view.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *report_check_options(struct arena *arena, const struct options *o, const char **value,
                                 const char **hint)
{
    const bool by_time = o->sort && !strcmp(o->sort, "us");
    *value = o->sort;
    *hint = view_columns(arena);
    if (o->sort && !view_sorts_by(o->sort))
        return "no such column to sort by:";
    if (by_time && !o->machine)
        return "no such column without --machine:";
    *value = o->flops;
    *hint = report_conventions(arena);
    if (o->flops && strcmp(o->flops, "all") && convention_find(o->flops) == N_CONVENTIONS)
        return "no such convention:";
    return NULL;
}

struct report *report_of_graph(struct arena *arena, struct diags *diags, const struct graph *g,
                               const struct options *options)
{
    struct report *r = report_make(arena, diags, g, options);
    if (!r)
        return NULL;
    report_add_devices(r);
    report_lint(r);
    if (options->report || options->diff || g->requires.n)
        report_add_training(r, g);
    return r;
}

void report_add_program(struct report *r, const struct graph *g, const struct plan *plan,
                        const struct machine *machine)
{
    report_add_plan(r, plan);
    if (machine)
        report_predict(r, plan, machine);
    report_check_budgets(r, g);
}

struct grid_style report_style(bool terminal)
{
    struct winsize size = {0};
    if (!terminal)
        return (struct grid_style){0};
    bool known = !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return (struct grid_style){.columns = known ? size.ws_col : 0, .colour = true};
}

static bool print_styled(struct text *t, const struct report *r)
{
    switch (r->options->style) {
    case STYLE_torchinfo:
        style_torchinfo(t, r);
        return true;
    case STYLE_torchinfo_course:
        style_torchinfo_course(t, r);
        return true;
    case STYLE_gluon:
        style_gluon(t, r);
        return true;
    case STYLE_course:
        style_course(t, r);
        return true;
    case STYLE_torch:
        style_torch(t, r);
        return true;
    default:
        return false;
    }
}

bool report_diff(struct text *t, const struct report *was, const struct report *is,
                 struct diags *diags, bool terminal)
{
    struct grid_style style = report_style(terminal);
    enum report_form form = is->options->report;
    struct diff d;
    diff_make(&d, was, is);
    if (form == FORM_csv)
        diff_csv(t, &d);
    else if (form == FORM_json)
        diff_json(t, &d);
    else if (form == FORM_html)
        return diff_html(t, &d, diags);
    else
        diff_text(t, &d, form, &style);
    return true;
}

bool report_explain(struct text *t, const struct report *r, bool terminal, const char **nearest)
{
    const struct grid_style style = report_style(terminal);
    if (!explain_finds(r, nearest))
        return false;
    if (r->options->report <= FORM_md)
        explain_print(t, r, &style);
    return true;
}

bool report_print(struct text *t, const struct report *r, bool terminal)
{
    if (print_styled(t, r))
        return true;
    struct grid_style style = report_style(terminal);
    switch (r->options->report) {
    case FORM_md:
        report_md(t, r);
        break;
    case FORM_csv:
        report_csv(t, r);
        break;
    case FORM_json:
        report_json(t, r);
        break;
    case FORM_html:
        return report_html(t, r);
    default:
        report_text(t, r, &style);
    }
    return true;
}
