/* Preloaded: the allocation number $FAIL_NTH of the program fails, and no other. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

static long taken; /* allocations so far */

/* Programs that the tested one starts are left alone. */
static int fails(void)
{
    static long nth = -1;
    if (nth < 0) {
        const char *text = getenv("FAIL_NTH");
        nth = text ? atol(text) : 0;
        unsetenv("LD_PRELOAD");
    }
    if (++taken != nth)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    static void *(*next)(size_t);
    if (!next)
        next = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    return fails() ? NULL : next(size);
}

void *realloc(void *at, size_t size)
{
    static void *(*next)(void *, size_t);
    if (!next)
        next = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    return fails() ? NULL : next(at, size);
}

/* dlsym() itself may ask for zeroed memory, before there is any other calloc(). */
void *calloc(size_t count, size_t size)
{
    static void *(*next)(size_t, size_t);
    static int looking;
    static _Alignas(16) char early[4096];
    if (looking)
        return early;
    if (!next) {
        looking = 1;
        next = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
        looking = 0;
    }
    return fails() ? NULL : next(count, size);
}
