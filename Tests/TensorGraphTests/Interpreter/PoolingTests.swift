import TensorGraph
import Testing

@Suite struct PoolingTests {
  private func window(_ extent: Int, _ axis: WindowAxis) -> PoolingWindow {
    PoolingWindow(kernel: [1, 1, extent], axes: [WindowAxis(), WindowAxis(), axis])
  }

  @Test(
    arguments: [
      ([3, 1, 2, 5], 2, WindowAxis(stride: 2), [3, 5]), ([3, 1, 2, 5, 9], 2, WindowAxis(stride: 2), [3, 5]),
      ([3, 1, 2, 5], 2, WindowAxis(), [3, 2, 5]),
      ([-3, -1, -2], 3, WindowAxis(before: 1, after: 1), [-1, -1, -1]),
      ([-.infinity, -.infinity], 2, WindowAxis(stride: 2), [-.infinity]),
    ] as [([Float], Int, WindowAxis, [Float])])
  func largest(_ x: [Float], _ extent: Int, _ axis: WindowAxis, _ expected: [Float]) throws {
    #expect(try evaluate(.maxPool(window(extent, axis)), line(x)) == [line(expected)])
  }

  @Test(arguments: [[Float.nan, 1], [1, .nan]])
  func notANumberWins(_ x: [Float]) throws {
    #expect(try evaluate(.maxPool(window(2, WindowAxis())), line(x))[0].elements[0].isNaN)
  }

  /// Channels and images are pooled each by itself.
  @Test func tiles() throws {
    let x = Tensor([1, 2, 2, 2, 2], (0..<16).map { Float($0 % 2 == 0 ? $0 : -$0) })
    #expect(try evaluate(.maxPool(.tiles(2)), x) == [Tensor([1, 1, 1, 1, 2], [14, -1])])
  }

  @Test(
    arguments: [
      ([2, 2, 1, 2], WindowAxis(stride: 2), [1, 10], [1, 0, 0, 10]),
      ([2, 2, 1, 2], WindowAxis(), [1, 10, 100], [1, 10, 0, 100]),
      ([1, 5, 1], WindowAxis(), [1, 10], [0, 11, 0]),
      ([1, 5, 1], WindowAxis(stride: 2, before: 1, after: 1), [1, 10], [1, 10, 0]),
      ([0, 0, 0], WindowAxis(stride: 2), [7], [7, 0, 0]),
    ] as [([Float], WindowAxis, [Float], [Float])])
  func gradientGoesToTheFirstLargest(
    _ x: [Float], _ axis: WindowAxis, _ dy: [Float], _ expected: [Float]
  ) throws {
    let dx = try evaluate(.maxPoolGradient(window(2, axis)), line(x), line(dy))
    #expect(dx == [line(expected)])
  }
}
