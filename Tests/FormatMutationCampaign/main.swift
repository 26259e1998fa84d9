import FormatMutations
import Foundation
import MedicalImaging

// format-mutations COUNT SEED GOLDENS: reads COUNT damaged files of each format, written below TMPDIR (/dev/shm is the
// cheapest). It ends at the first trap, by trapping.

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[1]), let seed = UInt64(arguments[2]) else {
  print("usage: format-mutations COUNT SEED Tests/MedicalImagingTests/Goldens")
  exit(2)
}
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mutations-\(getpid())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
let specimens = try Specimen.all(in: arguments[3])
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
try FileManager.default.removeItem(atPath: folder)
