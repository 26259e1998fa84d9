import MedicalImaging
import Testing

/// Against SimpleITK's ResampleImageFilter.
@Suite struct ResamplingTests {
  @Test(arguments: ResamplingGolden.all)
  func linearEqualsSimpleITK(_ golden: ResamplingGolden) {
    let resampled = golden.volume.resampled(to: golden.newGrid)
    #expect(resampled.size == golden.newGrid && resampled.channelCount == golden.channelCount)
    #expect(golden.resampled.count == resampled.voxels.count)
    #expect(golden.resampled.contains { $0 != nil })
    for (position, (ours, reference)) in zip(resampled.voxels, golden.resampled).enumerated() {
      guard let reference else { continue }
      #expect(abs(ours - reference) <= 1e-4, "sample \(position)")
    }
  }

  @Test(arguments: ResamplingGolden.all.filter { $0.back != nil })
  func predictionsReturnToTheScansGrid(_ golden: ResamplingGolden) throws {
    let back = golden.volume.resampled(to: golden.newGrid)
      .resampled(onto: golden.grid, geometry: golden.geometry)
    #expect(back.geometry == golden.geometry && back.size == golden.grid)
    let reference = try #require(golden.back)
    #expect(reference.count == back.voxels.count)
    for (position, (ours, reference)) in zip(back.voxels, reference).enumerated() {
      guard let reference else { continue }
      #expect(abs(ours - reference) <= 1e-4, "voxel \(position)")
    }
  }

  @Test(arguments: ResamplingGolden.all)
  func nearestEqualsSimpleITKAwayFromTies(_ golden: ResamplingGolden) {
    let labels = LabelVolume(size: golden.grid, geometry: golden.geometry, labels: golden.labels)
    let resampled = labels.resampled(to: golden.newGrid)
    #expect(golden.resampledLabels.count == resampled.labels.count)
    for (position, (ours, reference)) in zip(resampled.labels, golden.resampledLabels).enumerated() {
      if let reference { #expect(ours == reference, "sample \(position)") }
    }
  }

  @Test(arguments: ResamplingGolden.all)
  func geometryFollows(_ golden: ResamplingGolden) {
    let labels = LabelVolume(size: golden.grid, geometry: golden.geometry, labels: golden.labels)
    for geometry in [
      golden.volume.resampled(to: golden.newGrid).geometry, labels.resampled(to: golden.newGrid).geometry,
    ] {
      for axis in 0..<3 {
        #expect(abs(geometry.spacing[axis] - golden.newSpacing[axis]) < 1e-12)
        for column in 0..<4 {
          #expect(abs(geometry.affine[axis][column] - golden.newAffine[axis][column]) < 1e-9)
        }
      }
    }
  }

  /// All but the voxels that lie beyond the coarser grid's last sample, or beside one that does.
  @Test(arguments: [GridSize(6, 5, 7), GridSize(12, 10, 9), GridSize(3, 14, 8), GridSize(32, 32, 32)])
  func aLinearRampSurvivesThereAndBack(_ newSize: GridSize) {
    let size = GridSize(9, 7, 8)
    let ramp = (0..<size.count).map { position in
      let (i, j, k) = (position % size.i, position / size.i % size.j, position / (size.i * size.j))
      return Float(2 + 3 * i - 5 * j) + 0.5 * Float(k)
    }
    let volume = Volume(size: size, geometry: Geometry(spacing: [1, 2, 3]), voxels: ramp)
    let back = volume.resampled(to: newSize).resampled(onto: size, geometry: volume.geometry)
    let last = zip(size.extents, newSize.extents).map { min($0 - 2, ($1 - 1) * $0 / $1) }
    for k in 0...last[2] {
      for j in 0...last[1] {
        for i in 0...last[0] {
          let position = (k * size.j + j) * size.i + i
          #expect(abs(back.voxels[position] - ramp[position]) < 1e-4, "voxel \(i), \(j), \(k)")
        }
      }
    }
  }

  @Test func theSameGridGivesTheSameVolume() throws {
    let golden = try #require(ResamplingGolden.all.first)
    #expect(golden.volume.resampled(to: golden.grid) == golden.volume)
  }

  @Test func samplesBeyondTheEdgeTakeItsValue() {
    let volume = line([1, 2, 3])
    #expect(volume.resampled(to: GridSize(12, 1, 1)).voxels.suffix(4) == [3, 3, 3, 3])
    #expect(volume.resampled(to: GridSize(6, 1, 1)).voxels == [1, 1.5, 2, 2.5, 3, 3])
  }

  @Test func aTieGoesToTheUpperVoxel() {
    let labels = LabelVolume(
      size: GridSize(3, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), labels: [1, 2, 3])
    #expect(labels.resampled(to: GridSize(2, 1, 1)).labels == [1, 3])
    #expect(labels.resampled(to: GridSize(6, 1, 1)).labels == [1, 2, 2, 3, 3, 3])
  }

  @Test func channelsAreResampledByThemselves() throws {
    let golden = try #require(ResamplingGolden.all.first { $0.channelCount > 1 })
    let count = golden.grid.count
    let together = golden.volume.resampled(to: golden.newGrid)
    for channel in 0..<golden.channelCount {
      let alone = Volume(
        size: golden.grid, geometry: golden.geometry,
        voxels: Array(golden.voxels[channel * count..<(channel + 1) * count]))
      let range = channel * golden.newGrid.count..<(channel + 1) * golden.newGrid.count
      #expect(alone.resampled(to: golden.newGrid).voxels == Array(together.voxels[range]))
    }
  }

  private func line(_ voxels: [Float]) -> Volume {
    Volume(size: GridSize(voxels.count, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: voxels)
  }
}

/// Against SimpleITK on scans of the Decathlon's task 4, where they are at hand.
@Suite struct RealScanResamplingTests {
  @Test(
    .enabled(if: RealDatasetTests.isPresent, "the Task04_Hippocampus data are not at ../shared/data"),
    arguments: HippocampusGolden.all)
  func scanEqualsSimpleITK(_ golden: HippocampusGolden) throws {
    let volume = try Image(contentsOf: path("imagesTr", golden)).volume()
    let resampled = volume.resampled(to: golden.newGrid)
    // Scans of this set reach some hundreds of thousands, where float32 has steps of 1/32.
    let tolerance = 1e-4 * max(1, (volume.voxels.max() ?? 0) / 1000)
    for (position, reference) in zip(golden.at, golden.linear) {
      #expect(abs(resampled.voxels[position] - reference) <= tolerance, "sample \(position)")
    }
    let back = resampled.resampled(onto: volume.size, geometry: volume.geometry)
    for (position, reference) in zip(golden.atBack, golden.back) {
      #expect(abs(back.voxels[position] - reference) <= tolerance, "voxel \(position)")
    }
  }

  @Test(
    .enabled(if: RealDatasetTests.isPresent, "the Task04_Hippocampus data are not at ../shared/data"),
    arguments: HippocampusGolden.all)
  func maskEqualsSimpleITK(_ golden: HippocampusGolden) throws {
    let mask = try Image(contentsOf: path("labelsTr", golden)).labelVolume()
    let resampled = mask.resampled(to: golden.newGrid)
    for (position, reference) in zip(golden.atLabels, golden.nearest) {
      #expect(resampled.labels[position] == reference, "sample \(position)")
    }
  }

  private func path(_ folder: String, _ golden: HippocampusGolden) -> String {
    "\(RealDatasetTests.folder)/\(folder)/\(golden.name).nii.gz"
  }
}
