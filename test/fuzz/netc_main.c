/* netc's main() under another name, beside that of the fuzzer. */
#define main netc_main
#include "../../compiler/main.c"
