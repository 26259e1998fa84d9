import CPUBackend
import Foundation
import MedicalImaging
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// Small untrained models of the accurate recipe, which predict by their weights' average; their stride is 4.
@Suite struct PredictorTests {
  /// - Parameters:
  ///   - spacing: nil for the one grid of all scans, 8 x 8 x 8.
  ///   - change: of the checkpoint's tensors, which have random weights.
  private func model(
    on executor: any Executor, spacing: [Double]? = [1, 1, 1], seed: UInt64 = 3,
    _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> SegmentationModel {
    var options = TrainingOptions(preset: .accurate)
    options.network.architecture.vnet!.filters = 2
    options.network.inputShape = [8, 8, 8]
    options.network.architecture.vnet!.downscaleBlocks = [1, 1]
    options.network.architecture.vnet!.upscaleBlocks = [1, 1]
    if spacing == nil { options.sampling = .wholeGrid() }
    var preparation = try plainPreparation()
    preparation.spacing = spacing
    let record = ModelRecord(
      options: options, preparation: preparation, datasetName: "none", trainingCases: [], validationCases: [])
    var tensors = try ModelGraphs(options).initialTensors(seed: seed)
    change(&tensors)
    return try withTemporaryFolder { folder in
      try Checkpoint(record: record, tensors: tensors).write(to: ModelFolder(folder).checkpointPath(.last))
      return try SegmentationModel(ModelFolder(folder), executor: executor)
    }
  }

  private func randomScan(_ size: GridSize) -> Volume {
    var generator = SplitMix64(seed: 1)
    return Volume(
      size: size, geometry: Geometry(spacing: [1, 1, 1]),
      voxels: (0..<size.count).map { _ in Float(generator.nextNormal()) })
  }

  private func flipped(_ volume: Volume, _ axis: Int) -> Volume {
    let inner = volume.size.extents[(axis + 1)...].reduce(volume.channelCount, *)
    let elements = reversedAlongAxis(volume.networkOrdered, volume.size.extents[axis], inner)
    return Volume(
      size: volume.size, channelCount: volume.channelCount, geometry: volume.geometry,
      networkOrdered: elements[...])
  }

  /// Between the probabilities of a scan that is moved, and the moved ones of the scan.
  private func largestDifference(
    _ model: SegmentationModel, _ views: [ScanView], _ scan: Volume, _ moved: (Volume) -> Volume
  ) throws -> Float {
    let predictor = try Predictor([model], options: PredictionOptions(views: views))
    let found = try predictor.probabilitiesAndMask(of: moved(scan)).probabilities
    let wanted = moved(try predictor.probabilitiesAndMask(of: scan).probabilities)
    return zip(found.voxels, wanted.voxels).map { abs($0 - $1) }.max()!
  }

  // MARK: Mirroring

  /// A scan mirrored along an axis has the same mirrorings along it: p(flip x) = flip p(x), which the network alone does not
  /// give, nor mirroring along other axes. On multiples of the stride, because zeros are added behind others only.
  @Test(arguments: 0..<3)
  func theMeanOverMirroringsIsMirroredWithTheScan(_ axis: Int) throws {
    let model = try model(on: try CPUExecutor(threadCount: 1))
    let scan = randomScan(GridSize(8, 12, 16))
    func largestDifference(_ axes: [Int]) throws -> Float {
      try self.largestDifference(model, ScanView.mirrorings(along: axes), scan) { flipped($0, axis) }
    }
    #expect(try largestDifference([]) > 1e-2)
    #expect(try largestDifference([0, 1, 2].filter { $0 != axis }) > 1e-3)
    #expect(try largestDifference([axis]) < 1e-5)
    #expect(try largestDifference([0, 1, 2]) < 1e-5)
  }

  // MARK: Turning

  /// A scan turned by a right angle has the same turns by it to both sides and by none and two: p(turn x) = turn p(x), on a
  /// cube, whose voxels come to lie on voxels.
  @Test(arguments: 0..<3)
  func theMeanOverRightAnglesIsTurnedWithTheScan(_ axis: Int) throws {
    let model = try model(on: try CPUExecutor(threadCount: 1))
    let scan = randomScan(GridSize(16, 16, 16))
    func largestDifference(_ angles: [Double]) throws -> Float {
      let views = angles.map { ScanView.rotated(axis: axis, degrees: $0) }
      return try self.largestDifference(model, views, scan) { turned($0, axis) }
    }
    #expect(try largestDifference([0]) > 1e-2)
    #expect(try largestDifference([0, 180]) > 1e-3)
    #expect(try largestDifference([0, 90, 180, 270]) < 1e-4)
  }

  /// By a right angle about an axis, from the next axis towards the one after.
  private func turned(_ volume: Volume, _ axis: Int) -> Volume {
    let extent = volume.size.i
    let (next, last) = ((axis + 1) % 3, (axis + 2) % 3)
    var result = volume
    for channel in 0..<volume.channelCount {
      for voxel in 0..<volume.size.count {
        var place = [voxel % extent, voxel / extent % extent, voxel / (extent * extent)]
        (place[next], place[last]) = (extent - 1 - place[last], place[next])
        let target = (place[2] * extent + place[1]) * extent + place[0]
        result.voxels[channel * volume.size.count + target] =
          volume.voxels[channel * volume.size.count + voxel]
      }
    }
    return result
  }

  /// Where a turn takes corners out of sight the other views decide, and a constant network's mean is the constant; a view
  /// alone has nothing there.
  @Test func cornersOutOfSightAreThoseOfOtherViews() throws {
    let model = try model(on: try CPUExecutor(threadCount: 1), constant)
    let scan = randomScan(GridSize(16, 16, 16))
    func probabilities(_ views: [ScanView]) throws -> [Float] {
      try Predictor([model], options: PredictionOptions(views: views)).probabilitiesAndMask(of: scan)
        .probabilities.voxels
    }
    let mean = try probabilities(ScanView.rotations(by: 30))
    #expect(mean[..<scan.size.count].allSatisfy { abs($0 - 0.125) < 1e-6 })
    let alone = try probabilities([.rotated(axis: 0, degrees: 30)])[..<scan.size.count]
    #expect(alone.contains(0) && alone.allSatisfy { $0 == 0 || abs($0 - 0.125) < 1e-6 })
  }

  // MARK: Weights

  /// What the last step left in the weights and in the moving statistics does not count.
  @Test(arguments: ["input/conv/kernel", "input/norm/mean"])
  func predictsByTheAverages(_ name: String) throws {
    func probabilities(_ change: (inout [String: Tensor]) -> Void) throws -> [Float] {
      let predictor = Predictor(try model(on: Interpreter(), change))
      return try predictor.probabilitiesAndMask(of: randomScan(GridSize(4, 4, 4))).probabilities.voxels
    }
    let before = try probabilities { _ in }
    let byParameter = try probabilities { $0[name]!.elements[0] += 1 }
    let byAverage = try probabilities { $0[WeightAverage.name(of: name)]!.elements[0] += 1 }
    #expect(byParameter == before)
    #expect(byAverage != before)
  }

  /// Makes the network answer 1/8, 2/8, 5/8 whatever it sees.
  private func constant(_ tensors: inout [String: Tensor]) {
    let kernel = WeightAverage.name(of: "output/logits/kernel")
    tensors[kernel] = Tensor(tensors[kernel]!.type, repeating: 0)
    tensors[WeightAverage.name(of: "output/logits/bias")]!.elements = [0, log(2), log(5)]
  }

  /// The windows' weights cancel out where they overlap.
  @Test func windowsOfAConstantNetworkGiveTheConstant() throws {
    let model = try model(on: try CPUExecutor(threadCount: 1), constant)
    let size = GridSize(20, 13, 9)
    let predictor = try Predictor([model], options: PredictionOptions(wholeScanLimit: 0))
    let found = try predictor.probabilitiesAndMask(of: randomScan(size)).probabilities
    for (label, wanted) in ([0.125, 0.25, 0.625] as [Float]).enumerated() {
      let values = found.voxels[label * size.count..<(label + 1) * size.count]
      #expect(values.allSatisfy { abs($0 - wanted) < 1e-6 })
    }
  }

  // MARK: Times

  /// Each moment counts for one phase, so that the phases together take no longer than the clock says.
  @Test func timesAreThoseOfThePhases() throws {
    let predictor = Predictor(try model(on: try CPUExecutor(threadCount: 1)))
    let start = ContinuousClock.now
    for _ in 0..<3 {
      _ = try predictor.postprocessing(by: Postprocessing()).mask(of: randomScan(GridSize(20, 13, 9)))
    }
    let elapsed = ContinuousClock.now - start
    let phases: [PhaseTimes.Phase] = [.preparing, .network, .resamplingBack]
    #expect(phases.allSatisfy { predictor.times.total(of: $0) > .zero })
    #expect(phases.reduce(Duration.zero) { $0 + predictor.times.total(of: $1) } <= elapsed)
    #expect(
      [PhaseTimes.Phase.reading, .measuring, .writing].allSatisfy { predictor.times.total(of: $0) == .zero })
    #expect(predictor.times.summary.contains("network"))
  }

