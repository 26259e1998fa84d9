/* The part of the PJRT C API that this project calls, behind plain functions. A plugin is opened at run time, so that
   the program also runs where there is none.

   Functions that can fail return NULL or an error, which the caller destroys. Texts and arrays that come back belong
   to what they were asked of. Source: OpenXLA, PJRT C API, versions 0.81 to 0.115. */
#ifndef CPJRT_H
#define CPJRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A plugin's table of functions. */
typedef struct cpjrt_api cpjrt_api;
typedef struct cpjrt_error cpjrt_error;
typedef struct cpjrt_event cpjrt_event;
typedef struct cpjrt_client cpjrt_client;
typedef struct cpjrt_device cpjrt_device;
typedef struct cpjrt_buffer cpjrt_buffer;
typedef struct cpjrt_topology cpjrt_topology;
/* A program that was compiled, and one that was also brought onto devices. */
typedef struct cpjrt_executable cpjrt_executable;
typedef struct cpjrt_loaded_executable cpjrt_loaded_executable;

/* Texts of a given length, without a zero at the end. */
typedef struct {
  const char *bytes;
  size_t count;
} cpjrt_text;

enum cpjrt_value_type {
  CPJRT_STRING,
  CPJRT_INTEGER,
  CPJRT_INTEGERS,
  CPJRT_FLOAT,
  CPJRT_BOOL,
};

/* A setting, or a property, by name. `count` is that of the text's bytes or of the integers; 1 for others. */
struct cpjrt_named_value {
  size_t struct_size;
  void *extension;
  const char *name;
  size_t name_count;
  enum cpjrt_value_type type;
  union {
    const char *string;
    int64_t integer;
    const int64_t *integers;
    float number;
    bool flag;
  };
  size_t count;
};

/* The types of elements by PJRT's numbers. */
enum cpjrt_element {
  CPJRT_PRED = 1,
  CPJRT_S32 = 4,
  CPJRT_F16 = 10,
  CPJRT_F32 = 11,
  CPJRT_BF16 = 13,
};

/* MARK: Plugin */

/* Whether a text is among the bytes of a library. */
bool cpjrt_holds(const void *bytes, size_t count, const char *text);

/* Opens a plugin's library and checks its version. Returns NULL, or what went wrong. */
const char *cpjrt_open(const char *path, const cpjrt_api **api);
void cpjrt_version(const cpjrt_api *api, int *major, int *minor);
cpjrt_error *cpjrt_initialize(const cpjrt_api *api);
cpjrt_error *cpjrt_plugin_attributes(
    const cpjrt_api *api, const struct cpjrt_named_value **values, size_t *count);

cpjrt_text cpjrt_error_message(const cpjrt_api *api, const cpjrt_error *error);
void cpjrt_error_destroy(const cpjrt_api *api, cpjrt_error *error);

/* Waits for an event and destroys it. */
cpjrt_error *cpjrt_await(const cpjrt_api *api, cpjrt_event *event);

/* MARK: Client and devices */

/* How the clients of several processes tell each other where they are; all functions are called from any thread.
   `get` waits at most so many milliseconds and `try_get` does not wait; both give a value made by malloc and return
   false where there is none. */
struct cpjrt_key_value_store {
  void *context;
  bool (*get)(void *context, cpjrt_text key, int milliseconds, char **value, size_t *count);
  bool (*try_get)(void *context, cpjrt_text key, char **value, size_t *count);
  bool (*put)(void *context, cpjrt_text key, cpjrt_text value);
};

/* `store` is NULL for a process by itself; it outlives the client. */
cpjrt_error *cpjrt_client_create(
    const cpjrt_api *api, const struct cpjrt_named_value *options, size_t count,
    const struct cpjrt_key_value_store *store, cpjrt_client **client);
