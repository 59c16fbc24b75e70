/* What is said of steps: a file of comma-separated values, a line on a terminal. */
#include "training.h"
#include "../host/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool netrt_log_add(struct netrt_log *log, const struct netrt_row *row)
{
    if (log->n == log->room) {
        const long room = log->room ? 2 * log->room : 256;
        struct netrt_row *rows = realloc(log->rows, (size_t)room * sizeof *rows);
        if (!rows)
            return false;
        log->rows = rows;
        log->room = room;
    }
    log->rows[log->n++] = *row;
    return true;
}

double netrt_sums_accuracy(const struct netrt_sums *s)
{
    return s->answers.all ? (double)s->answers.right / (double)s->answers.all : NAN;
}

/* ---- what a training before wrote ---- */

static const char header[] = "step,epoch,lr,loss,accuracy,norm,seconds,val_loss,val_accuracy\n";
enum { COLUMNS = 9 };

/* A row of the file, up to its line break; false: it is none. */
static bool read_row(char **at, struct netrt_row *row)
{
    double number[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        char *end = *at;
        number[i] = **at == ',' || **at == '\n' ? NAN : strtod(*at, &end);
        if (*end != (i < COLUMNS - 1 ? ',' : '\n') || (i < 2 && isnan(number[i])))
            return false;
        *at = end + 1;
    }
    *row = (struct netrt_row){(long)number[0], (long)number[1], number[2], number[3], number[4],
                              number[5],       number[6],       number[7], number[8]};
    return true;
}

static int read_rows(struct netrt_training *t, char *at)
{
    struct netrt_message *m = t->program->message;
    struct netrt_row row;
    bool good = !strncmp(at, header, sizeof header - 1);
    for (at += good ? sizeof header - 1 : 0; good && *at;) {
        good = read_row(&at, &row);
        if (good && row.step <= t->at.step && !netrt_log_add(&t->log, &row))
            return netrt_fail(m, "out of memory");
    }
    if (!good)
        return netrt_fail(m, "'%s' is there, and no log of a training to go on with",
                          t->program->options->log);
    return 0;
}

int netrt_log_resume(struct netrt_training *t)
{
    const char *path = t->program->options->log;
    struct netrt_bytes bytes;
    if (!path || netrt_is_device(path) || access(path, F_OK))
        return 0;
    int status = netrt_file_read(path, &bytes, t->program->message);
    if (status)
        return status;
    status = bytes.size ? read_rows(t, (char *)bytes.data) : 0;
    free(bytes.data);
    if (t->log.n)
        t->started -= t->log.rows[t->log.n - 1].seconds;
    return status;
}

/* ---- the files ---- */

/* Nothing where there is no number. */
static void print_number(FILE *out, double number)
{
    if (isnan(number))
        fputs(",", out);
    else
        fprintf(out, ",%.9g", number);
}

static void print_rows(const struct netrt_log *log, FILE *out)
{
    fputs(header, out);
    for (long i = 0; i < log->n; i++) {
        const struct netrt_row *r = &log->rows[i];
        const double numbers[] = {r->lr,      r->loss,     r->accuracy,    r->norm,
                                  r->seconds, r->val_loss, r->val_accuracy};
        fprintf(out, "%ld,%ld", r->step, r->epoch);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            print_number(out, numbers[k]);
        fputc('\n', out);
    }
}

int netrt_log_write(const struct netrt_training *t)
{
    const struct netrt_options *o = t->program->options;
    struct netrt_message *m = t->program->message;
    struct netrt_writer out;
    int status = 0;
    if (o->log && !(status = netrt_writer_open(&out, o->log, m))) {
        print_rows(&t->log, out.file);
        status = netrt_writer_close(&out, 0, m);
    }
    if (!status && o->plot && !(status = netrt_writer_open(&out, o->plot, m))) {
        netrt_plot(&t->log, t->program->model->name, out.file);
        status = netrt_writer_close(&out, 0, m);
    }
    return status;
}

/* "1:02:03" */
static void print_time(FILE *out, double seconds)
{
    const long s = (long)seconds;
    if (s >= 3600)
        fprintf(out, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        fprintf(out, "%ld:%02ld", s / 60, s % 60);
}

void netrt_progress_show(struct netrt_training *t)
{
    const struct netrt_sums *s = &t->sums;
    const double now = netrt_seconds(), pace = (double)(s->seen - t->timed) / (now - t->begun);
    if (t->group->rank || !isatty(STDERR_FILENO) || now - t->shown < 0.2)
        return;
    t->shown = now;
    fprintf(stderr, "\repoch %ld/%ld: step %ld/%ld, loss %.4f", t->at.epoch + 1, t->at.epochs,
            t->at.step, t->at.steps, s->loss / (double)s->batches);
    if (s->answers.all)
        fprintf(stderr, ", %.2f %% right", 100 * netrt_sums_accuracy(s));
    fprintf(stderr, ", %.0f pictures a second, ", pace);
    print_time(stderr,
               (double)((t->at.steps - t->at.step) * t->batch * t->recipe.accumulate) / pace);
    fprintf(stderr, " left\033[K");
    fflush(stderr);
}

void netrt_progress_clear(const struct netrt_training *t)
{
    if (t->shown > 0)
        fprintf(stderr, "\r\033[K");
}
