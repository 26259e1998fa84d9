import Foundation
import Networks
import TensorGraph
import Testing

/// Ignored voxels and regions in every loss, on the reference interpreter.
@Suite struct TargetsTests {
  private static let shape: Shape = [2, 2, 3, 2, 3]
  private static let regions = Targets.Outputs.regions([[1, 2, 3, 4], [1, 3, 4], [4]], labelCount: 5)
  private static let targets = [
    "classes, ignored": Targets(hasIgnoredVoxels: true),
    "regions": Targets(outputs: regions),
    "regions, ignored": Targets(outputs: regions, hasIgnoredVoxels: true),
  ]
  private static let ofTheBatch = Overlap(includesBackground: false, isPerBatch: true, averagesClasses: true)
  private static let losses: [String: Loss] = [
    "dice": .dice(), "dice of the batch": .dice(overlap: ofTheBatch, squaresDenominator: true),
    "cross-entropy": .crossEntropy(), "weighted cross-entropy": .crossEntropy(classWeights: [1, 2, 0.5]),
    "dice-cross-entropy": .diceCrossEntropy(overlap: ofTheBatch), "focal": .focal(), "tversky": .tversky(),
  ]

  /// What Goldens/make_loss_goldens.py wrote.
  private struct Golden: Decodable {
    let value: Float
    let gradient: [Float]
  }

  /// As Goldens/make_loss_goldens.py makes them; ignored voxels have the index behind the labels.
  private static func labels(_ targets: Targets) -> [Float] {
    var count = 3
    if case .regions(_, let labelCount) = targets.outputs { count = labelCount }
    return (0..<24).map { position in
      Float(targets.hasIgnoredVoxels && position % 5 == 3 ? count : position * 7 % count)
    }
  }

  private static let logits = (0..<72).map { 2 * Float(sin(Double($0) * 0.7)) }

  private func run(
    _ loss: Loss, _ targets: Targets, logits: [Float] = TargetsTests.logits, labels: [Float]? = nil,
    shape: Shape = TargetsTests.shape
  ) throws -> (value: Float, gradient: [Float]) {
    var builder = GraphBuilder(name: "loss")
    let x = builder.parameter("logits", .input, TensorType(.f32, shape))
    let labelType = TensorType(.i32, Shape(Array(shape.extents.dropLast())))
    let label = builder.parameter("label", .label, labelType)
    let value = try builder.loss(loss, logits: x, labels: label, targets: targets)
    builder.output("loss", value)
    builder.output("gradient", try builder.gradients(of: value, withRespectTo: [x])[0])
    let outputs = try Interpreter().run(
      builder.graph,
      ["logits": Tensor(shape, logits), "label": Tensor(labelType, labels ?? Self.labels(targets))])
    return (outputs["loss"]!.elements[0], outputs["gradient"]!.elements)
  }

