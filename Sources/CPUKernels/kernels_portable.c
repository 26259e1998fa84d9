// The kernels for every processor, by the compiler's vectors: x86-64 without AVX2, arm64 with NEON.
// Vectors are passed between functions only where these are inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#if defined(__x86_64__)
#define KERNELS_HAVE_16_VECTORS_OF_4
#endif
#define KERNEL_SET Portable
#include "variant.h"
