import CPUBackend
import GraphCases
import TensorGraph
import Testing

@Suite(.serialized) struct ConvolutionChoiceTests {
  private static func graph(extent: Int, changesWeights: Bool = false) throws -> Graph {
    var builder = GraphBuilder(name: "layer")
    let x = builder.parameter("x", .input, TensorType(.f32, [1, extent, extent, extent, 16]))
    let w = builder.parameter("w", .weight, TensorType(.f32, [3, 3, 3, 16, 16]))
    let axes = Array(repeating: WindowAxis.same(input: extent, kernel: 3, stride: 1), count: 3)
    builder.output("y", try builder.convolution(x, w, ConvolutionWindow(axes)))
    if changesWeights { builder.update(w, with: try builder.multiply(w, w)) }
    return builder.graph
  }

  /// The problem of a graph, as records of this version and of earlier ones name it.
  private func problem(extent: Int) -> String {
    "forward tensor<1x\(extent)x\(extent)x\(extent)x16xf32> * [3, 3, 3, 16, 16] window 1,1,1,1 1,1,1,1 1,1,1,1"
  }

  @Test func layerIsMeasuredOnceForAllExtentsAndSmallOneNever() throws {
    let executor = try CPUExecutor(threadCount: 1)
    var reports: [ConvolutionMeasuring] = []
    executor.onMeasuring { reports.append($0) }
    _ = try executor.compile(try Self.graph(extent: 4))
    #expect(reports.isEmpty)
    #expect(executor.measuredChoices.isEmpty)
    _ = try executor.compile(try Self.graph(extent: 16))
    #expect(reports.map(\.done) == [0, 1])
    #expect(reports.map(\.count) == [1, 1])
    #expect(reports.map(\.times.count) == [0, 1])
    _ = try executor.compile(try Self.graph(extent: 20))
    #expect(reports.count == 2)
    let choices = executor.measuredChoices
    #expect(choices[problem(extent: 16)] != nil)
    #expect(choices[problem(extent: 20)] != nil)
    #expect(choices.count == 3)
  }

  /// The times of another process serve without measuring, and choose alike.
  @Test func adoptedTimesServe() throws {
    let measuring = try CPUExecutor(threadCount: 1)
    var times: [String: String] = [:]
    measuring.onMeasuring { times = $0.times }
    _ = try measuring.compile(try Self.graph(extent: 16))
    let executor = try CPUExecutor(threadCount: 1)
    executor.adopt(measuredChoices: times)
    executor.onMeasuring { _ in Issue.record("measures what it was told") }
    _ = try executor.compile(try Self.graph(extent: 16))
    #expect(executor.measuredChoices == measuring.measuredChoices)
  }

  /// As a checkpoint of an earlier version holds it: the whole problem, and no times.
  @Test func choiceOfAnEarlierRecordIsFollowed() throws {
    let executor = try CPUExecutor(threadCount: 1)
    executor.onMeasuring { _ in Issue.record("measures what was chosen before") }
    for (name, isWinograd) in [("winograd 2x2x2", true), ("direct", false)] {
      executor.adopt(measuredChoices: [problem(extent: 16): name])
      let plan = try executor.compileForCPU(try Self.graph(extent: 16)).planDescription
      #expect(plan.contains("winograd 2x2x2") == isWinograd)
      #expect(executor.measuredChoices == [problem(extent: 16): name])
    }
  }

  /// Without a measurement the choice is one of the processor's kind and the threads alone.
  @Test func whatTheRecordHasNotIsChosenWithoutMeasuring() throws {
    func executor() throws -> CPUExecutor {
      let executor = try CPUExecutor(threadCount: 1, convolutions: .recorded)
      executor.onMeasuring { _ in Issue.record("measures") }
      return executor
    }
    let (first, second) = (try executor(), try executor())
    for extent in [16, 20, 40] {
      _ = try first.compile(try Self.graph(extent: extent))
      _ = try second.compile(try Self.graph(extent: extent))
    }
    #expect(first.measuredChoices == second.measuredChoices)
    #expect(first.measuredChoices[problem(extent: 40)]?.hasPrefix("winograd") == true)
  }

