// Direct convolution between a narrow tensor, of one to four channels, and a wide one, of whole blocks of 16:
// the first layer of a network and the last. Arithmetic on the narrow side's channels would leave most of a
// vector idle, so vectors span the 16 channels of the wide side.
//
// The narrow tensor is copied into a float32 tensor with zeros around, so that every voxel of the wide grid finds
// all its neighbours: voxel v of the wide grid and tap t meet at voxel v + t of the padded one. For the gradients
// of a layer whose output is the narrow side the taps count backwards; the caller reverses them in the filter.

/// Voxels of a row that are computed at once.
#ifdef KERNELS_HAVE_AVX512
enum { expandedVoxels = 8, contractedVoxels = 4 };
#else
enum { expandedVoxels = 4, contractedVoxels = 2 };
#endif

/// Columns after the last of a padded row, which the last group of voxels may read.
enum { slack = 8 };

INLINE int64_t paddedRow(const NarrowConvolution *shape) {
  return (shape->wide[2] + shape->taps - 1 + slack) * shape->channels;
}

INLINE int64_t paddedSlice(const NarrowConvolution *shape) {
  return (shape->wide[1] + shape->taps - 1) * paddedRow(shape);
}

INLINE int64_t paddedDepth(const NarrowConvolution *shape) { return shape->wide[0] + shape->taps - 1; }

/// Copies a row of `count` stored elements.
INLINE void copyRow(KernelStorage storage, const void *source, float *target, int64_t count) {
  if (storage == KernelFloat32) {
    memcpy(target, source, count * sizeof(float));
    return;
  }
  const uint16_t *half = source;
  for (int64_t i = 0; i < count; i++) {
    const uint32_t bits = (uint32_t)half[i] << 16;
    memcpy(target + i, &bits, sizeof bits);
  }
}

/// Writes slices first ..< last of the padded tensor, counted over all images.
static void padNarrow(
    const NarrowConvolution *shape, KernelStorage storage, const void *narrow, float *padded, int64_t first,
    int64_t last) {
  const int64_t rows = shape->wide[1] + shape->taps - 1, row = paddedRow(shape), depth = paddedDepth(shape);
  const int64_t columns = shape->wide[2] + shape->taps - 1 - shape->before[2], channels = shape->channels;
  const int64_t copied = columns < shape->narrow[2] ? columns : shape->narrow[2];
  for (int64_t slice = first; slice < last; slice++) {
    float *target = padded + slice * paddedSlice(shape);
    memset(target, 0, paddedSlice(shape) * sizeof(float));
    const int64_t image = slice / depth, d = slice % depth - shape->before[0];
    if (d < 0 || d >= shape->narrow[0]) continue;
    for (int64_t i = 0; i < rows; i++) {
      const int64_t h = i - shape->before[1];
      if (h < 0 || h >= shape->narrow[1]) continue;
      const int64_t source = ((image * shape->narrow[0] + d) * shape->narrow[1] + h) * shape->narrow[2] * channels;
      copyRow(
          storage, (const char *)narrow + source * storedSize(storage),
          target + i * row + shape->before[2] * channels, copied * channels);
    }
  }
}

INLINE int64_t wideOffset(const NarrowConvolution *shape, int64_t image, int64_t block, int64_t d, int64_t h) {
  const int64_t *e = shape->wide;
  return (((image * shape->wideBlocks + block) * e[0] + d) * e[1] + h) * e[2] * channelBlock;
}

// MARK: Narrow to wide

/// Slices first ..< last of wide[v] = sum over t, k of padded[v + t][k] filter[t][k], with what follows.
INLINE void expandSlices(
    const NarrowConvolution *shape, const KernelStorage storage, const int taps, const int channels,
    const float *padded, const float *filter, const KernelEpilogue *epilogue, void *wide, int64_t first,
    int64_t last) {
  const int64_t row = paddedRow(shape), voxel = channelBlock * storedSize(storage), width = shape->wide[2];
  const int64_t filterBlock = taps * taps * taps * channels * channelBlock;
  for (int64_t slice = first; slice < last; slice++)
    for (int64_t block = 0; block < shape->wideBlocks; block++) {
      const int64_t image = slice / shape->wide[0], d = slice % shape->wide[0];
      const float *corner = padded + (image * paddedDepth(shape) + d) * paddedSlice(shape);
      const Vector start = biasOf(epilogue->bias, block);
      for (int64_t h = 0; h < shape->wide[1]; h++) {
        const int64_t offset = wideOffset(shape, image, block, d, h) * storedSize(storage);
        char *target = (char *)wide + offset;
        const char *residual = epilogue->residual ? (const char *)epilogue->residual + offset : 0;
        for (int64_t w = 0; w < width; w += expandedVoxels) {
          Vector sums[expandedVoxels];
          UNROLL for (int v = 0; v < expandedVoxels; v++) sums[v] = start;
          const float *f = filter + block * filterBlock;
          for (int kd = 0; kd < taps; kd++)
            for (int kh = 0; kh < taps; kh++) {
              const float *p = corner + kd * paddedSlice(shape) + (h + kh) * row + w * channels;
              UNROLL for (int i = 0; i < taps * channels; i++, f += channelBlock) {
                const Vector weights = loadFloats(f);
                UNROLL for (int v = 0; v < expandedVoxels; v++) sums[v] += p[v * channels + i] * weights;
              }
            }
          UNROLL for (int v = 0; v < expandedVoxels; v++)
            if (w + v < width)
              storeVoxel(
                  storage, target + (w + v) * voxel,
                  finished(storage, sums[v], epilogue->isRectified, residual ? residual + (w + v) * voxel : 0));
        }
      }
    }
}

