import Foundation
import PlainText
import Testing

@Suite struct PrintableTests {
  @Test(arguments: [
    ("liver", "liver"), ("Δ, 肝, é", "Δ, 肝, é"), ("\u{1B}]0;owned\u{07}", "\\u001b]0;owned\\u0007"),
    ("\u{9B}2J", "\\u009b2J"), ("a\r\nb\tc\u{7F}", "a\\u000d\\u000ab\\u0009c\\u007f"),
    ("\u{202E}gnp.exe", "\\u202egnp.exe"), ("a\u{2028}b", "a\\u2028b"),
  ])
  func whatATerminalMightObeyIsEscaped(_ text: String, _ shown: String) {
    #expect(text.printable == shown)
  }

  @Test func linesStayLines() {
    #expect("a\n\u{1B}b\r\n".printableLines == "a\n\\u001bb\\u000d\n")
  }

  @Test func jsonKeepsItsMeaning() throws {
    let names = ["a\u{9B}31m\u{7F}", "b\u{1B}[2J\n"]
    let text = String(decoding: try JSONEncoder().encode(names), as: UTF8.self).printableLines
    let isHarmless = text.unicodeScalars.allSatisfy { !$0.isUnprintable }
    #expect(isHarmless)
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == names)
  }
}
