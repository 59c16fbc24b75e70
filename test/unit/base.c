/* The ground floor: arena, text, interned names, the nearest name, UTF-8, sources, diagnostics. */
#include "base/diag.h"
#include "base/text.h"

#include "check.h"

#include <stdlib.h>

static void arena_zeroes_and_aligns(struct check *c, struct arena *a)
{
    size_t sizes[] = {1, 3, 100, 70 * 1024, 0, 17};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = arena_alloc(a, sizes[i]);
        CHECK(c, (uintptr_t)p % _Alignof(max_align_t) == 0);
        for (size_t j = 0; j < sizes[i]; j++)
            c->failed += p[j] != 0;
        memset(p, 0xff, sizes[i]);
    }
    CHECK(c, !strcmp(arena_printf(a, "%d %s", 12, "x"), "12 x"));
    CHECK(c, !strcmp(arena_strndup(a, "abc", 2), "ab"));
}

static void vectors_grow(struct check *c, struct arena *a)
{
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++)
        VEC_PUSH(a, &v, i * i);
    CHECK(c, v.n == 1000 && v.at[0] == 0 && v.at[999] == 999 * 999);
}

static void text_grows_and_is_cut(struct check *c, struct arena *a)
{
    struct text t;
    text_init(&t, a);
    CHECK(c, !strcmp(text_string(&t), ""));
    for (int i = 0; i < 100; i++)
        text_printf(&t, "%d,", i);
    CHECK(c, t.n == 290 && !strncmp(text_string(&t), "0,1,2,", 6));
    text_truncate(&t, 3);
    text_append(&t, "!");
    CHECK(c, !strcmp(text_string(&t), "0,1!"));
}

static void equal_names_have_one_address(struct check *c, struct arena *a)
{
    struct strings *s = strings_new(a);
    const char *first = strings_intern0(s, "name0");
    for (int i = 0; i < 5000; i++)
        strings_intern0(s, arena_printf(a, "name%d", i));
    CHECK(c, strings_intern(s, "name0 and more", 5) == first);
    CHECK(c, strings_intern0(s, "name4999") == strings_intern0(s, "name4999"));
    CHECK(c, strings_intern0(s, "name1") != first && !strcmp(first, "name0"));
}

