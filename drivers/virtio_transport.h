/* virtio_transport.h: the ways to find virtio devices. Only virtio.c calls these, once. */
#ifndef UIO_DRIVERS_VIRTIO_TRANSPORT_H
#define UIO_DRIVERS_VIRTIO_TRANSPORT_H

/* Devices that the command line announces: virtio_mmio.device=SIZE@ADDRESS:GSI (virtio 1.2, 4.2). */
void virtio_mmio_discover(void);
/* Devices on PCI (4.1). */
void virtio_pci_discover(void);

#endif
