#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SERVE_BACKLOG = 128 };

static int bind_and_listen(int s, const struct sockaddr *address, socklen_t size)
{
    return bind(s, address, size) || listen(s, SERVE_BACKLOG);
}

/* Which port it became. */
static unsigned port_of(int s)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char port[16] = "0";
    unsigned number = 0;
    if (!getsockname(s, (struct sockaddr *)&address, &size) &&
        !getnameinfo((struct sockaddr *)&address, size, NULL, 0, port, sizeof port, NI_NUMERICSERV))
        sscanf(port, "%u", &number);
    return number;
}

static int listen_at(const struct addrinfo *info, int *listener)
{
    const int on = 1;
    *listener = socket(info->ai_family, info->ai_socktype, info->ai_protocol);
    if (*listener < 0)
        return -1;
    setsockopt(*listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind_and_listen(*listener, info->ai_addr, info->ai_addrlen);
}

int serve_listen_port(const char *address, unsigned port, int *listener, char *url, size_t size,
                      struct netrt_message *m)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *info;
    char service[16];
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(address, service, &hints, &info))
        return netrt_misuse(m, "option '--host' takes an address in numbers, not '%s'", address);
    const int failed = listen_at(info, listener);
    const int error = errno;
    freeaddrinfo(info);
    if (failed)
        return netrt_fail(m, "cannot listen at port %u of %s: %s", port, address, strerror(error));
    const bool six = strchr(address, ':');
    snprintf(url, size, "http://%s%s%s:%u", six ? "[" : "", address, six ? "]" : "",
             port_of(*listener));
    return 0;
}

/* Whether a path is a socket that nobody listens at any more. */
static bool is_left_over(const char *path, const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
        return false;
    const int s = socket(AF_UNIX, SOCK_STREAM, 0);
    const bool refused = s >= 0 && connect(s, (const struct sockaddr *)address, sizeof *address) &&
                         errno == ECONNREFUSED;
    if (s >= 0)
        close(s);
    return refused;
}

int serve_listen_path(const char *path, int *listener, struct netrt_message *m)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return netrt_fail(m, "'%s' is longer than the %zu bytes of a socket's path", path,
                          sizeof address.sun_path - 1);
    strcpy(address.sun_path, path);
    if (is_left_over(path, &address))
        unlink(path);
    *listener = socket(AF_UNIX, SOCK_STREAM, 0);
    const mode_t before = umask(S_IRWXG | S_IRWXO);
    const int failed =
        *listener < 0 || bind_and_listen(*listener, (struct sockaddr *)&address, sizeof address);
    const int error = errno;
    umask(before);
    return failed ? netrt_fail(m, "cannot listen at '%s': %s", path, strerror(error)) : 0;
}
