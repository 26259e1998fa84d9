/// Why a model cannot be exported.
public enum ONNXError: Error, Equatable, CustomStringConvertible {
  /// A graph holds an operation, or one in a place, that is not translated.
  case unsupportedOperation(String)
  /// Extents were to be free, and the network takes certain ones only.
  case fixedExtents
  /// What a file may hold, in bytes.
  case tooLarge(byteCount: Int, limit: Int)

  public var description: String {
    switch self {
    case .unsupportedOperation(let name):
      "the network holds the operation \(name) where ONNX export does not know it; export --format safetensors instead."
    case .fixedExtents:
      "the network's layers have no padding (--padding valid), so that its grid has certain extents only; leave "
        + "--dynamic-shape out."
    case .tooLarge(let byteCount, let limit):
      "the weights take \(byteCount >> 20) MiB and an ONNX file holds up to \(limit >> 20); export --format safetensors "
        + "instead."
    }
  }
}
