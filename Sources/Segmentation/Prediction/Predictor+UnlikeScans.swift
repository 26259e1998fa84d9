import MedicalImaging

extension Predictor {
  /// What about a scan is unlike the scans that a model was trained on, a sentence for each model that has something else to
  /// say. Models of earlier versions know nothing of those.
  func notes(on scan: Case, _ header: ImageHeader) -> [String] {
    var notes: [String] = []
    for model in models {
      let record = model.record
      let differences =
        record.trainingGrids?.differences(of: header, seen: record.preparation.orientation) ?? []
      let note = "\(scan.imagePath): \(differences.joined(separator: "; ")); look at its mask with care."
      if !differences.isEmpty && !notes.contains(note) { notes.append(note) }
    }
    return notes
  }
}
