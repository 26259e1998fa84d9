import TensorGraph

/// Tensors large enough that kernels share them out among threads.
let largeCases: [GraphCase] = [
  graphCase("large/elementwise") { c in
    let x = c.input("x", [70_001], .awayFromZero)
    let y = c.input("y", [70_001], .awayFromZero)
    let s = c.input("s", [], .positive)
    let isLess = try c.builder.compare(x, .less, y)
    c.builder.output("compare", isLess)
    c.builder.output("select", try c.builder.select(isLess, x, y))
    c.builder.output("scalar first", try c.builder.divide(s, y))
    c.builder.output("scalar second", try c.builder.subtract(x, s))
    c.builder.output("exp", try c.builder.unary(.exp, x))
    c.builder.output("i32", try c.builder.cast(try c.builder.multiply(x, c.builder.constant(100)), to: .i32))
    c.builder.output("bf16", try c.builder.cast(x, to: .bf16))
    c.builder.output("constant", c.builder.constant(3, TensorType(.f32, [70_001])))
  },
  graphCase("large/shapes") { c in
    let x = c.input("x", [41, 33, 50])
    c.builder.output("transpose", try c.builder.transpose(x, [2, 0, 1]))
    c.builder.output("rows", try c.builder.transpose(x, [1, 0, 2]))
    c.builder.output("slice", try c.builder.slice(x, start: [1, 2, 3], limit: [40, 31, 49]))
    c.builder.output("pad", try c.builder.pad(x, before: [1, 0, 2], after: [0, 3, 1]))
    c.builder.output("broadcast", try c.builder.broadcast(x, to: [41, 3, 33, 50], axes: [0, 2, 3]))
    c.builder.output("concatenate", try c.builder.concatenate([x, x], axis: 1))
  },
  // Rows that are shared out in pieces.
  graphCase("large/rows") { c in
    let x = c.input("x", [3, 40_001])
    c.builder.output("slice", try c.builder.slice(x, start: [1, 2], limit: [3, 40_000]))
    c.builder.output("concatenate", try c.builder.concatenate([x, x], axis: 1))
    c.builder.output("transpose", try c.builder.transpose(x, [1, 0]))
  },
  // 130 560 terms that cancel.
  graphCase("large/reductions") { c in
    let x = c.input("x", [2, 17, 16, 15, 16], .distinct)
    c.tolerance = 1e-4
    c.builder.output("sum", try c.builder.reduceSum(x))
  },
  graphCase("large/reductions of some axes") { c in
    let x = c.input("x", [2, 17, 16, 15, 16], .distinct)
    for axes in [[0, 1, 2, 3], [1, 2, 3], [4], [0, 4]] {
      c.builder.output("sum \(axes)", try c.builder.reduceSum(x, axes: axes))
    }
    for axis in 0..<5 { c.builder.output("argmax \(axis)", try c.builder.argmax(x, axis: axis)) }
    c.tolerance = 1e-4
  },
  graphCase("large/classes") { c in
    let x = c.input("x", [10_007, 4])
    let dy = c.input("dy", [10_007, 4])
    let labels = c.input("labels", [10_007], .classes(4), dtype: .i32)
    let y = try c.builder.softmax(x)
    c.builder.output("softmax", y)
    c.builder.output("softmax gradient", try c.builder.apply(.softmaxGradient, y, dy))
    c.builder.output("one hot", try c.builder.oneHot(labels, depth: 4))
  },
  graphCase("large/features") { c in
    let x = c.input("x", [2, 18, 15, 16, 1])
    let (y, w) = try c.convolved(x, "w", to: 16)
    let b = c.weight("b", [16])
    let wide = try c.builder.broadcast(x, to: [2, 18, 15, 16, 16], axes: [0, 1, 2, 3, 4])
    let sum = try c.builder.add(try c.builder.biasAdd(y, b), wide)
    let residual = try c.builder.multiply(sum, sum)
    c.builder.output("result", residual)
    c.tolerance = 1e-4
    c.builder.output("sums", try c.builder.reduceSum(residual, axes: [0, 1, 2, 3]))
    let loss = try c.builder.reduceSum(residual)
    try c.differentiate(loss: loss, [x, w, b])
  },
]
