import CPJRT
import Foundation

/// Where the processes of one job tell each other by name what their clients need to know, so that the devices of all
/// can work together. Called from any thread.
public protocol KeyValueStore: AnyObject, Sendable {
  /// Returns the value once some process has put it; nil when it has not within the time.
  func value(of key: String, milliseconds: Int) -> [UInt8]?

  /// Returns the value if some process has put it.
  func value(of key: String) -> [UInt8]?

  /// Returns whether the value was kept.
  func put(_ key: String, _ value: [UInt8]) -> Bool
}

/// A store in the form in which a plugin calls it.
///
/// `@unchecked Sendable`: constant after `init`.
public final class KeyValueStoreBridge: @unchecked Sendable {
  private let keyValueStore: any KeyValueStore
  let store: UnsafeMutablePointer<cpjrt_key_value_store>

  public init(_ keyValueStore: any KeyValueStore) {
    self.keyValueStore = keyValueStore
    store = .allocate(capacity: 1)
    store.initialize(to: cpjrt_key_value_store())
    store.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    store.pointee.get = { context, key, milliseconds, value, count in
      let found = KeyValueStoreBridge.of(context).value(of: String(key), milliseconds: Int(milliseconds))
      return KeyValueStoreBridge.give(found, value, count)
    }
    store.pointee.try_get = { context, key, value, count in
      KeyValueStoreBridge.give(KeyValueStoreBridge.of(context).value(of: String(key)), value, count)
    }
    store.pointee.put = { context, key, value in
      KeyValueStoreBridge.of(context).put(
        String(key), Array(UnsafeRawBufferPointer(start: value.bytes, count: value.count)))
    }
  }

  deinit { store.deallocate() }

  private static func of(_ context: UnsafeMutableRawPointer?) -> any KeyValueStore {
    Unmanaged<KeyValueStoreBridge>.fromOpaque(context!).takeUnretainedValue().keyValueStore
  }

  /// Copies a value into memory that the plugin frees. Returns whether there is one.
  private static func give(
    _ bytes: [UInt8]?, _ value: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ count: UnsafeMutablePointer<Int>?
  ) -> Bool {
    guard let bytes, let memory = malloc(max(1, bytes.count)) else { return false }
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    value?.pointee = memory.assumingMemoryBound(to: CChar.self)
    count?.pointee = bytes.count
    return true
  }
}