  @Test(arguments: ["classes, ignored", "regions", "regions, ignored"])
  func lossesAreThoseOfPyTorch(_ name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: "losses", withExtension: "json", subdirectory: "Goldens"))
    let goldens = try JSONDecoder().decode([String: [String: Golden]].self, from: Data(contentsOf: url))
    let golden = try #require(goldens[name])
    let targets = try #require(Self.targets[name])
    #expect(golden.count == Self.losses.count)
    for (lossName, loss) in Self.losses {
      let wanted = try #require(golden[lossName])
      let found = try run(loss, targets)
      #expect(abs(found.value - wanted.value) < 1e-5, "\(lossName): \(found.value), not \(wanted.value)")
      for (index, (ours, theirs)) in zip(found.gradient, wanted.gradient).enumerated() {
        #expect(abs(ours - theirs) < 1e-6, "\(lossName), \(index): \(ours), not \(theirs)")
      }
    }
  }

  /// Nothing of an ignored voxel's logits enters a loss, and no gradient comes back.
  @Test(arguments: ["classes, ignored", "regions, ignored"])
  func ignoredVoxelsCountForNothing(_ name: String) throws {
    let targets = try #require(Self.targets[name])
    var others = Self.logits
    let ignored = others.indices.filter { $0 / 3 % 5 == 3 }
    for index in ignored { others[index] = Float(index % 7) - 3 }
    for (lossName, loss) in Self.losses {
      let (value, gradient) = try run(loss, targets)
      #expect(ignored.allSatisfy { gradient[$0] == 0 }, "\(lossName)")
      #expect(gradient.indices.filter { gradient[$0] == 0 } == ignored, "\(lossName)")
      #expect(try run(loss, targets, logits: others).value == value, "\(lossName)")
    }
  }

  /// A batch of which nothing is known teaches nothing, and is no reason to stop.
  @Test(arguments: ["classes, ignored", "regions, ignored"])
  func batchesWithoutLabels(_ name: String) throws {
    let targets = try #require(Self.targets[name])
    for (lossName, loss) in Self.losses {
      let (value, gradient) = try run(loss, targets, labels: [Float](repeating: 9, count: 24))
      #expect(value.isFinite && gradient.allSatisfy { $0 == 0 }, "\(lossName)")
    }
  }

  /// Without an ignored voxel the loss is that of data sets without an ignored label, to the bit or nearly.
  @Test func dataWithoutIgnoredVoxels() throws {
    let labels = (0..<24).map { Float($0 * 7 % 3) }
    for (lossName, loss) in Self.losses {
      let plain = try run(loss, Targets(), labels: labels)
      let ignoring = try run(loss, Targets(hasIgnoredVoxels: true), labels: labels)
      #expect(abs(plain.value - ignoring.value) < 1e-6, "\(lossName)")
    }
  }

  /// At 0, and where a float's logistic function has become 0 or 1; the gradient is (p - t) / voxels.
  @Test func crossEntropyOfRegionsIsFiniteEverywhere() throws {
    let targets = Targets(outputs: .regions([[1]], labelCount: 2))
    let (value, gradient) = try run(
      .crossEntropy(), targets, logits: [0, 0, 200, -200], labels: [0, 1, 0, 1], shape: [1, 1, 1, 4, 1])
    #expect(abs(value - (2 * 0.693_147_2 + 400) / 4) < 1e-4)
    #expect(gradient == [0.125, -0.125, 0.25, -0.25])
  }

  /// The first voxels of each 2^3 bring the mark of being ignored along.
  @Test func coarserLabelsAreIgnored() throws {
    var builder = GraphBuilder(name: "supervision")
    let fine = builder.parameter("fine", .input, TensorType(.f32, [1, 2, 2, 2, 2]))
    let coarse = builder.parameter("coarse", .input, TensorType(.f32, [1, 1, 1, 1, 2]))
    let labels = builder.parameter("labels", .label, TensorType(.i32, [1, 2, 2, 2]))
    let forward = ForwardPass(logits: fine, coarserLogits: [coarse], parameters: [])
    let loss = try builder.loss(
      .crossEntropy(), of: forward, labels: labels, targets: Targets(hasIgnoredVoxels: true))
    builder.output("gradient", try builder.gradients(of: loss, withRespectTo: [coarse])[0])
    let gradient = try Interpreter().run(
      builder.graph,
      [
        "fine": Tensor([1, 2, 2, 2, 2], (0..<16).map { Float($0) / 16 }),
        "coarse": Tensor([1, 1, 1, 1, 2], [1, 0]),
        "labels": Tensor(TensorType(.i32, [1, 2, 2, 2]), [2, 0, 0, 1, 1, 0, 1, 0]),
      ])["gradient"]!
    #expect(gradient.elements == [0, 0])
  }

  // MARK: The network

  @Test func oneRegionIsEnoughForANetwork() throws {
    var network = Preset.hippocampus.network
    network.classCount = 1
    #expect(throws: ConfigurationError.self) { try network.validate() }
    network.targets = Targets(outputs: .regions([[1, 2]], labelCount: 3))
    try network.validate()
  }

  /// Earlier versions wrote no targets.
  @Test func classesAreWhatIsNotSaid() throws {
    var network = Preset.hippocampus.network
    let saved = try JSONSerialization.jsonObject(with: JSONEncoder().encode(network))
    var object = try #require(saved as? [String: Any])
    object["targets"] = nil
    let earlier = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONDecoder().decode(Network.self, from: earlier) == network)
    network.targets = Targets(outputs: Self.regions, hasIgnoredVoxels: true)
    #expect(try JSONDecoder().decode(Network.self, from: JSONEncoder().encode(network)) == network)
  }
}
