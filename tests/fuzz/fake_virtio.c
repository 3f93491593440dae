/* fake_virtio.c: see fake_virtio.h. */
#include "drivers/virtqueue.h"
#include "kernel/boot.h"
#include "kernel/irq.h"
#include "kernel/mmio.h"
#include "kernel/page.h"
#include "tests/fuzz/fake_virtio.h"

#pragma clang section bss = "" data = ""

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define WINDOW_SIZE 0x10000u
#define WRONG_MAX 6
#define QUEUES 34
#define CONFIG_SIZE 64
#define MMIO_AT 0xfeb00000u

/* Where a PCI device's structures are in its BARs, and so in the window. */
enum { PCI_COMMON = 0, PCI_NOTIFY = 0x1000, PCI_DEVICE = 0x2000, PCI_MSIX = 0x8000 };
/* The registers of both transports, by what they are. */
enum reg {
	NONE, MAGIC, VERSION, ID, FEATURES, FEATURES_SEL, DRIVER, DRIVER_SEL, SELECT, MAX_SIZE, SIZE, READY, NOTIFY, PENDING, ACK,
	STATUS, DESC, DESC_HIGH, AVAIL, AVAIL_HIGH, USED, USED_HIGH, GENERATION, QUEUES_COUNT, VECTOR, NOTIFY_OFF, CONFIG,
};

static struct {
	bool pci;
	uint32_t id, features_sel, driver_sel, select;
	uint64_t features;
	uint8_t status, generation, config[CONFIG_SIZE];
	struct queue {
		uint16_t size, ready, seen;
		uint64_t desc, avail, used;
	} queues[QUEUES];
	struct wrong {		/* register (or byte of PCI's configuration) `at` reads as `value` from the n-th time on */
		uint8_t at, after, times;
		uint32_t value;
	} wrong[WRONG_MAX];
	uint8_t pci_config[3][256];
	uint32_t pci_address;
	irq_handler irq;
	void *irq_arg;
	struct input *in;
	unsigned maps_left;
} fake;

static uint8_t *window;
static struct sigaction old_segv;
static struct { uint8_t *at; bool write; } stepping;

struct cmdline boot_cmdline;

static enum reg reg_of(unsigned off)
{
	static const uint8_t mmio[] = {
		[0x00] = MAGIC, [0x04] = VERSION, [0x08] = ID, [0x10] = FEATURES, [0x14] = FEATURES_SEL, [0x20] = DRIVER,
		[0x24] = DRIVER_SEL, [0x30] = SELECT, [0x34] = MAX_SIZE, [0x38] = SIZE, [0x44] = READY, [0x50] = NOTIFY,
		[0x60] = PENDING, [0x64] = ACK, [0x70] = STATUS, [0x80] = DESC, [0x84] = DESC_HIGH, [0x90] = AVAIL,
		[0x94] = AVAIL_HIGH, [0xa0] = USED, [0xa4] = USED_HIGH, [0xfc] = GENERATION,
	};
	static const uint8_t common[] = {
		[0] = FEATURES_SEL, [4] = FEATURES, [8] = DRIVER_SEL, [12] = DRIVER, [16] = VECTOR, [18] = QUEUES_COUNT, [20] = STATUS,
		[21] = GENERATION, [22] = SELECT, [24] = MAX_SIZE, [26] = VECTOR, [28] = READY, [30] = NOTIFY_OFF, [32] = DESC,
		[36] = DESC_HIGH, [40] = AVAIL, [44] = AVAIL_HIGH, [48] = USED, [52] = USED_HIGH,
	};

	if (!fake.pci)
		return off >= 0x100 ? CONFIG : off < sizeof(mmio) ? mmio[off] : NONE;
	if (off >= PCI_DEVICE && off < PCI_DEVICE + CONFIG_SIZE)
		return CONFIG;
	if (off >= PCI_NOTIFY && off < PCI_DEVICE)
		return NOTIFY;
	return off < sizeof(common) ? common[off] : NONE;
}

