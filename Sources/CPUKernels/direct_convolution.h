// Direct convolution and its gradients for any filter, stride, dilation and padding, between tensors of whole blocks of
// 16 channels.
//
// The result is computed slab by slab: some hundred voxels, whole rows of it. What a slab reads of one block of channels
// is copied, in float32 and with zeros around, so that every voxel finds all its neighbours at the same distances: voxel
// v and tap t meet at place[v] + distance[t] of the copy. The copy costs little: it is read for every tap and every
// channel of the result.
//
// Where the processor sums up products of pairs in bfloat16 (VDPBF16PS), copies of that dtype stay in it: words of two
// channels of a voxel to convolve, of a channel of two neighbours of a row for the filter gradient.
//
// The input gradient is the same sum over dy with the filter transposed. Where the stride is not 1, voxels whose position
// leaves the same rest meet the same taps, at the same distances: each rest of the three axes makes a grid of its own.

enum { slabVoxels = 512 };

/// Blocks of channels and voxels whose sums are held in registers at once; voxels where there is only one block; and taps
/// whose filter gradients are held at once.
#if defined(KERNELS_HAVE_AVX512)
enum { gatheredBlocks = 2, gatheredVoxels = 14, voxelsOfOneBlock = 12, heldTaps = 3 };
#elif defined(KERNELS_HAVE_16_VECTORS_OF_4)
enum { gatheredBlocks = 1, gatheredVoxels = 3, voxelsOfOneBlock = 3, heldTaps = 1 };
#else
enum { gatheredBlocks = 1, gatheredVoxels = 6, voxelsOfOneBlock = 6, heldTaps = 1 };
#endif

// MARK: Grids

/// Voxels of the result along one axis that meet the same taps: voxel j of them is `first + step j` of the result. It
/// meets tap `tap + k tapStep`, for k of `taps`, at `j sourceStep + offset + k offsetStep` of the source.
typedef struct {
  int64_t count, first, step;
  int64_t sourceStep;
  int64_t taps, tap, tapStep, offset, offsetStep;
} GridAxis;

typedef struct {
  GridAxis axes[3];
} Grid;

INLINE GridAxis forwardAxis(const DirectConvolution *shape, const int axis) {
  return (GridAxis){
      .count = shape->output[axis], .step = 1, .sourceStep = shape->stride[axis], .taps = shape->taps[axis],
      .tapStep = 1, .offset = -shape->before[axis], .offsetStep = shape->dilation[axis]};
}

