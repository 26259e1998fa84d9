#define _GNU_SOURCE /* memmem */
#include "Layout.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Calls a function of the table on arguments, whose size is stored first. */
#define CALL(api, slot, arguments) \
  ((arguments)->struct_size = sizeof *(arguments), call(api, slot, arguments))

static cpjrt_error *call(const cpjrt_api *api, enum slot slot, void *arguments) {
  cpjrt_error *(*function)(void *);
  memcpy(&function, &api->slots[slot], sizeof function);
  return function(arguments);
}

static void destroy(const cpjrt_api *api, enum slot slot, const void *operand) {
  struct operand_arguments arguments = {.operand = operand};
  cpjrt_error *error = CALL(api, slot, &arguments);
  if (error) cpjrt_error_destroy(api, error);
}

/* MARK: Plugin */

bool cpjrt_holds(const void *bytes, size_t count, const char *text) {
  return memmem(bytes, count, text, strlen(text)) != NULL;
}

const char *cpjrt_open(const char *path, const cpjrt_api **api) {
  /* Plugins would log what is no error, unless the user asked for it. */
  setenv("TF_CPP_MIN_LOG_LEVEL", "1", 0);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  void *symbol = dlsym(library, "GetPjrtApi");
  if (!symbol) return dlerror();
  const cpjrt_api *(*get_api)(void);
  memcpy(&get_api, &symbol, sizeof get_api);
  *api = get_api();
  if (!*api || (*api)->struct_size < offsetof(cpjrt_api, slots)) return "it gives no table of functions";
  if ((*api)->version.major != 0) return "its version of the PJRT API is not 0";
  if ((*api)->struct_size < sizeof(cpjrt_api)) return "its version of the PJRT API is too old";
  return NULL;
}

void cpjrt_version(const cpjrt_api *api, int *major, int *minor) {
  *major = api->version.major;
  *minor = api->version.minor;
}

cpjrt_error *cpjrt_initialize(const cpjrt_api *api) {
  struct operand_arguments arguments = {.struct_size = offsetof(struct operand_arguments, operand)};
  return call(api, PLUGIN_INITIALIZE, &arguments);
}

cpjrt_error *cpjrt_plugin_attributes(
    const cpjrt_api *api, const struct cpjrt_named_value **values, size_t *count) {
  struct plugin_attributes_arguments arguments = {0};
  cpjrt_error *error = CALL(api, PLUGIN_ATTRIBUTES, &arguments);
  *values = arguments.attributes;
  *count = arguments.count;
  return error;
}

cpjrt_text cpjrt_error_message(const cpjrt_api *api, const cpjrt_error *error) {
  struct error_message_arguments arguments = {.error = error};
  CALL(api, ERROR_MESSAGE, &arguments);
  return arguments.message;
}

void cpjrt_error_destroy(const cpjrt_api *api, cpjrt_error *error) {
  struct operand_arguments arguments = {.operand = error};
  CALL(api, ERROR_DESTROY, &arguments);
}

cpjrt_error *cpjrt_await(const cpjrt_api *api, cpjrt_event *event) {
  struct operand_arguments arguments = {.operand = event};
  cpjrt_error *error = CALL(api, EVENT_AWAIT, &arguments);
  destroy(api, EVENT_DESTROY, event);
  return error;
}

/* MARK: Client and devices */

enum { NOT_FOUND = 5, DEADLINE_EXCEEDED = 4, UNAVAILABLE = 14 };

static cpjrt_error *failure(make_callback_error **make_error, int code, const char *message) {
  return (*make_error)(code, message, strlen(message));
}

static void free_value(char *value) { free(value); }

static cpjrt_error *get_value(struct key_value_get_arguments *arguments) {
  const struct cpjrt_key_value_store *store = arguments->context;
  bool is_found = store->get(
      store->context, arguments->key, arguments->milliseconds, &arguments->value,
      &arguments->value_count);
  arguments->value_deleter = free_value;
  return is_found ? NULL : failure(arguments->make_error, DEADLINE_EXCEEDED, "no process gave this key in time");
}

static cpjrt_error *try_get_value(struct key_value_try_get_arguments *arguments) {
  const struct cpjrt_key_value_store *store = arguments->context;
  bool is_found =
      store->try_get(store->context, arguments->key, &arguments->value, &arguments->value_count);
  arguments->value_deleter = free_value;
  return is_found ? NULL : failure(arguments->make_error, NOT_FOUND, "no process has given this key");
}

static cpjrt_error *put_value(struct key_value_put_arguments *arguments) {
  const struct cpjrt_key_value_store *store = arguments->context;
  bool is_kept = store->put(store->context, arguments->key, arguments->value);
  return is_kept ? NULL : failure(arguments->make_error, UNAVAILABLE, "the other processes cannot be reached");
}

