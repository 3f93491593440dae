/* text.bpf.c: a function of .text, as the public conformance suite's runner gives it to bpf-run --elf. */

/* The sum of the bytes. */
unsigned long long sum(const unsigned char *memory, unsigned long long size)
{
	unsigned long long s = 0;

	for (unsigned long long i = 0; i < size; i++)
		s += memory[i];
	return s;
}
