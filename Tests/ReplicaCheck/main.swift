// Checks what only several processes can: run by MPICollectivesTests under mpirun.
//
//   mpirun -np N replica-check NAME
//
// Each process prints what it found wrong; the last line of a sound one is "rank R of N: NAME holds".

import Foundation
import MPICollectives

let checks: [String: (MPIWorld) throws -> [String]] = [
  "bytes": bytesArrive,
  "sums": sumsAreExact,
  "graphs": executorsAgree,
  "keys": keysAreFound,
  "steps": { try stepsEqualOneProcess($0, .rmsprop(), batch: { _, _ in 2 }) },
  "uneven steps": { try stepsEqualOneProcess($0, .sgd(), batch: { $1 == 0 ? 2 : ($0 + $1) % 3 }) },
  "compressed steps": compressedStepsStayClose,
  "dying": { world in
    if world.rank == world.count - 1 { kill(getpid(), SIGKILL) }
    _ = try world.gather([])
    return ["nobody died"]
  },
]

guard let launch = MPILaunch(environment: ProcessInfo.processInfo.environment),
  let name = CommandLine.arguments.dropFirst().first, let check = checks[name]
else {
  print("mpirun -np N replica-check \(checks.keys.sorted().joined(separator: "|"))")
  exit(2)
}
let world = try MPIWorld(launch)
let failures = try check(world)
for failure in failures { print("rank \(world.rank): \(failure)") }
if failures.isEmpty { print("rank \(world.rank) of \(world.count): \(name) holds") }
world.leave()
exit(failures.isEmpty ? 0 : 1)
