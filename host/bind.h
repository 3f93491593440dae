/*
 * bind.h: between a program's names and the image's addresses: which symbols it gets, and what a report's addresses
 * mean.
 */
#ifndef HOST_BIND_H
#define HOST_BIND_H

#include "host/util.h"
#include "host/vm.h"
#include "proto/msg.h"

/*
 * Appends the bindings of all undefined symbols of the program at `path` to b. Returns 0, or a negative errno with
 * *ret_text saying which symbol and why: it is not in the application, or several file-local ones have its name.
 * A weak symbol may be missing. Weak ones whose name begins with '_' are never bound: they are the compiler's and the C
 * library's own (__register_frame_info), and the application's are for itself.
 */
int bind_program(const struct vm *vm, const char *path, struct msg_list_builder *b, char **ret_text);

/*
 * The same for an eBPF object: calls `found` for those of the names (as program_undefined() gives them) that the image
 * has; a name of the kernel may be written without its prefix. Returns 0, or -EEXIST with *ret_text for an ambiguous one.
 */
typedef void (*bind_found)(const char *name, uint64_t address, void *arg);
int bind_object(const struct vm *vm, const struct strv *names, bind_found found, void *arg, char **ret_text);

/*
 * Copies a report, adding " name+0x12" behind each address in the image, and in the program (may be NULL) if the report
 * says where that was loaded: "load-bias 0x...". The caller frees.
 */
char *bind_explain(const struct vm *vm, const char *program, const char *report);

#endif
