import ArgumentParser

/// The option of the commands that take their options from a file, too. `ConfigurationFile` makes arguments of it before the
/// parser sees any, so that all checks are those of the command line.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take options from this file (YAML or JSON), by their long names; those of the command line win. Paths are relative to the "
        + "working folder.", valueName: "file"))
  var config: String?
}
