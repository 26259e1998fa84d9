// Passes over activations in blocks of 16 channels, with one coefficient a channel: batch norm, PReLU and their
// gradients. A pass takes some voxels of one block of one image.

/// x where the condition is positive, else y.
INLINE Vector wherePositive(Vector condition, Vector x, Vector y) {
  const WordVector mask = (WordVector)(condition > zeroVector());
  return (Vector)((mask & (WordVector)x) | (~mask & (WordVector)y));
}

/// Vectors that are summed side by side, to hide the latency of additions.
enum { sideBySide = 4 };

INLINE Vector loadStored(const KernelStorage storage, const void *x, int64_t voxel) {
  return loadVoxel(storage, (const char *)x + voxel * channelBlock * storedSize(storage), 0xffff);
}

INLINE void storeStored(const KernelStorage storage, void *x, int64_t voxel, Vector value) {
  storeVoxel(storage, (char *)x + voxel * channelBlock * storedSize(storage), value);
}

INLINE Vector sumOf(const Vector parts[sideBySide]) { return (parts[0] + parts[1]) + (parts[2] + parts[3]); }

/// The mean of each channel and the sum of squared differences from it, in two passes.
INLINE void channelMoments(const KernelStorage storage, const void *x, int64_t count, float *mean, float *squares) {
  Vector sums[sideBySide] = {0}, differences[sideBySide] = {0};
  int64_t v = 0;
  for (; v + sideBySide <= count; v += sideBySide)
    UNROLL for (int i = 0; i < sideBySide; i++) sums[i] += loadStored(storage, x, v + i);
  for (; v < count; v++) sums[0] += loadStored(storage, x, v);
  const Vector average = sumOf(sums) / (float)count;
  for (v = 0; v + sideBySide <= count; v += sideBySide)
    UNROLL for (int i = 0; i < sideBySide; i++) {
      const Vector d = loadStored(storage, x, v + i) - average;
      differences[i] += d * d;
    }
  for (; v < count; v++) {
    const Vector d = loadStored(storage, x, v) - average;
    differences[0] += d * d;
  }
  storeFloats(mean, average);
  storeFloats(squares, sumOf(differences));
}

/// The coefficients of a normalisation.
typedef struct {
  Vector centre, scale, shift;
} Normalization;

INLINE Normalization loadNormalization(const KernelNormalization *n) {
  return (Normalization){loadFloats(n->centre), loadFloats(n->scale), loadFloats(n->shift)};
}

INLINE Vector normalised(const Normalization n, Vector x) { return n.scale * (x - n.centre) + n.shift; }

/// y = the normalised x, its positive part where `isRectified`, plus the residual where there is one.
INLINE void normaliseChannels(
    const KernelStorage storage, const bool isRectified, const void *x, const KernelNormalization *coefficients,
    const void *residual, void *y, int64_t count) {
  const Normalization n = loadNormalization(coefficients);
  for (int64_t v = 0; v < count; v++) {
    Vector value = normalised(n, loadStored(storage, x, v));
    if (isRectified) value = positivePart(value);
    if (residual) value += loadStored(storage, residual, v);
    storeStored(storage, y, v, value);
  }
}

/// The gradient that reaches the normalised x: dy, or where `isRectified` dy where that is positive.
INLINE Vector passedGradient(
    const KernelStorage storage, const bool isRectified, const Normalization n, Vector x, const void *dy,
    int64_t voxel) {
  const Vector gradient = loadStored(storage, dy, voxel);
  return isRectified ? wherePositive(normalised(n, x), gradient, zeroVector()) : gradient;
}

/// Sums of the passed gradient g and of g (x - centre).
INLINE void channelGradientSums(
    const KernelStorage storage, const bool isRectified, const void *x, const void *dy,
    const KernelNormalization *coefficients, int64_t count, float *gradients, float *products) {
  const Normalization n = loadNormalization(coefficients);
  Vector first[sideBySide] = {0}, second[sideBySide] = {0};
  int64_t v = 0;
  for (; v + sideBySide <= count; v += sideBySide)
    UNROLL for (int i = 0; i < sideBySide; i++) {
      const Vector value = loadStored(storage, x, v + i);
      const Vector g = passedGradient(storage, isRectified, n, value, dy, v + i);
      first[i] += g;
      second[i] += g * (value - n.centre);
    }
  for (; v < count; v++) {
    const Vector value = loadStored(storage, x, v);
    const Vector g = passedGradient(storage, isRectified, n, value, dy, v);
    first[0] += g;
    second[0] += g * (value - n.centre);
  }
  storeFloats(gradients, sumOf(first));
  storeFloats(products, sumOf(second));
}

