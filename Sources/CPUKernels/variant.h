// All kernels of one instruction set, KERNEL_SET. Included once for each, with its target attribute in force.
#include "instruction_sets.h"
#include "winograd_kernels.h"
#include "narrow_convolution.h"
#include "narrow_kernel.h"
#include "channel_kernels.h"
#include "patch_convolution.h"
#include "direct_convolution.h"
#include "peak_rate.h"

#define VARIANT_NAME(function) JOINED(function, KERNEL_SET)

const WinogradKernel *VARIANT_NAME(winogradKernel)(int64_t taps, int64_t depth, int64_t height, int64_t width) {
  return kernelFor(taps, depth, height, width);
}

const NarrowKernel *VARIANT_NAME(narrowKernel)(void) { return &narrow; }

const ChannelKernel *VARIANT_NAME(channelKernel)(void) { return &channels; }

const PatchKernel *VARIANT_NAME(patchKernel)(void) { return &patches; }

const DirectKernel *VARIANT_NAME(directKernel)(void) { return &direct; }

int64_t VARIANT_NAME(runAtPeak)(int64_t rounds, float *sink) { return peakProducts(rounds, sink); }
