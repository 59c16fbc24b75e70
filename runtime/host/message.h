/* What went wrong: functions of the host return 0, or an exit status with a message. */
#ifndef NETRT_HOST_MESSAGE_H
#define NETRT_HOST_MESSAGE_H

enum { NETRT_FAILED = 1, NETRT_MISUSED = 2 };

struct netrt_message {
    char text[1024];
    char *details; /* further lines, from malloc, or NULL */
};

#if defined __GNUC__
#define NETRT_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define NETRT_PRINTF
#endif

/* A bad input: returns NETRT_FAILED. */
int netrt_fail(struct netrt_message *, const char *format, ...) NETRT_PRINTF;
/* A wrong call: returns NETRT_MISUSED. */
int netrt_misuse(struct netrt_message *, const char *format, ...) NETRT_PRINTF;

#undef NETRT_PRINTF

#endif
