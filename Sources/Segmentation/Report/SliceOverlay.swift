import MedicalImaging

/// A picture of one slice of a scan: the scan, the truth over it, and the prediction over it, side by side.
///
/// The slice lies across the k axis; i runs to the right and j runs up. Pixels are square in mm, so that an
/// anisotropic scan is not distorted. The scan is interpolated linearly, labels are nearest.
public struct SliceOverlay: Sendable {
  /// The index of the slice along k.
  public let slice: Int
  public let picture: Picture

  /// Draws the slice with the most foreground of the truth, or of the prediction where there is no truth.
  /// - Parameters:
  ///   - scan: the channel `channel` of it is drawn, its darkest and brightest 1 % saturated.
  ///   - channel: of the scan, from 0.
  ///   - truth: the true classes; nil leaves its panel out.
  ///   - prediction: the predicted classes; nil leaves its panel out.
  ///   - order: of the scan's axes, for letters at the edges; nil for none.
  ///   - panelHeight: the height of the picture, in pixels.
  /// - Precondition: the masks have the scan's size.
  public init(
    scan: Volume, channel: Int = 0, truth: LabelVolume?, prediction: LabelVolume?, order: AxisOrder? = nil,
    panelHeight: Int = 256
  ) {
    for mask in [truth, prediction].compactMap({ $0 }) {
      precondition(mask.size == scan.size, "a mask of \(mask.size) voxels over a scan of \(scan.size)")
    }
    let slice = (truth ?? prediction).map(Self.sliceWithMostForeground) ?? scan.size.k / 2
    let grid = SliceGrid(of: scan, panelHeight: panelHeight)
    let base = grid.grayscale(scan, channel: channel, slice: slice)
    let overlays = [truth, prediction].compactMap { $0 }
      .map { grid.overlaid($0, slice: slice, on: base) }
    self.slice = slice
    var panels = [base] + overlays
    if let order {
      for index in panels.indices { panels[index].write(EdgeLetters(order, across: 0, up: 1)) }
    }
    picture = Self.sideBySide(panels)
  }

  /// The colour of a foreground class; the palette of Okabe and Ito, clear to the colour-blind, repeats.
  /// - Parameter label: the class index, 1 or more.
  public static func color(ofClass label: Int) -> Picture.Color {
    let palette: [Picture.Color] = [
      .init(86, 180, 233), .init(230, 159, 0), .init(0, 158, 115), .init(240, 228, 66),
      .init(204, 121, 167), .init(213, 94, 0), .init(0, 114, 178),
    ]
    return palette[(label - 1) % palette.count]
  }

  /// The index along k of the slice with the most voxels that are not background; the first of equals, or
  /// the middle slice of an empty mask.
  static func sliceWithMostForeground(of mask: LabelVolume) -> Int {
    let area = mask.size.i * mask.size.j
    let counts = (0..<mask.size.k).map { k in
      mask.labels[(k * area)..<((k + 1) * area)].reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    }
    guard let most = counts.max(), most > 0 else { return mask.size.k / 2 }
    return counts.firstIndex(of: most)!
  }

  private static func sideBySide(_ panels: [Picture]) -> Picture {
    let gap = 8
    let (width, height) = (panels[0].width, panels[0].height)
    var picture = Picture(
      width: panels.count * (width + gap) - gap, height: height, color: .init(gray: 255))
    for (index, panel) in panels.enumerated() {
      for y in 0..<height {
        for x in 0..<width { picture[index * (width + gap) + x, y] = panel[x, y] }
      }
    }
    return picture
  }
}

/// The pixels of one panel, and which voxels of a slice they show.
struct SliceGrid {
  let size: GridSize
  let width: Int
  let height: Int

  init(of scan: Volume, panelHeight: Int) {
    size = scan.size
    height = panelHeight
    let spacing = scan.geometry.spacing
    let aspect = (Double(size.i) * spacing[0]) / (Double(size.j) * spacing[1])
    // A slice far from square, or a spacing that is no number, is drawn out of proportion.
    let proportion = aspect.isFinite ? min(max(aspect, 0.25), 4) : 1
    width = Int((Double(panelHeight) * proportion).rounded())
  }

  /// Where the centre of pixel `p` of `pixels` lies on an axis of `voxels`, in voxels.
  private func coordinate(_ p: Int, of pixels: Int, voxels: Int) -> Float {
    (Float(p) + 0.5) * Float(voxels) / Float(pixels) - 0.5
  }

  private func nearest(_ p: Int, of pixels: Int, voxels: Int) -> Int { p * voxels / pixels }

  /// The two voxels around a coordinate, and the weight of the second.
  private func neighbours(_ coordinate: Float, voxels: Int) -> (Int, Int, Float) {
    let clamped = min(max(coordinate, 0), Float(voxels - 1))
    let low = min(Int(clamped), voxels - 1)
    return (low, min(low + 1, voxels - 1), clamped - Float(low))
  }

  /// The scan in shades of grey. Values that are not finite are black.
  func grayscale(_ scan: Volume, channel: Int, slice: Int) -> Picture {
    let area = size.i * size.j
    let start = channel * size.count + slice * area
    let values = Array(scan.voxels[start..<(start + area)])
    let finite = values.filter(\.isFinite).sorted()
    let low = finite.isEmpty ? 0 : finite[finite.count / 100]
    let high = finite.isEmpty ? 1 : finite[finite.count - 1 - finite.count / 100]
    let shades = values.map { shade($0, low: low, high: high) }
    var picture = Picture(width: width, height: height, color: .init(gray: 0))
    for y in 0..<height {
      let j = neighbours(coordinate(height - 1 - y, of: height, voxels: size.j), voxels: size.j)
      for x in 0..<width {
        let i = neighbours(coordinate(x, of: width, voxels: size.i), voxels: size.i)
        func row(_ j: Int) -> Float {
          shades[j * size.i + i.0] * (1 - i.2) + shades[j * size.i + i.1] * i.2
        }
        picture[x, y] = .init(gray: UInt8((row(j.0) * (1 - j.2) + row(j.1) * j.2).rounded()))
      }
    }
    return picture
  }

  /// A value from `low` to `high` as a shade from 0 to 255.
  private func shade(_ value: Float, low: Float, high: Float) -> Float {
    // Halved, so that the difference of two huge values does not overflow.
    let range = high / 2 - low / 2
    guard value.isFinite, range > 0 else { return 0 }
    return 255 * min(max((value / 2 - low / 2) / range, 0), 1)
  }

  /// The classes laid over a picture of the scan: filled faintly, outlined opaquely.
  func overlaid(_ mask: LabelVolume, slice: Int, on base: Picture) -> Picture {
    func label(_ x: Int, _ y: Int) -> UInt8 {
      let i = nearest(min(max(x, 0), width - 1), of: width, voxels: size.i)
      let j = nearest(height - 1 - min(max(y, 0), height - 1), of: height, voxels: size.j)
      return mask.labels[(slice * size.j + j) * size.i + i]
    }
    var picture = base
    for y in 0..<height {
      for x in 0..<width {
        let here = label(x, y)
        guard here != 0 else { continue }
        let isEdge = [(-1, 0), (1, 0), (0, -1), (0, 1)].contains { label(x + $0.0, y + $0.1) != here }
        picture[x, y] = SliceOverlay.color(ofClass: Int(here))
          .blended(over: base[x, y], opacity: isEdge ? 1 : 0.4)
      }
    }
    return picture
  }
}
