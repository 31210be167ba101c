/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One PCI bus without bridges: functions, their configuration space, BARs,
 * INTx, MSI and MSI-X. Knows nothing of the module: what leaves the bus goes
 * through struct pci_sink.
 *
 * Functions are added before the vCPUs run and live as long as the bus; their
 * memory is the device's. Everything else may be called by any thread.
 *
 * Locking. One lock per bus covers all configuration state and line levels. A
 * device's handlers (BAR, configuration, changed) are called without it, so
 * they may call back; the sink is called with it, so it must not. The order is
 * device lock, then bus lock.
 *
 * PCI Local Bus Specification 3.0, chapter 6.
 */
#ifndef VMRUN_DEV_PCI_H
#define VMRUN_DEV_PCI_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pio.h"

#define PCI_SLOTS		32
#define PCI_SLOT_FUNCTIONS	8
#define PCI_FUNCTIONS_MAX	48
#define PCI_BARS		6
#define PCI_CONFIG_LEN		256
#define PCI_LINES		8	/* PIRQA-PIRQH, and as many I/O APIC pins */
#define PCI_MSI_VECTORS_MAX	32
#define PCI_MSIX_VECTORS_MAX	128
#define PCI_SLOT_ANY		0xffu

/* Registers of the type 0 header that devices refer to. */
#define PCI_REG_VENDOR		0x00
#define PCI_REG_COMMAND		0x04
#define PCI_REG_STATUS		0x06
#define PCI_REG_REVISION	0x08
#define PCI_REG_HEADER_TYPE	0x0e
#define PCI_REG_BAR0		0x10
#define PCI_REG_SUBSYSTEM	0x2c
#define PCI_REG_CAP_POINTER	0x34
#define PCI_REG_INT_LINE	0x3c
#define PCI_REG_INT_PIN		0x3d

#define PCI_CAP_ID_MSI		0x05
#define PCI_CAP_ID_VENDOR	0x09
#define PCI_CAP_ID_MSIX		0x11

struct pci_ident {
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem;
	uint32_t class_code;	/* base class << 16 | subclass << 8 | interface */
	uint8_t revision;
};

enum pci_bar_kind {
	PCI_BAR_NONE,
	PCI_BAR_IO,
	PCI_BAR_MEM32,
	PCI_BAR_MEM64,		/* takes the next BAR too; prefetchable */
};

/*
 * @len		power of two; at least 4 for I/O, 16 for memory
 * @read	@size is 1, 2, 4 or 8 (I/O: up to 4), naturally aligned and inside
 *		the BAR
 */
struct pci_bar {
	enum pci_bar_kind kind;
	uint64_t len;
	uint64_t (*read)(void *ctx, uint64_t offset, unsigned int size);
	void (*write)(void *ctx, uint64_t offset, unsigned int size, uint64_t value);
};

/*
 * What a device hears of its configuration space; each may be NULL. The
 * functions' ctx is the one given to pci_add().
 *
 * @config_read		before an aligned read of 1, 2 or 4 bytes: true and
 *			*@value to answer it in place of the stored bytes
 * @config_write	after the write reached the stored bytes
 * @changed		decoding of BARs, bus mastering, interrupt mode or a
 *			vector's mask may have changed: look again. Two vCPUs
 *			may be here at once.
 * @reset		power-on; the function's registers are reset already
 */
struct pci_ops {
	bool (*config_read)(void *ctx, unsigned int offset, unsigned int size, uint32_t *value);
	void (*config_write)(void *ctx, unsigned int offset, unsigned int size, uint32_t value);
	void (*changed)(void *ctx);
	void (*reset)(void *ctx);
};

/* Where a message goes: what VMM_LAPIC_MSI and an irqfd take. */
struct pci_message {
	uint64_t gpa;
	uint32_t data;
};

enum pci_irq_mode {
	PCI_IRQ_INTX,		/* also when INTx is disabled: nothing arrives then */
	PCI_IRQ_MSI,
	PCI_IRQ_MSIX,
};

struct pci_msix_entry {
	struct pci_message message;
	bool masked;
	bool pending;
};

struct pci;

/* Private to dev/pci*.c but for @ctx. */
struct pci_function {
	struct pci *pci;
	const struct pci_ops *ops;
	void *ctx;
	uint8_t slot, function;

	uint8_t config[PCI_CONFIG_LEN];
	uint8_t writable[PCI_CONFIG_LEN];	/* bits the guest may change */
	uint8_t clearable[PCI_CONFIG_LEN];	/* bits it clears by writing one */
	uint8_t initial[PCI_CONFIG_LEN];	/* at power-on */
	unsigned int caps_end;			/* where the next capability goes */
	uint8_t last_cap;			/* its offset; 0: none */
	struct pci_bar bar[PCI_BARS];

	bool wants_intx;			/* level the device asks for */
	bool intx;				/* level the line sees */
	uint8_t msi, msix;			/* capability offsets; 0: none */
	uint32_t msi_pending;
	unsigned int msix_vectors, msix_bar;
	uint32_t msix_table, msix_pba;		/* offsets in that BAR */
	struct pci_msix_entry msix_entry[PCI_MSIX_VECTORS_MAX];
};

/*
 * Called with the bus lock held; must not call the bus.
 * @line	a line's level, changes only: wired OR of the INTx pins on it
 * @message	to the local APICs
 */
