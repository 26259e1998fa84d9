import Foundation
import MPICollectives
import Synchronization
import TensorGraph

/// Every rank puts values from several threads, and finds those of all others, whoever comes first, while the main
/// threads exchange by collectives.
func keysAreFound(_ world: MPIWorld) throws -> [String] {
  let store = try world.keyValueStore()
  let failures = Mutex<[String]>([])
  let (rank, count) = (world.rank, world.count)
  let group = DispatchGroup()
  let threads = 3
  for thread in 0..<threads {
    group.enter()
    Thread.detachNewThread {
      defer { group.leave() }
      do {
        let found = try exchange(store, thread, rank, count)
        failures.withLock { $0 += found }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
  }
  for number in 0..<100 {
    let found = try world.gather([UInt8(number)])
    if found != Array(repeating: [UInt8(number)], count: count) { failures.withLock { $0.append("gather") } }
    usleep(1_000)
  }
  group.wait()
  return failures.withLock { $0 }
}

private func exchange(_ store: MPIKeyValueStore, _ thread: Int, _ rank: Int, _ count: Int) throws -> [String]
{
  var failures: [String] = []
  func value(_ rank: Int, _ round: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(rank), count: round * 100_000) + [UInt8(thread)]
  }
  for round in 0..<3 {
    if rank != 0 { usleep(5_000) }
    try store.put("\(thread) \(rank) \(round)", value(rank, round))
    for other in 0..<count {
      let found = try store.value("\(thread) \(other) \(round)", waitingFor: .seconds(20))
      if found != value(other, round) { failures.append("round \(round): the value of rank \(other)") }
    }
  }
  if try store.value("nobody's") != nil { failures.append("a key that nobody has put") }
  if try store.value("nobody's", waitingFor: .milliseconds(10)) != nil {
    failures.append("the same, waiting")
  }
  return failures
}