/// dx = a g + b (x - centre) + c for the passed gradient g, and the sum of dx as it is stored.
INLINE void channelGradient(
    const KernelStorage storage, const bool isRectified, const void *x, const void *dy,
    const KernelNormalization *coefficients, const float *a, const float *b, const float *c, void *dx,
    int64_t count, float *sum) {
  const Normalization n = loadNormalization(coefficients);
  const Vector ofGradient = loadFloats(a), ofInput = loadFloats(b), constant = loadFloats(c);
  Vector total = zeroVector();
  for (int64_t v = 0; v < count; v++) {
    const Vector value = loadStored(storage, x, v);
    const Vector g = passedGradient(storage, isRectified, n, value, dy, v);
    Vector result = ofGradient * g + (ofInput * (value - n.centre) + constant);
    if (storage == KernelBFloat16) result = widened(narrowed(result));
    storeStored(storage, dx, v, result);
    total += result;
  }
  storeFloats(sum, total);
}

/// y = x where positive, else alpha x.
INLINE void parametricReLU(const KernelStorage storage, const void *x, const float *alpha, void *y, int64_t count) {
  const Vector slope = loadFloats(alpha);
  for (int64_t v = 0; v < count; v++) {
    const Vector value = loadStored(storage, x, v);
    storeStored(storage, y, v, wherePositive(value, value, slope * value));
  }
}

/// The gradient of PReLU with respect to x, and the sum over voxels of that with respect to alpha.
INLINE void parametricReLUGradient(
    const KernelStorage storage, const void *x, const void *dy, const float *alpha, void *dx, int64_t count,
    float *dalpha) {
  const Vector slope = loadFloats(alpha);
  Vector total = zeroVector();
  for (int64_t v = 0; v < count; v++) {
    const Vector value = loadStored(storage, x, v), gradient = loadStored(storage, dy, v);
    storeStored(storage, dx, v, wherePositive(value, gradient, slope * gradient));
    total += wherePositive(value, zeroVector(), gradient * value);
  }
  storeFloats(dalpha, total);
}

#define WITH_STORAGE(call)                    \
  if (storage == KernelFloat32) {             \
    const KernelStorage known = KernelFloat32; \
    call;                                     \
  } else {                                    \
    const KernelStorage known = KernelBFloat16; \
    call;                                     \
  }

static void momentsKernel(KernelStorage storage, const void *x, int64_t count, float *mean, float *squares) {
  WITH_STORAGE(channelMoments(known, x, count, mean, squares))
}

static void normaliseKernel(
    KernelStorage storage, bool isRectified, const void *x, const KernelNormalization *n, const void *residual,
    void *y, int64_t count) {
  if (isRectified) {
    WITH_STORAGE(normaliseChannels(known, true, x, n, residual, y, count))
  } else {
    WITH_STORAGE(normaliseChannels(known, false, x, n, residual, y, count))
  }
}

static void gradientSumsKernel(
    KernelStorage storage, bool isRectified, const void *x, const void *dy, const KernelNormalization *n,
    int64_t count, float *gradients, float *products) {
  if (isRectified) {
    WITH_STORAGE(channelGradientSums(known, true, x, dy, n, count, gradients, products))
  } else {
    WITH_STORAGE(channelGradientSums(known, false, x, dy, n, count, gradients, products))
  }
}

static void gradientKernel(
    KernelStorage storage, bool isRectified, const void *x, const void *dy, const KernelNormalization *n,
    const float *a, const float *b, const float *c, void *dx, int64_t count, float *sum) {
  if (isRectified) {
    WITH_STORAGE(channelGradient(known, true, x, dy, n, a, b, c, dx, count, sum))
  } else {
    WITH_STORAGE(channelGradient(known, false, x, dy, n, a, b, c, dx, count, sum))
  }
}

static void parametricReLUKernel(
    KernelStorage storage, const void *x, const float *alpha, void *y, int64_t count) {
  WITH_STORAGE(parametricReLU(known, x, alpha, y, count))
}

static void parametricReLUGradientKernel(
    KernelStorage storage, const void *x, const void *dy, const float *alpha, void *dx, int64_t count,
    float *dalpha) {
  WITH_STORAGE(parametricReLUGradient(known, x, dy, alpha, dx, count, dalpha))
}

static const ChannelKernel channels = {
    .moments = momentsKernel,
    .normalise = normaliseKernel,
    .gradientSums = gradientSumsKernel,
    .gradient = gradientKernel,
    .parametricReLU = parametricReLUKernel,
    .parametricReLUGradient = parametricReLUGradientKernel,
};

#undef WITH_STORAGE
