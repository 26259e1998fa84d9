import COneDNN

/// A oneDNN primitive descriptor: an operation on given memory layouts, for which oneDNN chose an
/// implementation.
final class PrimitiveDescriptor {
  let handle: dnnl_primitive_desc_t
  private let name: String

  /// Makes a descriptor by one of oneDNN's `..._primitive_desc_create` calls.
  ///
  /// Scratchpads are left to the plan (`dnnl_scratchpad_mode_user`), which shares one arena among all.
  init(
    _ name: String,
    _ create: (UnsafeMutablePointer<dnnl_primitive_desc_t?>, dnnl_primitive_attr_t) -> dnnl_status_t
  ) throws {
    var attributes: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&attributes), "attributes")
    defer { dnnl_primitive_attr_destroy(attributes) }
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "scratchpad mode")
    var handle: dnnl_primitive_desc_t?
    try check(create(&handle, attributes!), name)
    self.handle = handle!
    self.name = name
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// The layout of an operand in the graph's axis order.
  func layout(_ query: dnnl_query_t, _ order: AxisOrder, index: Int32 = 0) throws -> MemoryDescriptor {
    guard let descriptor = dnnl_primitive_desc_query_md(handle, query, index) else {
      throw OneDNNError(call: "\(name), query of a layout", status: dnnl_invalid_arguments.rawValue)
    }
    return try MemoryDescriptor(copying: descriptor).inGraphOrder(order)
  }

  /// oneDNN's name of the chosen implementation: "jit:avx512_core".
  var implementation: String {
    var text: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &text)
    return text.map { String(cString: $0) } ?? "unknown"
  }
}

/// A primitive that can run. Its code is made when it first does: what is compiled and does not fit into memory has no
/// need of it, and oneDNN fails to make it for some shapes that are too large.
final class Primitive {
  private let descriptor: PrimitiveDescriptor
  private var made: dnnl_primitive_t?

  init(_ descriptor: PrimitiveDescriptor) { self.descriptor = descriptor }

  var handle: dnnl_primitive_t {
    get throws {
      if let made { return made }
      try check(
        dnnl_primitive_create(&made, descriptor.handle), "primitive \(descriptor.implementation)")
      return made!
    }
  }

  deinit { dnnl_primitive_destroy(made) }
}

/// A memory descriptor bound to an address; does not own the bytes.
final class BoundMemory {
  let handle: dnnl_memory_t

  init(_ descriptor: MemoryDescriptor, _ address: UnsafeMutableRawPointer, _ context: OneDNNContext) throws {
    var handle: dnnl_memory_t?
    try check(dnnl_memory_create(&handle, descriptor.handle, context.engine, address), "memory")
    self.handle = handle!
  }

  deinit { dnnl_memory_destroy(handle) }
}
