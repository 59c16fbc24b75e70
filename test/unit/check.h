/* What unit tests share: a check that fails says where, and the program's status is 1. */
#ifndef NETC_TEST_UNIT_CHECK_H
#define NETC_TEST_UNIT_CHECK_H

#include <stdio.h>
#include <string.h>

struct check {
    int failed;
};

static inline int check_that(struct check *c, int good, const char *what, const char *file,
                             int line)
{
    if (!good) {
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
        c->failed++;
    }
    return good;
}

/* Is it so? Goes on either way; true if it is. */
#define CHECK(c, condition) check_that(c, (condition) ? 1 : 0, #condition, __FILE__, __LINE__)

/* Does a text contain another? Prints both where it does not. */
static inline int check_text(struct check *c, const char *text, const char *part, const char *file,
                             int line)
{
    int good = strstr(text, part) != NULL;
    if (!good) {
        fprintf(stderr, "%s:%d: '%s'\n  lacks '%s'\n", file, line, text, part);
        c->failed++;
    }
    return good;
}

#define CHECK_TEXT(c, text, part) check_text(c, text, part, __FILE__, __LINE__)

/* The program's status. */
static inline int check_end(const struct check *c)
{
    if (c->failed)
        fprintf(stderr, "%d checks failed\n", c->failed);
    return c->failed != 0;
}

#endif
