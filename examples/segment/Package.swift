// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Where this project is had from: by version, as any dependency.
let vnet = ProcessInfo.processInfo.environment["VNET_REPOSITORY"] ?? "../.."

let package = Package(
  name: "segment",
  dependencies: [.package(url: vnet, from: "0.1.0")],
  targets: [
    .executableTarget(
      name: "segment",
      dependencies: [
        .product(name: "Segmentation", package: "vnet"), .product(name: "MedicalImaging", package: "vnet"),
        .product(name: "CPUBackend", package: "vnet"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
