// The functions of one F(m, r) and the `WinogradKernel` that lists them. Included once for each F(m, r) with
// KERNEL_NAME, TILE_DEPTH, TILE_HEIGHT, TILE_WIDTH and TAPS defined; undefines them.

#define KERNEL(function) JOINED(KERNEL_NAME, function)

static const Filtering KERNEL(Filtering) = {
    {TILE_DEPTH, TILE_HEIGHT, TILE_WIDTH},
    TAPS,
    {TILE_DEPTH + TAPS - 1, TILE_HEIGHT + TAPS - 1, TILE_WIDTH + TAPS - 1}};

static int64_t KERNEL(TransformedCount)(const KernelConvolution *shape) {
  return transformedCount(shape, KERNEL(Filtering));
}

static void KERNEL(TransformWeights)(
    const KernelConvolution *shape, KernelStorage storage, const float *weights, bool reversed,
    float *transformed, int64_t first, int64_t last) {
  if (reversed)
    transformAllWeights(shape, storage, KERNEL(Filtering), weights, true, transformed, first, last);
  else
    transformAllWeights(shape, storage, KERNEL(Filtering), weights, false, transformed, first, last);
}

static int64_t KERNEL(TileCount)(const KernelConvolution *shape) { return allTiles(shape, KERNEL(Filtering)); }

static int64_t KERNEL(ConvolutionScratchCount)(const KernelConvolution *shape, int64_t tiles) {
  return convolutionScratch(shape, KERNEL(Filtering), tiles);
}

static void KERNEL(ConvolveFloat32)(
    const KernelConvolution *shape, const void *x, const float *transformed, const KernelEpilogue *epilogue, void *y,
    int64_t first, int64_t last, int64_t tilesPerPass, float *scratch) {
  convolveTiles(
      shape, KernelFloat32, KERNEL(Filtering), x, transformed, epilogue, y, first, last, tilesPerPass, scratch);
}

static void KERNEL(ConvolveBFloat16)(
    const KernelConvolution *shape, const void *x, const float *transformed, const KernelEpilogue *epilogue, void *y,
    int64_t first, int64_t last, int64_t tilesPerPass, float *scratch) {
  convolveTiles(
      shape, KernelBFloat16, KERNEL(Filtering), x, transformed, epilogue, y, first, last, tilesPerPass, scratch);
}

static int64_t KERNEL(CorrelationScratchCount)(const KernelConvolution *shape, int64_t tiles) {
  return correlationScratch(shape, KERNEL(Filtering), tiles);
}

// The depth point is known at compile time in each case, and with it which slices of a tile take part.
#define CORRELATED_PLANE(storage, plane)                                                                   \
  case plane:                                                                                              \
    return correlatePlane(                                                                                 \
        shape, storage, KERNEL(Filtering), x, dy, plane, transformedGradient, first, last, tilesPerPass, scratch);
#if TILE_DEPTH + TAPS - 1 == 6
#define CORRELATED_PLANES(storage)                                                                         \
  CORRELATED_PLANE(storage, 0) CORRELATED_PLANE(storage, 1) CORRELATED_PLANE(storage, 2)                   \
  CORRELATED_PLANE(storage, 3) CORRELATED_PLANE(storage, 4) CORRELATED_PLANE(storage, 5)
#else
#define CORRELATED_PLANES(storage)                                                                         \
  CORRELATED_PLANE(storage, 0) CORRELATED_PLANE(storage, 1) CORRELATED_PLANE(storage, 2)                   \
  CORRELATED_PLANE(storage, 3)
#endif

static void KERNEL(CorrelateFloat32)(
    const KernelConvolution *shape, const void *x, const void *dy, int64_t plane, float *transformedGradient,
    int64_t first, int64_t last, int64_t tilesPerPass, float *scratch) {
  switch (plane) { CORRELATED_PLANES(KernelFloat32) }
}

static void KERNEL(CorrelateBFloat16)(
    const KernelConvolution *shape, const void *x, const void *dy, int64_t plane, float *transformedGradient,
    int64_t first, int64_t last, int64_t tilesPerPass, float *scratch) {
  switch (plane) { CORRELATED_PLANES(KernelBFloat16) }
}

static void KERNEL(FinishGradient)(
    const KernelConvolution *shape, const float *transformedGradient, float *gradient, int64_t first,
    int64_t last) {
  finishAllFilters(shape, KERNEL(Filtering), transformedGradient, gradient, first, last);
}

static const WinogradKernel KERNEL_NAME = {
    .tile = {TILE_DEPTH, TILE_HEIGHT, TILE_WIDTH},
    .taps = TAPS,
    .points = {TILE_DEPTH + TAPS - 1, TILE_HEIGHT + TAPS - 1, TILE_WIDTH + TAPS - 1},
    .transformedCount = KERNEL(TransformedCount),
    .transformWeights = KERNEL(TransformWeights),
    .tileCount = KERNEL(TileCount),
    .convolutionScratchCount = KERNEL(ConvolutionScratchCount),
    .convolve = {KERNEL(ConvolveFloat32), KERNEL(ConvolveBFloat16)},
    .correlationScratchCount = KERNEL(CorrelationScratchCount),
    .correlate = {KERNEL(CorrelateFloat32), KERNEL(CorrelateBFloat16)},
    .finishGradient = KERNEL(FinishGradient),
};

#undef CORRELATED_PLANES
#undef CORRELATED_PLANE
#undef KERNEL
#undef KERNEL_NAME
#undef TILE_DEPTH
#undef TILE_HEIGHT
#undef TILE_WIDTH
#undef TAPS
