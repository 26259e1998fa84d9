import TensorGraph

/// Layers on half-precision activations, with weights and statistics in float32, as mixed precision has them, and their
/// gradients.
let halfLayerCases: [GraphCase] = [(DType.bf16, Float(4e-2)), (.f16, 5e-3)].flatMap { dtype, tolerance in
  [17, 16].flatMap { channels in
    let shape = Shape([2, 4, 3, 4, channels])
    func layer(
      _ name: String, _ content: Content = .symmetric,
      _ body: @escaping (inout CaseBuilder, Value) throws -> (Value, [Value])
    ) -> GraphCase {
      graphCase("half layer/\(dtype) \(name), \(channels) channels") { c in
        let x = c.input("x", shape, content)
        c.tolerance = tolerance
        let (y, parameters) = try body(&c, try c.builder.cast(x, to: dtype))
        try c.differentiateRounded(y, [x] + parameters)
      }
    }
    return [
      layer("max pool", .distinct) { c, x in (try c.builder.maxPool(x, .tiles(2)), []) },
      layer("relu", .awayFromZero) { c, x in (try c.builder.relu(x), []) },
      layer("bias") { c, x in
        let bias = c.weight("bias", [channels])
        return (try c.builder.biasAdd(x, try c.builder.cast(bias, to: dtype)), [bias])
      },
      layer("prelu", .awayFromZero) { c, x in
        let alpha = c.weight("alpha", [channels])
        return (try c.builder.prelu(x, alpha: try c.builder.cast(alpha, to: dtype)), [alpha])
      },
      layer("softmax") { c, x in (try c.builder.softmax(x), []) },
      layer("batch norm in training, relu") { c, x in
        let affine = ScaleAndOffset(&c, channels: channels)
        let norm = try c.builder.batchNormTraining(
          x, scale: affine.scale, offset: affine.offset, epsilon: 1e-3)
        return (try c.builder.relu(norm.y), [affine.scale, affine.offset])
      },
      layer("batch norm in inference") { c, x in
        let affine = ScaleAndOffset(&c, channels: channels)
        let (mean, variance) = (c.state("mean", [channels]), c.state("variance", [channels], .positive))
        let y = try c.builder.batchNormInference(
          x, scale: affine.scale, offset: affine.offset, mean: mean, variance: variance, epsilon: 1e-3)
        return (y, [affine.scale, affine.offset])
      },
    ]
  }
}
