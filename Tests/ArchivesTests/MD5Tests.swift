import Archives
import Testing

@Suite struct MD5Tests {
  /// Source: RFC 1321, appendix A.5.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func digestsAreThoseOfTheStandard(_ text: String, _ expected: String) {
    var digest = MD5()
    digest.update(Array(text.utf8)[...])
    #expect(digest.hexDigest() == expected)
  }

  /// 55 to 65 bytes fill a block with the padding, without it, or not.
  @Test(arguments: [55, 56, 63, 64, 65, 300], [1, 7, 64, 100])
  func piecesDoNotMatter(_ count: Int, _ piece: Int) {
    let bytes = (0..<count).map { UInt8($0 & 255) }
    var whole = MD5()
    whole.update(bytes[...])
    var pieces = MD5()
    for start in stride(from: 0, to: count, by: piece) {
      pieces.update(bytes[start..<min(start + piece, count)])
    }
    #expect(whole.hexDigest() == pieces.hexDigest())
  }
}