cpjrt_error *cpjrt_client_create(
    const cpjrt_api *api, const struct cpjrt_named_value *options, size_t count,
    const struct cpjrt_key_value_store *store, cpjrt_client **client) {
  struct client_create_arguments arguments = {.options = options, .option_count = count};
  if (store) {
    arguments.get = get_value;
    arguments.put = put_value;
    arguments.try_get = try_get_value;
    arguments.get_context = arguments.put_context = arguments.try_get_context = (void *)store;
  }
  cpjrt_error *error = CALL(api, CLIENT_CREATE, &arguments);
  *client = arguments.client;
  return error;
}

void cpjrt_client_destroy(const cpjrt_api *api, cpjrt_client *client) {
  destroy(api, CLIENT_DESTROY, client);
}

static cpjrt_error *text_of(const cpjrt_api *api, enum slot slot, const void *owner, cpjrt_text *text) {
  struct text_arguments arguments = {.owner = owner};
  cpjrt_error *error = CALL(api, slot, &arguments);
  *text = arguments.text;
  return error;
}

cpjrt_error *cpjrt_platform_name(const cpjrt_api *api, cpjrt_client *client, cpjrt_text *name) {
  return text_of(api, CLIENT_PLATFORM_NAME, client, name);
}

cpjrt_error *cpjrt_platform_version(const cpjrt_api *api, cpjrt_client *client, cpjrt_text *version) {
  return text_of(api, CLIENT_PLATFORM_VERSION, client, version);
}

cpjrt_error *cpjrt_devices(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_device *const **devices, size_t *count) {
  struct client_devices_arguments arguments = {.client = client};
  cpjrt_error *error = CALL(api, CLIENT_ADDRESSABLE_DEVICES, &arguments);
  *devices = arguments.devices;
  *count = arguments.count;
  return error;
}

cpjrt_error *cpjrt_device_description(
    const cpjrt_api *api, cpjrt_device *device, int *id, cpjrt_text *kind,
    const struct cpjrt_named_value **attributes, size_t *count) {
  struct device_description_arguments found = {.device = device};
  cpjrt_error *error = CALL(api, DEVICE_GET_DESCRIPTION, &found);
  if (error) return error;
  struct description_id_arguments number = {.description = found.description};
  struct description_attributes_arguments properties = {.description = found.description};
  error = CALL(api, DEVICE_DESCRIPTION_ID, &number);
  if (!error) error = text_of(api, DEVICE_DESCRIPTION_KIND, found.description, kind);
  if (!error) error = CALL(api, DEVICE_DESCRIPTION_ATTRIBUTES, &properties);
  *id = number.id;
  *attributes = properties.attributes;
  *count = properties.count;
  return error;
}

cpjrt_error *cpjrt_device_memory(
    const cpjrt_api *api, cpjrt_device *device, int64_t *in_use, int64_t *peak, int64_t *limit) {
  struct device_memory_arguments arguments = {.device = device, .in_use = -1};
  cpjrt_error *error = CALL(api, DEVICE_MEMORY_STATS, &arguments);
  *in_use = arguments.in_use;
  *peak = arguments.peak.is_set ? arguments.peak.value : -1;
  *limit = arguments.limit.is_set ? arguments.limit.value : -1;
  return error;
}

/* MARK: Buffers */

cpjrt_error *cpjrt_buffer_upload(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_device *device, const void *data,
    enum cpjrt_element element, const int64_t *extents, size_t rank, cpjrt_buffer **buffer) {
  struct upload_arguments arguments = {
      .client = client,
      .device = device,
      .data = data,
      .element = (int)element,
      .extents = extents,
      .rank = rank,
      .semantics = IMMUTABLE_ONLY_DURING_CALL,
  };
  cpjrt_error *error = CALL(api, CLIENT_BUFFER_FROM_HOST_BUFFER, &arguments);
  if (arguments.done) destroy(api, EVENT_DESTROY, arguments.done);
  *buffer = arguments.buffer;
  return error;
}

cpjrt_error *cpjrt_buffer_download(
    const cpjrt_api *api, cpjrt_buffer *buffer, size_t rank, void *data, size_t byte_count,
    cpjrt_event **event) {
  /* Without a layout the device's own comes back. */
  int64_t minor_to_major[16];
  if (rank > sizeof minor_to_major / sizeof *minor_to_major) abort();
  for (size_t i = 0; i < rank; i++) minor_to_major[i] = (int64_t)(rank - 1 - i);
  struct memory_layout layout = {
      .struct_size = sizeof layout,
      .type = TILED,
      .tiled =
          {
              .struct_size = sizeof layout.tiled,
              .minor_to_major = minor_to_major,
              .axis_count = rank,
          },
  };
  struct download_arguments arguments = {
      .buffer = buffer, .layout = &layout, .data = data, .byte_count = byte_count};
  cpjrt_error *error = CALL(api, BUFFER_TO_HOST_BUFFER, &arguments);
  *event = arguments.event;
  return error;
}

void cpjrt_buffer_destroy(const cpjrt_api *api, cpjrt_buffer *buffer) {
  destroy(api, BUFFER_DESTROY, buffer);
}

/* MARK: Programs */

