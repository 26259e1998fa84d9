import Foundation

/// How a scan is covered by overlapping windows, whose probabilities are averaged with Gaussian weights.
///
/// Source: Isensee et al. 2021, nnU-Net: windows overlap by half, and the weight is a Gaussian of an eighth of the
/// window's extent around its middle.
package struct WindowGrid {
  /// Voxels of a window along D, H, W.
  package let window: [Int]
  /// The first voxels of the windows.
  package let origins: [[Int]]
  /// For each axis the weights of a window's voxels, 1 where one window spans it; a voxel's weight is the product.
  package let weights: [[Float]]

  /// - Precondition: no extent of the window exceeds the scan's.
  package init(extents: [Int], window: [Int]) {
    precondition(zip(extents, window).allSatisfy { $0 >= $1 }, "a window of \(window) for \(extents)")
    self.window = window
    let starts = zip(extents, window).map(Self.starts)
    origins = starts[0].flatMap { d in starts[1].flatMap { h in starts[2].map { [d, h, $0] } } }
    weights = zip(window, starts).map { $1.count == 1 ? Array(repeating: 1, count: $0) : Self.weights($0) }
  }

  /// Evenly spaced starts, at most half a window apart, the last at the scan's end.
  private static func starts(_ extent: Int, _ window: Int) -> [Int] {
    let room = extent - window
    let steps = (2 * room + window - 1) / window
    return (0...steps).map { steps == 0 ? 0 : ($0 * room + steps / 2) / steps }
  }

  private static func weights(_ extent: Int) -> [Float] {
    let (middle, deviation) = (Double(extent - 1) / 2, max(1, Double(extent)) / 8)
    return (0..<extent).map { voxel in
      let z = (Double(voxel) - middle) / deviation
      return Float(exp(-z * z / 2))
    }
  }
}
