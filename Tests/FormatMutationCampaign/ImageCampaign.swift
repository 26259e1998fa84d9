import FormatMutations
import Foundation
import MedicalImaging

/// Damaged images of every format, read by the thousand.
struct ImageCampaign {
  /// The folder of whole images.
  let goldens: String

  /// Prints what became of `count` damaged files of each format.
  func run(_ count: Int, seed: UInt64, in folder: String) throws {
    let specimens = try Specimen.all(in: goldens)
    for format in ImageFormat.allCases {
      var total = Specimen.Outcome()
      let own = specimens.filter { $0.format == format }
      for specimen in own {
        let outcome = try specimen.outcome(ofReading: count / own.count + 1, seed: seed, in: folder)
        total.readCount += outcome.readCount
        total.refusedCount += outcome.refusedCount
        total.badSentences += outcome.badSentences
      }
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
      print(
        "\(format.rawValue): \(total.readCount) read, \(total.refusedCount) refused, "
          + "\(total.badSentences.count) bad sentences; peak memory so far: \(peak)")
      for sentence in total.badSentences.prefix(5) { print("  \(sentence)") }
      fflush(nil)
    }
  }
}