static bool is_wrong(unsigned at, uint32_t *ret)
{
	for (unsigned i = 0; i < WRONG_MAX; i++) {
		struct wrong *w = &fake.wrong[i];

		if (w->at != at || !w->times)
			continue;
		if (w->after) {
			w->after--;
			continue;
		}
		if (w->times != 0xff)
			w->times--;
		*ret = w->value;
		return true;
	}
	return false;
}

static uint32_t read_reg(unsigned off)
{
	struct queue *q = &fake.queues[fake.select % QUEUES];
	enum reg reg = reg_of(off);
	uint32_t v = 0;

	if (reg != CONFIG && is_wrong(reg, &v))
		return v;
	switch (reg) {
	case MAGIC:
		return 0x74726976;
	case VERSION:
		return 2;
	case ID:
		return fake.id;
	case FEATURES:
		return fake.features_sel < 2 ? (uint32_t) (fake.features >> 32 * fake.features_sel) : 0;
	case MAX_SIZE:
		return fake.select < QUEUES ? (q->size ? q->size : 256) : 0;
	case READY:
		return q->ready;
	case PENDING:
		return 1;
	case STATUS:
		return fake.status;
	case GENERATION:
		return fake.generation;
	case QUEUES_COUNT:
		return QUEUES;
	case CONFIG:
		off -= fake.pci ? PCI_DEVICE : 0x100;
		memcpy(&v, fake.config + MIN(off, CONFIG_SIZE - 4u), 4);
		return v;
	default:
		return 0;
	}
}

static void write_reg(unsigned off, uint32_t v)
{
	struct queue *q = &fake.queues[fake.select % QUEUES];

	switch (reg_of(off)) {
	case FEATURES_SEL:
		fake.features_sel = v;
		break;
	case SELECT:
		fake.select = fake.pci ? (uint16_t) v : v;
		break;
	case SIZE:
	case MAX_SIZE: /* one register of PCI's */
		q->size = (uint16_t) v;
		break;
	case READY:
		q->ready = (uint16_t) v & 1;
		break;
	case STATUS:
		fake.status = (uint8_t) v;
		if (!fake.status)
			memset(fake.queues, 0, sizeof(fake.queues));
		break;
	case DESC:
	case DESC_HIGH:
	case AVAIL:
	case AVAIL_HIGH:
	case USED:
	case USED_HIGH: {
		unsigned n = reg_of(off) - DESC;
		uint64_t *at = n < 2 ? &q->desc : n < 4 ? &q->avail : &q->used;

		*at = n & 1 ? (*at & UINT32_MAX) | (uint64_t) v << 32 : v;
		break;
	}
	case NOTIFY:
		fake_turn(fake.in);
		break;
	default:
		break;
	}
}

static void on_segv(int sig, siginfo_t *si, void *context)
{
	ucontext_t *c = context;
	uint8_t *at = si->si_addr;
	uint32_t v;

	if (at < window || at >= window + WINDOW_SIZE) {
		sigaction(SIGSEGV, &old_segv, NULL); /* a real one: happens again */
		return;
	}
	stepping.at = at;
	stepping.write = c->uc_mcontext.gregs[REG_ERR] & 2;
	mprotect((void *) PAGE_ALIGN_DOWN(at), PAGE_SIZE, PROT_READ | PROT_WRITE);
	if (!stepping.write) {
		v = read_reg((unsigned) (at - window));
		memcpy(at, &v, MIN(4, PAGE_SIZE - ((uintptr_t) at & PAGE_MASK)));
	}
	c->uc_mcontext.gregs[REG_EFL] |= 0x100;
}

static void on_trap(int sig, siginfo_t *si, void *context)
{
	ucontext_t *c = context;
	uint32_t v = 0;

	c->uc_mcontext.gregs[REG_EFL] &= ~0x100;
	if (stepping.write) {
		memcpy(&v, stepping.at, MIN(4, PAGE_SIZE - ((uintptr_t) stepping.at & PAGE_MASK)));
		write_reg((unsigned) (stepping.at - window), v);
	}
	mprotect((void *) PAGE_ALIGN_DOWN(stepping.at), PAGE_SIZE, PROT_NONE);
}

