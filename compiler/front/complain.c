/*
 * The grammar says no; here is why. Each check knows one mistake by the tokens around it; the
 * first that knows it reports it.
 */
#include "front/mistake.h"

static bool is_operator(int kind)
{
    return (kind >= TOKEN_EQ && kind <= TOKEN_PERCENT) || kind == TOKEN_AND || kind == TOKEN_OR;
}

static bool ends_branch(int kind)
{
    return kind == TOKEN_BAR || kind == TOKEN_CLOSE_BRACE;
}

static bool starts_step(int before)
{
    return starts_statement(before) || before == TOKEN_ARROW;
}

static int first_of_statement(const struct mistake *m)
{
    return m->p->tokens.list.at[walk_back(m, starts_statement)].kind;
}

/* ---- steps, arrows and labels ---- */

/* `| -> relu`, `{ -> relu }`. */
static bool leading_arrow(const struct mistake *m)
{
    int before = kind(m, -1);
    if (kind(m, 0) != TOKEN_ARROW || (before != TOKEN_BAR && before != TOKEN_OPEN_BRACE))
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_leading_arrow),
                              before == TOKEN_BAR ? "branch" : "body");
    diag_hint(d, "the tensor flows into the first step by itself: leave the '->' out");
    return true;
}

/* `let x = 3` and on the next line `-> relu`. */
static bool arrow_from_statement(const struct mistake *m)
{
    size_t first = walk_back(m, starts_statement);
    int k = m->p->tokens.list.at[first].kind;
    bool flows_not = k == TOKEN_LET || k == TOKEN_DEFAULT || k == TOKEN_REQUIRE ||
                     k == TOKEN_LABELS || k == TOKEN_INPUT || k == TOKEN_IMPORT || k == TOKEN_TRAIN;
    if (kind(m, 0) != TOKEN_ARROW || !flows_not)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_flow_from_statement),
                              m->p->tokens.list.at[first].value.text);
    diag_hint(d, "start a new line with the step itself, without '->'");
    return true;
}

/* `| relu | }`. */
static bool empty_branch(const struct mistake *m)
{
    if (kind(m, -1) != TOKEN_BAR || !ends_branch(kind(m, 0)))
        return false;
    struct diag *d = diag_add(m->p->diags, near(m, -1).span, MESSAGE(err_empty_branch));
    diag_hint(d, "'| identity' passes its input through");
    return true;
}

/* `relu -> }`. */
static bool trailing_arrow(const struct mistake *m)
{
    int k = kind(m, 0);
    if (kind(m, -1) != TOKEN_ARROW || !(ends_branch(k) || k == TOKEN_ARROW || breaks_line(k)))
        return false;
    diag_add(m->p->diags, near(m, -1).span, MESSAGE(err_trailing_arrow));
    return true;
}

/* Whether the brace before the mistake opens the body of an `if`. */
static bool is_in_if(const struct mistake *m)
{
    size_t i = m->at - 1;
    while (i && !breaks_line(m->p->tokens.list.at[i].kind))
        if (m->p->tokens.list.at[i--].kind == TOKEN_IF)
            return true;
    return false;
}

/* `relu | bn` outside of a fork. */
static bool stray_bar(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_BAR || near(m, 0).branch)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_stray_bar));
    if (kind(m, -1) == TOKEN_OPEN_BRACE && is_in_if(m))
        diag_hint(d, "in a fork a condition stands before the bar, without braces: 'if … | relu'");
    else
        diag_hint(d,
                  "branches stand inside 'concat { }', 'add { }', 'mul { }' or 'split { }'; in a "
                  "'for' each round is a branch, without '|'");
    return true;
}

/* Whether the line goes on to the bar of a branch, without a brace or an arrow. */
static bool leads_to_branch(const struct mistake *m)
{
    int k = 0, distance = 0;
    while (k != TOKEN_BAR && k != TOKEN_ARROW && k != TOKEN_OPEN_BRACE && !breaks_line(k))
        k = kind(m, ++distance);
    return k == TOKEN_BAR && near(m, distance).branch;
}

