import ProtobufWire

// The numbers of the fields stand beside their names in onnx.proto.
extension ONNXModel {
  /// The file's bytes, a `ModelProto`.
  package var serialized: [UInt8] {
    var model = ProtobufWriter()
    model.integer(1, opset.irVersion)  // ir_version
    model.text(2, producerName)
    model.text(3, producerVersion)
    model.text(6, description)  // doc_string
    model.message(7, graph.write)
    model.message(8) {  // opset_import
      $0.text(1, "")  // the default operators
      $0.integer(2, opset.version)
    }
    for entry in metadata {
      model.message(14) {  // metadata_props
        $0.text(1, entry.key)
        $0.text(2, entry.value)
      }
    }
    return model.bytes
  }
}

extension ONNXGraph {
  fileprivate func write(to graph: inout ProtobufWriter) {
    for node in nodes { graph.message(1, node.write) }
    graph.text(2, name)
    for tensor in initializers { graph.message(5, tensor.write) }
    for input in inputs { graph.message(11, input.write) }
    for output in outputs { graph.message(12, output.write) }
  }
}

extension ONNXNode {
  fileprivate func write(to node: inout ProtobufWriter) {
    for input in inputs { node.text(1, input) }
    for output in outputs { node.text(2, output) }
    node.text(3, name)
    node.text(4, type)
    for attribute in attributes { node.message(5, attribute.write) }
  }
}

extension ONNXNode.Attribute {
  /// Source: onnx.proto, `AttributeProto.AttributeType`.
  private enum Kind: Int {
    case float = 1
    case int = 2
    case ints = 7
  }

  fileprivate func write(to attribute: inout ProtobufWriter) {
    attribute.text(1, name)
    switch value {
    case .number(let number): attribute.float(2, number)
    case .integer(let integer): attribute.integer(3, integer)
    case .integers(let integers): for integer in integers { attribute.integer(8, integer) }
    }
    attribute.integer(20, kind.rawValue)
  }

  private var kind: Kind {
    switch value {
    case .number: .float
    case .integer: .int
    case .integers: .ints
    }
  }
}

extension ONNXTensor {
  /// Source: onnx.proto, `TensorProto.DataType`.
  fileprivate enum DataType: Int {
    case float = 1
    case int64 = 7
  }

  fileprivate func write(to tensor: inout ProtobufWriter) {
    for extent in extents { tensor.integer(1, extent) }  // dims
    tensor.integer(2, dataType.rawValue)
    tensor.text(8, name)
    tensor.data(9, bytes)  // raw_data
  }

  private var dataType: DataType {
    switch elements {
    case .floats: .float
    case .integers: .int64
    }
  }

  /// Little-endian, as this machine has them.
  private var bytes: [UInt8] {
    switch elements {
    case .floats(let floats): floats.withUnsafeBytes { [UInt8]($0) }
    case .integers(let integers): integers.map(Int64.init).withUnsafeBytes { [UInt8]($0) }
    }
  }

  var byteCount: Int {
    switch elements {
    case .floats(let floats): 4 * floats.count
    case .integers(let integers): 8 * integers.count
    }
  }
}

extension ONNXValueInfo {
  fileprivate func write(to info: inout ProtobufWriter) {
    info.text(1, name)
    info.message(2) { type in
      type.message(1) { tensor in  // tensor_type
        tensor.integer(1, ONNXTensor.DataType.float.rawValue)
        tensor.message(2) { shape in
          for dimension in dimensions { shape.message(1, dimension.write) }
        }
      }
    }
  }
}

extension ONNXValueInfo.Dimension {
  fileprivate func write(to dimension: inout ProtobufWriter) {
    switch self {
    case .fixed(let extent): dimension.integer(1, extent)
    case .named(let name): dimension.text(2, name)
    }
  }
}
