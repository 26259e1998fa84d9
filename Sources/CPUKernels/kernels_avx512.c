// The kernels with AVX-512.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define KERNELS_HAVE_AVX512
#include "instruction_sets.h"
#include "winograd_kernels.h"
#include "narrow_convolution.h"
#include "narrow_kernel.h"
#include "channel_kernels.h"
#include "patch_convolution.h"

const WinogradKernel *winogradKernelAVX512(int64_t taps, int64_t depth, int64_t height, int64_t width) {
  return kernelFor(taps, depth, height, width);
}

const NarrowKernel *narrowKernelAVX512(void) { return &narrow; }

const ChannelKernel *channelKernelAVX512(void) { return &channels; }

const PatchKernel *patchKernelAVX512(void) { return &patches; }
#pragma clang attribute pop
#endif
