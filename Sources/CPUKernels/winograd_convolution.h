// Winograd convolution and its gradients: the functions of a `WinogradKernel`.

INLINE int pointCount(const Filtering f) { return f.points[0] * f.points[1] * f.points[2]; }
INLINE int planeCount(const Filtering f) { return f.points[1] * f.points[2]; }
INLINE int64_t transformedCount(const KernelConvolution *shape, const Filtering f) {
  return pointCount(f) * weightStride(shape->inputBlocks, shape->outputBlocks);
}
INLINE int tapCount(const Filtering f) { return f.taps * f.taps * f.taps; }

INLINE int64_t tilesAlong(const KernelConvolution *shape, const Filtering f, const int axis) {
  return (shape->output[axis] + f.tile[axis] - 1) / f.tile[axis];
}

INLINE int64_t allTiles(const KernelConvolution *shape, const Filtering f) {
  return shape->batch * tilesAlong(shape, f, 0) * tilesAlong(shape, f, 1) * tilesAlong(shape, f, 2);
}

/// The image of a tile and the first of its output voxels.
typedef struct {
  int64_t image;
  int64_t start[3];
} TilePosition;

INLINE TilePosition tilePosition(const KernelConvolution *shape, const Filtering f, int64_t tile) {
  TilePosition position;
  UNROLL for (int axis = 2; axis >= 0; axis--) {
    const int64_t count = tilesAlong(shape, f, axis);
    position.start[axis] = tile % count * f.tile[axis];
    tile /= count;
  }
  position.image = tile;
  return position;
}

/// A reader of the inputs that a tile of outputs needs.
INLINE TileReader tileInputs(
    const KernelConvolution *shape, const KernelStorage storage, const Filtering f, const void *x, int64_t tile) {
  const TilePosition position = tilePosition(shape, f, tile);
  const int64_t start[3] = {
      position.start[0] - shape->before[0], position.start[1] - shape->before[1],
      position.start[2] - shape->before[2]};
  return tileReader(storage, x, shape->input, shape->inputBlocks, position.image, start, f.points);
}

/// A reader of the gradients of a tile of outputs.
INLINE TileReader tileGradients(
    const KernelConvolution *shape, const KernelStorage storage, const Filtering f, const void *dy, int64_t tile) {
  const TilePosition position = tilePosition(shape, f, tile);
  return tileReader(storage, dy, shape->output, shape->outputBlocks, position.image, position.start, f.tile);
}

// MARK: Weights

/// Copies the taps of one block of weights, for the input gradient in reverse order and each block transposed.
INLINE void readWeightBlock(
    const Filtering f, KernelStorage storage, const float *source, const bool reversed, float *target) {
  const int size = channelBlock * channelBlock, taps = tapCount(f);
  if (reversed) {
    for (int tap = 0; tap < taps; tap++) transposeBlock(source + (taps - 1 - tap) * size, target + tap * size);
  } else {
    memcpy(target, source, sizeof(float) * taps * size);
  }
  if (storage == KernelBFloat16)
    for (int i = 0; i < taps * channelBlock; i++)
      storeFloats(target + i * channelBlock, widened(narrowed(loadFloats(target + i * channelBlock))));
}

/// G g along all axes, of one vector of output channels; point f goes to `target + stride f`.
INLINE void transformFilter(const Filtering f, const float *taps, float *target, int64_t stride) {
  const int size = channelBlock * channelBlock;
  Vector afterWidth[maximumTaps * maximumTaps * maximumPoints];
  Vector afterHeight[maximumTaps * maximumPoints * maximumPoints];
  for (int i = 0; i < f.taps * f.taps; i++) {
    Vector line[maximumTaps];
    UNROLL for (int w = 0; w < f.taps; w++) line[w] = loadFloats(taps + (i * f.taps + w) * size);
    transformWeights1D(f.points[2], f.taps, line, afterWidth + i * f.points[2]);
  }
  for (int d = 0; d < f.taps; d++)
    for (int w = 0; w < f.points[2]; w++) {
      Vector line[maximumTaps], transformed[maximumPoints];
      UNROLL for (int h = 0; h < f.taps; h++) line[h] = afterWidth[(d * f.taps + h) * f.points[2] + w];
      transformWeights1D(f.points[1], f.taps, line, transformed);
      UNROLL for (int h = 0; h < f.points[1]; h++)
        afterHeight[(d * f.points[1] + h) * f.points[2] + w] = transformed[h];
    }
  const int plane = planeCount(f);
  for (int i = 0; i < plane; i++) {
    Vector line[maximumTaps], transformed[maximumPoints];
    UNROLL for (int d = 0; d < f.taps; d++) line[d] = afterHeight[d * plane + i];
    transformWeights1D(f.points[0], f.taps, line, transformed);
    UNROLL for (int d = 0; d < f.points[0]; d++) storeFloats(target + (d * plane + i) * stride, transformed[d]);
  }
}