static const char *nearest(const char *name)
{
    static const char *const names[] = {"maxpool", "avgpool", "conv", "relu", "relu6", "bn", "c"};
    struct nearest n;
    nearest_init(&n, name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_offer(&n, names[i]);
    return nearest_best(&n) ? nearest_best(&n) : "";
}

static void nearest_name_is_what_was_meant(struct check *c)
{
    CHECK(c, !strcmp(nearest("maxpol"), "maxpool"));
    CHECK(c, !strcmp(nearest("cnov"), "conv"));
    CHECK(c, !strcmp(nearest("Relu"), "relu"));
    CHECK(c, !strcmp(nearest("n"), ""));
    CHECK(c, !strcmp(nearest("linear"), ""));
    CHECK(c, !strcmp(nearest(""), ""));
}

static bool valid(const char *s, size_t *bad)
{
    return utf8_valid(s, strlen(s), bad);
}

static void only_utf8_is_valid(struct check *c)
{
    size_t bad = 99;
    CHECK(c, valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", &bad) && bad == 99);
    CHECK(c, !valid("ab\xc3", &bad) && bad == 2);
    CHECK(c, !valid("\xc0\xaf", &bad) && bad == 0);
    CHECK(c, !valid("a\xe0\x80\x80", &bad) && bad == 1);
    CHECK(c, !valid("\xed\xa0\x80", &bad));
    CHECK(c, !valid("\xf4\x90\x80\x80", &bad));
    CHECK(c, !valid("\x80", &bad));
}

static void places_are_lines_and_columns(struct check *c, struct sources *sources)
{
    static const char text[] = "one\r\n\ntw\xc3\xb6 x\nend";
    const struct source *s =
        sources_get(sources, sources_add(sources, "a.net", text, sizeof text - 1));
    struct position p = source_position(s, 11);
    size_t n;
    CHECK(c, s->n_lines == 4);
    CHECK(c, p.line == 3 && p.column == 5);
    CHECK(c, source_line_number(s, 0) == 1 && source_line_number(s, 99) == 4);
    source_line(s, 1, &n);
    CHECK(c, n == 3);
    CHECK(c, !strncmp(source_line(s, 4, &n), "end", 3) && n == 3);
}

static void files_open_or_say_why(struct check *c, struct sources *sources, const char *folder)
{
    const char *why = NULL;
    CHECK(c, !sources_open(sources, folder, &why));
    CHECK_TEXT(c, why, "directory");
    CHECK(c, !sources_open(sources, "/nowhere/at all", &why));
    CHECK_TEXT(c, why, "No such file");
    CHECK(c, !sources_get(sources, 0) && !sources_get(sources, 1000));
}

/* What is printed for the messages queued. */
static char *printed(struct diags *d)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    diags_print(d, f);
    fclose(f);
    return text;
}

static void messages_point_at_their_place(struct check *c, struct arena *a, struct sources *sources)
{
    struct diags d;
    diags_init(&d, a, sources);
    uint32_t file = sources_add(sources, "a.net", "x\n\t\xc3\xa9t y\x1b z\nw", 13);
    diag_add(&d, (struct span){file, 12, 13}, MESSAGE(err_semicolon));
    struct diag *first = diag_add(&d, (struct span){file, 3, 6}, MESSAGE(err_unopened), ')');
    diag_range(first, (struct span){file, 10, 11});
    diag_hint(first, "take %d", 1);
    diag_note(first, (struct span){file, 0, 0}, "there");
    CHECK(c, diags_have_errors(&d) && d.n_errors == 2);
    char *text = printed(&d);
    CHECK(c, !strcmp(text, "a.net:2:2: error: ')' closes nothing\n"
                           "  \t\xc3\xa9t y? z\n"
                           "  \t^^    ~\n"
                           "  hint: take 1\n"
                           "a.net:1:1: note: there\n"
                           "  x\n"
                           "  ^\n"
                           "a.net:3:1: error: ';' does not end a step\n"
                           "  w\n"
                           "  ^\n"));
    free(text);
}

static void long_lines_are_cut_and_many_messages_counted(struct check *c, struct arena *a,
                                                         struct sources *sources)
{
    struct diags d;
    char line[1001];
    memset(line, 'x', 1000);
    diags_init(&d, a, sources);
    uint32_t file = sources_add(sources, "b.net", line, 1000);
    for (uint32_t i = 0; i < 300; i++)
        diag_add(&d, (struct span){file, 500, 501}, MESSAGE(err_semicolon));
    char *text = printed(&d);
    CHECK_TEXT(c, text, "b.net:1:501: error");
    CHECK_TEXT(c, text, "netc: more than 100 of kind 'error': the others are not shown");
    CHECK(c, strlen(text) < 100 * 400);
    free(text);
}

int main(int argc, char **argv)
{
    struct check c = {0};
    struct arena *a = arena_new();
    struct sources sources;
    sources_init(&sources, a);
    arena_zeroes_and_aligns(&c, a);
    vectors_grow(&c, a);
    text_grows_and_is_cut(&c, a);
    equal_names_have_one_address(&c, a);
    nearest_name_is_what_was_meant(&c);
    only_utf8_is_valid(&c);
    places_are_lines_and_columns(&c, &sources);
    files_open_or_say_why(&c, &sources, argc > 1 ? argv[1] : ".");
    messages_point_at_their_place(&c, a, &sources);
    long_lines_are_cut_and_many_messages_counted(&c, a, &sources);
    arena_free(a);
    return check_end(&c);
}
