import Foundation
import MedicalImaging
import Testing

/// Scans and masks in other orders, places and units than the others, as a user meets them.
@Suite(.serialized) struct GeometryCommandTests {
  private func withData(_ body: (_ data: String, _ folder: String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    let data = url.path + "/data"
    let run = try CommandRun(["phantom", "--output", data, "--cases", "4", "--seed", "1"])
    #expect(run.status == 0, "\(run.errors)")
    try body(data, url.path)
  }

  private func train(_ data: String, _ model: String, _ more: String...) throws -> CommandRun {
    try CommandRun(
      [
        "train", "--data-dir", data, "--model-dir", model, "--filters", "2", "--input-shape", "16", "16",
        "16",
      ]
        + more)
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 }
  }

  /// Replaces a mask by what becomes of it.
  private func change(mask path: String, _ body: (LabelVolume) -> LabelVolume) throws {
    let mask = body(try Image(contentsOf: path).labelVolume())
    let header = ImageHeader(size: mask.size, geometry: mask.geometry, voxelType: .uint8, format: .nifti)
    for file in try header.format.files(of: mask, like: header, at: path) { try file.write() }
  }

  /// Replaces a scan by what becomes of it.
  private func change(scan path: String, _ body: (Volume) -> Volume) throws {
    let scan = body(try Image(contentsOf: path).volume())
    let header = ImageHeader(size: scan.size, geometry: scan.geometry, voxelType: .float32, format: .nifti)
    for file in try header.format.files(of: scan, like: header, at: path) { try file.write() }
  }

  private func order(_ name: String) throws -> AxisRearrangement {
    AxisRearrangement(from: .canonical, to: try #require(AxisOrder.all.first { "\($0)" == name }))
  }

  /// The weights do not depend on how scans and masks are stored; `--orientation stored` makes them.
  @Test func trainingDoesNotSeeTheStoredOrder() throws {
    try withData { data, folder in
      func losses(_ model: String, _ more: String...) throws -> [Substring] {
        let run = try CommandRun(
          [
            "train", "--data-dir", data, "--model-dir", folder + "/" + model, "--filters", "2",
            "--input-shape",
            "16", "16", "16", "--epochs", "1", "--threads", "1", "--exact-convolution", "--log-every", "1",
          ] + more)
        #expect(run.status == 0, "\(run.errors)")
        let log = try String(contentsOfFile: folder + "/\(model)/log.jsonl", encoding: .utf8)
        return log.split(separator: "\n").filter { $0.contains("\"loss\"") }.map { line in
          line.split(separator: ",").first { $0.contains("\"loss\"") } ?? ""
        }
      }
      let canonical = try losses("canonical")
      #expect(!canonical.isEmpty)
      // Of two scans at least one trains.
      let (las, psr) = (try order("LAS"), try order("PSR"))
      for scan in try files(data + "/imagesTr").prefix(2) {
        try change(scan: scan) { $0.rearranged(by: las) }
      }
      try change(mask: try files(data + "/labelsTr")[2]) { $0.rearranged(by: psr) }
      #expect(try losses("orders") == canonical)
      #expect(try losses("stored", "--orientation", "stored") != canonical)

      let verified = try CommandRun(["verify", "--data-dir", data])
      #expect(verified.status == 0 && verified.output.contains("RAS 4, LAS 2"), "\(verified.output)")
      #expect(verified.output.contains("3 masks are stored in another order"), "\(verified.output)")
      let inspected = try CommandRun(["inspect", data])
      #expect(inspected.output.contains("orders       LAS 2, RAS 2"), "\(inspected.output)")
      let model = try CommandRun(["inspect", folder + "/orders"])
      #expect(model.output.contains("seen in RAS order"), "\(model.output)")
      let resumed = try CommandRun(
        [
          "train", "--data-dir", data, "--model-dir", folder + "/orders", "--epochs", "2", "--resume",
          "--orientation", "stored",
        ])
      #expect(resumed.status != 0 && resumed.errors.contains("--orientation stored differs from canonical"))
    }
  }

  /// A mask elsewhere stops training and measuring before anything is done, unless the scan's geometry is to count.
  @Test func masksElsewhere() throws {
    try withData { data, folder in
      let mask = try files(data + "/labelsTr")[0]
      try change(mask: mask) { mask in
        LabelVolume(size: mask.size, geometry: Geometry(spacing: [3, 3, 3]), labels: mask.labels)
      }
      let refused = try train(data, folder + "/m", "--epochs", "1")
      #expect(refused.status == 1 && refused.errors.contains(mask) && refused.errors.contains("3.0x3.0x3.0"))
      #expect(
        refused.errors.contains("--geometry scan") && !FileManager.default.fileExists(atPath: folder + "/m"))
      #expect(try CommandRun(["verify", "--data-dir", data]).status == 1)

      let taken = try train(data, folder + "/m", "--epochs", "1", "--geometry", "scan")
      #expect(taken.status == 0, "\(taken.errors)")
      #expect(taken.errors.components(separatedBy: "Warning: \(mask)").count == 2, "\(taken.errors)")
      let evaluate = ["evaluate", "--data-dir", data, "--model-dir", folder + "/m", "--split", "all"]
      let measured = try CommandRun(evaluate + ["--geometry", "scan"])
      #expect(measured.status == 0 && measured.errors.contains("Warning: \(mask)"), "\(measured.errors)")
      #expect(try CommandRun(evaluate).errors.contains(mask))
      let verified = try CommandRun(["verify", "--data-dir", data, "--geometry", "scan"])
      #expect(verified.status == 0 && verified.output.contains("warning: \(mask)"), "\(verified.output)")
    }
  }

  /// A scan in metres is left out, one of thick slices told.
  @Test func spacingsThatAreNotThoseOfTheTraining() throws {
    try withData { data, folder in
      #expect(try train(data, folder + "/m", "--epochs", "1").status == 0)
      let scans = try files(data + "/imagesTs")
      try change(scan: scans[0]) { scan in
        Volume(size: scan.size, geometry: Geometry(spacing: [1000, 1000, 1000]), voxels: scan.voxels)
      }
      try change(scan: scans[1]) { scan in
        Volume(size: scan.size, geometry: Geometry(spacing: [1, 1, 5]), voxels: scan.voxels)
      }
      let run = try CommandRun(
        ["predict", "--model-dir", folder + "/m", "--input", data + "/imagesTs", "--output", folder + "/o"])
      #expect(
        run.status == 1 && run.errors.contains("Error: \(scans[0])")
          && run.errors.contains("1000 x 1000 x 1000 mm"))
      #expect(run.errors.contains("Note: \(scans[1])") && run.errors.contains("1.0x1.0x5.0"), "\(run.errors)")
      #expect(try files(folder + "/o").count == 1)
      let verified = try CommandRun(["verify", "--data-dir", data])
      #expect(verified.status == 1 && verified.output.contains("error: \(scans[0])"))
      #expect(verified.output.contains("warning: \(scans[1]): its spacing"), "\(verified.output)")
    }
  }
}
