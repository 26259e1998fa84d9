import FormatMutations
import MedicalImaging
import Testing

/// Damaged files, made from real ones by seeded chance: the reader may read them or refuse them with a sentence; it must
/// not crash. `format-mutations` does the same with millions.
@Suite struct FormatMutationTests {
  @Test(arguments: ImageFormat.allCases)
  func readersSurvive(_ format: ImageFormat) throws {
    let folder = try TemporaryFolder()
    let specimens = try Specimen.all(in: FormatGolden.goldens).filter { $0.format == format }
    for specimen in specimens {
      let count = 2000 / specimens.count + 1
      let outcome = try specimen.outcome(ofReading: count, seed: 17, in: folder.path)
      #expect(outcome.readCount + outcome.refusedCount == count)
      #expect(
        outcome.refusedCount > count / 10 && outcome.readCount > count / 50, "\(specimen.name) \(outcome)")
      #expect(outcome.badSentences.isEmpty)
    }
  }
}
