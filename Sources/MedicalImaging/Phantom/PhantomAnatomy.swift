import SeededRandom

/// The shape of one synthetic structure: a bent tube, thick at its anterior end, like a hippocampus.
///
/// The centreline runs along j from tail to head; i and k bend with it by low polynomials. Only arithmetic
/// and square roots are used, which give the same bits on every machine.
struct PhantomAnatomy: Sendable {
  let size: GridSize
  let spacing: [Double]
  /// Points of the centreline in mm from the first voxel, from the anterior end (0) to the posterior (1).
  private let centreline: [SIMD3<Double>]
  /// The tube's radius at each point, in mm.
  private let radii: [Double]
  /// The tube's flattening across i, i.e. how much wider it is along i than along k.
  private let flattening: Double

  private static let pointCount = 33

  init(size: GridSize, spacing: [Double], using random: inout SplitMix64) {
    self.size = size
    self.spacing = spacing
    let extent = SIMD3(
      Double(size.i - 1) * spacing[0], Double(size.j - 1) * spacing[1], Double(size.k - 1) * spacing[2])
    func vary(_ centre: Double, _ range: Double) -> Double { centre + range * (2 * random.nextUnit() - 1) }
    let smallest = min(extent.x, extent.z)
    let headRadius = smallest * vary(0.21, 0.025)
    let tailRadius = headRadius * vary(0.78, 0.06)
    let head = vary(0.76, 0.04)
    let tail = vary(0.20, 0.04)
    let (bendI, bendK) = (smallest * vary(0.22, 0.08), smallest * vary(0.16, 0.06))
    let slope = extent.x * vary(0, 0.08)
    let centre = SIMD3(extent.x * vary(0.5, 0.04), 0, extent.z * vary(0.5, 0.04))
    flattening = vary(1.15, 0.1)

    let positions = (0..<Self.pointCount).map { Double($0) / Double(Self.pointCount - 1) }
    centreline = positions.map { t in
      let arch = 4 * t * (1 - t) - 0.5
      return SIMD3(
        centre.x + bendI * arch + slope * (t - 0.5), extent.y * (head + (tail - head) * t),
        centre.z + bendK * arch * (1 - 0.5 * t))
    }
    // The head swells and then narrows to the body, which tapers.
    radii = positions.map { t in
      let swelling = max(0, 1 - t / 0.45)
      return tailRadius + (headRadius - tailRadius)
        * (swelling * swelling * (3 - 2 * swelling) * 0.7 + (1 - t) * 0.3)
    }
  }

  /// Where a voxel lies with regard to the tube.
  ///
  /// - Returns: The distance to the surface in mm, negative inside, and the position along the tube, from 0
  ///   at the anterior end to 1.
  func position(_ i: Int, _ j: Int, _ k: Int) -> (distance: Double, along: Double) {
    let voxel = SIMD3(Double(i) * spacing[0], Double(j) * spacing[1], Double(k) * spacing[2])
    var nearest = (distance: Double.infinity, along: 0.0)
    for index in centreline.indices {
      let offset = voxel - centreline[index]
      let x = offset.x / flattening
      let length = (x * x + offset.y * offset.y + offset.z * offset.z).squareRoot()
      let distance = length - radii[index]
      if distance < nearest.distance {
        nearest = (distance, Double(index) / Double(centreline.count - 1))
      }
    }
    return nearest
  }
}
