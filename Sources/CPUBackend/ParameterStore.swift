import TensorGraph

/// The weights and the state of one executor, by name, in whatever layout the last run wanted.
final class ParameterStore {
  final class Entry {
    let type: TensorType
    fileprivate(set) var layout: MemoryDescriptor
    private var allocated: AlignedBuffer?
    /// Zeros at first; not there until somebody asks for it.
    fileprivate(set) var buffer: AlignedBuffer {
      get {
        let buffer = allocated ?? AlignedBuffer(byteCount: layout.byteCount)
        allocated = buffer
        return buffer
      }
      set { allocated = newValue }
    }
    /// The bytes that the buffer will take once it is there.
    fileprivate var missingByteCount: Int { allocated == nil ? layout.byteCount : 0 }

    init(_ type: TensorType) {
      self.type = type
      layout = MemoryDescriptor(rowMajor: type)
    }
  }

  private(set) var entries: [String: Entry] = [:]
  /// Rises whenever a parameter's content may have changed.
  private(set) var version = 0

  /// Tells that a run has changed parameters in place.
  func didChange() { version += 1 }

  /// The bytes of parameters that nobody has asked for yet.
  var missingByteCount: Int { entries.values.reduce(0) { $0 + $1.missingByteCount } }

  /// Makes room for a parameter, zeroed, unless it is there. No memory is taken before it is used.
  /// - Throws: `ExecutionError.wrongType` when it is there with another type.
  func declare(_ name: String, _ type: TensorType) throws {
    if let entry = entries[name] {
      guard entry.type == type else {
        throw ExecutionError.wrongType(name: name, expected: entry.type, found: type)
      }
    } else {
      entries[name] = Entry(type)
    }
  }

  func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else { throw ExecutionError.unknownTensor(name) }
    return entry
  }

  /// Brings a parameter into a layout; it then lies elsewhere.
  func arrange(_ name: String, as layout: MemoryDescriptor) throws {
    let entry = try entry(name)
    guard entry.layout != layout else { return }
    let target = AlignedBuffer(byteCount: layout.byteCount)
    Reordering(from: entry.layout, to: layout).run(entry.buffer.address, target.address)
    entry.layout = layout
    entry.buffer = target
  }

  func load(_ name: String, _ tensor: Tensor) throws {
    try declare(name, tensor.type)
    try arrange(name, as: MemoryDescriptor(rowMajor: tensor.type))
    tensor.write(to: try entry(name).buffer.address)
    didChange()
  }

  /// A copy of a parameter, row-major; the parameter stays as it is.
  func fetch(_ name: String) throws -> Tensor {
    let entry = try entry(name)
    let layout = MemoryDescriptor(rowMajor: entry.type)
    if entry.layout == layout { return Tensor(entry.type, readingFrom: entry.buffer.address) }
    let copy = AlignedBuffer(byteCount: layout.byteCount)
    Reordering(from: entry.layout, to: layout).run(entry.buffer.address, copy.address)
    return Tensor(entry.type, readingFrom: copy.address)
  }
}
