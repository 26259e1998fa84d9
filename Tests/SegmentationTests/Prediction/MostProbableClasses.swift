import MedicalImaging

extension Volume {
  /// The class with the largest probability at each voxel, the first on a tie.
  func mostProbableClasses() -> LabelVolume {
    let labels = (0..<size.count).map { voxel in
      var best = 0
      for label in 1..<channelCount
      where voxels[label * size.count + voxel] > voxels[best * size.count + voxel] {
        best = label
      }
      return UInt8(best)
    }
    return LabelVolume(size: size, geometry: geometry, labels: labels)
  }
}
