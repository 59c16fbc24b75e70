/* What netc knows of a configuration's words, and all that it does not know at once. */
#include "darknet/import.h"

#include <string.h>

static const struct row {
    const char *name;
    section_maker *make;
    const char *keys, *training;
} rows[] = {
#define SECTION(name, maker, keys, training) {name, section_##maker, keys, training},
#include "darknet/sections.def"
};

static const struct row net = {
    .name = "net",
    .keys = " width height channels ",
    .training =
        " batch subdivisions momentum decay angle saturation exposure hue aspect learning_rate "
        "burn_in power max_batches policy steps scales step scale gamma seq_scales time_steps "
        "track "
        "random adam B1 B2 eps max_crop min_crop crop flip blur gaussian_noise mosaic mosaic_bound "
        "cutmix mixup contrastive unsupervised sharpen_bgr label_smooth_eps ema_alpha loss_scale "
        "max_chart_loss dynamic_minibatch optimized_memory workspace_size_limit_MB letter_box "
        "notruth try_fix_nan center clip ",
};

static bool is_net(const char *name)
{
    return !strcmp(name, "net") || !strcmp(name, "network");
}

static const struct row *find_row(const char *name)
{
    if (is_net(name))
        return &net;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

/* Whether a list with blanks between and around has the word. */
static bool has_word(struct arena *arena, const char *list, const char *word)
{
    return strstr(list, arena_printf(arena, " %s ", word));
}

static void lacks_section(struct import *s, const struct cfg_section *section)
{
    struct diag *d = diag_add(s->diags, section->span, MESSAGE(err_darknet_section), section->name);
    struct nearest nearest;
    struct text known;
    nearest_init(&nearest, section->name);
    text_init(&known, s->arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nearest_offer(&nearest, rows[i].name);
        text_printf(&known, "%s%s", i ? ", " : "", rows[i].name);
    }
    if (nearest_best(&nearest))
        diag_hint(d, "did you mean '[%s]'?", nearest_best(&nearest));
    else
        diag_hint(d, "netc has %s", text_string(&known));
}

static void lacks_key(struct import *s, const struct row *row, const struct cfg_option *option)
{
    struct diag *d =
        diag_add(s->diags, option->span, MESSAGE(err_darknet_key), row->name, option->key);
    struct nearest nearest;
    const size_t n = strlen(row->keys);
    char *words = arena_strdup(s->arena, row->keys), *rest = NULL;
    nearest_init(&nearest, option->key);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        nearest_offer(&nearest, word);
    if (nearest_best(&nearest))
        diag_hint(d, "did you mean '%s'?", nearest_best(&nearest));
    else
        diag_hint(d, "netc heeds %.*s: leave the line out if it is of training alone",
                  n > 2 ? (int)n - 2 : 12, n > 2 ? row->keys + 1 : "no key there");
}

section_maker *section_maker_of(const struct cfg_section *section)
{
    return find_row(section->name)->make;
}

bool check_words(struct import *s, const struct cfg *cfg)
{
    const size_t errors = s->diags->n_errors;
    for (size_t i = 0; i < cfg->sections.n; i++) {
        const struct cfg_section *section = &cfg->sections.at[i];
        const struct row *row = find_row(section->name);
        if (!row || (row == &net) != (i == 0))
            lacks_section(s, section);
        for (size_t k = 0; row && k < section->options.n; k++) {
            const struct cfg_option *o = &section->options.at[k];
            if (!has_word(s->arena, row->keys, o->key) &&
                !has_word(s->arena, row->training, o->key))
                lacks_key(s, row, o);
        }
    }
    return s->diags->n_errors == errors;
}
