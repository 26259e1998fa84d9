// Patch convolution against plain arithmetic.
#include "reference.h"

static void checkPatches(KernelStorage storage) {
  const PatchKernel *kernel = patchKernel(set);
  const PatchConvolution shape = {
      number(1, 2), number(1, 3), number(1, 3), {number(1, 5), number(1, 5), number(1, 5)}};
  DirectConvolution direct = {
      .batch = shape.batch,
      .inputBlocks = shape.fineBlocks,
      .outputBlocks = shape.coarseBlocks,
      .taps = {2, 2, 2},
      .stride = {2, 2, 2},
      .dilation = {1, 1, 1}};
  for (int axis = 0; axis < 3; axis++) {
    direct.output[axis] = shape.coarse[axis];
    direct.input[axis] = 2 * shape.coarse[axis];
  }
  const int64_t weightCount = shape.fineBlocks * shape.coarseBlocks * 8 * 256;
  const int64_t fineCount = shape.batch * shape.fineBlocks * product(direct.input) * 16;
  const int64_t coarseCount = shape.batch * shape.coarseBlocks * product(direct.output) * 16;
  const int64_t rows = shape.batch * shape.coarse[0] * shape.coarse[1], middle = number(0, rows),
                perPass = number(1, 4);
  void *fine = randomElements(fineCount, storage), *coarse = randomElements(coarseCount, storage);
  void *target = randomElements(larger(fineCount, coarseCount), storage);
  float *weights = randomFloats(weightCount), *packed = emptyFloats(weightCount);
  const KernelEpilogue halving = randomEpilogue(storage, shape.batch, shape.coarseBlocks, product(direct.output));
  const KernelEpilogue doubling = randomEpilogue(storage, shape.batch, shape.fineBlocks, product(direct.input));
  float *scratch = emptyFloats(kernel->scratchCount(&shape, perPass)),
        *single = emptyFloats(kernel->scratchCount(&shape, 1));

  kernel->packWeights(&shape, storage, weights, false, packed);
  kernel->halve(&shape, storage, fine, packed, &halving, target, 0, middle, single);
  kernel->halve(&shape, storage, fine, packed, &halving, target, middle, rows, single);
  double *expected = convolved(&direct, storage, fine, weights);
  finish(expected, storage, &halving, shape.batch, shape.coarseBlocks, product(direct.output));
  compare("patches, halving", target, storage, expected, coarseCount, toleranceOf(storage));

  kernel->packWeights(&shape, storage, weights, true, packed);
  kernel->twice(&shape, storage, coarse, packed, &doubling, target, 0, middle, single);
  kernel->twice(&shape, storage, coarse, packed, &doubling, target, middle, rows, single);
  expected = inputGradient(&direct, storage, coarse, weights);
  finish(expected, storage, &doubling, shape.batch, shape.fineBlocks, product(direct.input));
  compare("patches, doubling", target, storage, expected, fineCount, toleranceOf(storage));

  float *gradient = emptyFloats(weightCount), *ordered = emptyFloats(weightCount);
  memset(gradient, 0, (size_t)weightCount * sizeof *gradient);
  kernel->correlate(&shape, storage, fine, coarse, gradient, 0, middle, perPass, scratch);
  kernel->correlate(&shape, storage, fine, coarse, gradient, middle, rows, perPass, scratch);
  for (int64_t tap = 0; tap < 8; tap++)
    for (int64_t in = 0; in < shape.fineBlocks * 16; in++)
      for (int64_t out = 0; out < shape.coarseBlocks * 16; out++)
        ordered[weightAt(shape.fineBlocks, 8, out, in, tap)] =
            gradient[(tap * shape.fineBlocks * 16 + in) * shape.coarseBlocks * 16 + out];
  compare(
      "patches, filter gradient", ordered, KernelFloat32, filterGradient(&direct, storage, fine, coarse),
      weightCount, 1e-4);
  RELEASE(fine, coarse, target, weights, packed, scratch, single, gradient, ordered);
  RELEASE((void *)halving.bias, (void *)halving.residual, (void *)doubling.bias, (void *)doubling.residual);
}
