/// A format whose files are made anew of voxels and their geometry, with nothing of the file that they are written like.
protocol NewFileCodec: ImageCodec {
  static func files(_ new: NewVoxels, at path: String) throws(ImageError) -> [EncodedFile]
}

extension NewFileCodec {
  static func files(
    of labels: LabelVolume, like header: ImageHeader, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    try files(NewVoxels(labels, like: header, path: path), at: path)
  }

  static func files(
    of volume: Volume, like header: ImageHeader, as type: VoxelType, at path: String
  ) throws(ImageError) -> [EncodedFile] {
    try files(NewVoxels(volume, like: header, as: type, path: path), at: path)
  }

  /// A header and, before it, the file of voxels that it names.
  ///
  /// - Parameters:
  ///   - suffix: of the file of voxels.
  ///   - text: the header, given the name of that file.
  static func detached(
    _ data: [UInt8], suffix: String, headerAt path: String, text: (String) -> String
  ) throws(ImageError) -> [EncodedFile] {
    let file = try DataFile(of: path, suffix: suffix)
    return [
      EncodedFile(path: file.path, contents: data),
      EncodedFile(path: path, contents: Array(text(file.name).utf8)),
    ]
  }
}
