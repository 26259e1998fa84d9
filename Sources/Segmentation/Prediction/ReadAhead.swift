import Foundation
import MedicalImaging

/// Reads cases one by one, each on a thread of its own while the networks are at the one before.
///
/// One whose files hold more than a small share of the memory that is left is read in its turn instead, and so is one that could not
/// be read ahead: what is told of it is what is found in its turn. Used by one thread.
final class ReadAhead<Value> {
  private let read: @Sendable (Case) throws -> Value
  private var ahead: (entry: Case, value: Background<Value?>)?

  init(_ read: @escaping @Sendable (Case) throws -> Value) { self.read = read }

  /// What is read of a case.
  ///
  /// - Parameter next: what will be asked for next, whose reading begins.
  func value(of entry: Case, then next: Case?) throws -> Value {
    let known = ahead?.entry == entry ? try? ahead?.value.get() : nil
    ahead = nil
    let value = try known ?? read(entry)
    if let next {
      let read = self.read
      ahead = (next, Background { ScanUse.isSmall(next.imagePaths) ? try read(next) : nil })
    }
    return value
  }
}

/// What a thread of its own computes, once.
///
/// Unchecked: the thread writes the result before it signals, and it is read after that.
private final class Background<Value>: @unchecked Sendable {
  private let isDone = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  init(_ body: @escaping @Sendable () throws -> Value) {
    Thread { [self] in
      result = Result { try body() }
      isDone.signal()
    }
    .start()
  }

  /// Waits for the result; to be called once.
  func get() throws -> Value {
    isDone.wait()
    return try result!.get()
  }
}
