// The three-dimensional transforms of one tile and one block of channels: the one-dimensional ones along each
// axis in turn.

/// The sizes of one F(m, r): known at compile time wherever it is passed.
typedef struct {
  int tile[3];
  int taps;
  int points[3];
} Filtering;

/// Where a tile's voxels lie in a tensor.
typedef struct {
  /// The voxel 0, 0, 0 of the tile; it may lie outside of the tensor.
  const char *origin;
  /// Bytes from slice to slice and from row to row.
  int64_t slice, row;
  /// Bit i: whether depth or height i of the tile is inside of the tensor.
  uint32_t insideDepth, insideHeight;
  Keep insideWidth[maximumPoints];
} TileReader;

INLINE uint32_t insideBits(int64_t start, int64_t extent, const int count) {
  uint32_t bits = 0;
  UNROLL for (int i = 0; i < count; i++) bits |= (uint32_t)(start + i >= 0 && start + i < extent) << i;
  return bits;
}

/// A reader of `size` voxels from `start` on, of block 0 of image `image`.
INLINE TileReader tileReader(
    const KernelStorage storage, const void *tensor, const int64_t extents[3], int64_t blocks, int64_t image,
    const int64_t start[3], const int size[3]) {
  const int64_t voxel = channelBlock * storedSize(storage);
  TileReader reader;
  reader.row = extents[2] * voxel;
  reader.slice = extents[1] * reader.row;
  reader.origin = (const char *)tensor + image * blocks * extents[0] * reader.slice + start[0] * reader.slice +
                  start[1] * reader.row + start[2] * voxel;
  reader.insideDepth = insideBits(start[0], extents[0], size[0]);
  reader.insideHeight = insideBits(start[1], extents[1], size[1]);
  const uint32_t width = insideBits(start[2], extents[2], size[2]);
  UNROLL for (int i = 0; i < size[2]; i++) reader.insideWidth[i] = (Keep) - (int)((width >> i) & 1);
  return reader;
}

/// The voxels of one row of a tile; zeros outside of the tensor.
INLINE void readRow(
    const KernelStorage storage, const TileReader *reader, int d, int h, const int width, Vector row[]) {
  const char *p = reader->origin + d * reader->slice + h * reader->row;
  if ((reader->insideDepth >> d) & (reader->insideHeight >> h) & 1) {
    UNROLL for (int w = 0; w < width; w++)
      row[w] = loadVoxel(storage, p + w * channelBlock * storedSize(storage), reader->insideWidth[w]);
  } else {
    UNROLL for (int w = 0; w < width; w++) row[w] = zeroVector();
  }
}

/// Asks for a tile's voxels ahead of their use: tensors that do not fit into the caches come too late otherwise.
INLINE void prefetchTile(const KernelStorage storage, const int size[3], const TileReader *reader) {
  const int64_t step = 64 / storedSize(storage) / channelBlock;
  for (int d = 0; d < size[0]; d++)
    for (int h = 0; h < size[1]; h++) {
      const char *row = reader->origin + d * reader->slice + h * reader->row;
      if ((reader->insideDepth >> d) & (reader->insideHeight >> h) & 1)
        UNROLL for (int w = 0; w < size[2]; w += step)
          __builtin_prefetch(row + w * channelBlock * storedSize(storage));
    }
}

/// Columns that a plane's transform holds in registers at a time.
INLINE int columnsAtOnce(const int points) { return points == 4 ? 4 : 3; }

/// B^T d along height and width of one depth slice of a tile, to `plane` [height][width].
INLINE void transformInputSlice(
    const KernelStorage storage, const Filtering f, const TileReader *reader, int d, Vector plane[]) {
  const int height = f.points[1], width = f.points[2], columns = columnsAtOnce(width);
  UNROLL for (int first = 0; first < width; first += columns) {
    Vector part[maximumPoints][4];
    UNROLL for (int h = 0; h < height; h++) {
      Vector row[maximumPoints], transformed[maximumPoints];
      readRow(storage, reader, d, h, width, row);
      transformInput(width, row, transformed);
      UNROLL for (int i = 0; i < columns; i++) part[h][i] = transformed[first + i];
    }
    UNROLL for (int i = 0; i < columns; i++) {
      Vector column[maximumPoints], transformed[maximumPoints];
      UNROLL for (int h = 0; h < height; h++) column[h] = part[h][i];
      transformInput(height, column, transformed);
      UNROLL for (int h = 0; h < height; h++) plane[h * width + first + i] = transformed[h];
    }
  }
}

/// B^T d of a whole tile; point f goes to `target + 16 f`.
INLINE void transformInputTile(
    const KernelStorage storage, const Filtering f, const TileReader *reader, float *target) {
  const int plane = f.points[1] * f.points[2];
  Vector buffer[maximumPoints * maximumPoints * maximumPoints];
  for (int d = 0; d < f.points[0]; d++) transformInputSlice(storage, f, reader, d, buffer + d * plane);
  for (int i = 0; i < plane; i++) {
    Vector line[maximumPoints], transformed[maximumPoints];
    UNROLL for (int d = 0; d < f.points[0]; d++) line[d] = buffer[d * plane + i];
    transformInput(f.points[0], line, transformed);
    UNROLL for (int d = 0; d < f.points[0]; d++)
      storeFloats(target + channelBlock * (d * plane + i), transformed[d]);
  }
}

