import TensorGraph

private let extents = [4, 3, 4]

extension CaseBuilder {
  /// A convolution with padding `SAME` and a weight of its own.
  mutating func convolved(
    _ x: Value, _ name: String, to output: Int, kernel: Int = 3
  ) throws -> (y: Value, weight: Value) {
    let shape = builder.shape(of: x)
    let setting = ConvolutionSetting.same(
      (shape.channels, output), kernel: kernel, extents: Array(shape.extents[1...3]))
    let w = weight(name, setting.filterShape)
    return (try builder.convolution(x, w, setting.window), w)
  }

  fileprivate mutating func normalised(
    _ x: Value
  ) throws -> (y: Value, mean: Value, variance: Value, affine: ScaleAndOffset) {
    let affine = ScaleAndOffset(&self, channels: builder.shape(of: x).channels)
    let norm = try builder.batchNormTraining(x, scale: affine.scale, offset: affine.offset, epsilon: 1e-3)
    return (norm.y, norm.mean, norm.variance, affine)
  }
}

/// A convolution and its bias: one primitive where nobody else reads the convolution's result.
let biasFusionCases: [GraphCase] =
  [(1, 16), (3, 5), (16, 32), (17, 17)].map { input, output in
    graphCase("fusion/convolution \(input) to \(output) and bias") { c in
      let x = c.input("x", Shape([2] + extents + [input]))
      let (y, w) = try c.convolved(x, "w", to: output)
      let b = c.weight("b", [output])
      try c.differentiate(try c.builder.biasAdd(y, b), x, w, b)
    }
  } + [
    graphCase("fusion/bias on a value used twice") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let (y, w) = try c.convolved(x, "w", to: 16)
      let b = c.weight("b", [16])
      try c.differentiate(try c.builder.multiply(try c.builder.biasAdd(y, b), y), x, w, b)
    },
    graphCase("fusion/bias that is computed") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let (y, w) = try c.convolved(x, "w", to: 16)
      let b = c.weight("b", [16])
      let doubled = try c.builder.add(b, b)
      try c.differentiate(try c.builder.biasAdd(y, doubled), x, w, b)
    },
    graphCase("fusion/two biased convolutions of one cotangent") { c in
      let x = c.input("x", Shape([1] + extents + [16]))
      let (first, w1) = try c.convolved(x, "w1", to: 16)
      let (second, w2) = try c.convolved(x, "w2", to: 16, kernel: 1)
      let b1 = c.weight("b1", [16])
      let b2 = c.weight("b2", [16])
      let y = try c.builder.add(try c.builder.biasAdd(first, b1), try c.builder.biasAdd(second, b2))
      try c.differentiate(y, x, w1, w2, b1, b2)
    },
    graphCase("fusion/channel sum that a filter gradient's operand feeds earlier") { c in
      let x = c.input("x", Shape([1] + extents + [16]))
      let dy = c.input("dy", Shape([1] + extents + [16]))
      let sum = try c.builder.reduceSum(dy, axes: [0, 1, 2, 3])
      let shifted = try c.builder.biasAdd(x, sum)
      let window = ConvolutionSetting.same((16, 16), kernel: 3, extents: extents).window
      let operation = Operation.convolutionFilterGradient(window, filterShape: [3, 3, 3, 16, 16])
      c.builder.output("sum", sum)
      c.builder.output("result", try c.builder.apply(operation, shifted, dy))
    },
  ]

/// Batch norm and ReLU: one primitive where the ReLU alone reads the batch norm's result.
let batchNormFusionCases: [GraphCase] =
  [3, 16, 17, 32].map { channels in
    graphCase("fusion/batch norm and relu, \(channels) channels") { c in
      let x = c.input("x", Shape([2] + extents + [channels]))
      let (y, _, _, affine) = try c.normalised(x)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      try c.differentiate(try c.builder.relu(y), x, affine.scale, affine.offset)
    }
  } + [
    graphCase("fusion/batch norm and relu of rank 2") { c in
      let x = c.input("x", [20, 5])
      let (y, _, _, affine) = try c.normalised(x)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      try c.differentiate(try c.builder.relu(y), x, affine.scale, affine.offset)
    },
    graphCase("fusion/relu whose input is used elsewhere") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let (y, _, _, affine) = try c.normalised(x)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      let z = try c.builder.add(try c.builder.relu(y), try c.builder.multiply(y, y))
      try c.differentiate(z, x, affine.scale, affine.offset)
    },
    graphCase("fusion/relu whose result is used twice") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let (y, _, _, affine) = try c.normalised(x)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      let z = try c.builder.relu(y)
      try c.differentiate(try c.builder.multiply(z, z), x, affine.scale, affine.offset)
    },
    graphCase("fusion/relu of the batch's variance") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let (y, _, variance, _) = try c.normalised(x)
      c.builder.output("result", y)
      c.builder.output("variance", try c.builder.relu(variance))
    },
    graphCase("fusion/relu gradient that is also a result") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let dy = c.input("dy", Shape([2] + extents + [16]))
      let (y, mean, variance, affine) = try c.normalised(x)
      let z = try c.builder.relu(y)
      let gradient = try c.builder.apply(.reluGradient, z, dy)
      let operands = [x, affine.scale, mean, variance, gradient]
      let results = try c.builder.apply(.batchNormGradient(epsilon: 1e-3), operands)
      c.builder.output("relu gradient", gradient)
      c.builder.output("result", z)
      for (name, result) in zip(["dx", "dscale", "doffset"], results) { c.builder.output(name, result) }
    },
    graphCase("fusion/convolution, bias, batch norm, relu, convolution") { c in
      let x = c.input("x", Shape([2] + extents + [3]))
      let (y, w1) = try c.convolved(x, "w1", to: 16)
      let b = c.weight("b", [16])
      let (z, _, _, affine) = try c.normalised(try c.builder.biasAdd(y, b))
      let (out, w2) = try c.convolved(try c.builder.relu(z), "w2", to: 32)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      c.tolerance = 1e-4
      try c.differentiate(out, x, w1, affine.scale, affine.offset, w2)
    },
  ]

