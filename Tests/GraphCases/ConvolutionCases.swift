import TensorGraph

/// A convolution's input, channels and window.
struct ConvolutionSetting {
  var extents: [Int] = [5, 4, 6]
  var batch = 2
  var channels: (input: Int, output: Int)
  var kernel: [Int]
  var axes: [WindowAxis]

  /// A cube as kernel, with TensorFlow's padding `SAME`.
  static func same(
    _ channels: (Int, Int), kernel: Int, stride: Int = 1, dilation: Int = 1, extents: [Int] = [5, 4, 6]
  ) -> ConvolutionSetting {
    let axes = extents.map {
      WindowAxis.same(input: $0, kernel: kernel, stride: stride, dilation: dilation)
    }
    return ConvolutionSetting(
      extents: extents, channels: channels, kernel: [kernel, kernel, kernel], axes: axes)
  }

  /// A cube as kernel, the same window on all axes.
  static func cube(
    _ channels: (Int, Int), kernel: Int, _ axis: WindowAxis = WindowAxis(), extents: [Int] = [5, 4, 6]
  ) -> ConvolutionSetting {
    ConvolutionSetting(
      extents: extents, channels: channels, kernel: [kernel, kernel, kernel], axes: [axis, axis, axis])
  }

  var window: ConvolutionWindow { ConvolutionWindow(axes) }
  var inputShape: Shape { Shape([batch] + extents + [channels.input]) }
  var filterShape: Shape { Shape(kernel + [channels.input, channels.output]) }
  var outputShape: Shape {
    let type = try? Operation.convolution(window).resultTypes([
      TensorType(.f32, inputShape), TensorType(.f32, filterShape),
    ])
    return type![0].shape
  }
}

private let settings: [(name: String, ConvolutionSetting)] = [
  ("1 to 1, kernel 1", .same((1, 1), kernel: 1)),
  ("1 to 16, kernel 5", .same((1, 16), kernel: 5)),
  ("1 to 16, kernel 5, no padding", .cube((1, 16), kernel: 5, extents: [6, 5, 7])),
  ("3 to 5, kernel 3", .same((3, 5), kernel: 3)),
  ("5 to 3, kernel 3, no padding", .cube((5, 3), kernel: 3)),
  ("16 to 16, kernel 3", .same((16, 16), kernel: 3)),
  ("16 to 16, kernel 5", .same((16, 16), kernel: 5, extents: [3, 4, 5])),
  ("16 to 32, kernel 2, stride 2", .same((16, 32), kernel: 2, stride: 2, extents: [4, 6, 4])),
  ("16 to 32, kernel 2, stride 2, odd extents", .same((16, 32), kernel: 2, stride: 2, extents: [5, 3, 7])),
  ("32 to 16, kernel 1", .same((32, 16), kernel: 1)),
  ("16 to 2, kernel 1", .same((16, 2), kernel: 1)),
  ("17 to 32, kernel 3", .same((17, 32), kernel: 3, extents: [3, 4, 3])),
  ("32 to 17, kernel 3", .same((32, 17), kernel: 3, extents: [3, 4, 3])),
  ("17 to 3, kernel 1, stride 2", .same((17, 3), kernel: 1, stride: 2)),
  ("32 to 64, kernel 3, stride 2", .same((32, 64), kernel: 3, stride: 2, extents: [3, 4, 4])),
  ("64 to 64, kernel 2, stride 2", .same((64, 64), kernel: 2, stride: 2, extents: [4, 2, 4])),
  ("64 to 16, kernel 1", .same((64, 16), kernel: 1, extents: [3, 3, 3])),
  ("16 to 16, dilation 2", .same((16, 16), kernel: 3, dilation: 2)),
  ("3 to 5, dilation 2, stride 2", .same((3, 5), kernel: 3, stride: 2, dilation: 2, extents: [7, 6, 8])),
  ("1 to 5, padding before only", .cube((1, 5), kernel: 3, WindowAxis(before: 2))),
  ("16 to 16, padding after only", .cube((16, 16), kernel: 3, WindowAxis(after: 2))),
  ("3 to 16, padding as wide as the kernel", .cube((3, 16), kernel: 2, WindowAxis(before: 2, after: 1))),
  (
    "16 to 16, stride 2, last voxels unused",
    .cube((16, 16), kernel: 3, WindowAxis(stride: 2), extents: [4, 5, 6])
  ),
  (
    "5 to 17, every axis different",
    ConvolutionSetting(
      extents: [5, 8, 9], channels: (5, 17), kernel: [1, 3, 5],
      axes: [
        WindowAxis(stride: 2), WindowAxis(stride: 1, before: 2, after: 1, dilation: 2),
        WindowAxis(stride: 3, before: 1, after: 3),
      ])
  ),
  (
    "16 to 32, every axis different",
    ConvolutionSetting(
      extents: [4, 5, 6], batch: 1, channels: (16, 32), kernel: [3, 1, 2],
      axes: [
        WindowAxis(before: 1), WindowAxis(stride: 2), WindowAxis(stride: 2, before: 0, after: 1),
      ])
  ),
]

let convolutionCases: [GraphCase] = settings.map { name, setting in
  graphCase("convolution/" + name) { c in
    let x = c.input("x", setting.inputShape)
    let w = c.weight("w", setting.filterShape)
    try c.differentiate(try c.builder.convolution(x, w, setting.window), x, w)
  }
}

