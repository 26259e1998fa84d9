import MedicalImaging

extension Predictor {
  /// Draws a scan with the mask of it that is there, in three planes, into the previews of an output.
  ///
  /// - Throws: what reading and writing throw; `SegmentationError.gridMismatch` for a mask on another grid.
  public func writePreview(of scan: ScanSource, _ output: PredictionOutput) throws {
    let preview = try scan.withFiles { entry, _ in
      let masked = Case(
        name: entry.name, imagePaths: entry.imagePaths, labelPath: output.maskPath(of: scan))
      let labelled = try LabelledScan(masked, preparation: preparation)
      return output.preview(of: scan, labelled.volume, labelled.header, labelled.labels)
    }
    try preview.writeIntoFolder()
  }
}

extension PredictionOutput {
  /// A scan in three planes with its mask over it, not written yet.
  ///
  /// - Parameters:
  ///   - volume: of the scan, in the order in which the model sees scans.
  ///   - header: of its file.
  ///   - mask: of the labels' indices, on the volume's grid.
  func preview(
    of scan: ScanSource, _ volume: StoredVolume, _ header: ImageHeader, _ mask: LabelVolume
  ) -> EncodedFile {
    let planes = ThreePlanes(scan: volume, mask: mask, hasOrientation: header.tellsOrientation)
    return EncodedFile(path: previewPath(of: scan), contents: planes.picture.pngEncoded())
  }
}
