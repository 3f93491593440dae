/* app_stack.h: the application's first stack. */
#ifndef UIO_IMAGE_APP_STACK_H
#define UIO_IMAGE_APP_STACK_H

#include <stdint.h>

/* Maps the main thread's stack and lays out argc, argv, envp and the auxiliary vector as Linux does (System V ABI,
 * AMD64 supplement, 3.4.1 "Initial Stack and Register State"). Returns the stack pointer. */
uint64_t app_stack_make(void);

#endif
