import TensorGraph

private let windows: [(name: String, extents: [Int], PoolingWindow)] = [
  ("tiles of 2", [4, 6, 4], .tiles(2)),
  ("tiles of 2, odd extents", [5, 3, 7], .tiles(2)),
  (
    "overlapping", [5, 5, 6],
    PoolingWindow(kernel: [3, 3, 3], axes: Array(repeating: WindowAxis(stride: 2), count: 3))
  ),
  (
    "padded", [4, 5, 4],
    PoolingWindow(
      kernel: [3, 3, 3], axes: Array(repeating: WindowAxis(stride: 2, before: 1, after: 1), count: 3))
  ),
  (
    "every axis different", [3, 4, 7],
    PoolingWindow(
      kernel: [1, 2, 3],
      axes: [WindowAxis(), WindowAxis(stride: 2, before: 0, after: 1), WindowAxis(stride: 3, before: 2)])
  ),
]

let poolingCases: [GraphCase] =
  windows.flatMap { name, extents, window in
    [1, 3, 16, 17, 32].map { channels in
      graphCase("max pool/\(name), \(channels) channels") { c in
        let x = c.input("x", Shape([2] + extents + [channels]), .distinct)
        c.difference = FiniteDifference(step: 1e-5, tolerance: 2e-2)
        try c.differentiate(try c.builder.maxPool(x, window), x)
      }
    }
  } + [
    graphCase("max pool/after a convolution, read twice") { c in
      let x = c.input("x", [1, 4, 4, 4, 3])
      let w = c.weight("w", [3, 3, 3, 3, 16])
      let window = ConvolutionSetting.same((3, 16), kernel: 3, extents: [4, 4, 4]).window
      let features = try c.builder.convolution(x, w, window)
      let pooled = try c.builder.maxPool(features, .tiles(2))
      let again = try c.builder.maxPool(features, .tiles(2))
      c.difference = FiniteDifference(step: 1e-4, tolerance: 2e-2)
      try c.differentiate(try c.builder.multiply(pooled, again), x, w)
    },
    graphCase("max pool/gradient of ties, to the first") { c in
      let x = c.input("x", [1, 4, 4, 4, 16], .classes(2))
      let dy = c.input("dy", [1, 2, 2, 2, 16])
      c.builder.output("result", try c.builder.apply(.maxPoolGradient(.tiles(2)), x, dy))
    },
    graphCase("max pool/gradient alone") { c in
      let x = c.input("x", [1, 4, 4, 4, 16], .distinct)
      let dy = c.input("dy", [1, 2, 2, 2, 16])
      c.builder.output("result", try c.builder.apply(.maxPoolGradient(.tiles(2)), x, dy))
    },
  ]
