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
    _ loss: Loss, _ settings: LossSettings, logits: [Float], labels: [Float], classCount: Int = 2
  ) throws -> (loss: Float, gradient: [Float]) {
    let shape: Shape = [2, 1, 1, labels.count / 2, classCount]
    var builder = GraphBuilder(name: "loss")
    let x = builder.parameter("logits", .input, TensorType(.f32, shape))
    let labelType = TensorType(.i32, [2, 1, 1, labels.count / 2])
    let label = builder.parameter("label", .label, labelType)
    let values = try builder.loss(loss, settings, logits: x, labels: label)
    builder.output("loss", values.loss)
    builder.output("gradient", try builder.gradients(of: values.loss, withRespectTo: [x])[0])
    let outputs = try Interpreter().run(
      builder.graph, ["logits": Tensor(shape, logits), "label": Tensor(labelType, labels)])
    return (outputs["loss"]!.elements[0], outputs["gradient"]!.elements)
  }

  private func value(_ loss: Loss, _ settings: LossSettings) throws -> Float {
    try run(loss, settings, logits: logits, labels: labels).loss
  }

  private func expect(_ found: Float, _ wanted: Float, _ location: SourceLocation = #_sourceLocation) {
    #expect(abs(found - wanted) < 3e-6, "\(found), not \(wanted)", sourceLocation: location)
  }

  /// Of the batch: class 0 has 3.5 / 5, class 1 has 1.5 / 3.
  @Test func diceOfTheBatch() throws {
    expect(try value(.dice, LossSettings(isPerBatch: true)), 0.3 + 0.5)
    expect(try value(.dice, LossSettings(isPerBatch: true, averagesClasses: true)), 0.4)
  }

  @Test func diceWithoutBackground() throws {
    expect(try value(.dice, LossSettings(includesBackground: false, isPerBatch: true)), 0.5)
    let mean = LossSettings(includesBackground: false, isPerBatch: true, averagesClasses: true)
    expect(try value(.dice, mean), 0.5)
  }

  /// Three classes, at each voxel 1/2 for one and 1/4 for the others; of the labels 0, 1, 2, 1 all but the
  /// last are found. Of the batch, class 1 has 1.5 / 3.25 and class 2 has 1 / 2.5; the background, 1 / 2.25,
  /// is left out of sum and count. Cross-entropy: log 2 thrice and log 4.
  @Test func classesAreAveragedOverTheForeground() throws {
    let log2: Float = 0.693_147_2
    func value(_ loss: Loss, averagesClasses: Bool) throws -> Float {
      let settings = LossSettings(
        includesBackground: false, isPerBatch: true, averagesClasses: averagesClasses)
      return try run(
        loss, settings, logits: [log2, 0, 0, 0, log2, 0, 0, 0, log2, 0, 0, log2], labels: [0, 1, 2, 1],
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
    expect(try value(.dice, LossSettings(squaresDenominator: true)), Float(expected))
  }

  @Test func diceWithClassWeights() throws {
    let settings = LossSettings(isPerBatch: true, averagesClasses: true, classWeights: [1, 3])
    expect(try value(.dice, settings), (0.3 + 3 * 0.5) / 4)
  }

  /// -log(3/4) twice and -log(1/2) twice.
  @Test func crossEntropyIsTheMeanOverVoxels() throws {
    expect(try value(.crossEntropy, LossSettings()), 0.490_414_6)
  }

  /// Weights 1, 3, 1, 1 of the voxels.
  @Test func crossEntropyWithClassWeights() throws {
    expect(
      try value(.crossEntropy, LossSettings(classWeights: [1, 3])), (4 * 0.287_682_1 + 2 * 0.693_147_2) / 6)
  }

  @Test func sumOfDiceAndCrossEntropy() throws {
    let settings = LossSettings(includesBackground: false, isPerBatch: true, averagesClasses: true)
    expect(try value(.diceCrossEntropy, settings), 0.5 + 0.490_414_6)
  }

  /// (1/4)^2 -log(3/4) twice and (1/2)^2 -log(1/2) twice.
  @Test func focalLossDiscountsEasyVoxels() throws {
    expect(try value(.focal, LossSettings()), 0.095_633_6)
    expect(try value(.focal, LossSettings(focalExponent: 0)), 0.490_414_6)
  }

  /// 1.75 / (1.75 + 0.3 * 0.25 + 0.7 * 1.25) and 0.75 / (0.75 + 0.3 * 1.25 + 0.7 * 0.25).
  @Test func tverskyWeighsErrors() throws {
    expect(try value(.tversky, LossSettings(isPerBatch: true)), 2 - 1.75 / 2.7 - 0.75 / 1.3)
  }

  @Test func tverskyOfEqualWeightsIsDice() throws {
    let even = LossSettings(falsePositiveWeight: 0.5, falseNegativeWeight: 0.5)
    expect(try value(.tversky, even), try value(.dice, LossSettings()))
  }

  /// The gradient of the cross-entropy is (p - t) / voxels.
  @Test func crossEntropysGradientIsTheError() throws {
    let gradient = try run(.crossEntropy, LossSettings(), logits: logits, labels: labels).gradient
    let errors: [Float] = [-0.25, 0.25, 0.25, -0.25, -0.5, 0.5, -0.5, 0.5]
    for (found, error) in zip(gradient, errors) { expect(found, error / 4) }
  }

  /// Certain and wrong: no probability of 0 reaches a logarithm.
  @Test func crossEntropyStaysFiniteWhereTheTrueClassHasNoProbability() throws {
    let (loss, gradient) = try run(
      .crossEntropy, LossSettings(), logits: [200, 0, 0, 200, 0, 0, 0, 0], labels: [1, 0, 0, 0])
    expect(loss, (400 + 2 * 0.693_147_2) / 4)
    expect(gradient[0], 0.25)
    expect(gradient[1], -0.25)
  }

  @Test(arguments: Loss.allCases)
  func gradientsAreThoseOfFiniteDifferences(_ loss: Loss) throws {
    let settings = LossSettings(
      includesBackground: false, isPerBatch: true, averagesClasses: true, classWeights: [1, 2, 0.5])
    let x: [Float] = [0.3, -1, 0.8, 1.2, 0.1, -0.4, 0, 0.5, 0.2, -0.7, 0.9, 1.5]
    let truth: [Float] = [0, 2, 1, 1]
    let gradient = try run(loss, settings, logits: x, labels: truth, classCount: 3).gradient
    for index in x.indices {
      func shifted(_ step: Float) throws -> Float {
        var y = x
        y[index] += step
        return try run(loss, settings, logits: y, labels: truth, classCount: 3).loss
      }
      let slope = try (shifted(0.01) - shifted(-0.01)) / 0.02
      #expect(abs(slope - gradient[index]) < 2e-4, "\(index): \(gradient[index]), not \(slope)")
    }
  }
}