/* `| relu if c | bn`. */
static bool condition_in_line(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_IF || !m->expected->kind[TOKEN_ARROW] || !leads_to_branch(m))
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_condition_in_line));
    diag_hint(d, "write 'if … | …' on a line of its own");
    return true;
}

/* `if c: | relu`, `| if c: relu`. */
static bool condition_with_colon(const struct mistake *m)
{
    size_t first = walk_back(m, starts_statement);
    const struct token *t = &m->p->tokens.list.at[first];
    if (kind(m, 0) != TOKEN_COLON || t->kind != TOKEN_IF ||
        !(near(m, 1).branch || (first && t[-1].branch)))
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_condition_with_colon));
    diag_hint(d, "a branch that is there only under a condition is written 'if … | …'");
    return true;
}

/* The last word of `self.conv1` at a token. */
static size_t last_of_dotted(const struct mistake *m, size_t i)
{
    const struct token *t = m->p->tokens.list.at;
    while (i + 2 < m->at && t[i + 1].kind == TOKEN_DOT && is_word(t[i + 2].kind))
        i += 2;
    return i;
}

/* `x = conv(64, 3)`, `x[i] = conv(64, 3)`, `self.x = conv(64, 3)`, `x == conv(64, 3)`. */
static bool label_with_assign(const struct mistake *m)
{
    size_t last = last_of_dotted(m, walk_back(m, starts_step));
    const struct token *t = &m->p->tokens.list.at[last];
    bool name = last + 1 == m->at || (last < m->at && t[1].match + 1 == m->at);
    if ((kind(m, 0) != TOKEN_ASSIGN && kind(m, 0) != TOKEN_EQ) || !is_word(t->kind) || !name ||
        enclosing(m) == TOKEN_OPEN_PAREN)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_label_with_assign),
                              kind(m, 0) == TOKEN_EQ ? "==" : "=");
    diag_hint(d, "write '%s: …' for a label, 'let %s = …' for a constant", t->value.text,
              t->value.text);
    return true;
}

/* `a: b: relu`. */
static bool second_label(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_COLON || kind(m, -2) != TOKEN_COLON)
        return false;
    struct diag *d = diag_add(m->p->diags, near(m, -1).span, MESSAGE(err_second_label));
    diag_range(d, near(m, -3).span);
    return true;
}

/* `in: relu`. */
static bool reserved_label(const struct mistake *m)
{
    int distance = kind(m, 0) == TOKEN_COLON ? -1 : 0;
    struct token t = near(m, distance);
    bool reserved = t.kind >= TOKEN_IF && t.kind <= TOKEN_IN;
    if (!reserved || kind(m, distance + 1) != TOKEN_COLON || !starts_step(kind(m, distance - 1)))
        return false;
    diag_add(m->p->diags, t.span, MESSAGE(err_reserved_label), t.value.text);
    return true;
}

/* `output aux(10)` without a label: `output aux` alone would say what the main output is for. */
static bool output_without_label(const struct mistake *m)
{
    const int distance = kind(m, -1) == TOKEN_OUTPUT ? -1 : -2;
    if (kind(m, distance) != TOKEN_OUTPUT || !starts_statement(kind(m, distance - 1)))
        return false;
    if (distance == -1 ? !is_word(kind(m, 0)) && kind(m, 0) != TOKEN_OPEN_BRACE
                       : kind(m, 0) == TOKEN_COLON)
        return false;
    struct diag *d =
        diag_add(m->p->diags, near(m, distance).span, MESSAGE(err_output_without_label));
    diag_hint(d, "write 'name: output …'");
    return true;
}

/* `relu -> let x = 3`. */
static bool statement_as_step(const struct mistake *m)
{
    struct token t = near(m, -1);
    bool statement = t.kind == TOKEN_LET || t.kind == TOKEN_DEFAULT || t.kind == TOKEN_REQUIRE ||
                     t.kind == TOKEN_LABELS || t.kind == TOKEN_INPUT;
    if (!statement || (kind(m, -2) != TOKEN_ARROW && kind(m, -2) != TOKEN_COLON))
        return false;
    struct diag *d = diag_add(m->p->diags, t.span, MESSAGE(err_statement_as_step), t.value.text);
    diag_hint(d, "put it on a line of its own");
    return true;
}

