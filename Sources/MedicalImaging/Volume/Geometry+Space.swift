/// The directions in which a file's world axes point. `Geometry` has RAS.
enum PatientSpace: String {
  /// Right, Anterior, Superior.
  case ras = "RAS"
  /// Left, Anterior, Superior.
  case las = "LAS"
  /// Left, Posterior, Superior.
  case lps = "LPS"

  /// What turns coordinates of this space into RAS, and back.
  fileprivate var signs: [Double] {
    switch self {
    case .ras: [1, 1, 1]
    case .las: [-1, 1, 1]
    case .lps: [-1, -1, 1]
    }
  }
}

extension Geometry {
  /// The geometry of a grid whose first voxel lies at `origin` and whose neighbours along i, j and k are one of `steps`
  /// apart, in mm.
  ///
  /// A slice, with two steps, gets a third of 1 mm at right angles to both.
  /// - Returns: nil when the numbers are not finite or the steps lie in one plane.
  init?(origin: [Double], steps: [[Double]], in space: PatientSpace) {
    let steps = steps.count == 2 ? steps + [Self.normal(steps[0], steps[1])] : steps
    precondition(origin.count == 3 && steps.count == 3 && steps.allSatisfy { $0.count == 3 })
    let affine = (0..<3).map { row in (steps.map { $0[row] } + [origin[row]]).map { $0 * space.signs[row] } }
    guard Self.isUsable(affine) else { return nil }
    self.init(spacing: steps.map { Self.length($0) }, affine: affine)
  }

  /// What `init(origin:steps:in:)` takes.
  func frame(in space: PatientSpace) -> (origin: [Double], steps: [[Double]]) {
    // Adding zero makes +0 of -0.
    let rows = affine.enumerated().map { row, values in values.map { $0 * space.signs[row] + 0 } }
    return (rows.map { $0[3] }, (0..<3).map { column in rows.map { $0[column] } })
  }

  /// Whether the three rows of four are finite and their 3x3 part has a usable inverse.
  static func isUsable(_ affine: [[Double]]) -> Bool {
    guard affine.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return false }
    let m = affine
    let determinant =
      m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
      - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
      + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    let volume = (0..<3).reduce(1.0) { product, column in product * length(m.map { $0[column] }) }
    return volume.isFinite && volume > 0 && abs(determinant) > 1e-6 * volume
  }

  private static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func normal(_ a: [Double], _ b: [Double]) -> [Double] {
    let product = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    return product.map { $0 / length(product) }
  }
}
