import Foundation
import Interchange
import TensorGraph
import Testing

@Suite struct ONNXModelTests {
  /// A convolution with bias, a leaky ReLU and a softmax.
  private func tinyGraph() throws -> Graph {
    var builder = GraphBuilder(name: "tiny")
    let image = builder.parameter("image", .input, TensorType(.f32, [1, 2, 3, 4, 2]))
    let kernel = builder.parameter("layer/kernel", .weight, TensorType(.f32, [1, 1, 1, 2, 3]))
    let bias = builder.parameter("layer/bias", .weight, TensorType(.f32, [3]))
    let window = ConvolutionWindow(Array(repeating: WindowAxis(), count: 3))
    let y = try builder.biasAdd(try builder.convolution(image, kernel, window), bias)
    let positive = try builder.compare(y, .greater, builder.constant(0))
    let leaky = try builder.select(positive, y, try builder.multiply(y, builder.constant(0.25)))
    builder.output("probabilities", try builder.softmax(leaky))
    return builder.graph
  }

  private let tensors = [
    "layer/kernel": Tensor([1, 1, 1, 2, 3], [0, 1, 2, 3, 4, 5]), "layer/bias": Tensor([3], [1, -2, 0.5]),
  ]

  /// Byte for byte what ONNX's own library writes: see Goldens/make_tiny.py.
  @Test func bytesAreThoseOfTheFormatsOwnLibrary() throws {
    var model = try ONNXModel(
      try tinyGraph(), tensors, opset: .standard, hasDynamicExtents: true, description: "Tiny.")
    // The golden's, whatever version this is.
    model.producerVersion = "0.1.0"
    let url = try #require(
      Bundle.module.url(forResource: "tiny", withExtension: "onnx", subdirectory: "Goldens"))
    #expect(model.serialized == [UInt8](try Data(contentsOf: url)))
  }

  @Test func operationsOfTrainingAreRefused() throws {
    var builder = GraphBuilder(try tinyGraph())
    let probabilities = builder.graph.outputs[0].value
    builder.output("label", try builder.argmax(probabilities, axis: 4))
    #expect(throws: ONNXError.unsupportedOperation("argmax")) {
      try ONNXModel(builder.graph, tensors, opset: .standard, hasDynamicExtents: true, description: "")
    }
  }

  @Test func operatorSetsHaveBounds() {
    #expect(ONNXOpset(12) == nil && ONNXOpset(22) == nil)
    #expect(ONNXOpset.supported.allSatisfy { ONNXOpset($0)?.version == $0 })
  }
}
