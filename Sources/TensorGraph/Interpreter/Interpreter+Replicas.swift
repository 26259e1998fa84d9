extension Interpreter {
  /// The mean of each tensor over all replicas: everybody gathers everything, and adds it up in their order.
  static func allReduceMean(_ x: [Tensor], _ collectives: (any Collectives)?) throws -> [Tensor] {
    guard let collectives else { return x }
    return try x.map { tensor in
      let elements = try collectives.gather(tensor.bytes).map(Tensor.elements)
      let sums = tensor.elements.indices.map { index in elements.reduce(0) { $0 + Double($1[index]) } }
      return Tensor(tensor.type, rounding: sums.map { $0 / Double(collectives.count) })
    }
  }
}

extension Tensor {
  /// The elements as singles, the least significant byte first.
  fileprivate var bytes: [UInt8] {
    elements.flatMap { element in (0..<4).map { UInt8(truncatingIfNeeded: element.bitPattern >> (8 * $0)) } }
  }

  fileprivate static func elements(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
    }
  }
}
