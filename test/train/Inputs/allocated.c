/*
 * Loaded before a program: what it has allocated at most, by malloc and its kin and by anonymous
 * mappings, written to $ALLOCATED when it ends. Mappings are looked at when something else is
 * allocated, so that one which is cut to its place counts as it is then.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

enum { MOST = 1 << 16 };
static struct {
    char *start, *end;
} mapped[MOST];
static size_t n_mapped;
static long now, most;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void add(long bytes)
{
    pthread_mutex_lock(&lock);
    now += bytes;
    most = now > most ? now : most;
    pthread_mutex_unlock(&lock);
}

void *malloc(size_t n)
{
    void *p = __libc_malloc(n);
    add((long)malloc_usable_size(p));
    return p;
}

void *calloc(size_t n, size_t size)
{
    void *p = __libc_calloc(n, size);
    add((long)malloc_usable_size(p));
    return p;
}

void *realloc(void *old, size_t n)
{
    const long before = (long)malloc_usable_size(old);
    void *p = __libc_realloc(old, n);
    add((p ? (long)malloc_usable_size(p) : 0) - before);
    return p;
}

void free(void *p)
{
    add(-(long)malloc_usable_size(p));
    __libc_free(p);
}

void *mmap(void *at, size_t n, int protection, int flags, int file, off_t offset)
{
    char *p = (char *)syscall(SYS_mmap, at, n, protection, flags, file, offset);
    if (p == MAP_FAILED || !(flags & MAP_ANONYMOUS))
        return p;
    pthread_mutex_lock(&lock);
    now += (long)n;
    if (n_mapped < MOST) {
        mapped[n_mapped].start = p;
        mapped[n_mapped++].end = p + n;
    }
    pthread_mutex_unlock(&lock);
    return p;
}

/* Of a part of a mapping that was counted. */
int munmap(void *p, size_t n)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_mapped; i++)
        if (mapped[i].start <= (char *)p && (char *)p < mapped[i].end) {
            now -= (long)n;
            break;
        }
    pthread_mutex_unlock(&lock);
    return (int)syscall(SYS_munmap, p, n);
}

__attribute__((destructor)) static void write_most(void)
{
    const char *path = getenv("ALLOCATED");
    FILE *file = path ? fopen(path, "w") : NULL;
    const long bytes = most;
    if (file) {
        fprintf(file, "%ld\n", bytes);
        fclose(file);
    }
}
