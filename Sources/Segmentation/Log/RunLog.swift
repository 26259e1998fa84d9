import Foundation

/// The logs of a model's folder: lines of JSON, and the same lines in DLLogger's form.
struct RunLog {
  private let loggers: [DLLogger]

  /// Opens the logs to append to them. What earlier versions wrote as log.jsonl is in DLLogger's form, and becomes that log.
  ///
  /// - Throws: `DLLoggerError` when a file cannot be opened for writing, or is a symbolic link.
  init(_ folder: ModelFolder) throws(DLLoggerError) {
    if DLLogger.isLog(folder.logPath, of: .dllogger), access(folder.dlloggerPath, F_OK) != 0 {
      guard rename(folder.logPath, folder.dlloggerPath) == 0 else {
        throw DLLoggerError(path: folder.dlloggerPath, code: errno)
      }
    }
    loggers = [
      try DLLogger(appendingTo: folder.logPath, as: .jsonLines),
      try DLLogger(appendingTo: folder.dlloggerPath, as: .dllogger),
    ]
  }

  /// Appends one line to each.
  ///
  /// - Throws: `DLLoggerError` when a file cannot be written, for example on a full disk.
  func log(_ step: DLLogger.Step, _ data: [String: DLLogger.Value]) throws(DLLoggerError) {
    for logger in loggers { try logger.log(step, data) }
  }
}
