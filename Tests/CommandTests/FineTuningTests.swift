import Foundation
import Testing

/// `vnet train --init-from`.
@Suite(.serialized) struct FineTuningTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func tune(_ data: String, _ name: String, _ more: String...) throws -> CommandRun {
    try sandbox.vnet(
      ["train", "--data-dir", data, "--model-dir", "\(sandbox.path)/\(name)", "--epochs", "1"] + more)
  }

  @Test func aTrainingStartsFromAModelsWeights() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")

    let same = try tune(data, "same", "--init-from", model)
    #expect(same.status == 0 && same.output.contains("started from"), "\(same.errors)")
    #expect(!same.output.contains("; new:"))
    #expect(try sandbox.vnet("inspect", sandbox.path + "/same").output.contains("started from"))

    let three = try sandbox.phantom("three", "--classes", "3")
    let other = try tune(three, "other", "--init-from", model, "--freeze", "encoder")
    #expect(other.status == 0, "\(other.errors)")
    #expect(other.output.contains("new: output/logits/kernel, output/logits/bias"), "\(other.output)")
    let resume = [
      "train", "--data-dir", three, "--model-dir", sandbox.path + "/other", "--epochs", "2", "--resume",
    ]
    // The command that began the training goes on with it.
    let again = try sandbox.vnet(resume + ["--init-from", model])
    #expect(again.status == 0 && again.errors.contains("Note: --init-from"), "\(again.errors)")
    #expect(try sandbox.vnet(resume).status == 0)

    let two = try sandbox.phantom("two", "--channels", "2")
    expectRefusal(try tune(two, "channels", "--init-from", model), "--adapt-channels")
    let adapted = try tune(two, "channels", "--init-from", model, "--adapt-channels")
    #expect(adapted.status == 0 && adapted.output.contains("input/projection"), "\(adapted.errors)")
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let data = try sandbox.phantom()
    let (model, _) = try sandbox.train(data)
    expectRefusal(try tune(data, "a", "--freeze", "encoder"), "--init-from")
    expectRefusal(try tune(data, "b", "--adapt-channels"), "--init-from")
    expectRefusal(try tune(data, "c", "--init-from", model, "--filters", "8"), "another network")
    expectRefusal(try tune(data, "d", "--init-from", model, "--preset", "accurate"), "--preset")
    expectRefusal(try tune(data, "e", "--init-from", sandbox.path + "/nothing"), "no such folder")
    let folds = sandbox.path + "/folds"
    try FileManager.default.createDirectory(atPath: folds, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: model, toPath: folds + "/fold-0")
    expectRefusal(try tune(data, "e", "--init-from", folds), "cross-validation", "such as \(folds)/fold-0")
    for name in ["a", "b", "c", "d", "e"] {
      #expect(!FileManager.default.fileExists(atPath: "\(sandbox.path)/\(name)/last.safetensors"))
    }
  }
}
