import SeededRandom
import TensorGraph

/// How a parameter starts.
public enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Even over +-sqrt(6 / (fanIn + fanOut)), the fans being channels times kernel voxels.
  ///
  /// Source: Glorot and Bengio 2010, equation 16; TensorFlow's `glorot_uniform_initializer`.
  case glorotUniform
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
      let shape = type.shape
      let receptiveField = shape.extents.dropLast(2).reduce(1, *)
      let fans = Float(receptiveField * (shape[shape.rank - 2] + shape[shape.rank - 1]))
      let limit = (6 / fans).squareRoot()
      var generator = SplitMix64(seed: seed ^ name.stableHash)
      return Tensor(
        type,
        (0..<shape.elementCount).map { _ in (2 * Float(generator.nextUnit()) - 1) * limit })
    }
  }
}

extension String {
  /// FNV-1a, 64 bits: the same in every process, unlike `hashValue`.
  fileprivate var stableHash: UInt64 {
    utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
