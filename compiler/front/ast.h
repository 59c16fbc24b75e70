/*
 * The tree: what was written, with its places, before any meaning. Made by the parser through the
 * builders of front/build.h, printed back as source by front/format.h. All of it lives in one
 * arena; names are interned, so they compare with ==.
 */
#ifndef NETC_FRONT_AST_H
#define NETC_FRONT_AST_H

#include "base/source.h"
#include "base/text.h"

#include <stdint.h>

enum ast_expr_kind {
    EXPR_int,    /* 64, 12M: value in `integer` */
    EXPR_real,   /* 0.5, 2.5G: value in `real` */
    EXPR_bool,   /* true, false: `integer` */
    EXPR_string, /* "…": `string`, without quotes */
    EXPR_name,   /* c: `string` */
    EXPR_in,     /* the tensor that flows in */
    EXPR_tuple,  /* (1, 2), (1,), (): `items` */
    EXPR_list,   /* [1, 2]: `items` */
    EXPR_unary,  /* -a, not a: `binary` with right NULL */
    EXPR_binary, /* a + b: `binary` */
    EXPR_cond,   /* a if c else b: `cond` */
    EXPR_member, /* a.name: `member` */
    EXPR_index,  /* a[i]: `binary` */
    EXPR_call    /* f(args): `call` */
};

/* Operators of expressions: OPERATOR(name, spelling, precedence), loosest first; the formatter
 * puts parentheses by them. */
enum ast_operator {
#define OPERATOR(name, spelling, precedence) OPERATOR_##name,
#include "base/operators.def"
};

struct ast_exprs {
    VEC(struct ast_expr *) list;
};

/* An argument; name is NULL where it is positional. */
struct ast_arg {
    const char *name;
    struct span name_span, span;
    struct ast_expr *value;
};

struct ast_args {
    VEC(struct ast_arg) list;
    bool present; /* parentheses were written */
    struct span span;
};

/* Trees of expressions are at most AST_DEEPEST levels deep, so that walks may recurse. */
enum { AST_DEEPEST = 400 };

struct ast_expr {
    enum ast_expr_kind kind;
    unsigned depth; /* levels of the tree below, this one included */
    struct span span;
    const char *spelling; /* of a number, as written */
    union {
        int64_t integer;
        double real;
        const char *string;
        struct ast_exprs items;
        struct {
            enum ast_operator operator;
            struct ast_expr *left, *right;
            struct span operator_span;
        } binary;
        struct {
            struct ast_expr *yes, *condition, *no;
        } cond;
        struct {
            struct ast_expr *of;
            const char *name;
            struct span name_span;
        } member;
        struct {
            struct ast_expr *callee;
            struct ast_args args;
        } call;
    };
};

/* A parameter of a block, net or function; `value` is its default or NULL. */
struct ast_param {
    const char *name;
    struct span span;
    struct ast_expr *value;
};

struct ast_params {
    VEC(struct ast_param) list;
};

/* i; n, c; (a, (b, c)): a name, or items where name is NULL. */
struct ast_pattern {
    const char *name;
    struct span span;
    VEC(struct ast_pattern *) items;
};

/* first..last, first..=last, or a list where last is NULL. */
struct ast_range {
    struct ast_expr *first, *last;
    bool inclusive;
    struct span span;
};

enum ast_label_kind {
    LABEL_name,   /* down, down[i] */
    LABEL_string, /* "a/b", "a/b"[i] */
    LABEL_value   /* ("a" + b): `value` */
};

struct ast_label {
    enum ast_label_kind kind;
    const char *name; /* a string label's text too */
    struct ast_expr *value;
    struct ast_exprs indices; /* behind the name or string */
    struct span span;
    bool shared; /* the parameters are those of the first step so called */
};

enum ast_path_kind {
    PATH_name,   /* features, .pool4: `name` */
    PATH_string, /* "a/b", ."a/b": `name` */
    PATH_value,  /* ("a" + b), .("a" + b): `value` */
    PATH_index   /* [i]: `value` */
};

/* features.pool[i]: the first is no index. */
struct ast_path_item {
    enum ast_path_kind kind;
    const char *name;
    struct ast_expr *value;
    struct span span;
};

struct ast_path {
    VEC(struct ast_path_item) items;
    struct span span;
};

struct ast_body; /* { … } */

enum ast_action_kind {
    ACTION_call,     /* [inline] name(args) */
    ACTION_fork,     /* concat [(args)] { | … } or concat [(args)] for … { … } */
    ACTION_residual, /* residual [if c] { } [shortcut [if c] { }] */
    ACTION_on,       /* on 1 { } */
    ACTION_repeat,   /* repeat n { } */
    ACTION_for,      /* for p in r { } */
    ACTION_if,       /* if c { } else … */
    ACTION_from,     /* from path */
    ACTION_body      /* { } */
};

