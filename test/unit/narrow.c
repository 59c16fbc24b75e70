/* Floats in 16 bits as PyTorch rounds them: narrow FILE, which test/reference/narrow.py makes. */
#include "check.h"
#include "runtime/core/narrow.h"

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Whether the bits are those of a NaN, whose payload is anybody's: `infinity` and something. */
static int is_nan(unsigned bits, unsigned infinity)
{
    return (bits & 0x7fff) > infinity;
}

/* `infinity`: its bits in the type. */
static void check_type(struct check *c, enum netrt_stored stored, uint32_t bits, unsigned want,
                       unsigned infinity)
{
    const float x = float_of(bits);
    const unsigned got = netrt_narrow(stored, x);
    const int overflows = (want & 0x7fff) == infinity && (bits & 0x7fffffff) < 0x7f800000;
    if (!CHECK(c, is_nan(want, infinity) ? is_nan(got, infinity) : got == want) ||
        !CHECK(c, netrt_narrow_overflows(stored, x) == overflows))
        fprintf(stderr, "%08x: %04x, not %04x\n", bits, got, want);
}

int main(int argc, char **argv)
{
    struct check c = {0};
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    unsigned bits, bf16, f16;
    int lines = 0;
    for (; file && fscanf(file, "%x %x %x", &bits, &bf16, &f16) == 3; lines++) {
        check_type(&c, NETRT_STORED_bf16, bits, bf16, 0x7f80);
        check_type(&c, NETRT_STORED_f16, bits, f16, 0x7c00);
    }
    CHECK(&c, lines > 200);
    CHECK(&c, !netrt_narrow_overflows(NETRT_STORED_f32, float_of(0x7f7fffff)));
    if (file)
        fclose(file);
    return check_end(&c);
}
