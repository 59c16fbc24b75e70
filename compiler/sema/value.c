#include "sema/value.h"

#include <math.h>

struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_int, .integer = i};
}

struct value value_real(double r)
{
    return (struct value){.kind = VALUE_real, .real = r};
}

struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_bool, .boolean = b};
}

struct value value_string(const char *s)
{
    return (struct value){.kind = VALUE_string, .string = s};
}

struct value value_items(enum value_kind kind, const struct value *at, size_t n)
{
    struct value v = {.kind = kind, .items = {.at = at, .n = n, .depth = 1}};
    for (size_t i = 0; i < n; i++) {
        const bool list = value_is_sequence(&at[i]);
        if (list && at[i].items.depth >= v.items.depth)
            v.items.depth = at[i].items.depth + 1;
        v.items.tensors |= list ? at[i].items.tensors : at[i].kind == VALUE_tensor;
    }
    return v;
}

struct value value_callable(const struct callable *c)
{
    return (struct value){.kind = VALUE_callable, .callable = c};
}

struct value value_poison(void)
{
    return (struct value){.kind = VALUE_poison};
}

bool value_is_number(const struct value *v)
{
    return v->kind == VALUE_int || v->kind == VALUE_real;
}

double value_number(const struct value *v)
{
    return v->kind == VALUE_int ? (double)v->integer : v->real;
}

bool value_is_sequence(const struct value *v)
{
    return v->kind == VALUE_list || v->kind == VALUE_tuple;
}

const char *value_describe(const struct value *v)
{
    static const char *const kinds[] = {"nothing", "an integer", "a real", "a boolean", "a string",
                                        "a list",  "a tuple",    NULL,     "a tensor"};
    static const char *const callables[] = {"a block", "a net", "an operator", "a function",
                                            "a function"};
    return v->kind == VALUE_callable ? callables[v->callable->kind] : kinds[v->kind];
}

enum { LONGEST_LIST = 8 };

static void print_items(struct text *t, const struct value *v)
{
    bool list = v->kind == VALUE_list;
    text_append(t, list ? "[" : "(");
    for (size_t i = 0; i < v->items.n && i < LONGEST_LIST && t->n < 200; i++) {
        text_append(t, i ? ", " : "");
        value_print(t, &v->items.at[i]);
    }
    if (v->items.n > LONGEST_LIST)
        text_append(t, ", …");
    text_append(t, list ? "]" : v->items.n == 1 ? ",)" : ")");
}

void value_print(struct text *t, const struct value *v)
{
    switch (v->kind) {
    case VALUE_int:
        text_printf(t, "%lld", (long long)v->integer);
        return;
    case VALUE_real:
        text_printf(t, v->real == floor(v->real) && fabs(v->real) < 1e6 ? "%.1f" : "%g", v->real);
        return;
    case VALUE_bool:
        text_append(t, v->boolean ? "true" : "false");
        return;
    case VALUE_string:
        text_printf(t, "\"%.60s\"", v->string);
        return;
    case VALUE_list:
    case VALUE_tuple:
        print_items(t, v);
        return;
    case VALUE_callable:
        text_append(t, v->callable->name);
        return;
    case VALUE_tensor:
        type_print_image(t, &v->tensor.flow.node->type);
        return;
    case VALUE_poison:
        text_append(t, value_describe(v));
    }
}
