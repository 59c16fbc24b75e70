/* Preloaded: the allocation number $FAIL_NTH of the program fails, and no other; the file $FAIL_REACHED
 * is made then, so that its absence says that there are fewer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static long taken; /* allocations so far */

/* Programs that the tested one starts are left alone. */
static int fails(void)
{
    static long nth = -1;
    static const char *path;
    if (nth < 0) {
        const char *text = getenv("FAIL_NTH");
        nth = text ? atol(text) : 0;
        path = getenv("FAIL_REACHED");
        unsetenv("LD_PRELOAD");
    }
    if (++taken != nth)
        return 0;
    const int reached = open(path ? path : "/dev/null", O_WRONLY | O_CREAT, 0600);
    if (reached >= 0)
        close(reached);
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
