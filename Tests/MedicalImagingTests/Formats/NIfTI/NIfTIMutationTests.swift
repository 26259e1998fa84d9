import MedicalImaging
import SeededRandom
import Testing

/// Damaged files, made from real ones by seeded chance: the reader may read them or refuse them with a
/// sentence; it must not crash.
@Suite struct NIfTIMutationTests {
  private static let sources = [
    "int16_le_1.nii", "float64_be_1.nii", "uint8_le_2.nii", "uint64_be_2.nii", "compressed.nii.gz",
    "two_members.nii.gz", "channels.nii.gz", "extension.nii", "qform_qfac.nii", "scaled_be_2.nii",
  ]

  @Test(arguments: sources)
  func readersSurvive(_ name: String) throws {
    var random = SplitMix64(seed: name.utf8.reduce(17) { $0 &* 31 &+ UInt64($1) })
    let original = try content(of: NIfTIGolden.path(name))
    let folder = try TemporaryFolder()
    var (readable, refused) = (0, 0)
    for _ in 0..<400 {
      let path = try folder.write(
        mutated(original, &random), to: "a" + (name.hasSuffix("gz") ? ".nii.gz" : ".nii"))
      switch Result(catching: { () throws(ImageError) in try readEverything(path) }) {
      case .success: readable += 1
      case .failure(let error):
        #expect(isOneSentence("\(error)") && "\(error)".contains(path), "\(error)")
        refused += 1
      }
    }
    #expect(readable + refused == 400)
    #expect(refused > 40)
  }

  private func readEverything(_ path: String) throws(ImageError) {
    let image = try NIfTIImage(contentsOf: path)
    let volume = try image.image().volume()
    precondition(volume.voxels.count == volume.size.count * volume.channelCount)
    _ = volume.geometry.orientation
    _ = [image.header.descrip, image.header.auxFile, image.header.intentName]
    _ = try image.image().labelVolume()
  }

  private func mutated(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = original
    let headerCount = min(bytes.count, 540)
    switch Int.random(in: 0..<6, using: &random) {
    case 0:  // flipped bits anywhere
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    case 1:  // truncated
      bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    case 2:  // random dimensions
      let first = bytes[0] == 0x1C || bytes[3] == 0x1C ? 16 : 40
      for offset in first..<min(first + 64, bytes.count) where Bool.random(using: &random) {
        bytes[offset] = [0, 1, 2, 3, 0x7F, 0xFF].randomElement(using: &random) ?? 0
      }
    case 3:  // a field of random bytes
      let start = Int.random(in: 0..<headerCount - 8, using: &random)
      for offset in start..<start + 8 { bytes[offset] = UInt8.random(in: 0...255, using: &random) }
    case 4:  // a field of extreme bytes
      let start = Int.random(in: 0..<headerCount - 8, using: &random)
      let extreme: UInt8 = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      for offset in start..<start + 8 { bytes[offset] = extreme }
    default:  // parts repeated
      let cut = Int.random(in: 0..<bytes.count, using: &random)
      bytes = Array(bytes.prefix(cut)) + bytes
    }
    return bytes
  }
}
