import MedicalImaging

/// Writes intensities as a new file in the format that its name says, NIfTI by default.
func write(_ volume: Volume, as type: VoxelType = .float32, format: ImageFormat = .nifti, to path: String)
  throws
{
  let header = ImageHeader(
    size: volume.size, channelCount: volume.channelCount, geometry: volume.geometry, voxelType: type,
    format: format)
  for file in try format.files(of: volume, like: header, as: type, at: path) { try file.write() }
}

/// Writes a mask as a new file.
func write(_ labels: LabelVolume, format: ImageFormat = .nifti, to path: String) throws {
  let header = ImageHeader(size: labels.size, geometry: labels.geometry, voxelType: .uint8, format: format)
  for file in try format.files(of: labels, like: header, at: path) { try file.write() }
}
