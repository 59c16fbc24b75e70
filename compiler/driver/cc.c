#include "driver/cc.h"

#include "base/text.h"
#include "core/pool.h"
#include "driver/signals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

const char *resources_find(struct arena *arena)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    const char *slash = strrchr(self, '/');
    int folder = slash ? (int)(slash - self) : 0, parent = folder;
    while (parent && self[--parent] != '/')
        ;
    const char *beside = arena_printf(arena, "%.*s/netc-resources", folder, self);
    const char *moved = arena_printf(arena, "%.*s/lib/netc", parent, self);
    if (slash && is_folder(beside))
        return beside;
    return slash && is_folder(moved) ? moved : NETC_LIBDIR;
}

struct command {
    struct arena *arena;
    pid_t child;
    VEC(char *) words;
};

static void add(struct command *c, const char *word)
{
    VEC_PUSH(c->arena, &c->words, arena_strdup(c->arena, word));
}

/* The words of a list that is separated by spaces. */
static void add_words(struct command *c, const char *list)
{
    while (*list) {
        size_t n = strcspn(list, " ");
        if (n)
            VEC_PUSH(c->arena, &c->words, arena_strndup(c->arena, list, n));
        list += n + (list[n] == ' ');
    }
}

static const char *spelled(struct command *c)
{
    struct text t;
    text_init(&t, c->arena);
    for (size_t i = 0; i < c->words.n; i++)
        text_printf(&t, "%s%s", i ? " " : "", c->words.at[i]);
    return text_string(&t);
}

/* Starts a command, within a hold of signals. */
static bool start(struct diags *diags, struct command *c, const char *output, bool verbose)
{
    if (verbose)
        fprintf(stderr, "%s\n", spelled(c));
    VEC_PUSH(c->arena, &c->words, NULL);
    c->words.n--;
    int error = signals_spawn(&c->child, c->words.at, output, NULL);
    if (!error)
        return true;
    struct diag *d =
        diag_add(diags, (struct span){0}, MESSAGE(err_run), c->words.at[0], strerror(error));
    diag_hint(d, "'--cc COMMAND' chooses another C compiler");
    return false;
}

/* A compiler that a signal ended has said nothing itself. */
static void add_killed(struct diags *diags, struct command *c, int number)
{
    struct diag *d = diag_add(diags, (struct span){0}, MESSAGE(err_command_killed),
                              strsignal(number), spelled(c));
    if (number == SIGKILL)
        diag_hint(d, "where memory runs out, the system ends programs so");
}

/* Waits for a command; one that failed is reported, but for NULL. */
static bool finish(struct diags *diags, struct command *c)
{
    int ended = signals_wait(c->child);
    if (ended > 0 && diags)
        add_killed(diags, c, ended);
    else if (ended && diags)
        diag_add(diags, (struct span){0}, MESSAGE(err_command_failed), spelled(c));
    return !ended;
}

static bool run(struct diags *diags, struct command *c, bool verbose)
{
    return start(diags, c, NULL, verbose) && finish(diags, c);
}

/* Where the options begin in "ccache gcc -O1": at the first word that looks like one. */
static const char *first_option(const char *command)
{
    while (*command == '-' || *command == ' ')
        command++;
    const char *option = strstr(command, " -");
    return option ? option : command + strlen(command);
}

/* The start of a command that compiles a source. */
static void add_compilation(struct command *c, const struct cc_call *call,
                            const struct cc_source *source)
{
    const char *options = first_option(call->compiler);
    add_words(c, arena_strndup(c->arena, call->compiler, (size_t)(options - call->compiler)));
    add_words(c, "-std=gnu11 -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math");
    add_words(c, source->flags);
    add_words(c, NETC_SANITIZE);
    add_words(c, call->exports ? "-fPIC" : "");
    add_words(c, options);
    add(c, arena_printf(c->arena, "-I%s/include", call->resources));
    if (source->folder) { /* one word each: -Wa would be cut at a comma */
        add(c, "-Xassembler");
        add(c, arena_printf(c->arena, "-I%s", source->folder));
    }
}

bool cc_has_mpi(void)
{
    return *NETC_MPI_LIBS;
}

