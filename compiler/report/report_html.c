/* The report as one page: its data is that of --report=json. */
#include "report/forms.h"
#include "report/page.h"

bool report_html(struct text *t, const struct report *r)
{
    static const struct grid_style plain;
    struct text json, text;
    text_init(&json, r->arena);
    text_init(&text, r->arena);
    report_json(&json, r);
    report_text(&text, r, &plain);
    const struct page_content content = {text_string(&json), text_string(&text)};
    return page_print(t, r->arena, r->diags, "page.html", &content);
}
