import CPUBackend
import Foundation
import Networks
import Segmentation
import TensorGraph
import Testing
import Training

/// What runs a graph in these tests.
enum Backend: String, CaseIterable {
  case cpu, interpreter

  func executor() throws -> any Executor {
    switch self {
    case .cpu: try CPUExecutor()
    case .interpreter: Interpreter()
    }
  }
}

/// The reference network against PyTorch, whose figures Goldens/make_pytorch_goldens.py made in float64.
@Suite struct ParityTests {
  /// What the script wrote.
  struct Golden: Decodable {
    struct Run: Decodable {
      struct Softmax: Decodable {
        var classSums: [Double]
        var probeIndices: [Int]
        var probeValues: [Double]
      }

      var optimizer: String
      var learningRate: Double
      var momentum: Double?
      var clipNorm: Double?
      var losses: [Double]
      var globalGradientNorms: [Double]
      var inferenceSoftmax: Softmax
    }

    struct StepZero: Decodable {
      var loss: Double
      var gradientNorms: [String: Double]
      var gradientProjections: [String: Double]
    }

    var stepZero: StepZero
    var runs: [String: Run]
    var parameterCount: Int
  }

  private let golden: Golden
  private let tensors: [String: Tensor]

  init() throws {
    let json = try #require(
      Bundle.module.url(forResource: "Goldens/pytorch_hippocampus", withExtension: "json"))
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: json))
    let path = json.deletingPathExtension().appendingPathExtension("safetensors").path
    tensors = try SafetensorsFile(contentsOf: path).tensors.mapValues { tensor in
      if tensor.dtype == .i32 {
        return Tensor(TensorType(.i32, Shape(tensor.shape)), try tensor.int32s().map(Float.init))
      }
      return Tensor(Shape(tensor.shape), try tensor.floats())
    }
  }

  private func graphs(_ run: Golden.Run) throws -> ModelGraphs {
    var network = Preset.hippocampus.network
    network.inputShape = [16, 16, 16]
    network.architecture.vnet!.filters = 4
    var optimizer = Optimizer(try #require(OptimizerName(rawValue: run.optimizer)))
    if let momentum = run.momentum { optimizer.momentum = momentum }
    return ModelGraphs(
      network: try network.validated(), loss: .dice(), optimizer: optimizer, clipNorm: run.clipNorm)
  }

  private func load(_ graphs: ModelGraphs, _ executor: any Executor) throws {
    var start = try graphs.initialTensors(seed: 0)
    for (name, tensor) in tensors where start[name] != nil { start[name] = tensor }
    try executor.load(start)
  }

  private var image: Tensor { tensors["batch/image"]! }
  private var labels: Tensor { tensors["batch/labels"]! }

  @Test(arguments: ["rmsprop", "rmspropClipped", "nesterov", "adam"])
  func tenStepsFollowPyTorch(_ name: String) throws {
    let run = try #require(golden.runs[name])
    let graphs = try graphs(run)
    let executor = try Backend.cpu.executor()
    // With Nesterov's momentum an input of a ReLU comes so near to zero that rounding decides its sign: the norm of that
    // step is another by 3e-3, losses and probabilities are not.
    let normTolerance = ["adam", "nesterov"].contains(name) ? 5e-3 : 1e-4
    try expectSteps(10, run, graphs, executor, normTolerance: normTolerance)
    try expectInference(run.inferenceSoftmax, graphs, executor, absolute: name == "adam" ? 5e-3 : 3e-5)
  }

  /// The interpreter is slow: the second step shows that the first one's update was right.
  @Test func twoInterpretedStepsFollowPyTorch() throws {
    let run = try #require(golden.runs["rmspropClipped"])
    try expectSteps(2, run, try graphs(run), try Backend.interpreter.executor(), normTolerance: 1e-4)
  }

  /// Adam divides the noise of gradients that are zero but for rounding by itself: PyTorch's own float32 losses
  /// differ by 1.6e-5 here, its norms by more.
  private func expectSteps(
    _ count: Int, _ run: Golden.Run, _ graphs: ModelGraphs, _ executor: any Executor, normTolerance: Double
  ) throws {
    #expect(run.losses.count >= count)
    try load(graphs, executor)
    let step = try executor.compile(try graphs.trainStep(batchSize: 2))
    let rate = Tensor(scalar: Float(run.learningRate))
    for (loss, norm) in zip(run.losses, run.globalGradientNorms).prefix(count) {
      let outputs = try step.run(["image": image, "label": labels, "learning_rate": rate])
      expectClose(Double(outputs["loss"]!.elements[0]), loss, relative: 1e-4)
      expectClose(Double(outputs["gradient_norm"]!.elements[0]), norm, relative: normTolerance)
    }
  }

  private func expectInference(
    _ expected: Golden.Run.Softmax, _ graphs: ModelGraphs, _ executor: any Executor, absolute: Double
  ) throws {
    let prediction = try executor.compile(try graphs.prediction(batchSize: 2))
    let softmax = try prediction.run(["image": image])["probabilities"]!.elements
    for (index, value) in zip(expected.probeIndices, expected.probeValues) {
      #expect(abs(Double(softmax[index]) - value) < absolute)
    }
  }

  @Test(arguments: Backend.allCases)
  func gradientsOfStepZeroFollowPyTorch(_ backend: Backend) throws {
    let run = try #require(golden.runs["rmsprop"])
    let graphs = try graphs(run)
    var builder = GraphBuilder(name: "gradients")
    let imageValue = builder.parameter("image", .input, image.type)
    let labelValue = builder.parameter("label", .label, labels.type)
    let forward = try graphs.network.forward(&builder, image: imageValue, mode: .training)
    let loss = try builder.loss(.dice(), logits: forward.logits, labels: labelValue)
    let weights = forward.parameters.filter { $0.kind == .weight }
    for (weight, gradient) in zip(
      weights, try builder.gradients(of: loss, withRespectTo: weights.map(\.value)))
    { builder.output(weight.name, gradient) }
    let executor = try backend.executor()
    try load(graphs, executor)
    let outputs = try executor.compile(builder.graph).run(["image": image, "label": labels])
    #expect(weights.count == golden.stepZero.gradientNorms.count)
    for (name, norm) in golden.stepZero.gradientNorms {
      let gradient = try #require(outputs[name]).elements.map(Double.init)
      let found = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let projection = gradient.enumerated().reduce(0) { $0 + $1.element * cos(Double($1.offset)) }
      let tolerance = 1e-4 * max(norm, 1e-2)
      #expect(abs(found - norm) < tolerance, "\(name)")
      #expect(abs(projection - golden.stepZero.gradientProjections[name]!) < tolerance, "\(name)")
    }
    #expect(try graphs.network.trainableParameterCount() == golden.parameterCount)
  }

  private func expectClose(
    _ found: Double, _ expected: Double, relative: Double, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(abs(found - expected) <= relative * abs(expected), sourceLocation: location)
  }
}
