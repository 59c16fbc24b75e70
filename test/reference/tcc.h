/* What tcc lacks of the builtins of gcc and clang that generated C and its kernels use; on one
 * thread. Functions are declared here: <math.h> would be half of what tcc reads. */
void *memcpy(void *, const void *, __SIZE_TYPE__);
void *memmove(void *, const void *, __SIZE_TYPE__);
void *memset(void *, int, __SIZE_TYPE__);
float sqrtf(float);
float truncf(float);
float nanf(const char *);

/* An element is copied without a call, of which kernels would make one or two for each product. */
#define __builtin_memcpy(to, from, n)                                                              \
    ((n) == sizeof(int) ? (void)(*(int *)(to) = *(const int *)(from)) : (void)memcpy(to, from, n))

#define __FLT_MAX__                   3.40282347e+38f
#define __builtin_memmove             memmove
#define __builtin_memset              memset
#define __builtin_sqrtf               sqrtf
#define __builtin_inff()              __FLT_MAX__ /* of an infinity tcc makes no negative constant */
#define __builtin_nanf                nanf
#define __builtin_truncf              truncf
#define __builtin_prefetch(...)       ((void)0)
#define __builtin_unreachable()       ((void)(*(volatile int *)0 = 0)) /* not so: it ends there */
#define __builtin_cpu_init()          ((void)0)
#define __builtin_cpu_supports(level) 1
#define __atomic_compare_exchange_n(at, old, new, weak, success, failure)                          \
    (*(at) == *(old) ? (*(at) = (new), 1) : (*(old) = *(at), 0))
