import Foundation
import MedicalImaging
import Testing

@Suite struct AxisOrderTests {
  @Test func thereAre48() {
    #expect(Set(AxisOrder.all).count == 48)
    #expect(Set(AxisOrder.all.map(\.description)).count == 48)
    #expect(AxisOrder.all[0] == .canonical && "\(AxisOrder.canonical)" == "RAS")
  }

  @Test(arguments: OrientationGolden.all)
  func equalsNibabelAndSimpleITK(_ golden: OrientationGolden) {
    let geometry = golden.volume.geometry
    #expect(geometry.orientation == golden.order)
    // Near 0 the arc cosine has few digits.
    #expect(abs(geometry.obliqueness - golden.obliqueness) < 1e-5)
  }

  /// Pairing each axis by itself would give R to both i and j; the best pairing is taken.
  @Test func everyGridHasAnOrder() {
    let steps = [[0.9, 0.1, 0.0], [0.8, 0.5, 0.2], [0.0, 0.2, 1.0]]
    let affine = (0..<3).map { row in steps.map { $0[row] } + [0] }
    let spacing = steps.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(Geometry(spacing: spacing, affine: affine).orientation == "RAS")
  }

  /// Half a right angle from two orders the axes decide, so that the same grid is brought to one order from all
  /// those in which it may be stored.
  @Test func tiesDoNotDependOnTheStoredOrder() {
    let half = 0.5.squareRoot()
    let geometry = Geometry(
      spacing: [1, 1, 1], affine: [[half, -half, 0, 3], [half, half, 0, 5], [0, 0, 1, 7]])
    let scan = Volume(size: GridSize(2, 3, 4), geometry: geometry, voxels: (0..<24).map(Float.init))
    let canonical = scan.rearranged(by: OrientationChoice.canonical.rearrangement(of: geometry))
    for order in AxisOrder.all {
      let stored = canonical.rearranged(by: AxisRearrangement(from: .canonical, to: order))
      let back = stored.rearranged(by: OrientationChoice.canonical.rearrangement(of: stored.geometry))
      #expect(back.size == canonical.size && back.voxels == canonical.voxels, "\(order)")
    }
  }
}

@Suite struct AxisRearrangementTests {
  @Test(arguments: OrientationGolden.all)
  func canonicalEqualsNibabel(_ golden: OrientationGolden) {
    let scan = golden.volume
    let arrangement = OrientationChoice.canonical.rearrangement(of: scan.geometry)
    let found = scan.rearranged(by: arrangement)
    let wanted = golden.canonicalVolume
    #expect(found.size == wanted.size && found.voxels == wanted.voxels)
    #expect(found.geometry.orientation == "RAS")
    for (row, wantedRow) in zip(found.geometry.affine, wanted.geometry.affine) {
      for (value, wantedValue) in zip(row, wantedRow) { #expect(abs(value - wantedValue) < 1e-9) }
    }
    for (value, wantedValue) in zip(found.geometry.spacing, wanted.geometry.spacing) {
      #expect(abs(value - wantedValue) < 1e-12)
    }
    let back = found.rearranged(by: arrangement.inverse)
    #expect(back.size == scan.size && back.voxels == scan.voxels)
  }

  @Test func storedLeavesEverything() {
    for golden in OrientationGolden.all {
      #expect(OrientationChoice.stored.rearrangement(of: golden.volume.geometry) == .identity)
    }
  }

  /// Channels stay apart, and masks go the same way.
  @Test func channelsAndMasks() {
    let geometry = Geometry(spacing: [1, 2, 3])
    let size = GridSize(2, 1, 2)
    let scan = Volume(
      size: size, channelCount: 2, geometry: geometry, voxels: [0, 1, 2, 3, 10, 11, 12, 13])
    let order = AxisOrder.all.first { "\($0)" == "SLA" }!
    let arrangement = AxisRearrangement(from: .canonical, to: order)
    let found = scan.rearranged(by: arrangement)
    #expect(found.size == GridSize(2, 2, 1) && found.geometry.spacing == [3, 1, 2])
    #expect(found.voxels == [1, 3, 0, 2, 11, 13, 10, 12])
    let mask = LabelVolume(size: size, geometry: geometry, labels: [0, 1, 2, 3])
    #expect(mask.rearranged(by: arrangement).labels == [1, 3, 0, 2])
    #expect(mask.rearranged(by: arrangement).geometry == found.geometry)
  }
}
