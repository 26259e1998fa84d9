import MPICollectives
import Testing

@Suite struct MPILaunchTests {
  @Test func processesByThemselves() {
    #expect(MPILaunch(environment: ["PATH": "/usr/bin"]) == nil)
  }

  @Test func whatMpirunTells() throws {
    let launch = try #require(
      MPILaunch(environment: [
        "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_LOCAL_RANK": "1", "OMPI_LIBDIR_LOC": "/opt/openmpi/lib",
      ]))
    #expect(launch.localRank == 1)
    #expect(launch.libraryPaths == ["/opt/openmpi/lib/libmpi.so.40", "libmpi.so.40"])
  }

  @Test func whatSlurmTells() throws {
    let launch = try #require(MPILaunch(environment: ["PMIX_RANK": "5", "SLURM_LOCALID": "1"]))
    #expect(launch.localRank == 1 && launch.rank == 5)
    #expect(launch.libraryPaths == ["libmpi.so.40"])
  }

  @Test func processesOfAnotherLauncherAreRefused() {
    #expect(MPIError(launchedBy: ["PMI_SIZE": "4", "PMI_RANK": "1"]) == .otherLauncher(processCount: 4))
    #expect(MPIError(launchedBy: ["SLURM_STEP_NUM_TASKS": "2"]) == .otherLauncher(processCount: 2))
    #expect(MPIError(launchedBy: ["SLURM_STEP_NUM_TASKS": "2", "PMIX_RANK": "0"]) == nil)
    #expect(MPIError(launchedBy: ["PMI_SIZE": "1"]) == nil && MPIError(launchedBy: [:]) == nil)
  }

  @Test func aMissingLibraryIsSaidClearly() throws {
    let launch = try #require(
      MPILaunch(environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_LIBDIR_LOC": "/nowhere"]))
    #expect(throws: MPIError.self) { try MPIWorld.openLibrary(Array(launch.libraryPaths.prefix(1))) }
    #expect(MPIError.noLibrary(reason: "x").description.contains(".deps/bin/mpirun"))
  }
}
