#include "front/complain.h"

void complain_brace_line(struct parser *p, struct span body)
{
    struct span brace = {body.source, body.begin, body.begin + 1};
    struct diag *d = diag_add(p->diags, brace, MESSAGE(err_brace_line));
    diag_hint(d, "a line break ends a step: put the '{' at the end of the line above");
}

void complain_no_bar(struct parser *p, struct span body)
{
    struct span first = {body.source, body.begin, body.begin + 1};
    struct diag *d = diag_add(p->diags, first, MESSAGE(err_no_bar));
    diag_hint(d, "write '|' before each branch: 'concat { | relu | identity }'");
}

void complain_chain(struct parser *p, struct span span)
{
    struct diag *d = diag_add(p->diags, span, MESSAGE(err_chained_comparison));
    diag_hint(d, "compare twice: 'a < b and b < c'");
}

void complain_unexpected(struct parser *p, const struct expected *expected)
{
    (void)expected;
    const struct token *t = &p->tokens.list.at[p->next - 1];
    diag_add(p->diags, t->span, MESSAGE(err_unexpected), (int)(t->span.end - t->span.begin),
             p->source->bytes + t->span.begin);
}
