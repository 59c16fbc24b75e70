/* The graph's text form, and its verifier. */
#ifndef NETC_IR_IR_H
#define NETC_IR_IR_H

#include "ir/graph.h"

/* Prints in the text form of docs/ir.md. */
void graph_print(struct text *, const struct graph *);

/* Reads the text form, and verifies it; errors go to `diags`, and NULL is returned. What was
 * printed and is read prints to the same text. */
struct graph *graph_read(struct arena *, struct strings *, struct diags *, uint32_t source);

/* Checks every invariant of docs/ir.md. The first violation is described in *why (in the graph's
 * arena), naming node and operand; it is a fault of the compiler or, after graph_read, of the
 * text. */
bool graph_verify(const struct graph *, const char **why);

#endif
