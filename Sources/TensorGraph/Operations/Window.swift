/// One spatial axis of the window that a convolution or a pooling slides over its input.
public struct WindowAxis: Hashable, Sendable {
  /// Voxels between neighbouring positions of the window.
  public var stride: Int
  /// Zeros (for max pooling: minus infinity) put before the first voxel.
  public var before: Int
  /// Zeros (for max pooling: minus infinity) put after the last voxel.
  public var after: Int
  /// Distance between neighbouring taps of the kernel; 1 is a dense kernel.
  public var dilation: Int

  public init(stride: Int = 1, before: Int = 0, after: Int = 0, dilation: Int = 1) {
    self.stride = stride
    self.before = before
    self.after = after
    self.dilation = dilation
  }

  /// The axis whose output has ceil(input / stride) voxels, the padding split evenly, the odd one after.
  ///
  /// Source: TensorFlow's padding `SAME`.
  public static func same(input: Int, kernel: Int, stride: Int = 1, dilation: Int = 1) -> WindowAxis {
    let output = (input + stride - 1) / stride
    let total = max(0, (output - 1) * stride + dilation * (kernel - 1) + 1 - input)
    return WindowAxis(stride: stride, before: total / 2, after: total - total / 2, dilation: dilation)
  }
}

/// The window of a 3-D convolution: its D, H and W axes.
public struct ConvolutionWindow: Hashable, Sendable {
  /// Three axes: D, H, W.
  public var axes: [WindowAxis]

  public init(_ axes: [WindowAxis]) {
    precondition(axes.count == 3, "a 3-D window has three axes")
    self.axes = axes
  }
}

/// The window of a 3-D pooling: kernel extents and axes along D, H and W. Pooling is never dilated here.
public struct PoolingWindow: Hashable, Sendable {
  /// Kernel extents along D, H, W, in voxels.
  public var kernel: [Int]
  public var axes: [WindowAxis]

  public init(kernel: [Int], axes: [WindowAxis]) {
    precondition(kernel.count == 3 && axes.count == 3, "a 3-D window has three axes")
    self.kernel = kernel
    self.axes = axes
  }

  /// Cubes that tile the input without overlap.
  public static func tiles(_ extent: Int) -> PoolingWindow {
    PoolingWindow(
      kernel: [extent, extent, extent], axes: Array(repeating: WindowAxis(stride: extent), count: 3))
  }
}

/// Returns the extent of a convolution's output along one spatial axis, in voxels.
///
///     output = (before + input + after - dilation * (kernel - 1) - 1) / stride + 1   (floor)
///
/// Source: StableHLO specification, `convolution`, C25 (where a kernel that does not fit gives 0 instead).
/// - Throws: `ShapeError.kernelExceedsInput` when the padded input is smaller than the dilated kernel.
public func convolvedExtent(_ input: Int, kernel: Int, _ axis: WindowAxis) throws(ShapeError) -> Int {
  let span = axis.dilation * (kernel - 1) + 1
  let padded = axis.before + input + axis.after
  guard padded >= span else { throw .kernelExceedsInput(kernel: span, input: padded) }
  return (padded - span) / axis.stride + 1
}
