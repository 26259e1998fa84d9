import Networks
import TensorGraph
import Testing

/// The variants of the losses against sums done by hand, on the reference interpreter.
///
///     sample 0: p = (3/4, 1/4), (1/4, 3/4); labels 0, 1
///     sample 1: p = (1/2, 1/2), (1/2, 1/2); labels 0, 0: class 1 is absent
@Suite struct LossVariantTests {
  private static let log3: Float = 1.098_612_3
  private let logits: [Float] = [log3, 0, 0, log3, 0, 0, 0, 0]
  private let labels: [Float] = [0, 1, 0, 0]

  private func run(
    _ loss: Loss, logits: [Float], labels: [Float], classCount: Int = 2
  ) throws -> (loss: Float, gradient: [Float]) {
    let shape: Shape = [2, 1, 1, labels.count / 2, classCount]
    var builder = GraphBuilder(name: "loss")
    let x = builder.parameter("logits", .input, TensorType(.f32, shape))
    let labelType = TensorType(.i32, [2, 1, 1, labels.count / 2])
    let label = builder.parameter("label", .label, labelType)
    let value = try builder.loss(loss, logits: x, labels: label)
    builder.output("loss", value)
    builder.output("gradient", try builder.gradients(of: value, withRespectTo: [x])[0])
    let outputs = try Interpreter().run(
      builder.graph, ["logits": Tensor(shape, logits), "label": Tensor(labelType, labels)])
    return (outputs["loss"]!.elements[0], outputs["gradient"]!.elements)
  }

  private func value(_ loss: Loss) throws -> Float {
    try run(loss, logits: logits, labels: labels).loss
  }

  private func expect(_ found: Float, _ wanted: Float, _ location: SourceLocation = #_sourceLocation) {
    #expect(abs(found - wanted) < 3e-6, "\(found), not \(wanted)", sourceLocation: location)
  }

  /// Of the batch: class 0 has 3.5 / 5, class 1 has 1.5 / 3.
  @Test func diceOfTheBatch() throws {
    expect(try value(.dice(overlap: Overlap(isPerBatch: true))), 0.3 + 0.5)
    expect(try value(.dice(overlap: Overlap(isPerBatch: true, averagesClasses: true))), 0.4)
  }

  @Test func diceWithoutBackground() throws {
    expect(try value(.dice(overlap: Overlap(includesBackground: false, isPerBatch: true))), 0.5)
    let mean = Overlap(includesBackground: false, isPerBatch: true, averagesClasses: true)
    expect(try value(.dice(overlap: mean)), 0.5)
  }

  /// Three classes, at each voxel 1/2 for one and 1/4 for the others; of the labels 0, 1, 2, 1 all but the
  /// last are found. Of the batch, class 1 has 1.5 / 3.25 and class 2 has 1 / 2.5; the background, 1 / 2.25,
  /// is left out of sum and count. Cross-entropy: log 2 thrice and log 4.
  @Test func classesAreAveragedOverTheForeground() throws {
    let log2: Float = 0.693_147_2
    func value(_ name: LossName, averagesClasses: Bool) throws -> Float {
      var loss = Loss(name)
      loss.overlap = Overlap(
        includesBackground: false, isPerBatch: true, averagesClasses: averagesClasses)
      return try run(
        loss, logits: [log2, 0, 0, 0, log2, 0, 0, 0, log2, 0, 0, log2], labels: [0, 1, 2, 1],
        classCount: 3
      ).loss
    }
    let sum: Float = 1.75 / 3.25 + 1.5 / 2.5
    expect(try value(.dice, averagesClasses: false), sum)
    expect(try value(.dice, averagesClasses: true), sum / 2)
    expect(try value(.diceCrossEntropy, averagesClasses: true), sum / 2 + 5 * log2 / 4)
  }

  /// Denominators 9/16 + 1/16 + 1 in sample 0; 1/2 + 2 and 1/2 in sample 1.
  @Test func diceWithSquares() throws {
    let expected = 2 - (1.5 / 1.625 + 0.8) / 2 - 1.5 / 1.625 / 2
    expect(try value(.dice(squaresDenominator: true)), Float(expected))
  }

  @Test func diceWithClassWeights() throws {
    let overlap = Overlap(isPerBatch: true, averagesClasses: true, classWeights: [1, 3])
    expect(try value(.dice(overlap: overlap)), (0.3 + 3 * 0.5) / 4)
  }

  /// -log(3/4) twice and -log(1/2) twice.
  @Test func crossEntropyIsTheMeanOverVoxels() throws {
    expect(try value(.crossEntropy()), 0.490_414_6)
  }

