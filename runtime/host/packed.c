#include "tensors.h"
#include "file.h"
#include "memory.h"

#include <errno.h>
#include <string.h>

enum { PACKED_START = 64 };

static const char packed_magic[] = "netrtpk1";

struct packed_header {
    char magic[8];
    uint64_t fingerprint, bytes;
    char zeros[PACKED_START - 24];
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

/* Equal for networks whose packed weights are laid out alike and made of the same tensors. */
static uint64_t fingerprint(const struct netrt_model *model)
{
    uint64_t hash = mix(0xcbf29ce484222325, model->weights_bytes);
    for (int i = 0; i < model->n_params; i++) {
        hash = mix_text(hash, model->params[i].name);
        for (int d = 0; d < model->params[i].rank; d++)
            hash = mix(hash, (uint64_t)model->params[i].dim[d]);
    }
    for (int i = 0; i < model->n_exprs; i++) {
        const struct netrt_expr *e = &model->exprs[i];
        uint64_t real;
        memcpy(&real, &e->real, sizeof real);
        hash = mix(mix(mix(mix(hash, e->kind), (uint64_t)e->operand[0]), (uint64_t)e->operand[1]),
                   (uint64_t)e->param);
        hash = mix(mix(hash, (uint64_t)e->axis), real);
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
                             p->offset};
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            hash = mix(hash, values[v]);
    }
    return hash;
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

static int read_packed(struct netrt_program *p, FILE *file, const char *path, void *packed)
{
    struct packed_header header;
    const struct netrt_model *model = p->model;
    if (fread(&header, 1, sizeof header, file) != sizeof header ||
        memcmp(header.magic, packed_magic, sizeof header.magic) != 0)
        return netrt_fail(p->message,
                          "'%s' is not a file of packed weights (command 'pack' "
                          "writes them)",
                          path);
    if (header.fingerprint != fingerprint(model) || header.bytes != model->weights_bytes)
        return netrt_fail(p->message, "'%s' was packed for another network than this '%s'", path,
                          model->name);
    if (fread(packed, 1, model->weights_bytes, file) != model->weights_bytes || getc(file) != EOF)
        return netrt_fail(p->message, "'%s' is cut short or too long", path);
    return 0;
}

int netrt_read_packed(struct netrt_program *p, const char *path, void *packed)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return netrt_fail(p->message, "cannot open '%s': %s", path, strerror(errno));
    int status = read_packed(p, file, path, packed);
    fclose(file);
    return status;
}

static int write_packed(struct netrt_program *p, const char *path, const void *packed)
{
    struct packed_header header = {.fingerprint = fingerprint(p->model),
                                   .bytes = p->model->weights_bytes};
    memcpy(header.magic, packed_magic, sizeof header.magic);
    struct netrt_output out;
    int status = netrt_output_open(&out, path, p->message);
    if (status)
        return status;
    fwrite(&header, 1, sizeof header, out.file);
    fwrite(packed, 1, p->model->weights_bytes, out.file);
    return netrt_output_close(&out, 0, p->message);
}

int netrt_command_pack(struct netrt_program *p)
{
    if (p->options->outputs.n != 1)
        return netrt_misuse(p->message, "command 'pack' writes one file: give --output FILE");
    if (!p->options->random && !p->options->weights)
        return netrt_misuse(p->message, "command 'pack' needs --weights FILE");
    void *packed = netrt_memory_new(p->model->weights_bytes);
    if (!packed)
        return netrt_fail(p->message, "no memory for %zu bytes of weights",
                          p->model->weights_bytes);
    int status = netrt_program_bind(p, packed);
    if (!status)
        status = write_packed(p, p->options->outputs.text[0], packed);
    netrt_memory_free(packed, p->model->weights_bytes);
    return status;
}
