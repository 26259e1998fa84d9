import Foundation
import Testing
import Training

/// Goldens are made by Goldens/make_safetensors_goldens.py with Python's safetensors.
@Suite struct SafetensorsTests {
  static func goldenPath() throws -> String {
    try #require(
      Bundle.module.path(forResource: "python", ofType: "safetensors", inDirectory: "Goldens"))
  }

  @Test func readsWhatPythonWrote() throws {
    let file = try SafetensorsFile(contentsOf: Self.goldenPath())
    #expect(file.metadata == ["note": "quote \" backslash \\ tab \t bell \u{07} umlaut ü"])
    let tensors = file.tensors
    #expect(tensors.count == 10)
    #expect(tensors["floats"]?.shape == [2, 3, 4])
    #expect(try tensors["floats"]?.floats() == (0..<24).map { Float($0) * 0.25 - 3 })
    #expect(try tensors["doubles"]?.floats() == [1, -.infinity, 3.1415927])
    #expect(try tensors["halves"]?.floats() == [1, -2.5, 65504, 5.9604645e-08])
    #expect(try tensors["brain"]?.floats() == [1, -2.5, Float(bitPattern: 0x7F62_0000)])
    #expect(try tensors["int32"]?.int32s() == [.min, 0, .max])
    #expect(try tensors["int64"]?.int64s() == [.min, .max])
    #expect(tensors["bytes"]?.bytes == [0, 1, 255])
    #expect(tensors["scalar"]?.shape == [])
    #expect(try tensors["scalar"]?.floats() == [7.5])
    #expect(tensors["empty"]?.shape == [0, 3])
    #expect(try tensors["down1/conv \"1\"/Grüße\n"]?.floats() == [2])
  }

  @Test func writesTheBytesThatPythonWrites() throws {
    let path = try Self.goldenPath()
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(try SafetensorsFile(contentsOf: path).serialized() == [UInt8](bytes))
  }

  @Test func contentsSurviveARoundTripThroughAFile() throws {
    let file = SafetensorsFile(
      metadata: ["step": "17", "plan": "{\"a\":\"\u{01}\"}"],
      tensors: [
        "b": SafetensorsTensor(shape: [2, 2], floats: [1, -0.0, .infinity, .leastNonzeroMagnitude]),
        "a": SafetensorsTensor(shape: [3], int32s: [1, 2, 3]),
        "counter": SafetensorsTensor(shape: [], int64s: [-5]),
        "odd": SafetensorsTensor(dtype: .u8, shape: [3], bytes: [1, 2, 3]),
      ])
    try withTemporaryFolder { folder in
      let path = folder + "/file.safetensors"
      try file.write(to: path)
      #expect(try SafetensorsFile(contentsOf: path) == file)
    }
  }

  @Test func elementsAreAligned() throws {
    let file = SafetensorsFile(
      metadata: ["x": "y"],
      tensors: [
        "a": SafetensorsTensor(dtype: .u8, shape: [1], bytes: [9]),
        "b": SafetensorsTensor(shape: [1], floats: [1]),
        "c": SafetensorsTensor(shape: [1], int64s: [1]),
      ])
    let bytes = file.serialized()
    #expect(bytes[0] % 8 == 0 && bytes[1..<8].allSatisfy { $0 == 0 })
    #expect(bytes.suffix(13) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63, 9])
  }

  @Test func anEmptyFileHasAHeaderOnly() throws {
    let bytes = SafetensorsFile().serialized()
    #expect(bytes == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafetensorsFile(parsing: bytes, path: "empty") == SafetensorsFile())
  }

  @Test func readingAsAnotherTypeIsRefused() {
    let integers = SafetensorsTensor(shape: [1], int32s: [1])
    let error = #expect(throws: SafetensorsDTypeError.self) { try integers.floats() }
    #expect(error?.found == .i32)
    #expect(error?.description == "a tensor has dtype I32 where one of F32, F64, F16, BF16 is needed")
    #expect(throws: SafetensorsDTypeError.self) { try integers.int64s() }
  }

  /// A checkpoint of the reference network has 14 MB; half a second is far more than a copy takes.
  @Test func fourteenMegabytesTakeLittleTime() throws {
    let floats = [Float](repeating: 0.5, count: 3_600_000)
    let clock = ContinuousClock()
    let duration = try clock.measure {
      let file = SafetensorsFile(tensors: ["w": SafetensorsTensor(shape: [floats.count], floats: floats)])
      let again = try SafetensorsFile(parsing: file.serialized(), path: "w")
      #expect(try again.tensors["w"]?.floats() == floats)
    }
    #expect(duration < .milliseconds(500))
  }
}
