// Runs every kernel of CPUKernels over random shapes on buffers of exactly the size that its header promises, for the address
// and the undefined-behaviour sanitizer to watch. Results are another matter: graph-case-check.
//
//   kernels [ROUNDS]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CPUKernels.h"

static uint64_t state = 1;

static int64_t number(int64_t low, int64_t high) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return low + (int64_t)((state >> 33) % (uint64_t)(high - low + 1));
}

/// Finite random elements; the sanitizer sees each access beyond them.
static void *elements(int64_t count, KernelStorage storage) {
  const size_t size = storage == KernelFloat32 ? 4 : 2;
  void *memory = 0;
  if (posix_memalign(&memory, 64, count * size)) abort();
  for (int64_t i = 0; i < count; i++) {
    const float value = (float)number(-1000, 1000) / 500;
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (storage == KernelFloat32) ((float *)memory)[i] = value;
    else ((uint16_t *)memory)[i] = (uint16_t)(bits >> 16);
  }
  return memory;
}

static float *floats(int64_t count) { return elements(count, KernelFloat32); }

static int64_t volume(const int64_t *extents) { return extents[0] * extents[1] * extents[2]; }

/// What may follow a convolution: each of the two or nothing, rectified or not.
static KernelEpilogue anyEpilogue(const float *bias, const void *residual) {
  const bool hasBias = number(0, 1), isRectified = number(0, 1), hasResidual = number(0, 1);
  return (KernelEpilogue){hasBias ? bias : 0, isRectified, hasResidual ? residual : 0};
}

static void winograd(const WinogradKernel *kernel, KernelStorage storage) {
  KernelConvolution shape = {number(1, 2), number(1, 2), number(1, 2), {0}, {0}, {0}};
  for (int axis = 0; axis < 3; axis++) {
    shape.output[axis] = number(1, 9);
    shape.before[axis] = number(0, kernel->taps / 2);
    const int64_t after = number(0, kernel->taps / 2);
    shape.input[axis] = shape.output[axis] + kernel->taps - 1 - shape.before[axis] - after;
    if (shape.input[axis] < 1) {
      shape.output[axis] += 1 - shape.input[axis];
      shape.input[axis] = 1;
    }
  }
  const int64_t taps = kernel->taps * kernel->taps * kernel->taps;
  const int64_t weightCount = shape.inputBlocks * shape.outputBlocks * taps * 256;
  const int64_t tiles = kernel->tileCount(&shape), perPass = number(1, 9);
  const int64_t transformedCount = kernel->transformedCount(&shape);
  float *weights = floats(weightCount), *transformed = floats(transformedCount);
  void *x = elements(shape.batch * shape.inputBlocks * volume(shape.input) * 16, storage);
  void *y = elements(shape.batch * shape.outputBlocks * volume(shape.output) * 16, storage);
  void *residual = elements(shape.batch * shape.outputBlocks * volume(shape.output) * 16, storage);
  float *bias = floats(shape.outputBlocks * 16);
  float *scratch = floats(kernel->convolutionScratchCount(&shape, perPass));
  const KernelEpilogue epilogue = anyEpilogue(bias, residual);
  kernel->transformWeights(&shape, storage, weights, false, transformed, 0, shape.inputBlocks * shape.outputBlocks);
  const int64_t middle = number(0, tiles);
  kernel->convolve[storage](&shape, x, transformed, &epilogue, y, 0, middle, perPass, scratch);
  kernel->convolve[storage](&shape, x, transformed, &epilogue, y, middle, tiles, perPass, scratch);
  float *correlation = floats(kernel->correlationScratchCount(&shape, perPass));
  for (int64_t plane = 0; plane < kernel->points[0]; plane++) {
    kernel->correlate[storage](&shape, x, y, plane, transformed, 0, tiles, perPass, correlation);
  }
  kernel->finishGradient(&shape, transformed, weights, 0, shape.inputBlocks * shape.outputBlocks);
  free(weights), free(transformed), free(x), free(y), free(residual), free(bias), free(scratch), free(correlation);
}