/* `else` or `shortcut { }` after something else. */
static bool lone_clause(const struct mistake *m)
{
    struct token t = near(m, 0);
    if (t.kind != TOKEN_ELSE && t.kind != TOKEN_SHORTCUT)
        return false;
    diag_add(m->p->diags, t.span, MESSAGE(err_lone_clause), t.value.text,
             t.kind == TOKEN_ELSE ? "if" : "residual");
    return true;
}

/* `relu bn`. */
static bool missing_arrow(const struct mistake *m)
{
    int k = kind(m, 0);
    bool step =
        is_word(k) || k == TOKEN_STRING || k == TOKEN_OPEN_BRACE || k == TOKEN_IF || k == TOKEN_FOR;
    if (!step || !m->expected->kind[TOKEN_ARROW])
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_missing_arrow));
    diag_hint(d, "put '->' between them, or start a new line");
    return true;
}

/* `from 0`. */
static bool path_from_number(const struct mistake *m)
{
    if (kind(m, -1) != TOKEN_FROM || (kind(m, 0) != TOKEN_INT && kind(m, 0) != TOKEN_REAL))
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_path_from_number));
    diag_hint(d, "label the step: 'name: …', then 'from name'");
    return true;
}

/* ---- expressions and arguments ---- */

/* `kernel: 3`. */
static bool argument_with_colon(const struct mistake *m)
{
    int before = kind(m, -2);
    if (kind(m, 0) != TOKEN_COLON || !is_word(kind(m, -1)) ||
        (before != TOKEN_OPEN_PAREN && before != TOKEN_COMMA) || enclosing(m) != TOKEN_OPEN_PAREN)
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_argument_with_colon));
    diag_hint(d, "write '%s=…'", near(m, -1).value.text);
    diag_fix(d, here(m), "=");
    return true;
}

/* `if x = 3`. */
static bool assign_as_comparison(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_ASSIGN || !m->expected->kind[TOKEN_EQ])
        return false;
    diag_hint(diag_add(m->p->diags, here(m), MESSAGE(err_assign_as_comparison)), "write '=='");
    return true;
}

/* Whether the braces around the mistake are those of a recipe: `train {`, `train name(…) {`. */
static bool in_recipe(const struct mistake *m)
{
    const struct token *list = m->p->tokens.list.at;
    size_t i = walk_back(m, never);
    if (i < 2 || list[--i].kind != TOKEN_OPEN_BRACE)
        return false;
    if (list[i - 1].kind == TOKEN_CLOSE_PAREN)
        for (size_t k = i--; i > 1 && list[i].match + 1 != k; i--)
            ;
    i -= i > 1 && list[i - 1].kind == TOKEN_NAME;
    return list[i - 1].kind == TOKEN_TRAIN;
}

/* `optimizer: sgd(0.1)`, `optimizer = sgd(0.1)` in a recipe. */
static bool setting_with_mark(const struct mistake *m)
{
    const bool colon = kind(m, 0) == TOKEN_COLON;
    if ((!colon && kind(m, 0) != TOKEN_ASSIGN) || !is_word(kind(m, -1)) ||
        !starts_statement(kind(m, -2)) || !in_recipe(m))
        return false;
    diag_hint(diag_add(m->p->diags, here(m), MESSAGE(err_setting_with_mark), colon ? ":" : "="),
              "write '%s …'", near(m, -1).value.text);
    return true;
}

/* `train name` in braces of its own. */
static bool recipe_in_recipe(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_TRAIN || !in_recipe(m))
        return false;
    diag_hint(diag_add(m->p->diags, here(m), MESSAGE(err_recipe_in_recipe)),
              "a net has a recipe of the file's by 'train name', in place of 'train { … }'");
    return true;
}

