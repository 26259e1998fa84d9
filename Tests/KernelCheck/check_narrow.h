// Narrow convolution against plain arithmetic.
#include "reference.h"

/// Filters lie as `[wide blocks][taps^3][channels][16]`.
static int64_t narrowWeightAt(const NarrowConvolution *shape, int64_t wide, int64_t tap, int64_t channel) {
  const int64_t taps = shape->taps * shape->taps * shape->taps;
  return ((wide / 16 * taps + tap) * shape->channels + channel) * 16 + wide % 16;
}

static NarrowConvolution randomNarrow(bool contracts) {
  NarrowConvolution shape = {
      .batch = number(1, 2), .wideBlocks = number(1, 2), .channels = number(1, 4), .taps = 1 + 2 * number(0, 2)};
  for (int axis = 0; axis < 3; axis++) {
    shape.before[axis] = number(0, shape.taps - 1);
    const int64_t after = number(0, shape.taps - 1), least = shape.taps - shape.before[axis] - after;
    const int64_t source = number(larger(least, 1), larger(least, 1) + 7);
    const int64_t target = source + shape.before[axis] + after - shape.taps + 1;
    shape.wide[axis] = contracts ? source : target;
    shape.narrow[axis] = contracts ? target : source;
  }
  return shape;
}

/// Calls the statement with each tap that joins voxel `y` of the result and voxel `x` of the source.
#define FOR_EACH_NARROW_PAIR(shape, source, result)                                                 \
  for (int64_t image = 0; image < (shape)->batch; image++)                                          \
    for (int64_t o = 0, y[3]; o < product(result) && (unravel(o, result, y), true); o++)            \
      for (int64_t tap = 0, t[3], x[3]; tap < (shape)->taps * (shape)->taps * (shape)->taps; tap++) \
        if (unravel(tap, (const int64_t[]){(shape)->taps, (shape)->taps, (shape)->taps}, t),        \
            narrowSource(shape, y, t, x), isInside(source, x))

static void narrowSource(const NarrowConvolution *shape, const int64_t *y, const int64_t *t, int64_t *x) {
  for (int axis = 0; axis < 3; axis++) x[axis] = y[axis] + t[axis] - shape->before[axis];
}

static int64_t narrowAt(const NarrowConvolution *shape, int64_t image, const int64_t *voxel, int64_t channel) {
  const int64_t position = (voxel[0] * shape->narrow[1] + voxel[1]) * shape->narrow[2] + voxel[2];
  return (image * product(shape->narrow) + position) * shape->channels + channel;
}

static void checkExpand(const NarrowKernel *kernel, KernelStorage storage) {
  const NarrowConvolution shape = randomNarrow(false);
  const int64_t taps = shape.taps * shape.taps * shape.taps, slices = shape.batch * shape.wide[0];
  const int64_t filterCount = shape.wideBlocks * taps * shape.channels * 16;
  const int64_t count = shape.batch * shape.wideBlocks * product(shape.wide) * 16;
  void *narrow = randomElements(shape.batch * product(shape.narrow) * shape.channels, storage);
  void *wide = randomElements(count, storage);
  float *filter = randomFloats(filterCount);
  const KernelEpilogue epilogue = randomEpilogue(storage, shape.batch, shape.wideBlocks, product(shape.wide));
  float *padded = emptyFloats(kernel->paddedCount(&shape)), *gradients = emptyFloats(slices * filterCount);
  kernel->pad(&shape, storage, narrow, padded, 0, shape.batch * (shape.wide[0] + shape.taps - 1));

  // The gradient first, of the random wide tensor, which is then overwritten.
  kernel->correlate(&shape, storage, padded, wide, gradients, 0, slices);
  for (int64_t slice = 1; slice < slices; slice++)
    for (int64_t i = 0; i < filterCount; i++) gradients[i] += gradients[slice * filterCount + i];
  double *expected = zeros(filterCount), *y_ = zeros(count);
  FOR_EACH_NARROW_PAIR(&shape, shape.narrow, shape.wide) {
    for (int64_t channel = 0; channel < shape.channels; channel++) {
      const double value = element(narrow, storage, narrowAt(&shape, image, x, channel));
      for (int64_t out = 0; out < shape.wideBlocks * 16; out++) {
        const int64_t place = at(image, shape.wideBlocks, shape.wide, out, y),
                      weight = narrowWeightAt(&shape, out, tap, channel);
        expected[weight] += value * element(wide, storage, place);
        y_[place] += value * filter[weight];
      }
    }
  }
  compare("narrow, filter gradient", gradients, KernelFloat32, expected, filterCount, 1e-4);
  kernel->expand(&shape, storage, padded, filter, &epilogue, wide, 0, slices);
  finish(y_, storage, &epilogue, shape.batch, shape.wideBlocks, product(shape.wide));
  compare("narrow, expanding", wide, storage, y_, count, toleranceOf(storage));
  RELEASE(narrow, wide, filter, padded, gradients, (void *)epilogue.bias, (void *)epilogue.residual);
}

static void checkContract(const NarrowKernel *kernel, KernelStorage storage) {
  const NarrowConvolution shape = randomNarrow(true);
  const int64_t taps = shape.taps * shape.taps * shape.taps,
                count = shape.batch * product(shape.narrow) * shape.channels;
  void *wide = randomElements(shape.batch * shape.wideBlocks * product(shape.wide) * 16, storage);
  void *narrow = randomElements(count, storage);
  float *filter = randomFloats(shape.wideBlocks * taps * shape.channels * 16);
  float *bias = number(0, 1) ? randomFloats(shape.channels) : 0;
  void *residual = number(0, 1) ? randomElements(count, storage) : 0;
  const KernelEpilogue epilogue = {bias, number(0, 1), residual};
  kernel->contract(&shape, storage, wide, filter, &epilogue, narrow, 0, shape.batch * shape.narrow[0]);
  double *expected = zeros(count);
  FOR_EACH_NARROW_PAIR(&shape, shape.wide, shape.narrow) {
    for (int64_t channel = 0; channel < shape.channels; channel++) {
      double sum = 0;
      for (int64_t in = 0; in < shape.wideBlocks * 16; in++)
        sum += element(wide, storage, at(image, shape.wideBlocks, shape.wide, in, x)) *
               filter[narrowWeightAt(&shape, in, tap, channel)];
      expected[narrowAt(&shape, image, y, channel)] += sum;
    }
  }
  for (int64_t i = 0; i < count; i++) {
    if (bias) expected[i] += bias[i % shape.channels];
    if (epilogue.isRectified && expected[i] < 0) expected[i] = 0;
    if (residual) expected[i] += element(residual, storage, i);
  }
  compare("narrow, contracting", narrow, storage, expected, count, toleranceOf(storage));
  RELEASE(wide, narrow, filter, bias, residual);
}

static void checkNarrow(KernelStorage storage) {
  checkExpand(narrowKernel(set), storage);
  checkContract(narrowKernel(set), storage);
}
