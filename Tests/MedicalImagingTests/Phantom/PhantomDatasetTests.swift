import Foundation
import MedicalImaging
import SeededRandom
import Testing

@Suite struct PhantomDatasetTests {
  private static let variants = [
    PhantomConfiguration(caseCount: 3, seed: 7),
    PhantomConfiguration(caseCount: 2, testCaseCount: 0, seed: 8, channelCount: 3, classCount: 4),
    PhantomConfiguration(caseCount: 2, seed: 9, channelCount: 2, modality: .ct, classCount: 1),
  ]

  @Test(arguments: variants)
  func isAFaultlessDataSet(_ configuration: PhantomConfiguration) throws {
    let folder = try TemporaryFolder()
    let dataset = try PhantomDataset.write(configuration, to: folder.file("p"))
    #expect(DatasetVerification.problems(in: dataset).isEmpty)
    #expect(
      dataset.training.count == configuration.caseCount && dataset.test.count == configuration.testCaseCount)
    #expect(dataset.classNames == configuration.classNames)
    #expect(dataset.channelNames == configuration.channelNames)
    let header = try ImageHeader(contentsOf: dataset.training[0].imagePath)
    #expect(header.voxelType == (configuration.modality == .ct ? .int16 : .float32))
    #expect(header.channelCount == configuration.channelCount)
  }

  @Test(arguments: variants)
  func oneSeedGivesEqualFiles(_ configuration: PhantomConfiguration) throws {
    let folder = try TemporaryFolder()
    let first = try PhantomDataset.write(configuration, to: folder.file("1"))
    let second = try PhantomDataset.write(configuration, to: folder.file("2"))
    var other = configuration
    other.seed += 1
    let third = try PhantomDataset.write(other, to: folder.file("3"))
    #expect(try content(of: first.descriptionPath) == content(of: second.descriptionPath))
    for (index, entry) in (first.training + first.test).enumerated() {
      let twin = (second.training + second.test)[index]
      let stranger = (third.training + third.test)[index]
      #expect(try content(of: entry.imagePath) == content(of: twin.imagePath))
      #expect(try content(of: entry.imagePath) != content(of: stranger.imagePath))
      guard let label = entry.labelPath, let twinLabel = twin.labelPath else { continue }
      #expect(try content(of: label) == content(of: twinLabel))
    }
  }

  /// The bits themselves are fixed, on every machine.
  @Test func voxelsAreTheSameEverywhere() {
    let phantom = PhantomCase(configuration: PhantomConfiguration(caseCount: 1), seed: 42)
    var hash = StableHash()
    for voxel in phantom.image.voxels { hash.add(voxel.bitPattern) }
    for label in phantom.labels.labels { hash.add(label) }
    #expect(hash.value == 13_826_870_516_934_182_955)
  }

  @Test(arguments: 0..<30)
  func sizesSpacingsAndClassesAreInRange(_ seed: Int) {
    let configuration = PhantomConfiguration(caseCount: 1, classCount: 3)
    let phantom = PhantomCase(configuration: configuration, seed: UInt64(seed))
    let size = phantom.image.size
    #expect((30...45).contains(size.i) && (40...60).contains(size.j) && (25...40).contains(size.k))
    #expect(phantom.image.geometry.spacing.allSatisfy { $0 >= 0.8 && $0 <= 1.3001 })
    #expect(phantom.image.geometry.orientation == "RAS")
    var counts = [Int](repeating: 0, count: 256)
    for label in phantom.labels.labels { counts[Int(label)] += 1 }
    #expect(counts[1...3].allSatisfy { $0 > 100 } && counts[4...].allSatisfy { $0 == 0 })
    #expect(counts[0] > size.count * 8 / 10)
  }

  /// Brighter inside than outside by more than the noise, and the first part lies in front (large j).
  @Test func structureStandsOutAndIsOrdered() {
    let phantom = PhantomCase(configuration: PhantomConfiguration(caseCount: 1), seed: 3)
    var (sums, counts, places) = ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    for (index, label) in phantom.labels.labels.enumerated() {
      sums[Int(label)] += Double(phantom.image.voxels[index])
      counts[Int(label)] += 1
      places[Int(label)] += Double(index / phantom.image.size.i % phantom.image.size.j)
    }
    let means = (0..<3).map { sums[$0] / counts[$0] }
    #expect(means[1] > 1.2 * means[0] && means[2] > 1.15 * means[0])
    #expect(places[1] / counts[1] > places[2] / counts[2] + 8)
  }

  @Test func hounsfieldUnitsAreWholeNumbersOfTissue() {
    let configuration = PhantomConfiguration(caseCount: 1, modality: .ct)
    let voxels = PhantomCase(configuration: configuration, seed: 5).image.voxels
    #expect(voxels.allSatisfy { $0 == $0.rounded() && abs($0) < 1000 })
    let mean = voxels.reduce(0, +) / Float(voxels.count)
    #expect(mean > 20 && mean < 80)
  }

  @Test func optionsOutOfRangeAreRefused() throws {
    let folder = try TemporaryFolder()
    for configuration in [
      PhantomConfiguration(caseCount: 0), PhantomConfiguration(caseCount: 1, testCaseCount: -1),
      PhantomConfiguration(caseCount: 1, channelCount: 0), PhantomConfiguration(caseCount: 1, classCount: 17),
    ] {
      #expect(throws: PhantomError.self) { try PhantomDataset.write(configuration, to: folder.file("p")) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func nothingStaysOfAnEarlierPhantom() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data")
    func names(_ part: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(part)").sorted()
    }
    try PhantomDataset.write(PhantomConfiguration(caseCount: 3, testCaseCount: 1), to: path)
    try folder.write([1], to: "data/labelsTr/phantom_001_corrected.nii.gz")
    let smaller = PhantomConfiguration(caseCount: 1, testCaseCount: 1)
    #expect(PhantomDataset.leftovers(of: smaller, in: path).count == 5)
    try PhantomDataset.write(smaller, to: path)
    #expect(try names("imagesTr") == ["phantom_001.nii.gz"] && names("imagesTs") == ["phantom_002.nii.gz"])
    #expect(try names("labelsTr") == ["phantom_001.nii.gz", "phantom_001_corrected.nii.gz"])
  }

  @Test func otherFilesAreNotOverwritten() throws {
    let configuration = PhantomConfiguration(caseCount: 1, testCaseCount: 0)
    let folder = try TemporaryFolder()
    try folder.write([1], to: "used/notes.txt")
    try folder.write([1], to: "scans/imagesTr/hippocampus_001.nii.gz")
    try folder.write([1], to: "unfinished/imagesTr/phantom_001.nii.gz")
    for name in ["used", "scans"] {
      #expect(throws: PhantomError.folderInUse(path: folder.file(name))) {
        try PhantomDataset.write(configuration, to: folder.file(name))
      }
    }
    try PhantomDataset.write(configuration, to: folder.file("unfinished"))
    try PhantomDataset.write(configuration, to: folder.file("unfinished"))
    var real = String(decoding: try content(of: folder.file("unfinished/dataset.json")), as: UTF8.self)
    real = real.replacingOccurrences(of: "\"Phantom\"", with: "\"Hippocampus\"")
    try folder.write(real.utf8, to: "unfinished/dataset.json")
    #expect(throws: PhantomError.folderInUse(path: folder.file("unfinished"))) {
      try PhantomDataset.write(configuration, to: folder.file("unfinished"))
    }
    #expect(throws: PhantomError.self) {
      try PhantomDataset.write(configuration, to: folder.file("used/notes.txt"))
    }
  }
}

@Suite struct SplitMix64Tests {
  /// The published first outputs for the seed 1234567.
  @Test func followsThePaper() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect((0..<1000).allSatisfy { _ in (0..<1).contains(random.nextUnit()) })
  }
}
