/*
 * The grammar. Actions only build the tree: they look up no names, check no shapes, open no files.
 * Brackets are balanced before (balance.c), mistakes are put into words after (complain.c).
 */
%define api.pure full
%define api.prefix {net_}
%define api.token.prefix {TOKEN_}
%define api.value.type {union value}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%param {struct parser *p}
%locations
%expect 0

%code requires {
#include "front/token.h"
}

%code {
#include "front/build.h"
#include "front/complain.h"

/* An empty rule stands just after the symbol before it. */
#define YYLLOC_DEFAULT(current, rhs, n)                                                            \
    ((current) = (n) ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n))                               \
                     : (struct span){YYRHSLOC(rhs, 0).source, YYRHSLOC(rhs, 0).end,                \
                                     YYRHSLOC(rhs, 0).end})

/* An error inside brackets is over with them. */
#define RECOVERED (p->recovering = false, yyerrok)

static struct ast_action *ast_bare_branch(struct parser *, struct ast_body *);
static int net_lex(NET_STYPE *, NET_LTYPE *, struct parser *);
static void net_error(const NET_LTYPE *, struct parser *, const char *);
}

%token <text> NAME "a name" STRING "a string"
%token <number> INT "an integer" REAL "a number"
%token <text> STEP "the number of a step"
%token NEWLINE "end of line" NEWLINE_BRACE "line break before '{'" YYEOF 0 "end of file"

%token OPEN_BRACE "{" CLOSE_BRACE "}" OPEN_PAREN "(" CLOSE_PAREN ")"
%token OPEN_BRACKET "[" CLOSE_BRACKET "]"
%token ARROW "->" BAR "|" COLON ":" COMMA "," DOT "." TO ".." THROUGH "..=" ASSIGN "="
%token EQ "==" NE "!=" LT "<" LE "<=" GT ">" GE ">="
%token PLUS "+" MINUS "-" STAR "*" SLASH "/" DOUBLE_SLASH "//" PERCENT "%"

%token <text> IF "if" ELSE "else" FOR "for" AND "and" OR "or" NOT "not"
%token <text> TRUE "true" FALSE "false" IN "in"
%token <text> IMPORT "import" LET "let" DEFAULT "default" BLOCK "block" NET "net" TRAIN "train"
%token <text> REQUIRE "require" LABELS "labels" INPUT "input" OUTPUT "output" INLINE "inline" SHARED "shared"
%token <text> CONCAT "concat" ADD "add" SUB "sub" MUL "mul" DIV "div"
%token <text> MINIMUM "minimum" MAXIMUM "maximum" MATMUL "matmul" ATTENTION "scaled_dot_product_attention" GATHER "gather" SPLIT "split"
%token <text> RESIDUAL "residual" SHORTCUT "shortcut" ON "on" REPEAT "repeat" FROM "from"

%type <text> soft word argument callee other_callee dotted
%type <operator> compare
%type <fork> fork
%type <joint> joint
%type <expr> expr disjunction conjunction negation comparison chain sum product unary postfix atom
%type <expr> condition
%type <exprs> exprs exprs_list
%type <arg> arg
%type <args> args args_opt args_list
%type <param> param
%type <params> params params_opt params_list
%type <pattern> pattern pattern_list pattern_item
%type <range> range
%type <label> label indexed_label labelled
%type <path> path
%type <path_item> path_step
%type <body> body braces stmts stmts_opt preprocessing recipe settings
%type <action> action branches open_branch if_chain
%type <step> step
%type <stmt> stmt pipeline setting
%type <let> let
%type <defaults> default
%type <item> item
%type <definition> block net train

%%

/* ---- the file ---- */

file:
    %empty
  | items
  ;

items:
    item                    { ast_file_add(p, $1); }
  | items end item          { ast_file_add(p, $3); }
  | items error
  ;

/* An error is over at the end of its line. */
end:
    NEWLINE                 { yyerrok; }
  | NEWLINE_BRACE           { yyerrok; }
  ;

