/* Compiled, never run: compares the layouts of Sources/CPJRT/Layout.h with those of the real header. Each line names a
   struct and its last field that this project knows, there and here. */
#include <pjrt_c_api.h>

#include "Layout.h"

#define SAME_FIELD(theirs, their_field, ours, our_field) \
  _Static_assert(offsetof(theirs, their_field) == offsetof(ours, our_field), #theirs "." #their_field)
#define SAME(theirs, their_field, ours, our_field) \
  SAME_FIELD(theirs, their_field, ours, our_field); \
  _Static_assert(sizeof(theirs) == sizeof(ours), #theirs)
#define SAME_SLOT(theirs, ours) \
  _Static_assert( \
      offsetof(PJRT_Api, theirs) == offsetof(cpjrt_api, slots) + (ours) * sizeof(void *), #theirs)

SAME(PJRT_Api_Version, minor_version, struct version, minor);
SAME_FIELD(PJRT_Api, pjrt_api_version, cpjrt_api, version);
SAME(PJRT_Error_Destroy_Args, error, struct operand_arguments, operand);
SAME(PJRT_Event_Destroy_Args, event, struct operand_arguments, operand);
SAME(PJRT_Event_Await_Args, event, struct operand_arguments, operand);
SAME(PJRT_Client_Destroy_Args, client, struct operand_arguments, operand);
SAME(PJRT_Buffer_Destroy_Args, buffer, struct operand_arguments, operand);
SAME(PJRT_Executable_Destroy_Args, executable, struct operand_arguments, operand);
SAME(PJRT_LoadedExecutable_Destroy_Args, executable, struct operand_arguments, operand);
SAME(PJRT_TopologyDescription_Destroy_Args, topology, struct operand_arguments, operand);
_Static_assert(
    sizeof(PJRT_Plugin_Initialize_Args) == offsetof(struct operand_arguments, operand), "initialize");
SAME(PJRT_Error_Message_Args, message, struct error_message_arguments, message);
SAME(PJRT_Plugin_Attributes_Args, num_attributes, struct plugin_attributes_arguments, count);
SAME(PJRT_NamedValue, value_size, struct cpjrt_named_value, count);
SAME_FIELD(PJRT_NamedValue, string_value, struct cpjrt_named_value, string);
SAME_FIELD(PJRT_NamedValue, type, struct cpjrt_named_value, type);
SAME(PJRT_KeyValueGetCallback_Args, value_deleter_callback, struct key_value_get_arguments, value_deleter);
SAME_FIELD(PJRT_KeyValueGetCallback_Args, callback_error, struct key_value_get_arguments, make_error);
SAME(
    PJRT_KeyValueTryGetCallback_Args, value_deleter_callback, struct key_value_try_get_arguments,
    value_deleter);
SAME_FIELD(PJRT_KeyValueTryGetCallback_Args, callback_error, struct key_value_try_get_arguments, make_error);
SAME(PJRT_KeyValuePutCallback_Args, user_arg, struct key_value_put_arguments, context);
SAME_FIELD(PJRT_KeyValuePutCallback_Args, value, struct key_value_put_arguments, value);
SAME(PJRT_Client_Create_Args, kv_try_get_user_arg, struct client_create_arguments, try_get_context);
SAME_FIELD(PJRT_Client_Create_Args, client, struct client_create_arguments, client);
SAME_FIELD(PJRT_Client_Create_Args, kv_put_callback, struct client_create_arguments, put);
SAME(PJRT_Client_PlatformName_Args, platform_name, struct text_arguments, text);
SAME(PJRT_Client_PlatformVersion_Args, platform_version, struct text_arguments, text);
SAME(PJRT_DeviceDescription_Kind_Args, device_kind, struct text_arguments, text);
SAME(PJRT_Client_AddressableDevices_Args, num_addressable_devices, struct client_devices_arguments, count);
SAME(
    PJRT_Device_GetDescription_Args, device_description, struct device_description_arguments, description);
SAME(PJRT_DeviceDescription_Id_Args, id, struct description_id_arguments, id);
SAME(
    PJRT_DeviceDescription_Attributes_Args, attributes, struct description_attributes_arguments, attributes);
SAME_FIELD(PJRT_Device_MemoryStats_Args, bytes_in_use, struct device_memory_arguments, in_use);
SAME_FIELD(PJRT_Device_MemoryStats_Args, peak_bytes_in_use, struct device_memory_arguments, peak);
SAME_FIELD(PJRT_Device_MemoryStats_Args, bytes_limit_is_set, struct device_memory_arguments, limit.is_set);
SAME(PJRT_Device_MemoryStats_Args, peak_pool_bytes, struct device_memory_arguments, peak_pool);
SAME(PJRT_Program, format, struct program, format);
SAME(PJRT_Client_Compile_Args, executable, struct client_compile_arguments, executable);
SAME_FIELD(PJRT_Client_Compile_Args, compile_options, struct client_compile_arguments, options);
SAME(
    PJRT_Executable_DeserializeAndLoad_Args, overridden_serialized_compile_options, struct load_arguments,
    overridden_options);
SAME_FIELD(PJRT_Executable_DeserializeAndLoad_Args, loaded_executable, struct load_arguments, executable);
SAME(PJRT_LoadedExecutable_GetExecutable_Args, executable, struct get_executable_arguments, executable);
SAME(PJRT_Executable_Serialize_Args, serialized_executable_deleter, struct serialize_arguments, deleter);
SAME_FIELD(PJRT_Executable_Serialize_Args, serialized_bytes, struct serialize_arguments, bytes);
SAME(PJRT_Executable_OptimizedProgram_Args, program, struct optimized_program_arguments, program);
SAME(
    PJRT_Executable_GetCompiledMemoryStats_Args, peak_memory_in_bytes, struct memory_stats_arguments, peak);
SAME_FIELD(
    PJRT_Executable_GetCompiledMemoryStats_Args, temp_size_in_bytes, struct memory_stats_arguments,
    temporaries);
SAME(PJRT_ExecuteOptions, incarnation_ids, struct execute_options, incarnation_ids);
SAME_FIELD(PJRT_ExecuteOptions, non_donatable_input_indices, struct execute_options, kept_inputs);
SAME(PJRT_LoadedExecutable_Execute_Args, execute_device, struct execute_arguments, device);
SAME_FIELD(PJRT_LoadedExecutable_Execute_Args, output_lists, struct execute_arguments, results);
SAME_FIELD(PJRT_LoadedExecutable_Execute_Args, num_devices, struct execute_arguments, device_count);
SAME(PJRT_Client_BufferFromHostBuffer_Args, buffer, struct upload_arguments, buffer);
SAME_FIELD(PJRT_Client_BufferFromHostBuffer_Args, host_buffer_semantics, struct upload_arguments, semantics);
SAME_FIELD(PJRT_Client_BufferFromHostBuffer_Args, type, struct upload_arguments, element);
SAME(PJRT_Buffer_MemoryLayout_Tiled, num_tiles, struct tiled_layout, tile_count);
SAME_FIELD(PJRT_Buffer_MemoryLayout_Tiled, minor_to_major, struct tiled_layout, minor_to_major);
SAME(PJRT_Buffer_MemoryLayout, type, struct memory_layout, type);
SAME(PJRT_Buffer_ToHostBuffer_Args, event, struct download_arguments, event);
SAME_FIELD(PJRT_Buffer_ToHostBuffer_Args, dst, struct download_arguments, data);
SAME(PJRT_TopologyDescription_Create_Args, topology, struct topology_create_arguments, topology);
SAME(PJRT_Compile_Args, executable, struct topology_compile_arguments, executable);
SAME_FIELD(PJRT_Compile_Args, compile_options, struct topology_compile_arguments, options);

SAME_SLOT(PJRT_Error_Destroy, ERROR_DESTROY);
SAME_SLOT(PJRT_Error_Message, ERROR_MESSAGE);
SAME_SLOT(PJRT_Plugin_Initialize, PLUGIN_INITIALIZE);
SAME_SLOT(PJRT_Plugin_Attributes, PLUGIN_ATTRIBUTES);
SAME_SLOT(PJRT_Event_Destroy, EVENT_DESTROY);
SAME_SLOT(PJRT_Event_Await, EVENT_AWAIT);
SAME_SLOT(PJRT_Client_Create, CLIENT_CREATE);
SAME_SLOT(PJRT_Client_Destroy, CLIENT_DESTROY);
SAME_SLOT(PJRT_Client_PlatformName, CLIENT_PLATFORM_NAME);
SAME_SLOT(PJRT_Client_PlatformVersion, CLIENT_PLATFORM_VERSION);
SAME_SLOT(PJRT_Client_AddressableDevices, CLIENT_ADDRESSABLE_DEVICES);
SAME_SLOT(PJRT_Client_Compile, CLIENT_COMPILE);
SAME_SLOT(PJRT_Client_BufferFromHostBuffer, CLIENT_BUFFER_FROM_HOST_BUFFER);
SAME_SLOT(PJRT_DeviceDescription_Id, DEVICE_DESCRIPTION_ID);
SAME_SLOT(PJRT_DeviceDescription_Attributes, DEVICE_DESCRIPTION_ATTRIBUTES);
SAME_SLOT(PJRT_DeviceDescription_Kind, DEVICE_DESCRIPTION_KIND);
SAME_SLOT(PJRT_Device_GetDescription, DEVICE_GET_DESCRIPTION);
SAME_SLOT(PJRT_Device_MemoryStats, DEVICE_MEMORY_STATS);
SAME_SLOT(PJRT_Executable_Destroy, EXECUTABLE_DESTROY);
SAME_SLOT(PJRT_Executable_OptimizedProgram, EXECUTABLE_OPTIMIZED_PROGRAM);
SAME_SLOT(PJRT_Executable_Serialize, EXECUTABLE_SERIALIZE);
SAME_SLOT(PJRT_LoadedExecutable_Destroy, LOADED_EXECUTABLE_DESTROY);
SAME_SLOT(PJRT_LoadedExecutable_GetExecutable, LOADED_EXECUTABLE_GET_EXECUTABLE);
SAME_SLOT(PJRT_LoadedExecutable_Execute, LOADED_EXECUTABLE_EXECUTE);
SAME_SLOT(PJRT_Executable_DeserializeAndLoad, EXECUTABLE_DESERIALIZE_AND_LOAD);
SAME_SLOT(PJRT_Buffer_Destroy, BUFFER_DESTROY);
SAME_SLOT(PJRT_Buffer_ToHostBuffer, BUFFER_TO_HOST_BUFFER);
SAME_SLOT(PJRT_TopologyDescription_Create, TOPOLOGY_CREATE);
SAME_SLOT(PJRT_TopologyDescription_Destroy, TOPOLOGY_DESTROY);
SAME_SLOT(PJRT_Compile, COMPILE);
SAME_SLOT(PJRT_Executable_GetCompiledMemoryStats, EXECUTABLE_GET_COMPILED_MEMORY_STATS);

_Static_assert((int)PJRT_Buffer_Type_PRED == CPJRT_PRED, "PRED");
_Static_assert((int)PJRT_Buffer_Type_S32 == CPJRT_S32, "S32");
_Static_assert((int)PJRT_Buffer_Type_F16 == CPJRT_F16, "F16");
_Static_assert((int)PJRT_Buffer_Type_F32 == CPJRT_F32, "F32");
_Static_assert((int)PJRT_Buffer_Type_BF16 == CPJRT_BF16, "BF16");
_Static_assert((int)PJRT_NamedValue_kBool == CPJRT_BOOL, "named values");
_Static_assert((int)PJRT_Buffer_MemoryLayout_Type_Tiled == TILED, "tiled");
_Static_assert(
    (int)PJRT_HostBufferSemantics_kImmutableOnlyDuringCall == IMMUTABLE_ONLY_DURING_CALL, "semantics");
_Static_assert((int)PJRT_Error_Code_NOT_FOUND == 5, "NOT_FOUND");
_Static_assert((int)PJRT_Error_Code_DEADLINE_EXCEEDED == 4, "DEADLINE_EXCEEDED");
_Static_assert((int)PJRT_Error_Code_UNAVAILABLE == 14, "UNAVAILABLE");