/// The input gradient as an operation of its own, with its own gradients.
let transposedConvolutionCases: [GraphCase] = settings.map { name, setting in
  graphCase("transposed convolution/" + name) { c in
    let x = c.input("x", setting.outputShape)
    let w = c.weight("w", setting.filterShape)
    let y = try c.builder.transposedConvolution(x, w, setting.window, outputShape: setting.inputShape)
    try c.differentiate(y, x, w)
  }
}

/// The filter gradient as an operation of its own, with its own gradients.
let filterGradientCases: [GraphCase] = settings.map { name, setting in
  graphCase("filter gradient/" + name) { c in
    let x = c.input("x", setting.inputShape)
    let dy = c.input("dy", setting.outputShape)
    let dw = try c.builder.apply(
      .convolutionFilterGradient(setting.window, filterShape: setting.filterShape), x, dy)
    try c.differentiate(dw, x, dy)
  }
}

/// Activations in half precision, weights in float32 that are rounded for the convolution: as mixed precision leaves them.
let halfConvolutionCases: [GraphCase] = [
  ("16 to 16, kernel 3", ConvolutionSetting.same((16, 16), kernel: 3)),
  ("17 to 33, kernel 3, no padding", .cube((17, 33), kernel: 3)),
  ("16 to 32, kernel 5", .same((16, 32), kernel: 5, extents: [3, 4, 3])),
  ("16 to 32, kernel 2, stride 2", .same((16, 32), kernel: 2, stride: 2, extents: [4, 6, 4])),
].flatMap { name, setting in
  [DType.bf16, .f16].map { dtype in
    graphCase("convolution in \(dtype)/\(name)") { c in
      let x = c.input("x", setting.inputShape)
      let w = c.weight("w", setting.filterShape)
      let half = try c.builder.convolution(
        try c.builder.cast(x, to: dtype), try c.builder.cast(w, to: dtype), setting.window)
      c.tolerance = 1e-2
      // Linear in each parameter: a large step drowns the rounding.
      c.difference = FiniteDifference(step: 1, tolerance: 0.1)
      try c.differentiate(try c.builder.cast(half, to: .f32), x, w)
    }
  }
}

/// A transposed convolution with its bias, in float32 and in half precision.
let transposedLayerCases: [GraphCase] = [
  (DType.f32, 16), (.f32, 17), (.bf16, 16), (.bf16, 17), (.f16, 16), (.f16, 17),
].map { dtype, channels in
  graphCase("transposed convolution and bias/\(dtype.rawValue), 16 to \(channels)") { c in
    let x = c.input("x", [2, 3, 2, 4, 16])
    let w = c.weight("w", [2, 2, 2, channels, 16])
    let b = c.weight("b", [channels])
    func half(_ value: Value) throws -> Value { dtype == .f32 ? value : try c.builder.cast(value, to: dtype) }
    let window = ConvolutionWindow(Array(repeating: WindowAxis(stride: 2), count: 3))
    let y = try c.builder.transposedConvolution(
      try half(x), try half(w), window, outputShape: [2, 6, 4, 8, channels])
    let sum = try c.builder.biasAdd(y, try half(b))
    if dtype != .f32 { c.tolerance = 5e-2 }
    c.difference = FiniteDifference(step: 1, tolerance: 0.1)
    try c.differentiate(dtype == .f32 ? sum : try c.builder.cast(sum, to: .f32), x, w, b)
  }
}

/// Inputs too wide for one block, one voxel, and a value that two convolutions read in different layouts.
let convolutionChainCases: [GraphCase] = [
  graphCase("convolution/one voxel") { c in
    let x = c.input("x", [1, 1, 1, 1, 16])
    let w = c.weight("w", [1, 1, 1, 16, 32])
    let window = ConvolutionWindow([WindowAxis(), WindowAxis(), WindowAxis()])
    try c.differentiate(try c.builder.convolution(x, w, window), x, w)
  },
  graphCase("convolution/chain through 3, 16, 17 and 32 channels") { c in
    var y = c.input("x", [1, 4, 4, 4, 3])
    let x = y
    var weights: [Value] = []
    for (input, output) in [(3, 16), (16, 17), (17, 32), (32, 1)] {
      let setting = ConvolutionSetting.same((input, output), kernel: 3, extents: [4, 4, 4])
      weights.append(c.weight("w\(input)", setting.filterShape))
      y = try c.builder.convolution(y, weights.last!, setting.window)
    }
    c.tolerance = 1e-4
    try c.differentiate(y, x, weights[0], weights[1], weights[2], weights[3])
  },
  graphCase("convolution/one weight in two convolutions") { c in
    let x = c.input("x", [1, 4, 4, 4, 16])
    let small = c.input("small", [1, 2, 3, 2, 16])
    let w = c.weight("w", [3, 3, 3, 16, 16])
    let dense = ConvolutionSetting.same((16, 16), kernel: 3, extents: [4, 4, 4]).window
    let dilated = ConvolutionSetting.same((16, 16), kernel: 3, dilation: 2, extents: [2, 3, 2]).window
    let y = try c.builder.reduceSum(try c.builder.convolution(x, w, dense), axes: [1, 2, 3])
    let z = try c.builder.reduceSum(try c.builder.convolution(small, w, dilated), axes: [1, 2, 3])
    c.tolerance = 1e-4
    try c.differentiate(try c.builder.add(y, z), x, small, w)
  },
]
