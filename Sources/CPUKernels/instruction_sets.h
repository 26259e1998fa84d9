// The variants of the kernels for each instruction set.
#include "CPUKernels.h"

const WinogradKernel *winogradKernelAVX512(int64_t taps, int64_t depth, int64_t height, int64_t width);
const WinogradKernel *winogradKernelAVX2(int64_t taps, int64_t depth, int64_t height, int64_t width);

const NarrowKernel *narrowKernelAVX512(void);
const NarrowKernel *narrowKernelAVX2(void);

const ChannelKernel *channelKernelAVX512(void);
const ChannelKernel *channelKernelAVX2(void);

const PatchKernel *patchKernelAVX512(void);
const PatchKernel *patchKernelAVX2(void);
