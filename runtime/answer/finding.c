#include "finding.h"

const struct netrt_finding_kind *netrt_finding_kind(enum netrt_purpose purpose)
{
    switch (purpose) {
    case NETRT_PURPOSE_classes:
        return &netrt_finds_classes;
    case NETRT_PURPOSE_map:
        return &netrt_finds_map;
    case NETRT_PURPOSE_picture:
        return &netrt_finds_picture;
    case NETRT_PURPOSE_boxes:
        return &netrt_finds_boxes;
    default:
        return NULL;
    }
}

int netrt_finding_open(struct netrt_finding *f, struct netrt_message *m)
{
    if (f->program->options->crops > 1 && !f->kind->crops)
        return netrt_misuse(m,
                            "option '--crops' averages classes, and output '%s' is for something "
                            "else",
                            f->output->tensor.name);
    return f->kind->open ? f->kind->open(f, m) : 0;
}

int netrt_findings_check(const struct netrt_finding *findings, int n, const struct netrt_program *p)
{
    for (int i = 0; i < n; i++)
        if (findings[i].kind == &netrt_finds_boxes)
            return 0;
    if (p->options->score < 0 && p->options->iou < 0)
        return 0;
    return netrt_misuse(p->message, "option '--%s' is of boxes, and the network finds none",
                        p->options->score < 0 ? "iou" : "score");
}

const char *netrt_class_name(const struct netrt_program *p, long class)
{
    return class >= 0 && class < p->model->n_labels ? p->model->labels[class] : NULL;
}

void netrt_print_class(const struct netrt_program *p, double share, long class)
{
    const char *name = netrt_class_name(p, class);
    printf("  %8.6f  %4ld%s%s\n", share, class, name ? "  " : "", name ? name : "");
}

void netrt_json_class(const struct netrt_program *p, long class)
{
    printf("\"class\": %ld", class);
    if (!netrt_class_name(p, class))
        return;
    printf(", \"name\": ");
    netrt_json_string(netrt_class_name(p, class));
}

/* Whether a second byte is none behind the first: what is longer than it must be, half of a pair of
 * UTF-16, or too large. */
static bool is_outside(unsigned char first, unsigned char second)
{
    return first == 0xc0 || first == 0xc1 || first > 0xf4 || (first == 0xe0 && second < 0xa0) ||
           (first == 0xf0 && second < 0x90) || (first == 0xed && second >= 0xa0) ||
           (first == 0xf4 && second >= 0x90);
}

/* Bytes of the character of UTF-8 that a text begins with; 0: it begins with none. */
static int character_bytes(const unsigned char *text)
{
    const unsigned char first = text[0];
    const int n = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (int k = 1; k < n; k++)
        if ((text[k] & 0xc0) != 0x80)
            return 0;
    return n > 1 && is_outside(first, text[1]) ? 0 : n;
}

void netrt_json_string(const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    putchar('"');
    while (*at) {
        const int n = character_bytes(at);
        if (!n)
            printf("\\udc%02x", *at);
        else if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < ' ')
            printf("\\u%04x", *at);
        else
            fwrite(at, 1, (size_t)n, stdout);
        at += n ? n : 1;
    }
    putchar('"');
}
