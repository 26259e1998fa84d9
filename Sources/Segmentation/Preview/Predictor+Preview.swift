import MedicalImaging

extension Predictor {
  /// Draws a scan with the mask of it that is there, in three planes, into the previews of an output.
  ///
  /// - Throws: what reading and writing throw; `SegmentationError.gridMismatch` for a mask on another grid.
  public func writePreview(of scan: ScanSource, _ output: PredictionOutput) throws {
    let picture = try scan.withFiles { entry, _ in
      let masked = Case(
        name: entry.name, imagePaths: entry.imagePaths, labelPath: output.maskPath(of: scan))
      let labelled = try LabelledScan(masked, preparation: preparation)
      return ThreePlanes(scan: labelled.volume, mask: labelled.labels).picture
    }
    try EncodedFile(path: output.previewPath(of: scan), contents: picture.pngEncoded()).writeIntoFolder()
  }
}
