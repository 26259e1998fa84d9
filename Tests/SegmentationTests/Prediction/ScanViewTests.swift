import Foundation
import Networks
import Segmentation
import TensorGraph
import Testing
import Training

/// How scans are shown to models for test-time augmentation.
@Suite struct ScanViewTests {
  private func record(_ preset: Preset, _ change: (inout TrainingOptions) -> Void) throws -> ModelRecord {
    var options = TrainingOptions(preset: preset)
    options.network.architecture.vnet!.filters = 2
    change(&options)
    var preparation = try plainPreparation()
    if options.sampling.patches == nil { preparation.spacing = nil }
    return ModelRecord(
      options: options, preparation: preparation, datasetName: "none", trainingCases: [],
      validationCases: [])
  }

  @Test func theAxesAreThoseThatTrainingMirrored() {
    var options = TrainingOptions(preset: .accurate)
    #expect(options.mirroredAxes == [0, 1, 2])
    options.sampling.patches!.augmentation.turnOff(.flip)
    #expect(options.mirroredAxes == [])
    options = TrainingOptions(preset: .hippocampus)
    #expect(options.mirroredAxes == [])
    options.sampling = .wholeGrid(flips: true)
    #expect(options.mirroredAxes == [0, 1])
  }

  /// Several models are mirrored along what all of them know; without such an axis it is said which one stands in the way.
  @Test func severalModelsShareTheirAxes() throws {
    try withTemporaryFolder { folder in
      func model(_ name: String, _ record: ModelRecord) throws -> ModelFolder {
        let model = ModelFolder(folder + "/" + name)
        try model.create()
        let tensors = try ModelGraphs(record.options).initialTensors(seed: 1)
        try Checkpoint(record: record, tensors: tensors).write(to: model.checkpointPath(.last))
        return model
      }
      let all = try model("all", try record(.accurate) { _ in })
      let some = try model("some", try record(.hippocampus) { $0.sampling = .wholeGrid(flips: true) })
      let turned = try model(
        "turned", try record(.accurate) { $0.sampling.patches!.augmentation.turnOff(.flip) })
      let none = try model("none", try record(.hippocampus) { _ in })
      func views(_ folders: ModelFolder...) throws -> [ScanView] {
        try TrainedModels(
          in: folders, on: { TrainedModels.Device(executor: Interpreter(), halfDType: nil) }
        ).views()
      }
      #expect(try views(all) == ScanView.mirrorings(along: [0, 1, 2]))
      #expect(try views(all, some) == [[], [0], [1], [0, 1]].map { .mirrored(axes: $0) })
      #expect(try views(all, turned) == ScanView.rotations())
      #expect(try views(turned, turned) == ScanView.rotations() && ScanView.rotations().count == 7)
      #expect(throws: SegmentationError.viewNotTrained(model: none.path)) { try views(all, none) }
      #expect(throws: SegmentationError.viewNotTrained(model: turned.path)) { try views(some, turned) }
    }
  }
}
