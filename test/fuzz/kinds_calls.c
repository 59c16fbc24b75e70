/*
 * Kinds that are calls of whole programs: command lines of netc and of two programs that it made of
 * small.net, and the files that only such programs read. A call has a folder to itself, with files
 * that its words may name. It ends with status 0, 1 or 2, says why where that is not 0, and leaves
 * no temporary file.
 */
#define _XOPEN_SOURCE 700
#include "kinds.h"

#include "picture/image.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_WORDS = 64, STREAMS = 3 };

typedef int program(int argc, char **argv);

/* The main() of netc, and those that it writes. */
program netc_main, small_answers, small_trains;

/* ---- files ---- */

static const char net[] =
    "net n(c=4) {\n    input x[1, 6, 6]\n    stem: conv(c, 3) -> relu\n"
    "    flatten -> fc: linear(3)\n    output classes\n"
    "    train {\n        epochs 2\n        batch 2\n    }\n}\n"
    "\nnet m {\n    input x[1, 8, 8]\n    maxpool(2) -> flatten -> linear(2)\n}\n";
static const char block[] =
    "block imagenet(short = 6) { to_gray -> resize(short) -> center_crop }\n";
static const char npy_header[] =
    "\x93NUMPY\1\0\x46\0{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 6, 6)}";
enum { NPY_START = 80, PIXELS = 36, IMAGES = 4 };

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file))
        abort();
}

static void write_npy(const char *name)
{
    char npy[NPY_START + 4 * PIXELS] = {0};
    memset(npy, ' ', NPY_START);
    memcpy(npy, npy_header, sizeof npy_header - 1);
    npy[NPY_START - 1] = '\n';
    write_file(name, npy, sizeof npy);
}

static void write_idx(void)
{
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, IMAGES, 0, 1, 2, 0};
    unsigned char pictures[16 + IMAGES * PIXELS] = {0, 0, 8, 3, 0, 0, 0, IMAGES,
                                                    0, 0, 0, 6, 0, 0, 0, 6};
    for (size_t i = 16; i < sizeof pictures; i++)
        pictures[i] = (unsigned char)(7 * i);
    write_file("images-idx3", pictures, sizeof pictures);
    write_file("labels-idx1", labels, sizeof labels);
}

/* Nothing where this build has no PNG. */
static void write_picture(const char *name)
{
    unsigned char pixels[3 * 7 * 8] = {1, 200, 30};
    struct netrt_message message = {0};
    const struct netrt_image image = {.width = 7, .height = 8, .channels = 3, .pixels = pixels};
    if (!netrt_image_can_write(&message))
        netrt_image_write(&image, NULL, name, &message);
    free(message.details);
}

/* What a folder has in it before a call, but for what programs make themselves. */
static void write_files(void)
{
    write_file("n.net", net, sizeof net - 1);
    mkdir("blocks", 0700);
    write_file("blocks/imagenet.net", block, sizeof block - 1);
    write_npy("x.npy");
    write_idx();
    write_picture("1.png");
}

/* Removes what stands in the folder `at`, but for the file `kept` (NULL: none); a temporary
 * file is a fault. */
static void clear_folder(int at, const char *kept)
{
    DIR *folder = fdopendir(at);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..") || (kept && !strcmp(name, kept)))
            continue;
        if (strstr(name, ".tmp") || !strncmp(name, "netc-", 5)) {
            fprintf(stderr, "fuzz: '%s' is left behind\n", name);
            abort();
        }
        if (!unlinkat(dirfd(folder), name, 0))
            continue;
        const int inside = openat(dirfd(folder), name, O_RDONLY | O_DIRECTORY);
        if (inside >= 0)
            clear_folder(inside, NULL);
        unlinkat(dirfd(folder), name, AT_REMOVEDIR);
    }
    if (folder)
        closedir(folder);
}

/* ---- calls ---- */

static int open_new(const char *path, int flags)
{
    const int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0)
        abort();
    return file;
}

/* Puts files in the place of the standard streams; `kept` are these. */
static void leave_streams(int kept[STREAMS])
{
    const int files[STREAMS] = {open_new("/dev/null", O_RDONLY), open_new("/dev/null", O_WRONLY),
                                open_new("messages", O_RDWR | O_CREAT | O_TRUNC)};
    for (int i = 0; i < STREAMS; i++) {
        kept[i] = dup(i);
        dup2(files[i], i);
        close(files[i]);
    }
}

