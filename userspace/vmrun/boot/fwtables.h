/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What firmware is told of the board through fw_cfg: numbers, memory map,
 * tables with the script by which it places them, boot order.
 */
#ifndef VMRUN_BOOT_FWTABLES_H
#define VMRUN_BOOT_FWTABLES_H

#include <libvmm.h>

#include "boot/acpi.h"
#include "dev/fwcfg.h"
#include "dev/pci.h"

/*
 * @boot_order	device paths in Open Firmware's notation, one a line; NULL: none
 */
struct fwtables_board {
	unsigned int cpus;
	const struct vmm_ram *ram;
	const char *boot_order;
};

#define FWTABLES_ORDER_MAX	64

/*
 * The boot order that begins with the first virtio disk on @pci, in @order;
 * NULL if there is none.
 */
const char *fwtables_boot_order(const struct pci *pci, char order[FWTABLES_ORDER_MAX]);

/* False: no memory. */
bool fwtables_add(struct fwcfg *fwcfg, const struct fwtables_board *board);

#define FWTABLES_COMMAND_LEN	128

/*
 * The script for "etc/table-loader": allocate "etc/acpi/rsdp" and
 * "etc/acpi/tables", then the fix-ups. Returns its length; 0 if @room is too
 * small. @rsdp and @tables are the two files; their checksums become zero, as
 * firmware adds to them.
 */
size_t fwtables_script(const struct acpi_fixups *fixups, uint8_t *rsdp, uint8_t *tables,
		       uint8_t *out, size_t room);

#endif /* VMRUN_BOOT_FWTABLES_H */
