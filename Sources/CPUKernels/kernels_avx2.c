// The kernels with AVX2.
#if defined(__x86_64__)
// Vectors are passed between functions only where these are inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define KERNEL_SET AVX2
#include "variant.h"
#pragma clang attribute pop
#endif
