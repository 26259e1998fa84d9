import TensorGraph

/// Persistent parameters: what a run reads, gives back and leaves behind.
let updateCases: [GraphCase] = [
  graphCase("update/counter whose old content is given back") { c in
    let counter = c.state("counter", [], .filled(3))
    c.builder.output("old", counter)
    c.builder.update(counter, with: try c.builder.add(counter, c.builder.constant(1)))
  },
  graphCase("update/old content given back under another shape") { c in
    let s = c.state("s", [2, 3])
    c.builder.output("old", try c.builder.reshape(s, to: [6]))
    c.builder.update(s, with: try c.builder.unary(.exp, s))
  },
  graphCase("update/two parameters exchanged") { c in
    let a = c.state("a", [5])
    let b = c.state("b", [5])
    c.builder.update(a, with: b)
    c.builder.update(b, with: a)
  },
  graphCase("update/three parameters rotated under another shape") { c in
    let a = c.state("a", [2, 3])
    let b = c.state("b", [2, 3])
    let d = c.state("d", [2, 3])
    c.builder.update(a, with: try c.builder.reshape(try c.builder.reshape(b, to: [6]), to: [2, 3]))
    c.builder.update(b, with: d)
    c.builder.update(d, with: a)
  },
  graphCase("update/by itself") { c in
    let a = c.state("a", [5])
    c.builder.update(a, with: a)
  },
  graphCase("update/by an input") { c in
    let a = c.state("a", [5])
    let x = c.input("x", [5])
    c.builder.update(a, with: x)
    c.builder.output("x", x)
  },
  graphCase("update/a convolution's weight by another's") { c in
    let x = c.input("x", [1, 3, 4, 3, 16])
    let (y, w1) = try c.convolved(x, "w1", to: 32)
    let w2 = c.weight("w2", [3, 3, 3, 16, 32])
    c.builder.output("result", y)
    c.builder.update(w1, with: w2)
    c.builder.update(w2, with: w1)
  },
  graphCase("update/a convolution's weight that is also given back") { c in
    let x = c.input("x", [1, 3, 4, 3, 16])
    let (y, w) = try c.convolved(x, "w", to: 32)
    c.builder.output("result", y)
    c.builder.output("w", w)
    c.builder.update(w, with: try c.builder.multiply(w, c.builder.constant(0.5)))
  },
  graphCase("update/a parameter that nothing reads") { c in
    _ = c.state("unused", [3])
    _ = c.input("x", [3])
    let label = c.input("y", [3])
    c.builder.output("y", label)
  },
  graphCase("update/state of other dtypes") { c in
    for dtype in [DType.bf16, .f16, .i32] {
      let s = c.state("s \(dtype)", [2, 3], .classes(9), dtype: dtype)
      let x = c.input("x \(dtype)", [2, 3], .classes(9), dtype: dtype)
      c.builder.output("sum \(dtype)", try c.builder.add(s, x))
      c.builder.update(s, with: try c.builder.multiply(s, x))
    }
    let flag = c.state("flag", [3], .classes(2), dtype: .bool)
    let x = c.input("x", [3])
    c.builder.update(flag, with: try c.builder.compare(x, .less, c.builder.constant(0)))
    c.builder.output("flag", flag)
  },
  graphCase("update/one value, two outputs") { c in
    let x = c.input("x", [3])
    let y = try c.builder.add(x, x)
    c.builder.output("first", y)
    c.builder.output("second", y)
    c.builder.output("x", x)
  },
]
