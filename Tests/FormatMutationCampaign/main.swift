import Foundation
import MedicalImaging

// format-mutations COUNT SEED GOLDENS: reads COUNT damaged files of each image format.
// format-mutations COUNT SEED --data DATASET --model MODEL --file MODELFILE --cache CACHE: reads COUNT damaged checkpoints, models
// in one file, lists, descriptions and files of measured times each.
// Files are written below TMPDIR (/dev/shm is the cheapest). Either ends at the first trap, by trapping.

let arguments = CommandLine.arguments
let documentOptions = ["--data", "--model", "--file", "--cache"]
let isOfDocuments =
  arguments.count == 11 && stride(from: 3, to: 11, by: 2).map { arguments[$0] } == documentOptions
guard arguments.count == 4 || isOfDocuments,
  let count = Int(arguments[1]), let seed = UInt64(arguments[2])
else {
  print(
    "usage: format-mutations COUNT SEED Tests/MedicalImagingTests/Goldens, "
      + "or COUNT SEED --data DATASET --model MODEL --file MODELFILE --cache CACHE"
  )
  exit(2)
}
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mutations-\(getpid())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
if isOfDocuments {
  try DocumentCampaign(
    data: arguments[4], model: arguments[6], modelFile: arguments[8], cache: arguments[10]
  ).run(count, seed: seed, in: folder)
} else {
  try ImageCampaign(goldens: arguments[3]).run(count, seed: seed, in: folder)
}
try FileManager.default.removeItem(atPath: folder)
