#include "answer.h"
#include "finding.h"
#include "../host/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Answering pictures. */
struct answer {
    struct netrt_program *program;
    struct netrt_queue queue;
    struct netrt_listing listing;
    struct netrt_finding *findings;
    int n_findings;
    struct netrt_target drawn; /* its path NULL: nothing is drawn */
    long unanswered;
};

/* ---- what there is to find, and where it goes ---- */

/* The first word may be a command that is not spelled right: that is said before anything else. */
static int check_first(struct netrt_program *p)
{
    const char *word = p->options->words[0];
    FILE *file = !strcmp(word, "-") || *word == '@' ? NULL : fopen(word, "rb");
    if (!file && strcmp(word, "-") != 0 && *word != '@')
        return netrt_fail(p->message,
                          "cannot open '%s': %s (nor is it a command: --help lists them)", word,
                          strerror(errno));
    if (file)
        fclose(file);
    return 0;
}

static int open_finding(struct answer *a, int number)
{
    struct netrt_program *p = a->program;
    const struct netrt_output *o = &p->model->outputs[number];
    const struct netrt_finding_kind *kind = netrt_finding_kind(o->purpose);
    if (!kind || o->tensor.dim[0] != p->model->inputs[0].tensor.dim[0])
        return 0;
    struct netrt_finding *f = &a->findings[a->n_findings++];
    *f = (struct netrt_finding){.kind = kind, .program = p, .output = o, .number = number};
    return netrt_finding_open(f, p->message);
}

static int open_findings(struct answer *a)
{
    const struct netrt_model *m = a->program->model;
    a->findings = calloc((size_t)m->n_outputs + 1, sizeof *a->findings);
    int status = a->findings ? 0 : netrt_fail(a->program->message, "out of memory");
    for (int i = 0; i < m->n_outputs && !status; i++)
        status = open_finding(a, i);
    if (!status)
        status = netrt_findings_check(a->findings, a->n_findings, a->program);
    if (!status && !a->n_findings)
        status = netrt_fail(a->program->message,
                            "network '%s' has no output that answers a picture: its description "
                            "says what one is for, by 'output classes', 'output map', 'output "
                            "picture' or 'output boxes'; command 'run' writes the numbers",
                            m->name);
    return status;
}

/* The finding of [NAME=]PATH; without a name the first that can be written and has no path yet. */
static struct netrt_finding *find_target(struct answer *a, const char *text, const char **path)
{
    const size_t n = strcspn(text, "=/");
    *path = text[n] == '=' ? text + n + 1 : text;
    for (int i = 0; i < a->n_findings; i++) {
        struct netrt_finding *f = &a->findings[i];
        const char *name = f->output->tensor.name;
        if (!f->kind->write)
            continue;
        if (text[n] == '=' ? strlen(name) == n && !memcmp(name, text, n) : !f->target.path)
            return f;
    }
    return NULL;
}

/* One of two pictures would be lost. */
static bool is_taken(const struct answer *a, const char *path)
{
    bool taken = a->program->options->draw && !strcmp(a->program->options->draw, path);
    for (int i = 0; i < a->n_findings; i++)
        taken |= a->findings[i].target.path && !strcmp(a->findings[i].target.path, path);
    return taken;
}

static int open_outputs(struct answer *a)
{
    const struct netrt_bindings *list = &a->program->options->outputs;
    struct netrt_message *m = a->program->message;
    int status = list->n ? netrt_image_can_write(m) : 0;
    for (int i = 0; i < list->n && !status; i++) {
        const char *path;
        struct netrt_finding *f = find_target(a, list->text[i], &path);
        if (!f)
            return netrt_misuse(m,
                                "option '--output %s': the network has no such map or picture to "
                                "write ('info' lists outputs, and 'run' writes their numbers)",
                                list->text[i]);
        if (f->target.path || is_taken(a, path))
            return netrt_misuse(m, "option '--output %s': two pictures would be written there",
                                list->text[i]);
        f->target = (struct netrt_target){.option = "output", .path = path};
        status = netrt_target_open(&f->target, &a->listing, m);
    }
    return status;
}

static int open_drawing(struct answer *a)
{
    struct netrt_message *m = a->program->message;
    a->drawn = (struct netrt_target){.option = "draw", .path = a->program->options->draw};
    if (!a->drawn.path)
        return 0;
    bool draws = false;
    for (int i = 0; i < a->n_findings; i++)
        draws |= a->findings[i].kind->draw != NULL;
    if (!draws)
        return netrt_misuse(m,
                            "option '--draw': the network finds nothing that could be drawn into "
                            "a picture");
    a->queue.keep = true;
    int status = netrt_image_can_write(m);
    return status ? status : netrt_target_open(&a->drawn, &a->listing, m);
}

/* ---- one picture ---- */

static int read_picture(void *context, long number, struct netrt_image *image,
                        struct netrt_message *m)
{
    const struct answer *a = context;
    int status = netrt_image_read(image, a->listing.paths[number], m);
    return status ? status : netrt_image_turn(image, m);
}

