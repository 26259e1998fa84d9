import CPJRT

/// A plugin: a library that compiles and runs programs on one kind of device. Opened once, never closed.
///
/// `@unchecked Sendable`: the table of functions is constant, and PJRT's functions may be called from any thread.
public final class PJRTPlugin: @unchecked Sendable {
  public let path: String
  let api: OpaquePointer

  /// Opens a plugin.
  /// - Throws: `PJRTError.unusablePlugin`.
  public init(path: String) throws(PJRTError) {
    self.path = path
    ProcessFlags.prepare(forPlugin: path)
    var api: OpaquePointer?
    if let reason = cpjrt_open(path, &api) {
      let text = String(cString: reason)
      throw .unusablePlugin(
        path: path, reason: text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text)
    }
    self.api = api!
    do throws(PJRTError) {
      try check(cpjrt_initialize(self.api), "initialisation")
    } catch {
      throw .unusablePlugin(path: path, reason: error.message)
    }
  }

  /// The version of the PJRT API that the plugin was made for: "0.81".
  public var apiVersion: String {
    var (major, minor): (Int32, Int32) = (0, 0)
    cpjrt_version(api, &major, &minor)
    return "\(major).\(minor)"
  }

  /// What the plugin says about itself, by name.
  public func attributes() throws(PJRTError) -> [String: NamedValue] {
    var values: UnsafePointer<cpjrt_named_value>?
    var count = 0
    try check(cpjrt_plugin_attributes(api, &values, &count), "reading the plugin's attributes")
    return NamedValue.dictionary(values, count)
  }

  /// - Throws: `PJRTError.failed` with the error's message; the error is destroyed.
  func check(_ error: OpaquePointer?, _ operation: @autoclosure () -> String) throws(PJRTError) {
    guard let error else { return }
    let message = String(cpjrt_error_message(api, error))
    cpjrt_error_destroy(api, error)
    throw .failed(operation: operation(), message: message)
  }
}

extension PJRTError {
  /// What the plugin said, without what was tried.
  var message: String {
    if case .failed(_, let message) = self { message } else { description }
  }
}

extension String {
  init(_ text: cpjrt_text) {
    self.init(
      decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.bytes == nil ? 0 : text.count),
      as: UTF8.self)
  }
}
