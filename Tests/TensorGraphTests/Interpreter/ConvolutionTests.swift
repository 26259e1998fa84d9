import TensorGraph
import Testing

/// Kernels of 1, 10 and 100 make each tap a decimal digit of the result.
@Suite struct ConvolutionTests {
  @Test(
    arguments: [
      ([1, 10, 100], WindowAxis(), [321, 432]),
      ([1, 10, 100], WindowAxis(before: 1, after: 1), [210, 321, 432, 43]),
      ([1, 10, 100], WindowAxis(before: 3, after: 0), [0, 100, 210, 321, 432]),
      ([1, 10, 100], WindowAxis(stride: 2, after: 1), [321, 43]),
      ([1, 10], WindowAxis(after: 1), [21, 32, 43, 4]),
      ([1, 10], WindowAxis(stride: 2), [21, 43]),
      ([1, 10], WindowAxis(stride: 3), [21]),
      ([1, 10], WindowAxis(dilation: 2), [31, 42]),
      ([1, 10], WindowAxis(stride: 2, before: 1, after: 2, dilation: 3), [30, 2]),
    ] as [([Float], WindowAxis, [Float])])
  func alongOneAxis(_ taps: [Float], _ axis: WindowAxis, _ expected: [Float]) throws {
    let y = try evaluate(.convolution(alongW(axis)), line([1, 2, 3, 4]), kernel(taps))
    #expect(y == [line(expected)])
  }

  /// x counts 1 ... 8 along W, then H, then D.
  @Test(
    arguments: [
      ([2, 1, 1], [1, 1, 2, 2], [51, 62, 73, 84]), ([1, 2, 1], [2, 1, 2], [31, 42, 75, 86]),
      ([1, 1, 2], [2, 2, 1], [21, 43, 65, 87]),
    ] as [([Int], [Int], [Float])])
  func eachAxisIsItsOwn(_ extents: [Int], _ result: [Int], _ expected: [Float]) throws {
    let x = Tensor([1, 2, 2, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8])
    let weights = Tensor(Shape(extents + [1, 1]), [1, 10])
    #expect(try evaluate(.convolution(alongW()), x, weights)[0].elements == expected)
  }

  @Test func channelsAndImages() throws {
    let x = Tensor([2, 1, 1, 1, 2], [1, 2, 3, 4])
    let weights = Tensor([1, 1, 1, 2, 3], [1, 2, 3, 10, 20, 30])
    let y = try evaluate(.convolution(alongW()), x, weights)
    #expect(y == [Tensor([2, 1, 1, 1, 3], [21, 42, 63, 43, 86, 129])])
  }

  @Test(
    arguments: [
      ([1, 10], WindowAxis(stride: 2), 4, [1, 10, 2, 20]),
      ([1, 10], WindowAxis(stride: 2), 5, [1, 10, 2, 20, 0]),
      ([1, 10, 100], WindowAxis(stride: 2), 5, [1, 10, 102, 20, 200]),
      ([1, 10, 100], WindowAxis(stride: 2, after: 1), 4, [1, 10, 102, 20]),
      ([1, 10, 100], WindowAxis(stride: 2, before: 1), 4, [10, 102, 20, 200]),
      ([1, 10], WindowAxis(dilation: 2), 4, [1, 2, 10, 20]),
      ([1, 10], WindowAxis(stride: 3), 5, [1, 10, 0, 2, 20]),
    ] as [([Float], WindowAxis, Int, [Float])])
  func transposed(_ taps: [Float], _ axis: WindowAxis, _ extent: Int, _ expected: [Float]) throws {
    let operation = Operation.convolutionInputGradient(alongW(axis), inputShape: [1, 1, 1, extent, 1])
    #expect(try evaluate(operation, line([1, 2]), kernel(taps)) == [line(expected)])
  }

  /// x has the channels O of the weights, the result their channels I.
  @Test func channelsOfTheTransposed() throws {
    let x = Tensor([2, 1, 1, 1, 2], [1, 2, 3, 4])
    let weights = Tensor([1, 1, 1, 3, 2], [1, 10, 2, 20, 3, 30])
    let operation = Operation.convolutionInputGradient(alongW(), inputShape: [2, 1, 1, 1, 3])
    let y = try evaluate(operation, x, weights)
    #expect(y == [Tensor([2, 1, 1, 1, 3], [21, 42, 63, 43, 86, 129])])
  }

  @Test(
    arguments: [
      (3, WindowAxis(), [1, 10], [21, 32, 43]), (2, WindowAxis(stride: 2), [1, 10], [31, 42]),
      (2, WindowAxis(dilation: 3), [5], [5, 20]),
      (3, WindowAxis(before: 1, after: 1), [1, 10, 100, 1000], [3210, 4321, 432]),
    ] as [(Int, WindowAxis, [Float], [Float])])
  func filterGradient(_ taps: Int, _ axis: WindowAxis, _ dy: [Float], _ expected: [Float]) throws {
    let operation = Operation.convolutionFilterGradient(alongW(axis), filterShape: [1, 1, taps, 1, 1])
    #expect(try evaluate(operation, line([1, 2, 3, 4]), line(dy)) == [kernel(expected)])
  }

  /// dw[ci, co] sums x[ci] * dy[co] over the images.
  @Test func channelsOfTheFilterGradient() throws {
    let operation = Operation.convolutionFilterGradient(alongW(), filterShape: [1, 1, 1, 2, 3])
    let x = Tensor([2, 1, 1, 1, 2], [1, 2, 0, 1])
    let dy = Tensor([2, 1, 1, 1, 3], [10, 100, 1000, 1, 2, 3])
    let dw = try evaluate(operation, x, dy)
    #expect(dw == [Tensor([1, 1, 1, 2, 3], [10, 100, 1000, 21, 202, 2003])])
  }

  /// The sum is rounded once: 1 + 2^-8 + 2^-8 is a bf16 number, though 1 + 2^-8 rounds to 1.
  @Test func halfPrecisionSumsAreRoundedOnce() throws {
    let x = Tensor(TensorType(.bf16, [1, 1, 1, 3, 1]), [1, 0x1p-8, 0x1p-8])
    let weights = Tensor(TensorType(.bf16, [1, 1, 3, 1, 1]), [1, 1, 1])
    #expect(try evaluate(.convolution(alongW()), x, weights)[0].elements == [1 + 0x1p-7])
  }
}
