// Convolution of 2x2x2 taps with stride 2, which halves the grid, and its transpose, which doubles it. Windows do not
// overlap: each voxel of the coarse grid and its eight voxels of the fine one make a matrix product of their own.
//
// Voxels are gathered in float32, by tap, for some rows of the coarse grid at a time:
// fine `[taps][voxels][fine blocks][16]`, coarse `[voxels][coarse blocks][16]`.

enum { patchTaps = 8 };

INLINE int64_t fineChannels(const PatchConvolution *shape) { return shape->fineBlocks * channelBlock; }
INLINE int64_t coarseChannels(const PatchConvolution *shape) { return shape->coarseBlocks * channelBlock; }

/// Floats of the gathered voxels of some rows.
static int64_t patchScratchCount(const PatchConvolution *shape, int64_t rows) {
  return rows * shape->coarse[2] * (patchTaps * fineChannels(shape) + coarseChannels(shape));
}

/// Bytes from the start of the coarse tensor to a row, which is counted over all images, of a block.
INLINE int64_t coarseRow(const PatchConvolution *shape, KernelStorage storage, int64_t row, int64_t block) {
  const int64_t rows = shape->coarse[0] * shape->coarse[1], image = row / rows;
  return ((image * shape->coarseBlocks + block) * rows + row % rows) * shape->coarse[2] * channelBlock *
         storedSize(storage);
}

/// Bytes from the start of the fine tensor to the first voxel that a tap of a coarse row touches.
INLINE int64_t fineRow(const PatchConvolution *shape, KernelStorage storage, int64_t row, int64_t block, int tap) {
  const int64_t *e = shape->coarse, rows = e[0] * e[1], image = row / rows;
  const int64_t d = 2 * (row % rows / e[1]) + tap / 4, h = 2 * (row % e[1]) + tap / 2 % 2;
  const int64_t voxel = (((image * shape->fineBlocks + block) * 2 * e[0] + d) * 2 * e[1] + h) * 2 * e[2] + tap % 2;
  return voxel * channelBlock * storedSize(storage);
}

INLINE void gatherFine(
    const PatchConvolution *shape, const KernelStorage storage, const void *fine, int64_t row, int64_t rows,
    float *target) {
  const int64_t width = shape->coarse[2], channels = fineChannels(shape), voxel = channelBlock * storedSize(storage);
  for (int tap = 0; tap < patchTaps; tap++)
    for (int64_t r = 0; r < rows; r++, target += width * channels)
      for (int64_t block = 0; block < shape->fineBlocks; block++) {
        const char *source = (const char *)fine + fineRow(shape, storage, row + r, block, tap);
        for (int64_t w = 0; w < width; w++)
          storeFloats(
              target + w * channels + block * channelBlock, loadVoxel(storage, source + 2 * w * voxel, 0xffff));
      }
}

INLINE void gatherCoarse(
    const PatchConvolution *shape, const KernelStorage storage, const void *coarse, int64_t row, int64_t rows,
    float *target) {
  const int64_t width = shape->coarse[2], channels = coarseChannels(shape);
  for (int64_t r = 0; r < rows; r++, target += width * channels)
    for (int64_t block = 0; block < shape->coarseBlocks; block++) {
      const char *source = (const char *)coarse + coarseRow(shape, storage, row + r, block);
      for (int64_t w = 0; w < width; w++)
        storeFloats(
            target + w * channels + block * channelBlock,
            loadVoxel(storage, source + w * channelBlock * storedSize(storage), 0xffff));
    }
}

/// c[i][j] (+)= sum over k of a[i][k] b[k][j] for `count` rows of `inputs` channels and a packed b.
INLINE void multiplyRowsOf(
    const int vectors, const bool accumulates, const float *a, const float *b, float *c, int64_t count,
    int64_t inputs, int64_t outputs) {
  const int rows = rowsAtOnce(vectors);
  for (int64_t k = 0; k < outputs; k += vectors * channelBlock, b += inputs * vectors * channelBlock) {
    int64_t i = 0;
    for (; i + rows <= count; i += rows)
      multiplyBlock(
          rows, vectors, accumulates, a + i * inputs, inputs, 0, 1, b, vectors * channelBlock, channelBlock,
          c + i * outputs + k, outputs, channelBlock, 1, inputs);
    for (; i < count; i++)
      multiplyBlock(
          1, vectors, accumulates, a + i * inputs, inputs, 0, 1, b, vectors * channelBlock, channelBlock,
          c + i * outputs + k, outputs, channelBlock, 1, inputs);
  }
}