static void add_libraries(struct command *c, const struct cc_call *call)
{
    if (call->mpi)
        add(c, arena_printf(c->arena, "%s/libnetrt_mpi.a", call->resources));
    if (!call->alone) {
        add(c, arena_printf(c->arena, "%s/libnetrt.a", call->resources));
        add_words(c, NETC_HOST_LIBS);
        add_words(c, call->xml ? NETC_XML_LIBS : "");
        add_words(c, call->mpi ? NETC_MPI_LIBS : "");
    }
    add_words(c, "-lm -lpthread");
}

/* One source to an executable. */
static bool compile(struct arena *arena, struct diags *diags, const struct cc_call *call,
                    const char *output)
{
    struct command c = {.arena = arena};
    add_compilation(&c, call, &call->sources[0]);
    add(&c, "-o");
    add(&c, output);
    add(&c, call->sources[0].path);
    add_libraries(&c, call);
    return run(diags, &c, call->verbose);
}

static const char *object_of(struct arena *arena, const struct cc_source *source)
{
    return arena_printf(arena, "%s.o", source->path);
}

static struct command object_command(struct arena *arena, const struct cc_call *call,
                                     const struct cc_source *source)
{
    struct command c = {.arena = arena};
    add_compilation(&c, call, source);
    add(&c, "-c");
    add(&c, "-o");
    add(&c, object_of(arena, source));
    add(&c, source->path);
    return c;
}

/* As many at once as there are processors. Of those that fail, the first is reported. */
static bool compile_objects(struct arena *arena, struct diags *diags, const struct cc_call *call)
{
    struct command *commands = arena_array(arena, call->n_sources, sizeof *commands);
    const size_t most = (size_t)netrt_processors();
    size_t started = 0, finished = 0;
    bool done = true;
    while ((started < call->n_sources && done) || finished < started)
        if (started < call->n_sources && done && started - finished < most) {
            commands[started] = object_command(arena, call, &call->sources[started]);
            done = start(diags, &commands[started], NULL, call->verbose);
            started += done;
        } else {
            done = finish(done ? diags : NULL, &commands[finished++]) && done;
        }
    return done;
}

static void add_objects(struct command *c, const struct cc_call *call)
{
    for (size_t i = 0; i < call->n_sources; i++)
        add(c, object_of(c->arena, &call->sources[i]));
}

static bool link_objects(struct arena *arena, struct diags *diags, const struct cc_call *call,
                         const char *output)
{
    struct command c = {.arena = arena};
    add_words(&c, call->compiler);
    add_words(&c, NETC_SANITIZE);
    add(&c, "-o");
    add(&c, output);
    add_objects(&c, call);
    if (call->exports) {
        add_words(&c, "-shared -Xlinker --as-needed -Xlinker");
        add(&c, arena_printf(arena, "--version-script=%s", call->exports));
    }
    add_libraries(&c, call);
    return run(diags, &c, call->verbose);
}

static bool archive(struct arena *arena, struct diags *diags, const struct cc_call *call,
                    const char *output)
{
    struct command c = {.arena = arena};
    add_words(&c, "ar rcD");
    add(&c, output);
    add_objects(&c, call);
    return run(diags, &c, call->verbose);
}

static bool make(struct arena *arena, struct diags *diags, const struct cc_call *call,
                 const char *output)
{
    if (call->n_sources == 1 && !call->library && !call->exports)
        return compile(arena, diags, call, output);
    return compile_objects(arena, diags, call) &&
           (call->library ? archive : link_objects)(arena, diags, call, output);
}

bool cc_run(struct arena *arena, struct diags *diags, const struct cc_call *call)
{
    char *made = arena_printf(arena, "%s.%ld.tmp", call->output, (long)getpid());
    struct signals held;
    signals_hold(&held);
    bool done = make(arena, diags, call, made);
    if (done && rename(made, call->output)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_write), call->output, strerror(errno));
        done = false;
    }
    unlink(made);
    signals_release(&held);
    return done;
}

bool program_run(struct arena *arena, struct diags *diags, const char *const *words,
                 const char *output, bool verbose)
{
    struct command c = {.arena = arena};
    while (*words)
        add(&c, *words++);
    struct signals held;
    signals_hold(&held);
    bool done = start(diags, &c, output, verbose) && finish(diags, &c);
    signals_release(&held);
    return done;
}
