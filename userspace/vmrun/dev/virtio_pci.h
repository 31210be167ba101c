/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A virtio device as a PCI function: registers, capabilities, MSI-X, MSI, INTx.
 * Modern interface only.
 *
 * BAR 0 (I/O) takes kicks, four bytes per queue: a port access needs no
 * instruction to be decoded, and the module can turn it into an eventfd. BAR 1
 * (memory) has everything else.
 *
 * Virtio 1.2, "Virtio Over PCI Bus".
 */
#ifndef VMRUN_DEV_VIRTIO_PCI_H
#define VMRUN_DEV_VIRTIO_PCI_H

#include <pthread.h>
#include <stdatomic.h>

#include "dev/pci.h"
#include "dev/virtio.h"

#define VIRTIO_PCI_VENDOR	0x1af4
#define VIRTIO_PCI_DEVICE	0x1040	/* and the device type */
#define VIRTIO_PCI_KICKS_LEN	128	/* of BAR 0 */
#define VIRTIO_PCI_KICK_STEP	4
#define VIRTIO_BAR_COMMON	0x0000	/* offsets in BAR 1 */
#define VIRTIO_BAR_ISR		0x1000
#define VIRTIO_BAR_DEVICE	0x2000
#define VIRTIO_BAR_MSIX		0x3000
#define VIRTIO_BAR_PBA		0x3800
#define VIRTIO_BAR_LEN		0x4000

/*
 * What the module can do for kicks: turn guest writes of any value and size to
 * @port into writes to @kick_fd, or no longer. NULL function: it cannot.
 */
struct virtio_pci_host {
	int (*ioeventfd)(void *ctx, uint16_t port, int kick_fd, bool on);
	void *ctx;
};

struct virtio_pci {
	struct pci_function function;
	struct virtio *dev;
	struct virtio_pci_host host;
	unsigned int window;		/* offset of the PCI configuration access capability */

	/* Under dev->lock. */
	uint32_t offered_select, accepted_select;
	uint16_t queue_select;

	/* Written under dev->lock. */
	atomic_ushort config_vector;
	atomic_ushort queue_vector[VIRTIO_QUEUES_MAX];

	pthread_mutex_t isr_lock;	/* isr and the level of INTx, together */
	uint8_t isr;

	pthread_mutex_t armed_lock;	/* where ioeventfds are; outside of dev->lock */
	uint16_t armed_port;		/* 0: nowhere */
};

/*
 * Put @dev into a machine with memory @ram, on @pci in the first free slot. No
 * vCPU runs. False: no slot is free. @transport lives until detached.
 */
bool virtio_pci_attach(struct virtio_pci *transport, struct virtio *dev, struct pci *pci,
		       const struct vmm_ram *ram, const struct virtio_pci_host *host);

/* Take it out; no vCPU runs, and the bus is not used any more. */
void virtio_pci_detach(struct virtio_pci *transport);

#endif /* VMRUN_DEV_VIRTIO_PCI_H */
