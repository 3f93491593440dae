/* random.c: see random.h. The state is one 32-byte key. Mixing: key = H(key, input). Output: blocks H(key, n), and then
 * the key is replaced by H(key, ~0), so that earlier output cannot be computed from a later state. */
#include "drivers/random.h"

#include "arch/x86_64/cpu.h"
#include "drivers/virtio_rng.h"
#include "kernel/log.h"
#include "lib/sha256.h"

static uint8_t key[SHA256_SIZE];
static bool seeded;

static void hash(uint8_t out[SHA256_SIZE], const void *input, size_t n)
{
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, key, sizeof(key));
	sha256_update(&h, input, n);
	sha256_final(&h, out);
}

void random_add(const void *bytes, size_t n)
{
	hash(key, bytes, n);
}

/* 64 bits from the CPU (SDM vol. 1, 7.3.17): RDSEED, else RDRAND, a few tries each as Intel recommends. */
static __attribute__((target("rdrnd,rdseed"))) bool cpu_random(uint64_t *ret)
{
	unsigned long long v;

	if (cpuid(0, 0).a >= 7 && cpuid(7, 0).b >> 18 & 1)
		for (unsigned i = 0; i < 10; i++)
			if (__builtin_ia32_rdseed_di_step(&v))
				goto have;
	if (cpuid(1, 0).c >> 30 & 1)
		for (unsigned i = 0; i < 10; i++)
			if (__builtin_ia32_rdrand64_step(&v))
				goto have;
	return false;
have:
	*ret = v;
	return true;
}

static void stir(void)
{
	struct {
		uint64_t time, cpu[4];
		uint8_t host[RNG_SAMPLE];
	} in = { .time = rdtsc() };
	bool good = false;

	/* A full seed at first, a fresh word later. */
	for (unsigned i = 0; i < (seeded ? 1 : ARRAY_SIZE(in.cpu)); i++)
		good = cpu_random(&in.cpu[i]);
	if (rng_boot_sample(in.host))
		good = true;
	if (!seeded && !good) {
		good = rng_read(in.host, sizeof(in.host)) == 0;
		if (!good)
			klog("random: no source but the clock");
	}
	random_add(&in, sizeof(in));
	seeded = true;
}

void random_get(void *buf, size_t n)
{
	uint8_t *to = buf, block[SHA256_SIZE];

	stir();
	for (uint64_t i = 0; n; i++) {
		size_t piece = MIN(n, sizeof(block));

		hash(block, &i, sizeof(i));
		memcpy(to, block, piece);
		to += piece;
		n -= piece;
	}
	memset(block, 0xff, 8);
	random_add(block, 8);
	memset(block, 0, sizeof(block));
}