void cpjrt_client_destroy(const cpjrt_api *api, cpjrt_client *client);
cpjrt_error *cpjrt_platform_name(const cpjrt_api *api, cpjrt_client *client, cpjrt_text *name);
cpjrt_error *cpjrt_platform_version(const cpjrt_api *api, cpjrt_client *client, cpjrt_text *version);
/* The devices of this process. */
cpjrt_error *cpjrt_devices(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_device *const **devices, size_t *count);
cpjrt_error *cpjrt_device_description(
    const cpjrt_api *api, cpjrt_device *device, int *id, cpjrt_text *kind,
    const struct cpjrt_named_value **attributes, size_t *count);
/* In bytes; -1 where the device does not tell. */
cpjrt_error *cpjrt_device_memory(
    const cpjrt_api *api, cpjrt_device *device, int64_t *in_use, int64_t *peak, int64_t *limit);

/* MARK: Buffers */

/* Copies a row-major tensor onto a device; the host's memory is free again on return. */
cpjrt_error *cpjrt_buffer_upload(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_device *device, const void *data,
    enum cpjrt_element element, const int64_t *extents, size_t rank, cpjrt_buffer **buffer);
/* Starts to copy a tensor to the host, row-major. The memory is complete when the event is. */
cpjrt_error *cpjrt_buffer_download(
    const cpjrt_api *api, cpjrt_buffer *buffer, size_t rank, void *data, size_t byte_count,
    cpjrt_event **event);
void cpjrt_buffer_destroy(const cpjrt_api *api, cpjrt_buffer *buffer);

/* MARK: Programs */

/* `code` is MLIR text, `options` a serialised CompileOptionsProto. */
cpjrt_error *cpjrt_compile(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_text code, cpjrt_text options,
    cpjrt_loaded_executable **executable);
/* Brings a serialised executable back onto the devices that it was compiled for. */
cpjrt_error *cpjrt_load(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_text serialized,
    cpjrt_loaded_executable **executable);
void cpjrt_loaded_executable_destroy(const cpjrt_api *api, cpjrt_loaded_executable *executable);
/* What was compiled; the caller destroys it. */
cpjrt_error *cpjrt_get_executable(
    const cpjrt_api *api, cpjrt_loaded_executable *loaded, cpjrt_executable **executable);
void cpjrt_executable_destroy(const cpjrt_api *api, cpjrt_executable *executable);

/* Both call back once with the bytes, which are gone afterwards. */
typedef void cpjrt_receive(void *context, cpjrt_text bytes);
cpjrt_error *cpjrt_serialize(
    const cpjrt_api *api, cpjrt_executable *executable, cpjrt_receive *receive, void *context);
/* The program after all optimisations, a serialised HloModuleProto or one with its configuration. */
cpjrt_error *cpjrt_optimized_program(
    const cpjrt_api *api, cpjrt_executable *executable, cpjrt_receive *receive, void *context);

/* Bytes that the program keeps for intermediate results on each device. */
cpjrt_error *cpjrt_temporary_memory(
    const cpjrt_api *api, cpjrt_executable *executable, int64_t *byte_count);

/* Runs a program on all its devices: a list of arguments in, a list of results out for each of them. Where `events` is
   not NULL it receives one event for each device. */
cpjrt_error *cpjrt_execute(
    const cpjrt_api *api, cpjrt_loaded_executable *executable, size_t device_count,
    cpjrt_buffer *const *const *arguments, size_t argument_count, cpjrt_buffer **const *results,
    cpjrt_event **events);

/* MARK: Compilation without a device */

cpjrt_error *cpjrt_topology_create(
    const cpjrt_api *api, const struct cpjrt_named_value *options, size_t count,
    cpjrt_topology **topology);
void cpjrt_topology_destroy(const cpjrt_api *api, cpjrt_topology *topology);
cpjrt_error *cpjrt_topology_compile(
    const cpjrt_api *api, cpjrt_topology *topology, cpjrt_text code, cpjrt_text options,
    cpjrt_executable **executable);

#endif
