import MedicalImaging

/// A picture of a scan with a mask over it: the sagittal, the coronal and the axial plane through the centre of what is
/// segmented, side by side. A pixel is as large in mm along all axes of all planes.
///
/// Of scans in RAS order front is right in the sagittal plane, the scan's right is right in the others (the neurological
/// convention), and up is up. Letters at the edges tell the directions of space.
package struct ThreePlanes {
  package let picture: Picture

  /// The pixels of the scan's longest extent.
  private static let longestExtent = 320.0

  /// - Parameters:
  ///   - scan: its first channel is drawn.
  ///   - mask: of the labels' indices, on the scan's grid.
  ///   - hasOrientation: whether the scan's file tells which way its axes run; without that there are no letters.
  package init(scan: StoredVolume, mask: LabelVolume, hasOrientation: Bool = true) {
    precondition(mask.size == scan.size, "a mask of \(mask.size) voxels over a scan of \(scan.size)")
    let centre = Self.centre(of: mask)
    let spacing = scan.geometry.spacing
    let extents = (0..<3).map { Double(scan.size.extents[$0]) * spacing[$0] }
    let pixelsPerMillimetre = Self.longestExtent / (extents.max() ?? 1)
    let panels = (0..<3).map { axis in
      let plane = Plane(across: axis, at: centre[axis], of: scan, mask)
      let height = extents[plane.axes[1]] * pixelsPerMillimetre
      var picture = plane.picture(height: height.isFinite ? max(8, Int(height.rounded())) : 256)
      if hasOrientation {
        picture.write(EdgeLetters(scan.geometry.axisOrder, across: plane.axes[0], up: plane.axes[1]))
      }
      return picture
    }
    picture = Self.sideBySide(panels)
  }

  /// The mean place of the voxels that are not background, rounded; the scan's middle where there is none.
  package static func centre(of mask: LabelVolume) -> [Int] {
    var (count, sums) = (0, [0, 0, 0])
    for (voxel, label) in mask.labels.enumerated() where label != 0 {
      count += 1
      sums[0] += voxel % mask.size.i
      sums[1] += voxel / mask.size.i % mask.size.j
      sums[2] += voxel / (mask.size.i * mask.size.j)
    }
    guard count > 0 else { return mask.size.extents.map { $0 / 2 } }
    return sums.map { Int((Double($0) / Double(count)).rounded()) }
  }

  private static func sideBySide(_ panels: [Picture]) -> Picture {
    let gap = 8
    let height = panels.map(\.height).max() ?? 1
    var picture = Picture(
      width: panels.reduce(-gap) { $0 + $1.width + gap }, height: height, color: .init(gray: 0))
    var left = 0
    for panel in panels {
      let top = (height - panel.height) / 2
      for y in 0..<panel.height {
        for x in 0..<panel.width { picture[left + x, top + y] = panel[x, y] }
      }
      left += panel.width + gap
    }
    return picture
  }
}

/// One plane of a scan and its mask, as a scan of one slice.
private struct Plane {
  /// The scan's axes that run to the right and up.
  let axes: [Int]
  private let scan: Volume
  private let mask: LabelVolume

  init(across axis: Int, at position: Int, of whole: StoredVolume, _ labels: LabelVolume) {
    let axes = (0..<3).filter { $0 != axis }
    self.axes = axes
    let size = whole.size
    let ranges = (0..<3).map { $0 == axis ? position..<position + 1 : 0..<size.extents[$0] }
    let flat = GridSize(size.extents[axes[0]], size.extents[axes[1]], 1)
    let spacing = whole.geometry.spacing
    let geometry = Geometry(spacing: [spacing[axes[0]], spacing[axes[1]], 1])
    scan = Volume(
      size: flat, geometry: geometry,
      voxels: ranges[2].flatMap { whole.plane(0, ranges[0], ranges[1], $0) })
    let strides = [1, size.i, size.i * size.j]
    var own: [UInt8] = []
    own.reserveCapacity(flat.count)
    for up in 0..<flat.j {
      for right in 0..<flat.i {
        own.append(
          labels.labels[position * strides[axis] + right * strides[axes[0]] + up * strides[axes[1]]])
      }
    }
    mask = LabelVolume(size: flat, geometry: geometry, labels: own)
  }

  func picture(height: Int) -> Picture {
    let grid = SliceGrid(of: scan, panelHeight: height)
    return grid.overlaid(mask, slice: 0, on: grid.grayscale(scan, channel: 0, slice: 0))
  }
}
