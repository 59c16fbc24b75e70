#include "driver/options.h"

#include "base/text.h"
#include "driver/option.h"
#include "driver/options_check.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_LONG = 256 };

static bool wrong(const char *problem, const char *value)
{
    fprintf(stderr, "netc: %s '%s'\n  hint: 'netc --help' lists the options\n", problem, value);
    return false;
}

/* The index of a value among words that blanks separate; -1: it is none of them. */
static int find_word(const char *words, const char *value)
{
    int n = 0;
    for (const char *at = words; *at; n++) {
        const size_t length = strcspn(at, " ");
        if (!strncmp(at, value, length) && !value[length])
            return n;
        at += length + (at[length] == ' ');
    }
    return -1;
}

/* The index of a value among those that the option's row names; -1: a message was printed. */
static int parse_word(enum option_id id, const char *value)
{
    const struct option_row *row = option_row(id);
    const int n = find_word(row->values, value);
    if (n >= 0)
        return n;
    fprintf(stderr, "netc: --%s takes", row->name);
    for (const char *at = row->values; *at;) {
        const size_t length = strcspn(at, " ");
        const bool last = !at[length];
        fprintf(stderr, "%s %.*s", at == row->values ? "" : last ? " or" : ",", (int)length, at);
        at += length + !last;
    }
    fprintf(stderr, ", not '%s'\n", value);
    return -1;
}

static bool parse_emit(struct options *o, const char *value)
{
    int i = parse_word(OPTION_emit, value);
    o->emit = (enum emit_kind)(EMIT_ast + i);
    return i >= 0;
}

static bool parse_report(struct options *o, const char *value)
{
    int i = value ? parse_word(OPTION_report, value) : 0;
    o->report = (enum report_form)(FORM_text + i);
    return i >= 0;
}

static bool parse_style(struct options *o, const char *value)
{
    int i = parse_word(OPTION_style, value);
    o->style = (enum report_style)(STYLE_torchinfo + i);
    o->report = o->report ? o->report : FORM_text;
    return i >= 0;
}

static bool parse_diagnostics(struct options *o, const char *value)
{
    int i = parse_word(OPTION_diagnostics, value);
    o->diagnostics = (enum diagnostics_form)(i < 0 ? 0 : i);
    return i >= 0;
}

static bool parse_activations(struct options *o, const char *value)
{
    int i = parse_word(OPTION_activations, value);
    o->activations = (enum activations)(i < 0 ? 0 : i);
    return i >= 0;
}

static bool parse_stored(struct options *o, const char *value)
{
    int i = parse_word(OPTION_weights_as, value);
    o->stored = (enum netrt_stored)(i < 0 ? 0 : i);
    return i >= 0;
}

static bool parse_count(int64_t *result, const char *name, const char *value, int64_t least,
                        int64_t most)
{
    char *end;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno || end == value || *end || n < least || n > most) {
        fprintf(stderr, "netc: --%s takes a number from %lld to %lld, not '%s'\n", name,
                (long long)least, (long long)most, value);
        return false;
    }
    *result = n;
    return true;
}

/* Bytes, as 2GiB: at least one, at most 2^60. */
static bool parse_size(int64_t *result, const char *name, const char *value)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    const double most = (double)((int64_t)1 << 60);
    char *end;
    double bytes = strtod(value, &end);
    size_t unit = 0, n = sizeof units / sizeof *units;
    for (; unit < n && strcmp(units[unit], end); unit++)
        bytes *= 1024;
    if (unit == n || end == value || !(bytes >= 1 && bytes <= most)) {
        fprintf(stderr, "netc: --%s takes a number of bytes, KiB, MiB, GiB or TiB, not '%s'\n",
                name, value);
        return false;
    }
    *result = (int64_t)bytes;
    return true;
}

static void parse_passes(struct options *o, struct arena *arena, const char *list)
{
    o->passes_given = true;
    while (*list) {
        size_t n = strcspn(list, ",");
        if (n)
            VEC_PUSH(arena, &o->passes, arena_strndup(arena, list, n));
        list += n + (list[n] == ',');
    }
}

static bool parse_pair(const char *option, const char *value)
{
    return (strchr(value, '=') && *value != '=') || wrong(option, value);
}

