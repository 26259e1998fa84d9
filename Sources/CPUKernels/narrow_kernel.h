// The functions of narrow convolution for each number of taps and channels, known at compile time.

#define WITH_CHANNELS(function, storage, taps, ...)                                         \
  switch (shape->channels) {                                                                \
    case 1: return function(shape, storage, taps, 1, __VA_ARGS__, first, last);             \
    case 2: return function(shape, storage, taps, 2, __VA_ARGS__, first, last);             \
    case 3: return function(shape, storage, taps, 3, __VA_ARGS__, first, last);             \
    case 4: return function(shape, storage, taps, 4, __VA_ARGS__, first, last);             \
  }

#define WITH_TAPS(function, storage, ...)                                                   \
  switch (shape->taps) {                                                                    \
    case 1: WITH_CHANNELS(function, storage, 1, __VA_ARGS__) break;                         \
    case 3: WITH_CHANNELS(function, storage, 3, __VA_ARGS__) break;                         \
    case 5: WITH_CHANNELS(function, storage, 5, __VA_ARGS__) break;                         \
  }

static int64_t narrowPaddedCount(const NarrowConvolution *shape) {
  return shape->batch * paddedDepth(shape) * paddedSlice(shape);
}

static void expandNarrow(
    const NarrowConvolution *shape, KernelStorage storage, const float *padded, const float *filter,
    const KernelEpilogue *epilogue, void *wide, int64_t first, int64_t last) {
  if (storage == KernelFloat32) {
    WITH_TAPS(expandSlices, KernelFloat32, padded, filter, epilogue, wide)
  } else {
    WITH_TAPS(expandSlices, KernelBFloat16, padded, filter, epilogue, wide)
  }
}

static void contractNarrow(
    const NarrowConvolution *shape, KernelStorage storage, const void *wide, const float *filter,
    const KernelEpilogue *epilogue, void *narrow, int64_t first, int64_t last) {
  if (storage == KernelFloat32) {
    WITH_TAPS(contractSlices, KernelFloat32, wide, filter, epilogue, narrow)
  } else {
    WITH_TAPS(contractSlices, KernelBFloat16, wide, filter, epilogue, narrow)
  }
}

static void correlateNarrow(
    const NarrowConvolution *shape, KernelStorage storage, const float *padded, const void *wide,
    float *gradients, int64_t first, int64_t last) {
  if (storage == KernelFloat32) {
    WITH_TAPS(correlateSlices, KernelFloat32, padded, wide, gradients)
  } else {
    WITH_TAPS(correlateSlices, KernelBFloat16, padded, wide, gradients)
  }
}

static const NarrowKernel narrow = {
    .paddedCount = narrowPaddedCount,
    .pad = padNarrow,
    .expand = expandNarrow,
    .contract = contractNarrow,
    .correlate = correlateNarrow,
};

#undef WITH_TAPS
#undef WITH_CHANNELS
