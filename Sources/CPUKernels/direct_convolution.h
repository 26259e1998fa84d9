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

enum { slabVoxels = 256 };

/// Voxels whose sums are held in registers at once, and rows of the filter gradient: one input channel each.
#if defined(KERNELS_HAVE_AVX512)
enum { gatheredVoxels = 14, correlatedRows = 16 };
#elif defined(KERNELS_HAVE_16_VECTORS_OF_4)
enum { gatheredVoxels = 3, correlatedRows = 3 };
#else
enum { gatheredVoxels = 6, correlatedRows = 6 };
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

// MARK: Slabs

/// Voxels of a grid of one image: whole planes, or rows of one plane.
typedef struct {
  int64_t image;
  int64_t start[2], count[2];
} Slab;

/// Planes, and rows of a plane, that a slab spans at most.
INLINE void slabExtents(const Grid *grid, int64_t extents[2]) {
  const int64_t row = grid->axes[2].count, plane = grid->axes[1].count * row;
  extents[0] = plane > 0 && slabVoxels / plane > 0 ? slabVoxels / plane : 1;
  extents[1] = grid->axes[1].count;
  if (plane > slabVoxels) extents[1] = slabVoxels / row > 0 ? slabVoxels / row : 1;
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

/// sums + x row, or with the products of both halves of the word x and of those of row.
INLINE Vector addProducts(const KernelStorage storage, const Vector sums, const float *x, const Vector row) {
#ifdef KERNELS_HAVE_PRODUCTS_OF_PAIRS
  if (isPaired(storage)) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return (Vector)_mm512_dpbf16_ps((__m512)sums, (__m512bh)_mm512_set1_epi32(pair), (__m512bh)row);
  }
#endif
  return sums + (*x - zeroVector()) * row;
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

/// sums[v] += sum over a grid's taps and 16 channels of what voxel v meets times the weights, for a few voxels.
INLINE void gatherVoxels(
    const KernelStorage storage, const int voxels, const Grid *grid, const float *copy, const int32_t *places, const Distances *distances,
    const float *weights, const Distances *weightSteps, float *sums) {
  Vector s[gatheredVoxels];
  const float *voxel[gatheredVoxels];
  UNROLL for (int v = 0; v < voxels; v++) {
    s[v] = loadFloats(sums + v * channelBlock);
    voxel[v] = copy + distances->start + places[v];
  }
  for (int64_t d = 0; d < grid->axes[0].taps; d++)
    for (int64_t h = 0; h < grid->axes[1].taps; h++) {
      int64_t offset = d * distances->step[0] + h * distances->step[1];
      const float *w = weights + weightSteps->start + d * weightSteps->step[0] + h * weightSteps->step[1];
      for (int64_t k = 0; k < grid->axes[2].taps; k++, offset += distances->step[2], w += weightSteps->step[2])
        UNROLL for (int i = 0; i < copiedWords(storage); i++) {
          const Vector row = loadFloats(w + i * channelBlock);
          UNROLL for (int v = 0; v < voxels; v++) s[v] = addProducts(storage, s[v], voxel[v] + offset + i, row);
        }
    }
  UNROLL for (int v = 0; v < voxels; v++) storeFloats(sums + v * channelBlock, s[v]);
}

#define GATHER(n) \
  case n: gatherVoxels(storage, n, grid, copy, places, distances, weights, weightSteps, sums); break;

/// The same for all voxels of a slab: in groups that differ by one voxel at most.
INLINE void gatherSlab(
    const KernelStorage storage, const Grid *grid, int64_t voxels, const float *copy, const int32_t *places, const Distances *distances,
    const float *weights, const Distances *weightSteps, float *sums) {
  int64_t groups = (voxels + gatheredVoxels - 1) / gatheredVoxels;
  for (; groups > 0; groups--) {
    const int64_t count = (voxels + groups - 1) / groups;
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
    voxels -= count;
    places += count;
    sums += count * channelBlock;
  }
}

static void gatherStoredSlab(
    KernelStorage storage, const Grid *grid, int64_t voxels, const float *copy, const int32_t *places,
    const Distances *distances, const float *weights, const Distances *weightSteps, float *sums) {
  // Elsewhere both types are copied as floats.
  if (isPaired(storage)) {
    gatherSlab(KernelBFloat16, grid, voxels, copy, places, distances, weights, weightSteps, sums);
  } else {
    gatherSlab(KernelFloat32, grid, voxels, copy, places, distances, weights, weightSteps, sums);
  }
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
  const Distances distances = distancesOf(grid, &window, words), weightSteps = weightDistances(shape, grid, size);
  int32_t *places = (int32_t *)scratch;
  float *sums = scratch + placesCount(voxels), *copy = sums + (lastBlock - firstBlock) * voxels * channelBlock;
  findPlaces(grid, slab, &window, words, 1, places);
  for (int64_t k = firstBlock; k < lastBlock; k++) {
    const Vector bias = biasOf(epilogue->bias, k);
    for (int64_t v = 0; v < voxels; v++) storeFloats(sums + ((k - firstBlock) * voxels + v) * channelBlock, bias);
  }
  const bool hasTaps = grid->axes[0].taps && grid->axes[1].taps && grid->axes[2].taps;
  for (int64_t c = 0; c < (hasTaps ? sources : 0); c++) {
    const int64_t offset = (slab->image * sources + c) * storedBlock(storage, sourceExtents);
    copyWindow(storage, &window, (const char *)source + offset, sourceExtents, copy);
    for (int64_t k = firstBlock; k < lastBlock; k++)
      gatherStoredSlab(
          storage, grid, voxels, copy, places, &distances, packed + (k * sources + c) * filter, &weightSteps,
          sums + (k - firstBlock) * voxels * channelBlock);
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

/// gradient[i] (+)= sum over a slab's voxels of what they meet in channel i times dy, for a few channels. Of pairs of
/// voxels where the dtype is so.
INLINE void correlateChannels(
    const KernelStorage storage, const int rows, const bool accumulates, int64_t voxels, const float *copy, const int32_t *places, const float *dy,
    float *gradient) {
  Vector sums[correlatedRows];
  UNROLL for (int i = 0; i < rows; i++) sums[i] = zeroVector();
  for (int64_t v = 0; v < voxels; v++) {
    const float *x = copy + places[v];
    const Vector row = loadFloats(dy + v * channelBlock);
    UNROLL for (int i = 0; i < rows; i++) sums[i] = addProducts(storage, sums[i], x + i, row);
  }
  UNROLL for (int i = 0; i < rows; i++) {
    float *target = gradient + i * channelBlock;
    storeFloats(target, accumulates ? loadFloats(target) + sums[i] : sums[i]);
  }
}

#define CORRELATE(rows, first) \
  correlateChannels(storage, rows, accumulates, voxels, copy + (first), places, dy, gradient + (first) * channelBlock);

/// The same for all 16 channels.
INLINE void correlateTap(
    const KernelStorage storage, const bool accumulates, int64_t voxels, const float *copy, const int32_t *places, const float *dy,
    float *gradient) {
#if defined(KERNELS_HAVE_AVX512)
  CORRELATE(16, 0)
#elif defined(KERNELS_HAVE_16_VECTORS_OF_4)
  CORRELATE(3, 0)
  CORRELATE(3, 3)
  CORRELATE(3, 6)
  CORRELATE(3, 9)
  CORRELATE(2, 12)
  CORRELATE(2, 14)
#else
  CORRELATE(6, 0)
  CORRELATE(5, 6)
  CORRELATE(5, 11)
#endif
}

static void correlateStoredTap(
    KernelStorage storage, bool accumulates, int64_t count, const float *copy, const int32_t *places, const float *dy,
    float *gradient) {
  // Elsewhere both types are copied as floats.
  if (isPaired(storage)) {
    if (accumulates)
      correlateTap(KernelBFloat16, true, count, copy, places, dy, gradient);
    else
      correlateTap(KernelBFloat16, false, count, copy, places, dy, gradient);
  } else if (accumulates) {
    correlateTap(KernelFloat32, true, count, copy, places, dy, gradient);
  } else {
    correlateTap(KernelFloat32, false, count, copy, places, dy, gradient);
  }
}

static int64_t directCorrelationScratchCount(const DirectConvolution *shape) {
  // A copy of one block of dy's voxels.
  return directScratchCount(shape, false, 1);
}

/// Copies dy's voxels of a slab that follow `block`: as floats, or where the dtype is so in words of two neighbours, the
/// last of an odd row beside zeros.
INLINE void copyGradients(
    const KernelStorage storage, const char *block, int64_t rows, int64_t width, float *gradients) {
  const int64_t voxel = channelBlock * storedSize(storage);
  const int64_t each = isPaired(storage) ? 2 : 1;
  for (int64_t row = 0; row < rows; row++, block += width * voxel)
    for (int64_t w = 0; w < width; w += each, gradients += channelBlock) {
      if (isPaired(storage))
        storeFloats(
            gradients,
            paired(loadHalf(block + w * voxel), w + 1 < width ? loadHalf(block + (w + 1) * voxel) : (HalfVector){0}));
      else
        storeFloats(gradients, loadVoxel(storage, block + w * voxel, 0xffff));
    }
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
    const int64_t width = shape->output[2], rows = slab.count[0] * slab.count[1], each = isPaired(storage) ? 2 : 1;
    const int64_t count = rows * ((width + each - 1) / each);
    int32_t *places = (int32_t *)scratch;
    float *gradients = scratch + placesCount(rows * width), *copy = gradients + rows * width * channelBlock;
    findPlaces(&grid, &slab, &window, channelBlock, each, places);
    copyMet(
        storage, &window, grid.axes[2].sourceStep,
        (const char *)x + (slab.image * shape->inputBlocks + inputBlock) * storedBlock(storage, shape->input),
        shape->input, copy);
    for (int64_t k = firstBlock; k < lastBlock; k++) {
      const int64_t start = (slab.start[0] * shape->output[1] + slab.start[1]) * width;
      const char *block = (const char *)dy +
                          (slab.image * shape->outputBlocks + k) * storedBlock(storage, shape->output) +
                          start * channelBlock * storedSize(storage);
      if (storage == KernelBFloat16) copyGradients(storage, block, rows, width, gradients);
      const float *voxel = storage == KernelBFloat16 ? gradients : (const float *)block;
      float *target = gradient + (k * shape->inputBlocks + inputBlock) * filter;
      for (int64_t d = 0; d < shape->taps[0]; d++)
        for (int64_t h = 0; h < shape->taps[1]; h++)
          for (int64_t w = 0; w < shape->taps[2]; w++, target += size) {
            const float *met = copy + d * distances.step[0] + h * distances.step[1] + w * distances.step[2];
            correlateStoredTap(storage, index > first, count, met, places, voxel, target);
          }
    }
  }
}

static const DirectKernel direct = {
    packDirectWeights,  directSlabCount, directScratchCount, convolveDirect,
    directCorrelationScratchCount, correlateDirect};
