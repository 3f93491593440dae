/* pci.c: PCI configuration space. See pci.h. The firmware has numbered the buses and assigned the BARs. */
#include "drivers/pci.h"

#include "kernel/mmio.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };
#define CONFIG_ENABLE 0x80000000u

enum {
	BUSES = 256,
	STATUS_CAP_LIST = 1 << 20, /* in PCI_COMMAND */
	HEADER_TYPE = 0x7f << 16,
	HEADER_BRIDGE = 0x01 << 16,
	HEADER_MULTI = 0x80 << 16,
	CAPABILITIES_MAX = 48, /* (256 - 64) / 4 */
};

uint32_t pci_read(uint32_t function, unsigned reg)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | function | (reg & 0xfc));
	return inl(CONFIG_DATA);
}

void pci_write(uint32_t function, unsigned reg, uint32_t v)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | function | (reg & 0xfc));
	outl(CONFIG_DATA, v);
}

static void walk_bus(unsigned bus, uint32_t *buses, void (*fn)(uint32_t))
{
	for (unsigned devfn = 0; devfn < 256; devfn++) {
		uint32_t function = bus << 16 | devfn << 8, header;
		unsigned behind;

		if ((pci_read(function, PCI_ID) & 0xffff) == 0xffff) {
			if (devfn % 8 == 0)
				devfn += 7; /* no function 0: no device */
			continue;
		}
		header = pci_read(function, PCI_HEADER);
		if ((header & HEADER_TYPE) == HEADER_BRIDGE) {
			/* Buses behind have higher numbers: the walk ends. */
			behind = pci_read(function, PCI_BUSES) >> 8 & 0xff;
			if (behind > bus)
				buses[behind / 32] |= 1u << behind % 32;
		}
		fn(function);
		if (devfn % 8 == 0 && !(header & HEADER_MULTI))
			devfn += 7;
	}
}

void pci_for_each(void (*fn)(uint32_t function))
{
	uint32_t buses[BUSES / 32] = { 1 };

	/* Without a host bridge (microvm) nothing holds the address. */
	outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	if (inl(CONFIG_ADDRESS) != CONFIG_ENABLE)
		return;
	for (unsigned bus = 0; bus < BUSES; bus++)
		if (buses[bus / 32] >> bus % 32 & 1)
			walk_bus(bus, buses, fn);
}

bool pci_next_capability(uint32_t function, uint8_t id, uint8_t *at)
{
	uint8_t p = *at;

	if (p == 0) {
		if (!(pci_read(function, PCI_COMMAND) & STATUS_CAP_LIST))
			return false;
		p = pci_read(function, PCI_CAPABILITIES) & 0xfc;
	} else {
		p = pci_read(function, p) >> 8 & 0xfc;
	}
	for (unsigned i = 0; i < CAPABILITIES_MAX && p >= 0x40; i++) {
		uint32_t cap = pci_read(function, p);

		if ((cap & 0xff) == id) {
			*at = p;
			return true;
		}
		p = cap >> 8 & 0xfc;
	}
	return false;
}

uint64_t pci_bar_address(uint32_t function, unsigned bar)
{
	uint32_t low = pci_read(function, PCI_BAR0 + 4 * bar);
	uint64_t high = 0;

	/* Bit 0: I/O space; bits 2:1: 10b is 64 bits wide (PCI Local Bus 3.0, 6.2.5.1). */
	if (low & 1)
		return 0;
	if ((low & 6) == 4) {
		if (bar == 5)
			return 0;
		high = pci_read(function, PCI_BAR0 + 4 * bar + 4);
	}
	return high << 32 | (low & ~15u);
}
