#include "kinds.h"

#include "core/checkpoint.h"
#include "data/annotations.h"
#include "data/dataset.h"
#include "host/npy.h"
#include "picture/preprocess.h"
#include "serve/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every step of preprocessing, to 6 x 6. */
static const struct netrt_picture steps[] = {
    {.kind = NETRT_PICTURE_resize, .size = {8, 0}},
    {.kind = NETRT_PICTURE_bgr},
    {.kind = NETRT_PICTURE_scale, .factor = 255},
    {.kind = NETRT_PICTURE_center_crop, .size = {6, 6}},
    {.kind = NETRT_PICTURE_normalize, .mean = {1, 2, 3}, .std = {1, 1, 2}},
};
static const struct netrt_input input = {
    .tensor = {.name = "image", .rank = 4, .dim = {1, 3, 6, 6}},
    .n_picture = sizeof steps / sizeof *steps,
    .picture = steps,
};

/* What test/fuzz/corpus.py writes tensors for. */
static const struct netrt_tensor params[] = {
    {.name = "conv.weight", .rank = 4, .dim = {4, 3, 3, 3}},
    {.name = "conv.bias", .rank = 1, .dim = {4}},
    {.name = "fc.weight", .rank = 2, .dim = {2, 4}},
};
static const struct netrt_model model = {
    .name = "fuzzed",
    .n_inputs = 1,
    .inputs = &input,
    .n_params = sizeof params / sizeof *params,
    .params = params,
};

/* Darknet's layers have a bias each: what its weights, which have no names, are divided among. */
static const struct netrt_tensor layers[] = {
    {.name = "conv.weight", .rank = 4, .dim = {4, 3, 3, 3}},
    {.name = "bn.weight", .rank = 1, .dim = {4}},
    {.name = "bn.bias", .rank = 1, .dim = {4}},
    {.name = "bn.running_mean", .rank = 1, .dim = {4}},
    {.name = "bn.running_var", .rank = 1, .dim = {4}},
    {.name = "fc.weight", .rank = 2, .dim = {2, 4}},
    {.name = "fc.bias", .rank = 1, .dim = {2}},
};
static const struct netrt_model layered = {
    .name = "fuzzed", .n_params = sizeof layers / sizeof *layers, .params = layers};

enum { CLASSES = 10 };

