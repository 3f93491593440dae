/* pci.h: PCI configuration space through ports 0xcf8 and 0xcfc (PCI Local Bus 3.0, 3.2.2.3.2), and a walk over all
 * functions. A function's address is its CONFIG_ADDRESS without the register: bus << 16 | device << 11 | function << 8.
 */
#ifndef UIO_DRIVERS_PCI_H
#define UIO_DRIVERS_PCI_H

#include "kernel/types.h"

enum {
	PCI_ID = 0x00, /* vendor, device << 16 */
	PCI_COMMAND = 0x04, /* and status << 16 */
	PCI_HEADER = 0x0c, /* header type << 16 */
	PCI_BAR0 = 0x10,
	PCI_BUSES = 0x18, /* bridges: secondary bus << 8 */
	PCI_SUBSYSTEM = 0x2c, /* subsystem id << 16 */
	PCI_CAPABILITIES = 0x34,
};

/* `reg` 0 .. 252, rounded down to 4. */
uint32_t pci_read(uint32_t function, unsigned reg);
void pci_write(uint32_t function, unsigned reg, uint32_t v);

/* Calls fn for every function behind the host bridge, through the bridges as the firmware numbered them. */
void pci_for_each(void (*fn)(uint32_t function));

/* The next capability of type `id` after the one at `*at` (0: from the start), which moves there; false when there is
 * none. Bounded whatever the list looks like. */
bool pci_next_capability(uint32_t function, uint8_t id, uint8_t *at);

/* The address of memory BAR `bar` (0 .. 5); 0 if it is not a memory BAR or nobody assigned it. */
uint64_t pci_bar_address(uint32_t function, unsigned bar);

#endif
