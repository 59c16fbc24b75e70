/*
 * Mutated inputs for every reader of the project: fuzz KIND SEED COUNT FILE...
 *
 * Runs COUNT inputs, each a FILE mutated by a function of SEED and its number, through the readers
 * and what follows them; the FILEs themselves come first, and must be accepted. A crash, an exit,
 * or an input that takes over ten seconds of processor time ends with the input's number; `fuzz
 * KIND SEED +NUMBER FILE...` writes that input to standard output. Built with AddressSanitizer, it
 * finds what reads or writes out of bounds, overflows or leaks. `fuzz made FOLDER` writes there the
 * FILEs that only programs make.
 */
#define _XOPEN_SOURCE 700
#include "kinds.h"
#include "mutate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { SECONDS = 10 };

struct corpus {
    const struct kind *kind;
    struct bytes *files;
    size_t n;
};

/* What a handler of signals needs to know: the input that is running. */
static struct {
    const char *kind;
    unsigned long seed;
    volatile long number;
    int errors; /* standard error, which an input may have elsewhere */
} running;

static void say_running(void)
{
    char line[128];
    int n = snprintf(line, sizeof line, "fuzz: '%s' failed: seed %lu, input +%ld\n", running.kind,
                     running.seed, running.number);
    if (write(running.errors, line, (size_t)n) < 0)
        _exit(3);
}

static void on_signal(int number)
{
    (void)number;
    say_running();
    _exit(3);
}

static void on_exit_inside(void)
{
    if (running.number >= 0) {
        say_running();
        _exit(3);
    }
}

/* Makes input `number`: a file as it is, or mutated. */
static void make_input(struct bytes *input, const struct corpus *corpus, unsigned long seed,
                       long number)
{
    size_t n = (size_t)number;
    if (n < corpus->n) {
        bytes_copy(input, &corpus->files[n]);
        return;
    }
    struct random r = {seed * 1000003u + (unsigned long)number};
    random_below(&r, 2);
    bytes_copy(input, &corpus->files[random_below(&r, corpus->n)]);
    corpus->kind->mutate(&r, input, &corpus->files[random_below(&r, corpus->n)]);
}

/* Writes the input to `path`. */
static int fill_file(const char *path, const struct bytes *input)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return -1;
    size_t written = fwrite(input->at, 1, input->n, file);
    return fclose(file) || written != input->n ? -1 : 0;
}

/* Runs input `number` from the file at `path`: 1 if it is accepted, 0, or -1 where it should be. */
static int run_input(const struct kind *kind, const struct corpus *corpus, struct bytes *input,
                     const char *path, long number)
{
    make_input(input, corpus, running.seed, number);
    if (fill_file(path, input)) {
        fprintf(stderr, "fuzz: cannot write '%s'\n", path);
        return -1;
    }
    running.number = number;
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = SECONDS}, NULL);
    bool good = kind->run(path, input);
    running.number = -1;
    if (good || number >= (long)corpus->n)
        return good;
    fprintf(stderr, "fuzz: '%s': file number %ld is not accepted\n", kind->name, number + 1);
    return -1;
}

/* Runs `count` inputs in a folder of their own; returns how many were accepted, or -1. */
static long run_inputs(const struct kind *kind, const struct corpus *corpus, long count)
{
    struct bytes input = {0};
    char path[192];
    long accepted = kind_place(kind, path, sizeof path) ? 0 : -1;
    for (long i = 0; i < count && accepted >= 0; i++) {
        int result = run_input(kind, corpus, &input, path, i);
        accepted = result < 0 ? -1 : accepted + result;
    }
    bytes_release(&input);
    kind_leave(path);
    return accepted;
}

static int write_input(const struct corpus *corpus, long number)
{
    struct bytes input = {0};
    make_input(&input, corpus, running.seed, number);
    size_t written = fwrite(input.at, 1, input.n, stdout);
    bool all = written == input.n;
    bytes_release(&input);
    return all ? 0 : 1;
}

static int read_corpus(struct corpus *corpus, char **paths, size_t n)
{
    corpus->files = calloc(n, sizeof *corpus->files);
    corpus->n = corpus->files ? n : 0;
    for (size_t i = 0; i < corpus->n; i++)
        if (bytes_read(&corpus->files[i], paths[i])) {
            fprintf(stderr, "fuzz: cannot read '%s'\n", paths[i]);
            return -1;
        }
    return corpus->n ? 0 : -1;
}

static void free_corpus(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->n; i++)
        bytes_release(&corpus->files[i]);
    free(corpus->files);
}

/* The sanitizers' own hooks, where they are linked. */
void __sanitizer_set_death_callback(void (*)(void)) __attribute__((weak));
void __sanitizer_set_report_fd(void *) __attribute__((weak));

static void watch(void)
{
    running.errors = dup(STDERR_FILENO);
    if (__sanitizer_set_report_fd)
        __sanitizer_set_report_fd((void *)(intptr_t)running.errors);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_running);
    else
        signal(SIGSEGV, on_signal);
    signal(SIGABRT, on_signal);
    signal(SIGPROF, on_signal);
    atexit(on_exit_inside);
}

int main(int argc, char **argv)
{
    const struct kind *kind = argc > 4 ? kind_find(argv[1]) : NULL;
    struct corpus corpus = {0};
    if (argc == 3 && !strcmp(argv[1], "made")) {
        write_made(argv[2]);
        return 0;
    }
    if (!kind) {
        fprintf(stderr, "usage: fuzz KIND SEED COUNT|+NUMBER FILE... | made FOLDER\n");
        return 2;
    }
    running.kind = kind->name;
    corpus.kind = kind;
    running.seed = strtoul(argv[2], NULL, 10);
    running.number = -1;
    int status = read_corpus(&corpus, argv + 4, (size_t)argc - 4) ? 1 : 0;
    if (!status && argv[3][0] == '+') {
        status = write_input(&corpus, strtol(argv[3] + 1, NULL, 10));
    } else if (!status) {
        watch();
        long count = strtol(argv[3], NULL, 10), accepted = run_inputs(kind, &corpus, count);
        printf("%s: %ld inputs, %ld accepted\n", kind->name, count, accepted);
        status = accepted < 0;
    }
    free_corpus(&corpus);
    return status;
}
