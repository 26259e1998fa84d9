import Foundation
import Training

/// A log of a run as lines of JSON, appended to a file without buffering: plain, or each behind the mark of NVIDIA's DLLogger.
///
///     DLLL {"timestamp": "1700000000250.0", "datetime": "2023-11-14 22:13:20.250000",
///           "elapsedtime": "1.5", "type": "LOG", "step": [0, 12], "data": {"loss": 0.75}}
///
/// (one line in the file). `timestamp` is in milliseconds since 1970, `elapsedtime` in seconds since the log
/// was opened; both are strings. `datetime` is local time. Names in `data` are sorted.
///
/// Source: NVIDIA DLLogger, `JSONStreamBackend`.
public final class DLLogger: Sendable {
  /// What a line is about.
  public enum Step: Equatable, Sendable {
    /// The configuration of the run; written as `"PARAMETER"`.
    case parameter
    /// The run as a whole; written as `[]`.
    case summary
    /// An epoch, from 0; written as `[epoch]`.
    case epoch(Int)
    /// An iteration of an epoch, both from 0; written as `[epoch, iteration]`.
    case iteration(epoch: Int, iteration: Int)
  }

  /// One value of a line's `data`.
  public enum Value: Equatable, Sendable {
    case integer(Int)
    /// JSON has no numbers for these: infinities and not-a-number are written as strings.
    case number(Double)
    case text(String)
    case boolean(Bool)
  }

  /// What stands before the JSON of a line.
  public enum Form: String, Sendable {
    /// Nothing.
    case jsonLines = ""
    /// DLLogger's mark.
    case dllogger = "DLLL "
  }

  /// Where the log is.
  public let path: String
  private let form: Form
  private let descriptor: Int32
  private let start: Date
  private let now: @Sendable () -> Date
  private let timeZone: TimeZone

  /// Opens the log at `path`, to append to it.
  /// - Throws: `DLLoggerError` when the file cannot be opened for writing, or is a symbolic link.
  public convenience init(appendingTo path: String, as form: Form) throws(DLLoggerError) {
    try self.init(appendingTo: path, as: form, timeZone: .current) { Date() }
  }

  /// Whether a file is a log of a form: whether its first line is one.
  public static func isLog(_ path: String, of form: Form) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    let start = Array((form.rawValue + "{").utf8)
    return (try? file.read(upToCount: start.count)).map { Array($0) == start } ?? false
  }

  /// - Parameter now: the clock, called at once and for each line.
  package init(
    appendingTo path: String, as form: Form, timeZone: TimeZone, now: @escaping @Sendable () -> Date
  ) throws(DLLoggerError) {
    // A link would lead the lines into another file, and a pipe without a reader would never open.
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DLLoggerError(path: path, code: errno) }
    self.path = path
    self.form = form
    self.now = now
    self.timeZone = timeZone
    start = now()
  }

  deinit { close(descriptor) }

  /// Appends one line. Lines of several threads do not mix.
  /// - Throws: `DLLoggerError` when the file cannot be written, for example on a full disk.
  public func log(_ step: Step, _ data: [String: Value]) throws(DLLoggerError) {
    let bytes = Array(line(step, data, at: now()).utf8)
    // A file opened for appending takes one `write` as a whole; a partial one means that the disk is full.
    while true {
      let written = write(descriptor, bytes, bytes.count)
      if written == bytes.count { return }
      if written < 0 && errno == EINTR { continue }
      throw DLLoggerError(path: path, code: written < 0 ? errno : ENOSPC)
    }
  }

  private func line(_ step: Step, _ data: [String: Value], at date: Date) -> String {
    let members = data.sorted { $0.key < $1.key }
      .map { "\($0.key.jsonLiteral): \($0.value.json)" }
    let milliseconds = date.timeIntervalSince1970 * 1000
    let elapsed = date.timeIntervalSince(start)
    return form.rawValue + "{\"timestamp\": \"\(milliseconds)\", \"datetime\": \"\(dateTime(date))\", "
      + "\"elapsedtime\": \"\(elapsed)\", \"type\": \"LOG\", \"step\": \(step.json), "
      + "\"data\": {\(members.joined(separator: ", "))}}\n"
  }

  /// A date as Python prints it: `2023-11-14 22:13:20.250000`.
  private func dateTime(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let microseconds = Int((date.timeIntervalSince1970 * 1e6).rounded())
    let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let whole = Date(timeIntervalSince1970: Double(seconds))
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: whole)
    return String(
      format: "%04d-%02d-%02d %02d:%02d:%02d.%06d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0,
      parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0, fraction)
  }
}

/// Why a line could not be logged.
public struct DLLoggerError: Error, Equatable, CustomStringConvertible {
  /// The log.
  public let path: String
  /// The value of `errno`.
  public let code: Int32

  public var description: String {
    if code == ELOOP { return "\(path): is a symbolic link, through which no log is written; remove it." }
    return "\(path): cannot write the log (\(String(cString: strerror(code)))); "
      + "choose a folder that exists, is writable and has space left"
  }
}

extension DLLogger.Step {
  fileprivate var json: String {
    switch self {
    case .parameter: "\"PARAMETER\""
    case .summary: "[]"
    case .epoch(let epoch): "[\(epoch)]"
    case .iteration(let epoch, let iteration): "[\(epoch), \(iteration)]"
    }
  }
}

extension DLLogger.Value {
  fileprivate var json: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): value.isFinite ? "\(value)" : "\"\(value)\""
    case .text(let value): value.jsonLiteral
    case .boolean(let value): "\(value)"
    }
  }
}
