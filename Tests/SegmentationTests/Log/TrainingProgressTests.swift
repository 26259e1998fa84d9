import Segmentation
import Testing

@Suite struct TrainingProgressTests {
  /// What is written while two epochs of four images are trained, one second a step of two images; each
  /// epoch is followed by an evaluation of one second.
  private func output(isTerminal: Bool) -> String {
    var (text, time) = ("", 0.0)
    let output = TrainingProgress.Output(isTerminal: isTerminal) { text += $0 }
    var progress = TrainingProgress(epochs: 8..<10, imagesPerEpoch: 4, output: output) { time }
    for epoch in 8..<10 {
      progress.beginEpoch(epoch)
      for loss in [1, 0.5] as [Float] {
        time += 1
        progress.advance(images: 2, loss: loss)
      }
      time += 1
      progress.endEpoch(notes: ["Dice 0.8"])
    }
    return text
  }

  @Test func aPipeGetsOneLineForEachEpoch() {
    #expect(
      output(isTerminal: false) == """
        epoch  9/10  2.0 images/s  loss 0.7500  0:03 left  Dice 0.8
        epoch 10/10  2.0 images/s  loss 0.7500  0:00 left  Dice 0.8

        """)
  }

  /// An epoch of four minutes tells the time left from the first one.
  @Test func aPipeGetsALineEachMinute() {
    var (text, time) = ("", 0.0)
    let output = TrainingProgress.Output(isTerminal: false) { text += $0 }
    var progress = TrainingProgress(epochs: 0..<2, imagesPerEpoch: 8, output: output) { time }
    progress.beginEpoch(0)
    for _ in 0..<8 {
      time += 31
      progress.advance(images: 1, loss: 1)
    }
    progress.endEpoch()
    let lines = text.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0] == "epoch 1/2  0.0 images/s  loss 1.0000  7:14 left")
  }

  @Test func aTerminalsLineIsRedrawn() {
    let lines = output(isTerminal: true).split(separator: "\r").map(String.init)
    #expect(lines.count == 6)
    #expect(lines[0] == "epoch  9/10  2.0 images/s  loss 1.0000  0:03 left\u{1B}[K")
    #expect(lines[2] == "epoch  9/10  2.0 images/s  loss 0.7500  0:03 left  Dice 0.8\u{1B}[K\n")
  }

  @Test func longNotesGoBelow() {
    var text = ""
    let output = TrainingProgress.Output(isTerminal: false) { text += $0 }
    var progress = TrainingProgress(epochs: 0..<1, imagesPerEpoch: 1, output: output) { 1 }
    progress.beginEpoch(0)
    progress.endEpoch(notes: [String(repeating: "a", count: 40), "b"])
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2 && lines[1] == "    " + String(repeating: "a", count: 40) + "  b")
    #expect(lines[0].hasSuffix("left"))
  }

  @Test func redrawingIsLimited() {
    var (count, time) = (0, 0.0)
    let output = TrainingProgress.Output(isTerminal: true) { _ in count += 1 }
    var progress = TrainingProgress(epochs: 0..<1, imagesPerEpoch: 1000, output: output) { time }
    progress.beginEpoch(0)
    for _ in 0..<1000 {
      time += 0.001
      progress.advance(images: 1, loss: 1)
    }
    #expect(count >= 9 && count <= 11)
  }

  /// Its images are done, but its loss is none of the mean's.
  @Test func aSkippedStepLeavesTheMeanAlone() {
    var (text, time) = ("", 0.0)
    let output = TrainingProgress.Output(isTerminal: false) { text += $0 }
    var progress = TrainingProgress(epochs: 0..<2, imagesPerEpoch: 4, output: output) { time }
    for losses in [[1, nil], [nil, nil]] as [[Float?]] {
      progress.beginEpoch(losses[0] == nil ? 1 : 0)
      for loss in losses {
        time += 1
        progress.advance(images: 2, loss: loss)
      }
      progress.endEpoch()
    }
    #expect(
      text == """
        epoch 1/2  2.0 images/s  loss 1.0000  0:02 left
        epoch 2/2  2.0 images/s  loss -  0:00 left

        """)
  }
}