volatile void *mmio_map(uint64_t phys, size_t len)
{
	if (!fake.maps_left || (phys & (WINDOW_SIZE - 1)) + len > WINDOW_SIZE)
		return NULL;
	fake.maps_left--;
	return window + (phys & (WINDOW_SIZE - 1));
}

void outl(uint16_t port, uint32_t v)
{
	if (port == 0xcf8)
		fake.pci_address = v;
}

uint32_t inl(uint16_t port)
{
	unsigned bus = fake.pci_address >> 16 & 0xff, devfn = fake.pci_address >> 8 & 0xff, reg = fake.pci_address & 0xfc;
	unsigned which = bus == 0 && devfn == 0 ? 0 : bus == 0 && devfn == 8 ? 1 : bus == 1 && devfn == 0 ? 2 : 3;
	uint32_t v = 0;

	if (port == 0xcf8)
		return fake.pci ? fake.pci_address : UINT32_MAX;
	if (which == 3)
		return UINT32_MAX;
	if (which == 2 && is_wrong(0x80 | reg >> 2, &v))
		return v;
	memcpy(&v, &fake.pci_config[which][reg], 4);
	return v;
}

int irq_request_gsi(unsigned gsi, bool level, irq_handler fn, void *arg)
{
	fake.irq = fn;
	fake.irq_arg = arg;
	return gsi < 24 ? 0 : -EINVAL;
}

int irq_request_msi(irq_handler fn, void *arg, uint64_t *ret_address, uint32_t *ret_data)
{
	fake.irq = fn;
	fake.irq_arg = arg;
	*ret_address = 0xfee00000;
	*ret_data = 0x41;
	return 0;
}

void fake_interrupt(void)
{
	if (fake.irq)
		fake.irq(fake.irq_arg);
}

static void capability(uint8_t *config, unsigned at, unsigned next, unsigned type, unsigned bar, uint32_t off, uint32_t len)
{
	uint8_t *c = config + at;

	c[0] = 9;
	c[1] = (uint8_t) next;
	c[2] = 20;
	c[3] = (uint8_t) type;
	c[4] = (uint8_t) bar;
	memcpy(c + 8, &off, 4);
	memcpy(c + 12, &len, 4);
	c[16] = 4;
}

static void pci_start(void)
{
	static const uint32_t bridge[] = { 0x00011af5, 0, 0, 0x00810000, 0, 0, 0x00000100 };
	uint32_t *c = (uint32_t *) fake.pci_config[2];

	memset(fake.pci_config, 0, sizeof(fake.pci_config));
	memcpy(fake.pci_config[0], "\x86\x80\x37\x12", 4);
	memcpy(fake.pci_config[1], bridge, sizeof(bridge));
	c[0] = (0x1040 + fake.id) << 16 | 0x1af4;
	c[1] = 1 << 20;
	c[11] = fake.id << 16;
	c[4] = 0xfe008000;			/* BAR 0: MSI-X */
	c[8] = 0xfe000000 | 4;			/* BAR 4, 64 bits */
	c[13] = 0x40;
	capability(fake.pci_config[2], 0x40, 0x58, 1, 4, PCI_COMMON, 56);
	capability(fake.pci_config[2], 0x58, 0x70, 2, 4, PCI_NOTIFY, 0x1000);
	capability(fake.pci_config[2], 0x70, 0x88, 4, 4, PCI_DEVICE, CONFIG_SIZE);
	c[0x88 / 4] = 0x11;
	c[0x88 / 4 + 1] = 0; /* in BAR 0 */
}

