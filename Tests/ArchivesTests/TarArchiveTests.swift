import Archives
import Foundation
import Testing

@Suite struct TarArchiveTests {
  /// Unpacks an archive in a folder of its own.
  ///
  /// - Returns: the files' contents by their paths.
  private func unpack(_ bytes: [UInt8]) throws -> [String: String] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a.tar"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let count = try TarArchive(path).extract(into: folder + "/out")
    var files: [String: String] = [:]
    for name in FileManager.default.enumerator(atPath: folder + "/out")! {
      let file = "\(folder)/out/\(name)"
      guard let data = FileManager.default.contents(atPath: file) else { continue }
      files["\(name)"] = String(decoding: data, as: UTF8.self)
    }
    #expect(files.count == count)
    return files
  }

  private func archive(_ fill: (inout TarWriter) -> Void) -> [UInt8] {
    var writer = TarWriter()
    fill(&writer)
    writer.close()
    return writer.bytes
  }

  @Test func namesOfEachKindAreUnderstood() throws {
    let long = String(repeating: "long/", count: 30) + "name"
    let files = try unpack(
      archive {
        $0.add("folder/", flag: "5")
        $0.add("./folder/a", Array("one".utf8))
        $0.add("b", Array(repeating: 0x62, count: 513), prefix: "folder/deep")
        $0.add("././@LongLink", Array((long + "\u{0}").utf8), flag: "L")
        $0.add("cut", Array("two".utf8))
        $0.addRecord("path", "pax/ä")
        $0.add("cut", Array("three".utf8))
        $0.add("pax", Array("13 path=/etc\n".utf8), flag: "g")
        $0.add("last", Array("four".utf8), flag: "\u{0}")
      })
    #expect(
      files == [
        "folder/a": "one", "folder/deep/b": String(repeating: "b", count: 513), long: "two", "pax/ä": "three",
        "last": "four",
      ])
  }

  @Test(arguments: ["/etc/passwd", "../up", "a/../../up", "..", "a/..", ""])
  func pathsThatLeadOutAreRefused(_ name: String) {
    let plain = archive { $0.add(name, [1]) }
    #expect(throws: ArchiveError.self) { try unpack(plain) }
    let pax = archive {
      $0.addRecord("path", name)
      $0.add("harmless", [1])
    }
    #expect(throws: ArchiveError.self) { try unpack(pax) }
  }

  @Test(arguments: ["1", "2", "3", "4", "6", "S", "V"] as [Character])
  func onlyFilesAndFoldersAreUnpacked(_ flag: Character) {
    #expect(throws: ArchiveError.self) { try unpack(archive { $0.add("x", flag: flag) }) }
  }

  @Test func namesThatMeetAreRefused() {
    let twice = archive {
      $0.add("a", [1])
      $0.add("a", [2])
    }
    let through = archive {
      $0.add("a", [1])
      $0.add("a/b", [2])
    }
    for bytes in [twice, through] { #expect(throws: ArchiveError.self) { try unpack(bytes) } }
  }

  /// Wherever it is cut, and whichever byte of a header is another, nothing crashes, and a shorter archive is never taken for whole.
  @Test func damageIsNoticed() throws {
    let whole = archive {
      $0.add("a", Array("one".utf8))
      $0.add("b", Array("two".utf8))
    }
    for count in [0, 100, 512, 515, 1024, 1500, 2047] {
      #expect(throws: ArchiveError.self, "\(count)") { try unpack(Array(whole[..<count])) }
    }
    for offset in stride(from: 1, to: 512, by: 3) {
      var damaged = whole
      damaged[1024 + offset] ^= 0x41
      #expect(throws: ArchiveError.self, "\(offset)") { try unpack(damaged) }
    }
  }

  @Test(arguments: ["77777777777", "99", "-1", "\u{80}"])
  func sizesThatCannotBeAreRefused(_ size: String) {
    #expect(throws: ArchiveError.self) { try unpack(archive { $0.add("a", [1], size: size) }) }
  }
}
