import MedicalImaging

extension Specimen {
  /// The images of each format that are damaged.
  ///
  /// - Parameter folder: the folder of goldens, with `nifti` and `formats` in it.
  public static func all(in folder: String) throws -> [Specimen] {
    let nifti = try [
      "int16_le_1.nii", "float64_be_1.nii", "uint8_le_2.nii", "uint64_be_2.nii", "compressed.nii.gz",
      "two_members.nii.gz", "channels.nii.gz", "extension.nii", "qform_qfac.nii", "scaled_be_2.nii",
    ].map { try Specimen($0, format: .nifti, in: folder + "/nifti") }
    let others: [(String, [String], ImageFormat)] = [
      ("pair.hdr", ["pair.img"], .niftiPair), ("gzipped.hdr.gz", ["gzipped.img.gz"], .niftiPair),
      ("int16.mha", [], .metaImage), ("channels.mha", [], .metaImage), ("compressed.mha", [], .metaImage),
      ("ascii.mha", [], .metaImage), ("separate.mhd", ["separate.raw"], .metaImage),
      ("zlib.mhd", ["zlib.zraw"], .metaImage), ("big.nrrd", [], .nrrd), ("channels_last.nrrd", [], .nrrd),
      ("compressed.nrrd", [], .nrrd), ("ascii.nrrd", [], .nrrd), ("spacings.nrrd", [], .nrrd),
      ("detached.nhdr", ["detached.raw"], .nrrd), ("skip.nhdr", ["skip.raw"], .nrrd),
    ]
    return nifti
      + (try others.map { try Specimen($0.0, beside: $0.1, format: $0.2, in: folder + "/formats") })
  }
}
