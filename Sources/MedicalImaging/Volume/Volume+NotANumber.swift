extension Volume {
  /// The scan with a value in place of what is not a number, as some tools leave it around the body; infinite values stay.
  ///
  /// - Parameter value: nil leaves the scan as it is.
  public func replacingNotANumber(by value: Float?) -> Volume {
    guard let value, voxels.contains(where: \.isNaN) else { return self }
    var volume = self
    for index in volume.voxels.indices where volume.voxels[index].isNaN { volume.voxels[index] = value }
    return volume
  }
}
