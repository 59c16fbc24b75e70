#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise */
#endif
#include "memory.h"

#include <stdint.h>
#include <sys/mman.h>

static const size_t huge_page = 2 << 20;

/* What is mapped for `bytes`: small blocks as they are, others with room to align. */
static size_t mapped_bytes(size_t bytes)
{
    return bytes < huge_page ? bytes + !bytes : bytes + huge_page;
}

static uintptr_t round_up(uintptr_t at, size_t unit)
{
    return (at + unit - 1) / unit * unit;
}

void *netrt_memory_new(size_t bytes)
{
    size_t size = mapped_bytes(bytes);
    if (size < bytes)
        return NULL;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    if (size == bytes + !bytes)
        return map;
    /* The start moves up to a huge page; what lies before and after goes back. */
    uintptr_t first = (uintptr_t)map, start = round_up(first, huge_page);
    uintptr_t end = round_up(start + bytes, 4096), last = first + size;
    if (start > first)
        munmap(map, start - first);
    if (last > end)
        munmap((void *)end, last - end);
#ifdef MADV_HUGEPAGE
    madvise((void *)start, bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
    return (void *)start;
}

void netrt_memory_free(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes + !bytes);
}
