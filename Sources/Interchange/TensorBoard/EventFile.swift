import Foundation
import ProtobufWire
import Segmentation

/// A file of events that TensorBoard shows as they come: named numbers and pictures over steps.
///
/// Source: TensorFlow's record format (tensorflow/core/lib/io/record_writer.cc) of `Event` messages
/// (tensorboard/compat/proto/event.proto, summary.proto, whose fields' numbers stand at the lines).
package final class EventFile {
  package let path: String
  private let handle: FileHandle
  private let now: () -> Date

  /// Makes a new file in a folder, which is made if need be.
  ///
  /// - Parameter step: the first that is to come; TensorBoard forgets what earlier files of the folder have from there on.
  /// - Throws: `TensorBoardError` where the folder or the file cannot be made.
  package init(in folder: String, fromStep step: Int, now: @escaping () -> Date = Date.init) throws {
    self.now = now
    let seconds = String(format: "%010d", Int(now().timeIntervalSince1970))
    let name = "events.out.tfevents.\(seconds).\(ProcessInfo.processInfo.hostName).\(getpid()).vnet"
    path = folder + "/" + name
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TensorBoardError(path: folder, reason: "the folder cannot be made")
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw TensorBoardError(path: path, reason: String(cString: strerror(errno)))
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try append(step: 0) { $0.text(3, "brain.Event:2") }  // file_version
    try append(step: step) { $0.message(7) { $0.integer(1, 1) } }  // session_log, START
  }

  /// Appends numbers of one step.
  ///
  /// - Throws: `TensorBoardError` where the file cannot be written.
  package func append(step: Int, _ numbers: [(tag: String, value: Double)]) throws {
    try append(step: step) { event in
      event.message(5) { summary in  // summary
        for number in numbers {
          summary.message(1) {
            $0.text(1, number.tag)
            $0.float(2, Float(number.value))  // simple_value
          }
        }
      }
    }
  }

  /// Appends a picture of one step.
  ///
  /// - Throws: `TensorBoardError` where the file cannot be written.
  package func append(step: Int, tag: String, _ picture: Picture) throws {
    try append(step: step) { event in
      event.message(5) { summary in  // summary
        summary.message(1) { value in
          value.text(1, tag)
          value.message(4) {  // image
            $0.integer(1, picture.height)
            $0.integer(2, picture.width)
            $0.integer(3, 3)  // colorspace: RGB
            $0.data(4, picture.pngEncoded())  // encoded_image_string
          }
        }
      }
    }
  }

  private func append(step: Int, _ write: (inout ProtobufWriter) -> Void) throws {
    var event = ProtobufWriter()
    event.double(1, now().timeIntervalSince1970)  // wall_time
    event.integer(2, step)
    write(&event)
    do {
      try handle.write(contentsOf: Self.record(event.bytes))
    } catch {
      throw TensorBoardError(path: path, reason: "there is no space left, or the file is gone")
    }
  }

  /// A record: its length, a checksum of that, the bytes, a checksum of them.
  private static func record(_ bytes: [UInt8]) -> [UInt8] {
    func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let length = littleEndian(UInt64(bytes.count))
    return length + littleEndian(CRC32C.masked(length)) + bytes + littleEndian(CRC32C.masked(bytes))
  }
}

/// Why an event file cannot be written.
public struct TensorBoardError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let reason: String

  public var description: String {
    "\(path): cannot be written (\(reason)); make room there, or leave --tensorboard out."
  }
}
