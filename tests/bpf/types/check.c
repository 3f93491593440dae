/* check.c: the header that bpftool makes of types.c's BTF has the same layout as the source. HEADER names it. */
#include HEADER

#define AT(field, offset) _Static_assert(__builtin_offsetof(struct node, field) == (offset), #field)

AT(link.visit, 8);
AT(elsewhere, 16);
AT(name, 24);
AT(grid, 32);
AT(grid[1][2][3], 32 + 23 * 4);
AT(word.high, 132);
AT(x, 136);
AT(i, 140);
AT(small, 144);
AT(wide, 152);
AT(negative, 160);
AT(large, 164);
AT(bits, 168);
AT(ld, 192);
AT(z, 208);
AT(counter, 224);
AT(text, 228);
AT(tail, 248);
_Static_assert(sizeof(((struct node *)0)->text) == 16, "text");
_Static_assert(sizeof(((struct node *)0)->ld) == 16, "ld");
_Static_assert(sizeof(((struct node *)0)->bits) == 16, "bits");
_Static_assert(SMALL_B == 7 && NEGATIVE == -5 && WIDE == 0x123456789abcLL && WIDE_NEGATIVE == -2, "enumerators");
_Static_assert(LARGE == 0xffffffffu, "an enumerator that is no int");

/* What a bit field's place is, as bytes tell. */
int main(void)
{
	union {
		struct bits bits;
		unsigned char bytes[16];
	} u = {0};

	u.bits.b = 0x7f;
	u.bits.c = -1;
	u.bits.e = 0xabcdef;
	u.bits.f = 1;
	return !(u.bytes[0] == 0xf8 && u.bytes[1] == 0x7f && u.bytes[8] == 0xef && u.bytes[10] == 0xab && u.bytes[11] == 1 &&
		 u.bits.c == -1);
}
