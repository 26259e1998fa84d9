/* Open MPI behind plain functions: its handles are the addresses of variables in its library, which Swift cannot
   name. The library is opened at run time, so that the program also runs where there is none.

   Functions return 0 or an MPI error code. Source: MPI 3.1; Open MPI's mpi.h for the names of the variables. */
#ifndef CMPI_H
#define CMPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a sum adds up. */
enum cmpi_element { CMPI_FLOAT, CMPI_BFLOAT16, CMPI_FLOAT16 };

/* An operation under way. */
typedef void *cmpi_request;

/* Opens Open MPI's library, libmpi.so.40. Returns NULL, or what went wrong. */
const char *cmpi_open(const char *path);
/* The file that was opened, or NULL. */
const char *cmpi_library_path(void);

/* Joins the other processes; `has_threads` says whether several threads may call at once. */
int cmpi_initialize(int *rank, int *size, bool *has_threads);
int cmpi_finalize(void);

/* Ends all processes with a status. */
void cmpi_abort(int status);

/* Starts to replace numbers by their sums over all processes. */
int cmpi_start_sum(void *address, int count, enum cmpi_element element, cmpi_request *request);
int cmpi_test(cmpi_request *request, int *is_complete);
int cmpi_wait(cmpi_request *request);

/* Bytes of process 0 to all. */
int cmpi_broadcast(void *address, int count);
/* `count` bytes of each process to all, in their order. */
int cmpi_gather(const void *address, int count, void *result);
/* `counts[i]` bytes of process i to `offsets[i]`, everywhere. */
int cmpi_gather_parts(
    const void *address, int count, void *result, const int *counts, const int *offsets);

/* Messages from process to process, apart from those of the functions above; several threads may call these. */

/* Makes room for messages; all processes call it at once. */
int cmpi_open_messages(void);
int cmpi_send(const void *address, int count, int process, int tag);
/* Whether a message with a tag is there, from any process; then from which and how many bytes. */
int cmpi_find_message(int tag, bool *is_there, int *process, int *count);
/* The number of bytes of the next message of a process, for which it waits. */
int cmpi_await_message(int process, int tag, int *count);
int cmpi_receive(void *address, int count, int process, int tag);

#endif
