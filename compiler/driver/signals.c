#include "driver/signals.h"

#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The signals that end this process: not those that it was started to ignore. */
static void ending_signals(sigset_t *set)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    sigemptyset(set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action;
        if (!sigaction(numbers[i], NULL, &action) && action.sa_handler != SIG_IGN)
            sigaddset(set, numbers[i]);
    }
}

void signals_hold(struct signals *s)
{
    sigset_t set;
    ending_signals(&set);
    sigprocmask(SIG_BLOCK, &set, &s->before);
}

void signals_release(const struct signals *s)
{
    sigprocmask(SIG_SETMASK, &s->before, NULL);
}

/* Nothing for NULL. */
static int redirect(posix_spawn_file_actions_t *actions, int stream, const char *file)
{
    return file ? posix_spawn_file_actions_addopen(actions, stream, file,
                                                   O_WRONLY | O_CREAT | O_TRUNC, 0600)
                : 0;
}

int signals_spawn(pid_t *child, char *const *words, const char *output, const char *errors)
{
    sigset_t none;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    /* Where children are ignored, none can be waited for. */
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    int error = posix_spawnattr_init(&attributes);
    if (error)
        return error;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    error = redirect(&actions, STDOUT_FILENO, output);
    if (!error)
        error = redirect(&actions, STDERR_FILENO, errors);
    if (!error)
        error = posix_spawnp(child, words[0], &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

int signals_wait(pid_t child)
{
    sigset_t set, before;
    int status = -1, caught = 0;
    ending_signals(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &before);
    while (waitpid(child, &status, WNOHANG) == 0) {
        int number;
        if (sigwait(&set, &number) || number == SIGCHLD)
            continue;
        caught = number;
        kill(-child, SIGTERM);
    }
    if (caught)
        raise(caught); /* for the end of the hold */
    sigprocmask(SIG_SETMASK, &before, NULL);
    return WIFSIGNALED(status)                         ? WTERMSIG(status)
           : WIFEXITED(status) && !WEXITSTATUS(status) ? 0
                                                       : -1;
}
