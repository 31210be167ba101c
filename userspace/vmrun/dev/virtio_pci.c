// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-pci: what the driver's register accesses mean.
 *
 * Locks, outermost first: armed_lock, dev->lock, isr_lock, the bus's. The bus
 * calls in without its own.
 *
 * The common configuration is read by making the whole structure and cutting a
 * piece out of it: so any width at any offset works, and reads have one place.
 */
#include "dev/virtio_pci.h"

#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>

#define KICKS_BAR	0
#define REGISTERS_BAR	1
#define ISR_QUEUE	1
#define ISR_CONFIG	2

static struct virtq *selected(struct virtio_pci *transport)
{
	if (transport->queue_select >= transport->dev->queues)
		return NULL;
	return &transport->dev->queue[transport->queue_select];
}

/* --- common configuration ----------------------------------------------------------- */

static uint32_t word_of(uint64_t features, uint32_t select)
{
	return select > 1 ? 0 : features >> 32 * select;
}

/* dev->lock is held. */
static void make_common(struct virtio_pci *transport, struct virtio_pci_common_cfg *common)
{
	struct virtio *dev = transport->dev;
	struct virtq *q = selected(transport);

	*common = (struct virtio_pci_common_cfg){
		.device_feature_select = transport->offered_select,
		.device_feature = word_of(dev->features, transport->offered_select),
		.guest_feature_select = transport->accepted_select,
		.guest_feature = word_of(dev->accepted, transport->accepted_select),
		.msix_config = atomic_load(&transport->config_vector),
		.num_queues = dev->queues,
		.device_status = dev->status,
		.config_generation = dev->generation,
		.queue_select = transport->queue_select,
		.queue_msix_vector = VIRTIO_MSI_NO_VECTOR,
	};
	if (!q)
		return;
	common->queue_size = q->size;
	common->queue_msix_vector = atomic_load(&transport->queue_vector[transport->queue_select]);
	common->queue_enable = q->on;
	common->queue_notify_off = transport->queue_select;
	common->queue_desc_lo = q->desc_gpa;
	common->queue_desc_hi = q->desc_gpa >> 32;
	common->queue_avail_lo = q->avail_gpa;
	common->queue_avail_hi = q->avail_gpa >> 32;
	common->queue_used_lo = q->used_gpa;
	common->queue_used_hi = q->used_gpa >> 32;
}

static uint16_t valid_vector(const struct virtio_pci *transport, uint16_t vector)
{
	return vector < transport->function.msix_vectors ? vector : VIRTIO_MSI_NO_VECTOR;
}

static void set_half(uint64_t *gpa, unsigned int half, uint32_t value)
{
	*gpa &= ~(0xffffffffULL << 32 * half);
	*gpa |= (uint64_t)value << 32 * half;
}

/* Registers of the selected queue; dev->lock is held. */
static void write_queue(struct virtio_pci *transport, unsigned int offset, uint32_t value)
{
	struct virtio *dev = transport->dev;
	struct virtq *q = selected(transport);

	if (!q)
		return;
	if (offset == VIRTIO_PCI_COMMON_Q_MSIX) {
		atomic_store(&transport->queue_vector[transport->queue_select],
			     valid_vector(transport, value));
		return;
	}
	/* A queue that is on is not moved. */
	if (q->on)
		return;
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		if (value && value <= q->size_max && !(value & (value - 1)))
			q->size = value;
		break;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		if (value == 1 && !virtq_enable(q, dev->ram,
						virtio_has(dev, VIRTIO_RING_F_EVENT_IDX)))
			virtio_break(dev, "a queue outside of memory");
		break;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		set_half(&q->desc_gpa, offset == VIRTIO_PCI_COMMON_Q_DESCHI, value);
		break;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		set_half(&q->avail_gpa, offset == VIRTIO_PCI_COMMON_Q_AVAILHI, value);
		break;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		set_half(&q->used_gpa, offset == VIRTIO_PCI_COMMON_Q_USEDHI, value);
		break;
	}
}