INLINE int64_t greatestCommonDivisor(int64_t a, int64_t b) {
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// The voxels of the input whose position leaves `rest` when divided by the stride.
INLINE GridAxis backwardAxis(const DirectConvolution *shape, const int axis, int64_t rest) {
  const int64_t stride = shape->stride[axis], dilation = shape->dilation[axis];
  GridAxis grid = {
      .count = (shape->input[axis] - rest + stride - 1) / stride, .first = rest, .step = stride, .sourceStep = 1,
      .tapStep = stride / greatestCommonDivisor(stride, dilation)};
  const int64_t position = rest + shape->before[axis];
  while (grid.tap < shape->taps[axis] && (position - grid.tap * dilation) % stride != 0) grid.tap++;
  if (grid.tap < shape->taps[axis]) {
    grid.taps = (shape->taps[axis] - grid.tap + grid.tapStep - 1) / grid.tapStep;
    grid.offset = (position - grid.tap * dilation) / stride;
    grid.offsetStep = -dilation * grid.tapStep / stride;
  }
  return grid;
}

INLINE int64_t gridCount(const DirectConvolution *shape, const bool isTransposed) {
  return isTransposed ? shape->stride[0] * shape->stride[1] * shape->stride[2] : 1;
}

static Grid gridAt(const DirectConvolution *shape, const bool isTransposed, int64_t index) {
  Grid grid;
  for (int axis = 2; axis >= 0; axis--) {
    grid.axes[axis] = isTransposed ? backwardAxis(shape, axis, index % shape->stride[axis]) : forwardAxis(shape, axis);
    index /= isTransposed ? shape->stride[axis] : 1;
  }
  return grid;
}

/// What is first ..< last.
typedef struct {
  int64_t first, last;
} Range;

/// Where voxel `position` of the grid meets a tap.
INLINE int64_t metPosition(const GridAxis *axis, int64_t position, int64_t tap) {
  return position * axis->sourceStep + axis->offset + tap * axis->offsetStep;
}

/// Whether voxels first ... last of a grid all meet a tap before the source, of `extent`, or all behind it.
INLINE bool meetsPadding(const GridAxis *axis, int64_t first, int64_t last, int64_t tap, int64_t extent) {
  return metPosition(axis, last, tap) < 0 || metPosition(axis, first, tap) >= extent;
}

/// The taps that voxels first ... last of a grid may meet within the source; the others meet padding.
INLINE Range tapsWithin(const GridAxis *axis, int64_t first, int64_t last, int64_t extent) {
  Range taps = {0, axis->taps};
  while (taps.first < taps.last && meetsPadding(axis, first, last, taps.first, extent)) taps.first++;
  while (taps.first < taps.last && meetsPadding(axis, first, last, taps.last - 1, extent)) taps.last--;
  return taps;
}

/// The voxels, of `count` of a grid from `start`, that meet a tap within the source, counted from `start`.
INLINE Range positionsWithin(const GridAxis *axis, int64_t start, int64_t count, int64_t tap, int64_t extent) {
#define PADDED(voxel) meetsPadding(axis, start + (voxel), start + (voxel), tap, extent)
  Range voxels = {0, count};
  while (voxels.first < voxels.last && PADDED(voxels.first)) voxels.first++;
  while (voxels.first < voxels.last && PADDED(voxels.last - 1)) voxels.last--;
#undef PADDED
  return voxels;
}

// MARK: Slabs

/// Voxels of a grid of one image: rows of some planes.
typedef struct {
  int64_t image;
  int64_t start[2], count[2];
} Slab;

/// Planes, and rows of a plane, that a slab spans at most: about as many of both, since that reads the fewest neighbours,
/// or whole planes where several fit.
INLINE void slabExtents(const Grid *grid, int64_t extents[2]) {
  const int64_t row = grid->axes[2].count, plane = grid->axes[1].count * row;
  const int64_t rows = row > 0 && slabVoxels / row > 0 ? slabVoxels / row : 1;
  extents[0] = 1;
  while (2 * extents[0] * extents[0] <= rows) extents[0] *= 2;
  extents[1] = rows / extents[0];
  if (plane > 0 && extents[1] > grid->axes[1].count) extents[0] = slabVoxels / plane;
  for (int axis = 0; axis < 2; axis++)
    if (extents[axis] > grid->axes[axis].count) extents[axis] = grid->axes[axis].count;
}

INLINE int64_t slabsAlong(const Grid *grid, const int64_t extents[2], const int axis) {
  return extents[axis] > 0 ? (grid->axes[axis].count + extents[axis] - 1) / extents[axis] : 0;
}

INLINE int64_t slabsOf(const DirectConvolution *shape, const Grid *grid) {
  int64_t extents[2];
  slabExtents(grid, extents);
  return grid->axes[2].count > 0 ? shape->batch * slabsAlong(grid, extents, 0) * slabsAlong(grid, extents, 1) : 0;
}

INLINE Slab slabAt(const Grid *grid, int64_t index) {
  int64_t extents[2];
  slabExtents(grid, extents);
  Slab slab;
  for (int axis = 1; axis >= 0; axis--) {
    const int64_t count = slabsAlong(grid, extents, axis);
    slab.start[axis] = index % count * extents[axis];
    const int64_t left = grid->axes[axis].count - slab.start[axis];
    slab.count[axis] = left < extents[axis] ? left : extents[axis];
    index /= count;
  }
  slab.image = index;
  return slab;
}

static int64_t directSlabCount(const DirectConvolution *shape, bool isTransposed) {
  int64_t count = 0;
  for (int64_t index = 0; index < gridCount(shape, isTransposed); index++) {
    const Grid grid = gridAt(shape, isTransposed, index);
    count += slabsOf(shape, &grid);
  }
  return count;
}

INLINE int64_t slabVoxelCount(const Grid *grid, const Slab *slab) {
  return slab->count[0] * slab->count[1] * grid->axes[2].count;
}

// MARK: Pairs in bfloat16

/// Whether products are summed up pair by pair.
INLINE bool isPaired(const KernelStorage storage) {
#ifdef KERNELS_HAVE_PRODUCTS_OF_PAIRS
  return storage == KernelBFloat16;
#else
  (void)storage;
  return false;
#endif
}

/// Words of a voxel's block of channels in a copy to convolve.
INLINE int64_t copiedWords(const KernelStorage storage) { return isPaired(storage) ? channelBlock / 2 : channelBlock; }

/// The word at x, sixteen times.
INLINE Vector spread(const KernelStorage storage, const float *x) {
#ifdef KERNELS_HAVE_PRODUCTS_OF_PAIRS
  if (isPaired(storage)) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return (Vector)_mm512_set1_epi32(pair);
  }
#endif
  return *x - zeroVector();
}

/// sums + x y, or with the products of both halves of the words of x and y.
INLINE Vector addProducts(const KernelStorage storage, const Vector sums, const Vector x, const Vector y) {
#ifdef KERNELS_HAVE_PRODUCTS_OF_PAIRS
  if (isPaired(storage)) return (Vector)_mm512_dpbf16_ps((__m512)sums, (__m512bh)x, (__m512bh)y);
#endif
  return sums + x * y;
}

/// Words of two halves, those of `first` the lower.
INLINE Vector paired(const HalfVector first, const HalfVector second) {
  return (Vector)(__builtin_convertvector(first, WordVector) | __builtin_convertvector(second, WordVector) << 16);
}

INLINE HalfVector loadHalf(const char *p) {
  HalfVector half;
  memcpy(&half, p, sizeof half);
  return half;
}

