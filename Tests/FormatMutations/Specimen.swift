import Foundation
import Glibc
import MedicalImaging
import SeededRandom

/// A real image, in one file or two, whose damaged copies are read.
public struct Specimen: Sendable {
  /// The file that is given to the reader.
  public let name: String
  public let format: ImageFormat
  /// Every file of the image, by name.
  private let files: [(name: String, bytes: [UInt8])]

  /// - Parameter folder: where the files lie.
  public init(_ name: String, beside others: [String] = [], format: ImageFormat, in folder: String) throws {
    self.name = name
    self.format = format
    files = try ([name] + others).map { file in
      (file, [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))))
    }
  }

  /// What became of damaged copies: each is read or refused.
  public struct Outcome: Sendable {
    public var readCount = 0
    public var refusedCount = 0
    /// Refusals that are not one line with the name of a file and a remedy.
    public var badSentences: [String] = []

    public init() {}

    fileprivate mutating func check(_ error: ImageError, _ folder: String) {
      let sentence = "\(error)"
      // Most begin with the file: what Foundation searches for is asked of the others alone.
      let namesFile = sentence.hasPrefix(folder + "/") || sentence.contains(folder + "/")
      let isOneLine = !sentence.utf8.contains(UInt8(ascii: "\n"))
      if !namesFile || !sentence.hasSuffix(".") || !isOneLine { badSentences.append(sentence) }
    }
  }

  /// Reads `count` damaged copies, written to `folder` one after the other. A reader that traps ends the process.
  public func outcome(ofReading count: Int, seed: UInt64, in folder: String) throws -> Outcome {
    var random = SplitMix64(seed: name.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
    var outcome = Outcome()
    for file in files { try write(file.bytes, folder + "/" + file.name) }
    for _ in 0..<count {
      let file = files[Int.random(in: 0..<files.count, using: &random)]
      try write(damaged(file.bytes, &random), folder + "/" + file.name)
      switch Result(catching: { () throws(ImageError) in try readEverything(folder + "/" + name) }) {
      case .success(let labelError):
        outcome.readCount += 1
        if let labelError { outcome.check(labelError, folder) }
      case .failure(let error):
        outcome.refusedCount += 1
        outcome.check(error, folder)
      }
      if files.count > 1 { try write(file.bytes, folder + "/" + file.name) }
    }
    return outcome
  }

  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    let hasTextHeader = format == .metaImage || format == .nrrd
    return hasTextHeader && Bool.random(using: &random)
      ? textDamaged(bytes, &random) : binaryDamaged(bytes, &random)
  }

  /// Replaces a file without waiting for the disk, as Foundation does: a campaign writes a million.
  private func write(_ bytes: [UInt8], _ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }

  /// Returns why the image is no mask; nil when it is one.
  private func readEverything(_ path: String) throws(ImageError) -> ImageError? {
    _ = try ImageHeader(contentsOf: path).details
    let image = try Image(contentsOf: path)
    let volume = image.volume()
    precondition(volume.voxels.count == volume.size.count * volume.channelCount)
    _ = volume.geometry.orientation
    do throws(ImageError) {
      _ = try image.labelVolume()
      return nil
    } catch {
      return error
    }
  }
}