static void write_common(struct virtio_pci *transport, unsigned int offset, uint32_t value)
{
	struct virtio *dev = transport->dev;

	/* These two take the lock. */
	if (offset == VIRTIO_PCI_COMMON_STATUS) {
		virtio_set_status(dev, value);
		return;
	}
	if (offset == VIRTIO_PCI_COMMON_GF) {
		virtio_accept(dev, transport->accepted_select, value);
		return;
	}
	pthread_mutex_lock(&dev->lock);
	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		transport->offered_select = value;
		break;
	case VIRTIO_PCI_COMMON_GFSELECT:
		transport->accepted_select = value;
		break;
	case VIRTIO_PCI_COMMON_MSIX:
		atomic_store(&transport->config_vector, valid_vector(transport, value));
		break;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		transport->queue_select = value;
		break;
	default:
		write_queue(transport, offset, value);
	}
	pthread_mutex_unlock(&dev->lock);
}

/* --- interrupts ----------------------------------------------------------------------- */

/* ISR status is read and the line falls, in one step with the device's raising it. */
static uint8_t take_isr(struct virtio_pci *transport)
{
	uint8_t isr;

	pthread_mutex_lock(&transport->isr_lock);
	isr = transport->isr;
	transport->isr = 0;
	pci_intx_set(&transport->function, false);
	pthread_mutex_unlock(&transport->isr_lock);
	return isr;
}

static void on_interrupt(void *ctx, int queue)
{
	struct virtio_pci *transport = ctx;
	bool config = queue == VIRTIO_CONFIG_CHANGE;
	enum pci_irq_mode mode = pci_irq_mode(&transport->function);
	uint16_t vector;

	if (mode == PCI_IRQ_MSIX) {
		vector = atomic_load(config ? &transport->config_vector :
					      &transport->queue_vector[queue]);
		if (vector != VIRTIO_MSI_NO_VECTOR)
			pci_msi_send(&transport->function, vector);
		return;
	}
	/* With one message or one line, the driver asks ISR status what it was. */
	pthread_mutex_lock(&transport->isr_lock);
	transport->isr |= config ? ISR_CONFIG : ISR_QUEUE;
	if (mode == PCI_IRQ_INTX)
		pci_intx_set(&transport->function, true);
	pthread_mutex_unlock(&transport->isr_lock);
	if (mode == PCI_IRQ_MSI)
		pci_msi_send(&transport->function, 0);
}

static void on_device_reset(void *ctx)
{
	struct virtio_pci *transport = ctx;

	atomic_store(&transport->config_vector, VIRTIO_MSI_NO_VECTOR);
	for (unsigned int i = 0; i < VIRTIO_QUEUES_MAX; i++)
		atomic_store(&transport->queue_vector[i], VIRTIO_MSI_NO_VECTOR);
	transport->offered_select = 0;
	transport->accepted_select = 0;
	transport->queue_select = 0;
	take_isr(transport);
}

/* --- BARs -------------------------------------------------------------------------------- */

static uint64_t read_registers(void *ctx, uint64_t offset, unsigned int size)
{
	struct virtio_pci *transport = ctx;
	struct virtio_pci_common_cfg common;
	uint64_t value = 0;

	if (offset >= VIRTIO_BAR_DEVICE) {
		virtio_config_read(transport->dev, offset - VIRTIO_BAR_DEVICE, &value, size);
	} else if (offset >= VIRTIO_BAR_ISR) {
		if (offset == VIRTIO_BAR_ISR)
			value = take_isr(transport);
	} else if (offset + size <= sizeof(common)) {
		pthread_mutex_lock(&transport->dev->lock);
		make_common(transport, &common);
		pthread_mutex_unlock(&transport->dev->lock);
		memcpy(&value, (uint8_t *)&common + offset, size);
	}
	return value;
}

static void write_registers(void *ctx, uint64_t offset, unsigned int size, uint64_t value)
{
	struct virtio_pci *transport = ctx;

	if (offset >= VIRTIO_BAR_DEVICE) {
		virtio_config_write(transport->dev, offset - VIRTIO_BAR_DEVICE, &value, size);
		return;
	}
	if (offset + size > sizeof(struct virtio_pci_common_cfg))
		return;
	write_common(transport, offset, value);
	/* Addresses are the only fields of eight bytes. */
	if (size == 8)
		write_common(transport, offset + 4, value >> 32);
}

static uint64_t read_kicks(void *ctx, uint64_t offset, unsigned int size)
{
	(void)ctx;
	(void)offset;
	(void)size;
	return 0;
}