// MARK: Copies

/// What a slab reads of one block of channels, as it is copied: extents, and the voxel of the source at its corner.
typedef struct {
  int64_t extents[3], corner[3];
} Window;

INLINE Window windowOf(const Grid *grid, const Slab *slab) {
  Window window;
  for (int axis = 0; axis < 3; axis++) {
    const GridAxis *a = &grid->axes[axis];
    const int64_t start = axis < 2 ? slab->start[axis] : 0, count = axis < 2 ? slab->count[axis] : a->count;
    const int64_t span = a->taps > 0 ? a->offsetStep * (a->taps - 1) : 0;
    window.corner[axis] = start * a->sourceStep + a->offset + (span < 0 ? span : 0);
    window.extents[axis] = (count - 1) * a->sourceStep + (span < 0 ? -span : span) + 1;
  }
  return window;
}

INLINE int64_t windowVoxelCount(const Window *window) {
  return window->extents[0] * window->extents[1] * window->extents[2];
}

/// A row of a source through a window, or 0 where that is outside of it; `extents` are the source's.
INLINE const char *rowAt(
    const KernelStorage storage, const Window *window, const char *source, const int64_t extents[3], int64_t d,
    int64_t h) {
  const int64_t z = window->corner[0] + d, y = window->corner[1] + h;
  if (z < 0 || z >= extents[0] || y < 0 || y >= extents[1]) return 0;
  return source + (z * extents[1] + y) * extents[2] * channelBlock * storedSize(storage);
}

/// Copies one voxel of the source to convolve it.
INLINE void copyVoxel(const KernelStorage storage, const char *voxel, float *copy) {
  if (!isPaired(storage)) return storeFloats(copy, loadVoxel(storage, voxel, 0xffff));
  memcpy(copy, voxel, (size_t)(channelBlock * storedSize(storage)));
}

/// Copies the window of one block of channels to convolve it, with zeros where it is outside of the source.
static void copyWindow(
    const KernelStorage storage, const Window *window, const char *source, const int64_t extents[3], float *copy) {
  const int64_t voxel = channelBlock * storedSize(storage), width = window->extents[2], x = window->corner[2];
  const int64_t words = copiedWords(storage);
  const size_t size = (size_t)words * sizeof(float);
  int64_t before = x < 0 ? -x : 0, after = x + width > extents[2] ? x + width - extents[2] : 0;
  if (before > width) before = width;
  if (after > width - before) after = width - before;
  for (int64_t d = 0; d < window->extents[0]; d++)
    for (int64_t h = 0; h < window->extents[1]; h++, copy += width * words) {
      const char *row = rowAt(storage, window, source, extents, d, h);
      if (!row) {
        memset(copy, 0, (size_t)width * size);
        continue;
      }
      for (int64_t w = 0; w < before; w++) memset(copy + w * words, 0, size);
      for (int64_t w = before; w < width - after; w++) copyVoxel(storage, row + (x + w) * voxel, copy + w * words);
      for (int64_t w = width - after; w < width; w++) memset(copy + w * words, 0, size);
    }
}

#ifdef KERNELS_HAVE_PRODUCTS_OF_PAIRS
/// A voxel of a row, or zeros outside of it.
INLINE HalfVector halfAt(const char *row, int64_t x, int64_t width) {
  return row && x >= 0 && x < width ? loadHalf(row + x * channelBlock * storedSize(KernelBFloat16)) : (HalfVector){0};
}

/// Copies the window of one block of channels in words of each voxel and its neighbour, `step` to the right.
static void copyNeighbours(
    const Window *window, int64_t step, const char *source, const int64_t extents[3], float *copy) {
  for (int64_t d = 0; d < window->extents[0]; d++)
    for (int64_t h = 0; h < window->extents[1]; h++) {
      const char *row = rowAt(KernelBFloat16, window, source, extents, d, h);
      for (int64_t w = 0; w < window->extents[2]; w++, copy += channelBlock) {
        const int64_t x = window->corner[2] + w;
        storeFloats(copy, paired(halfAt(row, x, extents[2]), halfAt(row, x + step, extents[2])));
      }
    }
}
#endif

/// For every `each`-th voxel of a slab's rows, in order: where the copy, of `words` a voxel, has what it meets at the
/// least of the distances, in words.
INLINE void findPlaces(
    const Grid *grid, const Slab *slab, const Window *window, const int64_t words, const int64_t each,
    int32_t *places) {
  const int64_t row = window->extents[2] * words, plane = window->extents[1] * row;
  for (int64_t d = 0; d < slab->count[0]; d++)
    for (int64_t h = 0; h < slab->count[1]; h++)
      for (int64_t w = 0; w < grid->axes[2].count; w += each)
        *places++ = (int32_t)(
            d * grid->axes[0].sourceStep * plane + h * grid->axes[1].sourceStep * row +
            w * grid->axes[2].sourceStep * words);
}

