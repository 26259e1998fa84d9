import Foundation
import Segmentation
import Testing

/// Which files of a folder are scans.
@Suite struct ScanSelectionTests {
  private func names(_ files: [String]) throws -> [String] {
    try withTemporaryFolder { folder in
      for file in files { try Data().write(to: URL(fileURLWithPath: folder + "/" + file)) }
      return try Predictor.scans(at: folder).scans.map {
        $0.imagePath.split(separator: "/").last.map(String.init)!
      }
    }
  }

  /// A header stands for its file of voxels, too.
  @Test func everyFormatIsFoundOnce() throws {
    let files = [
      "a.nii.gz", "b.hdr", "b.img", "c.mha", "d.mhd", "d.zraw", "e.nrrd", "f.nhdr", "f.raw.gz", "G.NII",
    ]
    #expect(
      try names(files).sorted() == ["G.NII", "a.nii.gz", "b.hdr", "c.mha", "d.mhd", "e.nrrd", "f.nhdr"])
  }

  @Test func hiddenFilesAndOthersAreLeftOut() throws {
    #expect(try names(["._a.nii", "_b.mha", "notes.txt", "c.nii"]) == ["_b.mha", "c.nii"])
  }

  private func selection(_ files: [String: String], _ path: String, channels: [String] = []) throws
    -> ScanSelection
  {
    try withTemporaryFolder { folder in
      for (name, text) in files {
        let url = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
      return try Predictor.scans(at: folder + path, channels: channels)
    }
  }

  @Test func channelsAreJoinedByTheEndsOfTheirNames() throws {
    let files = ["a_t1.nii", "a_t2.nii", "b_t1.nii", "b_t2.nii", "note_x.nii", ".a_t1.nii"]
    let found = try selection(
      Dictionary(uniqueKeysWithValues: files.map { ($0, "") }), "", channels: ["t2", "t1"])
    #expect(found.scans.map(\.name) == ["a", "b"] && found.remarks.count == 1)
    #expect(found.scans[0].imagePaths.map { $0.hasSuffix("a_t2.nii") } == [true, false])
    #expect(found.summary == "1 name that starts with \".\" left out")
  }

  @Test func listsAndDataSetsStandForTheirScans() throws {
    let json = """
      {"modality": {"0": "MRI"}, "labels": {"0": "background", "1": "a"},
       "training": [{"image": "a.nii", "label": "m.nii"}], "test": ["b.nii", "c/b.nii"]}
      """
    for path in ["", "/dataset.json"] {
      let found = try selection(["dataset.json": json], path)
      #expect(found.scans.map(\.name) == ["b", "c"] && found.summary?.hasPrefix("MSD form: 1 case") == true)
    }
    let list = try selection(["list.csv": "image\na.nii\nb.nii\n"], "/list.csv")
    #expect(list.scans.map(\.name) == ["a", "b"])
  }
}
