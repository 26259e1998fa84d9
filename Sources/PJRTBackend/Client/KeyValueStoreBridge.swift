import CPJRT
import Foundation
import TensorGraph

/// A key-value store in the form in which a plugin calls it: how the clients of several processes find each other.
///
/// `@unchecked Sendable`: constant after `init`.
public final class KeyValueStoreBridge: @unchecked Sendable {
  private let keyValueStore: any KeyValueStore
  /// What the plugin is given; lives as long as this object.
  package let store: UnsafeMutablePointer<cpjrt_key_value_store>

  public init(_ keyValueStore: any KeyValueStore) {
    self.keyValueStore = keyValueStore
    store = .allocate(capacity: 1)
    store.initialize(to: cpjrt_key_value_store())
    store.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    store.pointee.get = { context, key, milliseconds, value, count in
      let time = Duration.milliseconds(Int(milliseconds))
      let found = try? KeyValueStoreBridge.of(context).value(String(key), waitingFor: time)
      return KeyValueStoreBridge.give(found, value, count)
    }
    store.pointee.try_get = { context, key, value, count in
      KeyValueStoreBridge.give(try? KeyValueStoreBridge.of(context).value(String(key)), value, count)
    }
    store.pointee.put = { context, key, value in
      let bytes = Array(UnsafeRawBufferPointer(start: value.bytes, count: value.count))
      return (try? KeyValueStoreBridge.of(context).put(String(key), bytes)) != nil
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
