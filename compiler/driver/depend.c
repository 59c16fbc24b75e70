#include "driver/depend.h"

#include <string.h>

/* Characters that a name in a rule of GNU make can have only behind a backslash; `%` in a target.
 */
static const char escaped[] = " #:|*?[";
/* Characters that no rule can hold: they end it, make it an assignment, or hide what stands behind
 * them. */
static const char refused[] = ";=\\";

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* `~` begins somebody's home, and `a(b)` is a member of an archive. */
static bool is_expanded(const char *name)
{
    const size_t n = strlen(name);
    return *name == '~' || (n && name[n - 1] == ')' && strchr(name, '('));
}

/* Make looks files up for the patterns of a target, escaped or not; `&:` is another kind of rule.
 */
static bool fits(const char *name, bool target)
{
    for (const char *c = name; *c; c++)
        if (is_control(*c) || strchr(refused, *c) || (target && strchr("*?[&", *c)))
            return false;
    return *name && !is_expanded(name);
}

static bool add_name(struct text *rule, struct diags *diags, const char *name, bool target)
{
    if (!fits(name, target)) {
        struct diag *d = diag_add(diags, (struct span){0}, MESSAGE(err_depend), name);
        diag_hint(d, "rename it, or leave out -M");
        return false;
    }
    for (const char *c = name; *c; c++) {
        const bool hidden = strchr(escaped, *c) || (target && *c == '%');
        text_printf(rule, "%s%c", *c == '$' ? "$" : hidden ? "\\" : "", *c);
    }
    return true;
}

void depend_begin(struct depend *d, struct arena *arena, struct diags *diags, const char *target)
{
    d->diags = diags;
    text_init(&d->rule, arena);
    d->fits = add_name(&d->rule, diags, target, true);
    text_append(&d->rule, ":");
}

void depend_add(struct depend *d, const char *file)
{
    text_append(&d->rule, " ");
    d->fits = d->fits && add_name(&d->rule, d->diags, file, false);
}

const struct text *depend_end(struct depend *d)
{
    text_append(&d->rule, "\n");
    return d->fits ? &d->rule : NULL;
}
