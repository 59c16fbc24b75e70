/*
 * Builders of the tree, called by the actions of the grammar; private to this folder, all in
 * ast.c. Each takes what was parsed, with the span of the whole, and returns the node. Where the
 * node may be NULL (a list, a pipeline, a fork) it makes one, otherwise it appends to it.
 */
#ifndef NETC_FRONT_BUILD_H
#define NETC_FRONT_BUILD_H

#include "front/token.h"

/* Expressions. A tree that is too deep is reported, once for the file, and cut off. */
void ast_complain_deep(struct parser *, struct span);
struct ast_expr *ast_number(struct parser *, struct span, enum ast_expr_kind, struct number);
struct ast_expr *ast_bool(struct parser *, struct span, bool);
struct ast_expr *ast_text(struct parser *, struct span, enum ast_expr_kind, const char *);
struct ast_expr *ast_in(struct parser *, struct span);
struct ast_expr *ast_items(struct parser *, struct span, enum ast_expr_kind, struct ast_exprs);
struct ast_expr *ast_unary(struct parser *, struct span, struct span operator_span,
                           enum ast_operator, struct ast_expr *);
struct ast_expr *ast_binary(struct parser *, struct span, struct span operator_span,
                            enum ast_operator, struct ast_expr *left, struct ast_expr *right);
struct ast_expr *ast_cond(struct parser *, struct span, struct ast_expr *yes,
                          struct ast_expr *condition, struct ast_expr *no);
struct ast_expr *ast_member(struct parser *, struct span, struct ast_expr *, const char *name,
                            struct span name_span);
struct ast_expr *ast_call(struct parser *, struct span, struct ast_expr *callee, struct ast_args);

/* Lists. */
struct ast_exprs ast_exprs(struct parser *, struct ast_exprs, struct ast_expr *);
struct ast_exprs ast_exprs_prepend(struct parser *, struct ast_expr *, struct ast_exprs);
struct ast_args ast_args(struct parser *, struct ast_args, struct ast_arg);
struct ast_params ast_params(struct parser *, struct ast_params, struct ast_param);
struct ast_path ast_path(struct parser *, struct span, struct ast_path, struct ast_path_item);
struct ast_pattern *ast_pattern_name(struct parser *, struct span, const char *);
struct ast_pattern *ast_pattern_add(struct parser *, struct span, struct ast_pattern *list,
                                    struct ast_pattern *item);

/* Actions. */
struct ast_action *ast_step_call(struct parser *, struct span, bool inlined, const char *name,
                                 struct span name_span, struct ast_args);
struct ast_action *ast_action_body(struct parser *, struct span, struct ast_body *);
/* A new branch of a fork (NULL: of a new one), whose body is still to come; and that body. */
struct ast_action *ast_branch(struct parser *, struct ast_action *fork, struct ast_expr *condition);
struct ast_action *ast_branch_body(struct ast_action *fork, struct ast_body *);
/* Makes the branches a fork of the given kind. */
struct ast_action *ast_fork(struct span, struct ast_joint, struct ast_action *branches);
struct ast_action *ast_fork_loop(struct parser *, struct span, struct ast_joint, struct ast_loop);
struct ast_action *ast_residual(struct parser *, struct span, struct ast_expr *condition,
                                struct ast_body *, struct ast_expr *shortcut_condition,
                                struct ast_body *shortcut);
struct ast_action *ast_on(struct parser *, struct span, int64_t device, struct ast_body *);
struct ast_action *ast_repeat(struct parser *, struct span, struct ast_expr *, struct ast_body *);
struct ast_action *ast_for(struct parser *, struct span, struct ast_loop);
struct ast_action *ast_if(struct parser *, struct span, struct ast_action *, struct ast_clause);
struct ast_action *ast_from(struct parser *, struct span, struct ast_path);

/* Steps, statements, bodies. */
struct ast_label *ast_label(struct parser *, struct span, enum ast_label_kind, const char *name,
                            struct ast_expr *value);
struct ast_label *ast_label_index(struct parser *, struct span, struct ast_label *,
                                  struct ast_expr *index);
struct ast_step *ast_step(struct parser *, struct span, struct ast_label *, struct ast_output,
                          struct ast_action *);
struct ast_stmt *ast_pipeline(struct parser *, struct span, struct ast_stmt *, struct ast_step *);
struct ast_stmt *ast_stmt_let(struct parser *, struct span, struct ast_let);
struct ast_stmt *ast_stmt_default(struct parser *, struct span, struct ast_default);
struct ast_stmt *ast_require(struct parser *, struct span, struct ast_expr *);
struct ast_stmt *ast_labels(struct parser *, struct span, const char *);
struct ast_stmt *ast_stmt_output(struct parser *, struct span, struct ast_output);
struct ast_stmt *ast_train(struct parser *, struct span, struct ast_train);
struct ast_stmt *ast_setting(struct parser *, struct span, struct ast_setting);
struct ast_stmt *ast_input(struct parser *, struct span, struct ast_input);
/* A statement may be NULL: one that was not understood. */
struct ast_body *ast_body(struct parser *, struct span, struct ast_body *, struct ast_stmt *);

/* The file. */
struct ast_item *ast_import(struct parser *, struct span, const char *);
struct ast_item *ast_item_let(struct parser *, struct span, struct ast_let);
struct ast_item *ast_item_default(struct parser *, struct span, struct ast_default);
struct ast_item *ast_definition(struct parser *, struct span, enum ast_item_kind,
                                struct ast_definition);
void ast_file_add(struct parser *, struct ast_item *);

#endif
