#include "mutate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 20 };

void bytes_release(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){0};
}

static void reserve(struct bytes *b, size_t n)
{
    if (n <= b->capacity)
        return;
    b->capacity = 2 * n + 64;
    b->at = realloc(b->at, b->capacity);
    if (!b->at)
        abort();
}

void bytes_copy(struct bytes *to, const struct bytes *from)
{
    reserve(to, from->n);
    if (from->n)
        memcpy(to->at, from->at, from->n);
    to->n = from->n;
}

int bytes_read(struct bytes *b, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    for (size_t got = 1; got; b->n += got) {
        reserve(b, b->n + 4096);
        got = fread(b->at + b->n, 1, 4096, file);
    }
    int failed = ferror(file);
    fclose(file);
    return failed ? -1 : 0;
}

/* Opens a gap of n bytes at `where`, unless the input has grown too long. */
static int open_gap(struct bytes *b, size_t where, size_t n)
{
    if (b->n + n > LONGEST)
        return 0;
    reserve(b, b->n + n);
    memmove(b->at + where + n, b->at + where, b->n - where);
    b->n += n;
    return 1;
}

static void close_gap(struct bytes *b, size_t where, size_t n)
{
    memmove(b->at + where, b->at + where + n, b->n - where - n);
    b->n -= n;
}

size_t random_below(struct random *r, size_t n)
{
    uint64_t x = r->state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return (size_t)((x ^ (x >> 31)) % n);
}

/* A piece: short ones are likelier. */
static void choose_piece(struct random *r, const struct bytes *b, size_t *first, size_t *n)
{
    size_t longest = (size_t)1 << random_below(r, 11);
    *first = random_below(r, b->n);
    *n = 1 + random_below(r, longest);
    if (*n > b->n - *first)
        *n = b->n - *first;
}

static void flip_bit(struct random *r, struct bytes *b, const struct bytes *other)
{
    (void)other;
    b->at[random_below(r, b->n)] ^= (unsigned char)(1u << random_below(r, 8));
}

static void set_byte(struct random *r, struct bytes *b, const struct bytes *other)
{
    static const char notable[] = "\0\377\177\200(){}[]|:\"#,.->= \n\r09\\";
    (void)other;
    b->at[random_below(r, b->n)] = (unsigned char)notable[random_below(r, sizeof notable - 1)];
}

/* A number of 1, 2, 4 or 8 bytes at the edge of something. */
static void set_number(struct random *r, struct bytes *b, const struct bytes *other)
{
    static const uint64_t edges[] = {0,        1,          0x7f,       0xff,
                                     0x7fff,   0xffff,     0x7fffffff, 0xffffffff,
                                     1u << 24, UINT64_MAX, INT64_MAX,  (uint64_t)1 << 63};
    uint64_t value = edges[random_below(r, sizeof edges / sizeof *edges)];
    size_t n = (size_t)1 << random_below(r, 4), first = random_below(r, b->n);
    (void)other;
    for (size_t i = 0; i < n && first + i < b->n; i++)
        b->at[first + i] = (unsigned char)(value >> 8 * i);
}

static void remove_piece(struct random *r, struct bytes *b, const struct bytes *other)
{
    size_t first, n;
    (void)other;
    choose_piece(r, b, &first, &n);
    close_gap(b, first, n);
}

/* Inserts a piece of `from` somewhere. */
static void insert_from(struct random *r, struct bytes *b, const struct bytes *from)
{
    struct bytes piece = {0};
    size_t first, n, where = random_below(r, b->n + 1);
    choose_piece(r, from, &first, &n);
    bytes_copy(&piece, &(struct bytes){from->at + first, n, n});
    if (open_gap(b, where, n))
        memcpy(b->at + where, piece.at, n);
    bytes_release(&piece);
}

static void repeat_piece(struct random *r, struct bytes *b, const struct bytes *other)
{
    (void)other;
    insert_from(r, b, b);
}

static void splice(struct random *r, struct bytes *b, const struct bytes *other)
{
    if (other->n)
        insert_from(r, b, other);
}

static void cut(struct random *r, struct bytes *b, const struct bytes *other)
{
    (void)other;
    b->n = random_below(r, b->n + 1);
}

/* The word or number at `where`; of length 0 if there is none. */
static size_t word_at(const struct bytes *b, size_t *where)
{
    size_t end = *where;
    while (*where && (isalnum(b->at[*where - 1]) || b->at[*where - 1] == '_'))
        --*where;
    while (end < b->n && (isalnum(b->at[end]) || b->at[end] == '_'))
        end++;
    return end - *where;
}

/* Puts a word of `other`, or a notable number, in the place of a word. */
static void exchange_word(struct random *r, struct bytes *b, const struct bytes *other)
{
    static const char *const numbers[] = {
        "0",     "1",   "-1", "2147483648", "4294967296", "9223372036854775807",
        "1e308", "0.5", "K",  "9G"};
    size_t to = random_below(r, b->n), n = word_at(b, &to);
    const char *number = numbers[random_below(r, sizeof numbers / sizeof *numbers)];
    struct bytes word = {(unsigned char *)(uintptr_t)number, strlen(number), 0};
    if (other->n && random_below(r, 2)) {
        size_t from = random_below(r, other->n);
        word.n = word_at(other, &from);
        word.at = other->at + from;
    }
    close_gap(b, to, n);
    if (open_gap(b, to, word.n) && word.n)
        memcpy(b->at + to, word.at, word.n);
}

void mutate(struct random *r, struct bytes *b, const struct bytes *other)
{
    static mutation *const ways[] = {flip_bit,     set_byte, set_number,    remove_piece,
                                     repeat_piece, splice,   exchange_word, exchange_word};
    size_t count = 1 + random_below(r, 4);
    for (size_t i = 0; i < count && b->n; i++)
        ways[random_below(r, sizeof ways / sizeof *ways)](r, b, other);
    if (b->n && !random_below(r, 16))
        cut(r, b, other);
}
