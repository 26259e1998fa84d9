import CPUBackend
import Foundation
import MedicalImaging
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing

/// A scan's mask does not depend on the order of the axes in which it is stored.
@Suite struct OrientationTests {
  /// A small network with random weights that sees the scans of a model trained at a spacing of 1 mm, or all on one grid.
  private func model(
    _ orientation: OrientationChoice = .canonical, spacing: [Double]? = [1, 1, 1], grids: GridFacts? = nil
  ) throws -> SegmentationModel {
    var options = TrainingOptions(preset: .accurate)
    options.network.architecture.vnet!.filters = 2
    options.network.inputShape = [16, 16, 16]
    options.network.architecture.vnet!.downscaleBlocks = [1, 1]
    options.network.architecture.vnet!.upscaleBlocks = [1, 1]
    options.orientation = orientation
    if spacing == nil { options.sampling = .wholeGrid() }
    var preparation = try plainPreparation()
    preparation.normalizations = [.zScore]
    preparation.gridShape = [16, 16, 16]
    preparation.spacing = spacing
    preparation.orientation = orientation
    let record = ModelRecord(
      options: options, preparation: preparation, datasetName: "none", trainingCases: [], validationCases: [],
      trainingGrids: grids)
    return try withTemporaryFolder { folder in
      try Checkpoint(record: record, tensors: try ModelGraphs(options).initialTensors(seed: 5)).write(
        to: ModelFolder(folder).checkpointPath(.last))
      return try SegmentationModel(ModelFolder(folder), executor: try CPUExecutor(threadCount: 1))
    }
  }

  private func write(_ volume: Volume, to path: String) throws {
    let header = ImageHeader(
      size: volume.size, channelCount: volume.channelCount, geometry: volume.geometry, voxelType: .float32,
      format: .nifti)
    for file in try header.format.files(of: volume, like: header, at: path) { try file.write() }
  }

  private func write(_ mask: LabelVolume, to path: String) throws {
    let header = ImageHeader(size: mask.size, geometry: mask.geometry, voxelType: .uint8, format: .nifti)
    for file in try header.format.files(of: mask, like: header, at: path) { try file.write() }
  }

  /// What brings a scan of some geometry into an order.
  private func arrangement(from geometry: Geometry, to order: AxisOrder) -> AxisRearrangement {
    AxisRearrangement(from: geometry.axisOrder, to: order)
  }

  /// Writes a scan in all 48 orders, predicts the files, and expects the mask that the scan as it is has, in each file's own
  /// order and geometry; probabilities too.
  private func expectOneMask(of volume: Volume, by predictor: Predictor) throws {
    try withTemporaryFolder { folder in
      // Its geometry in the 32 bits of a file.
      try write(volume, to: folder + "/scan.nii")
      let scan = try Image(contentsOf: folder + "/scan.nii").volume()
      let cases = try AxisOrder.all.map { order in
        let stored = scan.rearranged(by: arrangement(from: scan.geometry, to: order))
        try write(stored, to: "\(folder)/\(order).nii")
        return Case(imagePath: "\(folder)/\(order).nii")
      }
      try predictor.predict(
        cases.map(ScanSource.files),
        to: PredictionOutput(folder: folder + "/masks", writesProbabilities: true)
      ) { entry, outcome in
        if case .failed(let reason) = outcome { Issue.record("\(entry.name): \(reason)") }
      }
      let (probabilities, mask) = try predictor.probabilitiesAndMask(of: scan)
      #expect(Set(mask.labels).count > 1)
      for (order, entry) in zip(AxisOrder.all, cases) {
        let stored = try ImageHeader(contentsOf: entry.imagePath)
        let back = arrangement(from: scan.geometry, to: order).inverse
        let found = try Image(contentsOf: folder + "/masks/" + entry.maskFileName).labelVolume()
        #expect(found.size == stored.size && found.geometry == stored.geometry, "\(order)")
        #expect(found.rearranged(by: back).labels == mask.labels, "\(order)")
        let foundProbabilities = try Image(contentsOf: "\(folder)/masks/\(order)_probabilities.nii.gz")
          .volume()
        #expect(foundProbabilities.rearranged(by: back).voxels == probabilities.voxels, "\(order)")
      }
    }
  }

