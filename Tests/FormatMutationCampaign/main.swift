import Foundation
import MedicalImaging

// format-mutations COUNT SEED GOLDENS: reads COUNT damaged files of each image format.
// format-mutations COUNT SEED --data DATASET --model MODEL: reads COUNT damaged checkpoints, lists and descriptions each.
// Files are written below TMPDIR (/dev/shm is the cheapest). Either ends at the first trap, by trapping.

let arguments = CommandLine.arguments
guard arguments.count == 4 || arguments.count == 7 && arguments[3] == "--data" && arguments[5] == "--model",
  let count = Int(arguments[1]), let seed = UInt64(arguments[2])
else {
  print(
    "usage: format-mutations COUNT SEED Tests/MedicalImagingTests/Goldens, or COUNT SEED --data DATASET --model MODEL"
  )
  exit(2)
}
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mutations-\(getpid())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
if arguments.count == 7 {
  try DocumentCampaign(data: arguments[4], model: arguments[6]).run(count, seed: seed, in: folder)
} else {
  try ImageCampaign(goldens: arguments[3]).run(count, seed: seed, in: folder)
}
try FileManager.default.removeItem(atPath: folder)
