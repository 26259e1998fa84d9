/* How the arguments of the calls lie in memory, as far as this project makes them. Each struct begins with its own
   size, by which a plugin knows how much its caller understands.

   Source: OpenXLA, pjrt_c_api.h 0.81; Tests/PJRTBackendTests compares these layouts with that header's. */
#ifndef CPJRT_LAYOUT_H
#define CPJRT_LAYOUT_H

#include "CPJRT.h"

/* Places in the table of functions. */
enum slot {
  ERROR_DESTROY = 0,
  ERROR_MESSAGE = 1,
  PLUGIN_INITIALIZE = 3,
  PLUGIN_ATTRIBUTES = 4,
  EVENT_DESTROY = 5,
  EVENT_AWAIT = 8,
  CLIENT_CREATE = 10,
  CLIENT_DESTROY = 11,
  CLIENT_PLATFORM_NAME = 12,
  CLIENT_PLATFORM_VERSION = 14,
  CLIENT_ADDRESSABLE_DEVICES = 16,
  CLIENT_COMPILE = 20,
  CLIENT_BUFFER_FROM_HOST_BUFFER = 22,
  DEVICE_DESCRIPTION_ID = 23,
  DEVICE_DESCRIPTION_ATTRIBUTES = 25,
  DEVICE_DESCRIPTION_KIND = 26,
  DEVICE_GET_DESCRIPTION = 29,
  DEVICE_MEMORY_STATS = 34,
  EXECUTABLE_DESTROY = 40,
  EXECUTABLE_OPTIMIZED_PROGRAM = 48,
  EXECUTABLE_SERIALIZE = 49,
  LOADED_EXECUTABLE_DESTROY = 50,
  LOADED_EXECUTABLE_GET_EXECUTABLE = 51,
  LOADED_EXECUTABLE_EXECUTE = 55,
  EXECUTABLE_DESERIALIZE_AND_LOAD = 56,
  BUFFER_DESTROY = 58,
  BUFFER_TO_HOST_BUFFER = 70,
  TOPOLOGY_CREATE = 82,
  TOPOLOGY_DESTROY = 83,
  COMPILE = 89,
  EXECUTABLE_GET_COMPILED_MEMORY_STATS = 96,
  SLOT_COUNT = 97,
};

struct version {
  size_t struct_size;
  void *extension;
  int major;
  int minor;
};

struct cpjrt_api {
  size_t struct_size;
  void *extension;
  struct version version;
  void *slots[SLOT_COUNT];
};

#define ARGUMENTS \
  size_t struct_size; \
  void *extension;

/* Calls with one operand and no result: destroying, initialising (without the operand), waiting. */
struct operand_arguments {
  ARGUMENTS
  const void *operand;
};

struct error_message_arguments {
  ARGUMENTS
  const cpjrt_error *error;
  cpjrt_text message;
};

struct plugin_attributes_arguments {
  ARGUMENTS
  const struct cpjrt_named_value *attributes;
  size_t count;
};

typedef cpjrt_error *make_callback_error(int code, const char *message, size_t message_count);

struct key_value_get_arguments {
  ARGUMENTS
  cpjrt_text key;
  int milliseconds;
  make_callback_error **make_error;
  void *context;
  char *value;
  size_t value_count;
  void (*value_deleter)(char *value);
};

struct key_value_put_arguments {
  ARGUMENTS
  cpjrt_text key;
  cpjrt_text value;
  make_callback_error **make_error;
  void *context;
};

struct key_value_try_get_arguments {
  ARGUMENTS
  cpjrt_text key;
  make_callback_error **make_error;
  void *context;
  char *value;
  size_t value_count;
  void (*value_deleter)(char *value);
};

struct client_create_arguments {
  ARGUMENTS
  const struct cpjrt_named_value *options;
  size_t option_count;
  cpjrt_error *(*get)(struct key_value_get_arguments *);
  void *get_context;
  cpjrt_error *(*put)(struct key_value_put_arguments *);
  void *put_context;
  cpjrt_client *client;
  cpjrt_error *(*try_get)(struct key_value_try_get_arguments *);
  void *try_get_context;
};

/* The name or the version of a client's platform, the kind of a device. */
struct text_arguments {
  ARGUMENTS
  const void *owner;
  cpjrt_text text;
};

struct client_devices_arguments {
  ARGUMENTS
  cpjrt_client *client;
  cpjrt_device *const *devices;
  size_t count;
};