INLINE void transformAllWeights(
    const KernelConvolution *shape, KernelStorage storage, const Filtering f, const float *weights,
    const bool reversed, float *transformed, int64_t first, int64_t last) {
  const int size = channelBlock * channelBlock;
  const int64_t inputs = shape->inputBlocks, outputs = shape->outputBlocks;
  const int64_t panel = panelBlocks(outputs), stride = weightStride(inputs, outputs);
  _Alignas(64) float taps[maximumTaps * maximumTaps * maximumTaps * channelBlock * channelBlock];
  for (int64_t block = first; block < last; block++) {
    const int64_t k = block / inputs, c = block % inputs;
    readWeightBlock(f, storage, weights + (reversed ? c * outputs + k : block) * tapCount(f) * size, reversed, taps);
    float *target = transformed + k / panel * panel * inputs * size + k % panel * channelBlock +
                    c * channelBlock * panel * channelBlock;
    for (int i = 0; i < channelBlock; i++)
      transformFilter(f, taps + i * channelBlock, target + i * panel * channelBlock, stride);
  }
}

// MARK: Forward and input gradient

INLINE int64_t convolutionScratch(const KernelConvolution *shape, const Filtering f, int64_t tiles) {
  return tiles * (shape->inputBlocks + shape->outputBlocks) * blockStride(pointCount(f));
}

INLINE void convolveTiles(
    const KernelConvolution *shape, const KernelStorage storage, const Filtering f, const void *x,
    const float *transformed, const KernelEpilogue *epilogue, void *y, int64_t first, int64_t last,
    int64_t tilesPerPass, float *scratch) {
  const int points = pointCount(f);
  const int64_t inputs = shape->inputBlocks, outputs = shape->outputBlocks, block = blockStride(points);
  const int64_t xBlock = storedBlock(storage, shape->input), yBlock = storedBlock(storage, shape->output);
  float *v = scratch, *m = scratch + tilesPerPass * inputs * block;
  for (int64_t start = first; start < last; start += tilesPerPass) {
    const int64_t tiles = last - start < tilesPerPass ? last - start : tilesPerPass;
    TileReader next = tileInputs(shape, storage, f, x, start);
    for (int64_t t = 0; t < tiles; t++) {
      TileReader reader = next;
      next = tileInputs(shape, storage, f, x, start + t + 1);
      for (int64_t c = 0; c < inputs; c++) {
        TileReader following = reader;
        following.origin += xBlock;
        prefetchTile(storage, f.points, c + 1 < inputs ? &following : &next);
        transformInputTile(storage, f, &reader, v + (t * inputs + c) * block);
        reader = following;
      }
    }
    multiplyPanels(points, v, transformed, m, tiles, inputs, outputs);
    for (int64_t t = 0; t < tiles; t++) {
      const TilePosition position = tilePosition(shape, f, start + t);
      for (int64_t k = 0; k < outputs; k++) {
        const int64_t offset = (position.image * outputs + k) * yBlock;
        const BlockEpilogue blockEpilogue = {
            biasOf(epilogue->bias, k), epilogue->isRectified,
            epilogue->residual ? (const char *)epilogue->residual + offset : 0};
        transformOutputTile(
            storage, f, m + (t * outputs + k) * block, &blockEpilogue, shape->output, position.start,
            (char *)y + offset);
      }
    }
  }
}

// MARK: Filter gradient

INLINE int64_t correlationScratch(const KernelConvolution *shape, const Filtering f, int64_t tiles) {
  return tiles * (shape->inputBlocks + shape->outputBlocks) * blockStride(planeCount(f));
}