  /// Times of a record come before the constants.
  @Test func timesOfTheRecordComeFirst() throws {
    let measuring = try CPUExecutor(threadCount: 1)
    _ = try measuring.compile(try Self.graph(extent: 16))
    let name = try #require(measuring.measuredChoices.keys.first { $0.hasPrefix("times of") })
    let algorithms = ConvolutionTimes(description: measuring.measuredChoices[name]!)!.points.keys
    let times = algorithms.map { "\($0): 1 \($0 == .direct ? 1e-9 : 1.0)" }.joined(separator: "; ")
    let executor = try CPUExecutor(threadCount: 1, convolutions: .recorded)
    executor.adopt(measuredChoices: [name: times])
    _ = try executor.compile(try Self.graph(extent: 40))
    #expect(executor.measuredChoices[problem(extent: 40)] == "direct")
  }

  /// Bringing weights into an algorithm's order counts where each run has others.
  @Test(arguments: [(false, "winograd 2x2x2"), (true, "direct")])
  func weightsCountWhereTheyChange(_ changesWeights: Bool, _ choice: String) throws {
    let measuring = try CPUExecutor(threadCount: 1)
    _ = try measuring.compile(try Self.graph(extent: 16))
    let name = try #require(measuring.measuredChoices.keys.first { $0.hasPrefix("times of") })
    let measured = ConvolutionTimes(description: measuring.measuredChoices[name]!)!
    #expect(
      measured.weightSeconds.keys.sorted { "\($0)" < "\($1)" }
        == measured.points.keys.sorted { "\($0)" < "\($1)" })
    let times = measured.points.keys.map { algorithm in
      switch algorithm {
      case .direct: "direct: 1000000 0.002 + 0"
      case .winograd(2, 2, 2): "winograd 2x2x2: 1000 0.001 + 10"
      default: "\(algorithm): 1 1"
      }
    }
    let executor = try CPUExecutor(threadCount: 1)
    executor.adopt(measuredChoices: [name: times.joined(separator: "; ")])
    _ = try executor.compile(try Self.graph(extent: 16, changesWeights: changesWeights))
    #expect(executor.measuredChoices[problem(extent: 16)] == choice)
  }

  /// What a later version may save is left out.
  @Test func recordsThatAreNotUnderstoodAreIgnored() throws {
    let executor = try CPUExecutor(threadCount: 1)
    executor.adopt(measuredChoices: [problem(extent: 16): "by magic", "times of magic": "magic: 1 2"])
    #expect(executor.measuredChoices.isEmpty)
  }

  @Test func policyIsFollowedWhereItIsPossible() throws {
    let executor = try CPUExecutor(threadCount: 1, convolutions: .always(.direct))
    #expect(!(try executor.compileForCPU(try Self.graph(extent: 16)).planDescription.contains("winograd")))
    #expect(executor.measuredChoices.isEmpty)
  }

  @Test func exactPolicyAddsUpTheProductsThemselves() throws {
    let executor = try CPUExecutor(threadCount: 1, convolutions: .exact)
    #expect(
      try executor.compileForCPU(try Self.graph(extent: 16)).planDescription.contains("convolution  [direct"))
    #expect(executor.measuredChoices.isEmpty)
  }

  @Test(arguments: ConvolutionAlgorithm.all)
  func descriptionTellsTheAlgorithm(_ algorithm: ConvolutionAlgorithm) {
    #expect(ConvolutionAlgorithm(description: algorithm.description) == algorithm)
  }

  /// What depends on weights only is computed once, and again when they change.
  @Test func changedWeightsAreSeen() throws {
    let graph = try Self.graph(extent: 4)
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
