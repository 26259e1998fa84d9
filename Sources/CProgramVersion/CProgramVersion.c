#include "CProgramVersion.h"

const char *program_version(void) { return PROGRAM_VERSION; }