  private static let oblique = Geometry(
    spacing: [1, 1.25, 1.5], affine: [[0.8, -0.75, 0, -20], [0.6, 1, 0, 10], [0, 0, 1.5, 5]])

  @Test(arguments: [[1, 1, 1], nil] as [[Double]?])
  func aPhantomHasOneMaskInAllOrders(_ spacing: [Double]?) throws {
    let phantom = PhantomCase(configuration: PhantomConfiguration(caseCount: 1), seed: 4)
    let scan = Volume(
      size: phantom.image.size, geometry: Self.oblique, voxels: phantom.image.voxels)
    try expectOneMask(of: scan, by: Predictor(try model(spacing: spacing)))
  }

  /// The largest component is chosen in the order that all share, too.
  @Test func postprocessingIsTheSameInAllOrders() throws {
    var generator = SplitMix64(seed: 1)
    let scan = Volume(
      size: GridSize(9, 8, 10), geometry: Geometry(spacing: [1, 1, 1]),
      voxels: (0..<720).map { _ in Float(generator.nextNormal()) })
    let predictor = Predictor(try model()).postprocessing(
      by: Postprocessing(keepLargest: ["one", "two"]))
    try expectOneMask(of: scan, by: predictor)
  }

  private static let hippocampus =
    URL(fileURLWithPath: #filePath + "/../../../../../shared/data/Task04_Hippocampus").standardized.path
  private static let isPresent = FileManager.default.fileExists(atPath: hippocampus + "/dataset.json")

  @Test(.enabled(if: isPresent, "the Task04_Hippocampus data are not at ../shared/data"))
  func aRealScanHasOneMaskInAllOrders() throws {
    let entry = try Dataset(folder: Self.hippocampus).training[0]
    let predictor = Predictor(try model(spacing: [1.2, 0.9, 1]))
    try expectOneMask(of: try Image(contentsOf: entry.imagePath).volume(), by: predictor)
  }

  /// A scan and its mask, each in an order of its own, are prepared as in any other.
  @Test func casesArePreparedAlikeInAllOrders() throws {
    let phantom = PhantomCase(configuration: PhantomConfiguration(caseCount: 1), seed: 4)
    var preparation = try plainPreparation()
    preparation.orientation = .canonical
    try withTemporaryFolder { folder in
      func prepared(_ scanOrder: AxisOrder, _ maskOrder: AxisOrder) throws -> Sample {
        let entry = Case(
          imagePath: "\(folder)/\(scanOrder).nii", labelPath: "\(folder)/mask_\(maskOrder).nii")
        try write(
          phantom.image.rearranged(by: arrangement(from: phantom.image.geometry, to: scanOrder)),
          to: entry.imagePath)
        try write(
          phantom.labels.rearranged(by: arrangement(from: phantom.image.geometry, to: maskOrder)),
          to: entry.labelPath!)
        return try PreparedCase(entry, preparation: preparation).sample
      }
      let canonical = try prepared(.canonical, .canonical)
      for (scanOrder, maskOrder) in zip(AxisOrder.all, AxisOrder.all.reversed()) {
        #expect(try prepared(scanOrder, maskOrder) == canonical, "\(scanOrder) \(maskOrder)")
      }
    }
  }

  // MARK: As stored

  /// As every version before did: voxels as they are stored, whatever their order, and a mask in another order brought to it.
  @Test func storedScansAreTakenAsTheyAre() throws {
    let phantom = PhantomCase(configuration: PhantomConfiguration(caseCount: 1), seed: 4)
    let order = try #require(AxisOrder.all.first { "\($0)" == "PSR" })
    let stored = phantom.image.rearranged(by: arrangement(from: phantom.image.geometry, to: order))
    let truth = phantom.labels.rearranged(by: arrangement(from: phantom.image.geometry, to: order))
    let preparation = try plainPreparation()
    #expect(preparation.orientation == .stored)
    try withTemporaryFolder { folder in
      let entry = Case(imagePath: folder + "/scan.nii", labelPath: folder + "/mask.nii")
      try write(stored, to: entry.imagePath)
      try write(phantom.labels, to: entry.labelPath!)
      let sample = try PreparedCase(entry, preparation: preparation).sample
      let image = preparation.image(of: StoredVolume(stored))
      #expect(sample.extents == image.extents && sample.image == image.elements)
      #expect(
        sample.labels
          == truth.resampled(to: GridSize(image.extents[0], image.extents[1], image.extents[2]))
          .networkOrdered)
    }
    let model = try model(.stored)
    let mask = try Predictor(model).mask(of: stored)
    let turned = try Predictor(model).mask(of: phantom.image)
    #expect(mask.labels != turned.rearranged(by: arrangement(from: turned.geometry, to: order)).labels)
  }

