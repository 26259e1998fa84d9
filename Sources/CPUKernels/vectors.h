// Vectors of 16 floats: one voxel's block of channels. The compiler splits them into what the instruction set
// has. Included once per instruction set, between `#pragma clang attribute push` and `pop`.
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { channelBlock = 16 };

typedef float Vector __attribute__((vector_size(64)));
typedef float UnalignedVector __attribute__((vector_size(64), aligned(4)));
typedef uint32_t WordVector __attribute__((vector_size(64)));
typedef uint16_t HalfVector __attribute__((vector_size(32)));

INLINE Vector zeroVector(void) { return (Vector){0}; }

INLINE Vector positivePart(Vector x) { return __builtin_elementwise_max(x, zeroVector()); }

INLINE Vector loadFloats(const float *p) { return *(const UnalignedVector *)p; }

INLINE void storeFloats(float *p, Vector x) { *(UnalignedVector *)p = x; }

INLINE Vector widened(HalfVector half) { return (Vector)(__builtin_convertvector(half, WordVector) << 16); }

/// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
INLINE HalfVector narrowed(Vector x) {
  WordVector bits = (WordVector)x;
  WordVector rounded = bits + 0x7fff + ((bits >> 16) & 1);
  WordVector isNaN = (WordVector)(x != x);
  WordVector result = (isNaN & (bits | 0x400000)) | (~isNaN & rounded);
  return __builtin_convertvector(result >> 16, HalfVector);
}

/// Bytes of a stored element.
INLINE int64_t storedSize(const KernelStorage storage) { return storage == KernelFloat32 ? 4 : 2; }

/// Bytes from block to block of a tensor in memory.
INLINE int64_t storedBlock(const KernelStorage storage, const int64_t extents[3]) {
  return extents[0] * extents[1] * extents[2] * channelBlock * storedSize(storage);
}

/// Whether to load a voxel: all bits of a mask, or none.
typedef uint16_t Keep;

/// A voxel's block of channels, or zeros where `keep` is 0: then the address may lie outside of the tensor.
INLINE Vector loadVoxel(const KernelStorage storage, const char *p, const Keep keep) {
#ifdef KERNELS_HAVE_AVX512
  if (storage == KernelFloat32) return (Vector)_mm512_maskz_loadu_ps(keep, p);
  return widened((HalfVector)_mm256_maskz_loadu_epi16(keep, p));
#else
  if (!keep) return zeroVector();
  if (storage == KernelFloat32) return loadFloats((const float *)p);
  HalfVector half;
  memcpy(&half, p, sizeof half);
  return widened(half);
#endif
}

INLINE void storeVoxel(const KernelStorage storage, char *p, Vector x) {
  if (storage == KernelFloat32) return storeFloats((float *)p, x);
  HalfVector half = narrowed(x);
  memcpy(p, &half, sizeof half);
}

/// What becomes of a voxel's sums with their bias before they are stored; `residual` is the voxel's, or null.
INLINE Vector finished(const KernelStorage storage, Vector sums, const bool isRectified, const char *residual) {
  if (isRectified) sums = positivePart(sums);
  return residual ? sums + loadVoxel(storage, residual, 0xffff) : sums;
}

/// The bias of a block of channels, or zeros.
INLINE Vector biasOf(const float *bias, int64_t block) {
  return bias ? loadFloats(bias + block * channelBlock) : zeroVector();
}

/// Transposes a 16 x 16 block: in each of four stages, the halves of pairs of rows are exchanged.
INLINE void transposeBlock(const float *source, float *target) {
  Vector a[16], b[16];
  UNROLL for (int i = 0; i < 16; i++) a[i] = loadFloats(source + 16 * i);
  UNROLL for (int i = 0; i < 8; i++) {
    b[2 * i] = __builtin_shufflevector(
        a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    b[2 * i + 1] = __builtin_shufflevector(
        a[i], a[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  UNROLL for (int i = 0; i < 8; i++) {
    a[2 * i] = __builtin_shufflevector(
        b[i], b[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    a[2 * i + 1] = __builtin_shufflevector(
        b[i], b[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  UNROLL for (int i = 0; i < 8; i++) {
    b[2 * i] = __builtin_shufflevector(
        a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    b[2 * i + 1] = __builtin_shufflevector(
        a[i], a[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  UNROLL for (int i = 0; i < 8; i++) {
    storeFloats(
        target + 32 * i,
        __builtin_shufflevector(
            b[i], b[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    storeFloats(
        target + 32 * i + 16,
        __builtin_shufflevector(
            b[i], b[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
  }
}