/// Convolution, bias, batch norm, and then a ReLU and an addition in either order, or an addition alone.
let residualFusionCases: [GraphCase] =
  [(16, [4, 3, 4]), (17, [4, 3, 4]), (16, [17, 16, 16])].flatMap { channels, extents in
    ["relu, add", "add, relu", "add", "relu twice used, add"].map { tail in
      graphCase("fusion/batch norm, \(tail), \(channels) channels, \(extents)") { c in
        let x = c.input("x", Shape([2] + extents + [channels]))
        let (y, w) = try c.convolved(x, "w", to: channels, kernel: 1)
        let b = c.weight("b", [channels])
        let (z, _, _, affine) = try c.normalised(try c.builder.biasAdd(y, b))
        var result = z
        if tail.hasPrefix("relu") { result = try c.builder.relu(result) }
        if tail.contains("twice") { result = try c.builder.multiply(result, result) }
        result = try c.builder.add(result, x)
        if tail == "add, relu" { result = try c.builder.relu(result) }
        c.tolerance = 1e-4
        c.difference = FiniteDifference(step: 1e-4, tolerance: 0.1)
        try c.differentiate(result, x, w, affine.scale, affine.offset)
      }
    }
  }

/// A convolution, perhaps its bias, and then a ReLU, an addition, or both.
let convolutionTailCases: [GraphCase] = [16, 17].flatMap { channels in
  ["relu", "add", "relu, add", "bias, relu", "bias, add", "bias, relu, add", "bias, add, relu"].map { tail in
    graphCase("fusion/convolution, \(tail), \(channels) channels") { c in
      let x = c.input("x", Shape([2] + extents + [channels]))
      var (y, w) = try c.convolved(x, "w", to: channels)
      let b = c.weight("b", [channels])
      for part in tail.split(separator: ", ") {
        switch part {
        case "bias": y = try c.builder.biasAdd(y, b)
        case "relu": y = try c.builder.relu(y)
        default: y = try c.builder.add(y, x)
        }
      }
      c.difference = FiniteDifference(step: 1e-4, tolerance: 0.1)
      try c.differentiate(y, x, w)
      c.builder.output("bias", b)
    }
  }
}

/// The same in half precision: forward only where a ReLU follows what was rounded, because then it depends on
/// the backend whether it passes a gradient on.
let halfResidualFusionCases: [GraphCase] = [DType.bf16, .f16].flatMap { dtype in
  [16, 17].flatMap { channels in
    [halfNormResidualCase(dtype, channels), halfConvolutionResidualCase(dtype, channels)]
  }
}

private func halfNormResidualCase(_ dtype: DType, _ channels: Int) -> GraphCase {
  graphCase("fusion/batch norm, relu, add in \(dtype), \(channels) channels") { c in
    let x = c.input("x", Shape([2] + extents + [channels]), dtype: dtype)
    let w = c.weight("w", [1, 1, 1, channels, channels])
    let affine = ScaleAndOffset(&c, channels: channels)
    let window = ConvolutionSetting.same((channels, channels), kernel: 1, extents: extents).window
    let y = try c.builder.convolution(x, try c.builder.cast(w, to: dtype), window)
    let z = try c.builder.batchNormTraining(y, scale: affine.scale, offset: affine.offset, epsilon: 1e-3).y
    c.tolerance = dtype == .bf16 ? 1e-2 : 5e-3
    c.builder.output("result", try c.builder.cast(try c.builder.add(try c.builder.relu(z), x), to: .f32))
  }
}

