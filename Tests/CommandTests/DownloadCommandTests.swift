import Foundation
import Testing

/// `vnet download` from a server on loopback.
@Suite(.serialized, .enabled(if: LoopbackServer.isPossible, "needs curl, tar and python3"))
struct DownloadCommandTests {
  private let sandbox: Sandbox
  private let server: LoopbackServer
  private let output: String

  init() throws {
    sandbox = try Sandbox()
    output = sandbox.path + "/data/set"
    let served = sandbox.path + "/served"
    try FileManager.default.createDirectory(atPath: served, withIntermediateDirectories: true)
    _ = try sandbox.phantom("Task")
    let packed = try CommandRun(
      script: "tar cf served/set.tar Task && tar czf served/set.tar.gz Task", in: sandbox.path)
    #expect(packed.status == 0, "\(packed.errors)")
    server = try LoopbackServer(served)
  }

  private func download(_ path: String, _ more: String...) throws -> CommandRun {
    try CommandRun(
      ["download", "--from", server.address + path, "--output", output] + more,
      environment: ["no_proxy": "127.0.0.1", "http_proxy": ""])
  }

  private func md5(_ name: String) throws -> String {
    let run = try CommandRun(script: "md5sum served/\(name)", in: sandbox.path)
    return String(run.output.prefix(32))
  }

  private func beside() throws -> [String] { try sandbox.files(sandbox.path + "/data") }

  @Test(arguments: ["set.tar", "set.tar.gz"])
  func aDataSetIsFetchedAndUnpacked(_ name: String) throws {
    let run = try download("/" + name, "--md5", try md5(name))
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.contains("next: vnet verify"))
    #expect(try beside() == ["set"])
    #expect(try sandbox.vnet("verify", "--data-dir", output).status == 0)
    expectRefusal(try download("/" + name), "is there already")
  }

  @Test func anInterruptedDownloadGoesOn() throws {
    let digest = try md5("set.tar")
    expectRefusal(try download("/cut/set.tar", "--md5", digest), "goes on after")
    #expect(try beside().count == 1 && beside()[0].hasSuffix(".part"))
    let run = try download("/cut/set.tar", "--md5", digest)
    #expect(run.status == 0, "\(run.errors)")
    let size = try Data(contentsOf: URL(fileURLWithPath: sandbox.path + "/served/set.tar")).count
    #expect(
      try sandbox.text(sandbox.path + "/served/requests.log")
        == "/cut/set.tar whole\n/cut/set.tar bytes=\(size / 2)-\n")
    #expect(try beside() == ["set"])
  }

  /// A server without ranges, and a file that is there already, to which nothing can be added.
  @Test(arguments: [("/plain/set.tar", "head -c 4000"), ("/set.tar", "cat")])
  func whatCannotBeGoneOnWithBeginsAnew(_ path: String, _ beginning: String) throws {
    // The part's name is that of its address.
    let part = try CommandRun(
      script: """
        name=$(printf %s '\(server.address)\(path)' | md5sum | cut -c 1-8)
        mkdir data && \(beginning) served/set.tar > data/set.$name.part
        """, in: sandbox.path)
    #expect(part.status == 0, "\(part.errors)")
    let run = try download(path)
    #expect(run.status == 0 && run.errors.contains("beginning anew"), "\(run.errors)")
    #expect(try beside() == ["set"])
  }

  @Test func damagedAndTruncatedArchivesAreRemoved() throws {
    let digest = try md5("set.tar")
    let made = try CommandRun(
      script: """
        cd served
        cp set.tar bad.tar && printf X | dd of=bad.tar bs=1 seek=257 conv=notrunc status=none
        head -c 9000 set.tar > short.tar
        head -c 9000 set.tar.gz > short.tar.gz
        echo '<html>Not found</html>' > page.tar
        """, in: sandbox.path)
    #expect(made.status == 0, "\(made.errors)")
    expectRefusal(try download("/bad.tar", "--md5", digest), "MD5", "it is removed")
    #expect(try beside() == [])
    for name in ["bad.tar", "short.tar", "short.tar.gz", "page.tar"] {
      expectRefusal(try download("/" + name), "archive")
      #expect(try beside() == [], "\(name)")
    }
    #expect(try download("/set.tar", "--md5", digest).status == 0)
  }

  @Test func maliciousArchivesLeaveNothing() throws {
    let made = try CommandRun(
      script: """
        mkdir evil && cd evil && echo no > file && ln -s /etc link && ln file hard && mkfifo pipe
        tar cf ../served/link.tar link
        tar cf ../served/hard.tar file hard
        tar cf ../served/pipe.tar pipe
        tar -P -cf ../served/up.tar --transform 's|file|../escaped|' file
        tar -P -cf ../served/absolute.tar --transform "s|file|$PWD/escaped|" file
        tar cf ../served/twice.tar file && tar rf ../served/twice.tar file
        """, in: sandbox.path)
    #expect(made.status == 0, "\(made.errors)")
    for (name, word) in [
      ("link", "symbolic link"), ("hard", "hard link"), ("pipe", "a pipe"), ("up", "leads out"),
      ("absolute", "leads out"), ("twice", "twice"),
    ] {
      expectRefusal(try download("/\(name).tar"), word)
      #expect(try beside() == [], "\(name)")
    }
    #expect(try !sandbox.files(sandbox.path).contains("escaped"))
    #expect(try !sandbox.files(sandbox.path + "/evil").contains("escaped"))
  }

  @Test func aFileIsUnpackedAndStays() throws {
    let file = sandbox.path + "/served/set.tar"
    expectRefusal(
      try sandbox.vnet("download", "hippocampus", "--from", file, "--output", output), "MD5", "fetch it again"
    )
    let run = try sandbox.vnet(
      "download", "--from", "file://" + file, "--output", output, "--md5", try md5("set.tar"))
    #expect(run.status == 0 && FileManager.default.fileExists(atPath: file), "\(run.errors)")
  }

  @Test func whatIsMissingOrUnknownIsSaid() throws {
    expectRefusal(try sandbox.vnet("download", "--output", output), "hippocampus", "--from")
    expectRefusal(
      try sandbox.vnet("download", "hipocampus", "--output", output), "did you mean 'hippocampus'?")
    expectRefusal(try sandbox.vnet("download", "--from", "ftp://x/y", "--output", output), "unknown kind")
    expectRefusal(try sandbox.vnet("download", "heart", "--output", output, "--md5", "12"), "32")
    let curlless = try CommandRun(
      ["download", "--from", server.address + "/set.tar", "--output", output],
      environment: ["PATH": "/nowhere"])
    expectRefusal(curlless, "curl", "--from")
  }
}

/// A server for tests, which ends with them.
private final class LoopbackServer {
  static let isPossible =
    (try? CommandRun(script: "curl --version && tar --version && python3 -c 'import http.server'", in: "/tmp"))?
    .status == 0

  let address: String
  private let process = Process()
  /// The server ends where nobody holds this any more.
  private let input = Pipe()

  init(_ folder: String) throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Servers/range_server.py").path
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", script, folder]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    address = "http://127.0.0.1:" + port.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  deinit { try? input.fileHandleForWriting.close() }
}
