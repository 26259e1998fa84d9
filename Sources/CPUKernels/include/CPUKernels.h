// Convolution kernels for x86-64, in C with vector types and a few intrinsics.
//
// Every function works on one thread; the caller shares out tiles or work items among threads and gives each
// its own scratch memory. Activations lie in blocks of 16 channels, [N, C/16, D, H, W, 16], in float32 or
// bfloat16; arithmetic is float32. Weights and their gradients lie as [O/16, I/16, KD, KH, KW, 16 i, 16 o] in
// float32. Channels beyond the last are zero in both.
#ifndef CPU_KERNELS_H
#define CPU_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

/// A 3-D convolution of stride 1. Extents and padding in the order depth, height, width.
typedef struct {
  int64_t batch;
  /// Blocks of 16 channels.
  int64_t inputBlocks, outputBlocks;
  int64_t input[3], output[3];
  /// Zeros before the input along each axis.
  int64_t before[3];
} KernelConvolution;

/// The dtype in which activations are stored.
typedef enum { KernelFloat32 = 0, KernelBFloat16 = 1 } KernelStorage;

/// The widest instruction set that kernels may use.
typedef enum { KernelNone = 0, KernelAVX2 = 1, KernelAVX512 = 2 } KernelInstructionSet;

/// What this CPU and its operating system offer.
KernelInstructionSet kernelInstructionSet(void);

// MARK: Winograd convolution

/// Winograd's minimal filtering F(m, r), nested over three axes: tiles of m[0] x m[1] x m[2] outputs of a
/// convolution with r^3 taps, computed from n = m + r - 1 points along each axis.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv 1509.09308.
typedef struct WinogradKernel {
  int64_t tile[3];
  int64_t taps;
  int64_t points[3];

  /// Floats that transformed weights, or one transformed filter gradient, take.
  int64_t (*transformedCount)(const KernelConvolution *);
  /// Transforms the weights of output blocks first ..< last, rounded to the dtype of the activations.
  /// `reversed`: for the gradient with respect to the input, with taps in reverse order and the roles of input
  /// and output exchanged (the shape is that of the gradient: its input is dy).
  void (*transformWeights)(
      const KernelConvolution *, KernelStorage, const float *weights, bool reversed, float *transformed,
      int64_t first, int64_t last);

  /// Tiles over all images of the batch.
  int64_t (*tileCount)(const KernelConvolution *);
  /// Floats of scratch that `convolve` needs when it takes `tilesPerPass` tiles at a time.
  int64_t (*convolutionScratchCount)(const KernelConvolution *, int64_t tilesPerPass);
  /// Computes tiles first ..< last of y = x * w + bias. `bias` may be null.
  void (*convolve[2])(
      const KernelConvolution *, const void *x, const float *transformed, const float *bias, void *y,
      int64_t first, int64_t last, int64_t tilesPerPass, float *scratch);

  /// Floats of scratch that `correlate` needs when it takes `tilesPerPass` tiles at a time.
  int64_t (*correlationScratchCount)(const KernelConvolution *, int64_t tilesPerPass);
  /// Computes the points with depth index `plane` (0 ..< points[0]) of the transformed filter gradient from
  /// tiles first ..< last.
  void (*correlate[2])(
      const KernelConvolution *, const void *x, const void *dy, int64_t plane, float *transformedGradient,
      int64_t first, int64_t last, int64_t tilesPerPass, float *scratch);
  /// Sums `count` transformed filter gradients and transforms the sum back, for output blocks first ..< last.
  void (*finishGradient)(
      const KernelConvolution *, const float *transformedGradients, int64_t count, float *gradient,
      int64_t first, int64_t last);
} WinogradKernel;

/// The kernel for tiles of the given extents; null where there is none.
const WinogradKernel *winogradKernel(
    KernelInstructionSet, int64_t taps, int64_t tileDepth, int64_t tileHeight, int64_t tileWidth);

#endif
