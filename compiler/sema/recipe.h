/* What the settings of a recipe share. */
#ifndef NETC_SEMA_RECIPE_H
#define NETC_SEMA_RECIPE_H

#include "sema/sema.h"

/* A setting of this recipe: what was said before is an error. */
struct setting {
    struct sema *s;
    const struct place *p;
    const struct ast_setting *tree;
    struct span span;
};

/* ---- recipe_initial.c ---- */

/* What parameters begin with: a pipeline of one initializer a line. */
void take_init(struct setting *);
/* Whether each bn that ends the body of a residual begins with 0; a net may have none. */
void take_zero_init_residual(struct setting *);

#endif