/* Where an option that is kept as it is given goes; NULL: it is not one of those. */
static const char **string_of(struct options *o, enum option_id id)
{
    switch (id) {
    case OPTION_output:
        return &o->output;
    case OPTION_net:
        return &o->net;
    case OPTION_recipe:
        return &o->recipe;
    case OPTION_prepare:
        return &o->prepare;
    case OPTION_labels:
        return &o->labels;
    case OPTION_tune:
        return &o->tune;
    case OPTION_schedule:
        return &o->schedule;
    case OPTION_weights:
        return &o->weights;
    case OPTION_weights_map:
        return &o->weights_map;
    case OPTION_weights_as:
        return &o->weights_as;
    case OPTION_target:
        return &o->target;
    case OPTION_cc:
        return &o->cc;
    case OPTION_depend:
        return &o->depend;
    case OPTION_sort:
        return &o->sort;
    case OPTION_flops:
        return &o->flops;
    case OPTION_machine:
        return &o->machine;
    case OPTION_interconnect:
        return &o->interconnect;
    case OPTION_explain:
        return &o->explain_layer;
    case OPTION_nets:
        return &o->nets;
    case OPTION_diff:
        return &o->diff;
    case OPTION_solve:
        return &o->solve;
    case OPTION_recompute:
        return &o->recompute;
    default:
        return NULL;
    }
}

static bool *flag_of(struct options *o, enum option_id id)
{
    switch (id) {
    case OPTION_params:
        return &o->params;
    case OPTION_single_file:
        return &o->single_file;
    case OPTION_input_gradients:
        return &o->input_gradients;
    case OPTION_no_winograd:
        return &o->no_winograd;
    case OPTION_train:
        return &o->train;
    case OPTION_mpi:
        return &o->mpi;
    case OPTION_sync_bn:
        return &o->sync_bn;
    case OPTION_verbose:
        return &o->verbose;
    case OPTION_min_input:
        return &o->min_input;
    case OPTION_watch:
        return &o->watch;
    case OPTION_explain:
        return &o->explain;
    case OPTION_batch:
        return &o->batch_given;
    case OPTION_no_bias:
        return &o->no_bias;
    case OPTION_no_activations:
        return &o->no_activations;
    case OPTION_format:
        return &o->format;
    case OPTION_import:
        return &o->import;
    case OPTION_lsp:
        return &o->lsp;
    case OPTION_in_place:
        return &o->in_place;
    case OPTION_check:
        return &o->check;
    case OPTION_fix:
        return &o->fix;
    default:
        return NULL;
    }
}

static bool apply_list(struct options *o, struct arena *arena, enum option_id id, const char *value)
{
    switch (id) {
    case OPTION_passes:
        parse_passes(o, arena, value);
        return true;
    case OPTION_define:
        VEC_PUSH(arena, &o->defines, value);
        return parse_pair("-D takes NAME=VALUE, not", value);
    case OPTION_sweep:
        VEC_PUSH(arena, &o->sweeps, value);
        return parse_pair("--sweep takes NAME=RANGE, not", value);
    case OPTION_input:
        VEC_PUSH(arena, &o->inputs, value);
        return parse_pair("--input takes NAME=3x96x96, not", value);
    case OPTION_ignore_extra:
        VEC_PUSH(arena, &o->ignore_extra, value);
        return true;
    case OPTION_include:
        VEC_PUSH(arena, &o->include_dirs, value);
        return true;
    case OPTION_warning:
        VEC_PUSH(arena, &o->warnings, value);
        return true;
    default:
        return true;
    }
}

static bool apply(struct options *o, struct arena *arena, enum option_id id, const char *value)
{
    const char **string = string_of(o, id);
    bool *flag = flag_of(o, id);
    o->show_changes |= id == OPTION_diff && !value;
    if (string)
        *string = value;
    if (flag)
        *flag = true;
    switch (id) {
    case OPTION_emit:
        return parse_emit(o, value);
    case OPTION_report:
        return parse_report(o, value);
    case OPTION_style:
        return parse_style(o, value);
    case OPTION_activations:
        return parse_activations(o, value);
    case OPTION_diagnostics:
        return parse_diagnostics(o, value);
    case OPTION_weights_as:
        return parse_stored(o, value);
    case OPTION_batch:
        return parse_count(&o->batch, "batch", value, 1, INT32_MAX);
    case OPTION_opset:
        return parse_count(&o->opset, "opset", value, 1, INT32_MAX);
    case OPTION_memory:
        return parse_size(&o->memory, "memory", value);
    case OPTION_depth:
        return parse_count(&o->depth, "depth", value, 0, INT32_MAX);
    case OPTION_threads:
        return parse_count(&o->threads, "threads", value, 0, INT32_MAX);
    case OPTION_watch:
        return !value || parse_count(&o->port, "watch", value, 1, UINT16_MAX);
    case OPTION_winograd:
        return parse_count(&o->winograd, "winograd", value, 1, 7);
    default:
        return apply_list(o, arena, id, value);
    }
}

static int arguments(const struct option_row *row)
{
    return !row->argument          ? no_argument
           : *row->argument == '[' ? optional_argument
                                   : required_argument;
}

/* Whether --format is given: --diff then names no other network. */
static bool is_format(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--format"))
            return true;
    return false;
}

