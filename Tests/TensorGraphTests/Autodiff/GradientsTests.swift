import GraphCases
import TensorGraph
import Testing

@Suite struct GradientsTests {
  private let batch = TensorType(.f32, [2, 2, 2, 2, 3])
  private let channels = TensorType(.f32, [3])

  @Test func lossMustBeScalar() throws {
    var builder = GraphBuilder(name: "no scalar")
    let x = builder.parameter("x", .weight, channels)
    #expect(throws: AutodiffError.notScalar([3])) { _ = try builder.gradients(of: x, withRespectTo: [x]) }
  }

  /// An integer does not change little by little.
  @Test func lossMustBeFloatingPoint() throws {
    var builder = GraphBuilder(name: "integer")
    let x = builder.parameter("x", .weight, TensorType(.f32, .scalar))
    let loss = try builder.cast(x, to: .i32)
    #expect(throws: AutodiffError.notFloatingPoint(.i32)) {
      _ = try builder.gradients(of: loss, withRespectTo: [x])
    }
  }

  @Test(arguments: [TensorType(.bf16, .scalar), TensorType(.f32, [1])])
  func seedMustBeLikeTheLoss(_ type: TensorType) throws {
    var builder = GraphBuilder(name: "seed")
    let x = builder.parameter("x", .weight, TensorType(.f32, .scalar))
    let seed = builder.constant(1, type)
    #expect(throws: AutodiffError.wrongSeed(expected: TensorType(.f32, .scalar), found: type)) {
      _ = try builder.gradients(of: x, withRespectTo: [x], seed: seed)
    }
  }

  /// The gradient of a parameter that is the loss is the seed; of one that the loss knows not, zero.
  @Test func trivialGradients() throws {
    var builder = GraphBuilder(name: "trivial")
    let loss = builder.parameter("loss", .weight, TensorType(.f32, .scalar))
    let other = builder.parameter("other", .weight, channels)
    let seed = builder.constant(8)
    let gradients = try builder.gradients(of: loss, withRespectTo: [loss, other], seed: seed)
    builder.output("loss", gradients[0])
    builder.output("other", gradients[1])
    let outputs = try Interpreter().run(builder.graph)
    #expect(outputs["loss"] == Tensor(scalar: 8))
    #expect(outputs["other"] == Tensor([3], [0, 0, 0]))
  }

  /// y = 3x, loss = sum(y * y), seed 2: the gradient is 2 * 18x.
  @Test func seedScalesEveryGradient() throws {
    var builder = GraphBuilder(name: "seeded")
    let x = builder.parameter("x", .input, channels)
    let y = try builder.multiply(x, builder.constant(3))
    let loss = try builder.reduceSum(try builder.multiply(y, y))
    let seed = builder.constant(2)
    builder.output("d_x", try builder.gradients(of: loss, withRespectTo: [x], seed: seed)[0])
    let outputs = try Interpreter().run(builder.graph, ["x": Tensor([3], [1, -2, 0.5])])
    #expect(outputs["d_x"] == Tensor([3], [36, -72, 18]))
  }

  /// Nodes after the loss, and nodes that no wanted parameter feeds, are left alone.
  @Test func unrelatedNodesMayHaveNoGradient() throws {
    var builder = GraphBuilder(name: "unrelated")
    let x = builder.parameter("x", .weight, channels)
    let y = builder.parameter("y", .input, channels)
    let mask = try builder.apply(.reluGradient, y, y)
    let loss = try builder.reduceSum(try builder.multiply(x, mask))
    _ = try builder.apply(.reluGradient, x, x)
    builder.output("d_x", try builder.gradients(of: loss, withRespectTo: [x])[0])
    let outputs = try Interpreter().run(builder.graph, ["y": Tensor([3], [1, -2, 4])])
    #expect(outputs["d_x"] == Tensor([3], [1, 0, 4]))
  }

  @Test(arguments: [
    Operation.maxPoolGradient(.tiles(1)), .batchNormGradient(epsilon: 1), .reluGradient, .preluGradient,
    .softmaxGradient,
  ])
  func gradientsOfGradientsAreRefused(_ operation: Operation) throws {
    var builder = GraphBuilder(name: "second order")
    let x = builder.parameter("x", .weight, batch)
    let c = builder.parameter("c", .weight, channels)
    let operands: [Value] =
      switch operation {
      case .batchNormGradient: [x, c, c, c, x]
      case .preluGradient: [x, c, x]
      default: [x, x]
      }
    let loss = try builder.reduceSum(try builder.apply(operation, operands)[0])
    #expect(throws: AutodiffError.notDifferentiable(operation: operation.name)) {
      _ = try builder.gradients(of: loss, withRespectTo: [x])
    }
  }

  @Test func gradientsOfUpdatesAreRefused() throws {
    var builder = GraphBuilder(name: "update")
    let w = builder.parameter("w", .weight, TensorType(.f32, .scalar))
    let step = try builder.apply(.optimizerUpdate(.sgd(momentum: 0, nesterov: false)), w, w, w, w)
    #expect(throws: AutodiffError.notDifferentiable(operation: "optimizer_update")) {
      _ = try builder.gradients(of: step, withRespectTo: [w])
    }
  }

  /// No gradient is left out in silence: a loss made of the batch's statistics is refused.
  @Test(arguments: [1, 2])
  func statisticsHaveNoGradient(_ result: Int) throws {
    var builder = GraphBuilder(name: "statistics")
    let x = builder.parameter("x", .weight, batch)
    let c = builder.parameter("c", .input, channels)
    let results = try builder.apply(.batchNormTraining(epsilon: 1), [x, c, c])
    let loss = try builder.reduceSum(results[result])
    #expect(throws: AutodiffError.notDifferentiable(operation: "batch_norm_training")) {
      _ = try builder.gradients(of: loss, withRespectTo: [x])
    }
  }

  @Test(arguments: [3, 4])
  func givenStatisticsHaveNoGradient(_ operand: Int) throws {
    var builder = GraphBuilder(name: "given statistics")
    let x = builder.parameter("x", .weight, batch)
    let c = builder.parameter("c", .input, channels)
    let statistic = builder.parameter("statistic", .state, channels)
    var operands = [x, c, c, c, c]
    operands[operand] = statistic
    let loss = try builder.reduceSum(try builder.apply(.batchNormInference(epsilon: 1), operands)[0])
    _ = try builder.gradients(of: loss, withRespectTo: [x])
    #expect(throws: AutodiffError.notDifferentiable(operation: "batch_norm_inference")) {
      _ = try builder.gradients(of: loss, withRespectTo: [statistic])
    }
  }
}
