/* The rows of options.def. */
#ifndef NETC_DRIVER_OPTION_H
#define NETC_DRIVER_OPTION_H

#include <stdbool.h>

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "driver/options.def"
    N_OPTIONS
};

enum option_topic {
#define TOPIC(id, doc) TOPIC_##id,
#include "driver/options.def"
    N_TOPICS
};

struct option_row {
    int letter;           /* 0: none */
    const char *name;     /* NULL: none */
    const char *argument; /* NULL: it takes none; "[=FORM]": it may be absent */
    enum option_topic topic;
    const char *values, *help; /* values: NULL, or what the argument may be, separated by blanks */
};

struct topic_row {
    const char *name, *doc;
};

const struct option_row *option_row(enum option_id);
const struct topic_row *topic_row(enum option_topic);

/* The spelling of an option with its argument, into `form`: "-o, --output=NAME". */
void option_form(const struct option_row *, char *form, unsigned size);

/* Prints the help: of all topics briefly (NULL), of one topic, or of "all" of them in full. False:
 * there is no such topic. */
bool help_print(const char *topic);

#endif
