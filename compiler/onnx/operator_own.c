/*
 * Functions of netc's own domain, as export_own.c writes them: each is an operator, whose
 * attributes its calls say. What its body says is not looked at.
 */
#include "base/number.h"
#include "onnx/chosen.h"
#include "onnx/export.h"

#include <math.h>
#include <string.h>

/* An integer that all numbers of attributes hold. */
static const double LARGEST = 0x1p53;

static const bool own[N_OPS] = {
#define EXPORT(...)
#define EXPORT_OWN(op, ...) [OP_##op] = true,
#include "onnx/exports.def"
};

/* Of the functions of an operator the first has its name, the others a number behind it: "nms_2".
 */
static bool names_operator(const char *function, const char *op)
{
    const size_t n = strlen(op);
    if (strncmp(function, op, n) != 0 || !function[n])
        return !strcmp(function, op);
    const char *number = function + n + 1;
    return function[n] == '_' && *number && !number[strspn(number, "0123456789")];
}

enum op own_operator(const Onnx__NodeProto *node)
{
    if (!node->domain || strcmp(node->domain, EXPORT_DOMAIN) != 0)
        return N_OPS;
    for (int op = 0; op < N_OPS; op++)
        if (own[op] && names_operator(node->op_type, op_info((enum op)op)->name))
            return (enum op)op;
    return N_OPS;
}

static const struct attr_info *find_info(const struct op_info *info, const char *name)
{
    for (int i = 0; i < info->n_attrs; i++)
        if (!strcmp(info->attrs[i].name, name))
            return &info->attrs[i];
    return NULL;
}

/* How many numbers ONNX's attribute has, of the kind that an operator's needs. */
static size_t numbers_of(const Onnx__AttributeProto *a, const struct attr_info *info, bool several)
{
    const bool real = attr_is_real(info->kind);
    if (several)
        return real ? a->n_floats : a->n_ints;
    return (real ? a->has_f : a->has_i) ? 1 : 0;
}

static double number_at(const Onnx__AttributeProto *a, const struct attr_info *info, bool several,
                        size_t i)
{
    if (attr_is_real(info->kind))
        return decimal_of(several ? a->floats[i] : a->f);
    return (double)(several ? a->ints[i] : a->i);
}

static bool take_attribute(struct call *c, const struct op_info *info, const char *name,
                           struct attrs *attrs)
{
    const struct attr_info *to = find_info(info, name);
    const Onnx__AttributeProto *a = attribute(c, name);
    if (!to || !a)
        return call_lacks(c, "netc does not know its attribute '%s'", name);
    const bool list = attr_is_list(to->kind), several = list || attr_width(to->kind) > 1;
    const size_t n = numbers_of(a, to, several), room = (size_t)(attr_width(to->kind) - list);
    if (list ? n > room : n != room)
        return call_lacks(c, "'%s' has %zu numbers, and not %s%zu", name, n, list ? "up to " : "",
                          room);
    for (size_t i = 0; i < n; i++) {
        const double number = number_at(a, to, several, i);
        if (!attr_is_real(to->kind) && fabs(number) > LARGEST)
            return call_lacks(c, "'%s' is %.17g", name, number);
        attr_set(attrs, to, (int)i + list, number);
    }
    if (list)
        attr_set(attrs, to, 0, (double)n);
    return true;
}

/* All that are given, and none that is required is left out. */
static bool take_attributes(struct call *c, const struct op_info *info, struct attrs *attrs)
{
    for (size_t i = 0; i < c->node->n_attribute; i++) {
        const char *name = c->node->attribute[i]->name;
        if (!take_attribute(c, info, name ? name : "", attrs))
            return false;
    }
    for (int i = 0; i < info->n_attrs; i++)
        if (info->attrs[i].presence == ATTR_REQUIRED && !attribute(c, info->attrs[i].name))
            return call_lacks(c, "its '%s' is not given", info->attrs[i].name);
    return true;
}

/* A number of rows is one for each image. */
static bool counts_rows(struct call *c, const struct type *t)
{
    return (t->dtype == DTYPE_i64 && t->rank == 2 && t->dim[1] == 1) ||
           call_lacks(c, "how many boxes there are is not one integer for each image");
}

static bool take_operands(struct call *c, enum op op, struct node **in)
{
    for (int i = 0; i < c->n_in; i++) {
        struct flow f;
        if (!operand_flow_as(c, i, 0, &f))
            return false;
        in[i] = f.node;
        if (i == op_count_operand(op) && !counts_rows(c, &f.node->type))
            return false;
    }
    return true;
}

/* The results that have a name; those that nothing reads are left out of the graph later. */
static bool give_results(struct call *c, const struct op_info *info, struct node *node)
{
    c->out[0] = datum_of_flow((struct flow){node, 0});
    for (int i = 1; i < c->n_out && i < info->n_results; i++) {
        struct attrs a;
        if (!*c->node->output[i])
            continue;
        attrs_init(&a, OP_result);
        a.index = i;
        struct node *result = make(c, OP_result, &a, &node, 1, NULL, 0);
        if (!result)
            return false;
        c->out[i] = datum_of_flow((struct flow){result, 0});
    }
    return true;
}

bool convert_own(struct call *c, enum op op)
{
    const struct op_info *info = op_info(op);
    struct node **in = arena_array(c->import->arena, (size_t)c->n_in + 1, sizeof(struct node *));
    struct attrs a;
    if (operands_choose(c))
        return chosen_lacks(c);
    attrs_init(&a, op);
    if (!c->n_out)
        return call_lacks(c, "it has no result");
    if (!take_attributes(c, info, &a) || !take_operands(c, op, in))
        return false;
    struct node *node = make(c, op, &a, in, c->n_in, NULL, 0);
    return node && give_results(c, info, node);
}