static void narrow(const NarrowKernel *kernel, KernelStorage storage) {
  NarrowConvolution shape = {number(1, 2), number(1, 3), number(1, 4), 1 + 2 * number(0, 2), {0}, {0}, {0}};
  for (int axis = 0; axis < 3; axis++) {
    shape.wide[axis] = shape.narrow[axis] = number(1, 11);
    shape.before[axis] = shape.taps / 2;
  }
  const int64_t taps = shape.taps * shape.taps * shape.taps, slices = shape.batch * shape.wide[0];
  const int64_t filterCount = shape.wideBlocks * taps * shape.channels * 16;
  void *thin = elements(shape.batch * volume(shape.narrow) * shape.channels, storage);
  void *wide = elements(shape.batch * shape.wideBlocks * volume(shape.wide) * 16, storage);
  float *padded = floats(kernel->paddedCount(&shape)), *filter = floats(filterCount);
  float *bias = floats(shape.wideBlocks * 16), *thinBias = floats(shape.channels);
  void *residual = elements(shape.batch * shape.wideBlocks * volume(shape.wide) * 16, storage);
  void *thinResidual = elements(shape.batch * volume(shape.narrow) * shape.channels, storage);
  const KernelEpilogue epilogue = anyEpilogue(bias, residual);
  const KernelEpilogue thinEpilogue = anyEpilogue(thinBias, thinResidual);
  // The gradient of a slice is that of one image's slice in every block.
  float *gradients = floats(slices * filterCount);
  kernel->pad(&shape, storage, thin, padded, 0, shape.batch * (shape.wide[0] + shape.taps - 1));
  kernel->expand(&shape, storage, padded, filter, &epilogue, wide, 0, slices);
  kernel->correlate(&shape, storage, padded, wide, gradients, 0, slices);
  kernel->contract(&shape, storage, wide, filter, &thinEpilogue, thin, 0, shape.batch * shape.narrow[0]);
  free(thin), free(wide), free(padded), free(filter), free(bias), free(thinBias), free(gradients);
  free(residual), free(thinResidual);
}

/// A convolution with extents that its filter, stride, dilation and padding allow.
static DirectConvolution directShape(void) {
  DirectConvolution shape = {.batch = number(1, 2), .inputBlocks = number(1, 3), .outputBlocks = number(1, 3)};
  // Wide planes fall into parts.
  const bool isWide = number(1, 8) == 1;
  for (int axis = 0; axis < 3; axis++) {
    shape.taps[axis] = number(1, 5);
    shape.stride[axis] = number(1, 3);
    shape.dilation[axis] = number(1, 3);
    shape.before[axis] = number(0, shape.taps[axis]);
    const int64_t span = shape.dilation[axis] * (shape.taps[axis] - 1) + 1, after = number(0, shape.taps[axis]);
    const int64_t least = span - shape.before[axis] - after;
    shape.input[axis] = (least > 1 ? least : 1) + number(0, isWide && axis > 0 ? 40 : 9);
    shape.output[axis] = (shape.before[axis] + shape.input[axis] + after - span) / shape.stride[axis] + 1;
  }
  return shape;
}

static void convolveSlabs(
    const DirectKernel *kernel, const DirectConvolution *shape, KernelStorage storage, bool isTransposed,
    const void *source, const float *weights, void *target) {
  const int64_t blocks = isTransposed ? shape->inputBlocks : shape->outputBlocks, middle = number(0, blocks);
  const int64_t *extents = isTransposed ? shape->input : shape->output;
  const int64_t weightCount = shape->inputBlocks * shape->outputBlocks * volume(shape->taps) * 256;
  float *packed = floats(weightCount), *bias = floats(blocks * 16);
  float *scratch = floats(kernel->scratchCount(shape, isTransposed, blocks));
  void *residual = elements(shape->batch * blocks * volume(extents) * 16, storage);
  const KernelEpilogue epilogue = anyEpilogue(bias, residual);
  kernel->packWeights(shape, storage, weights, isTransposed, packed, 0, blocks);
  for (int64_t slab = 0; slab < kernel->slabCount(shape, isTransposed); slab++) {
    kernel->convolve(shape, storage, isTransposed, source, packed, &epilogue, target, slab, 0, middle, scratch);
    kernel->convolve(shape, storage, isTransposed, source, packed, &epilogue, target, slab, middle, blocks, scratch);
  }
  free(packed), free(bias), free(scratch), free(residual);
}

static void direct(const DirectKernel *kernel, KernelStorage storage) {
  const DirectConvolution shape = directShape();
  const int64_t weightCount = shape.inputBlocks * shape.outputBlocks * volume(shape.taps) * 256;
  float *weights = floats(weightCount), *scratch = floats(kernel->correlationScratchCount(&shape));
  void *x = elements(shape.batch * shape.inputBlocks * volume(shape.input) * 16, storage);
  void *y = elements(shape.batch * shape.outputBlocks * volume(shape.output) * 16, storage);
  convolveSlabs(kernel, &shape, storage, false, x, weights, y);
  convolveSlabs(kernel, &shape, storage, true, y, weights, x);
  for (int64_t block = 0; block < shape.inputBlocks; block++)
    kernel->correlate(
        &shape, storage, x, y, weights, block, 0, shape.outputBlocks, 0, kernel->slabCount(&shape, false), scratch);
  free(weights), free(scratch), free(x), free(y);
}

