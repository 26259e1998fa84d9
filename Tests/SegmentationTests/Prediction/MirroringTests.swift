import Foundation
import Networks
import Segmentation
import TensorGraph
import Testing
import Training

@Suite struct MirroringTests {
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
      let none = try model("none", try record(.accurate) { $0.sampling.patches!.augmentation.turnOff(.flip) })
      func axes(_ folders: ModelFolder...) throws -> [Int] {
        try TrainedModels(
          in: folders, on: { TrainedModels.Device(executor: Interpreter(), halfDType: nil) }
        ).mirroredAxes()
      }
      #expect(try axes(all) == [0, 1, 2])
      #expect(try axes(all, some) == [0, 1])
      #expect(throws: SegmentationError.mirroringNotTrained(model: none.path)) { try axes(all, none) }
    }
  }
}
