import DurableFiles

/// A file of an image, ready to be written.
public struct EncodedFile: Equatable, Sendable {
  public let path: String
  public let contents: [UInt8]

  public init(path: String, contents: [UInt8]) {
    self.path = path
    self.contents = contents
  }

  /// Writes the file: a whole new one or, on failure, what was there before.
  ///
  /// - Throws: `ImageError.cannotWrite`.
  public func write() throws(ImageError) {
    do throws(AtomicFileError) {
      try AtomicFile.write(contents, to: path)
    } catch {
      throw .cannotWrite(path: path, reason: systemMessage(error.code))
    }
  }
}
