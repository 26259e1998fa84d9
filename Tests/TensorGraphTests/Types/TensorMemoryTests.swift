import TensorGraph
import Testing

/// What devices are given for a tensor of the host, and what the host makes of their bytes.
@Suite struct TensorMemoryTests {
  private func bytes(_ tensor: Tensor) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: tensor.type.byteCount) { bytes, initialized in
      tensor.write(to: bytes.baseAddress!)
      initialized = tensor.type.byteCount
    }
  }

  private func stored<Number>(_ elements: [Float], as dtype: DType, _: Number.Type) -> [Number] {
    let bytes = bytes(Tensor(TensorType(dtype, [elements.count]), elements))
    return bytes.withUnsafeBytes { Array($0.bindMemory(to: Number.self)) }
  }

  private func pattern(_ bits: UInt32) -> Float { Float(bitPattern: bits) }

  /// Half-way between two numbers the even one; beyond the largest infinity.
  @Test func bfloat16IsRoundedToNearestEven() {
    let numbers: [(UInt32, UInt16)] = [
      (0x3F80_0000, 0x3F80), (0x3F80_7FFF, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F80_8001, 0x3F81),
      (0x3F81_8000, 0x3F82), (0xBF81_8000, 0xBF82), (0x7F7F_7FFF, 0x7F7F), (0x7F7F_8000, 0x7F80),
      (0x7F80_0000, 0x7F80), (0xFF80_0000, 0xFF80), (0x8000_0000, 0x8000), (0x0000_8001, 0x0001),
    ]
    #expect(stored(numbers.map { pattern($0.0) }, as: .bf16, UInt16.self) == numbers.map(\.1))
  }

  @Test func float16IsRoundedToNearestEven() {
    let elements: [Float] = [1, 2049, 2051, 65519, 65520, -.infinity]
    #expect(
      stored(elements, as: .f16, UInt16.self) == [0x3C00, 0x6800, 0x6802, 0x7BFF, 0x7C00, 0xFC00])
  }

  @Test(arguments: [DType.bf16, .f16]) func notANumberStaysOne(_ dtype: DType) {
    // The second one's payload lies in the bits that are cut off.
    let elements = [Float.nan, pattern(0x7F80_0001), -.nan]
    let tensor = Tensor(TensorType(dtype, [3]), elements)
    let back = bytes(tensor).withUnsafeBytes { Tensor(tensor.type, readingFrom: $0.baseAddress!) }
    let areNaN = back.elements.map(\.isNaN)
    #expect(areNaN == [true, true, true])
  }

  /// Labels: towards zero, at most the largest, and 0 for what is no number.
  @Test func integersSaturate() {
    let elements: [Float] = [1, -2.9, 2.9, .nan, .infinity, -.infinity, 3e9, -3e9, -0.0]
    let expected: [Int32] = [1, -2, 2, 0, .max, .min, .max, .min, 0]
    #expect(stored(elements, as: .i32, Int32.self) == expected)
  }

  @Test func whatIsNotZeroIsTrue() {
    #expect(stored([0, -0.0, 1, -2, .nan], as: .bool, UInt8.self) == [0, 0, 1, 1, 1])
  }

  /// The numbers of a dtype come back as they were.
  @Test(arguments: [DType.f32, .bf16, .f16, .i32, .bool])
  func numbersOfTheDTypeReturn(_ dtype: DType) {
    let elements: [Float] = dtype == .bool ? [0, 1, 1] : dtype == .i32 ? [0, -7, 65536] : [0.5, -3, 65280]
    let tensor = Tensor(TensorType(dtype, [3]), elements)
    let back = bytes(tensor).withUnsafeBytes { Tensor(tensor.type, readingFrom: $0.baseAddress!) }
    #expect(back == tensor)
  }
}
