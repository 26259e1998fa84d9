import MedicalImaging
import Testing

@Suite struct LargestComponentTests {
  private func mask(_ voxels: [(Int, Int, Int, UInt8)]) -> LabelVolume {
    var labels = [UInt8](repeating: 0, count: 6 * 5 * 4)
    for (i, j, k, label) in voxels { labels[(k * 5 + j) * 6 + i] = label }
    return LabelVolume(
      size: GridSize(6, 5, 4), geometry: Geometry(spacing: [1, 1, 1]), labels: labels)
  }

  @Test func smallerComponentsBecomeBackground() {
    let before = mask([(0, 0, 0, 1), (3, 3, 3, 1), (3, 3, 2, 1), (5, 0, 0, 2)])
    #expect(
      before.keepingLargestComponent(of: 1) == mask([(3, 3, 3, 1), (3, 3, 2, 1), (5, 0, 0, 2)]))
  }

  @Test func cornersConnect() {
    let diagonal = mask([(0, 0, 0, 1), (1, 1, 1, 1), (2, 2, 2, 1), (5, 4, 0, 1), (5, 3, 0, 1)])
    #expect(
      diagonal.keepingLargestComponent(of: 1) == mask([(0, 0, 0, 1), (1, 1, 1, 1), (2, 2, 2, 1)]))
  }

  /// The ends of two rows are neighbours in the array only.
  @Test func rowsDoNotWrapAround() {
    let ends = mask([(5, 0, 0, 1), (0, 1, 0, 1), (0, 2, 0, 1)])
    #expect(ends.keepingLargestComponent(of: 1) == mask([(0, 1, 0, 1), (0, 2, 0, 1)]))
  }

  @Test func anAbsentLabelChangesNothing() {
    let before = mask([(1, 1, 1, 2)])
    #expect(before.keepingLargestComponent(of: 1) == before)
  }
}