item:
    "import" STRING         { $$ = ast_import(p, @$, $2); }
  | let                     { $$ = ast_item_let(p, @$, $1); }
  | default                 { $$ = ast_item_default(p, @$, $1); }
  | block                   { $$ = ast_definition(p, @$, ITEM_block, $1); }
  | net                     { $$ = ast_definition(p, @$, ITEM_net, $1); }
  | train                   { $$ = ast_definition(p, @$, ITEM_train, $1); }
  | error                   { $$ = NULL; }
  ;

let:
    "let" soft "=" expr
        { $$ = (struct ast_let){.name = $2, .name_span = @2, .value = $4}; }
  | "let" soft params "=" expr
        { $$ = (struct ast_let){.name = $2, .name_span = @2, .function = true, .params = $3,
                                .value = $5}; }
  ;

default:
    "default" NAME args
        { $$ = (struct ast_default){.name = $2, .name_span = @2, .args = $3}; }
  ;

block:
    "block" NAME params_opt body
        { $$ = (struct ast_definition){.name = $2, .name_span = @2, .params = $3, .body = $4}; }
  ;

net:
    "net" NAME params_opt body
        { $$ = (struct ast_definition){.name = $2, .name_span = @2, .params = $3, .body = $4}; }
  | "net" NAME "=" NAME args_opt
        { $$ = (struct ast_definition){.name = $2, .name_span = @2, .base = $4, .base_span = @4,
                                       .args = $5}; }
  ;

train:
    "train" NAME params_opt recipe
        { $$ = (struct ast_definition){.name = $2, .name_span = @2, .params = $3, .body = $4}; }
  ;

/* What a network is trained by: a setting a line. */
recipe:
    "{" "}"                 { $$ = ast_body(p, @$, NULL, NULL); }
  | "{" settings "}"        { $$ = $2, $$->span = @$; }
  | NEWLINE_BRACE recipe    { $$ = $2, complain_brace_line(p, @2); }
  ;

settings:
    setting                 { $$ = ast_body(p, @$, NULL, $1); }
  | settings end setting    { $$ = ast_body(p, @$, $1, $3); }
  | settings error          { $$ = $1; }
  ;

setting:
    NAME expr               { $$ = ast_setting(p, @$, (struct ast_setting){$1, @1, $2, NULL}); }
  | NAME braces             { $$ = ast_setting(p, @$, (struct ast_setting){$1, @1, NULL, $2}); }
  | error                   { $$ = NULL; }
  ;

params_opt:
    %empty                  { $$ = (struct ast_params){0}; }
  | params
  ;

params:
    "(" ")"                 { $$ = (struct ast_params){0}; }
  | "(" params_list ")"     { $$ = $2; }
  | "(" params_list "," ")" { $$ = $2; }
  | "(" error ")"           { $$ = (struct ast_params){0}, RECOVERED; }
  ;

params_list:
    param                   { $$ = ast_params(p, (struct ast_params){0}, $1); }
  | params_list "," param   { $$ = ast_params(p, $1, $3); }
  ;

param:
    soft                    { $$ = (struct ast_param){$1, @1, NULL}; }
  | soft "=" expr           { $$ = (struct ast_param){$1, @1, $3}; }
  ;

/* ---- bodies and statements ---- */

braces:
    "{" stmts_opt "}"       { $$ = $2, $$->span = @$; }
  ;

/* A body that must follow: the brace belongs on the line above. */
body:
    braces
  | NEWLINE_BRACE braces    { $$ = $2, complain_brace_line(p, @2); }
  ;

stmts_opt:
    %empty                  { $$ = ast_body(p, @$, NULL, NULL); }
  | stmts
  ;

stmts:
    stmt                    { $$ = ast_body(p, @$, NULL, $1); }
  | stmts end stmt          { $$ = ast_body(p, @$, $1, $3); }
  | stmts error             { $$ = $1; /* what is behind a whole one: those before are kept */ }
  ;

