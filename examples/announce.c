/* announce.c: speaks to everybody in the running chat server (chat.c): reads how many are there from the server's variable,
 * and has the server say the words by its own function. Needs the grants `read` and `call`.
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs -o announce announce.c
 *	uio exec --grant read,call=say --push announce NAME announce WORDS
 */
#include <stdio.h>

extern unsigned clients_now;
void say(const void *from, const char *format, ...);

int main(int argc, char **argv)
{
	say(NULL, "* operator: %s\n", argc > 1 ? argv[1] : "hello");
	printf("said to %u\n", clients_now);
	return 0;
}