static long elements(const struct netrt_tensor *t)
{
    long n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

/* Reads every tensor of a file that fits the model. */
static bool load_all(struct netrt_checkpoint *file, const struct netrt_model *of)
{
    struct netrt_checkpoint_source source;
    float data[4 * 3 * 3 * 3];
    char error[256];
    int status = 0;
    netrt_checkpoint_source_init(&source, file);
    for (int i = 0; i < of->n_params; i++)
        status |= source.source.load(&source.source, &of->params[i], i, 0, elements(&of->params[i]),
                                     data, error, sizeof error);
    return !status;
}

static bool run_with(const char *path, const struct netrt_checkpoint_options *options,
                     const struct netrt_model *of)
{
    char error[256], *report = NULL;
    struct netrt_checkpoint *file = netrt_checkpoint_open(path, options, error, sizeof error);
    bool good = file && !netrt_checkpoint_fit(file, of, options, &report) && load_all(file, of);
    free(report);
    netrt_checkpoint_close(file);
    return good;
}

bool run_checkpoint(const char *path, const struct bytes *bytes)
{
    (void)bytes;
    return run_with(path, NULL, &model);
}

bool run_darknet(const char *path, const struct bytes *bytes)
{
    (void)bytes;
    return run_with(path, NULL, &layered);
}

/* Whatever a file has, layers are taken from it, or none; the list of them is for people. */
static void align(struct netrt_checkpoint *file)
{
    char *text = NULL;
    size_t size;
    FILE *list = open_memstream(&text, &size);
    if (!list || netrt_checkpoint_align(file, &model, list))
        abort();
    fclose(list);
    free(text);
}

bool run_by_order(const char *path, const struct bytes *bytes)
{
    char error[256], *report = NULL;
    struct netrt_checkpoint *file = netrt_checkpoint_open(path, NULL, error, sizeof error);
    (void)bytes;
    bool good = file;
    if (file)
        align(file);
    if (file && !netrt_checkpoint_fit(file, &model, NULL, &report))
        good = load_all(file, &model);
    free(report);
    netrt_checkpoint_close(file);
    return good;
}

/* Writes a safetensors file of zeros named "shard" beside the input, unless it is there, and gives
 * its path. */
static bool write_shard(const char *path, char *shard, size_t size)
{
    static const char header[] =
        "{\"conv.weight\":{\"dtype\":\"F32\",\"shape\":[4,3,3,3],\"data_offsets\":[0,432]},"
        "\"conv.bias\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[432,448]},"
        "\"fc.weight\":{\"dtype\":\"F32\",\"shape\":[2,4],\"data_offsets\":[448,480]}}";
    static const char elements[480];
    uint64_t length = sizeof header - 1;
    snprintf(shard, size, "%.*s/shard", (int)(strrchr(path, '/') - path), path);
    FILE *file = fopen(shard, "wbx");
    if (!file)
        return errno == EEXIST;
    fwrite(&length, 1, sizeof length, file);
    fwrite(header, 1, length, file);
    fwrite(elements, 1, sizeof elements, file);
    return !fclose(file);
}

bool run_index(const char *path, const struct bytes *bytes)
{
    char shard[256];
    (void)bytes;
    return write_shard(path, shard, sizeof shard) && run_with(path, NULL, &model);
}

bool run_map(const char *path, const struct bytes *bytes)
{
    char shard[256];
    (void)bytes;
    return write_shard(path, shard, sizeof shard) &&
           run_with(shard, &(struct netrt_checkpoint_options){.map = path}, &model);
}

/* What is asked of a network with an input of each type, and answered with its inputs. */
static struct serve_tensor served[] = {
    {.name = "x", .dtype = NETRT_DTYPE_f32, .rank = 3, .dim = {1, 2, 2}, .bytes = 16},
    {.name = "y", .dtype = NETRT_DTYPE_i64, .rank = 2, .dim = {2, 1}, .bytes = 16},
    {.name = "z", .dtype = NETRT_DTYPE_i32, .rank = 1, .dim = {1}, .bytes = 4},
};
enum { SERVED = sizeof served / sizeof *served, SERVED_BYTES = 1000 };
static const struct serve_network network = {
    .name = "fuzzed", .n_inputs = SERVED, .n_outputs = SERVED, .inputs = served, .outputs = served};

bool run_infer(const char *path, const struct bytes *bytes)
{
    const char *body = (const char *)bytes->at, *end = memchr(body, 0, bytes->n);
    struct netrt_message message = {0};
    struct serve_request request = {0};
    struct serve_answer answer = {0};
    (void)path;
    bool good = !serve_request_read(&request, &network, body, bytes->n,
                                    end ? (size_t)(end - body) : bytes->n, SERVED_BYTES, &message);
    for (int i = 0; good && i < SERVED; i++)
        memcpy(request.outputs[i], request.inputs[i], served[i].bytes * (size_t)request.images);
    good = good && !serve_request_answer(&request, &answer, &message);
    free(answer.data);
    serve_request_release(&request);
    return good;
}

bool run_npy(const char *path, const struct bytes *bytes)
{
    struct netrt_message message = {0};
    struct netrt_npy npy = {0};
    (void)bytes;
    bool good = !netrt_npy_read(&npy, path, NETRT_DTYPE_f32, &message);
    free(message.details);
    netrt_npy_release(&npy);
    return good;
}

/* Uses up the picture. */
static bool preprocess(struct netrt_image *image)
{
    struct netrt_message message = {0};
    float data[3 * 6 * 6];
    bool good = !netrt_preprocess(&input, image, NETRT_CROP_BOTTOM_RIGHT, data, NULL, &message);
    free(message.details);
    netrt_image_release(image);
    return good;
}

bool run_picture(const char *path, const struct bytes *bytes)
{
    struct netrt_message message = {0};
    struct netrt_image image = {0};
    (void)bytes;
    bool good = !netrt_image_read(&image, path, &message) && preprocess(&image);
    free(message.details);
    netrt_image_release(&image);
    return good;
}

bool run_dataset(const char *path, const struct bytes *bytes)
{
    struct netrt_message message = {0};
    struct netrt_dataset set = {0};
    (void)bytes;
    bool good = !netrt_dataset_open(&set, path, NETRT_SPLIT_test, &model, CLASSES, &message);
    for (long i = 0; good && i < set.n && i < 4; i++) {
        struct netrt_image image = {0};
        if (!netrt_dataset_read(&set, i, &image, &message))
            preprocess(&image);
        netrt_image_release(&image);
    }
    free(message.details);
    netrt_dataset_release(&set);
    return good;
}

/* Annotations of COCO are a file, those of VOC a folder. Their pictures are not read. */
bool run_annotations(const char *path, const struct bytes *bytes)
{
    struct netrt_message message = {0};
    struct netrt_annotations set = {0};
    char folder[256];
    const bool coco = !strcmp(strrchr(path, '.'), ".json");
    (void)bytes;
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    bool good = !netrt_annotations_open(&set, coco ? path : folder, folder, netrt_annotations_voc,
                                        &message) &&
                !netrt_annotations_match(&set, &model, 0, &message);
    free(message.details);
    netrt_annotations_release(&set);
    return good;
}

/* Writes a file beside the input; the pictures of the set by the input's path. */
static bool run_pair(const char *path, const char *other, const void *content, size_t size,
                     const char *pictures)
{
    char beside[256], set[256];
    int folder = (int)(strrchr(path, '/') - path);
    snprintf(beside, sizeof beside, "%.*s/%s", folder, path, other);
    snprintf(set, sizeof set, "%.*s/%s", folder, path, pictures);
    FILE *file = fopen(beside, "wb");
    if (!file)
        return false;
    fwrite(content, 1, size, file);
    fclose(file);
    return run_dataset(set, NULL);
}

bool run_idx(const char *path, const struct bytes *bytes)
{
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 3, 7};
    (void)bytes;
    return run_pair(path, "t10k-labels-idx1-ubyte", labels, sizeof labels,
                    "t10k-images-idx3-ubyte");
}

bool run_idx_labels(const char *path, const struct bytes *bytes)
{
    static const unsigned char pictures[] = {0, 0, 8, 3, 0,  0, 0, 2, 0, 0, 0, 2,
                                             0, 0, 0, 2, 10, 2, 3, 4, 5, 6, 7, 8};
    (void)bytes;
    return run_pair(path, "t10k-images-idx3-ubyte", pictures, sizeof pictures,
                    "t10k-images-idx3-ubyte");
}
