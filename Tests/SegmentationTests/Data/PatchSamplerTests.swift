import MedicalImaging
import SeededRandom
import Segmentation
import Testing

/// Patches of 8^3 voxels out of cases whose voxels have their own numbers, from 1, as values: a patch's first
/// value tells where it begins. Without augmentation unless said otherwise.
@Suite struct PatchSamplerTests {
  private func preparedCase(
    _ extents: [Int], _ label: (Int, Int, Int) -> UInt8
  ) throws -> PreparedCase {
    let (size, geometry) = (GridSize(extents[0], extents[1], extents[2]), Geometry(spacing: [1, 1, 1]))
    let volume = Volume(
      size: size, channelCount: 1, geometry: geometry, networkOrdered: (1...size.count).map(Float.init)[...])
    var labels: [UInt8] = []
    for w in 0..<extents[2] {
      for h in 0..<extents[1] { for d in 0..<extents[0] { labels.append(label(d, h, w)) } }
    }
    let mask = LabelVolume(size: size, geometry: geometry, labels: labels)
    let header = ImageHeader(size: size, geometry: geometry, voxelType: .float32, format: .nifti)
    return try withTemporaryFolder { folder in
      let (scanPath, maskPath) = (folder + "/scan.nii", folder + "/mask.nii")
      let files =
        try header.format.files(of: volume, like: header, at: scanPath)
        + header.format.files(of: mask, like: header, at: maskPath)
      for file in files { try file.write() }
      return try PreparedCase(
        Case(imagePath: scanPath, labelPath: maskPath), preparation: try plainPreparation())
    }
  }

  private func patches(
    _ count: Int, of entry: PreparedCase, foregroundFraction: Double = 1.0 / 3,
    augmentation: AugmentationSettings = AugmentationSettings(), seed: UInt64 = 1
  ) -> [Sample] {
    let sampler = PatchSampler(
      PatchOptions(foregroundFraction: foregroundFraction, augmentation: augmentation), shape: [8, 8, 8],
      spacing: [1, 1, 1], quantiles: [])
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in sampler.patch(of: entry, caseIndex: 0, using: &generator) }
  }

  /// The label in the middle, at (4, 4, 4).
  private func middle(_ patch: Sample) -> UInt8 { patch.labels[(4 * 8 + 4) * 8 + 4] }

  /// Around the one foreground voxel, at (12, 10, 8), patches begin at (8, 6, 4); the others begin at any of
  /// 17 x 13 x 9 voxels.
  @Test(arguments: [0, 1.0 / 3, 1])
  func aShareOfThePatchesLiesAroundForeground(_ fraction: Double) throws {
    let entry = try preparedCase([24, 20, 16]) { d, h, w in d == 12 && h == 10 && w == 8 ? 1 : 0 }
    let drawn = patches(3000, of: entry, foregroundFraction: fraction)
    let around = drawn.count { $0.image[0] == Float((8 * 20 + 6) * 16 + 4 + 1) }
    #expect(around == drawn.count { middle($0) == 1 })
    #expect(abs(Double(around) - 3000 * fraction) < 130, "\(around)")
  }

  /// One voxel of class 1 beside 6^3 of class 2.
  @Test func classesComeAsOftenAsEachOther() throws {
    let entry = try preparedCase([24, 24, 24]) { d, h, w in
      if d == 5 && h == 5 && w == 5 { return 1 }
      return [d, h, w].allSatisfy { (12..<18).contains($0) } ? 2 : 0
    }
    let middles = patches(1000, of: entry, foregroundFraction: 1).map(middle)
    #expect(middles.allSatisfy { $0 != 0 })
    #expect(abs(middles.count { $0 == 1 } - 500) < 80)
  }

  /// Along D and H, where the case is the larger one, patches lie within it, at all 4 x 2 places; along W
  /// they contain its 6 voxels, in any of 3 ways. The foreground is in a corner.
  @Test func patchesStayWithinTheCaseOrContainIt() throws {
    let entry = try preparedCase([11, 9, 6]) { d, h, w in d + h + w == 0 ? 1 : 0 }
    let drawn = patches(1000, of: entry)
    #expect(drawn.allSatisfy { patch in patch.image.count { $0 != 0 } == 8 * 8 * 6 })
    #expect(Set(drawn.map(\.image)).count == 4 * 2 * 3)
  }

  @Test func equalSeedsGiveEqualPatches() throws {
    let entry = try preparedCase([11, 9, 6]) { d, _, _ in d > 5 ? 1 : 0 }
    func series(_ seed: UInt64) -> [Sample] { patches(16, of: entry, augmentation: .accurate, seed: seed) }
    #expect(series(1) == series(1))
    #expect(series(1) != series(2))
  }
}