static void write_kicks(void *ctx, uint64_t offset, unsigned int size, uint64_t value)
{
	struct virtio_pci *transport = ctx;

	(void)size;
	(void)value;
	if (offset / VIRTIO_PCI_KICK_STEP < transport->dev->queues)
		virtio_kick(transport->dev);
}

/* --- the window in configuration space ------------------------------------------------ */

/*
 * For firmware that cannot reach memory BARs: what the window's fields say is
 * read or written when its data field is. False: they say nothing that exists.
 */
static bool window_target(struct virtio_pci *transport, unsigned int *bar, uint32_t *offset,
			  uint32_t *len)
{
	unsigned int at = transport->window;

	*bar = pci_get_config(&transport->function, at + offsetof(struct virtio_pci_cap, bar), 1);
	*offset = pci_get_config(&transport->function,
				 at + offsetof(struct virtio_pci_cap, offset), 4);
	*len = pci_get_config(&transport->function,
			      at + offsetof(struct virtio_pci_cap, length), 4);
	if ((*len != 1 && *len != 2 && *len != 4) || *offset % *len)
		return false;
	if (*bar == KICKS_BAR)
		return *offset < VIRTIO_PCI_KICKS_LEN;
	/* The MSI-X table is the bus's. */
	return *bar == REGISTERS_BAR && *offset < VIRTIO_BAR_MSIX;
}

static bool on_config_read(void *ctx, unsigned int offset, unsigned int size, uint32_t *value)
{
	struct virtio_pci *transport = ctx;
	uint32_t target, len;
	unsigned int bar;

	(void)size;
	if (offset != transport->window + sizeof(struct virtio_pci_cap) ||
	    !window_target(transport, &bar, &target, &len))
		return false;
	*value = bar == KICKS_BAR ? read_kicks(transport, target, len) :
				    read_registers(transport, target, len);
	return true;
}

static void on_config_write(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct virtio_pci *transport = ctx;
	uint32_t target, len;
	unsigned int bar;

	(void)size;
	if (offset != transport->window + sizeof(struct virtio_pci_cap) ||
	    !window_target(transport, &bar, &target, &len))
		return;
	if (bar == KICKS_BAR)
		write_kicks(transport, target, len, value);
	else
		write_registers(transport, target, len, value);
}

/* --- kicks by way of the module --------------------------------------------------------- */

static void move_ioeventfds(struct virtio_pci *transport, uint16_t port)
{
	struct virtio_pci_host *host = &transport->host;

	if (!host->ioeventfd || port == transport->armed_port)
		return;
	for (unsigned int i = 0; i < transport->dev->queues; i++) {
		uint16_t step = i * VIRTIO_PCI_KICK_STEP;

		if (transport->armed_port)
			host->ioeventfd(host->ctx, transport->armed_port + step,
					transport->dev->kick_fd, false);
		/* Refused: the access comes to us, which works too. */
		if (port)
			host->ioeventfd(host->ctx, port + step, transport->dev->kick_fd, true);
	}
	transport->armed_port = port;
}

static void on_changed(void *ctx)
{
	struct virtio_pci *transport = ctx;
	uint64_t base = 0;

	pthread_mutex_lock(&transport->armed_lock);
	if (!pci_bar_base(&transport->function, KICKS_BAR, &base))
		base = 0;
	move_ioeventfds(transport, base);
	pthread_mutex_unlock(&transport->armed_lock);
}

static void on_power_on(void *ctx)
{
	struct virtio_pci *transport = ctx;

	virtio_set_status(transport->dev, 0);
	on_changed(transport);
}

/* --- building it ----------------------------------------------------------------------------- */

static const struct pci_ops transport_ops = {
	on_config_read, on_config_write, on_changed, on_power_on,
};

static uint32_t class_code(uint16_t id)
{
	switch (id) {
	case VIRTIO_ID_NET:
		return 0x020000;	/* Ethernet controller */
	case VIRTIO_ID_BLOCK:
		return 0x018000;	/* other mass storage */
	case VIRTIO_ID_CONSOLE:
		return 0x078000;	/* other communication controller */
	default:
		return 0xff0000;	/* in no class */
	}
}

