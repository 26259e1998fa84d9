import Foundation
import Interchange
import Segmentation
import Testing

@Suite struct EventFileTests {
  /// Source: RFC 3720, appendix B.4, and the usual check value.
  @Test func checksumsAreThoseOfTheStandard() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([]) == 0)
  }

  private func withEvents(_ body: (EventFile) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try EventFile(in: folder, fromStep: 4) { Date(timeIntervalSince1970: 1_700_000_000) })
  }

  @Test func everyRecordChecksItself() throws {
    try withEvents { file in
      try file.append(step: 4, [("a/b", 0.5), ("c", .infinity)])
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
      var count = 0
      func number(_ range: Range<Int>) -> UInt64 {
        bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      while !bytes.isEmpty {
        let length = Int(number(0..<8))
        #expect(number(8..<12) == UInt64(CRC32C.masked(Array(bytes[..<8]))))
        let data = Array(bytes[12..<12 + length])
        #expect(number(12 + length..<16 + length) == UInt64(CRC32C.masked(data)))
        bytes.removeFirst(16 + length)
        count += 1
      }
      #expect(count == 3)
    }
  }

  private static let hasReader =
    (try? PythonEngine.run(["-c", "import tensorboard.backend.event_processing"])) == 0

  /// TensorBoard's own reader finds what was written.
  @Test(.enabled(if: hasReader, "needs Python with tensorboard; name it by VNET_PYTHON"))
  func tensorBoardReadsIt() throws {
    try withEvents { file in
      try file.append(step: 4, [("step/loss", 0.5)])
      try file.append(step: 7, [("step/loss", 0.25), ("validation_dice/Head", 0.75)])
      try file.append(step: 7, tag: "slice/a", Picture(width: 3, height: 2, color: .init(9, 8, 7)))
      let script = """
        import sys
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        events = EventAccumulator(sys.argv[1]).Reload()
        assert [(e.step, e.value) for e in events.Scalars("step/loss")] == [(4, 0.5), (7, 0.25)]
        assert [(e.step, e.value) for e in events.Scalars("validation_dice/Head")] == [(7, 0.75)]
        (picture,) = events.Images("slice/a")
        assert (picture.step, picture.width, picture.height) == (7, 3, 2)
        assert picture.encoded_image_string.startswith(b"\\x89PNG")
        """
      #expect(try PythonEngine.run(["-c", script, file.path]) == 0)
    }
  }
}
