/* pure */
/*
 * verify_print.c: trace_printk() takes as many arguments as its format says: of a constant format they are counted and
 * looked at; of another, which only the helper will read, nothing is known, and they are not looked at (nor does
 * Linux).
 */
#include "bpf/verify_priv.h"

/* The format's text, or null if it is not constant. */
static const char *format_of(struct verifier *v, uint32_t *ret_size)
{
	const struct vreg *text = reg_of(v, BPF_REG_1), *size = reg_of(v, BPF_REG_2);
	const uint8_t *bytes;

	if (text->type != V_MAP_VALUE || !range_is_const(&text->r) || !range_is_const(&size->r))
		return NULL;
	bytes = constant_value(map_of(v, text->what));
	*ret_size = (uint32_t)size->r.umin;
	/* The memory was checked against the size. */
	return bytes ? (const char *)bytes + text->off + text->r.smin : NULL;
}

/* The letter of the N-th conversion (1 ..), or 0 if there are not so many. */
static char conversion(const char *format, uint32_t size, unsigned n)
{
	uint32_t i = 0;

	while (i < size && format[i]) {
		if (format[i++] != '%')
			continue;
		if (i < size && format[i] == '%') {
			i++;
			continue;
		}
		while (i < size && strchr("0123456789-+ #.lhz", format[i]) && format[i])
			i++;
		if (i < size && format[i] && --n == 0)
			return format[i];
	}
	return 0;
}

int check_printed(struct verifier *v, unsigned number)
{
	uint32_t size = 0;
	const char *format = format_of(v, &size);
	char letter = format ? conversion(format, size, number - 2) : 0;
	int r;

	if (!letter)
		return 0;
	r = check_readable(v, number);
	if (r == 0 && vreg_is_pointer(reg_of(v, number)) && letter != 's')
		return refuse(v, "r%u is %s: its address would leave the program through trace_printk's %%%c", number,
			      type_text(reg_of(v, number)), letter);
	return r;
}
