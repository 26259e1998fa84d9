// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Where this project lies, and with it oneDNN, which `make setup` puts into its .deps.
let vnet = ProcessInfo.processInfo.environment["VNET_PACKAGE"] ?? "../.."
let deps = URL(fileURLWithPath: vnet + "/.deps", relativeTo: URL(fileURLWithPath: Context.packageDirectory)).path

let package = Package(
  name: "segment",
  dependencies: [.package(name: "vnet", path: vnet)],
  targets: [
    .executableTarget(
      name: "segment",
      dependencies: [
        .product(name: "Segmentation", package: "vnet"), .product(name: "MedicalImaging", package: "vnet"),
        .product(name: "CPUBackend", package: "vnet"),
      ],
      // What a module that imports CPUBackend must know of oneDNN.
      swiftSettings: [.unsafeFlags(["-Xcc", "-I\(deps)/include"])])
  ],
  swiftLanguageModes: [.v6]
)
