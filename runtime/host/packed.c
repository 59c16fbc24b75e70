#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#endif
#include "packed.h"
#include "../kernels/shapes.h"
#include "../kernels/winograd_points.h"
#include "../core/weights.h"
#include "file.h"
#include "tensors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PACKED_START = 64 };

static const char packed_magic[] = "netrtpk1";

struct packed_header {
    char magic[8];
    uint64_t fingerprint, bytes;
    char stored[8]; /* the name of a type; none: f32 */
    char zeros[PACKED_START - 32];
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001b3 ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = mix(hash, (unsigned char)*text);
    return mix(hash, 0);
}

static uint64_t mix_real(uint64_t hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(hash, bits);
}

/* The points at which weights of Winograd's algorithm are, which may be others one day. */
static uint64_t mix_points(uint64_t hash)
{
    for (long n = 2; n <= NETRT_WINOGRAD_MOST; n++)
        for (long i = 0; i < n - 1; i++)
            hash = mix_real(hash, (double)netrt_winograd_point(n, i));
    return hash;
}

/* Equal for networks whose packed weights are laid out alike and made of the same tensors. */
static uint64_t fingerprint(const struct netrt_model *model)
{
    uint64_t hash = mix_points(mix(0xcbf29ce484222325, model->weights_bytes));
    for (int i = 0; i < model->n_params; i++) {
        hash = mix_text(hash, model->params[i].name);
        for (int d = 0; d < model->params[i].rank; d++)
            hash = mix(hash, (uint64_t)model->params[i].dim[d]);
    }
    for (int i = 0; i < model->n_exprs; i++) {
        const struct netrt_expr *e = &model->exprs[i];
        hash = mix(mix(mix(mix(hash, e->kind), (uint64_t)e->operand[0]), (uint64_t)e->operand[1]),
                   (uint64_t)e->param);
        hash = mix_real(mix(hash, (uint64_t)e->axis), e->real);
    }
    for (int i = 0; i < model->n_packed; i++) {
        const struct netrt_packed *p = &model->packed[i];
        uint64_t values[] = {p->layout,
                             (uint64_t)p->expr,
                             (uint64_t)p->oc,
                             (uint64_t)p->ic,
                             (uint64_t)p->kh,
                             (uint64_t)p->kw,
                             (uint64_t)p->group_oc,
                             (uint64_t)p->group_ic,
                             (uint64_t)p->ic_block,
                             (uint64_t)p->tile_h,
                             (uint64_t)p->tile_w,
                             p->offset,
                             p->stored};
        const size_t n = sizeof values / sizeof *values - (p->stored == NETRT_STORED_f32);
        for (size_t v = 0; v < n; v++)
            hash = mix(hash, values[v]);
    }
    return hash;
}

/* As a header names a type. */
static void name_stored(char name[8], enum netrt_stored stored)
{
    memset(name, 0, 8);
    if (stored != NETRT_STORED_f32)
        memcpy(name, netrt_stored_name(stored), strlen(netrt_stored_name(stored)));
}

/* The name that a header has for a type; NULL: it is none of those that there are. */
static const char *stored_of(const struct packed_header *header)
{
    static const enum netrt_stored types[] = {
#define STORED(name, c_type, over, others, doc) NETRT_STORED_##name,
#include "../kernels/stored.def"
    };
    char name[8];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        name_stored(name, types[i]);
        if (!memcmp(name, header->stored, sizeof name))
            return netrt_stored_name(types[i]);
    }
    return NULL;
}

int netrt_is_packed_file(const char *path)
{
    char start[sizeof packed_magic - 1];
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t n = fread(start, 1, sizeof start, file);
    fclose(file);
    return n == sizeof start && !memcmp(start, packed_magic, sizeof start);
}

/* A file that is mapped. */
struct netrt_packed_file {
    const char *path;
    int file;
    void *map; /* or NULL */
    struct timespec modified;
    struct sigaction before; /* what SIGBUS did */
};

static size_t file_bytes(const struct netrt_model *model)
{
    return PACKED_START + model->weights_bytes;
}

/* Puts zeros in the place of a page that is not in the file any more, or that the disk does not
 * give. False where that is not why the signal came. */
static bool replace_page(const siginfo_t *info)
{
    const int before = errno;
    const uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *page = (void *)((uintptr_t)info->si_addr / size * size);
    bool done = info->si_code == BUS_ADRERR &&
                mmap(page, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page;
    errno = before;
    return done;
}

/* Ends the program by the signal, as soon as its handler returns. */
static void give_up(void)
{
    signal(SIGBUS, SIG_DFL);
    raise(SIGBUS);
}

static void later_fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    if (!replace_page(info))
        give_up();
}

static void handle_faults(void (*handler)(int, siginfo_t *, void *), struct sigaction *before)
{
    struct sigaction action = {0};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, before);
}

