import ProtobufWire
import Testing

/// Source: Protocol Buffers, "Encoding", whose own examples these are.
@Suite struct ProtobufWriterTests {
  private func bytes(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    write(&writer)
    return writer.bytes
  }

  @Test func integersTakeSevenBitsAByte() {
    #expect(bytes { $0.integer(1, 150) } == [0x08, 0x96, 0x01])
    #expect(bytes { $0.integer(1, 0) } == [0x08, 0x00])
    #expect(bytes { $0.integer(1, -2) } == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01])
  }

  @Test func textHasItsLength() {
    #expect(bytes { $0.text(2, "testing") } == [0x12, 0x07] + Array("testing".utf8))
    #expect(bytes { $0.data(2, [1, 2]) } == [0x12, 0x02, 1, 2])
  }

  @Test func messagesAndListsAreNested() {
    #expect(bytes { $0.message(3) { $0.integer(1, 150) } } == [0x1A, 0x03, 0x08, 0x96, 0x01])
    #expect(bytes { $0.packed(6, [3, 270, 86942]) } == [0x32, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05])
  }

  @Test func floatsAreLittleEndian() {
    #expect(bytes { $0.float(2, 1) } == [0x15, 0, 0, 0x80, 0x3F])
    #expect(bytes { $0.double(4, 1) } == [0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
  }
}