  @Test func modelsThatSeeScansInDifferentOrdersAreNoEnsemble() throws {
    #expect(throws: SegmentationError.orientationsDiffer) {
      try Predictor([try model(.canonical), try model(.stored)])
    }
  }

  // MARK: Scans that are unlike

  /// One whose spacing cannot be, one that would not fit into memory at the model's spacing: both are left out in a sentence.
  /// One of twice the spacing and more is predicted, and told.
  @Test func absurdSpacingsStopTheirCaseAlone() throws {
    var survey = GridSurvey()
    survey.add(
      ImageHeader(
        size: GridSize(12, 12, 12), geometry: Geometry(spacing: [1, 1, 1]), voxelType: .float32,
        format: .nifti))
    let predictor = Predictor(try model(grids: survey.facts(.canonical)))
    try withTemporaryFolder { folder in
      func scan(_ name: String, _ spacing: Double, extent: Int = 12) throws -> Case {
        let size = GridSize(extent, extent, extent)
        let voxels = (0..<size.count).map { Float($0 % 17) }
        try write(
          Volume(size: size, geometry: Geometry(spacing: [spacing, spacing, spacing]), voxels: voxels),
          to: "\(folder)/\(name).nii")
        return Case(imagePath: "\(folder)/\(name).nii")
      }
      let cases = [
        try scan("a", 1), try scan("metres", 1000), try scan("beyond", 1e30),
        try scan("huge", 100, extent: 60),
        try scan("coarse", 2.5), try scan("z", 1.5),
      ]
      var (written, failures, notes): ([String], [String], [String]) = ([], [], [])
      try predictor.predict(
        cases.map(ScanSource.files), to: PredictionOutput(folder: folder + "/masks")
      ) { entry, outcome in
        switch outcome {
        case .written(_, let own, _):
          written.append(entry.name)
          notes += own
        case .failed(let sentence): failures.append(sentence)
        }
      }
      #expect(written == ["a", "coarse", "z"])
      #expect(
        failures.count == 3 && failures.allSatisfy { $0.contains("spacing") && $0.hasSuffix(".") },
        "\(failures)")
      #expect(notes.count == 1 && notes[0].contains("coarse") && notes[0].contains("2.5"), "\(notes)")
    }
    let absurd = Geometry(spacing: [.infinity, 1, 0])
    #expect(throws: SegmentationError.self) {
      try predictor.mask(of: Volume(size: GridSize(1, 1, 1), geometry: absurd, voxels: [0]))
    }
  }

  // MARK: Masks elsewhere

  /// A mask of another spacing stops its case, or is measured in the scan's mm.
  @Test func figuresAreInTheScansGeometry() throws {
    let predictor = Predictor(try model())
    let size = GridSize(12, 12, 12)
    let scan = Volume(
      size: size, geometry: Geometry(spacing: [1, 1, 2]), voxels: (0..<size.count).map { Float($0 % 17) })
    let labels = (0..<size.count).map { UInt8($0 / 5 % 3) }
    try withTemporaryFolder { folder in
      var entry = Case(imagePath: folder + "/scan.nii", labelPath: folder + "/mask.nii")
      try write(scan, to: entry.imagePath)
      try write(LabelVolume(size: size, geometry: scan.geometry, labels: labels), to: entry.labelPath!)
      let expected = try predictor.evaluate([entry])
      try write(
        LabelVolume(size: size, geometry: Geometry(spacing: [3, 1, 1]), labels: labels), to: entry.labelPath!)
      let refused = try predictor.evaluate([entry])
      let sentence = try #require(refused.failures.first).reason
      #expect(refused.cases.isEmpty)
      for word in [entry.imagePath, entry.labelPath!, "3.0x1.0x1.0 mm, not 1.0x1.0x2.0", "--geometry scan"] {
        #expect(sentence.contains(word), "\(sentence)")
      }
      entry.maskGeometry = .scan
      #expect(try predictor.evaluate([entry]) == expected)
    }
  }
}