/* That it is no longer the handler tells netrt_packed_check() that there was a fault. */
static void first_fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    handle_faults(later_fault, NULL);
    if (!replace_page(info))
        give_up();
}

static bool had_fault(void)
{
    struct sigaction now;
    return sigaction(SIGBUS, NULL, &now) || now.sa_sigaction != first_fault;
}

static int map_file(struct netrt_program *p, struct netrt_packed_file *packed)
{
    struct packed_header header;
    struct stat info;
    const struct netrt_model *model = p->model;
    const char *path = packed->path;
    if (read(packed->file, &header, sizeof header) != sizeof header || fstat(packed->file, &info))
        return netrt_fail(p->message, "'%s' is cut short", path);
    const char *held = stored_of(&header);
    const char *read_as = netrt_stored_name(netrt_weights_stored(model));
    if (held && strcmp(held, read_as) != 0)
        return netrt_fail(p->message, "'%s' holds weights as %s, and this '%s' reads %s", path,
                          held, model->name, read_as);
    if (!held || header.fingerprint != fingerprint(model) || header.bytes != model->weights_bytes)
        return netrt_fail(p->message, "'%s' was packed for another network than this '%s'", path,
                          model->name);
    if ((size_t)info.st_size != file_bytes(model))
        return netrt_fail(p->message, "'%s' is cut short or too long", path);
    void *map = mmap(NULL, file_bytes(model), PROT_READ, MAP_PRIVATE, packed->file, 0);
    if (map == MAP_FAILED)
        return netrt_fail(p->message, "cannot map '%s': %s", path, strerror(errno));
    packed->map = map;
    packed->modified = info.st_mtim;
    handle_faults(first_fault, &packed->before);
    p->weights = (const float *)(const void *)((const char *)map + PACKED_START);
    return 0;
}

int netrt_packed_map(struct netrt_program *p, const char *path)
{
    p->packed_file = (struct netrt_packed_file *)calloc(1, sizeof *p->packed_file);
    if (!p->packed_file)
        return netrt_fail(p->message, "out of memory");
    p->packed_file->path = path;
    p->packed_file->file = open(path, O_RDONLY | O_CLOEXEC);
    if (p->packed_file->file < 0)
        return netrt_fail(p->message, "cannot open '%s': %s", path, strerror(errno));
    return map_file(p, p->packed_file);
}

int netrt_packed_check(const struct netrt_program *p)
{
    const struct netrt_packed_file *packed = p->packed_file;
    struct stat info;
    if (!packed)
        return 0;
    if (fstat(packed->file, &info))
        return netrt_fail(p->message, "cannot look at '%s': %s", packed->path, strerror(errno));
    if ((size_t)info.st_size < file_bytes(p->model))
        return netrt_fail(p->message, "'%s' was cut short while it was in use", packed->path);
    if (info.st_mtim.tv_sec != packed->modified.tv_sec ||
        info.st_mtim.tv_nsec != packed->modified.tv_nsec)
        return netrt_fail(p->message, "'%s' was changed while it was in use", packed->path);
    return had_fault()
               ? netrt_fail(p->message, "cannot read '%s': its pages are not there", packed->path)
               : 0;
}

void netrt_packed_unmap(struct netrt_program *p)
{
    struct netrt_packed_file *packed = p->packed_file;
    if (packed && packed->map) {
        munmap(packed->map, file_bytes(p->model));
        sigaction(SIGBUS, &packed->before, NULL);
    }
    if (packed && packed->file >= 0)
        close(packed->file);
    free(packed);
    p->packed_file = NULL;
}

static int write_packed(struct netrt_program *p, const char *path, const void *packed)
{
    struct packed_header header = {.fingerprint = fingerprint(p->model),
                                   .bytes = p->model->weights_bytes};
    memcpy(header.magic, packed_magic, sizeof header.magic);
    name_stored(header.stored, netrt_weights_stored(p->model));
    struct netrt_writer out;
    int status = netrt_writer_open(&out, path, p->message);
    if (status)
        return status;
    fwrite(&header, 1, sizeof header, out.file);
    fwrite(packed, 1, p->model->weights_bytes, out.file);
    return netrt_writer_close(&out, netrt_packed_check(p), p->message);
}

int netrt_command_pack(struct netrt_program *p)
{
    if (p->options->outputs.n != 1)
        return netrt_misuse(p->message, "command 'pack' writes one file: give --output FILE");
    if (!p->options->random && !p->options->weights && p->model->n_params)
        return netrt_misuse(p->message, "command 'pack' needs --weights FILE");
    int status = netrt_writer_check(p->options->outputs.text[0], p->message);
    if (!status)
        status = netrt_program_weights(p);
    return status ? status : write_packed(p, p->options->outputs.text[0], p->weights);
}