stmt:
    pipeline
  | let                     { $$ = ast_stmt_let(p, @$, $1); }
  | default                 { $$ = ast_stmt_default(p, @$, $1); }
  | "require" expr          { $$ = ast_require(p, @$, $2); }
  | "labels" STRING         { $$ = ast_labels(p, @$, $2); }
  | "train" recipe          { $$ = ast_train(p, @$, (struct ast_train){.span = @1, .body = $2}); }
  | "train" NAME args_opt
        { $$ = ast_train(p, @$, (struct ast_train){.name = $2, .span = @2, .args = $3}); }
  | "output" NAME args_opt
        { $$ = ast_stmt_output(p, @$, (struct ast_output){true, $2, @2, $3}); }
  | "input" soft "[" exprs "]" preprocessing
        { $$ = ast_input(p, @$, (struct ast_input){$2, @2, $4, NULL, @5, $6}); }
  | "input" soft "[" exprs "]" ":" NAME preprocessing
        { $$ = ast_input(p, @$, (struct ast_input){$2, @2, $4, $7, @7, $8}); }
  | error                   { $$ = NULL; }
  ;

preprocessing:
    %empty                  { $$ = NULL; }
  | braces
  ;

pipeline:
    step                    { $$ = ast_pipeline(p, @$, NULL, $1); }
  | pipeline "->" step      { $$ = ast_pipeline(p, @$, $1, $3); }
  ;

step:
    action                      { $$ = ast_step(p, @$, NULL, (struct ast_output){0}, $1); }
  | labelled ":" action            { $$ = ast_step(p, @$, $1, (struct ast_output){0}, $3); }
  | labelled ":" "output" action   { $$ = ast_step(p, @$, $1, (struct ast_output){.written = true, .span = @3}, $4); }
  | labelled ":" "output" NAME action
        { $$ = ast_step(p, @$, $1, (struct ast_output){.written = true, .purpose = $4, .span = @4},
                        $5); }
  | labelled ":" "output" NAME args action
        { $$ = ast_step(p, @$, $1, (struct ast_output){true, $4, @4, $5}, $6); }
  ;

/* Of a shared step its parameters are those of the first step with its label. */
labelled:
    label
  | "shared" label          { $$ = $2, $$->shared = true; }
  ;

label:
    word                    { $$ = ast_label(p, @$, LABEL_name, $1, NULL); }
  | STRING                  { $$ = ast_label(p, @$, LABEL_string, $1, NULL); }
  | "(" expr ")"            { $$ = ast_label(p, @$, LABEL_value, NULL, $2); }
  | indexed_label
  ;

indexed_label:
    soft "[" expr "]"
        { $$ = ast_label_index(p, @$, ast_label(p, @1, LABEL_name, $1, NULL), $3); }
  | STRING "[" expr "]"
        { $$ = ast_label_index(p, @$, ast_label(p, @1, LABEL_string, $1, NULL), $3); }
  | indexed_label "[" expr "]"
        { $$ = ast_label_index(p, @$, $1, $3); }
  ;

/* ---- actions ---- */

action:
    NAME args_opt               { $$ = ast_step_call(p, @$, false, $1, @1, $2); }
  | other_callee args_opt       { $$ = ast_step_call(p, @$, false, $1, @1, $2); }
  | "inline" callee args_opt    { $$ = ast_step_call(p, @$, true, $2, @2, $3); }
  | braces                      { $$ = ast_action_body(p, @$, $1); }
  | joint brace branches "}"    { $$ = ast_fork(@$, $1, $3); }
  | joint brace "}"
        { $$ = ast_fork(@$, $1, ast_branch_body(ast_branch(p, NULL, NULL),
                                                ast_body(p, @2, NULL, NULL))),
          complain_no_branches(p, span_join(@2, @3)); }
  | joint "for" pattern "in" range body
        { $$ = ast_fork_loop(p, @$, $1, (struct ast_loop){$3, $5, $6}); }
  | "residual" condition body   { $$ = ast_residual(p, @$, $2, $3, NULL, NULL); }
  | "residual" condition body "shortcut" condition body
        { $$ = ast_residual(p, @$, $2, $3, $5, $6); }
  | "on" INT body               { $$ = ast_on(p, @$, $2.integer, $3); }
  | "repeat" expr body          { $$ = ast_repeat(p, @$, $2, $3); }
  | "for" pattern "in" range body
        { $$ = ast_for(p, @$, (struct ast_loop){$2, $4, $5}); }
  | if_chain
  | if_chain "else" body
        { $$ = ast_if(p, @$, $1, (struct ast_clause){NULL, $3, span_join(@2, @3)}); }
  | "from" path                 { $$ = ast_from(p, @$, $2); }
  ;

joint:
    fork args_opt           { $$ = (struct ast_joint){$1, @1, $2}; }
  ;

