import TensorGraph

/// How many voxels lie before and after an axis; negative numbers take voxels away.
struct HLOPadding {
  var before: Int
  var after: Int

  var text: String { "[\(before), \(after)]" }
}

/// The window of a StableHLO convolution along D, H and W.
struct HLOConvolution {
  var stride = [1, 1, 1]
  var padding: [HLOPadding]
  var inputDilation = [1, 1, 1]
  var kernelDilation = [1, 1, 1]
  /// Which axis of each tensor is which: `[b, 0, 1, 2, f]x[0, 1, 2, i, o]->[b, 0, 1, 2, f]`.
  var axes: String
}

extension StableHLOWriter {
  /// - Parameter precision: DEFAULT or HIGHEST.
  mutating func convolution(
    _ x: HLOValue, _ kernel: HLOValue, _ window: HLOConvolution, precision: String, _ type: TensorType
  ) -> HLOValue {
    let padding = window.padding.map(\.text).joined(separator: ", ")
    let precisions = Array(repeating: "#stablehlo<precision \(precision)>", count: 2)
    return append(
      "stablehlo.convolution(\(x.name), \(kernel.name)) dim_numbers = \(window.axes), "
        + "window = {stride = \(window.stride), pad = [\(padding)], lhs_dilate = \(window.inputDilation), "
        + "rhs_dilate = \(window.kernelDilation)} {batch_group_count = 1 : i64, "
        + "feature_group_count = 1 : i64, precision_config = [\(precisions.joined(separator: ", "))]}",
      [x, kernel], type)
  }

  /// The largest voxel under each window; NaN wins.
  mutating func maxPool(_ x: HLOValue, _ window: PoolingWindow, _ type: TensorType) -> HLOValue {
    let start = constant(-.infinity, TensorType(x.dtype, .scalar))
    return append(
      "\"stablehlo.reduce_window\"(\([x, start].names)) <{\(attributes(window))}> "
        + "(\(HLORegion.binary("maximum", x.dtype)))", [x, start], type)
  }

  /// Adds each dy to the voxel that won its window.
  mutating func maxPoolGradient(_ x: HLOValue, _ dy: HLOValue, _ window: PoolingWindow) -> HLOValue {
    let zero = constant(0, TensorType(x.dtype, .scalar))
    return append(
      "\"stablehlo.select_and_scatter\"(\([x, dy, zero].names)) <{\(attributes(window))}> "
        + "(\(HLORegion.staysLargest(x.dtype)), \(HLORegion.binary("add", x.dtype)))", [x, dy, zero], x.type)
  }

  /// A window over `[N, D, H, W, C]`.
  private func attributes(_ window: PoolingWindow) -> String {
    func array(_ values: [Int]) -> String {
      "array<i64: \(([1] + values + [1]).map(String.init).joined(separator: ", "))>"
    }
    let padding = ([[0, 0]] + window.axes.map { [$0.before, $0.after] } + [[0, 0]]).map(\.description)
    return
      "window_dimensions = \(array(window.kernel)), window_strides = \(array(window.axes.map(\.stride))), "
      + "padding = dense<[\(padding.joined(separator: ", "))]> : tensor<5x2xi64>"
  }
}
