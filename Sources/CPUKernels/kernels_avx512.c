// The kernels with AVX-512.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define KERNELS_HAVE_AVX512
#define KERNEL_SET AVX512
#include "variant.h"
#pragma clang attribute pop
#endif