/* Returns the capability's offset. */
static unsigned int add_cap(struct virtio_pci *transport, uint8_t type, uint8_t bar,
			    uint32_t offset, uint32_t len, unsigned int extra, uint32_t extra_value)
{
	struct {
		struct virtio_pci_cap cap;
		uint32_t extra;
	} all = { { .cap_len = sizeof(all.cap) + extra, .cfg_type = type, .bar = bar,
		    .offset = offset, .length = len }, extra_value };
	static const struct {
		struct virtio_pci_cap cap;
		uint32_t extra;
	} window = { { .bar = 0xff, .offset = 0xffffffff, .length = 0xffffffff }, 0xffffffff };
	const size_t skip = offsetof(struct virtio_pci_cap, cap_len);

	return pci_add_cap(&transport->function, PCI_CAP_ID_VENDOR, (uint8_t *)&all + skip,
			   type == VIRTIO_PCI_CAP_PCI_CFG ? (const uint8_t *)&window + skip : NULL,
			   all.cap.cap_len);
}

static void add_caps(struct virtio_pci *transport)
{
	add_cap(transport, VIRTIO_PCI_CAP_COMMON_CFG, REGISTERS_BAR, VIRTIO_BAR_COMMON,
		sizeof(struct virtio_pci_common_cfg), 0, 0);
	add_cap(transport, VIRTIO_PCI_CAP_ISR_CFG, REGISTERS_BAR, VIRTIO_BAR_ISR, 1, 0, 0);
	add_cap(transport, VIRTIO_PCI_CAP_DEVICE_CFG, REGISTERS_BAR, VIRTIO_BAR_DEVICE,
		VIRTIO_CONFIG_MAX, 0, 0);
	add_cap(transport, VIRTIO_PCI_CAP_NOTIFY_CFG, KICKS_BAR, 0, VIRTIO_PCI_KICKS_LEN,
		sizeof(uint32_t), VIRTIO_PCI_KICK_STEP);
	transport->window = add_cap(transport, VIRTIO_PCI_CAP_PCI_CFG, 0, 0, 0, sizeof(uint32_t),
				    0);
}

bool virtio_pci_attach(struct virtio_pci *transport, struct virtio *dev, struct pci *pci,
		       const struct vmm_ram *ram, const struct virtio_pci_host *host)
{
	struct pci_ident ident = {
		.vendor = VIRTIO_PCI_VENDOR,
		.device = VIRTIO_PCI_DEVICE + dev->class->id,
		.subsystem_vendor = VIRTIO_PCI_VENDOR,
		.subsystem = VIRTIO_PCI_DEVICE + dev->class->id,
		.class_code = class_code(dev->class->id),
		.revision = 1,
	};
	struct pci_bar kicks = { PCI_BAR_IO, VIRTIO_PCI_KICKS_LEN, read_kicks, write_kicks };
	struct pci_bar registers = { PCI_BAR_MEM32, VIRTIO_BAR_LEN, read_registers,
				     write_registers };
	struct virtio_bus bus = { on_interrupt, on_device_reset, transport };

	memset(transport, 0, sizeof(*transport));
	transport->dev = dev;
	if (host)
		transport->host = *host;
	pthread_mutex_init(&transport->isr_lock, NULL);
	pthread_mutex_init(&transport->armed_lock, NULL);
	if (!pci_add(pci, &transport->function, PCI_SLOT_ANY, 0, &ident, &transport_ops,
		     transport))
		return false;
	pci_add_bar(&transport->function, KICKS_BAR, &kicks);
	pci_add_bar(&transport->function, REGISTERS_BAR, &registers);
	pci_add_intx(&transport->function);
	pci_add_msi(&transport->function, 1);
	pci_add_msix(&transport->function, dev->queues + 1, REGISTERS_BAR, VIRTIO_BAR_MSIX,
		     VIRTIO_BAR_PBA);
	add_caps(transport);
	virtio_attach(dev, ram, &bus);
	return true;
}

void virtio_pci_detach(struct virtio_pci *transport)
{
	if (!transport->dev)
		return;
	virtio_detach(transport->dev);
	pthread_mutex_lock(&transport->armed_lock);
	move_ioeventfds(transport, 0);
	pthread_mutex_unlock(&transport->armed_lock);
	pthread_mutex_destroy(&transport->armed_lock);
	pthread_mutex_destroy(&transport->isr_lock);
	transport->dev = NULL;
}
