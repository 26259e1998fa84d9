import ArgumentParser
import MedicalImaging
import PlainText
import Segmentation

/// Prints a line for each prediction; at the end fails, on all replicas, when one did.
func printingOutcomes(
  _ replicas: Replicas, _ body: ((ScanSource, PredictionOutcome) throws -> Void) throws -> Void
) throws {
  var failures = 0
  try body { _, outcome in
    switch outcome {
    case .written(let path, let notes):
      print(path.printable)
      for note in notes { standardErrorLine("Note: \(note.printable)") }
    case .failed(let reason):
      failures += 1
      standardErrorLine("Error: \(reason.printable)")
    }
  }
  if try replicas.fromFirst({ failures }) > 0 { throw ExitCode.failure }
}
