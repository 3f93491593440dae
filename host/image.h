/*
 * image.h: finding images and programs on the host by name, and their symbol files.
 */
#ifndef HOST_IMAGE_H
#define HOST_IMAGE_H

#include "host/vm.h"

/*
 * A path (with a '/') as it is; a name is looked for in $UIO_IMAGES, ./build/images, ../images beside the binary, and
 * the current folder. Returns an absolute path that the caller frees, or NULL.
 */
char *image_find(const char *name);
/* Prints the names of all images in those folders. */
void image_list(void);
/* Where the symbols of an image (or program) are: beside it with ".debug", or in the file itself. The caller frees. */
char *image_symbols(const char *image);

/*
 * A program for exec by name, looked for in $UIO_TOOLS, ./build/tools, ../tools beside the binary and $PATH. Only
 * static ELF files count; *ret_dynamic is the first that was left out for being linked dynamically, or NULL. The caller
 * frees.
 */
char *tool_find(const char *name, char **ret_dynamic);

/*
 * Why what lies beside the image does not tell of the unikernel that runs: the image was built anew since it was started
 * (another build-id than the recorded one). NULL if it was not. The caller frees.
 */
char *image_changed(const struct vm *vm);

#endif
