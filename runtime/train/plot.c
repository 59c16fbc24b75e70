/* Losses and right answers over the steps, as SVG: above the loss on a logarithmic scale, below the
 * share of right answers. Steps are thin lines, smoothed where they are many; the other data dots.
 */
#include "training.h"

#include <math.h>

enum { WIDTH = 640, HEIGHT = 240, LEFT = 60, TOP = 30, POINTS = 400, TICKS = 5 };

/* A column of the log, drawn in its panel. */
struct curve {
    double (*of)(const struct netrt_row *);
    const char *colour;
    bool dots;
};

struct panel {
    const char *name;
    double low, high; /* of what is drawn: of a logarithm, that */
    bool logarithmic;
    double top; /* pixels */
};

static double loss_of(const struct netrt_row *r)
{
    return r->loss;
}

static double val_loss_of(const struct netrt_row *r)
{
    return r->val_loss;
}

static double accuracy_of(const struct netrt_row *r)
{
    return r->accuracy;
}

static double val_accuracy_of(const struct netrt_row *r)
{
    return r->val_accuracy;
}

static double drawn(const struct panel *p, double value)
{
    return p->logarithmic ? log10(value < 1e-30 ? 1e-30 : value) : value;
}

static void widen(struct panel *p, const struct netrt_log *log,
                  double (*of)(const struct netrt_row *))
{
    for (long i = 0; i < log->n; i++) {
        const double value = drawn(p, of(&log->rows[i]));
        if (!isfinite(value))
            continue;
        p->low = fmin(p->low, value);
        p->high = fmax(p->high, value);
    }
}

static double x_of(const struct netrt_log *log, double i)
{
    return LEFT + WIDTH * (log->n > 1 ? i / (double)(log->n - 1) : 0);
}

static double y_of(const struct panel *p, double value)
{
    const double share = (drawn(p, value) - p->low) / (p->high - p->low);
    return p->top + HEIGHT * (1 - share);
}

/* The mean of rows first .. end - 1; not a number: none has any. */
static double mean_of(const struct netrt_log *log, const struct curve *c, long first, long end)
{
    double sum = 0;
    long n = 0;
    for (long i = first; i < end; i++)
        if (isfinite(c->of(&log->rows[i]))) {
            sum += c->of(&log->rows[i]);
            n++;
        }
    return n ? sum / (double)n : NAN;
}

static void draw_line(const struct netrt_log *log, const struct panel *p, const struct curve *c,
                      FILE *out)
{
    const long every = (log->n + POINTS - 1) / POINTS;
    fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" points=\"", c->colour);
    for (long i = 0; i < log->n; i += every) {
        const long end = i + every < log->n ? i + every : log->n;
        const double mean = mean_of(log, c, i, end);
        if (isfinite(mean))
            fprintf(out, "%.1f,%.1f ", x_of(log, (double)(i + end - 1) / 2), y_of(p, mean));
    }
    fprintf(out, "\"/>\n");
}

static void draw_dots(const struct netrt_log *log, const struct panel *p, const struct curve *c,
                      FILE *out)
{
    for (long i = 0; i < log->n; i++)
        if (isfinite(c->of(&log->rows[i])))
            fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                    x_of(log, (double)i), y_of(p, c->of(&log->rows[i])), c->colour);
}

static void draw_frame(const struct netrt_log *log, const struct panel *p, FILE *out)
{
    fprintf(out,
            "<rect x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%d\" fill=\"none\" "
            "stroke=\"#888\"/>\n<text x=\"%d\" y=\"%.0f\">%s</text>\n",
            LEFT, p->top, WIDTH, HEIGHT, LEFT, p->top - 6, p->name);
    for (int i = 0; i < TICKS; i++) {
        const double at = p->low + (p->high - p->low) * i / (TICKS - 1);
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n", LEFT - 6,
                p->top + HEIGHT * (1 - (double)i / (TICKS - 1)) + 4,
                p->logarithmic ? pow(10, at) : at);
    }
    fprintf(out, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">step %ld</text>\n", LEFT + WIDTH,
            p->top + HEIGHT + 16, log->n ? log->rows[log->n - 1].step : 0);
}

/* Nothing where no row has a number for it. */
static void draw_panel(const struct netrt_log *log, struct panel p, const struct curve curves[2],
                       FILE *out)
{
    p.low = INFINITY;
    p.high = -INFINITY;
    for (int i = 0; i < 2; i++)
        widen(&p, log, curves[i].of);
    if (!(p.low <= p.high))
        return;
    if (p.low == p.high) {
        p.low -= 0.5;
        p.high += 0.5;
    }
    draw_frame(log, &p, out);
    for (int i = 0; i < 2; i++)
        if (curves[i].dots)
            draw_dots(log, &p, &curves[i], out);
        else
            draw_line(log, &p, &curves[i], out);
}

void netrt_plot(const struct netrt_log *log, const char *title, FILE *out)
{
    const struct curve losses[] = {{loss_of, "#1f77b4", false}, {val_loss_of, "#d62728", true}};
    const struct curve shares[] = {{accuracy_of, "#1f77b4", false},
                                   {val_accuracy_of, "#d62728", true}};
    const int height = 2 * (HEIGHT + 2 * TOP);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "font-family=\"sans-serif\" font-size=\"12\">\n<title>",
            LEFT + WIDTH + 20, height);
    for (; *title; title++)
        fputs(*title == '<' ? "&lt;" : *title == '&' ? "&amp;" : (char[]){*title, 0}, out);
    fprintf(out, "</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
    draw_panel(log, (struct panel){.name = "loss", .logarithmic = true, .top = TOP}, losses, out);
    draw_panel(log, (struct panel){.name = "right answers", .top = HEIGHT + 3 * TOP}, shares, out);
    fprintf(out, "</svg>\n");
}
