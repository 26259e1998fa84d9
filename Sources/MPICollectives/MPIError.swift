/// Why processes that mpirun started cannot work together.
public enum MPIError: Error, Equatable, CustomStringConvertible {
  case noLibrary(reason: String)
  case failed(operation: String, code: Int)
  case noThreads
  case tooLarge(operation: String, byteCount: Int)

  public var description: String {
    switch self {
    case .noLibrary(let reason):
      "Open MPI's library cannot be opened (\(reason)); start the program with .deps/bin/mpirun, "
        + "or with the mpirun of an installed Open MPI 5."
    case .failed(let operation, let code):
      "\(operation) failed with MPI's error \(code); the messages above, of Open MPI itself, say more."
    case .noThreads:
      "this Open MPI was built without support for threads (MPI_THREAD_MULTIPLE), which devices need to find each "
        + "other; start the program with .deps/bin/mpirun."
    case .tooLarge(let operation, let byteCount):
      "\(operation) cannot take \(byteCount) bytes from each process: MPI counts up to \(Int32.max) in all; "
        + "start fewer processes."
    }
  }
}

/// - Throws: `MPIError.failed` for a code other than 0.
func check(_ code: Int32, _ operation: String) throws(MPIError) {
  guard code == 0 else { throw .failed(operation: operation, code: Int(code)) }
}