/// B^T d of a tile for one depth point only; point f of the plane goes to `target + 16 f`.
INLINE void transformInputPlane(
    const KernelStorage storage, const Filtering f, const TileReader *reader, const int point, float *target) {
  const int height = f.points[1], width = f.points[2];
  Vector buffer[maximumPoints * maximumPoints];
  for (int h = 0; h < height; h++) {
    Vector line[maximumPoints], transformed[maximumPoints];
    UNROLL for (int w = 0; w < width; w++) line[w] = zeroVector();
    UNROLL for (int d = 0; d < f.points[0]; d++) {
      const float coefficient = inputCoefficient(f.points[0], point, d);
      if (coefficient == 0) continue;
      Vector row[maximumPoints];
      readRow(storage, reader, d, h, width, row);
      UNROLL for (int w = 0; w < width; w++) line[w] += coefficient * row[w];
    }
    transformInput(width, line, transformed);
    UNROLL for (int w = 0; w < width; w++) buffer[h * width + w] = transformed[w];
  }
  for (int w = 0; w < width; w++) {
    Vector column[maximumPoints], transformed[maximumPoints];
    UNROLL for (int h = 0; h < height; h++) column[h] = buffer[h * width + w];
    transformInput(height, column, transformed);
    UNROLL for (int h = 0; h < height; h++) storeFloats(target + channelBlock * (h * width + w), transformed[h]);
  }
}

/// A y of a tile of output gradients for one depth point only.
INLINE void transformOutputGradientPlane(
    const KernelStorage storage, const Filtering f, const TileReader *reader, const int point, float *target) {
  const int height = f.points[1], width = f.points[2];
  Vector buffer[maximumTile * maximumPoints];
  for (int h = 0; h < f.tile[1]; h++) {
    Vector line[maximumTile], transformed[maximumPoints];
    UNROLL for (int w = 0; w < f.tile[2]; w++) line[w] = zeroVector();
    UNROLL for (int d = 0; d < f.tile[0]; d++) {
      const float coefficient = outputCoefficient(f.points[0], f.tile[0], point, d);
      if (coefficient == 0) continue;
      Vector row[maximumTile];
      readRow(storage, reader, d, h, f.tile[2], row);
      UNROLL for (int w = 0; w < f.tile[2]; w++) line[w] += coefficient * row[w];
    }
    transformOutputGradient(width, f.tile[2], line, transformed);
    UNROLL for (int w = 0; w < width; w++) buffer[h * width + w] = transformed[w];
  }
  for (int w = 0; w < width; w++) {
    Vector column[maximumTile], transformed[maximumPoints];
    UNROLL for (int h = 0; h < f.tile[1]; h++) column[h] = buffer[h * width + w];
    transformOutputGradient(height, f.tile[1], column, transformed);
    UNROLL for (int h = 0; h < height; h++) storeFloats(target + channelBlock * (h * width + w), transformed[h]);
  }
}

/// What is done to one block of channels of the result.
typedef struct {
  Vector bias;
  bool isRectified;
  /// The block of the residual, or null.
  const char *residual;
} BlockEpilogue;

/// A^T m of a tile, with what follows, stored where it lies inside of the tensor. Point f comes from
/// `source + 16 f`.
INLINE void transformOutputTile(
    const KernelStorage storage, const Filtering f, const float *source, const BlockEpilogue *epilogue,
    const int64_t extents[3], const int64_t start[3], char *target) {
  const int height = f.points[1], width = f.points[2], plane = height * width;
  Vector afterDepth[maximumTile * maximumPoints * maximumPoints];
  for (int i = 0; i < plane; i++) {
    Vector line[maximumPoints], transformed[maximumTile];
    UNROLL for (int d = 0; d < f.points[0]; d++) line[d] = loadFloats(source + channelBlock * (d * plane + i));
    transformOutput(f.points[0], f.tile[0], line, transformed);
    UNROLL for (int d = 0; d < f.tile[0]; d++) afterDepth[d * plane + i] = transformed[d];
  }
  const int64_t voxel = channelBlock * storedSize(storage);
  for (int d = 0; d < f.tile[0] && start[0] + d < extents[0]; d++) {
    Vector afterHeight[maximumTile * maximumPoints];
    UNROLL for (int w = 0; w < width; w++) {
      Vector column[maximumPoints], transformed[maximumTile];
      UNROLL for (int h = 0; h < height; h++) column[h] = afterDepth[d * plane + h * width + w];
      transformOutput(height, f.tile[1], column, transformed);
      UNROLL for (int h = 0; h < f.tile[1]; h++) afterHeight[h * width + w] = transformed[h];
    }
    for (int h = 0; h < f.tile[1] && start[1] + h < extents[1]; h++) {
      Vector row[maximumPoints], transformed[maximumTile];
      UNROLL for (int w = 0; w < width; w++) row[w] = afterHeight[h * width + w];
      transformOutput(width, f.tile[2], row, transformed);
      const int64_t offset = (((start[0] + d) * extents[1] + start[1] + h) * extents[2] + start[2]) * voxel;
      UNROLL for (int w = 0; w < f.tile[2]; w++) {
        if (start[2] + w >= extents[2]) continue;
        const char *residual = epilogue->residual ? epilogue->residual + offset + w * voxel : 0;
        storeVoxel(
            storage, target + offset + w * voxel,
            finished(storage, transformed[w] + epilogue->bias, epilogue->isRectified, residual));
      }
    }
  }
}
