import CPUBackend
import GraphCases
import TensorGraph
import Testing

@Suite(.serialized) struct ConvolutionChoiceTests {
  private func graph(extent: Int) throws -> Graph {
    var builder = GraphBuilder(name: "layer")
    let x = builder.parameter("x", .input, TensorType(.f32, [1, extent, extent, extent, 16]))
    let w = builder.parameter("w", .weight, TensorType(.f32, [3, 3, 3, 16, 16]))
    let axes = Array(repeating: WindowAxis.same(input: extent, kernel: 3, stride: 1), count: 3)
    builder.output("y", try builder.convolution(x, w, ConvolutionWindow(axes)))
    return builder.graph
  }

  @Test func largeConvolutionIsMeasuredOnceAndSmallOneNever() throws {
    let executor = try CPUExecutor(threadCount: 1)
    var reports = 0
    executor.onMeasuredChoice { _ in reports += 1 }
    _ = try executor.compile(try graph(extent: 4))
    #expect(reports == 0)
    _ = try executor.compile(try graph(extent: 16))
    try #require(executor.measuredChoices.count <= 1)
    #expect(reports == executor.measuredChoices.count)
    _ = try executor.compile(try graph(extent: 16))
    #expect(reports == executor.measuredChoices.count)
  }

  @Test func adoptedChoiceIsFollowed() throws {
    let measuring = try CPUExecutor(threadCount: 1)
    _ = try measuring.compile(try graph(extent: 16))
    guard let problem = measuring.measuredChoices.keys.first else { return }  // No kernels of our own here.
    let executor = try CPUExecutor(threadCount: 1)
    executor.adopt(measuredChoices: [problem: "winograd 2x2x2"])
    let plan = try executor.compileForCPU(try graph(extent: 16)).planDescription
    #expect(plan.contains("winograd 2x2x2"))
    executor.adopt(measuredChoices: [problem: "direct"])
    let other = try executor.compileForCPU(try graph(extent: 16)).planDescription
    #expect(!other.contains("winograd"))
  }

  @Test func policyIsFollowedWhereItIsPossible() throws {
    let executor = try CPUExecutor(threadCount: 1, convolutions: .always(.direct))
    #expect(!(try executor.compileForCPU(try graph(extent: 16)).planDescription.contains("winograd")))
    #expect(executor.measuredChoices.isEmpty)
  }

  @Test(arguments: ConvolutionAlgorithm.all)
  func descriptionTellsTheAlgorithm(_ algorithm: ConvolutionAlgorithm) {
    #expect(ConvolutionAlgorithm(description: algorithm.description) == algorithm)
  }

  /// What depends on weights only is computed once, and again when they change.
  @Test func changedWeightsAreSeen() throws {
    let graph = try graph(extent: 4)
    let executor = try CPUExecutor(threadCount: 1, convolutions: .always(.winograd(2, 2, 2)))
    let executable = try executor.compileForCPU(graph)
    let x = Tensor(TensorType(.f32, [1, 4, 4, 4, 16]), repeating: 1)
    func largest(_ weight: Float) throws -> Float {
      try executor.load(["w": Tensor(TensorType(.f32, [3, 3, 3, 16, 16]), repeating: weight)])
      let y = try #require(try executable.run(["x": x])["y"])
      #expect(try executable.run(["x": x])["y"] == y)
      return y.elements.max() ?? 0
    }
    #expect(abs(try largest(1) - 27 * 16) < 1e-2)
    #expect(abs(try largest(2) - 2 * 27 * 16) < 1e-2)
  }
}
