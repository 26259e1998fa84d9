import PlainText

/// Writes a line to the standard error output, what is unprintable escaped. Where that fails there is nobody to tell.
func standardErrorLine(_ text: String) { _ = StandardStream.error.write(text.printableLines + "\n") }