/* getopt's tables, from the rows: long options return FIRST_LONG + id. */
static void make_tables(char *letters, struct option *longs, bool format)
{
    *letters++ = ':';
    for (int i = 0; i < N_OPTIONS; i++) {
        bool bare = format && i == OPTION_diff;
        int takes = bare ? no_argument : arguments(option_row((enum option_id)i));
        if (option_row((enum option_id)i)->letter) {
            *letters++ = (char)option_row((enum option_id)i)->letter;
            const char *colons = takes == no_argument         ? ""
                                 : takes == required_argument ? ":"
                                                              : "::";
            while (*colons)
                *letters++ = *colons++;
        }
        if (option_row((enum option_id)i)->name)
            *longs++ =
                (struct option){option_row((enum option_id)i)->name, takes, NULL, FIRST_LONG + i};
    }
    *letters = '\0';
    *longs = (struct option){0};
}

static enum option_id option_of(int c)
{
    if (c >= FIRST_LONG)
        return (enum option_id)(c - FIRST_LONG);
    int i = 0;
    while (i < N_OPTIONS && option_row((enum option_id)i)->letter != c)
        i++;
    return (enum option_id)i;
}

const char *netc_version(void)
{
    return NETC_VERSION;
}

static enum options_result answer(enum option_id id, const char *value)
{
    if (id == OPTION_help)
        return help_print(value) || parse_word(id, value) >= 0 ? OPTIONS_done : OPTIONS_wrong;
    else
        printf("netc %s\n", netc_version());
    return OPTIONS_done;
}

static enum options_result wrong_format(const char *problem)
{
    fprintf(stderr, "netc: %s\n  hint: 'netc --format [-i] [--check] [--diff] FILE.net...'\n",
            problem);
    return OPTIONS_wrong;
}

static enum options_result check_format(const struct options *o)
{
    if (o->in_place && (o->check || o->show_changes))
        return wrong_format("-i writes files, --check and --diff only look at them");
    if (o->output && (o->in_place || o->check || o->files.n > 1))
        return wrong_format("-o takes the text of one file");
    return OPTIONS_run;
}

static enum options_result take_files(struct options *o, struct arena *arena, int argc, char **argv)
{
    for (; optind < argc; optind++)
        VEC_PUSH(arena, &o->files, argv[optind]);
    return check_format(o);
}

/* Several, of which a report is a table. */
static void take_networks(struct options *o, struct arena *arena, int argc, char **argv)
{
    for (int i = optind; i < argc; i++)
        VEC_PUSH(arena, &o->files, argv[i]);
}

/* "a.net:NET" chooses a net of a file. */
static bool take_net(struct options *o, struct arena *arena)
{
    const char *given = o->file, *net = NULL;
    if (!split_net(arena, given, &o->file, &net) || !net)
        return true;
    if (!o->net || !strcmp(o->net, net)) {
        o->net = net;
        return true;
    }
    fprintf(stderr, "netc: '%s' names a net, and --net another: '%s'\n  hint: give one of them\n",
            given, o->net);
    return false;
}

static enum options_result take_file(struct options *o, struct arena *arena, int argc, char **argv)
{
    if (!o->format && (o->in_place || o->check))
        return wrong_format(o->in_place ? "-i is of --format" : "--check is of --format");
    if (optind >= argc) {
        fputs("netc: no input file\n  hint: 'netc FILE.net -o NAME' compiles a network\n", stderr);
        return OPTIONS_wrong;
    }
    o->file = argv[optind++];
    if (o->files.n < 2 && !take_net(o, arena))
        return OPTIONS_wrong;
    if (optind < argc && !o->report) {
        fprintf(stderr,
                "netc: one file is compiled at a time, and here is a second: '%s'\n"
                "  hint: 'netc --report FILE.net...' compares several in a table\n",
                argv[optind]);
        return OPTIONS_wrong;
    }
    if (o->import && o->emit == EMIT_executable)
        o->emit = EMIT_net;
    o->train = o->train || o->emit == EMIT_gradient;
    return options_check(o);
}

/* Files are those of the editor. */
static enum options_result check_lsp(const struct options *o, int argc, char **argv)
{
    if (optind >= argc && !o->format)
        return OPTIONS_run;
    wrong("with --lsp the editor names the files, and no other work is done:",
          o->format ? "--format" : argv[optind]);
    return OPTIONS_wrong;
}

/* What is watched is the page of a report, which goes to no file. */
static enum options_result check_watch(struct options *o)
{
    const char *other = o->format                             ? "format"
                        : o->output                           ? "output"
                        : o->depend                           ? "M"
                        : o->report && o->report != FORM_html ? "report"
                        : o->emit != EMIT_executable          ? "emit"
                        : o->min_input                        ? "min-input"
                                                              : NULL;
    o->report = FORM_html;
    if (!other)
        return OPTIONS_run;
    fprintf(
        stderr,
        "netc: --watch serves the page of --report=html, and --%s asks for another text or place\n",
        other);
    return OPTIONS_wrong;
}

