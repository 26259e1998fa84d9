/// Why processes that mpirun started cannot work together.
public enum MPIError: Error, Equatable, CustomStringConvertible {
  case noLibrary(reason: String)
  case failed(operation: String, code: Int)
  case noThreads
  /// One of several processes was started by something that does not tell it of the others.
  case otherLauncher(processCount: Int)
  case tooLarge(operation: String, byteCount: Int)

  public var description: String {
    switch self {
    case .noLibrary(let reason):
      "Open MPI's library cannot be opened (\(reason)); start the program with .deps/bin/mpirun, "
        + "or with the mpirun of an installed Open MPI, 4.1 or newer, whose libraries LD_LIBRARY_PATH names."
    case .otherLauncher(let count):
      "this is one of \(count) processes whose launcher is not Open MPI's, and which would all do the same work; start "
        + "them with .deps/bin/mpirun, or with 'srun --mpi=pmix'."
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

extension MPIError {
  /// The error of a process that another launcher than Open MPI's started as one of several; nil for any other process.
  ///
  /// MPICH's mpirun sets `PMI_SIZE`; Slurm's srun, without PMIx, the number of tasks of its step.
  public init?(launchedBy environment: [String: String]) {
    let counts = ["PMI_SIZE", "SLURM_STEP_NUM_TASKS"].compactMap { environment[$0].flatMap { Int($0) } }
    guard MPILaunch(environment: environment) == nil, let count = counts.max(), count > 1 else { return nil }
    self = .otherLauncher(processCount: count)
  }
}

/// - Throws: `MPIError.failed` for a code other than 0.
func check(_ code: Int32, _ operation: String) throws(MPIError) {
  guard code == 0 else { throw .failed(operation: operation, code: Int(code)) }
}
