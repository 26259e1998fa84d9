import Foundation
import MedicalImaging

/// The slices of one case for a viewer in the report: the scan in shades of grey and two masks, cut to the box around
/// both masks with a margin, and coarser where that is large.
public struct SliceViewer: Equatable, Sendable {
  /// Voxels that are kept around the masks, and along an axis at most.
  private static let (margin, extentLimit) = (12, 160)

  public let caption: String
  /// Voxels along i, j, k.
  let extents: [Int]
  /// Distance of neighbouring voxels along i and j, in mm.
  let spacing: [Double]
  /// i fastest: shades from 0 to 255, class indices, class indices.
  let scan: [UInt8]
  let truth: [UInt8]
  let prediction: [UInt8]
  /// The slice along k that is shown first.
  let firstSlice: Int

  /// - Precondition: the masks have the scan's size.
  public init(caption: String, scan: Volume, truth: LabelVolume, prediction: LabelVolume) {
    precondition(truth.size == scan.size && prediction.size == scan.size, "masks of the scan's size")
    self.caption = caption
    let axes = (0..<3).map { Self.positions(axis: $0, truth, prediction) }
    extents = axes.map(\.count)
    let steps = axes.map { $0.count > 1 ? $0[1] - $0[0] : 1 }
    spacing = (0..<2).map { scan.geometry.spacing[$0] * Double(steps[$0]) }
    let size = scan.size
    let voxels = axes[2].flatMap { k in
      axes[1].flatMap { j in axes[0].map { i in (k * size.j + j) * size.i + i } }
    }
    self.scan = Self.shades(voxels.map { scan.voxels[$0] })
    let trueLabels = voxels.map { truth.labels[$0] }
    self.truth = trueLabels
    self.prediction = voxels.map { prediction.labels[$0] }
    let area = extents[0] * extents[1]
    let counts = stride(from: 0, to: voxels.count, by: area).map { start in
      (start..<start + area).count { trueLabels[$0] != 0 }
    }
    firstSlice = counts.firstIndex(of: counts.max() ?? 0) ?? 0
  }

  /// The voxels of an axis that are kept.
  private static func positions(axis: Int, _ truth: LabelVolume, _ prediction: LabelVolume) -> [Int] {
    let extent = truth.size.extents[axis]
    let inner = truth.size.extents[..<axis].reduce(1, *)
    var (first, last) = (extent, -1)
    for voxel in truth.labels.indices where truth.labels[voxel] != 0 || prediction.labels[voxel] != 0 {
      let position = voxel / inner % extent
      first = min(first, position)
      last = max(last, position)
    }
    if last < 0 { (first, last) = (0, extent - 1) }
    let range = max(0, first - margin)...min(extent - 1, last + margin)
    let step = (range.count + extentLimit - 1) / extentLimit
    return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
  }

  /// Intensities as shades, the darkest and the brightest 1 % saturated.
  private static func shades(_ values: [Float]) -> [UInt8] {
    let sorted = values.filter(\.isFinite).sorted()
    guard let low = sorted.dropFirst(sorted.count / 100).first,
      let high = sorted.dropLast(sorted.count / 100).last, high > low
    else { return values.map { _ in 0 } }
    let range = high / 2 - low / 2
    return values.map { value in
      guard value.isFinite, range > 0 else { return 0 }
      return UInt8((255 * min(max((value / 2 - low / 2) / range, 0), 1)).rounded())
    }
  }

  /// The viewer as an element of the report, which its script brings to life.
  package func html() -> String {
    func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
    let last = extents[2] - 1
    return """
      <figure class="viewer" data-extents="\(extents.map(String.init).joined(separator: " "))" \
      data-spacing="\(spacing.map { String(format: "%g", $0) }.joined(separator: " "))" \
      data-scan="\(base64(scan))" data-truth="\(base64(truth))" data-prediction="\(base64(prediction))">
      <figcaption>\(htmlEscaped(caption))</figcaption>
      <canvas></canvas>
      <div class="controls">
      <label>Slice <input class="slice" type="range" min="0" max="\(last)" value="\(firstSlice)"> \
      <output class="number"></output></label>
      <label>Opacity <input class="opacity" type="range" min="0" max="100" value="25"></label>
      <label><input class="show-truth" type="checkbox" checked> truth (solid)</label>
      <label><input class="show-prediction" type="checkbox" checked> prediction (dashed)</label>
      </div></figure>

      """
  }
}
