import TensorGraph

/// One step of an optimiser in place: a single pass over the weight, its gradient and its slots.
struct OptimizerKernel {
  let rule: OptimizerRule
  let count: Int

  /// - Parameters:
  ///   - gradientScale: multiplies the gradient; 0 skips the step.
  ///   - slots: the rule's slots in their order.
  func run(
    _ weight: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, learningRate: Float,
    gradientScale: Float, _ slots: [UnsafeMutablePointer<Float>]
  ) {
    if gradientScale == 0 { return }
    Parallel.forRanges(count, grain: elementwiseGrain / 4) { range in
      switch rule {
      case .sgd(let momentum, let nesterov):
        descend(range, weight, gradient, learningRate, gradientScale, slots, Float(momentum), nesterov)
      case .rmsprop(let decay, let epsilon, let momentum):
        let constants = (Float(decay), Float(1 - decay), Float(epsilon), Float(momentum))
        propagate(range, weight, gradient, learningRate, gradientScale, slots, constants)
      case .adam(let beta1, let beta2, let epsilon):
        let constants = (Float(beta1), Float(1 - beta1), Float(beta2), Float(1 - beta2), Float(epsilon))
        adapt(range, weight, gradient, learningRate, gradientScale, slots, constants)
      }
    }
  }

  private func descend(
    _ range: Range<Int>, _ w: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ rate: Float,
    _ scale: Float, _ slots: [UnsafeMutablePointer<Float>], _ momentum: Float, _ nesterov: Bool
  ) {
    guard let velocity = slots.first else {
      for i in range { w[i] -= rate * (gradient[i] * scale) }
      return
    }
    for i in range {
      let g = gradient[i] * scale
      let v = momentum * velocity[i] + g
      velocity[i] = v
      w[i] -= rate * (nesterov ? g + momentum * v : v)
    }
  }

  private func propagate(
    _ range: Range<Int>, _ w: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ rate: Float,
    _ scale: Float, _ slots: [UnsafeMutablePointer<Float>],
    _ constants: (decay: Float, rest: Float, epsilon: Float, momentum: Float)
  ) {
    let (meanSquare, meanGradient) = (slots[0], slots[1])
    let (decay, rest, epsilon, momentum) = constants
    if slots.count == 2 {
      for i in range {
        let g = gradient[i] * scale
        let square = decay * meanSquare[i] + rest * (g * g)
        let mean = decay * meanGradient[i] + rest * g
        meanSquare[i] = square
        meanGradient[i] = mean
        w[i] -= rate * g / (square - mean * mean + epsilon).squareRoot()
      }
      return
    }
    let accumulated = slots[2]
    for i in range {
      let g = gradient[i] * scale
      let square = decay * meanSquare[i] + rest * (g * g)
      let mean = decay * meanGradient[i] + rest * g
      meanSquare[i] = square
      meanGradient[i] = mean
      let step = momentum * accumulated[i] + rate * g / (square - mean * mean + epsilon).squareRoot()
      accumulated[i] = step
      w[i] -= step
    }
  }

  private func adapt(
    _ range: Range<Int>, _ w: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ rate: Float,
    _ scale: Float, _ slots: [UnsafeMutablePointer<Float>],
    _ constants: (beta1: Float, rest1: Float, beta2: Float, rest2: Float, epsilon: Float)
  ) {
    let (first, second) = (slots[0], slots[1])
    let (beta1, rest1, beta2, rest2, epsilon) = constants
    for i in range {
      let g = gradient[i] * scale
      let m = beta1 * first[i] + rest1 * g
      let v = beta2 * second[i] + rest2 * (g * g)
      first[i] = m
      second[i] = v
      w[i] -= rate * m / (v.squareRoot() + epsilon)
    }
  }
}
