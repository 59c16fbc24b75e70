/* Values of expressions. */
#ifndef NETC_SEMA_VALUE_H
#define NETC_SEMA_VALUE_H

#include "front/ast.h"
#include "ir/graph.h"

enum value_kind {
    VALUE_poison, /* of an expression that was reported; whatever uses it is silent */
    VALUE_int,
    VALUE_real,
    VALUE_bool,
    VALUE_string,
    VALUE_list,
    VALUE_tuple,
    VALUE_callable, /* a block, operator or function, with some arguments bound */
    VALUE_tensor    /* `in`, or the result of a labelled step */
};

/* What flows into a step. */
enum flow_kind { FLOW_none, FLOW_tensor, FLOW_poison };

struct flow {
    enum flow_kind kind;
    struct node *node;
};

struct value {
    enum value_kind kind;
    struct span division; /* of a real: the `/` that made it; source 0: none */
    union {
        int64_t integer;
        double real;
        bool boolean;
        const char *string;
        struct {
            const struct value *at;
            size_t n;
            int depth;    /* of lists in it, itself 1 */
            bool tensors; /* it holds some, or a list in it does */
        } items;
        const struct callable *callable;
        struct {
            struct flow flow;
            const char *path; /* of its label, NULL for `in` */
        } tensor;
    };
};

enum callable_kind {
    CALLABLE_block,
    CALLABLE_net,
    CALLABLE_operator,
    CALLABLE_function,
    CALLABLE_builtin
};

/* An argument's place. */
enum slot_state {
    SLOT_empty,
    SLOT_option, /* by a `default` statement: an argument replaces it, by position too */
    SLOT_given
};

struct slot {
    enum slot_state state;
    struct value value;
    struct span span;
};

struct callable {
    enum callable_kind kind;
    const char *name;
    const struct ast_definition *definition; /* of a block or net */
    struct scope *scope;                     /* in which its body is read */
    enum op op;
    const struct ast_let *let; /* of a function */
    const struct builtin *builtin;
    struct slot *slots; /* one for each parameter */
    int n_slots;
};

struct value value_int(int64_t);
struct value value_real(double);
struct value value_bool(bool);
struct value value_string(const char *);
struct value value_items(enum value_kind, const struct value *, size_t n);
struct value value_callable(const struct callable *);
struct value value_poison(void);

bool value_is_number(const struct value *);
/* Of an int or a real. */
double value_number(const struct value *);
bool value_is_sequence(const struct value *);

/* "an integer", "a list", with its article, for messages. */
const char *value_describe(const struct value *);
/* The value as one would write it, shortened. */
void value_print(struct text *, const struct value *);

#endif
