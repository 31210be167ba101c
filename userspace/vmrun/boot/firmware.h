/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A firmware image: the file, and where it lies for the guest. Read once for
 * all machines of a session.
 */
#ifndef VMRUN_BOOT_FIRMWARE_H
#define VMRUN_BOOT_FIRMWARE_H

#include <libvmm.h>
#include <stdbool.h>

#include "why.h"

#define FIRMWARE_BIOS	"/usr/share/seabios/bios-256k.bin"
#define FIRMWARE_UEFI	"/usr/share/OVMF/OVMF_CODE_4M.fd"
#define FIRMWARE_VARS	"/usr/share/OVMF/OVMF_VARS_4M.fd"
#define FIRMWARE_DEVMEM	"bootrom"
#define FIRMWARE_MAX	(8ULL << 20)

/*
 * The code ends at 4 GiB; variables, if any, end where it begins.
 * @vars	shared with its file when @vars_path was given, else private: the
 *		guest's changes are lost at the end
 */
struct firmware {
	uint8_t *code, *vars;
	size_t code_len, vars_len;
};

/*
 * @which: "bios", "uefi", or a path. @vars_path: file with the variables, made
 * from the template if it does not exist; NULL: none (for "uefi", a private
 * copy of the template). 0, or -1 with @why.
 */
int firmware_open(struct firmware *firmware, const char *which, const char *vars_path,
		  struct why *why);
void firmware_close(struct firmware *firmware);

/* The copy below 1 MiB, anew: firmware changes it. */
void firmware_copy_low(const struct firmware *firmware, const struct vmm_ram *ram);

/* Give @vm the code, as devmem FIRMWARE_DEVMEM. 0 or a negative errno. */
int firmware_attach(const struct firmware *firmware, int vm);

static inline uint64_t firmware_code_gpa(const struct firmware *firmware)
{
	return VMM_HIGH_GPA - firmware->code_len;
}

static inline uint64_t firmware_vars_gpa(const struct firmware *firmware)
{
	return firmware_code_gpa(firmware) - firmware->vars_len;
}

#endif /* VMRUN_BOOT_FIRMWARE_H */
