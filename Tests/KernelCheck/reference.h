// Plain convolutions in double over blocks of 16 channels, random elements, and comparison.
#ifndef REFERENCE_H
#define REFERENCE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CPUKernels.h"

/// The instruction set that is checked.
static KernelInstructionSet set;

// MARK: Random numbers

static uint64_t state = 1;

static int64_t number(int64_t low, int64_t high) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return low + (int64_t)((state >> 33) % (uint64_t)(high - low + 1));
}

// MARK: Tensors

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t product(const int64_t *extents) { return extents[0] * extents[1] * extents[2]; }

static size_t sizeOf(KernelStorage storage) { return storage == KernelFloat32 ? 4 : 2; }

/// Memory of exactly so many elements, so that a sanitizer or valgrind sees each access beyond them.
static void *reserve(int64_t count, KernelStorage storage) {
  void *memory = 0;
  if (posix_memalign(&memory, 64, (size_t)(larger(count, 1)) * sizeOf(storage)) != 0) abort();
  return memory;
}

static double element(const void *tensor, KernelStorage storage, int64_t index) {
  if (storage == KernelFloat32) return ((const float *)tensor)[index];
  const uint32_t bits = (uint32_t)((const uint16_t *)tensor)[index] << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/// Elements in -1 ... 1 that bfloat16 holds exactly.
static void *randomElements(int64_t count, KernelStorage storage) {
  void *tensor = reserve(count, storage);
  for (int64_t i = 0; i < count; i++) {
    const float value = (float)number(-128, 128) / 128;
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (storage == KernelFloat32)
      ((float *)tensor)[i] = value;
    else
      ((uint16_t *)tensor)[i] = (uint16_t)(bits >> 16);
  }
  return tensor;
}

static float *randomFloats(int64_t count) { return randomElements(count, KernelFloat32); }

static float *emptyFloats(int64_t count) { return reserve(count, KernelFloat32); }

static double *zeros(int64_t count) {
  double *numbers = calloc((size_t)(larger(count, 1)), sizeof *numbers);
  if (!numbers) abort();
  return numbers;
}

/// Frees what a check has taken.
#define RELEASE(...)                                                           \
  do {                                                                         \
    void *all[] = {__VA_ARGS__};                                               \
    for (unsigned long i = 0; i < sizeof all / sizeof *all; i++) free(all[i]); \
  } while (0)

/// The index of an element of `[N, blocks, D, H, W, 16]`.
static int64_t at(int64_t image, int64_t blocks, const int64_t *extents, int64_t channel, const int64_t *voxel) {
  const int64_t position = (voxel[0] * extents[1] + voxel[1]) * extents[2] + voxel[2];
  return ((image * blocks + channel / 16) * product(extents) + position) * 16 + channel % 16;
}

/// The index of an element of `[O/16, I/16, taps, 16 i, 16 o]`.
static int64_t weightAt(int64_t inputBlocks, int64_t taps, int64_t output, int64_t input, int64_t tap) {
  return (((output / 16 * inputBlocks + input / 16) * taps + tap) * 16 + input % 16) * 16 + output % 16;
}

static void unravel(int64_t index, const int64_t *extents, int64_t *voxel) {
  voxel[0] = index / (extents[1] * extents[2]);
  voxel[1] = index / extents[2] % extents[1];
  voxel[2] = index % extents[2];
}

// MARK: Convolution

/// Calls `visit` with every pair of an input voxel and an output voxel that a tap joins.
#define FOR_EACH_PAIR(shape)                                                                                   \
  for (int64_t image = 0; image < (shape)->batch; image++)                                                     \
    for (int64_t o = 0, y[3]; o < product((shape)->output) && (unravel(o, (shape)->output, y), true); o++)     \
      for (int64_t tap = 0, t[3], x[3];                                                                        \
           tap < product((shape)->taps) && (unravel(tap, (shape)->taps, t), inputVoxel(shape, y, t, x), true); \
           tap++)                                                                                              \
        if (isInside((shape)->input, x))

static void inputVoxel(const DirectConvolution *shape, const int64_t *y, const int64_t *t, int64_t *x) {
  for (int axis = 0; axis < 3; axis++)
    x[axis] = y[axis] * shape->stride[axis] + t[axis] * shape->dilation[axis] - shape->before[axis];
}

static bool isInside(const int64_t *extents, const int64_t *voxel) {
  for (int axis = 0; axis < 3; axis++)
    if (voxel[axis] < 0 || voxel[axis] >= extents[axis]) return false;
  return true;
}

/// y = x * w.
static double *convolved(
    const DirectConvolution *shape, KernelStorage storage, const void *x_, const float *weights) {
  double *result = zeros(shape->batch * shape->outputBlocks * 16 * product(shape->output));
  FOR_EACH_PAIR(shape) {
    for (int64_t out = 0; out < shape->outputBlocks * 16; out++) {
      double sum = 0;
      for (int64_t in = 0; in < shape->inputBlocks * 16; in++)
        sum += element(x_, storage, at(image, shape->inputBlocks, shape->input, in, x)) *
               weights[weightAt(shape->inputBlocks, product(shape->taps), out, in, tap)];
      result[at(image, shape->outputBlocks, shape->output, out, y)] += sum;
    }
  }
  return result;
}

/// The gradient of that with respect to x.
static double *inputGradient(
    const DirectConvolution *shape, KernelStorage storage, const void *dy, const float *weights) {
  double *result = zeros(shape->batch * shape->inputBlocks * 16 * product(shape->input));
  FOR_EACH_PAIR(shape) {
    for (int64_t in = 0; in < shape->inputBlocks * 16; in++) {
      double sum = 0;
      for (int64_t out = 0; out < shape->outputBlocks * 16; out++)
        sum += element(dy, storage, at(image, shape->outputBlocks, shape->output, out, y)) *
               weights[weightAt(shape->inputBlocks, product(shape->taps), out, in, tap)];
      result[at(image, shape->inputBlocks, shape->input, in, x)] += sum;
    }
  }
  return result;
}

/// The gradient with respect to w.
static double *filterGradient(
    const DirectConvolution *shape, KernelStorage storage, const void *x_, const void *dy) {
  const int64_t taps = product(shape->taps);
  double *result = zeros(shape->inputBlocks * shape->outputBlocks * taps * 256);
  FOR_EACH_PAIR(shape) {
    for (int64_t in = 0; in < shape->inputBlocks * 16; in++) {
      const double value = element(x_, storage, at(image, shape->inputBlocks, shape->input, in, x));
      for (int64_t out = 0; out < shape->outputBlocks * 16; out++)
        result[weightAt(shape->inputBlocks, taps, out, in, tap)] +=
            value * element(dy, storage, at(image, shape->outputBlocks, shape->output, out, y));
    }
  }
  return result;
}

static KernelEpilogue randomEpilogue(KernelStorage storage, int64_t batch, int64_t blocks, int64_t voxels) {
  return (KernelEpilogue){
      number(0, 1) ? randomFloats(blocks * 16) : 0, number(0, 1),
      number(0, 1) ? randomElements(batch * blocks * voxels * 16, storage) : 0};
}

/// Adds bias, rectifies, adds the residual.
static void finish(
    double *y, KernelStorage storage, const KernelEpilogue *epilogue, int64_t batch, int64_t blocks,
    int64_t voxels) {
  for (int64_t i = 0; i < batch * blocks * voxels * 16; i++) {
    if (epilogue->bias) y[i] += epilogue->bias[i / (voxels * 16) % blocks * 16 + i % 16];
    if (epilogue->isRectified && y[i] < 0) y[i] = 0;
    if (epilogue->residual) y[i] += element(epilogue->residual, storage, i);
  }
}

// MARK: Comparison

static int failures = 0, comparisons = 0;

/// Compares with what is expected, to a part of its root mean square; says which test differed.
static void compare(
    const char *test, const void *found, KernelStorage storage, double *expected, int64_t count,
    double tolerance) {
  double squares = 0, worst = 0;
  int64_t place = 0;
  for (int64_t i = 0; i < count; i++) {
    // A bfloat16 may besides lie half a unit of its last place away.
    const double rounding = storage == KernelFloat32 ? 0 : fabs(expected[i]) * 0x1p-8;
    const double difference = fabs(element(found, storage, i) - expected[i]) - rounding;
    squares += expected[i] * expected[i];
    if (!(difference <= worst)) worst = difference, place = i;
  }
  const double scale = sqrt(squares / (double)(larger(count, 1))) + 1e-3;
  comparisons++;
  if (!(worst <= tolerance * scale)) {
    failures++;
    printf(
        "%s: element %lld of %lld is %g, not %g\n", test, (long long)place, (long long)count,
        element(found, storage, place), expected[place]);
  }
  free(expected);
}

/// Of a sum in float32, and of one of bfloat16s that are rounded on the way.
static double toleranceOf(KernelStorage storage) { return storage == KernelFloat32 ? 1e-4 : 3e-2; }

#endif
