import CPUBackend
import Testing

@Suite struct ProcessorLimitTests {
  @Test func threadsAreWhatTheUserSaysOrWhatTheProcessMayUse() {
    func count(_ environment: String?, _ limit: Double?) -> Int {
      ProcessorLimit.threadCount(environment: environment, processors: 64, limit: limit)
    }
    #expect(count(nil, nil) == 64)
    #expect(count(nil, 1.5) == 2)
    #expect(count(nil, 0.2) == 1)
    #expect(count(nil, 80) == 64)
    #expect(count("3", 1.5) == 3)
    #expect(count("4,2", nil) == 4)
    #expect(count("many", nil) == 64)
  }
}
