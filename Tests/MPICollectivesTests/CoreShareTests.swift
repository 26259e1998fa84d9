import Foundation
import MPICollectives
import Testing

@Suite struct CoreShareTests {
  private func share(_ cores: ClosedRange<Int>, host: String = "a") -> CoreShare {
    CoreShare(host: host, cores: Array(cores))
  }

  @Test(arguments: [
    ("0-3", [0, 1, 2, 3]), ("5", [5]), ("0-1,8,10-11", [0, 1, 8, 10, 11]), ("3-1", []), ("x", []),
  ])
  func readsLists(_ list: String, _ cores: [Int]) {
    #expect(CoreShare.cores(in: list[...]) == cores)
  }

  @Test func thisProcessMayRunSomewhere() {
    #expect(!CoreShare.own.cores.isEmpty)
    #expect(CoreShare.own.cores.count <= ProcessInfo.processInfo.activeProcessorCount)
  }

  @Test func processesOfOneMachineShareItsCores() {
    let shares = [share(0...7), share(0...7), share(0...7)]
    #expect((0..<3).map { CoreShare.threadCount(rank: $0, of: shares) } == [3, 3, 2])
  }

  @Test func machinesDoNotShare() {
    let shares = [share(0...7), share(0...3, host: "b")]
    #expect((0..<2).map { CoreShare.threadCount(rank: $0, of: shares) } == [8, 4])
  }

  /// A process that mpirun bound uses what it was bound to.
  @Test func boundProcessesKeepTheirCores() {
    let shares = [share(0...3), share(4...7)]
    #expect((0..<2).map { CoreShare.threadCount(rank: $0, of: shares) } == [4, 4])
  }

  @Test func eachHasAtLeastOne() {
    let shares = [CoreShare](repeating: share(0...1), count: 3)
    #expect((0..<3).map { CoreShare.threadCount(rank: $0, of: shares) } == [1, 1, 1])
  }
}
