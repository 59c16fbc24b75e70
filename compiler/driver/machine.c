#include "driver/machine.h"

#include "driver/cc.h"
#include "driver/output.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const members =
    "it needs threads, gflops and gbytes (one thread's, all threads'), cache_gbytes, cache_bytes";

/* A number above 0; false: it is none. */
static bool read_number(const json_t *value, double *number)
{
    *number = json_is_number(value) ? json_number_value(value) : 0;
    return *number > 0 && isfinite(*number);
}

static bool read_two(const json_t *value, double number[2])
{
    return json_array_size(value) == 2 && read_number(json_array_get(value, 0), &number[0]) &&
           read_number(json_array_get(value, 1), &number[1]);
}

/* The caches of a core, if the file tells of them; if not, they are as fast as the last one. */
static bool read_core(struct machine *m, const json_t *root)
{
    const json_t *rate = json_object_get(root, "core_gbytes");
    const json_t *size = json_object_get(root, "core_bytes");
    double bytes = 0;
    m->core_gbytes = m->cache_gbytes;
    if (!rate && !size)
        return true;
    bool read = read_number(rate, &m->core_gbytes) && read_number(size, &bytes) && bytes < 0x1p62;
    m->core_bytes = read ? (int64_t)bytes : 0;
    return read;
}

/* Without a word, what is as large as the last cache is in memory. */
static bool read_full(struct machine *m, const json_t *root)
{
    const json_t *full = json_object_get(root, "full_gbytes");
    memcpy(m->full_gbytes, m->gbytes, sizeof m->full_gbytes);
    return !full || read_two(full, m->full_gbytes);
}

static bool read_members(struct machine *m, struct arena *arena, const json_t *root)
{
    double threads, bytes;
    const char *name = json_string_value(json_object_get(root, "name"));
    m->name = arena_strdup(arena, name ? name : "");
    bool read = read_number(json_object_get(root, "threads"), &threads) && threads <= 65536 &&
                read_two(json_object_get(root, "gflops"), m->gflops) &&
                read_two(json_object_get(root, "gbytes"), m->gbytes) &&
                read_number(json_object_get(root, "cache_gbytes"), &m->cache_gbytes) &&
                read_number(json_object_get(root, "cache_bytes"), &bytes) && bytes < 0x1p62;
    m->threads = read ? (int)threads : 0;
    m->cache_bytes = read ? (int64_t)bytes : 0;
    return read && m->threads > 0 && read_full(m, root) && read_core(m, root);
}

/* The JSON of a text; NULL: `*problem` says what is wrong with it. */
static json_t *parse_text(struct arena *arena, const struct source *text, const char **problem)
{
    json_error_t error;
    errno = 0;
    json_t *root = json_loadb(text->bytes, text->size, JSON_REJECT_DUPLICATES, &error);
    if (!root && errno == ENOMEM) /* jansson says it by errno alone */
        *problem = "out of memory";
    else if (!root)
        *problem = arena_printf(arena, "line %d: %s", error.line, error.text);
    return root;
}

/* The JSON of a file that describes `what`; NULL: an error was reported. */
static json_t *open_json(struct arena *arena, struct diags *diags, const char *path,
                         const char *what)
{
    const char *problem;
    struct sources files;
    sources_init(&files, arena);
    uint32_t file = sources_open(&files, path, &problem);
    if (!file) {
        diag_add(diags, (struct span){0}, MESSAGE(err_open), path, problem);
        return NULL;
    }
    json_t *root = parse_text(arena, sources_get(&files, file), &problem);
    if (!root)
        diag_add(diags, (struct span){0}, MESSAGE(err_machine), path, what, problem);
    return root;
}

bool machine_read(struct machine *m, struct arena *arena, struct diags *diags, const char *path)
{
    json_t *root = open_json(arena, diags, path, "a machine");
    *m = (struct machine){.name = ""};
    const bool read = root && read_members(m, arena, root);
    if (root && !read)
        diag_add(diags, (struct span){0}, MESSAGE(err_machine), path, "a machine", members);
    if (!*m->name)
        m->name = path;
    json_decref(root);
    return read;
}

bool machine_read_link(struct machine_link *l, struct arena *arena, struct diags *diags,
                       const char *path)
{
    json_t *root = open_json(arena, diags, path, "what lies between machines");
    const char *name = json_string_value(json_object_get(root, "name"));
    *l = (struct machine_link){.name = arena_strdup(arena, name ? name : path)};
    const bool read = root && read_number(json_object_get(root, "gbytes"), &l->gbytes) &&
                      read_number(json_object_get(root, "latency_us"), &l->latency_us);
    if (root && !read)
        diag_add(diags, (struct span){0}, MESSAGE(err_machine), path, "what lies between machines",
                 "it needs gbytes and latency_us");
    json_decref(root);
    return read;
}

