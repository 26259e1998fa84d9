extension PJRTOptions {
  /// Compiles a program for some devices, or takes it from the cache.
  func compiled(
    _ code: String, deviceIDs: [Int], on client: PJRTClient
  ) throws(PJRTError) -> CompiledProgram {
    let compileOptions = CompileOptions(deviceIDs: deviceIDs, flags: client.compilerFlags)
    guard let cache else { return try CompiledProgram(code, compileOptions, on: client) }
    let key = ExecutableCache.key(code, compileOptions, client)
    if let kept = cache.program(key, on: client) { return kept }
    let program = try CompiledProgram(code, compileOptions, on: client)
    cache.keep(program, key)
    return program
  }
}