struct pci_sink {
	void (*line)(void *ctx, unsigned int line, bool level);
	void (*message)(void *ctx, const struct pci_message *message);
	void *ctx;
};

struct pci {
	pthread_mutex_t lock;
	struct pci_sink sink;
	struct pci_function *function[PCI_FUNCTIONS_MAX];	/* in order of addition */
	unsigned int functions;
	unsigned int line[PCI_LINES];		/* pins that assert it */
	uint8_t intx_used[PCI_SLOTS];		/* pins handed out in a slot */
	uint32_t address;			/* port 0xcf8 */
};

void pci_init(struct pci *pci, const struct pci_sink *sink);
void pci_fini(struct pci *pci);

/* Power-on state for the bus and all functions; no vCPU runs. */
void pci_reset(struct pci *pci);

/* --- building a function; no vCPU runs ------------------------------------- */

/*
 * Add @function (zeroed) at @slot, or PCI_SLOT_ANY for the first free slot, as
 * function number @number. False if the place is taken. A function other than
 * 0 makes function 0 of its slot say that there are several.
 */
bool pci_add(struct pci *pci, struct pci_function *function, unsigned int slot,
	     unsigned int number, const struct pci_ident *ident, const struct pci_ops *ops,
	     void *ctx);

void pci_add_bar(struct pci_function *function, unsigned int index, const struct pci_bar *bar);

/*
 * Append a capability of @len bytes, id and link included; @body is what
 * follows these two. @writable: mask for the body, or NULL for read-only.
 * Returns its offset; 0 if there is no room.
 */
unsigned int pci_add_cap(struct pci_function *function, uint8_t id, const void *body,
			 const void *writable, unsigned int len);

/* Device-specific registers outside capabilities, with their power-on value. */
void pci_set_config(struct pci_function *function, unsigned int offset, unsigned int size,
		    uint32_t value, uint32_t writable);

/* The next INTx pin of the slot, so that its functions spread over all four. */
void pci_add_intx(struct pci_function *function);

/* @vectors: power of two up to 32. 64-bit address, per-vector mask. */
bool pci_add_msi(struct pci_function *function, unsigned int vectors);

/*
 * Table of @vectors * 16 bytes at @table, pending bits at @pba (8-aligned) of
 * memory BAR @bar, which must be added already. The bus answers for both; the
 * BAR's handlers never see them.
 */
bool pci_add_msix(struct pci_function *function, unsigned int vectors, unsigned int bar,
		  uint32_t table, uint32_t pba);

/* --- a device at work; any thread ------------------------------------------- */

/* Level of the device's own INTx; masked as the registers say. */
void pci_intx_set(struct pci_function *function, bool level);

enum pci_irq_mode pci_irq_mode(struct pci_function *function);

/*
 * Send vector @vector by MSI-X or MSI, whichever is on; MSI folds it into the
 * vectors that the guest enabled. A masked one is remembered and sent when it
 * is unmasked. False if neither is on.
 */
bool pci_msi_send(struct pci_function *function, unsigned int vector);

/*
 * What pci_msi_send() would send now, for an irqfd. False if neither is on or
 * the vector is masked: send by hand then.
 */
bool pci_msi_message(struct pci_function *function, unsigned int vector,
		     struct pci_message *message);

/* May the device reach memory, and where is a BAR decoded? False: not at all. */
bool pci_is_master(struct pci_function *function);
bool pci_bar_base(struct pci_function *function, unsigned int index, uint64_t *base);

/* The function's stored configuration bytes, little-endian. */
uint32_t pci_get_config(struct pci_function *function, unsigned int offset, unsigned int size);

/* --- the bus as the guest sees it; vCPU threads ----------------------------- */

/*
 * @bdf: bus << 8 | slot << 3 | function. @size 1, 2 or 4, naturally aligned;
 * anything else, and a place without a function, reads as all ones.
 */
uint32_t pci_config_read(struct pci *pci, unsigned int bdf, unsigned int offset,
			 unsigned int size);
void pci_config_write(struct pci *pci, unsigned int bdf, unsigned int offset, unsigned int size,
		      uint32_t value);

/* Any @size up to 64. False if no BAR claims all of it; @data is all ones then. */
bool pci_mmio_read(struct pci *pci, uint64_t gpa, void *data, unsigned int size);
bool pci_mmio_write(struct pci *pci, uint64_t gpa, const void *data, unsigned int size);
bool pci_io_read(struct pci *pci, uint16_t port, unsigned int size, uint32_t *value);
bool pci_io_write(struct pci *pci, uint16_t port, unsigned int size, uint32_t value);

/*
 * What firmware does, for guests that start without: give every BAR that has
 * none an address in [@mem_start, @mem_end) or above @io_start and switch
 * decoding on; a BAR that finds no room stays off.
 */
void pci_assign(struct pci *pci, uint32_t mem_start, uint32_t mem_end, uint16_t io_start);

/* Interrupt-line registers: @irq[n] is the ISA interrupt behind line n. */
void pci_set_int_lines(struct pci *pci, const uint8_t irq[PCI_LINES]);

/* Ports 0xcf8 and 0xcfc. */
void pci_ports_init(struct pci *pci, struct pio *pio);

/* Line of INTx @pin (0: INTA) of @slot. */
static inline unsigned int pci_line(unsigned int slot, unsigned int pin)
{
	return (slot + pin + PCI_LINES - 1) % PCI_LINES;
}

#endif /* VMRUN_DEV_PCI_H */