void fake_start(struct input *in, uint32_t id, bool pci)
{
	static const uint8_t config9p[] = { 4, 0, 'h', 'o', 's', 't' }, console[] = { 80, 0, 25, 0, 6, 0, 0, 0 };
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_NODEFER };
	unsigned count;

	if (!window) {
		window = mmap(NULL, WINDOW_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		sa.sa_sigaction = on_segv;
		sigaction(SIGSEGV, &sa, &old_segv);
		sa.sa_sigaction = on_trap;
		sigaction(SIGTRAP, &sa, NULL);
	}
	memset(&fake, 0, sizeof(fake));
	fake.in = in;
	fake.pci = pci;
	fake.id = id;
	fake.maps_left = 8;
	fake.features = 1ULL << 32 | (take(in, 1) & 1 ? 1ULL << 29 : 0) | take(in, 3);
	if (id == 9)
		memcpy(fake.config, config9p, sizeof(config9p));
	else if (id == 3)
		memcpy(fake.config, console, sizeof(console));
	else
		for (unsigned i = 0; i < 12; i++)
			fake.config[i] = (uint8_t) take(in, 1);
	count = take(in, 1);
	for (unsigned i = 0; i < (count & 7) && i < WRONG_MAX; i++) {
		unsigned at = take(in, 1);

		fake.wrong[i] = (struct wrong){ (uint8_t) at, (uint8_t) take(in, 1), (uint8_t) take(in, 1), take(in, 4) };
	}
	if (count & 8)
		fake.config[take(in, 1) % CONFIG_SIZE] = (uint8_t) take(in, 1);
	if (count & 16)
		fake.maps_left = take(in, 1) & 3;
	pci_start();
	boot_cmdline = (struct cmdline){ 0 };
	if (!pci) {
		boot_cmdline.device_count = 1;
		boot_cmdline.devices[0] = (struct cmdline_device){ .address = MMIO_AT, .size = 512, .irq = 5 };
		if (count & 32)
			boot_cmdline.devices[0] = (struct cmdline_device){ .address = MMIO_AT + take(in, 2), .size = take(in, 2),
									   .irq = take(in, 1) };
	}
}

/* The next buffer of the queue, filled with bytes of the input; false if there is none. */
static bool use_one(struct input *in, struct queue *q, unsigned how)
{
	struct vq_desc *desc = phys_to_virt((struct paddr){ q->desc });
	struct vq_avail *avail = phys_to_virt((struct paddr){ q->avail });
	struct vq_used *used = phys_to_virt((struct paddr){ q->used });
	uint16_t head, at;
	uint32_t len = 0, want;

	if (!q->ready || !q->size || q->seen == avail->idx)
		return false;
	head = at = avail->ring[q->seen++ % q->size];
	want = how & 1 ? take(in, 2) : take(in, 1);
	if (how & 0x40)
		want = UINT32_MAX;
	for (unsigned i = 0; i < q->size; i++) {
		if (desc[at].flags & 2)
			for (uint32_t k = 0; k < desc[at].len && len < want; k++, len++)
				((uint8_t *) phys_to_virt((struct paddr){ desc[at].addr }))[k] = (uint8_t) (in->left ? take(in, 1) : k);
		if (!(desc[at].flags & 1))
			break;
		at = desc[at].next;
	}
	if (how & 2)
		head ^= (uint16_t) take(in, 1);
	if (how & 4)
		len += take(in, 1) << 4;
	used->ring[used->idx % q->size] = (struct vq_used_elem){ head, len };
	used->idx += how & 8 ? (uint16_t) take(in, 2) : 1;
	return true;
}

void fake_turn(struct input *in)
{
	unsigned op = take(in, 1), which;
	struct queue *q;

	if (!in->left)
		return;
	which = take(in, 1);
	q = &fake.queues[which % 8 % QUEUES];
	switch (op % 8) {
	case 0:
	case 1:
		use_one(in, q, which & 8 ? take(in, 1) & ~14u : 0);
		break;
	case 2:
		while (use_one(in, q, which & 8 ? 0x40 : 0))
			;
		break;
	case 3:
		use_one(in, q, op >> 3);
		break;
	case 4:
		fake.config[which % CONFIG_SIZE] = (uint8_t) take(in, 1);
		fake.generation++;
		break;
	case 5: /* anywhere in the used ring */
		if (q->ready && q->size)
			((uint8_t *) phys_to_virt((struct paddr){ q->used }))[take(in, 1) % (4 + 8u * q->size)] = (uint8_t) take(in, 1);
		break;
	case 6:
		if (which & 1)
			fake.status |= 64;
		break;
	default:
		break;
	}
}
