#define _XOPEN_SOURCE 700 /* realpath() */

#include "driver/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct diag *report(struct diags *diags, const char *path)
{
    return diag_add(diags, (struct span){0}, MESSAGE(err_write), path, strerror(errno));
}

static bool failed(struct diags *diags, const char *path)
{
    report(diags, path);
    return false;
}

static bool write_stream(FILE *f, const void *bytes, size_t size)
{
    return (!size || fwrite(bytes, 1, size, f) == size) && !fflush(f) && !ferror(f);
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

/* The name under which a file is written, beside it, so that it can be renamed. */
static char *temporary_name(struct arena *arena, const char *path)
{
    return arena_printf(arena, "%s.%ld.tmp", path, (long)getpid());
}

/* Through a file beside it; `mode` are its permissions, 0: those of any new file. */
static bool write_beside(struct diags *diags, const char *path, const void *bytes, size_t size,
                         mode_t mode)
{
    if (is_special(path))
        return write_whole(path, bytes, size) || failed(diags, path);
    char *temporary = temporary_name(diags->arena, path);
    struct signals held;
    signals_hold(&held);
    bool done = write_whole(temporary, bytes, size) && (!mode || !chmod(temporary, mode)) &&
                !rename(temporary, path);
    if (!done) {
        failed(diags, path);
        unlink(temporary);
    }
    signals_release(&held);
    return done;
}

bool output_write(struct diags *diags, const char *path, const void *bytes, size_t size)
{
    if (!strcmp(path, "-"))
        return write_stream(stdout, bytes, size) || failed(diags, "standard output");
    return write_beside(diags, path, bytes, size, 0);
}

bool output_rewrite(struct diags *diags, const char *path, const void *bytes, size_t size)
{
    struct stat st;
    char *real = realpath(path, NULL);
    if (!real || stat(real, &st)) {
        free(real);
        return failed(diags, path);
    }
    bool done = write_beside(diags, real, bytes, size, st.st_mode & 07777);
    free(real);
    return done;
}

bool output_check(struct diags *diags, const char *path)
{
    if (is_special(path)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_write), path, "not a regular file");
        return false;
    }
    char *temporary = temporary_name(diags->arena, path);
    struct signals held;
    signals_hold(&held);
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0)
        failed(diags, path);
    else
        close(file);
    unlink(temporary);
    signals_release(&held);
    return file >= 0;
}

/* Where temporary files go. A name like an option would be one to the C compiler's own programs, so
 * that they are told another name of the folder. */
static const char *temporary_base(struct arena *arena)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base)
        return "/tmp";
    if (*base == '-') {
        base = arena_printf(arena, "./%s", base);
        setenv("TMPDIR", base, 1);
    }
    return base;
}

/* Takes no memory, for there may be none. */
static void remove_all(void *folder)
{
    const struct output_folder *f = folder;
    rewinddir(f->files);
    for (struct dirent *e; (e = readdir(f->files));)
        unlinkat(dirfd(f->files), e->d_name, 0);
    closedir(f->files);
    rmdir(f->path);
}

/* The folder and what reads it; false: there is nothing to remove. */
static bool make_folder(struct output_folder *f)
{
    if (!mkdtemp(f->path))
        return false;
    f->files = opendir(f->path);
    if (f->files)
        return true;
    const int why = errno;
    rmdir(f->path);
    errno = why;
    return false;
}

bool output_folder_make(struct output_folder *f, struct arena *arena, struct diags *diags)
{
    char *path = arena_printf(arena, "%s/netc-XXXXXX", temporary_base(arena));
    f->path = path;
    f->arena = arena;
    signals_hold(&f->held);
    if (make_folder(f)) {
        arena_guard(arena, &f->guard, remove_all, f);
        return true;
    }
    diag_hint(report(diags, path), "TMPDIR names another folder for temporary files");
    signals_release(&f->held);
    return false;
}

void output_folder_remove(struct output_folder *f)
{
    arena_unguard(f->arena);
    remove_all(f);
    signals_release(&f->held);
}
