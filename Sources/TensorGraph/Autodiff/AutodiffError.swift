/// Why a gradient cannot be built.
public enum AutodiffError: Error, Equatable, CustomStringConvertible {
  case notScalar(Shape)
  case notDifferentiable(operation: String)
  case shape(ShapeError)

  public var description: String {
    switch self {
    case .notScalar(let shape): "only a scalar has a gradient here, not a tensor of shape \(shape)"
    case .notDifferentiable(let operation): "\(operation) has no gradient"
    case .shape(let error): error.description
    }
  }
}
