/* Signals that end a process, put off while there are files that it would leave behind. */
#ifndef NETC_DRIVER_SIGNALS_H
#define NETC_DRIVER_SIGNALS_H

#include <signal.h>
#include <sys/types.h>

struct signals {
    sigset_t before;
};

/* From here on, signals that would end the process wait. Holds may be nested. */
void signals_hold(struct signals *);
/* The end of a hold: after the outermost, a signal that came meanwhile does its work. */
void signals_release(const struct signals *);

/* Starts a program, found as a shell finds it, in a process group of its own, which receives all
 * signals; its standard output goes to a new file `output`, its errors to `errors`, or with NULL
 * where this process's go. Returns 0, or an error number. */
int signals_spawn(pid_t *child, char *const *words, const char *output, const char *errors);
/* Waits for that program, within a hold; a signal that comes ends its group too, and goes on
 * waiting. How the program ended: 0 where it exited with status 0, the number of the signal that
 * ended it, or -1 for another status. */
int signals_wait(pid_t child);

#endif
