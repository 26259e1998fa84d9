import SeededRandom
import TensorGraph

/// How a parameter starts.
public enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Even over +-sqrt(6 / (fanIn + fanOut)), the fans being channels times kernel voxels.
  ///
  /// Source: Glorot and Bengio 2010, equation 16; TensorFlow's `glorot_uniform_initializer`.
  case glorotUniform
  /// Normal with standard deviation sqrt(2 / fanIn); a transposed convolution counts its other channels, as PyTorch
  /// does.
  ///
  /// Source: He et al. 2015, "Delving deep into rectifiers", equation 10.
  case heNormal
}

/// A weight or a state of a network.
public struct ModelParameter: Hashable, Sendable {
  public var name: String
  public var kind: ParameterKind
  public var type: TensorType
  public var initializer: Initializer
  /// The parameter in the graph that it was declared in.
  public var value: Value

  /// The parameter's start, a function of the seed and of its name only: adding a layer leaves the others as
  /// they were.
  public func initialTensor(seed: UInt64) -> Tensor {
    switch initializer {
    case .constant(let value):
      return Tensor(type, repeating: value)
    case .glorotUniform:
      let limit = (6 / (fan(axis: type.shape.rank - 2) + fan(axis: type.shape.rank - 1))).squareRoot()
      return randomTensor(seed) { (2 * Float($0.nextUnit()) - 1) * limit }
    case .heNormal:
      let deviation = (2 / fan(axis: type.shape.rank - 2)).squareRoot()
      return randomTensor(seed) { Float($0.nextNormal()) * deviation }
    }
  }

  /// Channels along an axis times kernel voxels.
  private func fan(axis: Int) -> Float {
    Float(type.shape.extents.dropLast(2).reduce(1, *) * type.shape[axis])
  }

  private func randomTensor(_ seed: UInt64, _ draw: (inout SplitMix64) -> Float) -> Tensor {
    var generator = SplitMix64(seed: seed ^ name.utf8.stableHash)
    return Tensor(type, (0..<type.shape.elementCount).map { _ in draw(&generator) })
  }
}
