/* A program that says that it runs, and waits for the end of its input. */
#include <stdio.h>

int main(void)
{
    puts("here");
    fflush(stdout);
    return getchar() != EOF;
}