struct device_description_arguments {
  ARGUMENTS
  cpjrt_device *device;
  void *description;
};

struct description_id_arguments {
  ARGUMENTS
  void *description;
  int id;
};

struct description_attributes_arguments {
  ARGUMENTS
  void *description;
  size_t count;
  const struct cpjrt_named_value *attributes;
};

struct statistic {
  int64_t value;
  bool is_set;
};

struct device_memory_arguments {
  ARGUMENTS
  cpjrt_device *device;
  int64_t in_use;
  struct statistic peak;
  struct statistic allocations;
  struct statistic largest_allocation;
  struct statistic limit;
  struct statistic reserved;
  struct statistic peak_reserved;
  struct statistic reservable_limit;
  struct statistic largest_free_block;
  struct statistic pool;
  struct statistic peak_pool;
};

struct program {
  ARGUMENTS
  char *code;
  size_t code_count;
  cpjrt_text format;
};

struct client_compile_arguments {
  ARGUMENTS
  cpjrt_client *client;
  const struct program *program;
  cpjrt_text options;
  cpjrt_loaded_executable *executable;
};

struct load_arguments {
  ARGUMENTS
  cpjrt_client *client;
  cpjrt_text serialized;
  cpjrt_loaded_executable *executable;
  cpjrt_text overridden_options;
};

struct get_executable_arguments {
  ARGUMENTS
  cpjrt_loaded_executable *loaded;
  cpjrt_executable *executable;
};

struct serialize_arguments {
  ARGUMENTS
  const cpjrt_executable *executable;
  cpjrt_text bytes;
  void *serialized;
  void (*deleter)(void *serialized);
};

struct optimized_program_arguments {
  ARGUMENTS
  cpjrt_executable *executable;
  struct program *program;
};

struct memory_stats_arguments {
  ARGUMENTS
  cpjrt_executable *executable;
  int64_t code;
  int64_t arguments;
  int64_t results;
  int64_t aliases;
  int64_t temporaries;
  int64_t host_code;
  int64_t host_arguments;
  int64_t host_results;
  int64_t host_aliases;
  int64_t host_temporaries;
  int64_t peak;
};

struct execute_options {
  ARGUMENTS
  void *send_callbacks;
  void *receive_callbacks;
  size_t send_count;
  size_t receive_count;
  int launch_id;
  const int64_t *kept_inputs;
  size_t kept_input_count;
  void *context;
  const char *call_location;
  size_t task_count;
  int *task_ids;
  int64_t *incarnation_ids;
};

struct execute_arguments {
  ARGUMENTS
  cpjrt_loaded_executable *executable;
  struct execute_options *options;
  cpjrt_buffer *const *const *arguments;
  size_t device_count;
  size_t argument_count;
  cpjrt_buffer **const *results;
  cpjrt_event **events;
  cpjrt_device *device;
};

/* What may become of the host's memory: free on return. */
enum { IMMUTABLE_ONLY_DURING_CALL = 0 };

struct upload_arguments {
  ARGUMENTS
  cpjrt_client *client;
  const void *data;
  int element;
  const int64_t *extents;
  size_t rank;
  const int64_t *strides;
  size_t stride_count;
  int semantics;
  cpjrt_device *device;
  void *memory;
  void *layout;
  cpjrt_event *done;
  cpjrt_buffer *buffer;
};

enum { TILED = 0 };

/* An order of the axes, the innermost first. */
struct tiled_layout {
  ARGUMENTS
  const int64_t *minor_to_major;
  size_t axis_count;
  const int64_t *tile_extents;
  const size_t *tile_ranks;
  size_t tile_count;
};

struct memory_layout {
  ARGUMENTS
  struct tiled_layout tiled;
  int type;
};

struct download_arguments {
  ARGUMENTS
  cpjrt_buffer *buffer;
  struct memory_layout *layout;
  void *data;
  size_t byte_count;
  cpjrt_event *event;
};

struct topology_create_arguments {
  ARGUMENTS
  cpjrt_text name;
  const struct cpjrt_named_value *options;
  size_t option_count;
  cpjrt_topology *topology;
};

struct topology_compile_arguments {
  ARGUMENTS
  const cpjrt_topology *topology;
  const struct program *program;
  cpjrt_text options;
  cpjrt_client *client;
  cpjrt_executable *executable;
};

#undef ARGUMENTS

#endif
