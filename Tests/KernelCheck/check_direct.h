// Direct convolution against plain arithmetic.
#include "reference.h"

static DirectConvolution randomDirect(void) {
  DirectConvolution shape = {.batch = number(1, 2), .inputBlocks = number(1, 3), .outputBlocks = number(1, 3)};
  const int64_t widest = number(1, 4) == 1 ? 7 : 3;
  // Wide planes fall into parts.
  const bool isWide = number(1, 8) == 1;
  for (int axis = 0; axis < 3; axis++) {
    shape.taps[axis] = number(1, widest);
    shape.stride[axis] = number(1, 3);
    shape.dilation[axis] = number(1, 2);
    const int64_t reach = shape.dilation[axis] * (shape.taps[axis] - 1) + 1;
    shape.before[axis] = number(0, reach - 1);
    const int64_t after = number(0, reach - 1), least = reach - shape.before[axis] - after;
    shape.input[axis] = larger(least, 1) + number(0, isWide && axis > 0 ? 40 : 7);
    shape.output[axis] = (shape.input[axis] + shape.before[axis] + after - reach) / shape.stride[axis] + 1;
  }
  return shape;
}

static void checkDirectConvolve(
    const DirectKernel *kernel, const DirectConvolution *shape, KernelStorage storage, bool isTransposed) {
  const int64_t sources = isTransposed ? shape->outputBlocks : shape->inputBlocks;
  const int64_t targets = isTransposed ? shape->inputBlocks : shape->outputBlocks;
  const int64_t *sourceExtents = isTransposed ? shape->output : shape->input;
  const int64_t *targetExtents = isTransposed ? shape->input : shape->output;
  const int64_t weightCount = shape->inputBlocks * shape->outputBlocks * product(shape->taps) * 256;
  const int64_t count = shape->batch * targets * product(targetExtents) * 16;
  void *source = randomElements(shape->batch * sources * product(sourceExtents) * 16, storage);
  float *weights = randomFloats(weightCount), *packed = emptyFloats(weightCount);
  void *target = randomElements(count, storage);
  const KernelEpilogue epilogue = randomEpilogue(storage, shape->batch, targets, product(targetExtents));
  kernel->packWeights(shape, storage, weights, isTransposed, packed, 0, targets);
  const int64_t blocks = number(1, targets), slabs = kernel->slabCount(shape, isTransposed);
  float *scratch = emptyFloats(kernel->scratchCount(shape, isTransposed, blocks));
  for (int64_t slab = 0; slab < slabs; slab++)
    for (int64_t first = 0; first < targets; first += blocks)
      kernel->convolve(
          shape, storage, isTransposed, source, packed, &epilogue, target, slab, first,
          smaller(first + blocks, targets), scratch);
  double *expected =
      isTransposed ? inputGradient(shape, storage, source, weights) : convolved(shape, storage, source, weights);
  finish(expected, storage, &epilogue, shape->batch, targets, product(targetExtents));
  compare(
      isTransposed ? "direct, input gradient" : "direct", target, storage, expected, count, toleranceOf(storage));
  RELEASE(source, weights, packed, target, scratch, (void *)epilogue.bias, (void *)epilogue.residual);
}

static void checkDirectCorrelate(
    const DirectKernel *kernel, const DirectConvolution *shape, KernelStorage storage) {
  const int64_t taps = product(shape->taps), count = shape->inputBlocks * shape->outputBlocks * taps * 256;
  void *x = randomElements(shape->batch * shape->inputBlocks * product(shape->input) * 16, storage);
  void *dy = randomElements(shape->batch * shape->outputBlocks * product(shape->output) * 16, storage);
  float *parts[2] = {emptyFloats(count), emptyFloats(count)};
  float *scratch = emptyFloats(kernel->correlationScratchCount(shape));
  const int64_t slabs = kernel->slabCount(shape, false), blocks = number(1, shape->outputBlocks);
  const int64_t middle = slabs > 1 ? number(1, slabs - 1) : slabs;
  for (int64_t input = 0; input < shape->inputBlocks; input++)
    for (int64_t first = 0; first < shape->outputBlocks; first += blocks) {
      const int64_t last = smaller(first + blocks, shape->outputBlocks);
      kernel->correlate(shape, storage, x, dy, parts[0], input, first, last, 0, middle, scratch);
      if (middle < slabs)
        kernel->correlate(shape, storage, x, dy, parts[1], input, first, last, middle, slabs, scratch);
    }
  for (int64_t i = 0; middle < slabs && i < count; i++) parts[0][i] += parts[1][i];
  compare("direct, filter gradient", parts[0], KernelFloat32, filterGradient(shape, storage, x, dy), count, 1e-4);
  RELEASE(x, dy, parts[0], parts[1], scratch);
}

static void checkDirect(KernelStorage storage) {
  const DirectKernel *kernel = directKernel(set);
  const DirectConvolution shape = randomDirect();
  checkDirectConvolve(kernel, &shape, storage, false);
  checkDirectConvolve(kernel, &shape, storage, true);
  checkDirectCorrelate(kernel, &shape, storage);
}
