// Kernels of convolutions and passes over channels, in C with vector types and a few intrinsics: one source for every
// instruction set, which is chosen at run time.
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
typedef enum {
  KernelPortable = 0,
  KernelAVX2 = 1,
  KernelAVX512 = 2,
  /// With products of pairs in bfloat16 (AVX512_BF16).
  KernelAVX512BFloat16 = 3
} KernelInstructionSet;

/// What this CPU and its operating system offer.
KernelInstructionSet kernelInstructionSet(void);

/// The set in which kernels are fastest: AVX-512 without products of pairs on Intel's processors, which sum them up at
/// under a quarter of the rate of float32 (Emerald Rapids: 1.36e9 instructions a second and core, where it does 5.9e9 fused
/// multiply-adds).
KernelInstructionSet fastestInstructionSet(void);

/// What is done to the result of a convolution before it is stored.
typedef struct {
  /// One number a channel, or null.
  const float *bias;
  /// Whether negative results become zero.
  bool isRectified;
  /// A tensor in the layout of the result that is added at last, or null.
  const void *residual;
} KernelEpilogue;

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
  /// Transforms blocks first ..< last of the weights, of which each output block has one for each input block, rounded to
  /// the dtype of the activations.
  /// `reversed`: for the gradient with respect to the input, with taps in reverse order and the roles of input
  /// and output exchanged (the shape is that of the gradient: its input is dy).
  void (*transformWeights)(
      const KernelConvolution *, KernelStorage, const float *weights, bool reversed, float *transformed,
      int64_t first, int64_t last);

  /// Tiles over all images of the batch.
  int64_t (*tileCount)(const KernelConvolution *);
  /// Floats of scratch that `convolve` needs when it takes `tilesPerPass` tiles at a time.
  int64_t (*convolutionScratchCount)(const KernelConvolution *, int64_t tilesPerPass);
  /// Computes tiles first ..< last of y = x * w, with what follows.
  void (*convolve[2])(
      const KernelConvolution *, const void *x, const float *transformed, const KernelEpilogue *, void *y,
      int64_t first, int64_t last, int64_t tilesPerPass, float *scratch);

  /// Floats of scratch that `correlate` needs when it takes `tilesPerPass` tiles at a time.
  int64_t (*correlationScratchCount)(const KernelConvolution *, int64_t tilesPerPass);
  /// Computes the points with depth index `plane` (0 ..< points[0]) of the transformed filter gradient from
  /// tiles first ..< last.
  void (*correlate[2])(
      const KernelConvolution *, const void *x, const void *dy, int64_t plane, float *transformedGradient,
      int64_t first, int64_t last, int64_t tilesPerPass, float *scratch);
  /// Transforms blocks first ..< last of a filter gradient back; see `transformWeights`.
  void (*finishGradient)(
      const KernelConvolution *, const float *transformedGradient, float *gradient, int64_t first, int64_t last);
} WinogradKernel;

/// The kernel for tiles of the given extents; null where there is none.
const WinogradKernel *winogradKernel(
    KernelInstructionSet, int64_t taps, int64_t tileDepth, int64_t tileHeight, int64_t tileWidth);

// MARK: Narrow convolution

/// A convolution of stride 1 between a narrow tensor of 1 to 4 channels, `[N, D, H, W, channels]`, and a wide one,
/// `[N, C/16, D, H, W, 16]`. Filters and their gradients lie as `[wide blocks][taps^3][channels][16]`.
typedef struct {
  int64_t batch;
  int64_t wideBlocks;
  /// Of the narrow tensor: 1 to 4.
  int64_t channels;
  /// Along each axis: 1, 3 or 5.
  int64_t taps;
  int64_t wide[3], narrow[3];
  /// For `expand` and `correlate`: zeros before the narrow tensor; for `contract`: before the wide one.
  int64_t before[3];
} NarrowConvolution;

