import ArgumentParser

/// The option of commands that leave files or an exit status, which may be all that is wanted of them.
struct QuietOption: ParsableArguments {
  @Flag(help: "Print nothing but notes and errors.")
  var quiet = false

  func validate() throws { if quiet { StandardOutput.silence() } }
}
