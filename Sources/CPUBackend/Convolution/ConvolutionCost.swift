import CPUKernels

/// What an algorithm of a convolution takes by constants that were fitted once for each instruction set.
///
/// For choices that must not depend on a measurement. The time is that of the busiest thread's products, of the
/// elements that it reads, transforms and writes, and of the weights that it streams through the cache. On the layers
/// of the presets the model is within some 20 % of what was measured.
///
/// The constants are those of an EPYC of the third generation, by least squares of the relative error over what
/// `ConvolutionTimes` measured there. With AVX-512 products are taken to be twice as fast.
struct ConvolutionCost {
  /// Picoseconds of a product, of an element and of a weight, with AVX2.
  private struct Constants {
    let product, element, weight: Double
  }

  private let instructionSet: KernelInstructionSet

  init(_ instructionSet: KernelInstructionSet) { self.instructionSet = instructionSet }

  /// The time of an algorithm for a problem.
  ///
  /// - Parameter units: of its work on the busiest thread; see `ConvolutionProblem.units`.
  func seconds(of algorithm: ConvolutionAlgorithm, _ problem: ConvolutionProblem, units: Int) -> Double {
    let work = Work(algorithm, problem, units: Double(units))
    let constants = Self.constants(of: algorithm, isGradient: problem.direction == .filterGradient)
    let speed: Double = instructionSet.rawValue >= KernelAVX512.rawValue ? 2 : 1
    return 1e-12
      * (work.products * constants.product / speed + work.elements * constants.element
        + work.weights * constants.weight)
  }

  private static func constants(of algorithm: ConvolutionAlgorithm, isGradient: Bool) -> Constants {
    switch algorithm {
    case .direct:
      isGradient
        ? Constants(product: 35, element: 0, weight: 2000) : Constants(product: 33, element: 0, weight: 880)
    case .narrow:
      isGradient
        ? Constants(product: 74, element: 470, weight: 0) : Constants(product: 41, element: 0, weight: 0)
    case .patch:
      isGradient
        ? Constants(product: 30, element: 530, weight: 2500)
        : Constants(product: 22, element: 520, weight: 580)
    case .winograd(2, 2, 2):
      isGradient
        ? Constants(product: 27, element: 220, weight: 235) : Constants(product: 27, element: 520, weight: 75)
    case .winograd(2, _, _):
      isGradient
        ? Constants(product: 18, element: 290, weight: 290)
        : Constants(product: 28, element: 670, weight: 145)
    case .winograd:
      isGradient
        ? Constants(product: 13, element: 230, weight: 316)
        : Constants(product: 34, element: 490, weight: 147)
    }
  }
}

/// What the busiest thread does for a convolution, in numbers that times are in proportion to.
private struct Work {
  var products = 0.0
  var elements = 0.0
  var weights = 0.0

  init(_ algorithm: ConvolutionAlgorithm, _ problem: ConvolutionProblem, units: Double) {
    func blocked(_ channels: Int) -> Double { Double(shares(of: channels, 16) * 16) }
    let (inputs, outputs) = (blocked(problem.filter[3]), blocked(problem.filter[4]))
    let taps = Double(problem.filter[0] * problem.filter[1] * problem.filter[2])
    switch algorithm {
    case .direct:
      products = units * inputs * outputs / Double(problem.filter[3] * problem.filter[4])
      weights = taps * inputs * outputs
    case .narrow:
      let (narrow, wide) =
        problem.filter[3] < problem.filter[4] ? (problem.filter[3], outputs) : (problem.filter[4], inputs)
      products = units * taps * Double(narrow) * wide
      elements = units * wide
    case .patch:
      products = units * taps * inputs * outputs
      elements = units * (taps * inputs + outputs)
      weights = taps * inputs * outputs
    case .winograd(let depth, let height, let width):
      let tile = [depth, height, width]
      let points = tile.map { Double($0 + problem.filter[0] - 1) }
      let pointCount = points.reduce(1, *)
      if problem.direction == .filterGradient {
        // A unit is a tile for one point along depth.
        products = units * points[1] * points[2] * inputs * outputs
        elements =
          units
          * (points[1] * points[2] * points[0] * inputs + points[1] * points[2] * Double(depth) * outputs)
        weights = pointCount * inputs * outputs
      } else {
        products = units * pointCount * inputs * outputs
        elements = units * pointCount * (inputs + outputs)
        weights = pointCount * inputs * outputs * (units / Self.tilesPerPass).rounded(.up)
      }
    }
  }

  /// Tiles for which a thread reads the transformed weights once, at most.
  private static let tilesPerPass = 32.0
}