typedef struct NarrowKernel {
  /// Floats of the padded copy of the narrow tensor; it has N x (wide depth + taps - 1) slices.
  int64_t (*paddedCount)(const NarrowConvolution *);
  void (*pad)(
      const NarrowConvolution *, KernelStorage, const void *narrow, float *padded, int64_t first, int64_t last);
  /// Narrow to wide: slices first ..< last, counted over all images, of wide[v] = sum over t and k of
  /// padded[v + t][k] filter[t][k], with what follows.
  void (*expand)(
      const NarrowConvolution *, KernelStorage, const float *padded, const float *filter, const KernelEpilogue *,
      void *wide, int64_t first, int64_t last);
  /// Wide to narrow: slices of narrow[o][k] = sum over t of wide[o + t - before] . filter[t][k], with what follows.
  void (*contract)(
      const NarrowConvolution *, KernelStorage, const void *wide, const float *filter, const KernelEpilogue *,
      void *narrow, int64_t first, int64_t last);
  /// The filter gradient of slices, each apart: gradients[slice][t][k] = sum over v of padded[v + t][k] wide[v].
  void (*correlate)(
      const NarrowConvolution *, KernelStorage, const float *padded, const void *wide, float *gradients,
      int64_t first, int64_t last);
} NarrowKernel;

/// The kernels of narrow convolution.
const NarrowKernel *narrowKernel(KernelInstructionSet);

// MARK: Direct convolution

/// A convolution of any filter, stride, dilation and padding, all in the order depth, height, width.
typedef struct {
  int64_t batch;
  /// Blocks of 16 channels.
  int64_t inputBlocks, outputBlocks;
  int64_t input[3], output[3];
  int64_t taps[3], stride[3], dilation[3];
  /// Zeros before the input along each axis.
  int64_t before[3];
} DirectConvolution;

/// The result is computed in slabs, some hundred voxels of one image each, that one call takes with all channels of the
/// source. `isTransposed`: the input gradient of dy.
typedef struct DirectKernel {
  /// Brings weights of blocks first ..< last of the result into the order of `convolve`, of as many floats, rounded to
  /// the dtype of the activations: `[result/16][source/16][taps]`, of each the sums' order of the instruction set.
  void (*packWeights)(
      const DirectConvolution *, KernelStorage, const float *weights, bool isTransposed, float *packed, int64_t first,
      int64_t last);
  /// Slabs of the result over all images.
  int64_t (*slabCount)(const DirectConvolution *, bool isTransposed);
  /// Floats of scratch that `convolve` needs for so many blocks of the result at a time.
  int64_t (*scratchCount)(const DirectConvolution *, bool isTransposed, int64_t blocks);
  /// Computes blocks first ..< last of a slab, with what follows.
  void (*convolve)(
      const DirectConvolution *, KernelStorage, bool isTransposed, const void *source, const float *packed,
      const KernelEpilogue *, void *target, int64_t slab, int64_t firstBlock, int64_t lastBlock, float *scratch);
  /// Floats of scratch that `correlate` needs.
  int64_t (*correlationScratchCount)(const DirectConvolution *);
  /// Writes what slabs first ..< last, one at least, of the layer's output give to the filter gradient of one block of
  /// input channels and blocks firstBlock ..< lastBlock of output channels, in the order of the weights.
  void (*correlate)(
      const DirectConvolution *, KernelStorage, const void *x, const void *dy, float *gradient, int64_t inputBlock,
      int64_t firstBlock, int64_t lastBlock, int64_t first, int64_t last, float *scratch);
} DirectKernel;

/// The kernels of direct convolution.
const DirectKernel *directKernel(KernelInstructionSet);

// MARK: Passes over channels

/// scale (x - centre) + shift, for the 16 channels of a block.
typedef struct {
  const float *centre, *scale, *shift;
} KernelNormalization;