/* What was meant by a word that getopt does not know: an option whose name is like it, or the same
 * but for its dash. */
static const char *meant_option(struct nearest *n, const char *word)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    nearest_init(n, name + strspn(name, "-"));
    for (int i = 0; i < N_OPTIONS; i++) {
        const char *known = option_row((enum option_id)i)->name;
        if (known && !strcmp(name + 1, known))
            return known;
        if (known && !strncmp(name, "--", 2))
            nearest_offer(n, known);
    }
    return nearest_best(n);
}

/* What getopt does not take of a word: it says '?' or ':', and of an option that it knows its id or
 * letter. */
static enum options_result refuse(int c, const char *word)
{
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *shown = optopt && optopt < FIRST_LONG ? letter : word;
    struct nearest n;
    if (c == ':' || optopt >= FIRST_LONG) {
        wrong(c == ':' ? "a value is missing after" : "an option takes no value:", shown);
        return OPTIONS_wrong;
    }
    const char *meant = meant_option(&n, word);
    if (meant)
        fprintf(stderr, "netc: unknown option '%s'\n  hint: did you mean '--%s'?\n", word, meant);
    else
        wrong("unknown option", shown);
    return OPTIONS_wrong;
}

/* The word that getopt is at: it goes on to the next one after the last letter of several. */
static const char *word_of(char **argv)
{
    const char *next = argv[optind];
    const bool letters = next && next[0] == '-' && next[1] == (char)optopt && next[1] && next[2];
    return letters ? next : argv[optind - 1];
}

/* Whether a word behind an option whose value may be absent, and is, was meant as that value. */
static bool is_stray_value(enum option_id id, const char *word)
{
    const struct option_row *row = option_row(id);
    if (!row->argument || *row->argument != '[' || *word == '-')
        return false;
    if (row->values)
        return find_word(row->values, word) >= 0;
    return !strstr(word, ".net") && !string_ends_in(word, ".onnx") &&
           !string_ends_in(word, ".cfg") && access(word, F_OK);
}

static enum options_result refuse_stray_value(enum option_id id, const char *word)
{
    const char *name = option_row(id)->name;
    fprintf(stderr,
            "netc: '--%s' takes its value behind '=', and '%s' would be a file\n"
            "  hint: write '--%s=%s'\n",
            name, word, name, word);
    return OPTIONS_wrong;
}

enum options_result options_parse(struct options *o, struct arena *arena, int argc, char **argv)
{
    char letters[3 * N_OPTIONS + 2];
    struct option longs[N_OPTIONS + 1];
    make_tables(letters, longs, is_format(argc, argv));
    *o = (struct options){.batch = 1, .target = "native", .depth = -1, .words = argv};
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        enum option_id id = option_of(c);
        if (c == '?' || c == ':' || id == N_OPTIONS)
            return refuse(c, word_of(argv));
        if (id == OPTION_help || id == OPTION_version)
            return answer(id, optarg);
        if (!optarg && optind < argc && is_stray_value(id, argv[optind]))
            return refuse_stray_value(id, argv[optind]);
        if (!apply(o, arena, id, optarg))
            return OPTIONS_wrong;
    }
    if (o->lsp)
        return check_lsp(o, argc, argv);
    if (o->watch && check_watch(o) == OPTIONS_wrong)
        return OPTIONS_wrong;
    if (!o->format && o->report)
        take_networks(o, arena, argc, argv);
    return o->format && optind < argc ? take_files(o, arena, argc, argv)
                                      : take_file(o, arena, argc, argv);
}

const char *next_comma(const char *s)
{
    int depth = 0;
    bool quoted = false;
    for (; *s && (depth > 0 || quoted || *s != ','); s++) {
        quoted ^= *s == '"';
        depth += !quoted && strchr("[({", *s) != NULL;
        depth -= !quoted && strchr("])}", *s) != NULL;
    }
    return s;
}

const char *options_list(const struct options *o)
{
    size_t i = 0;
    while (i < o->defines.n && !*next_comma(o->defines.at[i]))
        i++;
    return i < o->defines.n ? o->defines.at[i] : NULL;
}

bool split_net(struct arena *arena, const char *text, const char **file, const char **net)
{
    const char *end = strstr(text, ".net");
    while (end && end[4] && end[4] != ':')
        end = strstr(end + 1, ".net");
    if (!end)
        return false;
    *file = arena_strndup(arena, text, (size_t)(end + 4 - text));
    *net = end[4] ? end + 5 : *net;
    return true;
}
