#include "watch.h"

#include "driver/cc.h"
#include "driver/output.h"
#include "report/page.h"
#include "watch_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { WAIT_ms = 200 };

/* A network in a file that is edited may be anything, and its report take any time: a process of
 * its own makes each page, this program by its other name. */
struct watch {
    struct arena *arena;
    struct arena *made; /* the content, made anew with each page */
    struct diags *diags;
    const struct options *options;
    char **words; /* of that process */
    const char *page, *messages, *rule;
    VEC(const char *) files; /* that the page is made of */
    uint64_t state;          /* of these */
    unsigned long version;
    struct watch_content content;
};

/* ---- the process ---- */

/* Its words: the options of this one, behind those that say what is made; they may be repeated. */
static void set_words(struct watch *w)
{
    VEC(char *) words = {0};
    const char *first[] = {"/proc/self/exe", "--report=html", "-o", w->page, "-M", w->rule};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        VEC_PUSH(w->arena, &words, arena_strdup(w->arena, first[i]));
    for (char **word = w->options->words + 1; *word; word++)
        if (strcmp(*word, "--watch") && strncmp(*word, "--watch=", strlen("--watch=")))
            VEC_PUSH(w->arena, &words, *word);
    VEC_PUSH(w->arena, &words, NULL);
    w->words = words.at;
}

/* The bytes of a file; "", where it cannot be read. */
static const char *read_text(struct arena *arena, const char *path)
{
    struct sources sources;
    const char *why;
    sources_init(&sources, arena);
    const uint32_t source = sources_open(&sources, path, &why);
    return source ? sources_get(&sources, source)->bytes : "";
}

/* ---- files ---- */

/* Takes the files of a rule of make: words behind its colon, with a backslash before what make
 * would take for something else, and dollars doubled. */
static void take_files(struct watch *w, const char *rule)
{
    const char *at = strstr(rule, ": ");
    struct text name;
    if (!at)
        return;
    text_init(&name, w->made);
    w->files.n = 0;
    for (at++; *at; at++) {
        const bool gap = *at == ' ' || *at == '\n' || (*at == '\\' && at[1] == '\n');
        if (gap && name.n)
            VEC_PUSH(w->arena, &w->files, arena_strdup(w->arena, text_string(&name)));
        if (gap) {
            name.n = 0;
            at += *at == '\\';
            continue;
        }
        at += (*at == '\\' || *at == '$') && at[1] != '\0';
        text_append_n(&name, at, 1);
    }
}

/* Before a page was made: those of the command line. */
static void take_named(struct watch *w)
{
    const char *file, *net;
    for (size_t i = 0; i < w->options->files.n; i++) {
        if (!split_net(w->arena, w->options->files.at[i], &file, &net))
            file = w->options->files.at[i];
        VEC_PUSH(w->arena, &w->files, file);
    }
}

static uint64_t mix(uint64_t state, uint64_t value)
{
    return (state ^ value) * UINT64_C(0x100000001b3);
}

/* Another number when a file is another. An editor may take one away for a moment while it saves:
 * the state is then what it was. */
static uint64_t files_state(const struct watch *w)
{
    uint64_t state = UINT64_C(0xcbf29ce484222325);
    struct stat st;
    for (size_t i = 0; i < w->files.n; i++) {
        if (stat(w->files.at[i], &st))
            return w->state;
        state = mix(state, (uint64_t)st.st_ino);
        state = mix(state, (uint64_t)st.st_size);
        state = mix(state, (uint64_t)st.st_mtim.tv_sec);
        state = mix(state, (uint64_t)st.st_mtim.tv_nsec);
    }
    return state;
}

/* ---- pages ---- */

/* Makes the page, or messages in its place, and says these on the terminal too. False: the process
 * cannot be started (reported). */
static bool make_page(struct watch *w)
{
    pid_t child;
    const int error = signals_spawn(&child, w->words, NULL, w->messages);
    if (error) {
        diag_add(w->diags, (struct span){0}, MESSAGE(err_run), w->words[0], strerror(error));
        return false;
    }
    w->content.is_html = signals_wait(child) == 0;
    arena_free(w->made);
    w->made = arena_new();
    const char *messages = read_text(w->made, w->messages);
    if (w->content.is_html)
        take_files(w, read_text(w->made, w->rule));
    w->content.report = w->content.is_html ? read_text(w->made, w->page) : messages;
    w->content.version = arena_printf(w->made, "%lu", ++w->version);
    fputs(messages, stderr);
    return true;
}

/* Whether a signal waits that would end the process. */
static bool is_ended(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
           sigismember(&pending, SIGHUP) || sigismember(&pending, SIGQUIT);
}

static bool go_on(struct watch *w)
{
    uint16_t port = (uint16_t)w->options->port;
    if (!make_page(w))
        return false;
    if (!w->files.n)
        take_named(w);
    w->state = files_state(w);
    struct watch_server *server = watch_server_start(w->arena, w->diags, &port, &w->content);
    if (!server)
        return false;
    fprintf(stderr, "netc: http://127.0.0.1:%u/ shows %s until netc ends\n", (unsigned)port,
            w->options->file);
    bool good = true;
    while (good && !is_ended()) {
        watch_server_wait(server, WAIT_ms);
        const uint64_t state = files_state(w);
        if (state == w->state)
            continue;
        good = make_page(w);
        w->state = w->content.is_html ? files_state(w) : state;
    }
    watch_server_stop(server);
    return good;
}

/* The page around the report. */
static bool make_frame(struct watch *w)
{
    struct text t;
    text_init(&t, w->arena);
    const struct page_content none = {"{}", "this page needs scripts; /report is the report\n"};
    const bool whole = page_print(&t, w->arena, w->diags, "watch.html", &none);
    w->content.frame = text_string(&t);
    return whole;
}

bool watch(struct arena *arena, struct diags *diags, const struct options *options)
{
    struct output_folder folder;
    struct watch w = {.arena = arena, .diags = diags, .options = options};
    if (!make_frame(&w) || !output_folder_make(&folder, arena, diags))
        return false;
    w.made = arena_new();
    w.page = arena_printf(arena, "%s/page.html", folder.path);
    w.messages = arena_printf(arena, "%s/messages", folder.path);
    w.rule = arena_printf(arena, "%s/rule", folder.path);
    set_words(&w);
    const bool good = go_on(&w);
    arena_free(w.made);
    output_folder_remove(&folder);
    return good;
}
