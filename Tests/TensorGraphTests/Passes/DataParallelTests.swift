import TensorGraph
import Testing

/// A loss with two weights, whose gradients are averaged over replicas.
private func step(_ options: DataParallel) throws -> Graph {
  var builder = GraphBuilder(name: "step")
  let type = TensorType(.f32, [4])
  let x = builder.parameter("x", .input, type)
  let first = builder.parameter("first", .weight, type)
  let second = builder.parameter("second", .weight, type)
  let hidden = try builder.multiply(x, first)
  let loss = try builder.reduceSum(try builder.multiply(try builder.relu(hidden), second))
  let gradients = try builder.gradients(of: loss, withRespectTo: [first, second])
  let means = try builder.averagedOverReplicas(gradients, options)
  builder.update(first, with: means[0])
  builder.update(second, with: means[1])
  return builder.graph.startingAllReducesEarly()
}

@Suite struct DataParallelTests {
  /// Each gradient by itself: the one that is ready first starts before the rest of the backward pass.
  @Test func smallBuckets() throws {
    let graph = try step(DataParallel(bucketByteCount: 1))
    try graph.verify()
    #expect(
      graph.description == """
        graph "step" {
          %0 = input "x" : tensor<4xf32>
          %1 = weight "first" : tensor<4xf32>
          %2 = weight "second" : tensor<4xf32>
          %3 = multiply(%0, %1) : tensor<4xf32>
          %4 = relu(%3) : tensor<4xf32>
          %5 = multiply(%4, %2) : tensor<4xf32>
          %6 = reduce_sum(%5) {axes = [0]} : tensor<f32>
          %7 = constant() {value = 1.0} : tensor<f32>
          %8 = broadcast(%7) {axes = []} : tensor<4xf32>
          %9 = multiply(%8, %2) : tensor<4xf32>
          %10 = multiply(%8, %4) : tensor<4xf32>
          %11 = all_reduce_mean(%10) : tensor<4xf32>
          %12 = relu_gradient(%4, %9) : tensor<4xf32>
          %13 = multiply(%12, %0) : tensor<4xf32>
          %14 = all_reduce_mean(%13) : tensor<4xf32>
          update "first" = %14
          update "second" = %11
        }
        """)
  }

  /// One all-reduce for both, in half precision: each cast stands behind its gradient.
  @Test func compression() throws {
    let graph = try step(DataParallel(compression: .bf16))
    try graph.verify()
    let names = graph.nodes.map(\.operation.name)
    #expect(
      names.suffix(7) == ["cast", "relu_gradient", "multiply", "cast", "all_reduce_mean", "cast", "cast"])
    let allReduce = try #require(graph.nodes.first { $0.operation == .allReduceMean })
    #expect(allReduce.operands.allSatisfy { graph.type(of: $0).dtype == .bf16 })
    #expect(graph.updates.allSatisfy { graph.type(of: $0.value).dtype == .f32 })
  }

  /// Every gradient travels once, in the order in which the backward pass gives them.
  @Test(arguments: [1, 16, 17, 32, 1 << 20])
  func bucketsHoldEveryGradientOnce(_ byteCount: Int) throws {
    let graph = try step(DataParallel(bucketByteCount: byteCount))
    let operands = graph.nodes.filter { $0.operation == .allReduceMean }.map(\.operands)
    #expect(operands.count == (byteCount <= 16 ? 2 : 1))
    #expect(operands.flatMap { $0 } == operands.flatMap { $0 }.sorted { $0.id < $1.id })
    #expect(operands.flatMap { $0 }.count == 2)
  }

  @Test func oneReplicaLeavesGradientsAlone() throws {
    let inputs = ["x": Tensor([4], [1, 2, 3, 4])]
    let weights = ["first": Tensor([4], [1, -1, 1, 1]), "second": Tensor([4], [5, 6, 7, 8])]
    let interpreter = Interpreter(weights)
    _ = try interpreter.run(try step(DataParallel()), inputs)
    let updated = try interpreter.fetch(["first", "second"])
    #expect(updated["first"]?.elements == [5, 0, 21, 32])
    #expect(updated["second"]?.elements == [1, 0, 3, 4])
  }
}
