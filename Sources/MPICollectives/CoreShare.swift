import Foundation

/// The cores that each process of a job may use, so that those of one machine share it evenly.
public struct CoreShare: Codable, Equatable {
  package let host: String
  /// Numbers of the cores on which the process may run.
  package let cores: [Int]

  package init(host: String, cores: [Int]) {
    self.host = host
    self.cores = cores
  }

  /// This process's, as Linux tells it; the number of cores alone where it does not.
  public static var own: CoreShare {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    let cores = line.flatMap { $0.split(separator: "\t").last }.map { Self.cores(in: $0) } ?? []
    let all = Array(0..<ProcessInfo.processInfo.activeProcessorCount)
    return CoreShare(host: ProcessInfo.processInfo.hostName, cores: cores.isEmpty ? all : cores)
  }

  /// The numbers in a list such as `0-3,8`.
  package static func cores(in list: Substring) -> [Int] {
    list.split(separator: ",").flatMap { range -> [Int] in
      let bounds = range.split(separator: "-").compactMap { Int($0) }
      guard let first = bounds.first, let last = bounds.last, first <= last else { return [] }
      return Array(first...last)
    }
  }

  /// The threads of process `rank`: the cores that it may use, divided by the processes that may use the same.
  public static func threadCount(rank: Int, of shares: [CoreShare]) -> Int {
    let equals = shares.indices.filter { shares[$0] == shares[rank] }
    let position = equals.firstIndex(of: rank)!
    let (even, rest) = shares[rank].cores.count.quotientAndRemainder(dividingBy: equals.count)
    return max(1, even + (position < rest ? 1 : 0))
  }
}
