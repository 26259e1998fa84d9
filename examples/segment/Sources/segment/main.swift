import CPUBackend
import MedicalImaging
import Segmentation

// segment model.safetensors scan.nii.gz mask.nii.gz
let (model, scan, mask) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])
let segmenter = try Segmenter(contentsOf: model, on: CPUExecutor())
let image = try Image(contentsOf: scan)
try segmenter.segment(image).write(to: mask, like: image)
