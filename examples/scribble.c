/* scribble.c: a buggy program: it writes to the application's memory. Without the grant `write` it ends with a report that
 * says so, and the application does not notice.
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs -o scribble scribble.c
 *	uio exec --push scribble NAME scribble
 */
extern void *globalDb;

int main(void)
{
	globalDb = (void *) 0x42;
	return 0;
}