static void multiplyRows(
    bool accumulates, const float *a, const float *b, float *c, int64_t count, int64_t inputs, int64_t outputs) {
  switch (panelBlocks(outputs / channelBlock) * 2 + accumulates) {
    case 9: return multiplyRowsOf(4, true, a, b, c, count, inputs, outputs);
    case 8: return multiplyRowsOf(4, false, a, b, c, count, inputs, outputs);
    case 5: return multiplyRowsOf(2, true, a, b, c, count, inputs, outputs);
    case 4: return multiplyRowsOf(2, false, a, b, c, count, inputs, outputs);
    case 3: return multiplyRowsOf(1, true, a, b, c, count, inputs, outputs);
    default: return multiplyRowsOf(1, false, a, b, c, count, inputs, outputs);
  }
}

/// Brings weights `[coarse blocks][fine blocks][taps][16 fine][16 coarse]` into panels for each tap, rounded to the
/// dtype of the activations; `isTransposed` for the product from coarse to fine.
static void packPatchWeights(
    const PatchConvolution *shape, KernelStorage storage, const float *weights, bool isTransposed, float *packed) {
  const int size = channelBlock * channelBlock;
  const int64_t inputs = isTransposed ? shape->coarseBlocks : shape->fineBlocks;
  const int64_t outputs = isTransposed ? shape->fineBlocks : shape->coarseBlocks, panel = panelBlocks(outputs);
  for (int tap = 0; tap < patchTaps; tap++, packed += inputs * outputs * size)
    for (int64_t k = 0; k < outputs; k++)
      for (int64_t c = 0; c < inputs; c++) {
        const int64_t block = isTransposed ? c * shape->fineBlocks + k : k * shape->fineBlocks + c;
        const float *source = weights + (block * patchTaps + tap) * size;
        _Alignas(64) float transposed[channelBlock * channelBlock];
        if (isTransposed) {
          transposeBlock(source, transposed);
          source = transposed;
        }
        float *target = packed + k / panel * panel * inputs * size + c * size * panel + k % panel * channelBlock;
        for (int i = 0; i < channelBlock; i++) {
          Vector row = loadFloats(source + i * channelBlock);
          if (storage == KernelBFloat16) row = widened(narrowed(row));
          storeFloats(target + i * panel * channelBlock, row);
        }
      }
}

/// Stores sums `[voxels][channels]` of a block, with what follows, to voxels that lie `step` apart from `offset` on.
INLINE void storePatchRow(
    const KernelStorage storage, const float *sums, int64_t channels, int64_t block, const KernelEpilogue *epilogue,
    void *target, int64_t offset, int64_t step, int64_t width) {
  const Vector bias = biasOf(epilogue->bias, block);
  for (int64_t w = 0; w < width; w++, offset += step * channelBlock * storedSize(storage)) {
    const Vector value = loadFloats(sums + w * channels + block * channelBlock) + bias;
    const char *residual = epilogue->residual ? (const char *)epilogue->residual + offset : 0;
    storeVoxel(storage, (char *)target + offset, finished(storage, value, epilogue->isRectified, residual));
  }
}

/// Rows first ..< last of coarse = the sum over taps of fine w, with what follows.
INLINE void halveRows(
    const PatchConvolution *shape, const KernelStorage storage, const void *fine, const float *packed,
    const KernelEpilogue *epilogue, void *coarse, int64_t first, int64_t last, float *scratch) {
  const int64_t width = shape->coarse[2], inputs = fineChannels(shape), outputs = coarseChannels(shape);
  float *result = scratch + patchTaps * width * inputs;
  for (int64_t row = first; row < last; row++) {
    gatherFine(shape, storage, fine, row, 1, scratch);
    for (int tap = 0; tap < patchTaps; tap++)
      multiplyRows(
          tap > 0, scratch + tap * width * inputs, packed + tap * inputs * outputs, result, width, inputs, outputs);
    for (int64_t block = 0; block < shape->coarseBlocks; block++)
      storePatchRow(
          storage, result, outputs, block, epilogue, coarse, coarseRow(shape, storage, row, block), 1, width);
  }
}