static struct program mlir(cpjrt_text code) {
  return (struct program){
      .struct_size = sizeof(struct program),
      .code = (char *)code.bytes,
      .code_count = code.count,
      .format = {"mlir", 4},
  };
}

cpjrt_error *cpjrt_compile(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_text code, cpjrt_text options,
    cpjrt_loaded_executable **executable) {
  struct program program = mlir(code);
  struct client_compile_arguments arguments = {
      .client = client, .program = &program, .options = options};
  cpjrt_error *error = CALL(api, CLIENT_COMPILE, &arguments);
  *executable = arguments.executable;
  return error;
}

cpjrt_error *cpjrt_load(
    const cpjrt_api *api, cpjrt_client *client, cpjrt_text serialized,
    cpjrt_loaded_executable **executable) {
  struct load_arguments arguments = {.client = client, .serialized = serialized};
  cpjrt_error *error = CALL(api, EXECUTABLE_DESERIALIZE_AND_LOAD, &arguments);
  *executable = arguments.executable;
  return error;
}

void cpjrt_loaded_executable_destroy(const cpjrt_api *api, cpjrt_loaded_executable *executable) {
  destroy(api, LOADED_EXECUTABLE_DESTROY, executable);
}

cpjrt_error *cpjrt_get_executable(
    const cpjrt_api *api, cpjrt_loaded_executable *loaded, cpjrt_executable **executable) {
  struct get_executable_arguments arguments = {.loaded = loaded};
  cpjrt_error *error = CALL(api, LOADED_EXECUTABLE_GET_EXECUTABLE, &arguments);
  *executable = arguments.executable;
  return error;
}

void cpjrt_executable_destroy(const cpjrt_api *api, cpjrt_executable *executable) {
  destroy(api, EXECUTABLE_DESTROY, executable);
}

cpjrt_error *cpjrt_serialize(
    const cpjrt_api *api, cpjrt_executable *executable, cpjrt_receive *receive, void *context) {
  struct serialize_arguments arguments = {.executable = executable};
  cpjrt_error *error = CALL(api, EXECUTABLE_SERIALIZE, &arguments);
  if (error) return error;
  receive(context, arguments.bytes);
  arguments.deleter(arguments.serialized);
  return NULL;
}

cpjrt_error *cpjrt_optimized_program(
    const cpjrt_api *api, cpjrt_executable *executable, cpjrt_receive *receive, void *context) {
  /* The first call, without memory for the code, asks for its size. */
  struct program program = {.struct_size = sizeof program};
  struct optimized_program_arguments arguments = {.executable = executable, .program = &program};
  cpjrt_error *error = CALL(api, EXECUTABLE_OPTIMIZED_PROGRAM, &arguments);
  if (error) return error;
  program.code = malloc(program.code_count);
  if (!program.code) abort();
  error = CALL(api, EXECUTABLE_OPTIMIZED_PROGRAM, &arguments);
  if (!error) receive(context, (cpjrt_text){program.code, program.code_count});
  free(program.code);
  return error;
}

cpjrt_error *cpjrt_temporary_memory(
    const cpjrt_api *api, cpjrt_executable *executable, int64_t *byte_count) {
  struct memory_stats_arguments arguments = {.executable = executable};
  cpjrt_error *error = CALL(api, EXECUTABLE_GET_COMPILED_MEMORY_STATS, &arguments);
  *byte_count = arguments.temporaries;
  return error;
}

cpjrt_error *cpjrt_execute(
    const cpjrt_api *api, cpjrt_loaded_executable *executable, size_t device_count,
    cpjrt_buffer *const *const *arguments, size_t argument_count, cpjrt_buffer **const *results,
    cpjrt_event **events) {
  struct execute_options options = {.struct_size = sizeof options};
  struct execute_arguments all = {
      .executable = executable,
      .options = &options,
      .arguments = arguments,
      .device_count = device_count,
      .argument_count = argument_count,
      .results = results,
      .events = events,
  };
  return CALL(api, LOADED_EXECUTABLE_EXECUTE, &all);
}

/* MARK: Compilation without a device */

cpjrt_error *cpjrt_topology_create(
    const cpjrt_api *api, const struct cpjrt_named_value *options, size_t count,
    cpjrt_topology **topology) {
  struct topology_create_arguments arguments = {
      .name = {"", 0}, .options = options, .option_count = count};
  cpjrt_error *error = CALL(api, TOPOLOGY_CREATE, &arguments);
  *topology = arguments.topology;
  return error;
}

void cpjrt_topology_destroy(const cpjrt_api *api, cpjrt_topology *topology) {
  destroy(api, TOPOLOGY_DESTROY, topology);
}

cpjrt_error *cpjrt_topology_compile(
    const cpjrt_api *api, cpjrt_topology *topology, cpjrt_text code, cpjrt_text options,
    cpjrt_executable **executable) {
  struct program program = mlir(code);
  struct topology_compile_arguments arguments = {
      .topology = topology, .program = &program, .options = options};
  cpjrt_error *error = CALL(api, COMPILE, &arguments);
  *executable = arguments.executable;
  return error;
}
