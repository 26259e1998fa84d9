/// Why a gradient cannot be built.
public enum AutodiffError: Error, Equatable, CustomStringConvertible {
  case notScalar(Shape)
  case notFloatingPoint(DType)
  case wrongSeed(expected: TensorType, found: TensorType)
  case notDifferentiable(operation: String)
  case shape(ShapeError)

  public var description: String {
    switch self {
    case .notScalar(let shape): "only a scalar has a gradient here, not a tensor of shape \(shape)"
    case .notFloatingPoint(let dtype):
      "only a floating-point scalar has a gradient here, not \(dtype.rawValue)"
    case .wrongSeed(let expected, let found):
      "the seed of the gradient is \(found), but the loss is \(expected)"
    case .notDifferentiable(let operation): "\(operation) has no gradient"
    case .shape(let error): error.description
    }
  }
}
