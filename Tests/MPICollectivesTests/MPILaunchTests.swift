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
    #expect(launch.localRank == 1)
    #expect(launch.libraryPaths == ["libmpi.so.40"])
  }

  @Test func aMissingLibraryIsSaidClearly() throws {
    let launch = try #require(
      MPILaunch(environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_LIBDIR_LOC": "/nowhere"]))
    #expect(throws: MPIError.self) { try MPIWorld.openLibrary(Array(launch.libraryPaths.prefix(1))) }
    #expect(MPIError.noLibrary(reason: "x").description.contains(".deps/bin/mpirun"))
  }
}