/// Where the copy has what tap 0 of a grid's taps meets, and how far it is from tap to tap along each axis, in words.
typedef struct {
  int64_t start, step[3];
} Distances;

INLINE Distances distancesOf(const Grid *grid, const Window *window, const int64_t words) {
  const int64_t voxel[3] = {window->extents[1] * window->extents[2] * words, window->extents[2] * words, words};
  Distances distances = {0};
  for (int axis = 0; axis < 3; axis++) {
    const GridAxis *a = &grid->axes[axis];
    distances.step[axis] = a->offsetStep * voxel[axis];
    if (a->offsetStep < 0 && a->taps > 0) distances.start -= distances.step[axis] * (a->taps - 1);
  }
  return distances;
}

/// Words of packed weights from tap to tap along each axis, and of the first tap; a tap has `size`.
INLINE Distances weightDistances(const DirectConvolution *shape, const Grid *grid, const int64_t size) {
  const int64_t tap[3] = {shape->taps[1] * shape->taps[2] * size, shape->taps[2] * size, size};
  Distances distances = {0};
  for (int axis = 0; axis < 3; axis++) {
    distances.start += grid->axes[axis].tap * tap[axis];
    distances.step[axis] = grid->axes[axis].tapStep * tap[axis];
  }
  return distances;
}

// MARK: Forward and input gradient

INLINE int64_t sourceBlocks(const DirectConvolution *shape, const bool isTransposed) {
  return isTransposed ? shape->outputBlocks : shape->inputBlocks;
}

INLINE int64_t directTapCount(const DirectConvolution *shape) {
  return shape->taps[0] * shape->taps[1] * shape->taps[2];
}

/// Packs the weights of one tap and one pair of blocks, `[16 source][16 result]`, or `[8 source][16 result][2 source]`.
INLINE void packTap(const KernelStorage storage, const float *block, float *target) {
  if (isPaired(storage)) {
    UNROLL for (int i = 0; i < channelBlock; i += 2) storeFloats(
        target + i / 2 * channelBlock,
        paired(narrowed(loadFloats(block + i * channelBlock)), narrowed(loadFloats(block + (i + 1) * channelBlock))));
    return;
  }
  UNROLL for (int i = 0; i < channelBlock; i++) {
    const Vector row = loadFloats(block + i * channelBlock);
    storeFloats(target + i * channelBlock, storage == KernelBFloat16 ? widened(narrowed(row)) : row);
  }
}

/// Weights of blocks first ..< last of the result, `[result/16][source/16][taps]` of what `packTap` gives.
static void packDirectWeights(
    const DirectConvolution *shape, KernelStorage storage, const float *weights, bool isTransposed, float *packed,
    int64_t first, int64_t last) {
  const int64_t size = channelBlock * channelBlock, taps = directTapCount(shape);
  const int64_t packedSize = channelBlock * copiedWords(storage), sources = sourceBlocks(shape, isTransposed);
  for (int64_t k = first; k < last; k++)
    for (int64_t c = 0; c < sources; c++) {
      const float *block = weights + (isTransposed ? c * shape->inputBlocks + k : k * sources + c) * taps * size;
      float *target = packed + (k * sources + c) * taps * packedSize;
      for (int64_t tap = 0; tap < taps; tap++, block += size, target += packedSize) {
        float transposed[channelBlock * channelBlock];
        if (isTransposed) transposeBlock(block, transposed);
        packTap(storage, isTransposed ? transposed : block, target);
      }
    }
}

/// What the sums of a slab are made from.
typedef struct {
  const Grid *grid;
  const Slab *slab;
  const int64_t *extents;
  const float *copy;
  const int32_t *places;
  Distances distances, weightSteps;
  /// To the next block of channels of the result: words of the weights, and of the sums.
  int64_t nextWeights, nextSums;
} Gathering;

#ifdef KERNELS_HAVE_AVX512
/// Keeps loads that stand before it before those that follow.
#define KEEP_ORDER __asm__ volatile("" ::: "memory")
/// Has an address in a register of its own: a product with a word of memory takes twice the room where that has an index.
#define KEEP_ADDRESS(address) __asm__("" : "+r"(address))
#else
#define KEEP_ORDER
#define KEEP_ADDRESS(address)
#endif

