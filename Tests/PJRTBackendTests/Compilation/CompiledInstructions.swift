/// The instructions of an optimised program, as far as the tests ask about them.
///
/// Source: OpenXLA, xla/service/hlo.proto and xla/xla_data.proto; the numbers of the fields stand at the lines.
struct CompiledInstruction {
  var name = ""
  var opcode = ""
  /// Of a custom call: "__cudnn$convForward".
  var target = ""
  var shapes: [CompiledShape] = []
  var id: UInt64 = 0
  var operandIDs: [UInt64] = []
  /// DEFAULT 0, HIGH 1, HIGHEST 2; of each operand.
  var precisions: [UInt64] = []
}

struct CompiledShape: Equatable {
  /// XLA's number of the dtype: F16 10, F32 11, BF16 16.
  var dtype: UInt64 = 0
  var extents: [UInt64] = []
}

extension [CompiledInstruction] {
  /// Reads a serialised `HloModuleProto`, or one with its configuration.
  init(program: [UInt8]) {
    let message = ProtobufReader(program[...])
    // With its configuration the module is a message in field 1; without, field 1 is its name.
    let fields = message.fields
    let inner = fields.first { $0.number == 1 }.map { ProtobufReader($0.bytes).fields } ?? []
    let module =
      inner.contains { $0.number == 3 && !$0.bytes.isEmpty } && !fields.contains { $0.number == 3 }
      ? inner : fields
    self = module.filter { $0.number == 3 }.flatMap { computation in  // computations
      ProtobufReader(computation.bytes).fields.filter { $0.number == 2 }  // instructions
        .map { CompiledInstruction($0.bytes) }
    }
  }
}

extension CompiledInstruction {
  fileprivate init(_ bytes: ArraySlice<UInt8>) {
    for field in ProtobufReader(bytes).fields {
      switch field.number {
      case 1: name = field.text
      case 2: opcode = field.text
      case 3: shapes = CompiledShape.all(field.bytes)
      case 28: target = field.text  // custom_call_target
      case 35: id = field.integer
      case 36: operandIDs += field.integers
      case 51:  // precision_config
        precisions = ProtobufReader(field.bytes).fields.filter { $0.number == 1 }.flatMap(\.integers)
      default: break
      }
    }
  }
}

extension CompiledShape {
  /// The shape, or those of a tuple's parts.
  fileprivate static func all(_ bytes: ArraySlice<UInt8>) -> [CompiledShape] {
    var shape = CompiledShape()
    var parts: [CompiledShape] = []
    for field in ProtobufReader(bytes).fields {
      switch field.number {
      case 2: shape.dtype = field.integer  // element_type
      case 3: shape.extents += field.integers  // dimensions
      case 4: parts += all(field.bytes)  // tuple_shapes
      default: break
      }
    }
    return parts.isEmpty ? [shape] : parts
  }
}

/// The fields of a message in Protocol Buffers' wire format.
private struct ProtobufReader {
  struct Field {
    let number: Int
    /// Of a number.
    var integer: UInt64 = 0
    /// Of anything with a length.
    var bytes: ArraySlice<UInt8> = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Of a list of numbers, packed or not.
    var integers: [UInt64] {
      guard !bytes.isEmpty else { return [integer] }
      var (reader, numbers) = (ProtobufReader(bytes), [UInt64]())
      while let number = reader.integer() { numbers.append(number) }
      return numbers
    }
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// All fields; those read so far where something is no message.
  var fields: [Field] {
    var (reader, fields) = (self, [Field]())
    while let field = reader.field() { fields.append(field) }
    return fields
  }

  private mutating func field() -> Field? {
    guard let key = integer() else { return nil }
    var field = Field(number: Int(key >> 3))
    switch key & 7 {
    case 0: field.integer = integer() ?? 0
    case 1: rest = rest.dropFirst(8)
    case 2:
      guard let count = integer(), count <= rest.count else { return nil }
      field.bytes = rest.prefix(Int(count))
      rest = rest.dropFirst(Int(count))
    case 5: rest = rest.dropFirst(4)
    default: return nil
    }
    return field
  }

  private mutating func integer() -> UInt64? {
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
      if shift > 63 { return nil }
    }
    return nil
  }
}