fork:
    "concat"                { $$ = FORK_concat; }
  | "add"                   { $$ = FORK_add; }
  | "sub"                   { $$ = FORK_sub; }
  | "mul"                   { $$ = FORK_mul; }
  | "div"                   { $$ = FORK_div; }
  | "minimum"               { $$ = FORK_minimum; }
  | "maximum"               { $$ = FORK_maximum; }
  | "matmul"                { $$ = FORK_matmul; }
  | "scaled_dot_product_attention"
                            { $$ = FORK_scaled_dot_product_attention; }
  | "gather"                { $$ = FORK_gather; }
  | "split"                 { $$ = FORK_split; }
  ;

brace:
    "{"
  | NEWLINE_BRACE "{"       { complain_brace_line(p, @2); }
  ;

branches:
    open_branch stmts       { $$ = ast_branch_body($1, $2); }
  | stmts                   { $$ = ast_bare_branch(p, $1); }
  ;

/* All up to the bar before a branch. A condition begins like the step `if c { … }`, so that what is
 * above it is a branch only once its own bar is seen. */
open_branch:
    "|"                                 { $$ = ast_branch(p, NULL, NULL); }
  | "if" expr "|"                       { $$ = ast_branch(p, NULL, $2); }
  | open_branch stmts "|"               { $$ = ast_branch(p, ast_branch_body($1, $2), NULL); }
  | open_branch stmts end "if" expr "|" { $$ = ast_branch(p, ast_branch_body($1, $2), $5); }
  | stmts "|"                           { $$ = ast_branch(p, ast_bare_branch(p, $1), NULL); }
  | stmts end "if" expr "|"             { $$ = ast_branch(p, ast_bare_branch(p, $1), $4); }
  ;

condition:
    %empty                  { $$ = NULL; }
  | "if" expr               { $$ = $2; }
  ;

if_chain:
    "if" expr body
        { $$ = ast_if(p, @$, NULL, (struct ast_clause){$2, $3, @$}); }
  | if_chain "else" "if" expr body
        { $$ = ast_if(p, @$, $1, (struct ast_clause){$4, $5, span_join(@2, @5)}); }
  ;

path:
    path_step               { $$ = ast_path(p, @$, (struct ast_path){0}, $1); }
  | path "." path_step      { $$ = ast_path(p, @$, $1, $3); }
  | path STEP
        { $$ = ast_path(p, @$, $1, (struct ast_path_item){PATH_name, $2, NULL, @2}); }
  | path "[" expr "]"
        { $$ = ast_path(p, @$, $1,
                        (struct ast_path_item){PATH_index, NULL, $3, span_join(@2, @4)}); }
  ;

path_step:
    word                    { $$ = (struct ast_path_item){PATH_name, $1, NULL, @$}; }
  | STRING                  { $$ = (struct ast_path_item){PATH_string, $1, NULL, @$}; }
  | "(" expr ")"            { $$ = (struct ast_path_item){PATH_value, NULL, $2, @$}; }
  ;

pattern:
    pattern_item
  | pattern_list
  ;

pattern_list:
    pattern_item "," pattern_item
        { $$ = ast_pattern_add(p, @$, ast_pattern_add(p, @$, NULL, $1), $3); }
  | pattern_list "," pattern_item   { $$ = ast_pattern_add(p, @$, $1, $3); }
  ;

pattern_item:
    soft                            { $$ = ast_pattern_name(p, @$, $1); }
  | "(" pattern ")"                 { $$ = $2; }
  | "(" pattern_item "," ")"        { $$ = ast_pattern_add(p, @$, NULL, $2); }
  | "(" pattern_list "," ")"        { $$ = $2; }
  ;

range:
    expr                    { $$ = (struct ast_range){$1, NULL, false, @$}; }
  | expr ".." expr          { $$ = (struct ast_range){$1, $3, false, @$}; }
  | expr "..=" expr         { $$ = (struct ast_range){$1, $3, true, @$}; }
  ;

args_opt:
    %empty                  { $$ = (struct ast_args){.span = @$}; }
  | args
  ;

