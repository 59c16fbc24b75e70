#define TWICE(x) ((x) + (x))

/* The sum of the numbers from `low` to `high`, or -1. */
int sum_between(int low, int high, int *sum)
{
    if (low > high)
        return -1;
    *sum = 0;
    for (int i = low; i <= high; i++)
        *sum += TWICE(i) > low && i != 7 ? i : 0;
    return 0;
}
