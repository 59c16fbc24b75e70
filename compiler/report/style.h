/* The tables and listings of other tools, row for row. */
#ifndef NETC_REPORT_STYLE_H
#define NETC_REPORT_STYLE_H

#include "report/table.h"

/* torchinfo's summary(), with the columns for kernels, inputs and mult-adds: of version 1.8.0, and
 * as course notes show it. */
void style_torchinfo(struct text *, const struct report *);
void style_torchinfo_course(struct text *, const struct report *);
/* That of course notes: a row for each layer or stage. */
void style_course(struct text *, const struct report *);
/* Gluon's Block.summary(). */
void style_gluon(struct text *, const struct report *);
/* What PyTorch prints for a module. */
void style_torch(struct text *, const struct report *);

/* What PyTorch and Gluon call an operator; "" where it is a function there. */
const char *style_torch_name(enum op);
const char *style_gluon_name(enum op);
/* The class of a scope: "ConvBn" of a block conv_bn, "Sequential" of steps under a label. */
const char *style_class(struct arena *, const char *block);

#endif