/// Rows first ..< last, of the coarse grid, of fine = coarse w, with what follows.
INLINE void doubleRows(
    const PatchConvolution *shape, const KernelStorage storage, const void *coarse, const float *packed,
    const KernelEpilogue *epilogue, void *fine, int64_t first, int64_t last, float *scratch) {
  const int64_t width = shape->coarse[2], inputs = coarseChannels(shape), outputs = fineChannels(shape);
  float *result = scratch + width * inputs;
  for (int64_t row = first; row < last; row++) {
    gatherCoarse(shape, storage, coarse, row, 1, scratch);
    for (int tap = 0; tap < patchTaps; tap++) {
      multiplyRows(false, scratch, packed + tap * inputs * outputs, result, width, inputs, outputs);
      for (int64_t block = 0; block < shape->fineBlocks; block++)
        storePatchRow(
            storage, result, outputs, block, epilogue, fine, fineRow(shape, storage, row, block, tap), 2, width);
    }
  }
}

/// u[c][k] += sum over voxels of fine[voxel][c] coarse[voxel][k].
INLINE void accumulateTapOf(
    const int vectors, const float *fine, const float *coarse, float *u, int64_t voxels, int64_t inputs,
    int64_t outputs) {
  const int rows = rowsAtOnce(vectors);
  for (int64_t k = 0; k < outputs; k += vectors * channelBlock)
    for (int64_t c = 0; c < inputs; c += rows)
      multiplyBlock(
          rows, vectors, true, fine + c, 1, inputs, 0, coarse + k, outputs, channelBlock, u + c * outputs + k,
          outputs, channelBlock, voxels, 1);
}

/// Adds what rows first ..< last give to the filter gradient `[taps][fine channels][coarse channels]`.
INLINE void correlatePatchRows(
    const PatchConvolution *shape, const KernelStorage storage, const void *fine, const void *coarse,
    float *gradient, int64_t first, int64_t last, int64_t rowsPerPass, float *scratch) {
  const int64_t inputs = fineChannels(shape), outputs = coarseChannels(shape);
  for (int64_t row = first; row < last; row += rowsPerPass) {
    const int64_t rows = last - row < rowsPerPass ? last - row : rowsPerPass, voxels = rows * shape->coarse[2];
    float *gathered = scratch + patchTaps * voxels * inputs;
    gatherFine(shape, storage, fine, row, rows, scratch);
    gatherCoarse(shape, storage, coarse, row, rows, gathered);
    for (int tap = 0; tap < patchTaps; tap++) {
      const float *part = scratch + tap * voxels * inputs;
      float *target = gradient + tap * inputs * outputs;
      switch (panelBlocks(shape->coarseBlocks)) {
        case 4: accumulateTapOf(4, part, gathered, target, voxels, inputs, outputs); break;
        case 2: accumulateTapOf(2, part, gathered, target, voxels, inputs, outputs); break;
        default: accumulateTapOf(1, part, gathered, target, voxels, inputs, outputs);
      }
    }
  }
}

static void halvePatches(
    const PatchConvolution *shape, KernelStorage storage, const void *fine, const float *packed,
    const KernelEpilogue *epilogue, void *coarse, int64_t first, int64_t last, float *scratch) {
  if (storage == KernelFloat32)
    halveRows(shape, KernelFloat32, fine, packed, epilogue, coarse, first, last, scratch);
  else
    halveRows(shape, KernelBFloat16, fine, packed, epilogue, coarse, first, last, scratch);
}

static void doublePatches(
    const PatchConvolution *shape, KernelStorage storage, const void *coarse, const float *packed,
    const KernelEpilogue *epilogue, void *fine, int64_t first, int64_t last, float *scratch) {
  if (storage == KernelFloat32)
    doubleRows(shape, KernelFloat32, coarse, packed, epilogue, fine, first, last, scratch);
  else
    doubleRows(shape, KernelBFloat16, coarse, packed, epilogue, fine, first, last, scratch);
}

static void correlatePatches(
    const PatchConvolution *shape, KernelStorage storage, const void *fine, const void *coarse, float *gradient,
    int64_t first, int64_t last, int64_t rowsPerPass, float *scratch) {
  if (storage == KernelFloat32)
    correlatePatchRows(shape, KernelFloat32, fine, coarse, gradient, first, last, rowsPerPass, scratch);
  else
    correlatePatchRows(shape, KernelBFloat16, fine, coarse, gradient, first, last, rowsPerPass, scratch);
}

static const PatchKernel patches = {
    .packWeights = packPatchWeights,
    .scratchCount = patchScratchCount,
    .halve = halvePatches,
    .twice = doublePatches,
    .correlate = correlatePatches,
};