/// Batch norm, PReLU and their gradients. Each call takes `count` voxels of one block of 16 channels of one image;
/// every coefficient and every sum is 16 floats, one a channel.
typedef struct ChannelKernel {
  /// The mean, and the sum of squared differences from it.
  void (*moments)(KernelStorage, const void *x, int64_t count, float *mean, float *squares);
  /// y = the normalised x, its positive part where `isRectified`, plus the residual where it is not null.
  void (*normalise)(
      KernelStorage, bool isRectified, const void *x, const KernelNormalization *, const void *residual, void *y,
      int64_t count);
  /// Sums of g and of g (x - centre), where g is dy, or where `isRectified` dy where the normalised x is positive.
  void (*gradientSums)(
      KernelStorage, bool isRectified, const void *x, const void *dy, const KernelNormalization *, int64_t count,
      float *gradients, float *products);
  /// dx = a g + b (x - centre) + c, and the sum of dx.
  void (*gradient)(
      KernelStorage, bool isRectified, const void *x, const void *dy, const KernelNormalization *, const float *a,
      const float *b, const float *c, void *dx, int64_t count, float *sum);
  /// y = x where positive, else alpha x.
  void (*parametricReLU)(KernelStorage, const void *x, const float *alpha, void *y, int64_t count);
  /// The gradients of that: dx, and the sum for alpha.
  void (*parametricReLUGradient)(
      KernelStorage, const void *x, const void *dy, const float *alpha, void *dx, int64_t count, float *dalpha);
} ChannelKernel;

/// The passes over channels.
const ChannelKernel *channelKernel(KernelInstructionSet);

// MARK: Patch convolution

/// A convolution of 2x2x2 taps with stride 2 between a fine grid and the coarse one of half the extents, both in
/// blocks of 16 channels. Rows are those of the coarse grid, counted over all images.
typedef struct {
  int64_t batch;
  int64_t fineBlocks, coarseBlocks;
  int64_t coarse[3];
} PatchConvolution;

typedef struct PatchKernel {
  /// Brings weights `[coarse/16][fine/16][8 taps][16 fine][16 coarse]` into the kernels' order, of as many floats,
  /// rounded to the dtype of the activations; `isTransposed` for `twice`.
  void (*packWeights)(
      const PatchConvolution *, KernelStorage, const float *weights, bool isTransposed, float *packed);
  /// Floats of scratch for so many rows at a time; `halve` and `twice` take one.
  int64_t (*scratchCount)(const PatchConvolution *, int64_t rows);
  /// Rows first ..< last of the coarse tensor from the fine one, with what follows.
  void (*halve)(
      const PatchConvolution *, KernelStorage, const void *fine, const float *packed, const KernelEpilogue *,
      void *coarse, int64_t first, int64_t last, float *scratch);
  /// Rows first ..< last of the fine tensor from the coarse one, with what follows.
  void (*twice)(
      const PatchConvolution *, KernelStorage, const void *coarse, const float *packed, const KernelEpilogue *,
      void *fine, int64_t first, int64_t last, float *scratch);
  /// Adds what rows first ..< last give to the filter gradient `[8 taps][fine channels][coarse channels]`.
  void (*correlate)(
      const PatchConvolution *, KernelStorage, const void *fine, const void *coarse, float *gradient,
      int64_t first, int64_t last, int64_t rowsPerPass, float *scratch);
} PatchKernel;

/// The kernels of patch convolution.
const PatchKernel *patchKernel(KernelInstructionSet);

// MARK: The processor's peak

/// Multiplies and adds vectors of float32 in registers alone, as fast as the processor does.
///
/// `sink` holds 32 floats: 16 factors and 16 addends, which are overwritten.
/// Returns how many products and sums that were.
int64_t runAtPeak(KernelInstructionSet, int64_t rounds, float *sink);

/// The same with products of pairs in bfloat16; 0 where the set has none.
int64_t runPairsAtPeak(KernelInstructionSet, int64_t rounds, float *sink);

#endif
