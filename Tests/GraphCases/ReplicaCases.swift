import TensorGraph

/// All-reduces where there is one replica.
let allReduceCases: [GraphCase] =
  [DType.f32, .bf16, .f16].map { dtype in
    graphCase("all-reduce/\(dtype) tensors of three shapes") { c in
      let operands = [
        c.input("x", [3, 5], dtype: dtype), c.input("y", [], dtype: dtype), c.input("z", [64], dtype: dtype),
      ]
      for (index, mean) in try c.builder.apply(.allReduceMean, operands).enumerated() {
        c.builder.output("mean \(index)", mean)
      }
      c.tolerance = 0
    }
  } + [
    graphCase("all-reduce/gradients of a convolution and its bias") { c in
      let (y, w) = try c.convolved(c.input("x", [2, 3, 2, 3, 16]), "w", to: 32)
      let b = c.weight("b", [32])
      let biased = try c.builder.biasAdd(y, b)
      let loss = try c.builder.reduceSum(try c.builder.multiply(biased, biased))
      let gradients = try c.builder.gradients(of: loss, withRespectTo: [w, b])
      for (name, mean) in zip(["w", "b"], try c.builder.averagedOverReplicas(gradients, DataParallel())) {
        c.builder.output(name, mean)
      }
      c.tolerance = 1e-4
    }
  ]