// MARK: Wide to narrow

/// The sums of 16 vectors' elements, in one vector.
INLINE Vector horizontalSums(const Vector vectors[16]) {
  Vector v[16];
  UNROLL for (int i = 0; i < 16; i++) v[i] = vectors[i];
  UNROLL for (int half = 8; half > 0; half /= 2)
    UNROLL for (int i = 0; i < half; i++) {
      const Vector x = v[i], y = v[i + half];
      v[i] = __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23) +
             __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
  return v[0];
}

/// Adds what one row of the wide tensor gives to the sums of some voxels, in one vector per voxel and channel.
INLINE void contractRow(
    const KernelStorage storage, const int taps, const int channels, const char *row, const Keep keep[],
    const float *filter, Vector sums[]) {
  Vector x[contractedVoxels + 4];
  UNROLL for (int i = 0; i < contractedVoxels + taps - 1; i++)
    x[i] = loadVoxel(storage, row + i * channelBlock * storedSize(storage), keep[i]);
  UNROLL for (int kw = 0; kw < taps; kw++)
    UNROLL for (int k = 0; k < channels; k++) {
      const Vector weights = loadFloats(filter + (kw * channels + k) * channelBlock);
      UNROLL for (int v = 0; v < contractedVoxels; v++) sums[v * channels + k] += x[v + kw] * weights;
    }
}

/// Asks for the voxels that the next row of outputs will be the first to read.
INLINE void prefetchRowBelow(
    const NarrowConvolution *shape, const KernelStorage storage, const void *wide, int64_t image, int64_t d,
    int64_t h, int64_t w) {
  const int64_t z = d + shape->taps - 1 - shape->before[0], y = h + shape->taps - shape->before[1];
  if (z < 0 || z >= shape->wide[0] || y < 0 || y >= shape->wide[1]) return;
  for (int64_t block = 0; block < shape->wideBlocks; block++) {
    const int64_t voxel = wideOffset(shape, image, block, z, y) + (w + shape->before[2]) * channelBlock;
    UNROLL for (int v = 0; v < contractedVoxels; v++)
      __builtin_prefetch((const char *)wide + (voxel + v * channelBlock) * storedSize(storage));
  }
}

/// 16 stored elements of a row, or fewer.
INLINE Vector loadPart(const KernelStorage storage, const char *p, int64_t count) {
  char whole[64] = {0};
  memcpy(whole, p, (size_t)(count * storedSize(storage)));
  return loadVoxel(storage, whole, 0xffff);
}

INLINE void storePart(const KernelStorage storage, char *p, int64_t count, const Vector x) {
  char whole[64];
  storeVoxel(storage, whole, x);
  memcpy(p, whole, (size_t)(count * storedSize(storage)));
}

