// Times the direct convolution kernels beside oneDNN's direct algorithm, on one thread: compare.py builds and runs it.
//
//   compare RUNS f32|bf16 [portable|avx2|avx512|avx512-bf16] < layers
//
// By default the kernels are those of the instruction set that the engine chooses.
//
// A layer is a line "batch inputs outputs extent taps stride": a cube as grid and filter, padded so that stride 1 keeps the
// grid. Printed are, of the forward pass, the input gradient and the filter gradient, oneDNN's time and ours in
// milliseconds, the shortest of RUNS each, taken in turn, by the thread's time on the processor.
#include "CPUKernels.h"
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  int64_t batch, inputs, outputs, extent, taps, stride;
} Layer;

typedef enum { Forward, InputGradient, FilterGradient, directionCount } Direction;

/// The dtype of activations; weights and their gradients are float32 in ours, of this dtype in oneDNN's.
static KernelStorage storage = KernelFloat32;

static KernelInstructionSet instructionSet;

static void chooseInstructionSet(const char *name) {
  const char *const names[] = {"portable", "avx2", "avx512", "avx512-bf16"};
  const KernelInstructionSet sets[] = {KernelPortable, KernelAVX2, KernelAVX512, KernelAVX512BFloat16};
  for (int i = 0; i < 4; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    instructionSet = sets[i];
    if (instructionSet <= kernelInstructionSet()) return;
    fprintf(stderr, "compare: this processor has no %s\n", name);
    exit(1);
  }
  fprintf(stderr, "compare: %s is no instruction set\n", name);
  exit(1);
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void require(dnnl_status_t status) {
  if (status == dnnl_success) return;
  fprintf(stderr, "compare: oneDNN's status is %d\n", (int)status);
  exit(1);
}

/// Random numbers, so that nothing is denormal: as float32, or as pairs of bfloat16.
static float *tensor(size_t bytes) {
  const size_t count = (bytes + 3) / 4;
  float *numbers = aligned_alloc(64, (count * 4 + 63) / 64 * 64 + 64);
  for (size_t i = 0; i < count; i++) {
    const float number = (float)rand() / (float)RAND_MAX - 0.5f;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    if (storage == KernelBFloat16) bits = bits >> 16 | (bits & 0xffff0000);
    memcpy(&numbers[i], &bits, sizeof bits);
  }
  return numbers;
}

static int64_t blocks(int64_t channels) { return (channels + 15) / 16; }
static int64_t padding(const Layer *layer) { return layer->stride == 1 ? layer->taps - 1 : 0; }
static int64_t outputExtent(const Layer *layer) {
  return (layer->extent + padding(layer) - layer->taps) / layer->stride + 1;
}

// MARK: Ours

typedef struct {
  const DirectKernel *kernel;
  DirectConvolution shape;
  float *x, *y, *weights, *scratch;
} Ours;

static Ours makeOurs(const Layer *layer, Direction direction) {
  Ours ours = {.kernel = directKernel(instructionSet)};
  DirectConvolution *shape = &ours.shape;
  shape->batch = layer->batch;
  shape->inputBlocks = blocks(layer->inputs);
  shape->outputBlocks = blocks(layer->outputs);
  for (int axis = 0; axis < 3; axis++) {
    shape->input[axis] = layer->extent;
    shape->output[axis] = outputExtent(layer);
    shape->taps[axis] = layer->taps;
    shape->stride[axis] = layer->stride;
    shape->dilation[axis] = 1;
    shape->before[axis] = padding(layer) / 2;
  }
  const int64_t taps = layer->taps * layer->taps * layer->taps, output = outputExtent(layer);
  ours.x = tensor((size_t)(64 * shape->batch * shape->inputBlocks * layer->extent * layer->extent * layer->extent));
  ours.y = tensor((size_t)(64 * shape->batch * shape->outputBlocks * output * output * output));
  ours.weights = tensor((size_t)(1024 * shape->inputBlocks * shape->outputBlocks * taps));
  const bool isTransposed = direction == InputGradient;
  const int64_t count =
      direction == FilterGradient
          ? ours.kernel->correlationScratchCount(shape)
          : ours.kernel->scratchCount(shape, isTransposed, isTransposed ? shape->inputBlocks : shape->outputBlocks);
  ours.scratch = tensor((size_t)(4 * count));
  return ours;
}

static void runOurs(const Ours *ours, Direction direction) {
  const DirectConvolution *shape = &ours->shape;
  const KernelEpilogue nothing = {0};
  if (direction == FilterGradient) {
    for (int64_t block = 0; block < shape->inputBlocks; block++)
      ours->kernel->correlate(
          shape, storage, ours->x, ours->y, ours->weights, block, 0, shape->outputBlocks, 0,
          ours->kernel->slabCount(shape, false), ours->scratch);
    return;
  }
  const bool isTransposed = direction == InputGradient;
  const int64_t slabs = ours->kernel->slabCount(shape, isTransposed);
  for (int64_t slab = 0; slab < slabs; slab++)
    ours->kernel->convolve(
        shape, storage, isTransposed, isTransposed ? ours->y : ours->x, ours->weights, &nothing,
        isTransposed ? ours->x : ours->y, slab, 0, isTransposed ? shape->inputBlocks : shape->outputBlocks,
        ours->scratch);
}

static void freeOurs(Ours *ours) {
  free(ours->x);
  free(ours->y);
  free(ours->weights);
  free(ours->scratch);
}

// MARK: oneDNN's

typedef struct {
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_exec_arg_t arguments[3];
} Peer;

static dnnl_memory_t memory(dnnl_engine_t engine, const_dnnl_memory_desc_t layout) {
  dnnl_memory_t memory;
  require(dnnl_memory_create(&memory, layout, engine, tensor(dnnl_memory_desc_get_size(layout))));
  return memory;
}

static dnnl_memory_desc_t anyLayout(const dnnl_dims_t extents) {
  dnnl_memory_desc_t layout;
  const dnnl_data_type_t dtype = storage == KernelBFloat16 ? dnnl_bf16 : dnnl_f32;
  require(dnnl_memory_desc_create_with_tag(&layout, 5, extents, dtype, dnnl_format_tag_any));
  return layout;
}

static Peer makePeer(const Layer *layer, Direction direction, dnnl_engine_t engine, dnnl_stream_t stream) {
  const int64_t e = layer->extent, o = outputExtent(layer), k = layer->taps, s = layer->stride;
  const int64_t before = padding(layer) / 2, after = padding(layer) - before;
  const dnnl_dims_t strides = {s, s, s}, dilations = {0}, left = {before, before, before}, right = {after, after, after};
  const dnnl_memory_desc_t x = anyLayout((dnnl_dims_t){layer->batch, layer->inputs, e, e, e});
  const dnnl_memory_desc_t y = anyLayout((dnnl_dims_t){layer->batch, layer->outputs, o, o, o});
  const dnnl_memory_desc_t w = anyLayout((dnnl_dims_t){layer->outputs, layer->inputs, k, k, k});
  dnnl_primitive_desc_t forward, descriptor;
  require(dnnl_convolution_forward_primitive_desc_create(
      &forward, engine, dnnl_forward_training, dnnl_convolution_direct, x, w, 0, y, strides, dilations, left, right, 0));
  descriptor = forward;
  if (direction == InputGradient)
    require(dnnl_convolution_backward_data_primitive_desc_create(
        &descriptor, engine, dnnl_convolution_direct, x, w, y, strides, dilations, left, right, forward, 0));
  if (direction == FilterGradient)
    require(dnnl_convolution_backward_weights_primitive_desc_create(
        &descriptor, engine, dnnl_convolution_direct, x, w, 0, y, strides, dilations, left, right, forward, 0));
  const int indices[directionCount][3] = {
      {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
      {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
      {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
  const dnnl_query_t queries[directionCount][3] = {
      {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
      {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
      {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md}};
  Peer peer = {.stream = stream};
  for (int i = 0; i < 3; i++)
    peer.arguments[i] = (dnnl_exec_arg_t){
        indices[direction][i],
        memory(engine, dnnl_primitive_desc_query_md(descriptor, queries[direction][i], 0))};
  require(dnnl_primitive_create(&peer.primitive, descriptor));
  return peer;
}

static void runPeer(const Peer *peer) {
  require(dnnl_primitive_execute(peer->primitive, peer->stream, 3, peer->arguments));
}

static void freePeer(Peer *peer) {
  for (int i = 0; i < 3; i++) {
    void *numbers;
    require(dnnl_memory_get_data_handle(peer->arguments[i].memory, &numbers));
    dnnl_memory_destroy(peer->arguments[i].memory);
    free(numbers);
  }
  dnnl_primitive_destroy(peer->primitive);
}

// MARK: Comparison

int main(int count, char **arguments) {
  if (count < 3 || count > 4) return 2;
  const int runs = atoi(arguments[1]);
  if (strcmp(arguments[2], "bf16") == 0) storage = KernelBFloat16;
  instructionSet = fastestInstructionSet();
  if (count == 4) chooseInstructionSet(arguments[3]);
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  require(dnnl_engine_create(&engine, dnnl_cpu, 0));
  require(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
  Layer layer;
  while (scanf(
             "%ld %ld %ld %ld %ld %ld", &layer.batch, &layer.inputs, &layer.outputs, &layer.extent, &layer.taps,
             &layer.stride) == 6) {
    for (Direction direction = Forward; direction < directionCount; direction++) {
      Ours ours = makeOurs(&layer, direction);
      Peer peer = makePeer(&layer, direction, engine, stream);
      double best[2] = {1e9, 1e9};
      for (int run = 0; run < runs; run++)
        for (int isOurs = 0; isOurs < 2; isOurs++) {
          const double start = seconds();
          if (isOurs)
            runOurs(&ours, direction);
          else
            runPeer(&peer);
          const double time = seconds() - start;
          if (time < best[isOurs]) best[isOurs] = time;
        }
      printf("%.3f %.3f ", 1000 * best[0], 1000 * best[1]);
      freeOurs(&ours);
      freePeer(&peer);
    }
    printf("\n");
    fflush(stdout);
  }
}
