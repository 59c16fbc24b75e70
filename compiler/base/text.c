#include "base/text.h"

#include <stdio.h>
#include <string.h>

void text_init(struct text *t, struct arena *arena)
{
    *t = (struct text){.arena = arena};
}

static void text_reserve(struct text *t, size_t more)
{
    if (t->capacity - t->n > more)
        return;
    size_t capacity = (t->n + more + 1) * 2;
    char *larger = arena_array(t->arena, capacity, 1);
    if (t->n)
        memcpy(larger, t->at, t->n);
    t->at = larger;
    t->capacity = capacity;
}

void text_append_n(struct text *t, const char *s, size_t n)
{
    text_reserve(t, n);
    if (n)
        memcpy(t->at + t->n, s, n);
    t->n += n;
    t->at[t->n] = '\0';
}

void text_append(struct text *t, const char *s)
{
    text_append_n(t, s, strlen(s));
}

void text_append_number(struct text *t, int64_t value)
{
    char digits[32];
    const int n = snprintf(digits, sizeof digits, "%lld", (long long)value), sign = *digits == '-';
    for (int i = 0; i < n; i++) {
        if (i > sign && (n - i) % 3 == 0)
            text_append(t, ",");
        text_append_n(t, &digits[i], 1);
    }
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    size_t more = n < 0 ? 0 : (size_t)n;
    text_reserve(t, more);
    vsnprintf(t->at + t->n, more + 1, format, again);
    t->n += more;
    va_end(again);
    va_end(args);
}

void text_truncate(struct text *t, size_t n)
{
    t->n = n;
    if (t->at)
        t->at[n] = '\0';
}

const char *text_string(const struct text *t)
{
    return t->at ? t->at : "";
}

struct entry {
    struct entry *next;
    uint64_t hash;
    size_t n;
    char *s;
};

struct strings {
    struct arena *arena;
    struct entry **bucket;
    size_t n_buckets, n;
};

struct strings *strings_new(struct arena *arena)
{
    struct strings *t = arena_new_of(arena, struct strings);
    t->arena = arena;
    t->n_buckets = 256;
    t->bucket = arena_array(arena, t->n_buckets, sizeof *t->bucket);
    return t;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    return h;
}

static void strings_rehash(struct strings *t)
{
    size_t n_buckets = t->n_buckets * 4;
    struct entry **bucket = arena_array(t->arena, n_buckets, sizeof *bucket);
    for (size_t i = 0; i < t->n_buckets; i++)
        for (struct entry *e = t->bucket[i], *next; e; e = next) {
            next = e->next;
            e->next = bucket[e->hash % n_buckets];
            bucket[e->hash % n_buckets] = e;
        }
    t->bucket = bucket;
    t->n_buckets = n_buckets;
}

const char *strings_intern(struct strings *t, const char *s, size_t n)
{
    uint64_t hash = hash_bytes(s, n);
    for (struct entry *e = t->bucket[hash % t->n_buckets]; e; e = e->next)
        if (e->hash == hash && e->n == n && !memcmp(e->s, s, n))
            return e->s;
    if (t->n++ > t->n_buckets)
        strings_rehash(t);
    struct entry *e = arena_new_of(t->arena, struct entry);
    *e = (struct entry){t->bucket[hash % t->n_buckets], hash, n, arena_strndup(t->arena, s, n)};
    t->bucket[hash % t->n_buckets] = e;
    return e->s;
}

const char *strings_intern0(struct strings *t, const char *s)
{
    return strings_intern(t, s, strlen(s));
}

enum { LONGEST_NAME = 64 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein distance of two names of at most LONGEST_NAME bytes. */
static size_t edit_distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[LONGEST_NAME + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

void nearest_init(struct nearest *t, const char *name)
{
    *t = (struct nearest){.name = name, .distance = (strlen(name) + 2) / 3};
}

void nearest_offer(struct nearest *t, const char *candidate)
{
    size_t n = strlen(t->name), m = strlen(candidate);
    if (n > LONGEST_NAME || m > LONGEST_NAME)
        return;
    size_t d = edit_distance(t->name, n, candidate, m);
    if (d < n && (d < t->distance || (d == t->distance && !t->best))) {
        t->best = candidate;
        t->distance = d;
    }
}

const char *nearest_best(const struct nearest *t)
{
    return t->best;
}

/* The length of the UTF-8 sequence that starts at s (overlong forms and surrogates excluded), 0 if
 * there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool bad = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
               (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f);
    return bad ? 0 : length;
}

bool utf8_valid(const char *s, size_t n, size_t *bad)
{
    for (size_t i = 0; i < n;) {
        size_t length = utf8_sequence((const unsigned char *)s + i, n - i);
        if (!length) {
            *bad = i;
            return false;
        }
        i += length;
    }
    return true;
}

/* Marks that choose the direction of what stands behind them, or end a line: U+061C, 200E, 200F,
 * 2028 to 202E, 2066 to 2069. */
static bool turns_or_breaks(const unsigned char *s, size_t length)
{
    if (length == 2)
        return s[0] == 0xd8 && s[1] == 0x9c;
    if (length != 3 || s[0] != 0xe2)
        return false;
    return (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae))) ||
           (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
}

static bool is_control(const unsigned char *s, size_t length)
{
    return length == 1 ? (s[0] < ' ' && s[0] != '\t') || s[0] == 0x7f
                       : length == 2 && s[0] == 0xc2 && s[1] < 0xa0;
}

size_t utf8_character(const char *s, size_t n, bool *harmless)
{
    const unsigned char *at = (const unsigned char *)s;
    const size_t length = utf8_sequence(at, n);
    *harmless = length && !is_control(at, length) && !turns_or_breaks(at, length);
    return length ? length : 1;
}

void text_append_harmless(struct text *t, const char *s)
{
    bool harmless;
    for (size_t n = strlen(s), length; n; s += length, n -= length) {
        length = utf8_character(s, n, &harmless);
        harmless = harmless && *s != '\t';
        text_append_n(t, harmless ? s : "?", harmless ? length : 1);
    }
}

bool string_ends_in(const char *s, const char *ending)
{
    const size_t n = strlen(s), m = strlen(ending);
    return n > m && !strcmp(s + n - m, ending);
}
