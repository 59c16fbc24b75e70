/*
 * C11's atomic types and their functions, also where C++ compiles the runtime, as it may a file
 * that has all of it: the types of <atomic> are no plain members of a struct that is copied and
 * initialized as C does it, so that there these are numbers and the compiler's own functions.
 */
#ifndef NETRT_CORE_ATOMIC_H
#define NETRT_CORE_ATOMIC_H

#ifndef __cplusplus
#include <stdatomic.h>
#else
#include <stdint.h>

typedef int atomic_int;
typedef long atomic_long;
typedef bool atomic_bool;
typedef uint_least64_t atomic_uint_least64_t;
typedef bool atomic_flag;

#define ATOMIC_FLAG_INIT     false
#define memory_order_relaxed __ATOMIC_RELAXED
#define memory_order_acquire __ATOMIC_ACQUIRE
#define memory_order_release __ATOMIC_RELEASE
#define memory_order_acq_rel __ATOMIC_ACQ_REL

#define atomic_load(at)                          __atomic_load_n(at, __ATOMIC_SEQ_CST)
#define atomic_load_explicit(at, order)          __atomic_load_n(at, order)
#define atomic_store(at, value)                  __atomic_store_n(at, value, __ATOMIC_SEQ_CST)
#define atomic_store_explicit(at, value, order)  __atomic_store_n(at, value, order)
#define atomic_fetch_add(at, value)              __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST)
#define atomic_fetch_sub(at, value)              __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST)
#define atomic_flag_test_and_set_explicit(at, o) __atomic_test_and_set(at, o)
#define atomic_flag_clear_explicit(at, order)    __atomic_clear(at, order)
#define atomic_compare_exchange_weak_explicit(at, seen, value, done, failed)                       \
    __atomic_compare_exchange_n(at, seen, value, true, done, failed)
#endif

#endif
