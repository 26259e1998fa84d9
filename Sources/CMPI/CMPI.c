#define _GNU_SOURCE
#include "CMPI.h"

#include <dlfcn.h>
#include <string.h>

/* Handles are pointers to structs that only the library knows. */
typedef void *Handle;
typedef void Combine(void *in, void *inout, int *count, Handle *datatype);

enum { THREAD_MULTIPLE = 3, ANY_SOURCE = -1 };
#define IN_PLACE ((void *)1)
#define STATUS_IGNORE NULL

typedef struct {
  int source, tag, error, is_cancelled;
  size_t byte_count;
} Status;

/* Functions and variables of the library, under their names without a prefix. */
static struct {
  int (*Init_thread)(int *, char ***, int, int *);
  int (*Finalize)(void);
  int (*Abort)(Handle, int);
  int (*Comm_rank)(Handle, int *);
  int (*Comm_size)(Handle, int *);
  int (*Op_create)(Combine *, int, Handle *);
  int (*Iallreduce)(const void *, void *, int, Handle, Handle, Handle, Handle *);
  int (*Test)(Handle *, int *, void *);
  int (*Wait)(Handle *, void *);
  int (*Bcast)(void *, int, Handle, int, Handle);
  int (*Allgather)(const void *, int, Handle, void *, int, Handle, Handle);
  int (*Allgatherv)(const void *, int, Handle, void *, const int *, const int *, Handle, Handle);
  int (*Comm_dup)(Handle, Handle *);
  int (*Send)(const void *, int, Handle, int, int, Handle);
  int (*Recv)(void *, int, Handle, int, int, Handle, void *);
  int (*Probe)(int, int, Handle, Status *);
  int (*Iprobe)(int, int, Handle, int *, Status *);
  Handle world, byte, uint16, float32, sum;
} mpi;

/* Sums of half-precision numbers, which MPI has not. */
static Handle bfloat16_sum, float16_sum;

/* Keeps messages apart from collectives. */
static Handle messages;

static const char *find(void *library) {
  const struct {
    void *target;
    const char *name;
  } symbols[] = {
      {&mpi.Init_thread, "MPI_Init_thread"}, {&mpi.Finalize, "MPI_Finalize"},
      {&mpi.Abort, "MPI_Abort"},             {&mpi.Comm_rank, "MPI_Comm_rank"},
      {&mpi.Comm_size, "MPI_Comm_size"},     {&mpi.Op_create, "MPI_Op_create"},
      {&mpi.Iallreduce, "MPI_Iallreduce"},   {&mpi.Test, "MPI_Test"},
      {&mpi.Wait, "MPI_Wait"},               {&mpi.Bcast, "MPI_Bcast"},
      {&mpi.Allgather, "MPI_Allgather"},     {&mpi.Allgatherv, "MPI_Allgatherv"},
      {&mpi.Comm_dup, "MPI_Comm_dup"},       {&mpi.Send, "MPI_Send"},
      {&mpi.Recv, "MPI_Recv"},               {&mpi.Probe, "MPI_Probe"},
      {&mpi.Iprobe, "MPI_Iprobe"},
      {&mpi.world, "ompi_mpi_comm_world"},   {&mpi.byte, "ompi_mpi_byte"},
      {&mpi.uint16, "ompi_mpi_uint16_t"},    {&mpi.float32, "ompi_mpi_float"},
      {&mpi.sum, "ompi_mpi_op_sum"},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    void *address = dlsym(library, symbols[i].name);
    if (!address) return dlerror();
    memcpy(symbols[i].target, &address, sizeof address);
  }
  return NULL;
}

const char *cmpi_open(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  return library ? find(library) : dlerror();
}

const char *cmpi_library_path(void) {
  Dl_info info;
  return mpi.world && dladdr(mpi.world, &info) ? info.dli_fname : NULL;
}

/* MARK: Half precision */

static float bfloat16_value(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return value;
}