/// sums[v] += sum over taps and 16 channels of what voxel v meets times the weights, for a few voxels: of one block of
/// channels of the result, or of two.
INLINE void gatherVoxels(
    const KernelStorage storage, const int voxels, const int blocks, const Gathering *from, const int32_t *places,
    const Range taps[2], const float *weights, float *sums) {
  Vector s[gatheredBlocks][gatheredVoxels];
  const float *voxel[gatheredVoxels];
  UNROLL for (int v = 0; v < voxels; v++) {
    UNROLL for (int b = 0; b < blocks; b++) s[b][v] = loadFloats(sums + b * from->nextSums + v * channelBlock);
    voxel[v] = from->copy + from->distances.start + places[v];
  }
  const int64_t *step = from->distances.step, *weightStep = from->weightSteps.step, rowTaps = from->grid->axes[2].taps;
  for (int64_t d = taps[0].first; d < taps[0].last; d++)
    for (int64_t h = taps[1].first; h < taps[1].last; h++) {
      int64_t offset = d * step[0] + h * step[1];
      const float *w = weights + from->weightSteps.start + d * weightStep[0] + h * weightStep[1];
      for (int64_t k = 0; k < rowTaps; k++, offset += step[2], w += weightStep[2]) {
        const float *met[gatheredVoxels];
        UNROLL for (int v = 0; v < voxels; v++) {
          met[v] = voxel[v] + offset;
          if (blocks == 1) KEEP_ADDRESS(met[v]);
        }
        UNROLL for (int i = 0; i < copiedWords(storage); i++) {
          if (blocks == 1) KEEP_ORDER;
          Vector row[gatheredBlocks];
          UNROLL for (int b = 0; b < blocks; b++) row[b] = loadFloats(w + b * from->nextWeights + i * channelBlock);
          UNROLL for (int v = 0; v < voxels; v++) {
            const Vector x = spread(storage, met[v] + i);
            UNROLL for (int b = 0; b < blocks; b++) s[b][v] = addProducts(storage, s[b][v], x, row[b]);
          }
        }
      }
    }
  UNROLL for (int v = 0; v < voxels; v++)
    UNROLL for (int b = 0; b < blocks; b++) storeFloats(sums + b * from->nextSums + v * channelBlock, s[b][v]);
}

/// The taps that the voxels first ... last of a slab may meet within the source, by planes and rows.
INLINE void tapsOfVoxels(const Gathering *from, int64_t first, int64_t last, Range taps[2]) {
  const int64_t width = from->grid->axes[2].count, rows = from->slab->count[1];
  const int64_t start = first / width, end = last / width;
  taps[0] = tapsWithin(
      &from->grid->axes[0], from->slab->start[0] + start / rows, from->slab->start[0] + end / rows, from->extents[0]);
  const bool isOnePlane = start / rows == end / rows;
  taps[1] = tapsWithin(
      &from->grid->axes[1], from->slab->start[1] + (isOnePlane ? start % rows : 0),
      from->slab->start[1] + (isOnePlane ? end % rows : rows - 1), from->extents[1]);
}

#define GATHER(n) \
  case n: gatherVoxels(storage, n, blocks, from, from->places + v, taps, weights, sums + v * channelBlock); break;

/// The same for all voxels of a slab: in groups that differ by one voxel at most.
INLINE void gatherSlab(
    const KernelStorage storage, const int blocks, const Gathering *from, int64_t voxels, const float *weights,
    float *sums) {
  const int64_t most = blocks == 1 ? voxelsOfOneBlock : gatheredVoxels;
  int64_t groups = (voxels + most - 1) / most;
  for (int64_t v = 0; groups > 0; groups--) {
    const int64_t count = (voxels - v + groups - 1) / groups;
    Range taps[2];
    tapsOfVoxels(from, v, v + count - 1, taps);
    switch (count) {
      GATHER(1)
      GATHER(2)
      GATHER(3)
#ifndef KERNELS_HAVE_16_VECTORS_OF_4
      GATHER(4)
      GATHER(5)
      GATHER(6)
#endif
#ifdef KERNELS_HAVE_AVX512
      GATHER(7)
      GATHER(8)
      GATHER(9)
      GATHER(10)
      GATHER(11)
      GATHER(12)
      GATHER(13)
      GATHER(14)
#endif
    }
    v += count;
  }
}

/// The sums of one block of channels of the result or, where `hasNext`, of two.
INLINE void gatherBlocks(
    const KernelStorage storage, const bool hasNext, const Gathering *from, int64_t voxels, const float *weights,
    float *sums) {
  if (gatheredBlocks > 1 && hasNext)
    gatherSlab(storage, gatheredBlocks, from, voxels, weights, sums);
  else
    gatherSlab(storage, 1, from, voxels, weights, sums);
}

static void gatherStoredBlocks(
    KernelStorage storage, bool hasNext, const Gathering *from, int64_t voxels, const float *weights, float *sums) {
  // Elsewhere both types are copied as floats.
  if (isPaired(storage))
    gatherBlocks(KernelBFloat16, hasNext, from, voxels, weights, sums);
  else
    gatherBlocks(KernelFloat32, hasNext, from, voxels, weights, sums);
}

/// Stores the sums of a slab, with what follows, to one block of the result.
INLINE void storeSlab(
    const KernelStorage storage, const Grid *grid, const Slab *slab, const float *sums, const char *residual,
    const bool isRectified, const int64_t extents[3], char *target) {
  const int64_t voxel = channelBlock * storedSize(storage);
  for (int64_t d = 0; d < slab->count[0]; d++)
    for (int64_t h = 0; h < slab->count[1]; h++) {
      const int64_t z = grid->axes[0].first + (slab->start[0] + d) * grid->axes[0].step;
      const int64_t y = grid->axes[1].first + (slab->start[1] + h) * grid->axes[1].step;
      int64_t offset = ((z * extents[1] + y) * extents[2] + grid->axes[2].first) * voxel;
      for (int64_t w = 0; w < grid->axes[2].count; w++, sums += channelBlock, offset += grid->axes[2].step * voxel)
        storeVoxel(
            storage, target + offset,
            finished(storage, loadFloats(sums), isRectified, residual ? residual + offset : 0));
    }
}

