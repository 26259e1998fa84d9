// What the processor does at most: products and sums in registers alone.

/// Sums that are held in registers: enough for two units that take four cycles, few enough to leave room for the factors.
#if defined(KERNELS_HAVE_AVX512)
enum { peakSums = 16 };
#elif defined(KERNELS_HAVE_16_VECTORS_OF_4)
enum { peakSums = 3 };
#else
enum { peakSums = 6 };
#endif

static int64_t peakProducts(const int64_t rounds, float *sink) {
  Vector sums[peakSums], factor = loadFloats(sink), addend = loadFloats(sink + channelBlock);
  UNROLL for (int i = 0; i < peakSums; i++) sums[i] = factor + (float)i;
  for (int64_t round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < peakSums; i++) sums[i] = sums[i] * factor + addend;
  }
  UNROLL for (int i = 0; i < peakSums; i++) addend += sums[i];
  storeFloats(sink + channelBlock, addend);
  return rounds * peakSums * channelBlock * 2;
}

#if defined(KERNELS_HAVE_PRODUCTS_OF_PAIRS)
static int64_t peakProductsOfPairs(const int64_t rounds, float *sink) {
  Vector sums[peakSums], factors = loadFloats(sink);
  UNROLL for (int i = 0; i < peakSums; i++) sums[i] = factors + (float)i;
  for (int64_t round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < peakSums; i++) {
      sums[i] = (Vector)_mm512_dpbf16_ps((__m512)sums[i], (__m512bh)factors, (__m512bh)factors);
    }
  }
  Vector sum = factors;
  UNROLL for (int i = 0; i < peakSums; i++) sum += sums[i];
  storeFloats(sink + channelBlock, sum);
  return rounds * peakSums * channelBlock * 4;
}
#endif
