import TensorGraph
import Training

/// The names of what a model in one file says of itself besides its record.
public enum ModelNote {
  /// A `Postprocessing`, as JSON.
  public static let postprocessing = "vnet.postprocessing"
  /// The terms under which the model may be used.
  public static let license = "license"
  /// For people, in Markdown.
  public static let card = "model_card"
}

/// The type in which a file holds a model's numbers.
public enum StoredDType: String, Sendable, CaseIterable {
  case f32
  /// Half the size; rounded to nearest, about three significant digits.
  case bf16

  func stored(_ tensor: Tensor) -> SafetensorsTensor {
    switch self {
    case .f32: return SafetensorsTensor(shape: tensor.shape.extents, floats: tensor.elements)
    case .bf16:
      let half = Tensor(TensorType(.bf16, tensor.shape), tensor.elements)
      let bytes = [UInt8](unsafeUninitializedCapacity: half.type.byteCount) { buffer, count in
        count = half.type.byteCount
        if let address = buffer.baseAddress { half.write(to: UnsafeMutableRawPointer(address)) }
      }
      return SafetensorsTensor(dtype: .bf16, shape: tensor.shape.extents, bytes: bytes)
    }
  }
}