/// Floats for the places of a slab's voxels, in whole blocks.
INLINE int64_t placesCount(int64_t voxels) { return (voxels + channelBlock - 1) / channelBlock * channelBlock; }

static int64_t directScratchCount(const DirectConvolution *shape, bool isTransposed, int64_t blocks) {
  int64_t most = 0;
  for (int64_t index = 0; index < gridCount(shape, isTransposed); index++) {
    const Grid grid = gridAt(shape, isTransposed, index);
    if (slabsOf(shape, &grid) == 0) continue;
    const Slab slab = slabAt(&grid, 0);
    const Window window = windowOf(&grid, &slab);
    const int64_t voxels = slabVoxelCount(&grid, &slab);
    const int64_t count =
        placesCount(voxels) + (windowVoxelCount(&window) + blocks * voxels) * channelBlock;
    most = count > most ? count : most;
  }
  return most;
}

INLINE void convolveGridSlab(
    const DirectConvolution *shape, const KernelStorage storage, const Grid *grid, const Slab *slab,
    const bool isTransposed, const void *source, const float *packed, const KernelEpilogue *epilogue, void *target,
    int64_t firstBlock, int64_t lastBlock, float *scratch) {
  const int64_t *sourceExtents = isTransposed ? shape->output : shape->input;
  const int64_t *targetExtents = isTransposed ? shape->input : shape->output;
  const int64_t sources = sourceBlocks(shape, isTransposed), targets = sourceBlocks(shape, !isTransposed);
  const int64_t words = copiedWords(storage), size = channelBlock * words;
  const int64_t voxels = slabVoxelCount(grid, slab), filter = directTapCount(shape) * size;
  const Window window = windowOf(grid, slab);
  int32_t *places = (int32_t *)scratch;
  float *sums = scratch + placesCount(voxels), *copy = sums + (lastBlock - firstBlock) * voxels * channelBlock;
  findPlaces(grid, slab, &window, words, 1, places);
  const Gathering from = {
      .grid = grid, .slab = slab, .extents = sourceExtents, .copy = copy, .places = places,
      .distances = distancesOf(grid, &window, words), .weightSteps = weightDistances(shape, grid, size),
      .nextWeights = sources * filter, .nextSums = voxels * channelBlock};
  for (int64_t k = firstBlock; k < lastBlock; k++) {
    const Vector bias = biasOf(epilogue->bias, k);
    for (int64_t v = 0; v < voxels; v++) storeFloats(sums + ((k - firstBlock) * voxels + v) * channelBlock, bias);
  }
  const bool hasTaps = grid->axes[0].taps && grid->axes[1].taps && grid->axes[2].taps;
  for (int64_t c = 0; c < (hasTaps ? sources : 0); c++) {
    const int64_t offset = (slab->image * sources + c) * storedBlock(storage, sourceExtents);
    copyWindow(storage, &window, (const char *)source + offset, sourceExtents, copy);
    for (int64_t k = firstBlock, blocks; k < lastBlock; k += blocks) {
      blocks = k + gatheredBlocks > lastBlock ? 1 : gatheredBlocks;
      gatherStoredBlocks(
          storage, blocks > 1, &from, voxels, packed + (k * sources + c) * filter,
          sums + (k - firstBlock) * voxels * channelBlock);
    }
  }
  for (int64_t k = firstBlock; k < lastBlock; k++) {
    const int64_t offset = (slab->image * targets + k) * storedBlock(storage, targetExtents);
    storeSlab(
        storage, grid, slab, sums + (k - firstBlock) * voxels * channelBlock,
        epilogue->residual ? (const char *)epilogue->residual + offset : 0, epilogue->isRectified, targetExtents,
        (char *)target + offset);
  }
}

static void convolveDirect(
    const DirectConvolution *shape, KernelStorage storage, bool isTransposed, const void *source, const float *packed,
    const KernelEpilogue *epilogue, void *target, int64_t slab, int64_t firstBlock, int64_t lastBlock,
    float *scratch) {
  int64_t index = 0;
  Grid grid = gridAt(shape, isTransposed, index);
  while (slab >= slabsOf(shape, &grid)) {
    slab -= slabsOf(shape, &grid);
    grid = gridAt(shape, isTransposed, ++index);
  }
  const Slab position = slabAt(&grid, slab);
  convolveGridSlab(
      shape, storage, &grid, &position, isTransposed, source, packed, epilogue, target, firstBlock, lastBlock,
      scratch);
}

// MARK: Filter gradient

