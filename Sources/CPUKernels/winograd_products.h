// The matrix products of Winograd convolution, one for each point, between transformed tensors.
//
// A transformed tensor holds, for each tile and each block of 16 channels, one vector a point, and one more
// that is not used: without it the same point of successive tiles would fall into the same set of the cache.

/// Floats from block to block of a transformed tensor.
INLINE int64_t blockStride(const int points) { return (points + 1) * channelBlock; }

/// Floats from point to point of transformed weights and their gradients: padded for the same reason.
INLINE int64_t weightStride(int64_t inputs, int64_t outputs) {
  return inputs * outputs * channelBlock * channelBlock + channelBlock;
}

/// The rows and the vectors of the block of the result that is held in registers: enough products in flight to
/// hide their latency.
#ifdef KERNELS_HAVE_AVX512
enum { widestPanel = 4 };
INLINE int rowsAtOnce(const int vectors) { return vectors == 4 ? 4 : 8; }
#else
enum { widestPanel = 1 };
INLINE int rowsAtOnce(const int vectors) { return 4; }
#endif

/// How many blocks of channels a panel of transformed weights spans.
INLINE int panelBlocks(int64_t blocks) {
  if (widestPanel >= 4 && blocks % 4 == 0) return 4;
  return widestPanel >= 2 && blocks % 2 == 0 ? 2 : 1;
}

/// c[i][j] (+)= sum over k of a[i][k] b[k][j] for some rows i and vectors j; k runs over `outer` groups of
/// `inner`.
INLINE void multiplyBlock(
    const int rows, const int vectors, const bool accumulates, const float *a, int64_t aRow, int64_t aOuter,
    int64_t aInner, const float *b, int64_t bRow, int64_t bVector, float *c, int64_t cRow, int64_t cVector,
    int64_t outer, const int64_t inner) {
  Vector sums[8][4];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      sums[i][j] = accumulates ? loadFloats(c + i * cRow + j * cVector) : zeroVector();
  for (int64_t o = 0; o < outer; o++, a += aOuter) {
    const float *p = a;
    _Pragma("clang loop unroll_count(2)") for (int64_t k = 0; k < inner; k++, p += aInner, b += bRow) {
      Vector row[4];
      UNROLL for (int j = 0; j < vectors; j++) row[j] = loadFloats(b + j * bVector);
      UNROLL for (int i = 0; i < rows; i++) {
        const Vector x = p[i * aRow] - zeroVector();
        UNROLL for (int j = 0; j < vectors; j++) sums[i][j] += x * row[j];
      }
    }
  }
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++) storeFloats(c + i * cRow + j * cVector, sums[i][j]);
}

/// m[tile][k] = sum over c of v[tile][c] u[c][k] for every point.
///
/// - v `[tiles][inputs][points + 1][16]`, u `[points][panels][16 inputs][panel]` with 16 floats of padding after
///   each point, m `[tiles][outputs][points + 1][16]`.
INLINE void multiplyPanelsOf(
    const int vectors, int points, const float *v, const float *u, float *m, int64_t tiles, int64_t inputs,
    int64_t outputs) {
  const int rows = rowsAtOnce(vectors);
  const int64_t block = blockStride(points), vTile = inputs * block, mTile = outputs * block;
  const int64_t uRow = vectors * channelBlock, panel = inputs * channelBlock * uRow;
  for (int f = 0; f < points; f++, u += channelBlock)
    for (int64_t k = 0; k < outputs; k += vectors, u += panel) {
      const float *a = v + f * channelBlock;
      float *c = m + f * channelBlock + k * block;
      int64_t t = 0;
      for (; t + rows <= tiles; t += rows)
        multiplyBlock(
            rows, vectors, false, a + t * vTile, vTile, block, 1, u, uRow, channelBlock, c + t * mTile, mTile,
            block, inputs, channelBlock);
      for (; t < tiles; t++)
        multiplyBlock(
            1, vectors, false, a + t * vTile, vTile, block, 1, u, uRow, channelBlock, c + t * mTile, mTile, block,
            inputs, channelBlock);
    }
}

static void multiplyPanels(
    int points, const float *v, const float *u, float *m, int64_t tiles, int64_t inputs, int64_t outputs) {
  switch (panelBlocks(outputs)) {
    case 4: return multiplyPanelsOf(4, points, v, u, m, tiles, inputs, outputs);
    case 2: return multiplyPanelsOf(2, points, v, u, m, tiles, inputs, outputs);
    default: return multiplyPanelsOf(1, points, v, u, m, tiles, inputs, outputs);
  }
}

/// u[c][k] (+)= sum over tiles of v[tile][c] m[tile][k] for every point.
///
/// - v and m as above, u `[points][16 inputs][16 outputs]` with the same padding.
INLINE void multiplyTilesOf(
    const int vectors, const bool accumulates, int points, const float *v, const float *m, float *u,
    int64_t tiles, int64_t inputs, int64_t outputs) {
  const int rows = rowsAtOnce(vectors);
  const int64_t block = blockStride(points), vTile = inputs * block, mTile = outputs * block;
  const int64_t row = outputs * channelBlock, point = weightStride(inputs, outputs);
  for (int f = 0; f < points; f++)
    for (int64_t k = 0; k < outputs; k += vectors)
      for (int64_t c = 0; c < inputs; c++)
        for (int i = 0; i < channelBlock; i += rows)
          multiplyBlock(
              rows, vectors, accumulates, v + f * channelBlock + c * block + i, 1, vTile, 0,
              m + f * channelBlock + k * block, mTile, block,
              u + f * point + (c * channelBlock + i) * row + k * channelBlock, row, channelBlock, tiles, 1);
}

static void multiplyTiles(
    bool accumulates, int points, const float *v, const float *m, float *u, int64_t tiles, int64_t inputs,
    int64_t outputs) {
  switch (panelBlocks(outputs)) {
    case 4:
      if (accumulates) return multiplyTilesOf(4, true, points, v, m, u, tiles, inputs, outputs);
      return multiplyTilesOf(4, false, points, v, m, u, tiles, inputs, outputs);
    case 2:
      if (accumulates) return multiplyTilesOf(2, true, points, v, m, u, tiles, inputs, outputs);
      return multiplyTilesOf(2, false, points, v, m, u, tiles, inputs, outputs);
    default:
      if (accumulates) return multiplyTilesOf(1, true, points, v, m, u, tiles, inputs, outputs);
      return multiplyTilesOf(1, false, points, v, m, u, tiles, inputs, outputs);
  }
}
