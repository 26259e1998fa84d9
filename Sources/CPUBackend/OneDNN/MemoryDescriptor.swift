import COneDNN
import TensorGraph

extension DType {
  /// oneDNN's name of the dtype; truth values are bytes.
  var oneDNN: dnnl_data_type_t {
    switch self {
    case .f32: dnnl_f32
    case .bf16: dnnl_bf16
    case .f16: dnnl_f16
    case .i32: dnnl_s32
    case .bool: dnnl_u8
    }
  }
}

/// How the axes of a graph's tensor map to those of a oneDNN primitive.
///
/// `forward[i]` is the primitive's axis that the graph's axis i becomes.
enum AxisOrder {
  /// As the graph has them.
  case graph
  /// `[N, D, H, W, C]` to oneDNN's N, C, D, H, W.
  case activations
  /// `[KD, KH, KW, I, O]` to oneDNN's O, I, D, H, W.
  case weights

  var forward: [Int32]? {
    switch self {
    case .graph: nil
    case .activations: [0, 2, 3, 4, 1]
    case .weights: [2, 3, 4, 1, 0]
    }
  }

  var backward: [Int32]? {
    forward.map { forward in
      (0..<Int32(forward.count)).map { Int32(forward.firstIndex(of: $0)!) }
    }
  }

  /// The extents of a graph's shape in the primitive's order.
  func extents(_ shape: Shape) -> [Int] {
    guard let backward else { return shape.extents }
    return backward.map { shape[Int($0)] }
  }
}

/// The dtype, extents and physical layout of a tensor: oneDNN's memory descriptor.
///
/// Kept in the graph's axis order wherever it is stored; primitives get and give theirs in their own order.
/// `@unchecked Sendable`: never changed after it is made.
final class MemoryDescriptor: @unchecked Sendable, Equatable {
  let handle: dnnl_memory_desc_t

  /// Takes ownership of the handle.
  init(owning handle: dnnl_memory_desc_t) { self.handle = handle }

  deinit { dnnl_memory_desc_destroy(handle) }

  /// A row-major tensor.
  convenience init(rowMajor type: TensorType) throws {
    try self.init(type, strides: type.shape.rowMajorStrides)
  }

  /// A tensor with strides in elements. oneDNN has no rank 0: a scalar is one element of rank 1.
  convenience init(_ type: TensorType, strides: [Int]) throws {
    let extents = type.shape.rank == 0 ? [1] : type.shape.extents
    let strides = type.shape.rank == 0 ? [1] : strides
    var handle: dnnl_memory_desc_t?
    try check(
      dnnl_memory_desc_create_with_strides(
        &handle, Int32(extents.count), extents.map(Int64.init), type.dtype.oneDNN, strides.map(Int64.init)),
      "memory descriptor of \(type)")
    self.init(owning: handle!)
  }

  /// A tensor whose layout the primitive shall choose (`format any`), in the primitive's axis order.
  convenience init(any type: TensorType, _ order: AxisOrder) throws {
    self.init(owning: try Self.handle(type, tag: dnnl_format_tag_any, order))
  }

  /// The blocks of channels in which operations of ours compute.
  static let channelBlocks = [8, 16]

  /// A batch in blocks of channels, one of `channelBlocks`: `[N, C/block, D, H, W, block]`.
  convenience init(blocked type: TensorType, by block: Int = 16) throws {
    precondition(Self.channelBlocks.contains(block), "there are no blocks of \(block) channels")
    try self.init(type, tag: block == 16 ? dnnl_nCdhw16c : dnnl_nCdhw8c, .activations)
  }

  /// A filter in blocks of 16 channels, `[O/16, I/16, KD, KH, KW, 16 i, 16 o]`.
  convenience init(blockedWeights type: TensorType) throws {
    try self.init(type, tag: dnnl_OIdhw16i16o, .weights)
  }

  /// A tensor in a layout that a tag names for the primitive's axis order.
  private convenience init(_ type: TensorType, tag: dnnl_format_tag_t, _ order: AxisOrder) throws {
    let handle = try Self.handle(type, tag: tag, order)
    defer { dnnl_memory_desc_destroy(handle) }
    var permuted: dnnl_memory_desc_t?
    try check(dnnl_memory_desc_permute_axes(&permuted, handle, order.backward), "permutation of axes")
    self.init(owning: permuted!)
  }