args:
    "(" ")"                 { $$ = (struct ast_args){.present = true, .span = @$}; }
  | "(" args_list ")"       { $$ = $2, $$.span = @$; }
  | "(" args_list "," ")"   { $$ = $2, $$.span = @$; }
  | "(" error ")"           { $$ = (struct ast_args){.span = @$}, RECOVERED; }
  ;

args_list:
    arg                     { $$ = ast_args(p, (struct ast_args){.present = true}, $1); }
  | args_list "," arg       { $$ = ast_args(p, $1, $3); }
  ;

arg:
    expr                    { $$ = (struct ast_arg){.value = $1, .span = @$}; }
  | argument "=" expr       { $$ = (struct ast_arg){$1, @1, @$, $3}; }
  ;

/* ---- expressions, loosest first ---- */

expr:
    disjunction
  | disjunction "if" disjunction "else" expr    { $$ = ast_cond(p, @$, $1, $3, $5); }
  ;

disjunction:
    conjunction
  | disjunction "or" conjunction    { $$ = ast_binary(p, @$, @2, OPERATOR_or, $1, $3); }
  ;

conjunction:
    negation
  | conjunction "and" negation      { $$ = ast_binary(p, @$, @2, OPERATOR_and, $1, $3); }
  ;

negation:
    comparison
  | "not" negation          { $$ = ast_unary(p, @$, @1, OPERATOR_not, $2); }
  ;

comparison:
    sum
  | sum compare sum         { $$ = ast_binary(p, @$, @2, $2, $1, $3); }
  | chain                   { $$ = $1, complain_chain(p, @1); }
  ;

/* Python's a < b < c, to be reported. */
chain:
    sum compare sum compare sum     { $$ = $1; }
  | chain compare sum
  ;

compare:
    "=="                    { $$ = OPERATOR_eq; }
  | "!="                    { $$ = OPERATOR_ne; }
  | "<"                     { $$ = OPERATOR_lt; }
  | "<="                    { $$ = OPERATOR_le; }
  | ">"                     { $$ = OPERATOR_gt; }
  | ">="                    { $$ = OPERATOR_ge; }
  ;

sum:
    product
  | sum "+" product         { $$ = ast_binary(p, @$, @2, OPERATOR_add, $1, $3); }
  | sum "-" product         { $$ = ast_binary(p, @$, @2, OPERATOR_sub, $1, $3); }
  ;

product:
    unary
  | product "*" unary       { $$ = ast_binary(p, @$, @2, OPERATOR_mul, $1, $3); }
  | product "/" unary       { $$ = ast_binary(p, @$, @2, OPERATOR_div, $1, $3); }
  | product "//" unary      { $$ = ast_binary(p, @$, @2, OPERATOR_floordiv, $1, $3); }
  | product "%" unary       { $$ = ast_binary(p, @$, @2, OPERATOR_mod, $1, $3); }
  ;

unary:
    postfix
  | "-" unary               { $$ = ast_unary(p, @$, @1, OPERATOR_neg, $2); }
  ;

postfix:
    atom
  | postfix "." word        { $$ = ast_member(p, @$, $1, $3, @3); }
  | postfix STEP            { $$ = ast_member(p, @$, $1, $2, @2); }
  | postfix "[" expr "]"    { $$ = ast_binary(p, @$, @2, OPERATOR_index, $1, $3); }
  | postfix args            { $$ = ast_call(p, @$, $1, $2); }
  ;

atom:
    soft                    { $$ = ast_text(p, @$, EXPR_name, $1); }
  | STRING                  { $$ = ast_text(p, @$, EXPR_string, $1); }
  | INT                     { $$ = ast_number(p, @$, EXPR_int, $1); }
  | REAL                    { $$ = ast_number(p, @$, EXPR_real, $1); }
  | "true"                  { $$ = ast_bool(p, @$, true); }
  | "false"                 { $$ = ast_bool(p, @$, false); }
  | "in"                    { $$ = ast_in(p, @$); }
  | "(" expr ")"            { $$ = $2, $$->span = @$; }
  | "(" ")"                 { $$ = ast_items(p, @$, EXPR_tuple, (struct ast_exprs){0}); }
  | "(" expr "," ")"        { $$ = ast_items(p, @$, EXPR_tuple, ast_exprs(p, (struct ast_exprs){0}, $2)); }
  | "(" expr "," exprs ")"  { $$ = ast_items(p, @$, EXPR_tuple, ast_exprs_prepend(p, $2, $4)); }
  | "(" error ")"           { $$ = ast_in(p, @$), RECOVERED; }
  | "[" error "]"           { $$ = ast_in(p, @$), RECOVERED; }
  | "[" "]"                 { $$ = ast_items(p, @$, EXPR_list, (struct ast_exprs){0}); }
  | "[" exprs "]"           { $$ = ast_items(p, @$, EXPR_list, $2); }
  ;

