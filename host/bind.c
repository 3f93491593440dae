/*
 * bind.c: see bind.h.
 */
#include "host/bind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/image.h"
#include "host/program.h"
#include "host/symbols.h"
#include "host/util.h"

/* docs/architecture.md, "Address space". */
#define IMAGE_START	0x40000000ull
#define IMAGE_END	0x80000000ull

static int load_image_symbols(const struct vm *vm, struct symbols **ret_symbols, char **ret_text)
{
	const char *image = vm_string(vm, "image");
	char *path, *changed = image_changed(vm);
	int r;

	if (changed) {
		*ret_text = changed;
		return -ESTALE;
	}
	path = image_symbols(image);
	r = symbols_load(path, ret_symbols);
	if (r == 0 && !symbols_same_build(image, path)) {
		symbols_free(*ret_symbols);
		*ret_text = xasprintf("%s is not of the same build as %s", path, image);
		r = -ESTALE;
	} else if (r < 0) {
		*ret_text = xasprintf("no symbols of the application: %s: %s", path,
				      r == -ENODATA ? "it has no symbol table" : strerror(-r));
	}
	free(path);
	return r;
}

static int bind_one(const struct symbols *symbols, const char *name, struct msg_list_builder *b, char **ret_text)
{
	const struct symbol *symbol;
	bool weak = name[0] == '?';
	char *files;
	int r;

	name += weak;
	if (weak && name[0] == '_')
		return 0;
	r = symbols_find(symbols, name, &symbol, &files);
	if (r == -ENOENT && weak)
		return 0;
	if (r == -ENOENT)
		*ret_text = xasprintf("undefined symbol %s: not in the application", name);
	if (r == -EEXIST) {
		*ret_text = xasprintf("undefined symbol %s: ambiguous, the application has several local ones, in %s",
				      name, files);
		free(files);
	}
	if (r < 0)
		return r;
	msg_list_add_symbol(b, &(struct msg_symbol) { .name = name, .address = symbol->address, .size = symbol->size,
						      .type = symbol->type });
	return 0;
}

int bind_program(const struct vm *vm, const char *path, struct msg_list_builder *b, char **ret_text)
{
	struct strv names = { 0 };
	struct symbols *symbols;
	int r;

	if (program_undefined(path, &names) < 0) {
		*ret_text = xasprintf("%s is not an ELF file", path);
		return -ENOEXEC;
	}
	if (names.count == 0)
		return 0;
	r = load_image_symbols(vm, &symbols, ret_text);
	if (r < 0) {
		/* Only weak ones: they may stay undefined. */
		for (size_t i = 0; i < names.count; i++)
			if (names.v[i][0] != '?')
				return r;
		free(*ret_text);
		return 0;
	}
	for (size_t i = 0; i < names.count && r == 0; i++)
		r = bind_one(symbols, names.v[i], b, ret_text);
	symbols_free(symbols);
	return r;
}

int bind_object(const struct vm *vm, const struct strv *names, bind_found found, void *arg, char **ret_text)
{
	struct symbols *symbols;
	int r = load_image_symbols(vm, &symbols, ret_text);

	if (r < 0) {
		/* The guest refuses those that it needs. */
		free(*ret_text);
		*ret_text = NULL;
		return 0;
	}
	for (size_t i = 0; i < names->count && r == 0; i++) {
		const char *name = names->v[i] + (names->v[i][0] == '?');
		const struct symbol *symbol;
		char *files, *kernel;

		r = symbols_find(symbols, name, &symbol, &files);
		if (r == -ENOENT) {
			kernel = xasprintf("uio_k_%s", name);
			r = symbols_find(symbols, kernel, &symbol, &files);
			free(kernel);
		}
		if (r == 0)
			found(name, symbol->address, arg);
		if (r == -EEXIST) {
			*ret_text = xasprintf("__ksym %s: ambiguous, the image has several local ones, in %s", name, files);
			free(files);
		}
		if (r == -ENOENT)
			r = 0;
	}
	symbols_free(symbols);
	return r;
}

static void explain(FILE *out, const struct symbols *symbols, uint64_t address)
{
	const struct symbol *symbol = symbols ? symbols_at(symbols, address) : NULL;

	if (symbol)
		fprintf(out, " %s+0x%llx", symbol->name, (unsigned long long)(address - symbol->address));
}

char *bind_explain(const struct vm *vm, const char *program, const char *report)
{
	struct symbols *image = NULL, *own = NULL;
	char *text = NULL, *copy = NULL;
	const char *bias_at = strstr(report, "load-bias 0x");
	uint64_t bias = bias_at ? strtoull(bias_at + 10, NULL, 16) : 0;
	const char *p = report;
	size_t size;
	FILE *out = open_memstream(&copy, &size);

	if (load_image_symbols(vm, &image, &text) < 0)
		free(text);
	if (program && bias_at) {
		char *path = image_symbols(program);

		symbols_load(path, &own);
		free(path);
	}
	while (*p) {
		char *end;
		uint64_t address;

		if (strncmp(p, "0x", 2) != 0 || !strchr("0123456789abcdefABCDEF", p[2]) || !p[2]) {
			fputc(*p++, out);
			continue;
		}
		address = strtoull(p, &end, 16);
		fwrite(p, 1, (size_t)(end - p), out);
		/* The bias itself is no address of interest. */
		if (bias_at && p == bias_at + 10)
			;
		else if (address >= IMAGE_START && address < IMAGE_END)
			explain(out, image, address);
		else if (address >= bias && address < IMAGE_START)
			explain(out, own, address - bias);
		p = end;
	}
	fclose(out);
	symbols_free(image);
	symbols_free(own);
	return copy;
}
