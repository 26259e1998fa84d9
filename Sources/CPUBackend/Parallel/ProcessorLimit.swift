import Glibc
import ProcessMemory

/// How many threads this process takes where nobody says.
package enum ProcessorLimit {
  /// The first number of OMP_NUM_THREADS; else the processors on which the process may run, or those that its control
  /// group has time for, a part of one counting as one.
  package static var threadCount: Int {
    threadCount(
      environment: getenv("OMP_NUM_THREADS").map { String(cString: $0) }, processors: allowedProcessors,
      limit: ControlGroup().processorLimit)
  }

  /// The processors on which this process may run, or those that its control group has time for.
  package static let processorCount = threadCount(
    environment: nil, processors: allowedProcessors, limit: ControlGroup().processorLimit)

  package static func threadCount(environment: String?, processors: Int, limit: Double?) -> Int {
    let told = environment?.split(separator: ",").first.flatMap { Int($0) }
    if let told, told > 0 { return told }
    return max(1, min(processors, limit.map { Int($0.rounded(.up)) } ?? processors))
  }

  /// Source: proc_pid_status(5), "Cpus_allowed": a mask in hexadecimal digits.
  private static var allowedProcessors: Int {
    let lines = (systemText("/proc/self/status") ?? "").split(separator: "\n")
    let mask = lines.first { $0.hasPrefix("Cpus_allowed:") }?.dropFirst("Cpus_allowed:".count) ?? ""
    let count = mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    return count > 0 ? count : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}
