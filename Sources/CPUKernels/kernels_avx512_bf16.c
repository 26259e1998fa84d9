// The kernels that gain by AVX-512's products of bfloat16; the others are those of AVX-512.
#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)
#define KERNELS_HAVE_AVX512
#define KERNELS_HAVE_PRODUCTS_OF_PAIRS
#define KERNEL_SET AVX512BF16
#include "instruction_sets.h"
#include "vectors.h"
#include "direct_convolution.h"
#include "peak_rate.h"

const DirectKernel *directKernelAVX512BF16(void) { return &direct; }

int64_t runPairsAtPeakAVX512BF16(int64_t rounds, float *sink) { return peakProductsOfPairs(rounds, sink); }
#pragma clang attribute pop
#endif