  // MARK: Grids

  /// Plane by plane comes what the whole grid's probabilities give when they are resampled at once, bit for bit: on the grid
  /// of all scans, on a coarser grid and on a finer one.
  @Test(
    arguments: [nil, [1.3, 1.7, 0.6], [0.7, 0.4, 1.9], [1, 1, 1]] as [[Double]?], [GridSize(11, 9, 14)])
  func planesGiveWhatTheWholeGives(_ spacing: [Double]?, _ size: GridSize) throws {
    let model = try model(on: try CPUExecutor(threadCount: 1), spacing: spacing)
    let scan = randomScan(size)
    let image = model.record.preparation.image(of: StoredVolume(scan))
    var planes = ScanPlanes(of: image, by: model, PredictionOptions())
    var elements: [Float] = []
    while let plane = try planes.next() { elements += plane }
    let whole = Volume(
      size: GridSize(image.extents[0], image.extents[1], image.extents[2]), channelCount: 3,
      geometry: scan.geometry, networkOrdered: elements[...]
    ).resampled(onto: size, geometry: scan.geometry)
    let (probabilities, mask) = try Predictor(model).probabilitiesAndMask(of: scan)
    #expect(probabilities == whole)
    #expect(mask == whole.mostProbableClasses())
    #expect(try Predictor(model).mask(of: scan) == mask)
  }

