/// A model of the Open Neural Network Exchange: what of the format a network for prediction needs.
///
/// Source: onnx/onnx.proto (IR version 10) and the operators' documentation, Operators.md.
package struct ONNXModel: Equatable {
  /// The version of the default operator set.
  var opset: ONNXOpset
  var producerName: String
  package var producerVersion: String
  var description: String
  var graph: ONNXGraph
  /// `metadata_props`, in this order.
  var metadata: [Entry] = []

  package struct Entry: Equatable {
    let key: String
    let value: String
  }
}

/// A program over named tensors, its nodes in the order of execution.
struct ONNXGraph: Equatable {
  var name: String
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValueInfo] = []
  var outputs: [ONNXValueInfo] = []
}

/// One operation.
struct ONNXNode: Equatable {
  var type: String
  var name: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [Attribute] = []

  struct Attribute: Equatable {
    let name: String
    let value: Value

    enum Value: Equatable {
      case integer(Int)
      case number(Float)
      case integers([Int])
    }
  }
}

/// A tensor that a model holds, in row-major order.
struct ONNXTensor: Equatable {
  var name: String
  var extents: [Int]
  var elements: Elements

  enum Elements: Equatable {
    case floats([Float])
    case integers([Int])
  }
}

/// The name and shape of a tensor of float32 that goes in or out.
struct ONNXValueInfo: Equatable {
  var name: String
  var dimensions: [Dimension]

  enum Dimension: Equatable {
    case fixed(Int)
    /// Of any extent; equal names mean equal extents.
    case named(String)
  }
}

/// A version of the default operator set that models are written in.
public struct ONNXOpset: Equatable, Sendable {
  /// Those whose operators are the ones that are written.
  public static let supported = 13...21
  /// What runtimes of 2022 and later know.
  public static let standard = ONNXOpset(17)!

  public let version: Int

  /// - Returns: nil for a version that is not supported.
  public init?(_ version: Int) {
    guard Self.supported.contains(version) else { return nil }
    self.version = version
  }

  /// The IR version that came with the operator set.
  ///
  /// Source: onnx/helper.py, `VERSION_TABLE`.
  var irVersion: Int {
    switch version {
    case ..<15: 7
    case ..<19: 8
    case ..<21: 9
    default: 10
    }
  }

  /// Whether reductions take their axes as an input; all but `ReduceSum` had an attribute before.
  var reducesByInput: Bool { version >= 18 }
}
