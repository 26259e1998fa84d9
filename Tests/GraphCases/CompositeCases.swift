import Networks
import TensorGraph

// Layers that are compositions of operations, alone and between convolutions, whose layout they should keep.

private let shapes: [Shape] = [
  [2, 3, 4, 5, 1], [2, 3, 4, 5, 3], [2, 3, 4, 3, 16], [1, 3, 4, 3, 17], [3, 2, 3, 2, 64],
]

let instanceNormCases: [GraphCase] =
  shapes.map { shape in
    graphCase("instance norm/\(shape)") { c in
      let x = c.input("x", shape)
      let affine = ScaleAndOffset(&c, channels: shape.channels)
      c.tolerance = 1e-4
      let y = try c.builder.instanceNorm(x, scale: affine.scale, offset: affine.offset)
      try c.differentiate(y, x, affine.scale, affine.offset)
    }
  }
  + [3, 16, 32].map { channels in
    graphCase("instance norm/leaky relu, between convolutions of \(channels) channels") { c in
      let x = c.input("x", [2, 3, 4, 3, 3])
      let (y, first) = try c.convolved(x, "first", to: channels)
      let affine = ScaleAndOffset(&c, channels: channels)
      let norm = try c.builder.instanceNorm(y, scale: affine.scale, offset: affine.offset)
      let (z, second) = try c.convolved(try c.builder.leakyReLU(norm), "second", to: channels)
      c.tolerance = 2e-4
      // Kinks of the leaky ReLU are crossed.
      c.difference = FiniteDifference(step: 1e-3, tolerance: 3e-2)
      try c.differentiate(z, x, first, second, affine.scale, affine.offset)
    }
  }

let leakyReLUCases: [GraphCase] = shapes.map { shape in
  graphCase("leaky relu/\(shape)") { c in
    let x = c.input("x", shape, .awayFromZero)
    try c.differentiate(try c.builder.leakyReLU(x), x)
  }
}
