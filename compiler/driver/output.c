#include "driver/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(struct diags *diags, const char *path)
{
    diag_add(diags, (struct span){0}, MESSAGE(err_write), path, strerror(errno));
    return false;
}

static bool write_stream(FILE *f, const void *bytes, size_t size)
{
    return (!size || fwrite(bytes, 1, size, f) == size) && !fflush(f);
}

static bool write_whole(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return false;
    bool written = write_stream(f, bytes, size);
    return !fclose(f) && written;
}

/* A pipe or a device cannot be replaced by a renamed file: it is written as it is. */
static bool is_special(const char *path)
{
    struct stat st;
    return !stat(path, &st) && !S_ISREG(st.st_mode);
}

bool output_write(struct diags *diags, const char *path, const void *bytes, size_t size)
{
    if (!strcmp(path, "-"))
        return write_stream(stdout, bytes, size) || failed(diags, "standard output");
    if (is_special(path))
        return write_whole(path, bytes, size) || failed(diags, path);
    char *temporary = arena_printf(diags->arena, "%s.%ld.tmp", path, (long)getpid());
    if (write_whole(temporary, bytes, size) && !rename(temporary, path))
        return true;
    failed(diags, path);
    unlink(temporary);
    return false;
}

const char *output_temporary_folder(struct arena *arena, struct diags *diags)
{
    const char *base = getenv("TMPDIR");
    char *path = arena_printf(arena, "%s/netc-XXXXXX", base && *base ? base : "/tmp");
    return mkdtemp(path) || failed(diags, path) ? path : NULL;
}

void output_remove_folder(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));)
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(path);
}
