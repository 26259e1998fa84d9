/// What mpirun, or another launcher, tells the processes that it starts, by the environment.
public struct MPILaunch: Equatable, Sendable {
  /// This process among those of its machine, from 0.
  public let localRank: Int
  /// This process among all, from 0; nil where the launcher does not tell.
  public let rank: Int?

  /// - Returns: nil for a process by itself.
  public init?(environment: [String: String]) {
    // mpirun sets both; Slurm's srun, with PMIx, the second.
    guard environment["OMPI_COMM_WORLD_SIZE"] != nil || environment["PMIX_RANK"] != nil else { return nil }
    let number = environment["OMPI_COMM_WORLD_LOCAL_RANK"] ?? environment["SLURM_LOCALID"]
    localRank = number.flatMap { Int($0) } ?? 0
    rank = (environment["OMPI_COMM_WORLD_RANK"] ?? environment["PMIX_RANK"]).flatMap { Int($0) }
  }
}
