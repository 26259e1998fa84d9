/// The replicas of one program, as one of them sees them.
///
/// All replicas make the same calls in the same order; each call waits for those of the others.
public protocol Collectives: AnyObject {
  /// This replica, from 0.
  var rank: Int { get }

  /// The number of replicas, at least 1.
  var count: Int { get }

  /// Starts to replace numbers by their sums over all replicas, which are the same bits everywhere.
  ///
  /// - Parameters:
  ///   - address: `count` numbers one after the other; nobody else touches them until the sum is complete.
  ///   - count: of the numbers.
  ///   - dtype: f32, bf16 or f16.
  func startSum(_ address: UnsafeMutableRawPointer, count: Int, _ dtype: DType) throws -> any PendingSum

  /// Returns what replica 0 gave; the others' bytes are not looked at.
  func broadcast(_ bytes: [UInt8]) throws -> [UInt8]

  /// Returns what every replica gave, in their order.
  func gather(_ bytes: [UInt8]) throws -> [[UInt8]]
}

/// A sum over replicas that is under way.
public protocol PendingSum: AnyObject {
  /// Moves the sum on without waiting. Returns whether it is complete.
  func progress() throws -> Bool

  /// Returns once the sum is complete.
  func wait() throws
}
