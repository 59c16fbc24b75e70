#include "driver/cc.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *resources_find(struct arena *arena)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        char *beside = arena_printf(arena, "%.*s/netc-resources", (int)(slash - self), self);
        struct stat st;
        if (!stat(beside, &st) && S_ISDIR(st.st_mode))
            return beside;
    }
    return NETC_LIBDIR;
}

struct command {
    struct arena *arena;
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

static bool run(struct diags *diags, struct command *c, bool verbose)
{
    if (verbose)
        fprintf(stderr, "%s\n", spelled(c));
    VEC_PUSH(c->arena, &c->words, NULL);
    c->words.n--;
    pid_t child;
    int status = 0;
    int error = posix_spawnp(&child, c->words.at[0], NULL, NULL, c->words.at, environ);
    if (error) {
        struct diag *d =
            diag_add(diags, (struct span){0}, MESSAGE(err_run), c->words.at[0], strerror(error));
        diag_hint(d, "'--cc COMMAND' chooses another C compiler");
        return false;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return true;
    diag_add(diags, (struct span){0}, MESSAGE(err_command_failed), spelled(c));
    return false;
}

static bool compile(struct arena *arena, struct diags *diags, const struct cc_call *call,
                    const char *output)
{
    struct command c = {.arena = arena};
    add_words(&c, call->compiler);
    add_words(&c, "-std=gnu11 -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math");
    add_words(&c, call->target_flags);
    add_words(&c, NETC_SANITIZE);
    add(&c, arena_printf(arena, "-I%s/include", call->resources));
    if (call->library)
        add(&c, "-c");
    add(&c, "-o");
    add(&c, output);
    add(&c, call->source);
    if (!call->library && !call->alone) {
        add(&c, arena_printf(arena, "%s/libnetrt.a", call->resources));
        add_words(&c, NETC_HOST_LIBS);
    }
    if (!call->library)
        add_words(&c, "-lm -lpthread");
    return run(diags, &c, call->verbose);
}

static bool archive(struct arena *arena, struct diags *diags, const struct cc_call *call,
                    const char *object, const char *output)
{
    struct command c = {.arena = arena};
    add_words(&c, "ar rcD");
    add(&c, output);
    add(&c, object);
    return run(diags, &c, call->verbose);
}

/* Looks before the C compiler runs: it takes a while, and its linker says it worse. */
static bool can_write(struct diags *diags, const char *path, const char *made)
{
    struct stat st;
    const char *why = NULL;
    if (!stat(path, &st) && !S_ISREG(st.st_mode))
        why = "not a regular file";
    int file = why ? -1 : open(made, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0)
        diag_add(diags, (struct span){0}, MESSAGE(err_write), path, why ? why : strerror(errno));
    else
        close(file);
    unlink(made);
    return file >= 0;
}

bool cc_run(struct arena *arena, struct diags *diags, const struct cc_call *call)
{
    char *made = arena_printf(arena, "%s.%ld.tmp", call->output, (long)getpid());
    char *object = arena_printf(arena, "%s.o", call->source);
    if (!can_write(diags, call->output, made))
        return false;
    bool done = call->library ? compile(arena, diags, call, object) &&
                                    archive(arena, diags, call, object, made)
                              : compile(arena, diags, call, made);
    if (done && rename(made, call->output)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_write), call->output, strerror(errno));
        done = false;
    }
    unlink(made);
    return done;
}

bool program_run(struct arena *arena, struct diags *diags, const char *program,
                 const char *argument, bool verbose)
{
    struct command c = {.arena = arena};
    add(&c, program);
    add(&c, argument);
    return run(diags, &c, verbose);
}
