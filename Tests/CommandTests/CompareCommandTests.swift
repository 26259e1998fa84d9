import Foundation
import MedicalImaging
import Testing

/// `vnet compare`: two evaluations of the same cases, and what cannot be compared.
@Suite(.serialized) struct CompareCommandTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// Scores of the true masks, and of others in whose first mask a class is gone.
  private func scores() throws -> (perfect: String, damaged: String) {
    let data = try sandbox.phantom()
    let (truth, masks) = (data + "/labelsTr", sandbox.path + "/masks")
    try FileManager.default.copyItem(atPath: truth, toPath: masks)
    let name = try sandbox.files(masks)[0]
    let mask = try Image(contentsOf: "\(masks)/\(name)").labelVolume()
    let without = LabelVolume(
      size: mask.size, geometry: mask.geometry, labels: mask.labels.map { $0 == 2 ? 0 : $0 })
    let header = try ImageHeader(contentsOf: "\(truth)/\(name)")
    for file in try ImageFormat.nifti.files(of: without, like: header, at: "\(masks)/\(name)") {
      try file.write()
    }
    for (masks, output) in [(truth, "perfect"), (masks, "damaged")] {
      let run = try sandbox.vnet(
        "score", "--truth", data, "--masks", masks, "--output", "\(sandbox.path)/\(output)")
      #expect(run.status == 0, "\(run.errors)")
    }
    return ("\(sandbox.path)/perfect/evaluation.json", "\(sandbox.path)/damaged/evaluation.json")
  }

  @Test func theCaseThatMovedIsNamed() throws {
    let (perfect, damaged) = try scores()
    let run = try sandbox.vnet("compare", perfect, damaged)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.contains("6 cases in both") && run.output.contains("class mean"), "\(run.output)")
    #expect(run.output.contains("phantom_001       1.0000  0.5000  -0.5000"), "\(run.output)")
    #expect(
      run.output.contains("Posterior, HD95 (mm), ASSD (mm): no value in phantom_001 (B)"), "\(run.output)")
    #expect(try sandbox.vnet("compare", perfect, damaged).output == run.output)

    let file = sandbox.path + "/comparison.json"
    let quiet = try sandbox.vnet("compare", perfect, damaged, "--json", file, "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty, "\(quiet.errors)")
    let printed = try sandbox.vnet("compare", perfect, damaged, "--json", "-")
    #expect(printed.output == (try sandbox.text(file)))
    let object = try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any]
    #expect((object?["cases"] as? [String])?.count == 6)
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    let (perfect, damaged) = try scores()
    expectRefusal(
      try sandbox.vnet("compare", perfect, sandbox.path + "/perfect"), "is a folder", "evaluation.json")
    expectRefusal(try sandbox.vnet("compare", perfect, sandbox.path + "/nowhere"), "there is no such file")
    expectRefusal(
      try sandbox.vnet("compare", perfect, sandbox.path + "/data/dataset.json"),
      "does not parse as an evaluation")
    expectRefusal(try sandbox.vnet("compare", perfect, damaged, "--json", "-", "--quiet"), "--quiet")
    let before = try sandbox.text(damaged)
    expectRefusal(try sandbox.vnet("compare", perfect, damaged, "--json", damaged), "name another file")
    #expect(try sandbox.text(damaged) == before)
  }
}
