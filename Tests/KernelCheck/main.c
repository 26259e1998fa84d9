// Runs every kernel of CPUKernels over random shapes, in float32 and bfloat16, and compares with plain
// convolutions in double. Without Swift, so that it runs under sanitizers, valgrind and emulators:
// scripts/check_kernels.sh.
//
//   kernel-check [portable|avx2|avx512|avx512-bf16] [ROUNDS] [SEED]
#include "check_channels.h"
#include "check_direct.h"
#include "check_narrow.h"
#include "check_patches.h"
#include "check_winograd.h"

int main(int argc, char **argv) {
  static const char *const names[] = {"portable", "avx2", "avx512", "avx512-bf16"};
  const KernelInstructionSet widest = kernelInstructionSet();
  set = widest;
  for (int i = 0; argc > 1 && i < 4; i++)
    if (strcmp(argv[1], names[i]) == 0) set = (KernelInstructionSet)i;
  if (argc > 1 && (strcmp(argv[1], names[set]) != 0 || set > widest)) {
    fprintf(
        stderr, "kernel-check: %s is no instruction set of this processor; the widest is %s\n", argv[1],
        names[widest]);
    return 2;
  }
  const long rounds = argc > 2 ? atol(argv[2]) : 20;
  state = argc > 3 ? strtoull(argv[3], 0, 10) : 1;
  for (long round = 0; round < rounds; round++)
    for (KernelStorage storage = KernelFloat32; storage <= KernelBFloat16; storage++) {
      checkDirect(storage);
      checkWinograd(storage);
      checkNarrow(storage);
      checkPatches(storage);
      checkChannels(storage);
    }
  printf("%s: %d comparisons, %d failures\n", names[set], comparisons, failures);
  return failures > 0;
}
