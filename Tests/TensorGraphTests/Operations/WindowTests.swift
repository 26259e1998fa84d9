import TensorGraph
import Testing

@Suite struct WindowTests {
  /// TensorFlow's `SAME`: ceil(input / stride) voxels, the odd voxel of padding after.
  @Test(arguments: [
    ((5, 3, 1, 1), WindowAxis(before: 1, after: 1)), ((4, 2, 1, 1), WindowAxis(after: 1)),
    ((4, 2, 2, 1), WindowAxis(stride: 2)), ((5, 2, 2, 1), WindowAxis(stride: 2, after: 1)),
    ((6, 3, 2, 1), WindowAxis(stride: 2, after: 1)),
    ((7, 3, 2, 1), WindowAxis(stride: 2, before: 1, after: 1)),
    ((5, 3, 1, 2), WindowAxis(before: 2, after: 2, dilation: 2)), ((6, 1, 3, 1), WindowAxis(stride: 3)),
  ])
  func same(_ given: (input: Int, kernel: Int, stride: Int, dilation: Int), _ expected: WindowAxis) throws {
    let axis = WindowAxis.same(
      input: given.input, kernel: given.kernel, stride: given.stride, dilation: given.dilation)
    #expect(axis == expected)
    let extent = try convolvedExtent(given.input, kernel: given.kernel, axis)
    #expect(extent == (given.input + given.stride - 1) / given.stride)
  }

  @Test func extentOfAConvolution() throws {
    #expect(try convolvedExtent(7, kernel: 2, WindowAxis(stride: 2)) == 3)
    #expect(try convolvedExtent(7, kernel: 3, WindowAxis(before: 1, after: 2, dilation: 2)) == 6)
    #expect(try convolvedExtent(3, kernel: 3, WindowAxis()) == 1)
    #expect(throws: ShapeError.kernelExceedsInput(kernel: 5, input: 4)) {
      _ = try convolvedExtent(3, kernel: 3, WindowAxis(after: 1, dilation: 2))
    }
  }
}
