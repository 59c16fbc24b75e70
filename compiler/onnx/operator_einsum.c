/* Einsum of two operands: a product of matrices between permutations of their dimensions. */
#include "onnx/operators.h"

#include <ctype.h>
#include <string.h>

/* The letters of an operand's dimensions, or of the result's. */
struct term {
    int n;
    char letter[CONSTANT_RANK + 1];
};

enum { LEFT, RIGHT, RESULT, N_TERMS };

static bool has(const struct term *t, char letter)
{
    return memchr(t->letter, letter, (size_t)t->n);
}

static bool add_letter(struct call *c, struct term *t, char letter)
{
    if (has(t, letter))
        return call_lacks(c, "its equation has '%c' twice in a term", letter);
    if (t->n == CONSTANT_RANK)
        return call_lacks(c, "a term of its equation has more than %d letters", CONSTANT_RANK);
    t->letter[t->n++] = letter;
    return true;
}

/* Without an arrow the result has the letters that stand in one operand alone, by the alphabet. */
static bool imply_result(struct call *c, struct term terms[N_TERMS])
{
    for (int letter = 'A'; letter <= 'z'; letter++)
        if (has(&terms[LEFT], (char)letter) != has(&terms[RIGHT], (char)letter) &&
            !add_letter(c, &terms[RESULT], (char)letter))
            return false;
    return true;
}

static bool no_equation(struct call *c)
{
    return call_lacks(c, "its equation, '%s', is not of two operands by letters alone",
                      attribute_string(c, "equation"));
}

/* "bij,bjk->bik", with blanks anywhere. */
static bool take_terms(struct call *c, struct term terms[N_TERMS])
{
    int term = LEFT;
    for (const char *at = attribute_string(c, "equation"); *at; at++) {
        const bool arrow = at[0] == '-' && at[1] == '>';
        if (*at == ' ')
            continue;
        if ((term == LEFT && *at == ',') || (term == RIGHT && arrow)) {
            at += arrow;
            term++;
        } else if (!isalpha((unsigned char)*at)) {
            return no_equation(c);
        } else if (!add_letter(c, &terms[term], *at)) {
            return false;
        }
    }
    if (term == LEFT)
        return no_equation(c);
    return term == RESULT || imply_result(c, terms);
}

/* Each letter of an operand is the other's or the result's too, and has one size. */
static bool check_operand(struct call *c, const struct term terms[N_TERMS], int side)
{
    const struct term *own = &terms[side], *other = &terms[!side];
    if (operand_rank(c, side) != own->n)
        return call_lacks(c, "its equation has %d letters for an operand of %d dimensions", own->n,
                          operand_rank(c, side));
    for (int i = 0; i < own->n; i++) {
        const char letter = own->letter[i];
        const char *same = memchr(other->letter, letter, (size_t)other->n);
        if (!same && !has(&terms[RESULT], letter))
            return call_lacks(c, "it sums over '%c' of one operand alone", letter);
        if (same && side == LEFT && terms[RIGHT].n == operand_rank(c, RIGHT) &&
            operand_dim(c, RIGHT, (int)(same - other->letter)) != operand_dim(c, LEFT, i))
            return call_lacks(c, "'%c' has two sizes", letter);
    }
    return true;
}

static bool check_terms(struct call *c, const struct term terms[N_TERMS])
{
    for (int i = 0; i < terms[RESULT].n; i++)
        if (!has(&terms[LEFT], terms[RESULT].letter[i]) &&
            !has(&terms[RIGHT], terms[RESULT].letter[i]))
            return call_lacks(c, "no operand has '%c'", terms[RESULT].letter[i]);
    return check_operand(c, terms, LEFT) && check_operand(c, terms, RIGHT);
}

/* Dimensions of an operand in the order of a product: those of both and the result, then rows and
 * columns. */
struct order {
    int perm[CONSTANT_RANK], rank; /* of the operand */
    int64_t dim[CONSTANT_RANK]; /* of the matrices: one number for all rows, and for all columns */
    int n;
};

/* Adds the letters of `from` that are in both operands or not, and in the result or not. */
static void put(struct order *o, const struct term terms[N_TERMS], struct call *c, int side,
                const struct term *from, bool both, bool kept)
{
    for (int i = 0; i < from->n; i++) {
        const char letter = from->letter[i];
        const char *own = memchr(terms[side].letter, letter, (size_t)terms[side].n);
        if (!own || has(&terms[!side], letter) != both || has(&terms[RESULT], letter) != kept)
            continue;
        const int axis = (int)(own - terms[side].letter);
        o->perm[o->rank++] = axis;
        if (both && kept)
            o->dim[o->n++] = operand_dim(c, side, axis);
        else
            o->dim[o->n - 1] *= operand_dim(c, side, axis);
    }
}

/* An operand as matrices: [both..., own, summed] of the left one, [both..., summed, own] of the
 * right one. */
static bool as_matrices(struct call *c, const struct term terms[N_TERMS], int side,
                        struct datum *out)
{
    struct order o = {.n = 0};
    const struct term *summed = &terms[LEFT];
    put(&o, terms, c, side, &terms[RESULT], true, true);
    if (o.n + 2 > MAX_RANK)
        return call_lacks(c, "both operands have %d dimensions of the result", o.n);
    for (int k = 0; k < 2; k++) {
        o.dim[o.n++] = 1;
        if ((k == 0) == (side == LEFT))
            put(&o, terms, c, side, &terms[RESULT], false, true);
        else
            put(&o, terms, c, side, summed, true, false);
    }
    return datum_permute(c, c->in[side], o.perm, out) && datum_reshape(c, out, o.n, o.dim, out);
}

/* The product's dimensions, those of both, of the left and of the right operand, as the result has
 * them. */
static bool as_result(struct call *c, const struct term terms[N_TERMS], const struct datum *in[2])
{
    int64_t dim[CONSTANT_RANK];
    int perm[CONSTANT_RANK], n = 0;
    struct datum v = c->out[0];
    for (int group = 0; group < 3; group++)
        for (int i = 0; i < terms[RESULT].n; i++) {
            const char letter = terms[RESULT].letter[i];
            const char *left = memchr(terms[LEFT].letter, letter, (size_t)terms[LEFT].n);
            const char *right = memchr(terms[RIGHT].letter, letter, (size_t)terms[RIGHT].n);
            if (group != (left && right ? 0 : left ? 1 : 2))
                continue;
            perm[i] = n;
            dim[n++] = left ? datum_dim(in[LEFT], (int)(left - terms[LEFT].letter))
                            : datum_dim(in[RIGHT], (int)(right - terms[RIGHT].letter));
        }
    return datum_reshape(c, &v, n, dim, &v) && datum_permute(c, &v, perm, &v) && give_datum(c, v);
}

bool convert_einsum(struct call *c)
{
    struct term terms[N_TERMS] = {0};
    struct datum matrices[2];
    if (c->n_in != 2 || !operand_datum(c, 0) || !operand_datum(c, 1))
        return call_lacks(c, "it has not two operands");
    const struct datum *in[2] = {c->in[LEFT], c->in[RIGHT]};
    if (!take_terms(c, terms) || !check_terms(c, terms) ||
        !as_matrices(c, terms, LEFT, &matrices[LEFT]) ||
        !as_matrices(c, terms, RIGHT, &matrices[RIGHT]))
        return false;
    c->in[LEFT] = &matrices[LEFT];
    c->in[RIGHT] = &matrices[RIGHT];
    return convert_matmul(c) && as_result(c, terms, in);
}