static void name_picture(void *context, long number, char *text, size_t size)
{
    const struct answer *a = context;
    snprintf(text, size, "picture '%s'", a->listing.paths[number]);
}

static void print_refusal(const struct answer *a, const char *path, const char *why)
{
    if (!a->program->options->json) {
        printf("%s\n  no answer\n", path);
        return;
    }
    printf("{\"picture\": ");
    netrt_json_string(path);
    printf(", \"error\": ");
    netrt_json_string(why);
    printf("}\n");
}

static int refuse(void *context, long number, const struct netrt_message *why)
{
    struct answer *a = context;
    a->unanswered++;
    print_refusal(a, a->listing.paths[number], why->text);
    netrt_program_say(a->program, "error", why);
    return 0;
}

static void print_text(const struct answer *a, const char *path)
{
    printf("%s\n", path);
    for (int i = 0; i < a->n_findings; i++) {
        if (a->n_findings > 1)
            printf("  %s:\n", a->findings[i].output->tensor.name);
        a->findings[i].kind->print(&a->findings[i]);
    }
}

static void print_json(const struct answer *a, const struct netrt_shot *shot, const char *path)
{
    printf("{\"picture\": ");
    netrt_json_string(path);
    printf(", \"width\": %ld, \"height\": %ld, \"outputs\": [", shot->image.width,
           shot->image.height);
    for (int i = 0; i < a->n_findings; i++) {
        const struct netrt_finding *f = &a->findings[i];
        printf("%s{\"output\": ", i ? ", " : "");
        netrt_json_string(f->output->tensor.name);
        f->kind->json(f);
        printf("}");
    }
    printf("]}\n");
}

static int write_outputs(const struct answer *a, const char *picture)
{
    struct netrt_message *m = a->program->message;
    int status = 0;
    for (int i = 0; i < a->n_findings && !status; i++) {
        const struct netrt_finding *f = &a->findings[i];
        char *path = f->target.path ? netrt_target_path(&f->target, picture) : NULL;
        if (path)
            status = f->kind->write(f, path, m);
        else if (f->target.path)
            status = netrt_fail(m, "out of memory");
        free(path);
    }
    return status;
}

/* The picture with all that was found in it. */
static int draw(const struct answer *a, const struct netrt_shot *shot, const char *picture)
{
    struct netrt_image image = shot->image;
    char *path = netrt_target_path(&a->drawn, picture);
    if (!path)
        return netrt_fail(a->program->message, "out of memory");
    for (int i = 0; i < a->n_findings; i++)
        if (a->findings[i].kind->draw)
            a->findings[i].kind->draw(&a->findings[i], shot, &image);
    int status = netrt_image_write(&image, NULL, path, a->program->message);
    free(path);
    return status;
}

static int find_all(struct answer *a, const struct netrt_shot *shot, long at,
                    struct netrt_message *why)
{
    int status = 0;
    for (int i = 0; i < a->n_findings; i++) {
        struct netrt_message one = {0};
        if (!a->findings[i].kind->find(&a->findings[i], &a->queue, shot, at, &one) || status)
            continue;
        char name[NETRT_PICTURE_NAME];
        name_picture(a, shot->number, name, sizeof name);
        status = netrt_fail(why, "%s: %s", name, one.text);
    }
    return status;
}

static int take_crop(void *context, const struct netrt_shot *shot, long at)
{
    struct answer *a = context;
    struct netrt_message why = {0};
    const char *picture = a->listing.paths[shot->number];
    const int unfit = find_all(a, shot, at, &why);
    if (!shot->last)
        return 0;
    if (unfit)
        return refuse(a, shot->number, &why);
    if (a->program->options->json)
        print_json(a, shot, picture);
    else
        print_text(a, picture);
    int status = write_outputs(a, picture);
    return status || !a->drawn.path ? status : draw(a, shot, picture);
}

/* ---- the command ---- */

static int answer_all(struct answer *a)
{
    static const struct netrt_pictures words = {read_picture, name_picture, take_crop, refuse};
    struct netrt_program *p = a->program;
    a->queue.pictures = &words;
    a->queue.context = a;
    int status =
        netrt_listing_open(&a->listing, p->options->words, p->options->n_words, p->message);
    if (!status)
        status = netrt_queue_check(p);
    if (!status)
        status = open_findings(a);
    if (!status)
        status = open_outputs(a);
    if (!status)
        status = open_drawing(a);
    if (!status)
        status = netrt_queue_open(&a->queue, p);
    if (!status)
        status = netrt_queue_run(&a->queue, a->listing.n);
    if (!status)
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    return status || !a->unanswered ? status : NETRT_FAILED;
}

int netrt_command_answer(struct netrt_program *p)
{
    struct answer a = {.program = p};
    int status = check_first(p);
    if (!status)
        status = answer_all(&a);
    for (int i = 0; i < a.n_findings; i++)
        if (a.findings[i].kind->release)
            a.findings[i].kind->release(&a.findings[i]);
    free(a.findings);
    netrt_listing_release(&a.listing);
    netrt_queue_close(&a.queue);
    return status;
}
