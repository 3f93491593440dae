/*
 * app.c: the application that tests/cli/run-cli.sh boots: it answers lines from its console and has a variable and a
 * function for programs to use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int counter = 41;
static int hidden = 17;

int set_counter(int value)
{
	int before = counter;

	counter = value;
	return before;
}

int main(int argc, char **argv)
{
	char line[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready");
	for (int i = 1; i < argc; i++)
		printf(" [%s]", argv[i]);
	printf(" X=%s\n", getenv("X") ? getenv("X") : "-");
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "exit ", 5) == 0)
			return atoi(line + 5);
		if (strcmp(line, "fault") == 0)
			*(volatile int *)8 = 1;
		if (strncmp(line, "set ", 4) == 0)
			printf("was %d\n", set_counter(atoi(line + 4)));
		else
			printf("app: %s %d %d\n", line, counter, hidden++);
	}
	printf("end\n");
	return 0;
}
