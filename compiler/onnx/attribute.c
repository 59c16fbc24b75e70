/* Attributes of a node, by name. */
#include "onnx/import.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Onnx__AttributeProto *find(size_t n, Onnx__AttributeProto *const *list,
                                        const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (list[i]->name && !strcmp(list[i]->name, name))
            return list[i];
    return NULL;
}

/* In the body of a function an attribute may stand for one of the node that calls it. */
const Onnx__AttributeProto *attribute(const struct call *c, const char *name)
{
    const Onnx__AttributeProto *a = find(c->node->n_attribute, c->node->attribute, name);
    if (!a || !a->ref_attr_name || !*a->ref_attr_name)
        return a;
    return c->body->caller ? attribute(c->body->caller, a->ref_attr_name) : NULL;
}

int64_t attribute_int(const struct call *c, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *a = attribute(c, name);
    return a ? a->i : otherwise;
}

double decimal_of(float f)
{
    char digits[40];
    for (int precision = 6; precision < 9 && isfinite(f); precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, (double)f);
        if ((float)strtod(digits, NULL) == f)
            return strtod(digits, NULL);
    }
    return (double)f;
}

double attribute_real(const struct call *c, const char *name, double otherwise)
{
    const Onnx__AttributeProto *a = attribute(c, name);
    return a ? decimal_of(a->f) : otherwise;
}

const char *attribute_string(const struct call *c, const char *name)
{
    const Onnx__AttributeProto *a = attribute(c, name);
    return a && a->s.len ? arena_strndup(c->import->arena, (const char *)a->s.data, a->s.len) : "";
}

int attribute_ints(struct call *c, const char *name, int64_t *to, int most)
{
    const Onnx__AttributeProto *a = attribute(c, name);
    if (a && a->n_ints > (size_t)most) {
        call_lacks(c, "'%s' has more than %d numbers", name, most);
        return -1;
    }
    for (size_t i = 0; a && i < a->n_ints; i++)
        to[i] = a->ints[i];
    return a ? (int)a->n_ints : 0;
}

int operand_ints(struct call *c, int operand, const char *name, int64_t *to, int most)
{
    if (!operand_given(c, operand))
        return attribute_ints(c, name, to, most);
    const struct constant *k = operand_constant(c, operand, name);
    const int64_t n = k ? constant_elements(k) : 0;
    if (!k)
        return -1;
    if (n > most) {
        call_lacks(c, "'%s' has more than %d numbers", name, most);
        return -1;
    }
    for (int64_t i = 0; i < n; i++)
        to[i] = constant_int_at(k, i);
    return (int)n;
}

bool operand_real(struct call *c, int operand, double otherwise, double *to)
{
    *to = otherwise;
    if (!operand_given(c, operand))
        return true;
    const struct constant *k = operand_constant(c, operand, "the number");
    if (!k)
        return false;
    return constant_uniform(k, to) || call_lacks(c, "operand %d is not one number", operand + 1);
}
