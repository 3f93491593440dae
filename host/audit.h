/*
 * audit.h: the audit log of a unikernel: audit.jsonl in its state directory, one JSON object a line, for its owner alone,
 * only ever appended to. The commands write who asked for what; the supervisor writes what the guest says of programs and
 * eBPF, whoever started them: the guest's port uio.events is a file that QEMU appends to, so nothing is lost while no
 * command runs. When the log is AUDIT_SIZE_MAX long it becomes audit.1.jsonl, and the one before that goes.
 */
#ifndef HOST_AUDIT_H
#define HOST_AUDIT_H

#include <cjson/cJSON.h>

#include "host/vm.h"
#include "proto/msg.h"

#define AUDIT_FILE	"audit.jsonl"
#define AUDIT_OLD_FILE	"audit.1.jsonl"
#define AUDIT_SIZE_MAX	(8u << 20)
/* What QEMU writes for the port uio.events: frames. */
#define AUDIT_EVENTS	"guest-events"

/* Pairs of key and text, ended by NULL; a pair whose text is NULL is left out. Adds time and client. Errors are told on
 * stderr once: no action is held up by its log. */
void audit_note(const struct vm *vm, const char *event, ...);
/* The same for what the guest told; `lost`: how many it could not tell before this one. */
void audit_guest(const struct vm *vm, const struct msg_event *event, unsigned lost);

/* A thread that writes down what the guest tells, until audit_stop(), which takes in the rest first. Supervisor only. */
void audit_start(const struct vm *vm);
void audit_stop(void);

#endif
