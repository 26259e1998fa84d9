import Archives
import ArgumentParser
import Foundation
import PlainText

struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Fetch a public data set and unpack it: a task of the Medical Segmentation Decathlon.",
    discussion: """
      Fetches by curl, goes on where an earlier try stopped, compares the MD5, and unpacks without trusting what the archive \
      names. The tasks: \(PublicDataset.names).

      vnet download hippocampus --output data
      vnet download hippocampus --from Task04_Hippocampus.tar --output data
      """)

  @Argument(help: ArgumentHelp("Which data set.", valueName: "name"))
  var dataset: String?

  @Option(help: "Folder of the data set; made if need be.")
  var output: String

  @Option(
    help: ArgumentHelp(
      "Address (http, https, file) or file of the archive, tar or tar.gz: a mirror of the one named, or another.",
      valueName: "URL"))
  var from: String?

  @Option(
    help: ArgumentHelp("The archive's MD5 (known of the data sets that are named).", valueName: "digest"))
  var md5: String?

  @OptionGroup var printing: QuietOption

  func validate() throws {
    guard dataset != nil || from != nil else {
      throw ValidationError(
        "name a data set (\(PublicDataset.names)), or give the address of an archive by --from.")
    }
    if let md5, md5.count != 32 || !md5.allSatisfy(\.isHexDigit) {
      throw ValidationError("--md5 \(md5) is no MD5; give its 32 hexadecimal digits.")
    }
    _ = try dataset.map(PublicDataset.init(named:))
  }

  func run() throws {
    let known = try dataset.map(PublicDataset.init(named:))
    let source = try ArchiveSource(from ?? known?.address ?? "")
    let folder = try DatasetFolder(output, for: source.name)
    let digest = md5?.lowercased() ?? known?.md5
    if digest == nil { standardErrorLine("Note: no MD5 is given, and the archive is not compared with one.") }
    try folder.locked {
      let count: Int
      switch source {
      case .file(let path):
        try requireDigest(digest, of: path, removing: false)
        count = try folder.unpack(path)
      case .address(let address):
        count = try fetched(address, into: folder, digest)
      }
      print("\(folder.path.printable): \(count) files")
    }
    if let terms = known.map({ _ in PublicDataset.terms }) ?? statedTerms(folder.path) {
      print("terms: \(terms)".printable)
    }
    suggest("verify", "--data-dir", output)
  }

  /// Fetches an archive and unpacks it. What is damaged is removed, so that the next try begins anew.
  private func fetched(_ address: String, into folder: DatasetFolder, _ digest: String?) throws -> Int {
    let isThere =
      try digest != nil && FileManager.default.fileExists(atPath: folder.part)
      && MD5.hexDigest(ofFile: folder.part) == digest
    if !isThere {
      print("fetching \(address.printable)")
      try Transfer(address: address, part: folder.part).run()
      try requireDigest(digest, of: folder.part, removing: true)
    }
    do {
      let count = try folder.unpack(folder.part)
      try FileManager.default.removeItem(atPath: folder.part)
      return count
    } catch let error as ArchiveError {
      if error.isOfArchive { unlink(folder.part) }
      throw error
    }
  }

  private func requireDigest(_ digest: String?, of path: String, removing: Bool) throws {
    guard let digest else { return }
    let found = try MD5.hexDigest(ofFile: path)
    guard found != digest else { return }
    if removing { unlink(path) }
    throw DownloadError.wrongDigest(path: path, found: found, expected: digest, isRemoved: removing)
  }

  /// What a data set says of its own terms.
  private func statedTerms(_ folder: String) -> String? {
    struct Description: Decodable {
      let licence: String?
      let license: String?
      let reference: String?
    }
    guard let data = FileManager.default.contents(atPath: folder + "/dataset.json"),
      let stated = try? JSONDecoder().decode(Description.self, from: data)
    else { return nil }
    let parts = [stated.licence ?? stated.license, stated.reference].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}

/// Where an archive comes from.
enum ArchiveSource {
  case file(String)
  case address(String)

  /// - Throws: `DownloadError.unknownAddress`.
  init(_ text: String) throws {
    if let url = URL(string: text), url.scheme == "file" {
      self = .file(url.path)
    } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
      self = .address(text)
    } else if text.contains("://") {
      throw DownloadError.unknownAddress(text)
    } else {
      self = .file(text)
    }
  }

  var name: String {
    switch self {
    case .file(let path): path
    case .address(let address): address
    }
  }
}

extension ArchiveError {
  /// Whether another copy of the archive may do better; else it is the disk's fault.
  fileprivate var isOfArchive: Bool {
    switch self {
    case .unwritable: false
    case .unreadable, .notAnArchive, .truncated, .damaged, .unsafePath, .unsupportedEntry, .repeatedEntry:
      true
    }
  }
}
