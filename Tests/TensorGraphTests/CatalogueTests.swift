import GraphCases
import TensorGraph
import Testing

@Suite struct CatalogueTests {
  /// An operation that the graph gains must come into the catalogue.
  @Test func holdsEveryOperation() {
    let names = Set(allGraphCases.flatMap { $0.graph.nodes.map(\.operation.name) })
    let missing = Set(everyOperation.map(\.name)).subtracting(names)
    #expect(missing.isEmpty)
  }

  @Test func namesCasesApart() {
    #expect(Set(allGraphCases.map(\.name)).count == allGraphCases.count)
  }
}

private let everyOperation: [Operation] = {
  let window = ConvolutionWindow([WindowAxis(), WindowAxis(), WindowAxis()])
  let pooling = PoolingWindow.tiles(1)
  return [
    .constant(0, TensorType(.f32, [])), .convolution(window),
    .convolutionInputGradient(window, inputShape: []),
    .convolutionFilterGradient(window, filterShape: []), .maxPool(pooling), .maxPoolGradient(pooling),
    .biasAdd,
    .batchNormTraining(epsilon: 0), .batchNormInference(epsilon: 0), .batchNormGradient(epsilon: 0), .relu,
    .reluGradient, .prelu, .preluGradient, .softmax, .softmaxGradient, .select, .cast(.f32),
    .concatenate(axis: 0), .slice(start: [], limit: []), .pad(before: [], after: []), .reshape([]),
    .transpose([]), .broadcast([], axes: []), .reduceSum(axes: []), .oneHot(depth: 1, .f32), .argmax(axis: 0),
    .allReduceMean, .optimizerUpdate(.sgd(momentum: 0, nesterov: false)),
  ] + UnaryFunction.allCases.map { .unary($0) } + BinaryFunction.allCases.map { .binary($0) }
    + Comparison.allCases.map { .compare($0) }
}()

/// Never called: fails to compile when an operation is new, so that `everyOperation` is extended, too.
private func requireListed(_ operation: Operation) {
  switch operation {
  case .constant, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .maxPool,
    .maxPoolGradient, .biasAdd, .batchNormTraining, .batchNormInference, .batchNormGradient, .relu,
    .reluGradient, .prelu, .preluGradient, .softmax, .softmaxGradient, .unary, .binary, .compare, .select,
    .cast,
    .concatenate, .slice, .pad, .reshape, .transpose, .broadcast, .reduceSum, .oneHot, .argmax,
    .allReduceMean, .optimizerUpdate:
    break
  }
}
