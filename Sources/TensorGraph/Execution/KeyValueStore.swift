/// Keys and values that all replicas see: how the run times of their devices find each other. Any thread may call.
public protocol KeyValueStore: Sendable {
  /// Sets a value; whoever asks later finds it.
  func put(_ key: String, _ value: [UInt8]) throws

  /// The value of a key; nil where it has none now.
  func value(_ key: String) throws -> [UInt8]?

  /// The value of a key, waiting until some replica sets it; nil when the time is over.
  func value(_ key: String, waitingFor time: Duration) throws -> [UInt8]?
}