/* Returns how much was said. */
static long return_to_streams(const int kept[STREAMS])
{
    struct stat said = {0};
    fflush(stdout);
    fflush(stderr);
    clearerr(stdin);
    fstat(STDERR_FILENO, &said);
    for (int i = 0; i < STREAMS; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    return (long)said.st_size;
}

/* Calls a program in this folder. */
static int call(program *run, int argc, char **argv)
{
    int kept[STREAMS];
    leave_streams(kept);
    optind = 0; /* glibc's getopt begins anew */
    const int status = run(argc, argv);
    const long said = return_to_streams(kept);
    if (status < 0 || status > 2 || (status && !said)) {
        fprintf(stderr, "fuzz: status %d, %ld bytes of messages\n", status, said);
        abort();
    }
    return status;
}

/* Calls a program with words, the last of which NULL follows. */
static int call_words(program *run, char **words)
{
    int n = 0;
    while (words[n])
        n++;
    return call(run, n, words);
}

/* A file that a program makes, the kind whose inputs are such files or NULL, and its content. */
struct made {
    const char *name, *kind;
    struct bytes bytes;
};

/* The files that programs make, once: a checkpoint, the state of its training, packed weights. */
static const struct made *made_files(void)
{
    static struct made made[] = {
        {.name = "w"}, {.name = "w.state", .kind = "state"}, {.name = "p", .kind = "packed"}, {0}};
    char *train[] = {"t", "train", "--data", "images-idx3", "--output", "w", "--steps", "1", NULL};
    char *pack[] = {"a", "pack", "--random-weights", "1", "--output", "p", NULL};
    if (made->bytes.n)
        return made;
    if (call_words(small_trains, train) || call_words(small_answers, pack))
        abort();
    for (struct made *m = made; m->name; m++)
        if (bytes_read(&m->bytes, m->name))
            abort();
    return made;
}

/* Goes to a folder and fills it. Returns the one before, for leave_folder(). */
static int enter_folder(const char *folder)
{
    const int before = open_new(".", O_RDONLY | O_DIRECTORY);
    if (chdir(folder))
        abort();
    setenv("TMPDIR", ".", 1);
    setenv("PATH", "/nowhere", 1); /* there is no C compiler, whatever its name */
    write_files();
    for (const struct made *m = made_files(); m->name; m++)
        write_file(m->name, m->bytes.at, m->bytes.n);
    return before;
}

static void leave_folder(int before, const char *kept)
{
    clear_folder(open_new(".", O_RDONLY | O_DIRECTORY), kept);
    if (fchdir(before))
        abort();
    close(before);
}

/* Runs `run` where the input lies, with all files beside it. */
static bool call_beside(const char *path, program *run, char **words)
{
    const char *slash = strrchr(path, '/');
    char folder[256];
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    const int before = enter_folder(folder);
    const int status = call_words(run, words);
    leave_folder(before, slash + 1);
    return !status;
}

/* ---- kinds ---- */

bool run_packed(const char *path, const struct bytes *bytes)
{
    char *words[] = {"a",     "run",      "--weights", "input", "--input",
                     "x.npy", "--output", "y.npy",     NULL};
    (void)bytes;
    return call_beside(path, small_answers, words);
}

bool run_state(const char *path, const struct bytes *bytes)
{
    char *words[] = {"t",     "train",    "--data", "images-idx3", "--resume",
                     "input", "--output", "w",      NULL};
    (void)bytes;
    return call_beside(path, small_trains, words);
}

/* Writes what a program makes as the file "whole" of a kind's folder, in this one. */
static void write_whole(const char *kind, const struct made *made)
{
    char path[64];
    mkdir(kind, 0700);
    snprintf(path, sizeof path, "%s/whole", kind);
    write_file(path, made->bytes.at, made->bytes.n);
}

void write_made(const char *folder)
{
    char inside[512];
    snprintf(inside, sizeof inside, "%s/made", folder);
    mkdir(inside, 0700);
    leave_folder(enter_folder(inside), NULL);
    rmdir(inside);
    if (chdir(folder))
        abort();
    for (const struct made *m = made_files(); m->name; m++)
        if (m->kind)
            write_whole(m->kind, m);
}

/* Whether a text has a number of three digits or more. */
static bool has_large_number(const char *text)
{
    static const char digits[] = "0123456789";
    while (*(text += strcspn(text, digits)))
        if (strspn(text, digits) > 2)
            return true;
        else
            text += strspn(text, digits);
    return false;
}

/* Whether a call is safe to make and ends by itself: names of files are of this folder alone; what
 * measures takes its time, and so do many epochs and long sweeps; a server has no end. */
static bool may_call(const char *text)
{
    return !strchr(text, '/') && !strstr(text, "..\n") && !strstr(text, "bench") &&
           !strstr(text, "watch") &&
           !((strstr(text, "epochs") || strstr(text, "sweep")) && has_large_number(text));
}

/* Steps may import no file of another folder; the block that all may call lies in this one. */
bool run_prepare(const char *path, const struct bytes *bytes)
{
    char *steps = strndup((const char *)bytes->at, bytes->n);
    char *words[] = {"n",  "-I",    ".",         "--emit=net", "--net", "n",
                     "-o", "y.net", "--prepare", steps,        "n.net", NULL};
    if (!steps)
        abort();
    const bool good = may_call(steps) && call_beside(path, netc_main, words);
    free(steps);
    return good;
}

/* Names become literals of C. */
bool run_labels(const char *path, const struct bytes *bytes)
{
    char *words[] = {"n", "--emit=c", "--net", "n", "-o", "y", "--labels", "input", "n.net", NULL};
    (void)bytes;
    return call_beside(path, netc_main, words);
}

/* The lines of an input are the words of a call. */
static bool run_call(const char *path, const struct bytes *bytes, program *run)
{
    char *words[MOST_WORDS + 1] = {"fuzzed"};
    char *text = malloc(bytes->n + 2), *rest = text;
    int n = 1;
    if (!text)
        abort();
    memcpy(text, bytes->at, bytes->n);
    memcpy(text + bytes->n, "\n", 2);
    const bool safe = may_call(text);
    for (char *end; safe && n < MOST_WORDS && (end = strchr(rest, '\n')); rest = end + 1) {
        *end = '\0';
        words[n++] = rest;
    }
    const bool good = safe && call_beside(path, run, words);
    free(text);
    return good;
}

bool run_call_netc(const char *path, const struct bytes *bytes)
{
    return run_call(path, bytes, netc_main);
}

bool run_call_answers(const char *path, const struct bytes *bytes)
{
    return run_call(path, bytes, small_answers);
}

bool run_call_trains(const char *path, const struct bytes *bytes)
{
    return run_call(path, bytes, small_trains);
}