enum ast_fork_kind {
#define FORK(name, op) FORK_##name,
#include "front/forks.def"
};

/* A fork's word and arguments, of the operator that joins its branches. */
struct ast_joint {
    enum ast_fork_kind kind;
    struct span span; /* of the word */
    struct ast_args args;
};

struct ast_loop {
    struct ast_pattern *pattern;
    struct ast_range range;
    struct ast_body *body;
};

/* | body, if c | body: a branch that is there only where its condition is true. */
struct ast_branch {
    struct ast_expr *condition; /* or NULL */
    struct ast_body *body;
};

struct ast_clause {
    struct ast_expr *condition; /* NULL: else */
    struct ast_body *body;
    struct span span;
};

struct ast_action {
    enum ast_action_kind kind;
    struct span span;
    union {
        struct {
            bool inlined;
            const char *name;
            struct span name_span;
            struct ast_args args;
        } call;
        struct {
            struct ast_joint joint;
            VEC(struct ast_branch) branches;
            struct ast_loop *loop; /* of `for`; NULL: branches */
        } fork;
        struct {
            struct ast_expr *condition;       /* or NULL */
            struct ast_body *body, *shortcut; /* shortcut NULL: none was written */
            struct ast_expr *shortcut_condition;
        } residual;
        struct {
            int64_t device;
            struct ast_body *body;
        } on;
        struct {
            struct ast_expr *count;
            struct ast_body *body;
        } repeat;
        struct ast_loop loop;
        struct {
            VEC(struct ast_clause) clauses;
        } branch;
        struct ast_path from;
        struct ast_body *body;
    };
};

/* `output`, `output classes`, `output picture(0, 255)`; purpose NULL: none was written. */
struct ast_output {
    bool written;
    const char *purpose;
    struct span span; /* of the purpose */
    struct ast_args args;
};

struct ast_step {
    struct ast_label *label; /* or NULL */
    struct ast_output output;
    struct ast_action *action;
    struct span span;
};

struct ast_let {
    const char *name;
    struct span name_span;
    bool function;
    struct ast_params params;
    struct ast_expr *value;
};

struct ast_default {
    const char *name;
    struct span name_span;
    struct ast_args args;
};

struct ast_input {
    const char *name;
    struct span name_span;
    struct ast_exprs dims;
    const char *dtype; /* element type, or NULL */
    struct span dtype_span;
    struct ast_body *body; /* preprocessing, or NULL */
};

/* train { … }, or train name(args), which a file's recipe of that name is. */
struct ast_train {
    const char *name;
    struct span span; /* of the name, or of the word */
    struct ast_args args;
    struct ast_body *body; /* of settings */
};

/* epochs 90; augment { … }: a value, or steps. */
struct ast_setting {
    const char *name;
    struct span name_span;
    struct ast_expr *value;
    struct ast_body *body;
};

enum ast_stmt_kind {
    STMT_pipeline,
    STMT_let,
    STMT_default,
    STMT_require,
    STMT_labels,
    STMT_output, /* what the output at the end of the flow is for */
    STMT_train,
    STMT_setting, /* in a recipe alone */
    STMT_input
};

struct ast_stmt {
    enum ast_stmt_kind kind;
    struct span span;
    union {
        struct {
            VEC(struct ast_step *) steps;
        } pipeline;
        struct ast_let let;
        struct ast_default defaults;
        struct ast_expr *require;
        const char *labels;
        struct ast_output output;
        struct ast_train train;
        struct ast_setting setting;
        struct ast_input input;
    };
};

struct ast_body {
    VEC(struct ast_stmt *) stmts;
    struct span span;
};

enum ast_item_kind { ITEM_import, ITEM_let, ITEM_default, ITEM_block, ITEM_net, ITEM_train };

/* block name(params) { } ; net name(params) { } ; net name = base(args) (body NULL) ;
 * train name(params) { }, whose body is of settings. */
struct ast_definition {
    const char *name;
    struct span name_span;
    struct ast_params params;
    struct ast_body *body;
    const char *base;
    struct span base_span;
    struct ast_args args;
};

struct ast_item {
    enum ast_item_kind kind;
    struct span span;
    union {
        const char *import;
        struct ast_let let;
        struct ast_default defaults;
        struct ast_definition definition; /* of block, net and train */
    };
};

struct ast_file {
    uint32_t source;
    VEC(struct ast_item *) items;
};

#endif