/* `if c:` as in Python. */
static bool colon_before_body(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_COLON ||
        !(m->expected->kind[TOKEN_OPEN_BRACE] || kind(m, -1) == TOKEN_ELSE))
        return false;
    struct diag *d = diag_add(m->p->diags, here(m), MESSAGE(err_colon_before_body));
    diag_hint(d, "a body stands in braces: '{ … }'");
    if (kind(m, 1) == TOKEN_OPEN_BRACE)
        diag_fix(d, here(m), "");
    return true;
}

static void hint_comment(struct diag *d, const struct token *t)
{
    diag_hint(d, "comments start with '#'");
    if (t->kind == TOKEN_DOUBLE_SLASH)
        diag_fix(d, t->span, "#");
}

/* A line that starts with `+`. */
static bool operator_at_line_start(const struct mistake *m)
{
    struct token t = near(m, 0);
    bool continues = is_operator(t.kind) || (t.kind >= TOKEN_COMMA && t.kind <= TOKEN_THROUGH);
    if (!continues || kind(m, -1) != TOKEN_NEWLINE)
        return false;
    bool comment = t.kind == TOKEN_DOUBLE_SLASH;
    struct diag *d = comment ? diag_add(m->p->diags, t.span, MESSAGE(err_slashes))
                             : diag_add(m->p->diags, t.span, MESSAGE(err_operator_at_line_start));
    if (comment)
        hint_comment(d, &t);
    else
        diag_hint(d, "end the line above with it, or put the expression in parentheses");
    return true;
}

/* `f(3 4)`. */
static bool missing_comma(const struct mistake *m)
{
    int k = kind(m, 0);
    bool starts_value = is_word(k) || (k >= TOKEN_STRING && k <= TOKEN_REAL) ||
                        k == TOKEN_OPEN_PAREN || k == TOKEN_OPEN_BRACKET;
    if (!starts_value || !m->expected->kind[TOKEN_COMMA] || m->expected->kind[TOKEN_IN])
        return false;
    diag_add(m->p->diags, here(m), MESSAGE(err_missing_comma));
    return true;
}

/* `let add = 3`. */
static bool keyword_as_name(const struct mistake *m)
{
    struct token t = near(m, 0);
    if (t.kind < TOKEN_IF || !m->expected->kind[TOKEN_NAME])
        return false;
    diag_add(m->p->diags, t.span, MESSAGE(err_keyword_as_name), t.value.text);
    return true;
}

/* `input [3, 8, 8]`, which begins like the step `input[3]`. */
static bool input_without_name(const struct mistake *m)
{
    if (kind(m, 0) != TOKEN_COMMA || kind(m, -3) != TOKEN_INPUT ||
        kind(m, -2) != TOKEN_OPEN_BRACKET)
        return false;
    struct diag *d = diag_add(m->p->diags, near(m, -3).span, MESSAGE(err_input_without_name));
    diag_hint(d, "write 'input image[…]'");
    return true;
}

/* ---- outside of bodies ---- */

static bool starts_item(int kind)
{
    return kind == TOKEN_IMPORT || kind == TOKEN_LET || kind == TOKEN_DEFAULT ||
           kind == TOKEN_BLOCK || kind == TOKEN_NET || kind == TOKEN_TRAIN;
}

/* `net net { }`. */
static bool item_as_name(const struct mistake *m)
{
    if (!starts_item(kind(m, 0)) || !starts_item(kind(m, -1)))
        return false;
    diag_add(m->p->diags, here(m), MESSAGE(err_keyword_as_name), near(m, 0).value.text);
    return true;
}

