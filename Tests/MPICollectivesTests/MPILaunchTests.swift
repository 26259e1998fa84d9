import MPICollectives
import Testing

@Suite struct MPILaunchTests {
  @Test func processesByThemselves() {
    #expect(MPILaunch(environment: ["PATH": "/usr/bin"]) == nil)
  }

  @Test func whatMpirunTells() throws {
    let launch = try #require(
      MPILaunch(environment: [
        "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_LOCAL_RANK": "1",
      ]))
    #expect(launch.localRank == 1)
  }

  @Test func whatSlurmTells() throws {
    let launch = try #require(MPILaunch(environment: ["PMIX_RANK": "5", "SLURM_LOCALID": "1"]))
    #expect(launch.localRank == 1 && launch.rank == 5)
  }

  @Test func processesOfAnotherLauncherAreRefused() {
    #expect(MPIError(launchedBy: ["PMI_SIZE": "4", "PMI_RANK": "1"]) == .otherLauncher(processCount: 4))
    #expect(MPIError(launchedBy: ["SLURM_STEP_NUM_TASKS": "2"]) == .otherLauncher(processCount: 2))
    #expect(MPIError(launchedBy: ["SLURM_STEP_NUM_TASKS": "2", "PMIX_RANK": "0"]) == nil)
    #expect(MPIError(launchedBy: ["PMI_SIZE": "1"]) == nil && MPIError(launchedBy: [:]) == nil)
  }

  @Test func aMissingLibraryIsSaidClearly() throws {
    #expect(throws: MPIError.self) { try MPIWorld.openLibrary("libmpi-nowhere.so") }
    #expect(MPIError.noLibrary(reason: "x").description.contains(".deps/bin/mpirun"))
  }
}