/// Three roundings, or one where a backend computes all of it at once. Mixed precision sums bias gradients in
/// float32, so there is none here.
private func halfConvolutionResidualCase(_ dtype: DType, _ channels: Int) -> GraphCase {
  graphCase("fusion/convolution, bias, add in \(dtype), \(channels) channels") { c in
    let x = c.input("x", Shape([2] + extents + [channels]))
    let half = try c.builder.cast(x, to: dtype)
    let w = c.weight("w", [3, 3, 3, channels, channels])
    let b = c.weight("b", [channels])
    let window = ConvolutionSetting.same((channels, channels), kernel: 3, extents: extents).window
    let y = try c.builder.convolution(half, try c.builder.cast(w, to: dtype), window)
    let biased = try c.builder.biasAdd(y, try c.builder.cast(b, to: dtype))
    c.tolerance = dtype == .bf16 ? 2e-2 : 5e-3
    try c.differentiateRounded(try c.builder.add(biased, half), [x, w])
  }
}

/// Additions of what another layout or another extent holds.
let additionFusionCases: [GraphCase] =
  [3, 8, 16, 17, 32].map { channels in
    graphCase("fusion/one channel added to \(channels)") { c in
      let x = c.input("x", Shape([2] + extents + [1]))
      let (y, w) = try c.convolved(x, "w", to: channels)
      let wide = try c.builder.broadcast(x, to: c.builder.shape(of: y), axes: [0, 1, 2, 3, 4])
      let sum = channels == 8 ? try c.builder.add(wide, y) : try c.builder.add(y, wide)
      try c.differentiate(sum, x, w)
    }
  } + [
    graphCase("fusion/one channel added to a scalar") { c in
      let x = c.input("x", Shape([2] + extents + [1]))
      let s = c.input("s", [])
      let wide = try c.builder.broadcast(x, to: Shape([2] + extents + [5]), axes: [0, 1, 2, 3, 4])
      try c.differentiate(try c.builder.add(wide, s), x, s)
    },
    graphCase("fusion/one channel added to one channel") { c in
      let x = c.input("x", Shape([2] + extents + [1]))
      let y = c.input("y", Shape([2] + extents + [1]))
      let wide = try c.builder.broadcast(x, to: Shape([2] + extents + [16]), axes: [0, 1, 2, 3, 4])
      let other = try c.builder.broadcast(y, to: Shape([2] + extents + [16]), axes: [0, 1, 2, 3, 4])
      try c.differentiate(try c.builder.add(wide, other), x, y)
    },
    graphCase("fusion/residual") { c in
      let x = c.input("x", Shape([2] + extents + [16]))
      let (y, w) = try c.convolved(x, "w", to: 16)
      try c.differentiate(try c.builder.add(y, x), x, w)
    },
    graphCase("fusion/residual of 17 channels") { c in
      let x = c.input("x", Shape([2] + extents + [17]))
      let (y, w) = try c.convolved(x, "w", to: 17)
      try c.differentiate(try c.builder.subtract(x, y), x, w)
    },
    graphCase("fusion/quotient of 17 channels") { c in
      let x = c.input("x", Shape([2] + extents + [17]), .positive)
      let (y, w) = try c.convolved(x, "w", to: 17, kernel: 1)
      try c.differentiate(try c.builder.divide(y, x), x, w)
    },
    graphCase("fusion/sum of squares") { c in
      let x = c.input("x", Shape([2] + extents + [3]))
      let (y, w) = try c.convolved(x, "w", to: 17)
      let loss = try c.builder.reduceSum(try c.builder.multiply(y, y))
      try c.differentiate(loss: loss, [x, w])
    },
    graphCase("fusion/sum of squares of a scalar") { c in
      let x = c.input("x", [])
      try c.differentiate(loss: try c.builder.reduceSum(try c.builder.multiply(x, x)), [x])
    },
  ]

/// Soft Dice of a softmax, on more voxels than one pass takes at a time: what one pass computes together.
let lossFusionCases: [GraphCase] = [(3, [9, 8, 11]), (2, [3, 4, 3]), (8, [9, 8, 8]), (9, [3, 4, 3])].map {
  classes, extents in
  graphCase("fusion/soft Dice of \(classes) classes, \(extents)") { c in
    let logits = c.input("logits", Shape([2] + extents + [classes]))
    let labels = c.input("labels", Shape([2] + extents), .classes(classes), dtype: .i32)
    let p = try c.builder.softmax(logits)
    let t = try c.builder.oneHot(labels, depth: classes)
    let both = try c.builder.reduceSum(try c.builder.multiply(p, t), axes: [1, 2, 3])
    let sum = try c.builder.add(
      try c.builder.reduceSum(p, axes: [1, 2, 3]), try c.builder.reduceSum(t, axes: [1, 2, 3]))
    let dice = try c.builder.divide(both, sum)
    c.builder.output("dice", dice)
    c.builder.output("probabilities", p)
    c.difference = FiniteDifference(step: 1e-2, tolerance: 5e-2)
    try c.differentiate(loss: try c.builder.reduceSum(dice), [logits])
  }
}
