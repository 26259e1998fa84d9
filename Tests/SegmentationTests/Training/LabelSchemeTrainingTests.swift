import CPUBackend
import Foundation
import MedicalImaging
import Networks
import Segmentation
import Testing
import Training

/// Labels that are not the classes' indices, from training to masks and figures.
@Suite struct LabelSchemeTrainingTests {
  private func train(
    _ dataset: Dataset, _ folder: String, _ options: TrainingOptions, resume: Bool = false
  ) throws -> RecordingObserver {
    let session = try TrainingSession(
      survey: DatasetSurvey(dataset), folder: ModelFolder(folder), options: options, resume: resume,
      executor: try CPUExecutor(threadCount: 1))
    var observer = RecordingObserver()
    try session.run(reporting: &observer)
    return observer
  }

  /// A run that is long enough to learn; the phantom's parts differ by where they lie, so nothing is mirrored.
  private func learningOptions() -> TrainingOptions {
    smallOptions(epochs: 20) {
      $0.baseLearningRate = 3e-3
      $0.sampling = .wholeGrid(flips: false)
    }
  }

  private func predictor(_ folder: String) throws -> Predictor {
    Predictor(try SegmentationModel(ModelFolder(folder), executor: try CPUExecutor(threadCount: 1)))
  }

  private func volume(_ entry: Case) throws -> Volume { try Image(contentsOf: entry.imagePaths).volume() }

  private func tensors(_ folder: String) throws -> [String: SafetensorsTensor] {
    try SafetensorsFile(contentsOf: ModelFolder(folder).checkpointPath(.last)).tensors
  }

  // MARK: Values with gaps

  /// The network sees the same, bit for bit, and masks have the values of the data set.
  @Test func valuesWithGapsAreMappedThereAndBack() throws {
    try withTemporaryFolder { folder in
      let configuration = PhantomConfiguration(caseCount: 5, testCaseCount: 1, seed: 3)
      let plain = try PhantomDataset.write(configuration, to: folder + "/plain")
      let gaps = try relabelledPhantom(
        configuration, values: [0, 2, 7], labels: #""labels": {"background": 0, "b": 7, "a": 2}"#,
        to: folder + "/gaps")
      _ = try train(plain, folder + "/plainModel", smallOptions(epochs: 2))
      _ = try train(gaps, folder + "/gapsModel", smallOptions(epochs: 2))
      #expect(try tensors(folder + "/plainModel") == tensors(folder + "/gapsModel"))
      let (first, second) = (try predictor(folder + "/plainModel"), try predictor(folder + "/gapsModel"))
      let scan = try volume(plain.test[0])
      let mask = try first.mask(of: scan).labels
      #expect(Set(mask).count > 1)
      #expect(try second.mask(of: scan).labels == mask.map { [0, 2, 7][Int($0)] })
      #expect(try second.probabilitiesAndMask(of: scan).mask.labels == mask.map { [0, 2, 7][Int($0)] })
      let figures = try [first.evaluate(plain.training), second.evaluate(gaps.training)].map { evaluation in
        evaluation.cases.map { $0.classes.map(\.metrics) }
      }
      #expect(figures[0] == figures[1])
      #expect(first.models[0].record.preparation.labelScheme == nil)
      #expect(throws: SegmentationError.self) { try first.models[0].record.cases(of: .all, in: gaps) }
    }
  }

  // MARK: Regions

  @Test func regionsAreLearnedAndWrittenByTheirOrder() throws {
    try withTemporaryFolder { folder in
      let dataset = try nestedPhantom(folder + "/data", cases: 12)
      let observer = try train(dataset, folder + "/model", learningOptions())
      #expect(observer.epochs.last!.validationDice.count == 3)
      #expect(observer.epochs.last!.foregroundDice! > 0.6, "\(observer.epochs.last!)")
      let model = try predictor(folder + "/model")
      let evaluation = try model.evaluate(dataset.training)
      #expect(evaluation.classNames == ["whole", "core", "tip"])
      #expect(evaluation.meanForegroundDice! > 0.6, "\(evaluation.summary())")
      let scan = try volume(dataset.test[0])
      let (probabilities, mask) = try model.probabilitiesAndMask(of: scan)
      #expect(probabilities.channelCount == 3 && Set(mask.labels).isSubset(of: [0, 1, 2, 4]))
      let count = scan.size.count
      for voxel in 0..<count {
        let inside = (0..<3).filter { probabilities.voxels[$0 * count + voxel] > 0.5 }
        try #require(mask.labels[voxel] == (inside.last.map { [1, 2, 4][$0] } ?? 0))
      }
      #expect(Set(mask.labels).count > 2)
      let report = folder + "/report.html"
      let terms = EvaluationTerms(dataset: dataset.name, split: "all", masks: .folder("m"), version: "1")
      try EvaluationReport([(model, dataset.training)]).write(evaluation, terms, to: report)
      #expect(try String(contentsOfFile: report, encoding: .utf8).contains("whole"))
      #expect(try Checkpoint(ModelFolder(folder + "/model")).record.preparation.labels == dataset.labels)
    }
  }

  @Test func resumedRunsOfRegionsEqualUninterruptedOnes() throws {
    try withTemporaryFolder { folder in
      let dataset = try nestedPhantom(folder + "/data", cases: 4)
      _ = try train(dataset, folder + "/whole", smallOptions(epochs: 2))
      _ = try train(dataset, folder + "/parts", smallOptions(epochs: 1))
      _ = try train(dataset, folder + "/parts", smallOptions(epochs: 2), resume: true)
      #expect(try tensors(folder + "/whole") == tensors(folder + "/parts"))
    }
  }