/// Of a few taps of a row and a few channels of dy, gradient[tap][channel] (+)= sum over voxels of what they meet times
/// dy. Of pairs of voxels where the dtype is so.
INLINE void correlateChannels(
    const KernelStorage storage, const int taps, const int channels, const bool accumulates, int64_t voxels,
    const float *copy, int64_t step, const int32_t *places, const float *dy, float *gradient) {
  Vector sums[heldTaps][channelBlock];
  UNROLL for (int t = 0; t < taps; t++) UNROLL for (int o = 0; o < channels; o++) sums[t][o] = zeroVector();
  for (int64_t v = 0; v < voxels; v++) {
    Vector x[heldTaps];
    UNROLL for (int t = 0; t < taps; t++) x[t] = loadFloats(copy + places[v] + t * step);
    UNROLL for (int o = 0; o < channels; o++) {
      const Vector y = spread(storage, dy + v * channelBlock + o);
      UNROLL for (int t = 0; t < taps; t++) sums[t][o] = addProducts(storage, sums[t][o], y, x[t]);
    }
  }
  UNROLL for (int t = 0; t < taps; t++) UNROLL for (int o = 0; o < channels; o++) {
    float *target = gradient + (t * channelBlock + o) * channelBlock;
    storeFloats(target, accumulates ? loadFloats(target) + sums[t][o] : sums[t][o]);
  }
}

#define CORRELATE(taps, channels, first) \
  correlateChannels( \
      storage, taps, channels, accumulates, voxels, copy, step, places, dy + (first), gradient + (first) * channelBlock);

/// The same for all 16 channels.
INLINE void correlateTaps(
    const KernelStorage storage, int64_t taps, const bool accumulates, int64_t voxels, const float *copy,
    int64_t step, const int32_t *places, const float *dy, float *gradient) {
#if defined(KERNELS_HAVE_AVX512)
  if (taps == 3) {
    CORRELATE(3, 8, 0)
    CORRELATE(3, 8, 8)
  } else if (taps == 2) {
    CORRELATE(2, 8, 0)
    CORRELATE(2, 8, 8)
  } else {
    CORRELATE(1, 16, 0)
  }
#elif defined(KERNELS_HAVE_16_VECTORS_OF_4)
  CORRELATE(1, 3, 0)
  CORRELATE(1, 3, 3)
  CORRELATE(1, 3, 6)
  CORRELATE(1, 3, 9)
  CORRELATE(1, 2, 12)
  CORRELATE(1, 2, 14)
#else
  CORRELATE(1, 6, 0)
  CORRELATE(1, 5, 6)
  CORRELATE(1, 5, 11)
#endif
}

static void correlateStoredTaps(
    KernelStorage storage, int64_t taps, bool accumulates, int64_t voxels, const float *copy, int64_t step,
    const int32_t *places, const float *dy, float *gradient) {
  // Elsewhere both types are copied as floats.
  if (isPaired(storage)) {
    if (accumulates)
      correlateTaps(KernelBFloat16, taps, true, voxels, copy, step, places, dy, gradient);
    else
      correlateTaps(KernelBFloat16, taps, false, voxels, copy, step, places, dy, gradient);
  } else if (accumulates) {
    correlateTaps(KernelFloat32, taps, true, voxels, copy, step, places, dy, gradient);
  } else {
    correlateTaps(KernelFloat32, taps, false, voxels, copy, step, places, dy, gradient);
  }
}

/// Of so many taps left in a row, those that are correlated at once: four in halves, since one alone is slower.
INLINE int64_t correlatedTaps(int64_t left) {
  if (heldTaps == 3 && left == 4) return 2;
  return left < heldTaps ? left : heldTaps;
}

/// The rows of a slab whose voxels may meet the taps (d, h) within the source; the others meet padding.
INLINE Range rowsWithin(const Grid *grid, const Slab *slab, int64_t d, int64_t h, const int64_t extents[3]) {
  const Range planes = positionsWithin(&grid->axes[0], slab->start[0], slab->count[0], d, extents[0]);
  const int64_t first = planes.first * slab->count[1];
  // Of several planes they are whole: rows that are left out must not lie between others.
  if (planes.last - planes.first != 1) return (Range){first, planes.last * slab->count[1]};
  const Range rows = positionsWithin(&grid->axes[1], slab->start[1], slab->count[1], h, extents[1]);
  return (Range){first + rows.first, first + rows.last};
}

static int64_t directCorrelationScratchCount(const DirectConvolution *shape) {
  // A copy of one block of dy's voxels.
  return directScratchCount(shape, false, 1);
}

/// Voxels of a row of dy in a word of its copy, and words of a row.
INLINE int64_t voxelsOfWord(const KernelStorage storage) { return isPaired(storage) ? 2 : 1; }

INLINE int64_t wordsOfRow(const KernelStorage storage, int64_t width) {
  return (width + voxelsOfWord(storage) - 1) / voxelsOfWord(storage);
}

