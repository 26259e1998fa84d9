// Winograd convolution against plain arithmetic.
#include "reference.h"

/// The same convolution for the plain functions.
static DirectConvolution plain(const KernelConvolution *shape, int64_t taps) {
  DirectConvolution result = {
      .batch = shape->batch, .inputBlocks = shape->inputBlocks, .outputBlocks = shape->outputBlocks};
  for (int axis = 0; axis < 3; axis++) {
    result.input[axis] = shape->input[axis];
    result.output[axis] = shape->output[axis];
    result.before[axis] = shape->before[axis];
    result.taps[axis] = taps;
    result.stride[axis] = result.dilation[axis] = 1;
  }
  return result;
}

/// The weights of the convolution that gives the input gradient: taps in reverse order, input and output
/// exchanged.
static float *reversed(const float *weights, int64_t inputBlocks, int64_t outputBlocks, int64_t taps) {
  float *result = emptyFloats(inputBlocks * outputBlocks * taps * 256);
  for (int64_t out = 0; out < outputBlocks * 16; out++)
    for (int64_t in = 0; in < inputBlocks * 16; in++)
      for (int64_t tap = 0; tap < taps; tap++)
        result[weightAt(inputBlocks, taps, out, in, tap)] =
            weights[weightAt(outputBlocks, taps, in, out, taps - 1 - tap)];
  return result;
}

static KernelConvolution randomWinograd(const WinogradKernel *kernel) {
  KernelConvolution shape = {.batch = number(1, 2), .inputBlocks = number(1, 2), .outputBlocks = number(1, 2)};
  for (int axis = 0; axis < 3; axis++) {
    shape.before[axis] = number(0, kernel->taps - 1);
    const int64_t after = number(0, kernel->taps - 1), least = kernel->taps - shape.before[axis] - after;
    shape.input[axis] = number(larger(least, 1), larger(least, 1) + 7);
    shape.output[axis] = shape.input[axis] + shape.before[axis] + after - kernel->taps + 1;
  }
  return shape;
}

static void checkWinogradConvolve(
    const WinogradKernel *kernel, const KernelConvolution *shape, KernelStorage storage, bool isReversed) {
  const DirectConvolution direct = plain(shape, kernel->taps);
  const int64_t taps = product(direct.taps), voxels = product(shape->output);
  const int64_t count = shape->batch * shape->outputBlocks * voxels * 16;
  float *weights = randomFloats(shape->inputBlocks * shape->outputBlocks * taps * 256);
  float *transformed = emptyFloats(kernel->transformedCount(shape));
  void *x = randomElements(shape->batch * shape->inputBlocks * product(shape->input) * 16, storage);
  void *y = randomElements(count, storage);
  const KernelEpilogue epilogue = randomEpilogue(storage, shape->batch, shape->outputBlocks, voxels);
  for (int64_t block = 0; block < shape->inputBlocks * shape->outputBlocks; block++)
    kernel->transformWeights(shape, storage, weights, isReversed, transformed, block, block + 1);
  const int64_t tiles = kernel->tileCount(shape), middle = number(0, tiles), perPass = number(1, 9);
  float *scratch = emptyFloats(kernel->convolutionScratchCount(shape, perPass));
  kernel->convolve[storage](shape, x, transformed, &epilogue, y, 0, middle, perPass, scratch);
  kernel->convolve[storage](shape, x, transformed, &epilogue, y, middle, tiles, perPass, scratch);
  float *ordered = isReversed ? reversed(weights, shape->inputBlocks, shape->outputBlocks, taps) : 0;
  double *expected = convolved(&direct, storage, x, ordered ? ordered : weights);
  finish(expected, storage, &epilogue, shape->batch, shape->outputBlocks, voxels);
  compare(
      isReversed ? "Winograd, input gradient" : "Winograd", y, storage, expected, count, 5 * toleranceOf(storage));
  RELEASE(weights, transformed, x, y, scratch, ordered, (void *)epilogue.bias, (void *)epilogue.residual);
}

static void checkWinogradCorrelate(
    const WinogradKernel *kernel, const KernelConvolution *shape, KernelStorage storage) {
  const DirectConvolution direct = plain(shape, kernel->taps);
  const int64_t count = shape->inputBlocks * shape->outputBlocks * product(direct.taps) * 256;
  const int64_t each = kernel->transformedCount(shape), tiles = kernel->tileCount(shape);
  void *x = randomElements(shape->batch * shape->inputBlocks * product(shape->input) * 16, storage);
  void *dy = randomElements(shape->batch * shape->outputBlocks * product(shape->output) * 16, storage);
  float *transformed = emptyFloats(2 * each), *gradient = emptyFloats(count);
  const int64_t parts = tiles > 1 ? 2 : 1, middle = tiles > 1 ? number(1, tiles - 1) : tiles,
                perPass = number(1, 9);
  float *scratch = emptyFloats(kernel->correlationScratchCount(shape, perPass));
  for (int64_t plane = 0; plane < kernel->points[0]; plane++)
    for (int64_t part = 0; part < parts; part++)
      kernel->correlate[storage](
          shape, x, dy, plane, transformed + part * each, part * middle, part == 0 ? middle : tiles, perPass,
          scratch);
  if (parts > 1)
    for (int64_t i = 0; i < each; i++) transformed[i] += transformed[each + i];
  const int64_t blocks = shape->inputBlocks * shape->outputBlocks, some = number(0, blocks);
  kernel->finishGradient(shape, transformed, gradient, 0, some);
  kernel->finishGradient(shape, transformed, gradient, some, blocks);
  compare(
      "Winograd, filter gradient", gradient, KernelFloat32, filterGradient(&direct, storage, x, dy), count, 1e-3);
  RELEASE(x, dy, transformed, gradient, scratch);
}

static void checkWinograd(KernelStorage storage) {
  for (int64_t taps = 2; taps <= 7; taps++)
    for (int64_t tile = 0, t[3]; tile < 8 * 8 * 8; tile++) {
      unravel(tile, (const int64_t[]){8, 8, 8}, t);
      const WinogradKernel *kernel = winogradKernel(set, taps, t[0] + 1, t[1] + 1, t[2] + 1);
      if (!kernel) continue;
      const KernelConvolution shape = randomWinograd(kernel);
      checkWinogradConvolve(kernel, &shape, storage, false);
      checkWinogradConvolve(kernel, &shape, storage, true);
      checkWinogradCorrelate(kernel, &shape, storage);
    }
}
