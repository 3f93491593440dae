/* string.h: for lwIP: the functions that kernel code may use. */
#include "lib/str.h"