static void channels(const ChannelKernel *kernel, KernelStorage storage) {
  const int64_t count = number(1, 70);
  void *x = elements(count * 16, storage), *dy = elements(count * 16, storage), *y = elements(count * 16, storage);
  float *a = floats(16), *b = floats(16), *c = floats(16), *sums = floats(16), *products = floats(16);
  const KernelNormalization normalization = {a, b, c};
  const bool isRectified = number(0, 1);
  kernel->moments(storage, x, count, sums, products);
  kernel->normalise(storage, isRectified, x, &normalization, number(0, 1) ? dy : 0, y, count);
  kernel->gradientSums(storage, isRectified, x, dy, &normalization, count, sums, products);
  kernel->gradient(storage, isRectified, x, dy, &normalization, a, b, c, y, count, sums);
  kernel->parametricReLU(storage, x, a, y, count);
  kernel->parametricReLUGradient(storage, x, dy, a, y, count, sums);
  free(x), free(dy), free(y), free(a), free(b), free(c), free(sums), free(products);
}

static void patches(const PatchKernel *kernel, KernelStorage storage) {
  const PatchConvolution shape = {
      number(1, 2), number(1, 3), number(1, 3), {number(1, 5), number(1, 5), number(1, 13)}};
  const int64_t coarse = volume(shape.coarse), rows = shape.batch * shape.coarse[0] * shape.coarse[1];
  const int64_t weightCount = shape.fineBlocks * shape.coarseBlocks * 8 * 256, perPass = number(1, 4);
  void *fine = elements(shape.batch * shape.fineBlocks * coarse * 8 * 16, storage);
  void *half = elements(shape.batch * shape.coarseBlocks * coarse * 16, storage);
  float *weights = floats(weightCount), *packed = floats(weightCount);
  float *bias = floats(shape.coarseBlocks * 16), *fineBias = floats(shape.fineBlocks * 16);
  void *residual = elements(shape.batch * shape.coarseBlocks * coarse * 16, storage);
  void *fineResidual = elements(shape.batch * shape.fineBlocks * coarse * 8 * 16, storage);
  const KernelEpilogue halving = anyEpilogue(bias, residual);
  const KernelEpilogue doubling = anyEpilogue(fineBias, fineResidual);
  float *scratch = floats(kernel->scratchCount(&shape, 1)), *wide = floats(kernel->scratchCount(&shape, perPass));
  kernel->packWeights(&shape, storage, weights, false, packed);
  kernel->halve(&shape, storage, fine, packed, &halving, half, 0, rows, scratch);
  kernel->packWeights(&shape, storage, weights, true, packed);
  kernel->twice(&shape, storage, half, packed, &doubling, fine, 0, rows, scratch);
  kernel->correlate(&shape, storage, fine, half, weights, 0, rows, perPass, wide);
  free(fine), free(half), free(weights), free(packed), free(bias), free(fineBias), free(scratch), free(wide);
  free(residual), free(fineResidual);
}

/// Runs one kernel of each kind; returns how many.
static int64_t runAll(KernelInstructionSet set, int64_t round) {
  const KernelStorage storage = round % 2 ? KernelBFloat16 : KernelFloat32;
  int64_t count = 4;
  for (int64_t taps = 3; taps <= 5; taps += 2)
    for (int64_t tile = 0; tile < 64; tile++) {
      const WinogradKernel *kernel = winogradKernel(set, taps, 1 + tile / 16, 1 + tile / 4 % 4, 1 + tile % 4);
      if (kernel) winograd(kernel, storage), count++;
    }
  narrow(narrowKernel(set), storage);
  direct(directKernel(set), storage);
  channels(channelKernel(set), storage);
  patches(patchKernel(set), storage);
  return count;
}

int main(int argc, char **argv) {
  static const char *const names[] = {"portable", "AVX2", "AVX-512", "AVX-512 with bf16"};
  const int64_t rounds = argc > 1 ? atoll(argv[1]) : 100;
  for (KernelInstructionSet set = KernelPortable; set <= kernelInstructionSet(); set++) {
    int64_t count = 0;
    for (int64_t round = 0; round < rounds; round++) count += runAll(set, round);
    printf("%s: %lld runs of kernels\n", names[set], (long long)count);
  }
}
