#ifndef C_PROGRAM_VERSION_H
#define C_PROGRAM_VERSION_H

/// The version that the package's manifest was given, such as "0.1.0" or "0.1.0+5.g75cdd7d": in C, so that another version
/// compiles one line anew and no module.
const char *program_version(void);

#endif
