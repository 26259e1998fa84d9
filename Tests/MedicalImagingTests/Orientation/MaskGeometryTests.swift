import MedicalImaging
import Testing

@Suite struct MaskGeometryTests {
  private static let size = GridSize(4, 3, 2)
  private static let oblique = Geometry(
    spacing: [1, 1.5, 2], affine: [[0.8, -0.9, 0, -20], [0.6, 1.2, 0, 10], [0, 0, 2, 5]])
  private let scan = Grid(size: size, geometry: oblique)
  private let mask = LabelVolume(size: size, geometry: oblique, labels: (0..<24).map { UInt8($0) })

  private func difference(_ mask: LabelVolume, _ choice: MaskGeometry = .own) -> GridDifference? {
    do throws(GridDifference) {
      _ = try mask.placed(on: scan, counting: choice)
      return nil
    } catch {
      return error
    }
  }

  /// On its scan's grid in any of the 48 orders, a mask comes into the scan's.
  @Test func theSameGridInAnotherOrderIsBroughtToTheScan() throws {
    for order in AxisOrder.all {
      let stored = mask.rearranged(by: AxisRearrangement(from: oblique.axisOrder, to: order))
      #expect(try stored.placed(on: scan) == mask, "\(order)")
      #expect(try stored.placed(on: scan, counting: .scan) == mask, "\(order)")
    }
  }

  private var oblique: Geometry { Self.oblique }

  private func moved(_ change: (inout Geometry) -> Void) -> LabelVolume {
    var geometry = oblique
    change(&geometry)
    return LabelVolume(size: Self.size, geometry: geometry, labels: mask.labels)
  }

  @Test func anotherGridIsRefusedUnlessTheScansCounts() throws {
    let others = [
      moved { $0 = Geometry(spacing: [1, 1, 1]) }, moved { $0.affine[1][3] += 3 },
      moved { geometry in
        // Mirrored along i, and the first voxel left where it was.
        for row in 0..<3 { geometry.affine[row][0] *= -1 }
      },
    ]
    let words = [
      "spacing 1.0x1.0x1.0 mm, not 1.0x1.5x2.0", "(-20.0, 13.0, 5.0) mm, not (-20.0, 10.0, 5.0)", "180",
    ]
    for (other, word) in zip(others, words) {
      #expect(
        difference(other)?.description.contains(word) == true, "\(difference(other)?.description ?? "none")")
      #expect(try other.placed(on: scan, counting: .scan) == mask)
    }
  }

  @Test func anotherSizeIsRefusedWhateverCounts() {
    let other = LabelVolume(
      size: GridSize(3, 4, 2), geometry: oblique, labels: [UInt8](repeating: 0, count: 24))
    for choice in MaskGeometry.allCases {
      #expect(difference(other, choice)?.sizes == [Self.size, GridSize(3, 4, 2)])
      #expect(difference(other, choice)?.description == "3x4x2 voxels, not 4x3x2")
    }
  }

  @Test func roundingIsNone() {
    #expect(difference(moved { $0.affine[0][3] += 0.005 }) == nil)
  }
}