  /// Makes a descriptor in the primitive's axis order.
  private static func handle(
    _ type: TensorType, tag: dnnl_format_tag_t, _ order: AxisOrder
  ) throws -> dnnl_memory_desc_t {
    let extents = order.extents(type.shape)
    var handle: dnnl_memory_desc_t?
    try check(
      dnnl_memory_desc_create_with_tag(
        &handle, Int32(extents.count), extents.map(Int64.init), type.dtype.oneDNN, tag),
      "memory descriptor of \(type)")
    return handle!
  }

  /// A copy of a descriptor that a primitive descriptor owns.
  convenience init(copying handle: const_dnnl_memory_desc_t) throws {
    var copy: dnnl_memory_desc_t?
    try check(dnnl_memory_desc_clone(&copy, handle), "copy of a memory descriptor")
    self.init(owning: copy!)
  }

  /// The same memory with its axes in the primitive's order.
  func inPrimitiveOrder(_ order: AxisOrder) throws -> MemoryDescriptor { try permuted(order.forward) }

  /// The same memory with the axes of a primitive back in the graph's order.
  func inGraphOrder(_ order: AxisOrder) throws -> MemoryDescriptor { try permuted(order.backward) }

  private func permuted(_ permutation: [Int32]?) throws -> MemoryDescriptor {
    guard let permutation else { return self }
    var result: dnnl_memory_desc_t?
    try check(dnnl_memory_desc_permute_axes(&result, handle, permutation), "permutation of axes")
    return MemoryDescriptor(owning: result!)
  }

  var byteCount: Int { dnnl_memory_desc_get_size(handle) }

  static func == (lhs: MemoryDescriptor, rhs: MemoryDescriptor) -> Bool {
    lhs === rhs || dnnl_memory_desc_equal(lhs.handle, rhs.handle) != 0
  }

  // MARK: Physical layout

  private func integers(_ query: dnnl_query_t, _ count: Int) -> [Int] {
    var pointer: UnsafePointer<dnnl_dim_t>?
    guard dnnl_memory_desc_query(handle, query, &pointer) == dnnl_success, let pointer else { return [] }
    return (0..<count).map { Int(pointer[$0]) }
  }

  private func integer(_ query: dnnl_query_t) -> Int {
    var result: Int32 = 0
    dnnl_memory_desc_query(handle, query, &result)
    return Int(result)
  }

  var rank: Int { integer(dnnl_query_ndims_s32) }
  var extents: [Int] { integers(dnnl_query_dims, rank) }
  var paddedExtents: [Int] { integers(dnnl_query_padded_dims, rank) }
  var strides: [Int] { integers(dnnl_query_strides, rank) }
  var innerBlocks: [Int] { integers(dnnl_query_inner_blks, integer(dnnl_query_inner_nblks_s32)) }
  var innerAxes: [Int] { integers(dnnl_query_inner_idxs, integer(dnnl_query_inner_nblks_s32)) }

  /// Whether extents were rounded up to whole blocks; the padding holds zeros.
  var isPadded: Bool { extents != paddedExtents }

  /// The number of elements in memory, padding included.
  var paddedElementCount: Int { paddedExtents.reduce(1, *) }

  /// The channel block of a batch `[N, D, H, W, C]` laid out as N, C/block, D, H, W, block; nil for any other
  /// layout. A row-major batch counts as one block of all channels.
  var channelBlock: Int? {
    let extents = paddedExtents
    guard let channels = extents.last else { return nil }
    if innerBlocks.isEmpty {
      let isRowMajor = !isPadded && strides == Shape(extents).rowMajorStrides
      return isRowMajor ? channels : nil
    }
    guard rank == 5, innerBlocks.count == 1, innerAxes == [4] else { return nil }
    let block = innerBlocks[0]
    let spatial = extents[1] * extents[2] * extents[3]
    let expected = [
      spatial * channels, extents[2] * extents[3] * block, extents[3] * block, block, spatial * block,
    ]
    return strides == expected ? block : nil
  }

  /// For plans: "row-major", "blocked 16c", "other".
  var layoutSummary: String {
    if innerBlocks.isEmpty { return channelBlock != nil ? "row-major" : "strided" }
    return "blocked " + zip(innerBlocks, innerAxes).map { "\($0)@\($1)" }.joined(separator: " ")
  }
}
