import Foundation
import MedicalImaging
import Testing

/// `vnet predict` of many scans.
@Suite(.serialized) struct CohortTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func finishedScansAreSkippedAndVolumesCounted() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data, "--epochs", "3")
    #expect(trained.status == 0, "\(trained.errors)")
    let (output, table) = (sandbox.path + "/masks", sandbox.path + "/volumes.csv")
    let scans = data + "/imagesTs"
    let names = try sandbox.files(scans)
    let predict = ["predict", "--model-dir", model, "--output", output, "--volumes", table, "--input"]
    let first = try sandbox.vnet(predict + ["\(scans)/\(names[0])"])
    #expect(first.status == 0, "\(first.errors)")
    let before = try Data(contentsOf: URL(fileURLWithPath: "\(output)/\(names[0])"))
    try before.dropLast(0).write(to: URL(fileURLWithPath: "\(output)/\(names[0])"))

    let rest = try sandbox.vnet(
      predict + ["\(scans)/\(names[0])", "\(scans)/\(names[1])", "--skip-existing"])
    #expect(rest.status == 0 && rest.output.contains("1 of 2 predicted, 1 there already"), "\(rest.output)")
    let lines = try sandbox.text(table).split(separator: "\r\n")
    #expect(lines.count == 5 && lines[0] == "case,class,voxels,volume_mm3,mask")
    let mask = try Image(contentsOf: "\(output)/\(names[1])").labelVolume()
    let count = mask.labels.count { $0 == 1 }
    let cells = lines[3].split(separator: ",")
    #expect(cells[1] == "Anterior" && cells[2] == "\(count)")
    let volume = try #require(Double(cells[3]))
    #expect(abs(volume - Double(count) * mask.geometry.spacing.reduce(1, *)) < 1e-6 * max(volume, 1))
  }

  @Test func failuresAreCountedAtTheEnd() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let scans = data + "/imagesTs"
    let name = try sandbox.files(scans)[0]
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: "\(scans)/\(name)"))
    let predict = ["predict", "--model-dir", model, "--input", scans, "--output", sandbox.path + "/o"]
    let run = try sandbox.vnet(predict)
    #expect(run.status == 1 && run.output.contains("1 of 2 predicted, 1 failed"), "\(run.output)")
    let json = try sandbox.vnet(predict + ["--json"])
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((object?["predicted"] as? [[String: Any]])?.count == 1)
    #expect((object?["failed"] as? [[String: Any]])?.first?["reason"] != nil && json.status == 1)
  }

  @Test func whatIsToldCanBeHadAsJSON() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    func object(_ arguments: [String]) throws -> [String: Any] {
      let run = try sandbox.vnet(arguments + ["--json"])
      #expect(run.status == 0, "\(run.errors)")
      return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }
    #expect(try object(["inspect", model])["epochs_done"] as? Int == 1)
    #expect((try object(["inspect", data])["labelled"] as? [Any])?.count == 6)
    let scan = data + "/imagesTs/" + (try sandbox.files(data + "/imagesTs"))[0]
    #expect((try object(["inspect", scan])["size"] as? [Int])?.count == 3)
    #expect(try object(["verify", "--data-dir", data])["errors"] as? Int == 0)
    expectRefusal(try sandbox.vnet("inspect", "--preset", "hippocampus", "--json"), "--json")
    for (subject, option) in [(scan, "--tensors"), (data, "--graph"), (model, "--amp")] {
      expectRefusal(try sandbox.vnet("inspect", subject, option), option, "no use")
    }
  }
}
