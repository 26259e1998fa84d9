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
    let count = 2000 / specimens.count + 1
    var (readCount, refusedCount) = (0, 0)
    for specimen in specimens {
      let outcome = try specimen.outcome(ofReading: count, seed: 17, in: folder.path)
      #expect(outcome.badSentences.isEmpty)
      readCount += outcome.readCount
      refusedCount += outcome.refusedCount
    }
    #expect(readCount + refusedCount == count * specimens.count)
    #expect(readCount > 200 && refusedCount > 200, "\(readCount) read, \(refusedCount) refused")
  }
}
