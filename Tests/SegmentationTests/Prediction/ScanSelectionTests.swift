import Foundation
import Segmentation
import Testing

/// Which files of a folder are scans.
@Suite struct ScanSelectionTests {
  private func names(_ files: [String]) throws -> [String] {
    try withTemporaryFolder { folder in
      for file in files { try Data().write(to: URL(fileURLWithPath: folder + "/" + file)) }
      return try Predictor.scans(at: folder).map { $0.imagePath.split(separator: "/").last.map(String.init)! }
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
    #expect(try names(["._a.nii", "_b.mha", "notes.txt", "c.nii"]) == ["c.nii"])
  }
}
