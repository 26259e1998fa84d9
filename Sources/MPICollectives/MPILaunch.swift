/// What mpirun tells the processes that it starts, by the environment.
public struct MPILaunch: Equatable, Sendable {
  /// The processes in all.
  public let count: Int
  /// This process among those of its machine, from 0.
  public let localRank: Int
  /// The processes on this machine.
  public let localCount: Int
  /// The folder of the launching Open MPI's library; nil where it does not tell.
  let libraryFolder: String?

  /// - Returns: nil for a process that mpirun did not start.
  public init?(environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    guard let count = number("OMPI_COMM_WORLD_SIZE") else { return nil }
    self.count = count
    localRank = number("OMPI_COMM_WORLD_LOCAL_RANK") ?? 0
    localCount = number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 1
    libraryFolder = environment["OMPI_LIBDIR_LOC"]
  }

  /// Where the library may be, the launching Open MPI's own first.
  package var libraryPaths: [String] {
    let name = "libmpi.so.40"
    return (libraryFolder.map { ["\($0)/\(name)"] } ?? []) + [name]
  }
}