exprs:
    exprs_list
  | exprs_list ","
  ;

exprs_list:
    expr                    { $$ = ast_exprs(p, (struct ast_exprs){0}, $1); }
  | exprs_list "," expr     { $$ = ast_exprs(p, $1, $3); }
  ;

/* ---- names: any word where nothing else can stand ---- */

/* Of parameters, constants and indexed labels. */
soft:
    NAME | "labels" | "output" | "input" | "from" | "shortcut" | "net" | "block" | "train" | "shared"
  ;

/* Of labels and members. */
word:
    soft | "import" | "let" | "default" | "require" | "inline" | "concat" | "add" | "sub" | "mul" | "div"
  | "minimum" | "maximum" | "matmul" | "scaled_dot_product_attention" | "gather" | "split"
  | "residual" | "on" | "repeat"
  ;

/* Of arguments. */
argument:
    word | "in"
  ;

/* Of blocks and operators that are called. A step that begins with a NAME says so itself: the NAME
 * and arguments behind `output` may be of a purpose. */
callee:
    NAME | other_callee
  ;

other_callee:
    "net" | "block" | dotted
  ;

/* Python's nn.Conv2d, which names nothing here. */
dotted:
    NAME "." word
        { $$ = strings_intern0(p->strings, arena_printf(p->arena, "%s.%s", $1, $3)); }
  | dotted "." word
        { $$ = strings_intern0(p->strings, arena_printf(p->arena, "%s.%s", $1, $3)); }
  ;

%%

/* A branch without its bar. */
static struct ast_action *ast_bare_branch(struct parser *p, struct ast_body *body)
{
    complain_no_bar(p, body);
    return ast_branch_body(ast_branch(p, NULL, NULL), body);
}

/* Whether a token ends the statement before it, whatever that was. */
static bool ends_statement(const struct token *t)
{
    return t->kind == TOKEN_NEWLINE || t->kind == TOKEN_NEWLINE_BRACE ||
           t->kind == TOKEN_CLOSE_BRACE || t->branch;
}

/*
 * While an error is being recovered from, the parser drops tokens up to the end of the statement:
 * a bracket that it drops goes with all that is inside.
 */
static int net_lex(NET_STYPE *value, NET_LTYPE *span, struct parser *p)
{
    if (p->recovering && p->next && p->tokens.list.at[p->next - 1].match)
        p->next = p->tokens.list.at[p->next - 1].match + 1;
    const struct token *t = &p->tokens.list.at[p->next++];
    if (ends_statement(t))
        p->recovering = false;
    if (t->kind == TOKEN_NET_error)
        p->recovering = true;
    *value = t->value;
    *span = t->span;
    return t->kind;
}

static const char *token_name(int kind)
{
    return yysymbol_name(YYTRANSLATE(kind));
}

/* Called by the parser at a token that cannot stand where it stands. */
static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p)
{
    enum { MOST_COMPLAINTS = 100 }; /* a file with more mistakes is something else */
    yysymbol_kind_t symbols[YYNTOKENS];
    p->recovering = !ends_statement(&p->tokens.list.at[p->next - 1]);
    if (p->complaints++ >= MOST_COMPLAINTS)
        return 0;
    struct expected expected = {.name = token_name};
    int n = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    for (int kind = 0; kind < N_TOKEN_KINDS; kind++)
        for (int i = 0; i < n; i++)
            expected.kind[kind] |= symbols[i] == YYTRANSLATE(kind);
    complain_unexpected(p, &expected);
    return 0;
}

/* Called by the parser when its stack is full. */
static void net_error(const NET_LTYPE *span, struct parser *p, const char *message)
{
    (void)message;
    ast_complain_deep(p, *span);
}