/// Slices first ..< last of narrow[o][k] = sum over t of wide[o + t - before] . filter[t][k], with what follows.
INLINE void contractSlices(
    const NarrowConvolution *shape, const KernelStorage storage, const int taps, const int channels,
    const void *wide, const float *filter, const KernelEpilogue *epilogue, void *narrow, int64_t first,
    int64_t last) {
  const int64_t voxel = channelBlock * storedSize(storage), width = shape->narrow[2];
  const int64_t tapRow = taps * channels * channelBlock, filterBlock = taps * taps * tapRow;
  float biases[16 * 4];
  for (int i = 0; i < 16 * channels; i++) biases[i] = epilogue->bias ? epilogue->bias[i % channels] : 0;
  for (int64_t slice = first; slice < last; slice++)
    for (int64_t h = 0; h < shape->narrow[1]; h++)
      for (int64_t segment = 0; segment < width; segment += 16) {
        const int64_t image = slice / shape->narrow[0], d = slice % shape->narrow[0];
        Vector sums[16 * 4];
        for (int64_t group = 0; group < 16; group += contractedVoxels) {
          Vector parts[contractedVoxels * 4];
          UNROLL for (int i = 0; i < contractedVoxels * channels; i++) parts[i] = zeroVector();
          const int64_t w = segment + group - shape->before[2];
          Keep keep[contractedVoxels + 4];
          UNROLL for (int i = 0; i < contractedVoxels + taps - 1; i++)
            keep[i] = w + i >= 0 && w + i < shape->wide[2] ? 0xffff : 0;
          prefetchRowBelow(shape, storage, wide, image, d, h, w);
          if (segment + group < width)
            for (int64_t block = 0; block < shape->wideBlocks; block++)
              for (int kd = 0; kd < taps; kd++)
                for (int kh = 0; kh < taps; kh++) {
                  const int64_t z = d + kd - shape->before[0], y = h + kh - shape->before[1];
                  if (z < 0 || z >= shape->wide[0] || y < 0 || y >= shape->wide[1]) continue;
                  const char *row =
                      (const char *)wide + wideOffset(shape, image, block, z, y) * storedSize(storage) + w * voxel;
                  contractRow(
                      storage, taps, channels, row, keep, filter + block * filterBlock + (kd * taps + kh) * tapRow,
                      parts);
                }
          UNROLL for (int i = 0; i < contractedVoxels * channels; i++) sums[group * channels + i] = parts[i];
        }
        const int64_t count = (width - segment < 16 ? width - segment : 16) * channels;
        const int64_t start = ((slice * shape->narrow[1] + h) * width + segment) * channels;
        UNROLL for (int k = 0; k < channels; k++) {
          const int64_t part = count - 16 * k < 16 ? count - 16 * k : 16;
          if (part <= 0) continue;
          const int64_t offset = (start + 16 * k) * storedSize(storage);
          Vector result = horizontalSums(sums + 16 * k) + loadFloats(biases + 16 * k);
          if (epilogue->isRectified) result = positivePart(result);
          if (epilogue->residual) result += loadPart(storage, (const char *)epilogue->residual + offset, part);
          if (part == 16)
            storeVoxel(storage, (char *)narrow + offset, result);
          else
            storePart(storage, (char *)narrow + offset, part, result);
        }
      }
}

// MARK: Filter gradient

/// Rows of taps whose sums are held in registers at once.
INLINE int rowsOfTaps(const int taps, const int channels) { return taps * taps * channels <= 27 ? taps : 1; }

/// gradient[t][k] = sum over v of padded[v + t][k] wide[v], for the voxels of one slice and one block.
INLINE void correlateSlice(
    const NarrowConvolution *shape, const KernelStorage storage, const int taps, const int channels,
    const float *corner, const char *wide, float *gradient) {
  const int64_t row = paddedRow(shape), voxel = channelBlock * storedSize(storage), width = shape->wide[2];
  const int rows = rowsOfTaps(taps, channels), perRow = taps * channels;
  for (int kd = 0; kd < taps; kd++)
    for (int kh = 0; kh < taps; kh += rows) {
      Vector sums[27];
      UNROLL for (int i = 0; i < rows * perRow; i++) sums[i] = zeroVector();
      const char *x = wide;
      for (int64_t h = 0; h < shape->wide[1]; h++) {
        const float *p = corner + kd * paddedSlice(shape) + (h + kh) * row;
        for (int64_t w = 0; w < width; w++, x += voxel, p += channels) {
          const Vector vector = loadVoxel(storage, x, 0xffff);
          UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int i = 0; i < perRow; i++) sums[r * perRow + i] += p[r * row + i] * vector;
        }
      }
      float *target = gradient + (kd * taps + kh) * perRow * channelBlock;
      UNROLL for (int i = 0; i < rows * perRow; i++) storeFloats(target + i * channelBlock, sums[i]);
    }
}

/// The filter gradients of slices first ..< last of all images, each slice apart:
/// `[slices][wide blocks][taps^3][channels][16]`.
INLINE void correlateSlices(
    const NarrowConvolution *shape, const KernelStorage storage, const int taps, const int channels,
    const float *padded, const void *wide, float *gradients, int64_t first, int64_t last) {
  const int64_t size = taps * taps * taps * channels * channelBlock;
  for (int64_t slice = first; slice < last; slice++)
    for (int64_t block = 0; block < shape->wideBlocks; block++) {
      const int64_t image = slice / shape->wide[0], d = slice % shape->wide[0];
      correlateSlice(
          shape, storage, taps, channels, padded + (image * paddedDepth(shape) + d) * paddedSlice(shape),
          (const char *)wide + wideOffset(shape, image, block, d, 0) * storedSize(storage),
          gradients + (slice * shape->wideBlocks + block) * size);
    }
}