  /// Models of different grids meet on the scan's own.
  @Test func modelsAtDifferentSpacingsAreAveraged() throws {
    let spacings: [[Double]?] = [[1.3, 1.7, 0.6], nil, [0.7, 0.9, 1.9]]
    let models = try spacings.enumerated().map { index, spacing in
      try model(on: try CPUExecutor(threadCount: 1), spacing: spacing, seed: UInt64(index))
    }
    let scan = randomScan(GridSize(11, 9, 14))
    let parts = try models.map { try Predictor($0).probabilitiesAndMask(of: scan).probabilities.voxels }
    let predictor = try Predictor(models)
    let (mean, mask) = try predictor.probabilitiesAndMask(of: scan)
    for voxel in mean.voxels.indices {
      #expect(abs(mean.voxels[voxel] - (parts[0][voxel] + parts[1][voxel] + parts[2][voxel]) / 3) < 1e-6)
    }
    #expect(try predictor.mask(of: scan) == mask && mask == mean.mostProbableClasses())
  }

  /// A scan that is small but longer than any input may be goes through in windows.
  @Test(arguments: 0..<3)
  func longScansAreCoveredByWindows(_ axis: Int) throws {
    let model = try model(on: try CPUExecutor(threadCount: 1))
    var extents = [4, 4, 4]
    extents[axis] = 2060
    let size = GridSize(extents[0], extents[1], extents[2])
    let (probabilities, _) = try Predictor(model).probabilitiesAndMask(of: randomScan(size))
    #expect(probabilities.size == size && probabilities.voxels.allSatisfy(\.isFinite))
    #expect(model.executableShapes == [[8, 8, 8]])
  }

  // MARK: Memory

  /// Of a scan that is far longer than a window, no more planes are in memory than a window is deep.
  @Test func planesAreForgotten() throws {
    let model = try model(on: try CPUExecutor(threadCount: 1))
    let image = model.record.preparation.image(of: StoredVolume(randomScan(GridSize(61, 9, 10))))
    var planes = ScanPlanes(of: image, by: model, PredictionOptions(wholeScanLimit: 0))
    var count = 0
    while try planes.next() != nil {
      count += 1
      #expect(planes.planeCount <= 8)
    }
    #expect(count == 61)
  }

  /// Scans of many shapes leave the executables of the last few.
  @Test func executablesAreKeptUpToANumber() throws {
    let model = try model(on: try CPUExecutor(threadCount: 1))
    let shapes = (1...SegmentationModel.executableLimit + 2).map { [4 * $0, 4, 8] }
    for shape in shapes {
      _ = try Predictor(model).mask(of: randomScan(GridSize(shape[0], shape[1], shape[2])))
    }
    #expect(model.executableShapes == shapes.suffix(SegmentationModel.executableLimit))
  }
}
