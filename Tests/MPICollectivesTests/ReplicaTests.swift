import Testing

/// What several processes do together, on this machine over loopback.
@Suite(.serialized, .enabled(if: MPIRun.command != nil, MPIRun.skipReason)) struct ReplicaTests {
  @Test(
    arguments: ["bytes", "sums", "graphs", "keys", "steps", "uneven steps", "compressed steps"], [1, 2, 3])
  func holds(_ check: String, _ count: Int) throws {
    // Half precision changes nothing where nothing travels.
    if check == "compressed steps" && count == 1 { return }
    let run = try MPIRun.run(count, "replica-check", [check])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    for rank in 0..<count {
      #expect(run.output.contains("rank \(rank) of \(count): \(check) holds"), "\(run.output)")
    }
  }

  @Test func deathOfOneEndsAll() throws {
    let run = try MPIRun.run(3, "replica-check", ["dying"])
    #expect(run.status != 0)
    #expect(run.seconds < 20)
    #expect(!run.output.contains("nobody died"))
  }
}
