import SeededRandom

/// Bends a patch by a smooth field of displacements: a cubic B-spline over a coarse mesh whose coefficients are normal.
///
/// Source: Milletari et al. 2016, section 4: a 2x2x2 grid of control points, standard deviation 15 voxels. We read
/// the grid as the cells of SimpleITK's B-spline mesh, which has 5^3 coefficients.
public struct RandomElasticDeformation: Codable, Equatable, Sendable {
  public let probability: Double
  /// Along each axis.
  public let meshCells: Int
  /// Of each coefficient's components, in voxels.
  public let standardDeviation: Double

  public init(probability: Double = 0.35, meshCells: Int = 2, standardDeviation: Double = 15) {
    precondition((0...1).contains(probability) && meshCells >= 1 && standardDeviation >= 0)
    self.probability = probability
    self.meshCells = meshCells
    self.standardDeviation = standardDeviation
  }

  /// Draws a field over a patch; nil as often as the probability leaves.
  public func drawnField(
    extents: [Int], using generator: inout some RandomNumberGenerator
  ) -> DisplacementField? {
    guard generator.happens(probability) else { return nil }
    var normal = SplitMix64(seed: generator.next())
    let count = meshCells + DisplacementField.splineOrder
    let coefficients = (0..<count * count * count).map { _ in
      SIMD3(Float(normal.nextNormal()), Float(normal.nextNormal()), Float(normal.nextNormal()))
        * Float(standardDeviation)
    }
    return DisplacementField(extents: extents, meshCells: meshCells, coefficients: coefficients)
  }
}

/// Displacements of a patch's voxels along D, H, W, in voxels: a cubic B-spline.
public struct DisplacementField: Sendable {
  static let splineOrder = 3

  /// Coefficients along each axis.
  private let count: Int
  /// The coefficients, D slowest.
  private let coefficients: [SIMD3<Float>]
  /// For each axis and each of its voxels the weights of the axis's coefficients.
  private let weights: [[[Float]]]

  /// - Parameters:
  ///   - extents: of the patch, in voxels.
  ///   - meshCells: between control points along each axis.
  ///   - coefficients: (meshCells + 3)^3, D slowest.
  public init(extents: [Int], meshCells: Int, coefficients: [SIMD3<Float>]) {
    count = meshCells + Self.splineOrder
    precondition(extents.count == 3 && coefficients.count == count * count * count)
    self.coefficients = coefficients
    weights = extents.map { extent in
      (0..<extent).map { Self.weights(of: $0, extent, meshCells) }
    }
  }

  /// The weights of an axis's coefficients at one voxel: four of them are not zero, and their sum is 1.
  private static func weights(of voxel: Int, _ extent: Int, _ meshCells: Int) -> [Float] {
    let position = Float(voxel) / Float(max(1, extent - 1)) * Float(meshCells)
    let cell = min(Int(position), meshCells - 1)
    let t = position - Float(cell)
    let s = 1 - t
    var weights = [Float](repeating: 0, count: meshCells + splineOrder)
    weights[cell] = s * s * s / 6
    weights[cell + 1] = (3 * t * t * t - 6 * t * t + 4) / 6
    weights[cell + 2] = (3 * s * s * s - 6 * s * s + 4) / 6
    weights[cell + 3] = t * t * t / 6
    return weights
  }

  /// The displacements along the row of voxels (d, h).
  func row(_ d: Int, _ h: Int) -> [SIMD3<Float>] {
    var line = [SIMD3<Float>](repeating: .zero, count: count)
    for i in 0..<count where weights[0][d][i] != 0 {
      for j in 0..<count where weights[1][h][j] != 0 {
        let weight = weights[0][d][i] * weights[1][h][j]
        let start = (i * count + j) * count
        for k in 0..<count { line[k] += weight * coefficients[start + k] }
      }
    }
    return weights[2].map { weights in
      var sum = SIMD3<Float>.zero
      for k in 0..<count { sum += weights[k] * line[k] }
      return sum
    }
  }
}