  /// Class weights are those of the regions, none of which is the background.
  @Test func classWeightsAreOneForEachRegion() throws {
    try withTemporaryFolder { folder in
      let dataset = try nestedPhantom(folder + "/data", cases: 4)
      let weighted = smallOptions(epochs: 1) { $0.loss.classWeights = [1, 2, 3, 4] }
      #expect(throws: SegmentationError.wrongClassWeights(found: 4, names: ["whole", "core", "tip"])) {
        try train(dataset, folder + "/model", weighted)
      }
    }
  }

  // MARK: Ignored voxels

  /// The second part is ignored: it is no class, and nothing of it is written or measured.
  @Test func ignoredVoxelsAreNoClass() throws {
    try withTemporaryFolder { folder in
      let dataset = try relabelledPhantom(
        PhantomConfiguration(caseCount: 12, testCaseCount: 1, seed: 3), values: [0, 1, 9],
        labels: #""labels": {"background": 0, "Anterior": 1, "ignore": 9}"#, to: folder + "/data")
      #expect(DatasetVerification.problems(in: dataset).isEmpty)
      let facts = try DatasetFingerprint(DatasetSurvey(dataset), of: dataset.training)
      #expect(facts.classSizes.map(\.className) == ["Anterior"])
      let observer = try train(dataset, folder + "/model", learningOptions())
      #expect(observer.epochs.last!.validationDice.count == 2)
      #expect(observer.epochs.last!.foregroundDice! > 0.6, "\(observer.epochs.last!)")
      let model = try predictor(folder + "/model")
      #expect(Set(try model.mask(of: volume(dataset.test[0])).labels) == [0, 1])
      let evaluation = try model.evaluate(dataset.training)
      #expect(evaluation.classNames == ["Anterior"])
      for (entry, measured) in zip(dataset.training, evaluation.cases) {
        let truth = try Image(contentsOf: entry.labelPath!).labelVolume()
        let mask = try model.mask(of: volume(entry))
        let counted = truth.labels.indices.filter { truth.labels[$0] != 9 }
        let both = counted.count { truth.labels[$0] == 1 && mask.labels[$0] == 1 }
        let either = counted.reduce(0) { $0 + Int(truth.labels[$1]) + Int(mask.labels[$1]) }
        #expect(measured.classes[0].metrics.dice == .value(2 * Double(both) / Double(either)))
      }
    }
  }

  /// Intensities by which CT is normalised, and the voxels around which patches are drawn.
  @Test func ignoredVoxelsAreNoForeground() throws {
    try withTemporaryFolder { folder in
      let configuration = PhantomConfiguration(caseCount: 2, testCaseCount: 0, seed: 3, modality: .ct)
      let ignoring = try relabelledPhantom(
        configuration, values: [0, 1, 9], labels: #""labels": {"background": 0, "Anterior": 1, "ignore": 9}"#,
        to: folder + "/ignored")
      let bare = try relabelledPhantom(
        configuration, values: [0, 1, 0], labels: #""labels": {"background": 0, "Anterior": 1}"#,
        to: folder + "/bare")
      let prepared = try [ignoring, bare].map { dataset in
        try Preparation(
          survey: DatasetSurvey(dataset), training: dataset.training, gridShape: [16, 16, 16])
      }
      #expect(prepared[0].normalizations == prepared[1].normalizations)
      #expect(prepared[0].labels.ignoredValue == 9 && prepared[1].labelScheme == nil)
      let samples = try [ignoring, bare].enumerated().map { index, dataset in
        try PreparedCase(dataset.training[0], preparation: prepared[index]).sample
      }
      #expect(samples[0].image == samples[1].image)
      #expect(samples[0].labels.map { $0 == 2 ? 0 : $0 } == samples[1].labels)
      #expect(samples[0].labels.contains(2))
    }
  }

  // MARK: Other networks and precisions

  /// Patches, deep supervision and the weights' average, with nested regions some of whose voxels are ignored.
  @Test func theAccurateRecipeLearnsRegionsWithIgnoredVoxels() throws {
    try withTemporaryFolder { folder in
      let dataset = try relabelledPhantom(
        PhantomConfiguration(caseCount: 4, testCaseCount: 1, seed: 3, classCount: 4),
        values: [0, 1, 2, 4, 6],
        labels: """
          "labels": {"background": 0, "whole": [1, 2, 4], "core": [2, 4], "ignore": 6}, "regions_class_order": [1, 2]
          """, to: folder + "/data")
      var options = TrainingOptions(preset: .accurate)
      options.network.architecture = .residualUNet(
        ResidualUNetConfiguration(filters: 4, stages: 3, usesDeepSupervision: true))
      options.epochs = 2
      options.warmUpSteps = 2
      options.sampling.patches!.wishes = PlanWishes(patchShape: [16, 16, 16], batchSize: 2)
      options.sampling.patches!.leastSteps = 3
      let observer = try train(dataset, folder + "/model", options)
      #expect(observer.losses.allSatisfy { $0.isFinite })
      #expect(observer.epochs.last!.validationDice.count == 2 && observer.epochs.last!.areRegions == true)
      let mask = try predictor(folder + "/model").mask(of: volume(dataset.test[0]))
      #expect(Set(mask.labels).isSubset(of: [0, 1, 2]))
    }
  }
}
