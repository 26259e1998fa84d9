import Foundation
import MedicalImaging
import Segmentation
import Testing

/// Names of what predictions write.
@Suite struct PredictionOutputTests {
  private func scan(_ path: String) -> ScanSource { .files(Case(imagePath: path)) }

  @Test func formatsHaveNamesAndEndings() {
    #expect(MaskFormat("nifti") == .suffix(".nii.gz") && MaskFormat("NIfTI-pair") == .suffix(".hdr"))
    #expect(MaskFormat("metaimage") == .suffix(".mha") && MaskFormat("nrrd") == .suffix(".nrrd"))
    #expect(MaskFormat(".nii") == .suffix(".nii") && MaskFormat("mhd") == .suffix(".mhd"))
    #expect(MaskFormat("png") == nil && MaskFormat("") == nil)
  }

  @Test func masksAreNamedAsTheirScans() {
    let plain = PredictionOutput(folder: "o")
    #expect(plain.maskPath(of: scan("d/A.NII.GZ")) == "o/A.NII.GZ")
    #expect(plain.maskPath(of: scan("d/a.mhd")) == "o/a.mhd")
    #expect(plain.probabilitiesPath(of: scan("d/a.mhd")) == "o/a_probabilities.mha")
    // A scan whose name says nothing of its format.
    #expect(plain.maskPath(of: scan("d/a")) == "o/a.nii.gz")
    let other = PredictionOutput(folder: "o", format: .suffix(".nhdr"))
    #expect(other.maskPath(of: scan("d/A.NII.GZ")) == "o/A.nhdr")
    #expect(other.probabilitiesPath(of: scan("d/A.NII.GZ")) == "o/A_probabilities.nhdr")
  }

  @Test func collisionsAreFoundBeforeAnythingIsWritten() throws {
    let scans = [scan("d/a.nii"), scan("d/a_probabilities.nii")]
    try PredictionOutput(folder: "o").requireDistinctNames(scans)
    #expect(
      throws: SegmentationError.sameOutput(
        name: "a_probabilities", first: "d/a.nii", second: "d/a_probabilities.nii")
    ) { try PredictionOutput(folder: "o", writesProbabilities: true).requireDistinctNames(scans) }
  }

  @Test func scansAreNotReplaced() throws {
    try withTemporaryFolder { folder in
      for name in ["a.nii", "b.hdr", "b.img"] {
        try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let scans = [scan(folder + "/a.nii"), scan(folder + "/b.hdr")]
      func refuses(_ format: MaskFormat, _ folder: String) -> Bool {
        (try? PredictionOutput(folder: folder, format: format).requireDistinctNames(scans)) == nil
      }
      #expect(refuses(.scans, folder) && refuses(.suffix(".nii"), folder))
      // The header of a pair whose voxels were named.
      #expect(refuses(.suffix(".img"), folder))
      #expect(!refuses(.suffix(".nrrd"), folder) && !refuses(.scans, folder + "/o"))
    }
  }
}