/* The word that starts an item and is nearly this one, such as 'net' for 'Net'; or NULL. */
static const char *nearest_item(const struct token *t)
{
    static const char *const words[] = {"net", "block", "import", "default", "let", "train"};
    struct nearest n;
    if (t->kind != TOKEN_NAME)
        return NULL;
    nearest_init(&n, t->value.text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        nearest_offer(&n, words[i]);
    return nearest_best(&n);
}

/* A line that is no item; of several in a row the first is reported. */
static bool outside(const struct mistake *m)
{
    if (!m->expected->kind[TOKEN_BLOCK] || !m->expected->kind[TOKEN_IMPORT] ||
        m->expected->kind[TOKEN_NAME])
        return false;
    struct mistake above = {m->p, m->at - 1, m->expected};
    if (m->at && !starts_item(first_of_statement(&above)))
        return true;
    struct token t = near(m, 0);
    if (complain_foreign(m))
        return true;
    struct diag *d = diag_add(m->p->diags, t.span, MESSAGE(err_outside));
    if (nearest_item(&t))
        diag_suggest(d, nearest_item(&t));
    diag_hint(d, "a file holds 'import', 'let', 'default', 'block', 'net' and 'train'; steps stand "
                 "in the body of a block or net");
    return true;
}

/* `block a { } block b { }` on one line. */
static bool item_on_same_line(const struct mistake *m)
{
    if (!starts_item(kind(m, 0)) || enclosing(m))
        return false;
    diag_add(m->p->diags, here(m), MESSAGE(err_item_on_same_line), near(m, 0).value.text);
    return true;
}

/* ---- anything else ---- */

struct phrases {
    const char *at[4];
    size_t n;
    bool more; /* than there is room for */
};

static void add_phrase(struct phrases *t, const char *phrase)
{
    if (t->n < sizeof t->at / sizeof *t->at)
        t->at[t->n++] = phrase;
    else
        t->more = true;
}

static void forget(struct expected *e, int first, int last)
{
    for (int k = first; k <= last; k++)
        e->kind[k] = false;
}

/* Takes out the kinds of token that one phrase covers, and adds the phrase. */
static void add_groups(struct expected *e, struct phrases *t)
{
    bool step = e->kind[TOKEN_REPEAT] && e->kind[TOKEN_OPEN_BRACE];
    bool value = e->kind[TOKEN_INT] && e->kind[TOKEN_MINUS];
    if (step || value) {
        add_phrase(t, step ? "a step" : "an expression");
        forget(e, TOKEN_NAME, TOKEN_REAL);
        forget(e, TOKEN_IF, TOKEN_FROM);
        e->kind[TOKEN_OPEN_BRACE] &= !step;
        e->kind[TOKEN_OPEN_PAREN] = e->kind[TOKEN_OPEN_BRACKET] = e->kind[TOKEN_MINUS] = false;
    } else if (e->kind[TOKEN_NAME]) {
        add_phrase(t, "a name");
        e->kind[TOKEN_NAME] = e->kind[TOKEN_OPEN_BRACKET] = false;
        forget(e, TOKEN_IN, TOKEN_FROM);
    }
    if (t->n || e->kind[TOKEN_INT])
        e->kind[TOKEN_COLON] = false; /* after a keyword as a label, which is not what was meant */
    e->kind[TOKEN_STEP] = false;      /* where '.' is */
    if (e->kind[TOKEN_OPEN_BRACE] || e->kind[TOKEN_NEWLINE])
        e->kind[TOKEN_NEWLINE_BRACE] = false; /* taken there to be refused */
    if (e->kind[TOKEN_PLUS]) {
        forget(e, TOKEN_EQ, TOKEN_PERCENT);
        forget(e, TOKEN_IF, TOKEN_NOT);
        e->kind[TOKEN_OPEN_PAREN] = e->kind[TOKEN_OPEN_BRACKET] = e->kind[TOKEN_DOT] = false;
    }
}

static bool is_class(int kind)
{
    return (kind >= TOKEN_NAME && kind <= TOKEN_NEWLINE_BRACE) || kind == TOKEN_YYEOF;
}

static const char *name_of(const struct mistake *m, int k)
{
    const char *name = m->expected->name(k);
    return is_class(k) ? name : arena_printf(m->p->arena, "'%s'", name);
}

/* "'{', a name or end of line"; NULL: too many to tell. */
static const char *list_expected(const struct mistake *m)
{
    struct expected e = *m->expected;
    struct phrases t = {.n = 0};
    struct text out;
    add_groups(&e, &t);
    for (int k = 0; k < N_TOKEN_KINDS; k++)
        if (e.kind[k])
            add_phrase(&t, name_of(m, k));
    if (!t.n || t.more)
        return NULL;
    text_init(&out, m->p->arena);
    for (size_t i = 0; i < t.n; i++)
        text_printf(&out, "%s%s", !i ? "" : i + 1 < t.n ? ", " : " or ", t.at[i]);
    return text_string(&out);
}

static bool anything(const struct mistake *m)
{
    struct token t = near(m, 0);
    uint32_t n = t.span.end - t.span.begin;
    const char *seen = m->expected->name(t.kind), *wanted = list_expected(m);
    if (t.kind == TOKEN_STRING)
        seen = "string";
    else if (n)
        seen = arena_printf(m->p->arena, "'%.*s'", (int)n, m->p->source->bytes + t.span.begin);
    struct diag *d = wanted ? diag_add(m->p->diags, t.span, MESSAGE(err_unexpected), seen, wanted)
                            : diag_add(m->p->diags, t.span, MESSAGE(err_unexpected_here), seen);
    if (t.kind == TOKEN_DOUBLE_SLASH || (t.kind == TOKEN_SLASH && kind(m, 1) == TOKEN_STAR))
        hint_comment(d, &t);
    return true;
}

/* Most telling first. */
static bool (*const checks[])(const struct mistake *) = {
    leading_arrow,
    arrow_from_statement,
    empty_branch,
    trailing_arrow,
    stray_bar,
    condition_in_line,
    condition_with_colon,
    second_label,
    setting_with_mark,
    recipe_in_recipe,
    reserved_label,
    label_with_assign,
    output_without_label,
    statement_as_step,
    path_from_number,
    argument_with_colon,
    input_without_name,
    colon_before_body,
    assign_as_comparison,
    operator_at_line_start,
    lone_clause,
    outside,
    complain_foreign,
    item_as_name,
    item_on_same_line,
    missing_comma,
    missing_arrow,
    keyword_as_name,
    anything,
};

void complain_unexpected(struct parser *p, const struct expected *expected)
{
    struct mistake m = {p, p->next - 1, expected};
    size_t i = 0;
    while (!checks[i](&m))
        i++;
}

/* ---- what the grammar takes, only to refuse it ---- */

void complain_brace_line(struct parser *p, struct span body)
{
    struct span brace = {body.source, body.begin, body.begin + 1};
    struct diag *d = diag_add(p->diags, brace, MESSAGE(err_brace_line));
    diag_hint(d, "put it at the end of the line above");
}

void complain_no_branches(struct parser *p, struct span braces)
{
    struct diag *d = diag_add(p->diags, braces, MESSAGE(err_empty_fork));
    diag_hint(d, "write '|' before each branch: 'concat { | relu | identity }'");
}

/* Whether a message points into a statement. */
static bool was_said(const struct parser *p, struct span span)
{
    for (size_t i = 0; i < p->diags->queue.n; i++) {
        const struct span at = diag_span(p->diags->queue.at[i]);
        if (at.source == span.source && at.begin >= span.begin && at.end <= span.end)
            return true;
    }
    return false;
}

void complain_no_bar(struct parser *p, const struct ast_body *body)
{
    if (!body->stmts.n || was_said(p, body->stmts.at[0]->span))
        return; /* nothing there was understood, which was said */
    struct diag *d = diag_add(p->diags, body->stmts.at[0]->span, MESSAGE(err_no_bar));
    diag_hint(d, "write '|' before each branch: 'concat { | relu | identity }'");
}

void complain_chain(struct parser *p, struct span span)
{
    struct diag *d = diag_add(p->diags, span, MESSAGE(err_chained_comparison));
    diag_hint(d, "compare twice: 'a < b and b < c'");
}