INLINE void correlatePlane(
    const KernelConvolution *shape, const KernelStorage storage, const Filtering f, const void *x,
    const void *dy, const int plane, float *transformedGradient, int64_t first, int64_t last,
    int64_t tilesPerPass, float *scratch) {
  const int points = planeCount(f);
  const int64_t inputs = shape->inputBlocks, outputs = shape->outputBlocks, block = blockStride(points);
  const int64_t xBlock = storedBlock(storage, shape->input), yBlock = storedBlock(storage, shape->output);
  float *v = scratch, *m = scratch + tilesPerPass * inputs * block;
  float *u = transformedGradient + plane * points * weightStride(inputs, outputs);
  for (int64_t start = first; start < last; start += tilesPerPass) {
    const int64_t tiles = last - start < tilesPerPass ? last - start : tilesPerPass;
    for (int64_t t = 0; t < tiles; t++) {
      TileReader reader = tileInputs(shape, storage, f, x, start + t);
      TileReader gradients = tileGradients(shape, storage, f, dy, start + t);
      for (int64_t c = 0; c < inputs; c++) {
        TileReader following = reader;
        following.origin += xBlock;
        if (c + 1 < inputs)
          prefetchTile(storage, f.points, &following);
        else
          prefetchTile(storage, f.tile, &gradients);
        transformInputPlane(storage, f, &reader, plane, v + (t * inputs + c) * block);
        reader = following;
      }
      const TileReader next = tileInputs(shape, storage, f, x, start + t + 1);
      for (int64_t k = 0; k < outputs; k++) {
        TileReader following = gradients;
        following.origin += yBlock;
        if (k + 1 < outputs)
          prefetchTile(storage, f.tile, &following);
        else
          prefetchTile(storage, f.points, &next);
        transformOutputGradientPlane(storage, f, &gradients, plane, m + (t * outputs + k) * block);
        gradients = following;
      }
    }
    multiplyTiles(start > first, points, v, m, u, tiles, inputs, outputs);
  }
}

/// G^T u along all axes, of one vector of output channels.
INLINE void finishFilter(const Filtering f, const float *transformedGradient, int64_t stride, float *taps) {
  const int size = channelBlock * channelBlock, plane = planeCount(f);
  Vector afterDepth[maximumTaps * maximumPoints * maximumPoints];
  Vector afterHeight[maximumTaps * maximumTaps * maximumPoints];
  for (int i = 0; i < plane; i++) {
    Vector line[maximumPoints], transformed[maximumTaps];
    UNROLL for (int d = 0; d < f.points[0]; d++)
      line[d] = loadFloats(transformedGradient + (d * plane + i) * stride);
    transformWeightGradient(f.points[0], f.taps, line, transformed);
    UNROLL for (int d = 0; d < f.taps; d++) afterDepth[d * plane + i] = transformed[d];
  }
  for (int d = 0; d < f.taps; d++)
    for (int w = 0; w < f.points[2]; w++) {
      Vector line[maximumPoints], transformed[maximumTaps];
      UNROLL for (int h = 0; h < f.points[1]; h++) line[h] = afterDepth[d * plane + h * f.points[2] + w];
      transformWeightGradient(f.points[1], f.taps, line, transformed);
      UNROLL for (int h = 0; h < f.taps; h++)
        afterHeight[(d * f.taps + h) * f.points[2] + w] = transformed[h];
    }
  for (int i = 0; i < f.taps * f.taps; i++) {
    Vector transformed[maximumTaps];
    transformWeightGradient(f.points[2], f.taps, afterHeight + i * f.points[2], transformed);
    UNROLL for (int w = 0; w < f.taps; w++) storeFloats(taps + (i * f.taps + w) * size, transformed[w]);
  }
}

INLINE void finishAllFilters(
    const KernelConvolution *shape, const Filtering f, const float *transformedGradient, float *gradient,
    int64_t first, int64_t last) {
  const int size = channelBlock * channelBlock;
  const int64_t inputs = shape->inputBlocks, row = shape->outputBlocks * channelBlock;
  const int64_t point = weightStride(inputs, shape->outputBlocks);
  for (int64_t block = first; block < last; block++) {
    const int64_t k = block / inputs, c = block % inputs;
    for (int i = 0; i < channelBlock; i++)
      finishFilter(
          f, transformedGradient + (c * channelBlock + i) * row + k * channelBlock, point,
          gradient + block * tapCount(f) * size + i * channelBlock);
  }
}
