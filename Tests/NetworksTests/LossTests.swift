import Networks
import TensorGraph
import Testing

/// Soft Dice and its loss against sums done by hand, on the reference interpreter.
@Suite struct LossTests {
  /// Two samples of two voxels and two classes. The logits are logarithms of the wanted probabilities' ratios.
  ///
  ///     sample 0: p = (3/4, 1/4), (1/4, 3/4); labels 0, 1
  ///     sample 1: p = (1/2, 1/2), (1/2, 1/2); labels 0, 0: class 1 is absent
  private func outputs() throws -> [String: Tensor] {
    var builder = GraphBuilder(name: "loss")
    let logits = builder.parameter("logits", .input, TensorType(.f32, [2, 1, 1, 2, 2]))
    let labels = builder.parameter("label", .label, TensorType(.i32, [2, 1, 1, 2]))
    builder.output("loss", try builder.loss(.dice(), logits: logits, labels: labels))
    builder.output("dice", try softDice(&builder, logits, labels))
    let log3: Float = 1.098_612_3
    return try Interpreter().run(
      builder.graph,
      [
        "logits": Tensor([2, 1, 1, 2, 2], [log3, 0, 0, log3, 0, 0, 0, 0]),
        "label": Tensor(TensorType(.i32, [2, 1, 1, 2]), [0, 1, 0, 0]),
      ])
  }

  /// That of two classes.
  private func softDice(_ builder: inout GraphBuilder, _ logits: Value, _ labels: Value) throws -> Value {
    try builder.dice(Overlap(), false, try builder.softmax(logits), try builder.oneHot(labels, depth: 2))
  }

  @Test func softDiceOfEachClassOfEachSample() throws {
    let dice = try #require(outputs()["dice"])
    #expect(dice.shape == [2, 2])
    // 2 * 0.75 / (1 + 1), twice; 2 * 1 / (1 + 2); 1e-6 / (1 + 1e-6) for the absent class.
    let expected: [Float] = [0.75, 0.75, 2.0 / 3, 1e-6]
    for (found, wanted) in zip(dice.elements, expected) { #expect(abs(found - wanted) < 1e-6) }
    #expect(dice.elements[3] > 0.9e-6, "the numerator has its 1e-6")
  }

  @Test func lossSumsOverClassesAfterTheMeanOverTheBatch() throws {
    let loss = try #require(outputs()["loss"])
    #expect(loss.shape == .scalar)
    #expect(abs(loss.elements[0] - (2 - (0.75 + 2.0 / 3) / 2 - 0.75 / 2)) < 2e-6)
  }

  /// A class that neither the truth nor the prediction holds is perfect, not undefined.
  @Test func absentAndUnpredictedClassCountsAsOne() throws {
    var builder = GraphBuilder(name: "loss")
    let logits = builder.parameter("logits", .input, TensorType(.f32, [1, 1, 1, 1, 2]))
    let labels = builder.parameter("label", .label, TensorType(.i32, [1, 1, 1, 1]))
    builder.output("dice", try softDice(&builder, logits, labels))
    let outputs = try Interpreter().run(
      builder.graph,
      [
        "logits": Tensor([1, 1, 1, 1, 2], [200, 0]),
        "label": Tensor(TensorType(.i32, [1, 1, 1, 1]), [0]),
      ])
    #expect(outputs["dice"]!.elements == [1, 1])
  }
}
