import ArgumentParser
import Foundation
import MPICollectives
import Segmentation

/// A command that several processes share out when mpirun starts them.
protocol ReplicatedCommand: ParsableCommand {
  /// - Parameter world: the processes; nil for a process by itself.
  func run(on world: MPIWorld?) throws
}

extension ReplicatedCommand {
  func run() throws { try run(on: nil) }
}

extension VNetCommand {
  /// Runs the command and ends where mpirun started this process; otherwise does nothing.
  static func runIfReplicated() {
    let environment = ProcessInfo.processInfo.environment
    if let launch = MPILaunch(environment: environment) { main(launch) }
    if let error = MPIError(launchedBy: environment) { end(error) }
  }

  /// Runs the command as one of the processes that mpirun started. Only the first prints; an error ends them all.
  private static func main(_ launch: MPILaunch) -> Never {
    let world: MPIWorld
    do {
      world = try MPIWorld(launch)
    } catch {
      standardErrorLine("rank \(launch.rank.map(String.init) ?? "unknown"): Error: \(error)")
      end(ExitCode.failure)
    }
    if world.rank > 0 {
      silenceOutput()
    } else {
      standardErrorLine("Note: \(world.count) processes are joined by \(world.libraryPath)")
    }
    do {
      try requireOneCommandLine(world)
      var command = try parsedCommand()
      if let command = command as? any ReplicatedCommand {
        try command.run(on: world)
      } else if world.rank == 0 {
        try command.run()
      }
    } catch {
      end(world, error)
    }
    world.leave()
    Foundation.exit(StandardOutput.status)
  }

  private static func silenceOutput() {
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    close(nowhere)
  }

  private static func requireOneCommandLine(_ world: MPIWorld) throws {
    var agreement = Agreement()
    agreement.add("command line", Array(CommandLine.arguments.dropFirst()))
    agreement.add("program", programIdentity)
    try agreement.require(of: Replicas(world))
  }

  /// The version, and the executable's size, by which builds differ.
  private static var programIdentity: String {
    let path = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    return "\(configuration.version) \(size ?? 0)"
  }

  /// Ends all processes with an error, printed with the rank. An error that all meet is printed by the first, which
  /// the others let go before.
  private static func end(_ world: MPIWorld, _ error: any Error) -> Never {
    let text = text(for: error)
    if exitCode(for: error).isSuccess || text.isEmpty {
      world.leave()
      end(error)
    }
    if world.rank > 0 { usleep(500_000 + 50_000 * UInt32(min(world.rank, 40))) }
    standardErrorLine("rank \(world.rank) of \(world.count): \(text)")
    world.abort(status: exitCode(for: error).rawValue)
    Foundation.exit(exitCode(for: error).rawValue)
  }
}
