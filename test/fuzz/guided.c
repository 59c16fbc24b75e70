/*
 * The same kinds of input for fuzzers that are guided by coverage: libFuzzer's entry points.
 * FUZZ_KIND names the kind; mutations are libFuzzer's own and, as often, those of the kind,
 * which know words or graphs.
 */
#define _XOPEN_SOURCE 700
#include "kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* What libFuzzer has no argument for. */
static struct {
    const struct kind *kind;
    char path[192];
} guided;

static void remove_input(void)
{
    kind_leave(guided.path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("FUZZ_KIND");
    (void)argc, (void)argv;
    guided.kind = name ? kind_find(name) : NULL;
    if (!guided.kind || !kind_place(guided.kind, guided.path, sizeof guided.path)) {
        fprintf(stderr, "guided: FUZZ_KIND names no kind, or there is no folder for inputs\n");
        exit(2);
    }
    atexit(remove_input);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {(unsigned char *)(uintptr_t)data, size, size};
    FILE *file = fopen(guided.path, "wb");
    bool written = file && fwrite(data, 1, size, file) == size;
    if (file && !fclose(file) && written)
        guided.kind->run(guided.path, &input);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    if (seed % 2 || !size)
        return LLVMFuzzerMutate(data, size, most);
    struct random r = {seed};
    const struct bytes whole = {data, size, size};
    struct bytes input = {0};
    bytes_copy(&input, &whole);
    guided.kind->mutate(&r, &input, &whole);
    size = input.n < most ? input.n : most;
    memcpy(data, input.at, size);
    bytes_release(&input);
    return size;
}
