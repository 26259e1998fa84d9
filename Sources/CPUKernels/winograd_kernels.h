// All Winograd kernels of one instruction set. Included once for each, with its target attribute in force.
#include "CPUKernels.h"
#include "vectors.h"
#include "winograd_transforms.h"
#include "winograd_tile.h"
#include "winograd_products.h"
#include "winograd_convolution.h"

#define JOINED_AGAIN(x, y) x##y
#define JOINED(x, y) JOINED_AGAIN(x, y)

#define KERNEL_NAME winograd222of3
#define TILE_DEPTH 2
#define TILE_HEIGHT 2
#define TILE_WIDTH 2
#define TAPS 3
#include "winograd_kernel.h"

#define KERNEL_NAME winograd244of3
#define TILE_DEPTH 2
#define TILE_HEIGHT 4
#define TILE_WIDTH 4
#define TAPS 3
#include "winograd_kernel.h"

#define KERNEL_NAME winograd444of3
#define TILE_DEPTH 4
#define TILE_HEIGHT 4
#define TILE_WIDTH 4
#define TAPS 3
#include "winograd_kernel.h"

#define KERNEL_NAME winograd222of5
#define TILE_DEPTH 2
#define TILE_HEIGHT 2
#define TILE_WIDTH 2
#define TAPS 5
#include "winograd_kernel.h"

static const WinogradKernel *const winogradKernels[] = {
    &winograd222of3, &winograd244of3, &winograd444of3, &winograd222of5};

static const WinogradKernel *kernelFor(int64_t taps, int64_t depth, int64_t height, int64_t width) {
  for (unsigned long i = 0; i < sizeof winogradKernels / sizeof *winogradKernels; i++) {
    const WinogradKernel *kernel = winogradKernels[i];
    if (kernel->taps == taps && kernel->tile[0] == depth && kernel->tile[1] == height && kernel->tile[2] == width)
      return kernel;
  }
  return 0;
}
