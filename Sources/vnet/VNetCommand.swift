import ArgumentParser
import Foundation
import PlainText
import ProcessMemory
import Segmentation

@main
struct VNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vnet",
    abstract: "Trains, evaluates and runs V-Nets that segment 3-D medical images.",
    discussion: """
      Data sets in the form of the Medical Segmentation Decathlon or of nnU-Net, folders of scans and masks, and lists are \
      read as they are: 'vnet help data' shows formats and layouts. 'vnet phantom' makes a small data set to try.
      """,
    version: ProgramVersion.current,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, ScoreCommand.self, CompareCommand.self, PredictCommand.self,
      ExportCommand.self, InspectCommand.self,
      VerifyCommand.self, PhantomCommand.self, DownloadCommand.self, BenchmarkCommand.self,
      DevicesCommand.self, DataTopic.self,
    ])

  static func main() {
    StandardStream.occupyClosed()
    MemoryLimit.spareAddressSpace()
    requireMemoryToStart()
    runIfReplicated()
    do {
      var command = try parsedCommand()
      try command.run()
    } catch {
      end(error)
    }
    Foundation.exit(StandardOutput.status)
  }

  /// Ends with a sentence where the program itself leaves nothing of the memory that it may take.
  private static func requireMemoryToStart() {
    guard MemoryLimit.available == 0 else { return }
    standardErrorLine(
      "Error: this process may take \(MemoryLimit.byteCount >> 20) MiB of memory, which the program itself needs; "
        + "allow more (ulimit -v, the container's limit).")
    Foundation.exit(ExitCode.failure.rawValue)
  }

  /// The command that the arguments ask for.
  static func parsedCommand() throws -> any ParsableCommand {
    // What the parser calls hidden is all that is needed less often.
    let arguments = CommandLine.arguments.dropFirst().map { $0 == "--help-all" ? "--help-hidden" : $0 }
    try Mistyped.requireCommand(arguments)
    let configured = try ConfiguredArguments(arguments)
    configured.keep()
    let command: any ParsableCommand
    do {
      command = try self.command(of: configured.arguments, typed: arguments)
    } catch {
      throw configured.explained(error)
    }
    // Long work leaves files, which count more than what it prints.
    if command is any ReplicatedCommand { StandardOutput.outliveReader() }
    return command
  }

  /// The parser's command; what it refuses is said more plainly where that can be.
  ///
  /// - Parameter typed: those of the arguments that do not come from a file.
  private static func command(of arguments: [String], typed: [String]) throws -> any ParsableCommand {
    do {
      return try parseAsRoot(arguments)
    } catch {
      guard exitCode(for: error) == .validationFailure, let sentence = Mistyped.sentence(on: typed) else {
        throw error
      }
      throw ValidationError(sentence)
    }
  }

  /// What is to be said of an error, or the help that was asked for. An error of this program's own is one sentence: names
  /// from files that it quotes add no line.
  static func text(for error: any Error) -> String {
    let text = HelpText.wrappingUsage(HelpText.endingWithExamples(message(of: error)))
    return exitCode(for: error) == .failure ? text.printable : text
  }

  /// The parser's words, with the usage of the command that was typed also where this program refuses its arguments.
  private static func message(of error: any Error) -> String {
    let typed = CommandLine.arguments.dropFirst().first
    guard let error = error as? ValidationError,
      let command = configuration.subcommands.first(where: { $0._commandName == typed })
    else { return fullMessage(for: error) }
    return """
      Error: \(error.message)
      Usage: \(usageString(for: command))
        See 'vnet \(command._commandName) --help' for more information.
      """
  }

  /// Says what is to be said of an error and ends with its status.
  static func end(_ error: any Error) -> Never {
    let (text, status) = (text(for: error), exitCode(for: error))
    if status.isSuccess {
      StandardOutput.write(text + "\n")
    } else if !text.isEmpty {
      standardErrorLine(text)
    }
    Foundation.exit(status.isSuccess ? StandardOutput.status : status.rawValue)
  }
}
