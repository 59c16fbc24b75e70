/* Sizes of caches, from folders as Linux has them and from sysconf(). Takes a folder for its own.
 */
#include "core/caches.h"
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>

struct cache {
    const char *level, *type, *size; /* size NULL: there is no such file */
};

/* What a machine lists, the bytes of its levels 1 to 3; 0: it leaves that to sysconf(). */
struct machine {
    struct cache caches[4];
    long bytes[3];
};

/* K are 1024 bytes, M are 1024 K. */
static const struct machine machines[] = {
    /* A Zen 3: 32 KB, 512 KB, 32 MB. */
    {{{"1", "Data", "32K"},
      {"1", "Instruction", "32K"},
      {"2", "Unified", "512K"},
      {"3", "Unified", "32768K"}},
     {32768, 524288, 33554432}},
    /* Instructions come first, and are more; the last cache in M. */
    {{{"1", "Instruction", "64K"},
      {"1", "Data", "48K"},
      {"2", "Unified", "2048K"},
      {"3", "Unified", "105M"}},
     {49152, 2097152, 110100480}},
    /* A size in bytes; two caches of one level, of which the first has no size. */
    {{{"1", "Data", "4096"}, {"2", "Unified", NULL}, {"2", "Unified", "1M"}}, {4096, 1048576, 0}},
    /* What is no size; a level of two digits is none of these. */
    {{{"1", "Data", "32Q"},
      {"2", "Unified", "-512K"},
      {"3", "Unified", "K"},
      {"31", "Unified", "8M"}},
     {0}},
    {{{"1", "Data", "0K"},
      {"2", "Unified", "9223372036854775807K"},
      {"3", "Unified", "99999999999999999999"}},
     {0}},
    /* None at all, as in many virtual machines. */
    {{{NULL, NULL, NULL}}, {0}},
};

struct test {
    struct check check;
    const char *folder;
};

static void make_folder(struct test *t, const char *path)
{
    if (!CHECK(&t->check, !mkdir(path, 0777)))
        exit(1);
}

static void write_word(struct test *t, const char *folder, const char *name, const char *word)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = word ? fopen(path, "w") : NULL;
    if (!word)
        return;
    if (!CHECK(&t->check, file))
        exit(1);
    fprintf(file, "%s\n", word);
    fclose(file);
}

static void write_machine(struct test *t, const struct machine *m, const char *folder)
{
    make_folder(t, folder);
    for (int i = 0; i < 4 && m->caches[i].level; i++) {
        char path[350];
        snprintf(path, sizeof path, "%s/index%d", folder, i);
        make_folder(t, path);
        write_word(t, path, "level", m->caches[i].level);
        write_word(t, path, "type", m->caches[i].type);
        write_word(t, path, "size", m->caches[i].size);
    }
}

static void test_machine(struct test *t, const struct machine *m, const char *folder)
{
    write_machine(t, m, folder);
    for (int level = 1; level <= 3; level++) {
        const long listed = m->bytes[level - 1];
        if (!CHECK(&t->check, netrt_cache_listed(folder, level) == listed))
            fprintf(stderr, "  %s, level %d: %ld\n", folder, level,
                    netrt_cache_listed(folder, level));
        CHECK(&t->check,
              netrt_cache_bytes(folder, level) == (listed ? listed : netrt_cache_counted(level)));
    }
}

/* No folder there, and a name that is too long to be one. */
static void test_no_folder(struct test *t)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/nowhere", t->folder);
    CHECK(&t->check, netrt_cache_listed(path, 2) == 0);
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = 0;
    CHECK(&t->check, netrt_cache_listed(path, 2) == 0);
}

/* Whatever this machine says: no first cache that is larger than the second. */
static void test_here(struct test *t)
{
    for (int level = 1; level <= 3; level++)
        CHECK(&t->check, netrt_cache_bytes(NETRT_CACHES, level) >= 0);
    CHECK(&t->check, netrt_cache_bytes(NETRT_CACHES, 2) == 0 ||
                         netrt_cache_bytes(NETRT_CACHES, 1) <= netrt_cache_bytes(NETRT_CACHES, 2));
}

int main(int argc, char **argv)
{
    struct test t = {.folder = argc > 1 ? argv[1] : "."};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        char folder[300];
        snprintf(folder, sizeof folder, "%s/%zu", t.folder, i);
        test_machine(&t, &machines[i], folder);
    }
    test_no_folder(&t);
    test_here(&t);
    return check_end(&t.check);
}
