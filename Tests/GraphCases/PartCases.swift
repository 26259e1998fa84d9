import TensorGraph

let concatenateCases: [GraphCase] =
  [(16, 16), (8, 8), (3, 5), (16, 8), (17, 15), (32, 16), (1, 1)].map { first, second in
    graphCase("concatenate/channels \(first) and \(second) of convolutions") { c in
      let x = c.input("x", [2, 3, 2, 3, 3])
      let (a, w1) = try c.convolved(x, "w1", to: first)
      let (b, w2) = try c.convolved(x, "w2", to: second)
      let (y, w3) = try c.convolved(try c.builder.concatenate([a, b], axis: 4), "w3", to: 16)
      c.tolerance = 1e-4
      try c.differentiate(y, x, w1, w2, w3)
    }
  }
  + (0..<5).map { axis in
    graphCase("concatenate/axis \(axis) of blocked values") { c in
      let x = c.input("x", [2, 3, 2, 3, 3])
      let (a, w1) = try c.convolved(x, "w1", to: 16)
      let (b, w2) = try c.convolved(x, "w2", to: 16, kernel: 1)
      try c.differentiate(try c.builder.concatenate([a, b, a], axis: axis), x, w1, w2)
    }
  }
  + (0..<3).map { axis in
    graphCase("concatenate/axis \(axis) of three") { c in
      var parts: [Value] = []
      for extent in 1...3 {
        var shape: Shape = [2, 3, 4]
        shape[axis] = extent
        parts.append(c.input("x\(extent)", shape))
      }
      try c.differentiate(try c.builder.concatenate(parts, axis: axis), parts[0], parts[1], parts[2])
    }
  } + [
    graphCase("concatenate/one operand") { c in
      let x = c.input("x", [3, 2])
      try c.differentiate(try c.builder.concatenate([x], axis: 1), x)
    },
    graphCase("concatenate/a blocked and a row-major value") { c in
      let x = c.input("x", [2, 3, 2, 3, 16])
      let (y, w) = try c.convolved(x, "w", to: 16)
      try c.differentiate(try c.builder.concatenate([x, y], axis: 4), x, w)
    },
  ]

let sliceCases: [GraphCase] =
  [(0, 16), (16, 32), (8, 24), (3, 5), (0, 32), (31, 32)].map { first, last in
    graphCase("slice/channels \(first) ..< \(last) of a convolution") { c in
      let x = c.input("x", [2, 3, 2, 3, 3])
      let (y, w) = try c.convolved(x, "w", to: 32)
      let part = try c.builder.slice(y, start: [0, 0, 0, 0, first], limit: [2, 3, 2, 3, last])
      try c.differentiate(part, x, w)
    }
  }
  + (0..<5).map { axis in
    graphCase("slice/axis \(axis) of blocked values") { c in
      let x = c.input("x", [3, 3, 4, 3, 3])
      let (y, w) = try c.convolved(x, "w", to: 16)
      var (start, limit) = ([0, 0, 0, 0, 0], [3, 3, 4, 3, 16])
      start[axis] = 1
      limit[axis] -= 1
      try c.differentiate(try c.builder.slice(y, start: start, limit: limit), x, w)
    }
  }
  + (0..<3).map { axis in
    graphCase("slice/axis \(axis)") { c in
      let x = c.input("x", [4, 5, 6])
      var (start, limit) = ([0, 0, 0], [4, 5, 6])
      start[axis] = 1
      limit[axis] = 3
      try c.differentiate(try c.builder.slice(x, start: start, limit: limit), x)
    }
  } + [
    graphCase("slice/17 channels, then a convolution") { c in
      let x = c.input("x", [2, 3, 4, 3, 3])
      let (y, w1) = try c.convolved(x, "w1", to: 17)
      let part = try c.builder.slice(y, start: [1, 0, 1, 0, 0], limit: [2, 3, 3, 3, 16])
      let (z, w2) = try c.convolved(part, "w2", to: 16)
      c.tolerance = 1e-4
      try c.differentiate(z, x, w1, w2)
    },
    graphCase("slice/blocks, then a convolution") { c in
      let x = c.input("x", [2, 3, 4, 3, 3])
      let (y, w1) = try c.convolved(x, "w1", to: 32)
      let part = try c.builder.slice(y, start: [0, 1, 0, 1, 16], limit: [2, 3, 3, 3, 32])
      let (z, w2) = try c.convolved(part, "w2", to: 16)
      c.tolerance = 1e-4
      try c.differentiate(z, x, w1, w2)
    },
  ]

let padCases: [GraphCase] =
  [16, 17].flatMap { channels in
    (0..<5).map { axis in
      graphCase("pad/axis \(axis) of a convolution's \(channels) channels") { c in
        let x = c.input("x", [2, 3, 2, 3, 3])
        let (y, w) = try c.convolved(x, "w", to: channels)
        var (before, after) = ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
        before[axis] = 1
        after[axis] = 2
        try c.differentiate(try c.builder.pad(y, before: before, after: after), x, w)
      }
    }
  } + [
    graphCase("pad/every axis") { c in
      let x = c.input("x", [2, 3, 4])
      try c.differentiate(try c.builder.pad(x, before: [1, 0, 2], after: [0, 3, 1]), x)
    },
    graphCase("pad/nothing") { c in
      let x = c.input("x", [2, 3])
      try c.differentiate(try c.builder.pad(x, before: [0, 0], after: [0, 0]), x)
    },
    graphCase("pad/channels to a whole block, then a convolution") { c in
      let x = c.input("x", [2, 3, 2, 3, 3])
      let padded = try c.builder.pad(x, before: [0, 0, 0, 0, 6], after: [0, 0, 0, 0, 7])
      let (y, w) = try c.convolved(padded, "w", to: 16)
      try c.differentiate(y, x, w)
    },
  ]
