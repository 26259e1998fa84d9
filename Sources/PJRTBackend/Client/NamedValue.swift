import CPJRT

/// A setting of a client or of the compiler, or a property of a plugin or a device.
public enum NamedValue: Hashable, Sendable, CustomStringConvertible {
  case string(String)
  case integer(Int)
  case integers([Int])
  case number(Float)
  case flag(Bool)

  public var description: String {
    switch self {
    case .string(let value): value
    case .integer(let value): "\(value)"
    case .integers(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    }
  }

  private init(_ value: cpjrt_named_value) {
    switch value.type {
    case CPJRT_STRING: self = .string(String(cpjrt_text(bytes: value.string, count: value.count)))
    case CPJRT_INTEGER: self = .integer(Int(value.integer))
    case CPJRT_INTEGERS:
      self = .integers(UnsafeBufferPointer(start: value.integers, count: value.count).map { Int($0) })
    case CPJRT_FLOAT: self = .number(value.number)
    default: self = .flag(value.flag)
    }
  }

  static func dictionary(
    _ values: UnsafePointer<cpjrt_named_value>?, _ count: Int
  ) -> [String: NamedValue] {
    let named = UnsafeBufferPointer(start: values, count: values == nil ? 0 : count).map { value in
      (String(cpjrt_text(bytes: value.name, count: value.name_count)), NamedValue(value))
    }
    return Dictionary(named) { first, _ in first }
  }
}

/// Settings in C's form, valid for as long as this lives.
struct NamedValueList: ~Copyable {
  private(set) var values: [cpjrt_named_value] = []
  private var allocations: [UnsafeMutableRawBufferPointer] = []

  init(_ settings: [String: NamedValue]) {
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) { append(name, value) }
  }

  deinit { for allocation in allocations { allocation.deallocate() } }

  private mutating func append(_ name: String, _ value: NamedValue) {
    var entry = cpjrt_named_value()
    entry.struct_size = MemoryLayout<cpjrt_named_value>.size
    let nameBytes = kept(Array(name.utf8))
    entry.name = nameBytes.bindMemory(to: CChar.self).baseAddress.map { UnsafePointer($0) }
    entry.name_count = nameBytes.count
    entry.count = 1
    switch value {
    case .string(let text):
      let bytes = kept(Array(text.utf8))
      entry.type = CPJRT_STRING
      entry.string = bytes.bindMemory(to: CChar.self).baseAddress.map { UnsafePointer($0) }
      entry.count = bytes.count
    case .integer(let integer):
      entry.type = CPJRT_INTEGER
      entry.integer = Int64(integer)
    case .integers(let integers):
      entry.type = CPJRT_INTEGERS
      let bytes = kept(integers.map { Int64($0) })
      entry.integers = bytes.bindMemory(to: Int64.self).baseAddress.map { UnsafePointer($0) }
      entry.count = integers.count
    case .number(let number):
      entry.type = CPJRT_FLOAT
      entry.number = number
    case .flag(let flag):
      entry.type = CPJRT_BOOL
      entry.flag = flag
    }
    values.append(entry)
  }

  /// A copy that lives as long as the list.
  private mutating func kept<Element>(_ elements: [Element]) -> UnsafeMutableRawBufferPointer {
    elements.withUnsafeBytes { source in
      let copy = UnsafeMutableRawBufferPointer.allocate(
        byteCount: source.count, alignment: MemoryLayout<Element>.alignment)
      copy.copyMemory(from: source)
      allocations.append(copy)
      return copy
    }
  }
}