/// Copies rows of dy: as floats, or where the dtype is so in words of two neighbours, the last of an odd row beside zeros.
INLINE void copyRows(const KernelStorage storage, const char *rows, int64_t count, int64_t width, float *copy) {
  const int64_t voxel = channelBlock * storedSize(storage);
  for (int64_t row = 0; row < count; row++, rows += width * voxel)
    for (int64_t w = 0; w < width; w += voxelsOfWord(storage), copy += channelBlock) {
      if (isPaired(storage))
        storeFloats(
            copy,
            paired(loadHalf(rows + w * voxel), w + 1 < width ? loadHalf(rows + (w + 1) * voxel) : (HalfVector){0}));
      else
        storeFloats(copy, loadVoxel(storage, rows + w * voxel, 0xffff));
    }
}

/// dy's voxels of a slab of one block of channels, one after the other: where they lie, or else their copy.
INLINE const float *gradientsOf(
    const KernelStorage storage, const Slab *slab, const char *block, const int64_t extents[3], float *copy) {
  const int64_t width = extents[2], row = width * channelBlock * storedSize(storage);
  const int64_t part = slab->count[1] * wordsOfRow(storage, width) * channelBlock;
  const char *rows = block + (slab->start[0] * extents[1] + slab->start[1]) * row;
  if (storage == KernelFloat32 && (slab->count[0] == 1 || slab->count[1] == extents[1])) return (const float *)rows;
  for (int64_t d = 0; d < slab->count[0]; d++)
    copyRows(storage, rows + d * extents[1] * row, slab->count[1], width, copy + d * part);
  return copy;
}

/// Copies what a slab's voxels meet of x.
INLINE void copyMet(
    const KernelStorage storage, const Window *window, int64_t step, const char *source, const int64_t extents[3],
    float *copy) {
#ifdef KERNELS_HAVE_PRODUCTS_OF_PAIRS
  if (isPaired(storage)) return copyNeighbours(window, step, source, extents, copy);
#endif
  copyWindow(storage, window, source, extents, copy);
}

/// Turns a filter's blocks from [16 output][16 input] channels to [16 input][16 output].
INLINE void transposeFilter(float *filter, int64_t count) {
  for (float *block = filter; block < filter + count; block += channelBlock * channelBlock) {
    float transposed[channelBlock * channelBlock];
    transposeBlock(block, transposed);
    memcpy(block, transposed, sizeof transposed);
  }
}

/// What slabs first ..< last give to the filter gradient of one block of input channels and some of output channels.
static void correlateDirect(
    const DirectConvolution *shape, KernelStorage storage, const void *x, const void *dy, float *gradient,
    int64_t inputBlock, int64_t firstBlock, int64_t lastBlock, int64_t first, int64_t last, float *scratch) {
  const Grid grid = gridAt(shape, false, 0);
  const int64_t size = channelBlock * channelBlock, filter = directTapCount(shape) * size;
  for (int64_t index = first; index < last; index++) {
    const Slab slab = slabAt(&grid, index);
    const Window window = windowOf(&grid, &slab);
    const Distances distances = distancesOf(&grid, &window, channelBlock);
    const int64_t width = shape->output[2], rows = slab.count[0] * slab.count[1];
    const int64_t rowWords = wordsOfRow(storage, width);
    int32_t *places = (int32_t *)scratch;
    float *gradients = scratch + placesCount(rows * width), *copy = gradients + rows * width * channelBlock;
    findPlaces(&grid, &slab, &window, channelBlock, voxelsOfWord(storage), places);
    copyMet(
        storage, &window, grid.axes[2].sourceStep,
        (const char *)x + (slab.image * shape->inputBlocks + inputBlock) * storedBlock(storage, shape->input),
        shape->input, copy);
    for (int64_t k = firstBlock; k < lastBlock; k++) {
      const float *voxel = gradientsOf(
          storage, &slab,
          (const char *)dy + (slab.image * shape->outputBlocks + k) * storedBlock(storage, shape->output),
          shape->output, gradients);
      float *target = gradient + (k * shape->inputBlocks + inputBlock) * filter;
      for (int64_t d = 0; d < shape->taps[0]; d++)
        for (int64_t h = 0; h < shape->taps[1]; h++) {
          const Range met = rowsWithin(&grid, &slab, d, h, shape->input);
          const int64_t start = met.first * rowWords, count = (met.last - met.first) * rowWords;
          for (int64_t w = 0, taps; w < shape->taps[2]; w += taps, target += taps * size) {
            taps = correlatedTaps(shape->taps[2] - w);
            const float *tap = copy + d * distances.step[0] + h * distances.step[1] + w * distances.step[2];
            correlateStoredTaps(
                storage, taps, index > first, count, tap, distances.step[2], places + start,
                voxel + start * channelBlock, target);
          }
        }
    }
  }
  for (int64_t k = firstBlock; k < lastBlock; k++)
    transposeFilter(gradient + (k * shape->inputBlocks + inputBlock) * filter, filter);
}

static const DirectKernel direct = {
    packDirectWeights,  directSlabCount, directScratchCount, convolveDirect,
    directCorrelationScratchCount, correlateDirect};
