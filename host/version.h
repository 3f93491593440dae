/* pure */
/*
 * version.h: the version of the uio command.
 */
#ifndef HOST_VERSION_H
#define HOST_VERSION_H

#define UIO_VERSION	"0.1.0"

#endif
