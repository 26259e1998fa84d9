import TensorGraph
import Testing

@Suite struct ChannelTests {
  @Test func biasAdd() throws {
    let y = try evaluate(.biasAdd, Tensor([2, 2], [1, 2, 3, 4]), Tensor([2], [10, 20]))
    #expect(y == [Tensor([2, 2], [11, 22, 13, 24])])
  }

  /// Channel 0 has mean 2 and variance 1, channel 1 mean 2 and variance 4.
  @Test func batchNormTraining() throws {
    let x = Tensor([4, 2], [1, 0, 3, 0, 1, 4, 3, 4])
    let results = try evaluate(
      .batchNormTraining(epsilon: 0), x, Tensor([2], [2, 3]), Tensor([2], [10, 20]))
    #expect(results[0] == Tensor([4, 2], [8, 17, 12, 17, 8, 23, 12, 23]))
    #expect(results[1] == Tensor([2], [2, 2]))
    #expect(results[2] == Tensor([2], [1, 4]))
  }

  @Test func batchNormInference() throws {
    let statistics = (Tensor([2], [1, 3]), Tensor([2], [1, 13]))
    let y = try evaluate(
      .batchNormInference(epsilon: 3), Tensor([1, 2], [5, 11]), Tensor([2], [2, 3]), Tensor([2], [10, 20]),
      statistics.0, statistics.1)
    #expect(y == [Tensor([1, 2], [14, 26])])
  }

  /// With x̂ = (-1, 1, -1, 1), n = 4: doffset = 1, dscale = -1, dx = 2 (dy - 1/4 + x̂/4).
  @Test func batchNormGradient() throws {
    let results = try evaluate(
      .batchNormGradient(epsilon: 3), Tensor([4, 1], [0, 4, 0, 4]), Tensor([1], [4]), Tensor([1], [2]),
      Tensor([1], [1]), Tensor([4, 1], [1, 0, 0, 0]))
    #expect(results[0] == Tensor([4, 1], [1, 0, -1, 0]))
    #expect(results[1] == Tensor([1], [-1]))
    #expect(results[2] == Tensor([1], [1]))
  }

  @Test func prelu() throws {
    let (x, alpha) = (Tensor([2, 2], [-2, 3, 4, -8]), Tensor([2], [0.5, 0.25]))
    #expect(try evaluate(.prelu, x, alpha) == [Tensor([2, 2], [-1, 3, 4, -2])])
    let gradients = try evaluate(.preluGradient, x, alpha, Tensor([2, 2], [1, 2, 3, 4]))
    #expect(gradients == [Tensor([2, 2], [0.5, 2, 3, 1]), Tensor([2], [-2, -32])])
  }

  @Test func relu() throws {
    let y = try evaluate(.relu, Tensor([4], [-1, 0, 2, .nan]))[0].elements
    #expect(y[..<3] == [0, 0, 2] && y[3].isNaN)
    let dx = try evaluate(.reluGradient, Tensor([3], [0, 2, 1]), Tensor([3], [5, -7, .infinity]))
    #expect(dx == [Tensor([3], [0, -7, .infinity])])
  }

  /// Rows are normalised each by itself; large numbers stay finite.
  @Test func softmax() throws {
    let y = try evaluate(.softmax, Tensor([3, 2], [0, 0, 1000, 1000, 0, 1.0986123]))[0]
    #expect(y.elements[..<4] == [0.5, 0.5, 0.5, 0.5])
    #expect(abs(y.elements[4] - 0.25) < 1e-7 && abs(y.elements[5] - 0.75) < 1e-7)
    let dx = try evaluate(.softmaxGradient, Tensor([1, 2], [0.25, 0.75]), Tensor([1, 2], [4, 0]))
    #expect(dx == [Tensor([1, 2], [0.75, -0.75])])
  }
}