/* A name as a JSON string: what could not stand in one is left out. */
static void print_name(struct text *t, const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name >= ' ' && *name != '"' && *name != '\\')
            text_append_n(t, name, 1);
}

void machine_print(struct text *t, const struct machine *m)
{
    text_append(t, "{\"name\": \"");
    print_name(t, m->name);
    text_printf(t, "\", \"threads\": %d,\n", m->threads);
    text_printf(t, " \"gflops\": [%.1f, %.1f], \"gbytes\": [%.2f, %.2f],\n", m->gflops[0],
                m->gflops[1], m->gbytes[0], m->gbytes[1]);
    text_printf(t, " \"full_gbytes\": [%.2f, %.2f],\n", m->full_gbytes[0], m->full_gbytes[1]);
    text_printf(t, " \"cache_gbytes\": %.2f, \"cache_bytes\": %lld,\n", m->cache_gbytes,
                (long long)m->cache_bytes);
    text_printf(t, " \"core_gbytes\": %.2f, \"core_bytes\": %lld}\n", m->core_gbytes,
                (long long)m->core_bytes);
}

/* The processor's name as the system tells it, with how many there are. */
static const char *processor_name(struct arena *arena)
{
    char line[256], name[256] = "this machine";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "model name : %255[^\n]", name) == 1)
            break;
    if (file)
        fclose(file);
    return arena_printf(arena, "%s, %ld threads", name, sysconf(_SC_NPROCESSORS_ONLN));
}

/* The folder of what is remembered; NULL: there is no home either. */
static const char *cache_folder(struct arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/')
        return arena_printf(arena, "%s/netc", cache);
    return home && *home ? arena_printf(arena, "%s/.cache/netc", home) : NULL;
}

/* What is remembered for a target in a folder. */
static const char *cache_file(struct arena *arena, const char *folder, const char *target)
{
    if (!strcmp(target, "native"))
        return arena_printf(arena, "%s/machine.json", folder);
    return arena_printf(arena, "%s/machine-%s.json", folder, target);
}

static bool measure_to(struct arena *arena, struct diags *diags, const struct machine_measure *how,
                       const char *folder, const char *result)
{
    char *program = arena_printf(arena, "%s/peak", folder);
    struct cc_source source = {.path =
                                   arena_printf(arena, "%s/include/host/peak.c", how->resources),
                               .flags = how->target_flags};
    struct cc_call call = {
        .compiler = how->compiler,
        .resources = how->resources,
        .sources = &source,
        .n_sources = 1,
        .output = program,
        .alone = true,
        .verbose = how->verbose,
    };
    const char *words[] = {program, result, NULL};
    return cc_run(arena, diags, &call) && program_run(arena, diags, words, NULL, how->verbose);
}

static bool measure(struct machine *m, struct arena *arena, struct diags *diags,
                    const struct machine_measure *how)
{
    struct output_folder folder;
    if (!output_folder_make(&folder, arena, diags))
        return false;
    char *result = arena_printf(arena, "%s/machine.json", folder.path);
    bool done =
        measure_to(arena, diags, how, folder.path, result) && machine_read(m, arena, diags, result);
    output_folder_remove(&folder);
    return done;
}

/* For what may fail without a message. */
static void ignore_diags(struct diags *ignored, struct arena *arena)
{
    struct sources *none = arena_new_of(arena, struct sources);
    sources_init(none, arena);
    diags_init(ignored, arena, none);
}

/* Whether this version measured the machine of that name before. */
static bool recall(struct machine *m, struct arena *arena, const char *file, const char *name)
{
    struct diags ignored;
    ignore_diags(&ignored, arena);
    return machine_read(m, arena, &ignored, file) && !strcmp(m->name, name) && m->core_bytes;
}

/* Where it cannot be written it is measured again the next time: no error. */
static void remember(const struct machine *m, struct arena *arena, const char *folder,
                     const char *file)
{
    struct text t;
    struct diags ignored;
    text_init(&t, arena);
    ignore_diags(&ignored, arena);
    machine_print(&t, m);
    char *parent = arena_strndup(arena, folder, strlen(folder) - strlen("/netc"));
    mkdir(parent, 0777);
    mkdir(folder, 0777);
    output_write(&ignored, file, t.at, t.n);
}

bool machine_native(struct machine *m, struct arena *arena, struct diags *diags,
                    const struct machine_measure *how)
{
    const char *name = processor_name(arena), *folder = cache_folder(arena);
    const char *file = folder ? cache_file(arena, folder, how->target) : NULL;
    if (file && recall(m, arena, file, name))
        return true;
    if (!measure(m, arena, diags, how))
        return false;
    m->name = name;
    if (file)
        remember(m, arena, folder, file);
    return true;
}