/* The nearest, the even one on a tie. */
static uint16_t bfloat16_bits(float value) {
  uint32_t wide;
  memcpy(&wide, &value, sizeof wide);
  if (value != value) return (uint16_t)((wide | 0x400000) >> 16);
  return (uint16_t)((wide + 0x7FFF + (wide >> 16 & 1)) >> 16);
}

static void add_bfloat16(void *in, void *inout, int *count, Handle *datatype) {
  (void)datatype;
  const uint16_t *x = in;
  uint16_t *sum = inout;
  for (int i = 0; i < *count; i++) {
    sum[i] = bfloat16_bits(bfloat16_value(x[i]) + bfloat16_value(sum[i]));
  }
}

static void add_float16(void *in, void *inout, int *count, Handle *datatype) {
  (void)datatype;
  const _Float16 *x = in;
  _Float16 *sum = inout;
  for (int i = 0; i < *count; i++) sum[i] = (_Float16)((float)x[i] + (float)sum[i]);
}

/* MARK: Life */

int cmpi_initialize(int *rank, int *size, bool *has_threads) {
  int provided = 0;
  int error = mpi.Init_thread(NULL, NULL, THREAD_MULTIPLE, &provided);
  *has_threads = provided == THREAD_MULTIPLE;
  if (!error) error = mpi.Comm_rank(mpi.world, rank);
  if (!error) error = mpi.Comm_size(mpi.world, size);
  if (!error) error = mpi.Op_create(add_bfloat16, true, &bfloat16_sum);
  if (!error) error = mpi.Op_create(add_float16, true, &float16_sum);
  return error;
}

int cmpi_finalize(void) { return mpi.Finalize(); }

void cmpi_abort(int status) { mpi.Abort(mpi.world, status); }

/* MARK: Collectives */

int cmpi_start_sum(void *address, int count, enum cmpi_element element, cmpi_request *request) {
  Handle type = element == CMPI_FLOAT ? mpi.float32 : mpi.uint16;
  Handle operation =
      element == CMPI_FLOAT ? mpi.sum : element == CMPI_BFLOAT16 ? bfloat16_sum : float16_sum;
  return mpi.Iallreduce(IN_PLACE, address, count, type, operation, mpi.world, request);
}

int cmpi_test(cmpi_request *request, int *is_complete) {
  return mpi.Test(request, is_complete, STATUS_IGNORE);
}

int cmpi_wait(cmpi_request *request) { return mpi.Wait(request, STATUS_IGNORE); }

int cmpi_broadcast(void *address, int count) { return mpi.Bcast(address, count, mpi.byte, 0, mpi.world); }

int cmpi_gather(const void *address, int count, void *result) {
  return mpi.Allgather(address, count, mpi.byte, result, count, mpi.byte, mpi.world);
}

int cmpi_gather_parts(
    const void *address, int count, void *result, const int *counts, const int *offsets) {
  return mpi.Allgatherv(
      address, count, mpi.byte, result, counts, offsets, mpi.byte, mpi.world);
}

/* MARK: Messages */

int cmpi_open_messages(void) { return mpi.Comm_dup(mpi.world, &messages); }

int cmpi_send(const void *address, int count, int process, int tag) {
  return mpi.Send(address, count, mpi.byte, process, tag, messages);
}

int cmpi_find_message(int tag, bool *is_there, int *process, int *count) {
  int flag = 0;
  Status status;
  int error = mpi.Iprobe(ANY_SOURCE, tag, messages, &flag, &status);
  *is_there = !error && flag;
  if (*is_there) {
    *process = status.source;
    *count = (int)status.byte_count;
  }
  return error;
}

int cmpi_await_message(int process, int tag, int *count) {
  Status status;
  int error = mpi.Probe(process, tag, messages, &status);
  if (!error) *count = (int)status.byte_count;
  return error;
}

int cmpi_receive(void *address, int count, int process, int tag) {
  return mpi.Recv(address, count, mpi.byte, process, tag, messages, STATUS_IGNORE);
}
