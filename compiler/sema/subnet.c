/* Nets as steps of other nets. Their inputs are tensors of the net around: that which flows into
 * the call, or those that it gives by name. */
#include "sema/sema.h"

static const struct slot *input_slot(const struct callable *c, size_t i)
{
    return &c->slots[c->definition->params.list.n + i];
}

/* The place of the call, whose frame is that of `p`. */
static struct place around(const struct place *p)
{
    return (struct place){.frame = p->frame->parent};
}

/* "two(left=…, right=…)". */
static const char *call_by_name(const struct sema *s, const struct callable *c, size_t n)
{
    struct text t;
    text_init(&t, s->arena);
    text_printf(&t, "%s(", c->name);
    for (size_t i = 0; i < n; i++)
        text_printf(&t, "%s%s=…", i ? ", " : "", body_input(c->definition->body, i)->name);
    text_append(&t, ")");
    return text_string(&t);
}

static bool check_given(struct sema *s, const struct place *p, const struct callable *c, size_t n,
                        struct span span)
{
    const struct place outside = around(p);
    for (size_t i = 0; i < n; i++) {
        if (input_slot(c, i)->state != SLOT_empty)
            continue;
        struct diag *d = SEMA_ERROR(s, &outside, span, MESSAGE(err_subnet_input), c->name,
                                    body_input(c->definition->body, i)->name);
        diag_hint(d, "give each by name: '%s'", call_by_name(s, c, n));
        return false;
    }
    return true;
}

/* What flows into a call that takes other tensors is left behind, as by a `from`. */
static void drop_flow(struct sema *s, const struct place *p, const struct callable *c, size_t n,
                      struct span span)
{
    bool taken = p->in.kind != FLOW_tensor;
    for (size_t i = 0; i < n; i++)
        taken = taken || input_slot(c, i)->value.tensor.flow.node == p->in.node;
    if (!taken)
        VEC_PUSH(s->arena, &s->drops, (struct drop){p->in.node, span});
}

static bool check_inputs(struct sema *s, struct place *p, const struct callable *c, size_t n,
                         struct span span)
{
    if (n == 1 && input_slot(c, 0)->state == SLOT_empty)
        return flow_check(s, p, span);
    if (!check_given(s, p, c, n, span))
        return false;
    if (n)
        drop_flow(s, p, c, n, span);
    return true;
}

void elaborate_subnet(struct sema *s, struct place *p, const struct callable *c, struct span span)
{
    const struct ast_definition *d = c->definition;
    struct program own = {
        .definition = d, .call = c, .n_inputs = body_inputs(d->body), .flow = p->in};
    if (!check_inputs(s, p, c, own.n_inputs, span) || !sema_enter(s, p, span)) {
        flow_poison(p);
        return;
    }
    p->net = &own;
    p->net_body = true;
    p->in = (struct flow){FLOW_none, NULL};
    p->last = NULL;
    elaborate_stmts(s, p, d->body);
    if (p->in.kind == FLOW_none) {
        SEMA_ERROR(s, p, d->name_span, MESSAGE(err_empty_net), d->name);
        flow_poison(p);
    }
    sema_leave(s);
}

static const char *print_type(const struct sema *s, const struct type *type)
{
    struct text t;
    text_init(&t, s->arena);
    type_print_image(&t, type);
    return text_string(&t);
}

/* Channels are part of the weights, rows and columns are the flow's. */
static bool check_type(struct sema *s, const struct place *p, const struct ast_input *input,
                       const struct type *declared, const struct type *given)
{
    const struct callable *c = p->net->call;
    const struct ast_expr *channels = input->dims.list.at[0];
    const struct place outside = around(p);
    if (declared->dtype != given->dtype) {
        SEMA_ERROR(s, &outside, p->frame->span, MESSAGE(err_subnet_dtype), c->name, input->name,
                   dtype_name(declared->dtype), dtype_name(given->dtype));
        return false;
    }
    if (declared->rank == given->rank && type_c(declared) == type_c(given))
        return true;
    struct diag *d = SEMA_ERROR(s, &outside, p->frame->span, MESSAGE(err_subnet_type), c->name,
                                input->name, print_type(s, declared), print_type(s, given));
    diag_note(d, input->name_span, "the input is declared here");
    if (declared->rank != given->rank)
        diag_hint(d, "a net takes as many dimensions as its input declares");
    else if (channels->kind == EXPR_int)
        diag_hint(d,
                  "rows and columns are free, the channels are not: 'conv(%lld, 1)' before it "
                  "makes them",
                  (long long)type_c(declared));
    else
        diag_hint(d,
                  "rows and columns are free, the channels are '%s': give the call a value for "
                  "them",
                  sema_text(s, channels->span));
    return false;
}

struct flow subnet_input(struct sema *s, const struct place *p, const struct ast_input *input,
                         const struct type *declared)
{
    struct program *net = p->net;
    const struct slot *slot = input_slot(net->call, net->n_seen);
    struct flow flow = slot->state == SLOT_empty ? net->flow : slot->value.tensor.flow;
    if (flow.kind != FLOW_tensor || !check_type(s, p, input, declared, &flow.node->type))
        return (struct flow){FLOW_poison, NULL};
    for (int i = 2; i < declared->rank; i++)
        net->resized = net->resized || declared->dim[i] != flow.node->type.dim[i];
    return flow;
}