  /// Weights 1, 3, 1, 1 of the voxels.
  @Test func crossEntropyWithClassWeights() throws {
    expect(
      try value(.crossEntropy(classWeights: [1, 3])), (4 * 0.287_682_1 + 2 * 0.693_147_2) / 6)
  }

  @Test func sumOfDiceAndCrossEntropy() throws {
    let overlap = Overlap(includesBackground: false, isPerBatch: true, averagesClasses: true)
    expect(try value(.diceCrossEntropy(overlap: overlap)), 0.5 + 0.490_414_6)
  }

  /// (1/4)^2 -log(3/4) twice and (1/2)^2 -log(1/2) twice.
  @Test func focalLossDiscountsEasyVoxels() throws {
    expect(try value(.focal()), 0.095_633_6)
    expect(try value(.focal(exponent: 0)), 0.490_414_6)
  }

  /// 1.75 / (1.75 + 0.3 * 0.25 + 0.7 * 1.25) and 0.75 / (0.75 + 0.3 * 1.25 + 0.7 * 0.25).
  @Test func tverskyWeighsErrors() throws {
    expect(try value(.tversky(overlap: Overlap(isPerBatch: true))), 2 - 1.75 / 2.7 - 0.75 / 1.3)
  }

  @Test func tverskyOfEqualWeightsIsDice() throws {
    let even = ErrorWeights(falsePositives: 0.5, falseNegatives: 0.5)
    expect(try value(.tversky(errorWeights: even)), try value(.dice()))
  }

  /// The gradient of the cross-entropy is (p - t) / voxels.
  @Test func crossEntropysGradientIsTheError() throws {
    let gradient = try run(.crossEntropy(), logits: logits, labels: labels).gradient
    let errors: [Float] = [-0.25, 0.25, 0.25, -0.25, -0.5, 0.5, -0.5, 0.5]
    for (found, error) in zip(gradient, errors) { expect(found, error / 4) }
  }

  /// Certain and wrong: no probability of 0 reaches a logarithm.
  @Test func crossEntropyStaysFiniteWhereTheTrueClassHasNoProbability() throws {
    let (loss, gradient) = try run(
      .crossEntropy(), logits: [200, 0, 0, 200, 0, 0, 0, 0], labels: [1, 0, 0, 0])
    expect(loss, (400 + 2 * 0.693_147_2) / 4)
    expect(gradient[0], 0.25)
    expect(gradient[1], -0.25)
  }

  @Test(arguments: LossName.allCases)
  func gradientsAreThoseOfFiniteDifferences(_ name: LossName) throws {
    var loss = Loss(name)
    if loss.overlap != nil {
      loss.overlap = Overlap(includesBackground: false, isPerBatch: true, averagesClasses: true)
    }
    loss.classWeights = [1, 2, 0.5]
    let x: [Float] = [0.3, -1, 0.8, 1.2, 0.1, -0.4, 0, 0.5, 0.2, -0.7, 0.9, 1.5]
    let truth: [Float] = [0, 2, 1, 1]
    let gradient = try run(loss, logits: x, labels: truth, classCount: 3).gradient
    for index in x.indices {
      func shifted(_ step: Float) throws -> Float {
        var y = x
        y[index] += step
        return try run(loss, logits: y, labels: truth, classCount: 3).loss
      }
      let slope = try (shifted(0.01) - shifted(-0.01)) / 0.02
      #expect(abs(slope - gradient[index]) < 2e-4, "\(index): \(gradient[index]), not \(slope)")
    }
  }

  // MARK: Parts

  /// Another loss takes over what it has, too, and has the rest at its default.
  @Test func aLossKeepsWhatItShares() {
    #expect(LossName.allCases.map { Loss($0).name } == LossName.allCases)
    let overlap = Overlap(includesBackground: false, isPerBatch: true, classWeights: [1, 2])
    var loss = Loss.diceCrossEntropy(overlap: overlap, squaresDenominator: true)
    loss.name = .dice
    #expect(loss == .dice(overlap: overlap, squaresDenominator: true))
    loss.name = .tversky
    #expect(loss == .tversky(overlap: overlap))
    loss.name = .focal
    #expect(loss == .focal(classWeights: [1, 2]) && loss.overlap == nil && loss.errorWeights == nil)
    loss.focalExponent = 3
    loss.name = .dice
    #expect(loss == .dice(overlap: Overlap(classWeights: [1, 2])) && loss.focalExponent == nil)
  }
}
