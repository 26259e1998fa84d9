import TensorGraph

/// A value of a StableHLO function.
struct HLOValue: Hashable {
  /// With its sigil: "%12".
  let name: String
  let type: TensorType

  var shape: Shape { type.shape }
  var dtype: DType { type.dtype }
}

extension TensorType {
  /// As StableHLO writes it: `tensor<2x32xf32>`.
  var stableHLO: String {
    "tensor<" + (shape.extents.map(String.init) + [dtype.stableHLO]).joined(separator: "x") + ">"
  }
}

extension DType {
  var stableHLO: String {
    switch self {
    case .f32: "f32"
    case .bf16: "bf16"
    case .f16: "f16"
    case .i32: "i32"
    case .bool: "i1"
    }
  }

  /// A number of this dtype as StableHLO writes it; floats by their bits, so that nothing is lost.
  func literal(_ value: Double) -> String {
    let element = value.rounded(to: self)
    return switch self {
    case .f32: hexadecimal(element.bitPattern, digits: 8)
    case .bf16: hexadecimal(element.bitPattern >> 16, digits: 4)
    case .f16: hexadecimal(UInt32(Float16(element).bitPattern), digits: 4)
    case .i32: "\(Int32(clamping: Int64(element)))"
    case .bool: element == 0 ? "false" : "true"
    }
  }

  private func hexadecimal(_ bits: UInt32, digits: Int) -> String {
    let text = String(bits, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: digits - text.count) + text
  }

  /// The least number, which any other replaces in a maximum.
  var leastValue: Double { self == .i32 ? Double(Int32.min) : -.infinity }
}
