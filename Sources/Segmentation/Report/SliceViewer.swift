import CZlib
import Foundation
import MedicalImaging

/// The voxels of one case for a viewer in the report, which shows three planes through a point: the scan in shades of grey and
/// two masks, cut to the box around both masks with a margin, and coarser where that is large.
public struct SliceViewer: Equatable, Sendable {
  /// Voxels that are kept around the masks, and along an axis at most.
  private static let (margin, extentLimit) = (12, 128)

  public let caption: String
  /// Voxels along i, j, k.
  let extents: [Int]
  /// Distance of neighbouring voxels along i, j, k, in mm.
  let spacing: [Double]
  /// Of the scan's voxels the first that is kept along i, j, k, and every how manyth.
  let origin: [Int]
  let steps: [Int]
  /// The directions of space at both ends of i, j, k, such as "LR"; empty where the file tells none.
  let ends: [String]
  /// Of the planes across i, j, k.
  let planeNames: [String]
  /// i fastest: shades from 0 to 255, class indices, class indices.
  let scan: [UInt8]
  let truth: [UInt8]
  let prediction: [UInt8]
  /// The point that is shown first: in the slice along k with the most of the truth, its middle.
  let firstPoint: [Int]

  /// - Precondition: the masks have the scan's size.
  /// - Parameter order: of the scan's axes; nil where its file tells none.
  public init(
    caption: String, scan: Volume, truth: LabelVolume, prediction: LabelVolume, order: AxisOrder? = nil
  ) {
    precondition(truth.size == scan.size && prediction.size == scan.size, "masks of the scan's size")
    self.caption = caption
    let axes = (0..<3).map { Self.positions(axis: $0, truth, prediction) }
    extents = axes.map(\.count)
    origin = axes.map { $0[0] }
    let steps = axes.map { $0.count > 1 ? $0[1] - $0[0] : 1 }
    self.steps = steps
    spacing = (0..<3).map { scan.geometry.spacing[$0] * Double(steps[$0]) }
    ends =
      order.map { order in
        (0..<3).map { axis in
          let (low, high) = order.ends(ofAxis: axis)
          return "\(low)\(high)"
        }
      } ?? []
    planeNames =
      scan.geometry.axisOrder == .canonical
      ? ["sagittal", "coronal", "axial"] : ["across i", "across j", "across k"]
    let size = scan.size
    let voxels = axes[2].flatMap { k in
      axes[1].flatMap { j in axes[0].map { i in (k * size.j + j) * size.i + i } }
    }
    self.scan = Self.shades(voxels.map { scan.voxels[$0] })
    self.truth = voxels.map { truth.labels[$0] }
    self.prediction = voxels.map { prediction.labels[$0] }
    firstPoint = Self.middle(of: self.truth, extents)
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

  /// The voxel of a mask in the middle, along i and then j, of its largest slice along k; the box's middle of an empty mask.
  private static func middle(of mask: [UInt8], _ extents: [Int]) -> [Int] {
    let area = extents[0] * extents[1]
    let slices = (0..<extents[2]).map { k in
      (0..<area).filter { mask[k * area + $0] != 0 }
    }
    guard let k = slices.indices.max(by: { slices[$0].count < slices[$1].count }), !slices[k].isEmpty else {
      return extents.map { $0 / 2 }
    }
    let columns = slices[k].map { $0 % extents[0] }.sorted()
    let i = columns[columns.count / 2]
    let rows = slices[k].filter { $0 % extents[0] == i }.map { $0 / extents[0] }
    return [i, rows[rows.count / 2], k]
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

  /// The three volumes, one after the other, as a zlib stream, which browsers unpack (`DecompressionStream`).
  private func compressedVolumes() -> [UInt8] {
    let volumes = scan + truth + prediction
    var count = compressBound(uLong(volumes.count))
    var stream = [UInt8](repeating: 0, count: Int(count))
    let status = compress2(&stream, &count, volumes, uLong(volumes.count), Z_BEST_COMPRESSION)
    precondition(status == Z_OK, "zlib lacks memory for \(volumes.count) bytes")
    return Array(stream.prefix(Int(count)))
  }

  /// The viewer as an element of the report, which its script brings to life.
  ///
  /// - Parameter classes: the legend's entries, as HTML, from class 1.
  package func html(classes: [String] = []) -> String {
    func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: " ") }
    // Across k first: the plane that most scans are read in.
    let canvases = [2, 1, 0].map { axis in
      """
      <div><canvas data-axis="\(axis)" role="img" aria-label="\(planeNames[axis])"></canvas>
      <label>\(planeNames[axis]) <input class="axis" data-axis="\(axis)" type="range" min="0" \
      max="\(extents[axis] - 1)" value="\(firstPoint[axis])"></label></div>

      """
    }
    let toggles = classes.enumerated().map { index, entry in
      "<label><input class=\"class\" value=\"\(index + 1)\" type=\"checkbox\" checked>\(entry)</label>\n"
    }
    return """
      <figure class="viewer" tabindex="0" data-extents="\(list(extents))" data-origin="\(list(origin))" \
      data-steps="\(list(steps))" data-ends="\(ends.joined(separator: " "))" \
      data-spacing="\(spacing.map { String(format: "%g", $0) }.joined(separator: " "))" \
      data-volumes="\(Data(compressedVolumes()).base64EncodedString())">
      <figcaption>\(htmlEscaped(caption)) <output class="place"></output></figcaption>
      <div class="planes">
      \(canvases.joined())</div>
      <div class="controls">
      \(toggles.joined())<label><input class="show-truth" type="checkbox" checked> truth (solid)</label>
      <label><input class="show-prediction" type="checkbox" checked> prediction (dashed)</label>
      <label><input class="show-cross" type="checkbox" checked> cross-hair</label>
      <label>opacity <input class="opacity" type="range" min="0" max="100" value="25"></label>
      </div></figure>

      """
  }
}
