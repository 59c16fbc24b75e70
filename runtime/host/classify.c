#include "classify.h"
#include "profile.h"

enum { CLASSIFY_TOP = 5 };

static void print_class(const struct netrt_model *model, double score, long class)
{
    printf("  %8.6f  %4ld", score, class);
    if (class < model->n_labels)
        printf("  %s", model->labels[class]);
    printf("\n");
}

/* The likeliest class after `last` (-1: of all): of equal ones the lower number is first. */
static long next_class(const double *scores, long classes, long last)
{
    long best = -1;
    for (long i = 0; i < classes; i++) {
        int after = last < 0 || scores[i] < scores[last] || (scores[i] == scores[last] && i > last);
        if (after && (best < 0 || scores[i] > scores[best]))
            best = i;
    }
    return best;
}

/* One picture's answer: its name, which is the next of the words, and its likeliest classes. */
static void print_top(struct netrt_classifier *c, const double *scores)
{
    char ***word = c->context;
    printf("%s\n", *(*word)++);
    long class = -1;
    for (int i = 0; i < CLASSIFY_TOP; i++) {
        class = next_class(scores, c->classes, class);
        if (class < 0)
            return;
        print_class(c->program->model, scores[class], class);
    }
}

int netrt_command_classify(struct netrt_program *p)
{
    const struct netrt_options *o = p->options;
    char **word = o->words;
    struct netrt_classifier c = {.done = print_top, .context = &word};
    int status = netrt_classifier_open(&c, p);
    for (int i = 0; i < o->n_words && !status; i++) {
        struct netrt_image image;
        status = netrt_image_read(&image, o->words[i], p->message);
        if (!status)
            status = netrt_classifier_add(&c, &image, o->words[i]);
    }
    if (!status) {
        netrt_classifier_flush(&c);
        netrt_step_clock_print(p->clock, stdout);
    }
    netrt_classifier_close(&c);
    return status;
}
