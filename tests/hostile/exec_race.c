/* exec_race.c: a thread writes WRPKRU into a page, again and again, while another makes it executable. */
#include "code.h"

#include <pthread.h>

static unsigned char *volatile page;
static volatile int stop;

static void on_fault(int signo)
{
	/* The writer lost: the page is code now. It takes the next one. */
	usleep(1000);
}

static void *writer(void *arg)
{
	while (!stop) {
		unsigned char *p = page;

		if (p) {
			p[100] = 0x0f;
			p[101] = 0x01;
			p[102] = 0xef;
			p[102] = 0;
		}
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	signal(SIGSEGV, on_fault);
	pthread_create(&t, NULL, writer, NULL);
	for (int i = 0; i < 200; i++) {
		unsigned char *p = pages(0x20000000 + (i % 64) * 0x10000, 1, PROT_READ | PROT_WRITE);

		page = p;
		usleep(i % 7 * 100);
		if (executable(p, 1)) {
			for (int k = 0; k < 100; k++)
				if (!memcmp(p + 100, wrpkru, 3)) {
					ESCAPED("round %d", i);
					return 1;
				}
		}
	}
	stop = 1;
	page = pages(0x20000000, 1, PROT_READ | PROT_WRITE);
	return held("writing while it becomes executable");
}
