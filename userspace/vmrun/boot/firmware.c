// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Firmware files. The code goes into a devmem of each machine that the guest
 * may read and execute; the variables are a mapping of their file, so what the
 * guest writes is in the file when the machine goes, however it goes.
 */
#include "boot/firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOW_END		0x100000
#define LOW_MAX		0x20000

/* All of @path, in whole pages. */
static int map_file(const char *path, bool shared, uint8_t **data, size_t *len, struct why *why)
{
	int fd = open(path, (shared ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	struct stat st;
	void *mapped;

	if (fd < 0)
		return why_set(why, "firmware %s: %s%s", path, strerror(errno),
			       errno == ENOENT ? ": install the package seabios or ovmf, or name another file" : "");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return why_set(why, "firmware %s is not a regular file", path);
	}
	if (st.st_size < 4096 || st.st_size % 4096 || st.st_size > (off_t)FIRMWARE_MAX) {
		close(fd);
		return why_set(why,
			       "firmware %s has %lld bytes: an image is a multiple of 4 KiB, up to 8 MiB",
			       path, (long long)st.st_size);
	}
	mapped = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, shared ? MAP_SHARED : MAP_PRIVATE,
		      fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		return why_set(why, "firmware %s: %s", path, strerror(errno));
	*data = mapped;
	*len = st.st_size;
	return 0;
}

/* A first start: the file becomes a copy of the template. */
static int make_vars(const char *path, struct why *why)
{
	uint8_t *data;
	size_t len;
	ssize_t done;
	int fd;

	if (map_file(FIRMWARE_VARS, false, &data, &len, why))
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	done = fd < 0 ? -1 : write(fd, data, len);
	munmap(data, len);
	if (fd >= 0)
		close(fd);
	if (done == (ssize_t)len)
		return 0;
	if (fd >= 0)
		unlink(path);
	return why_set(why, "--vars %s: cannot be made: %s", path,
		       done < 0 ? strerror(errno) : "the disk is full");
}

int firmware_open(struct firmware *firmware, const char *which, const char *vars_path,
		  struct why *why)
{
	bool uefi = !strcmp(which, "uefi");
	const char *code = uefi ? FIRMWARE_UEFI : !strcmp(which, "bios") ? FIRMWARE_BIOS : which;

	*firmware = (struct firmware){ 0 };
	if (vars_path && !strcmp(which, "bios"))
		return why_set(why, "--vars: a BIOS has no variables: add --firmware uefi");
	if (map_file(code, false, &firmware->code, &firmware->code_len, why))
		return -1;
	if (!vars_path && !uefi)
		return 0;
	if ((vars_path && access(vars_path, F_OK) && make_vars(vars_path, why)) ||
	    map_file(vars_path ? vars_path : FIRMWARE_VARS, vars_path, &firmware->vars,
		     &firmware->vars_len, why)) {
		firmware_close(firmware);
		return -1;
	}
	return 0;
}

void firmware_close(struct firmware *firmware)
{
	if (firmware->code)
		munmap(firmware->code, firmware->code_len);
	if (firmware->vars)
		munmap(firmware->vars, firmware->vars_len);
	*firmware = (struct firmware){ 0 };
}

void firmware_copy_low(const struct firmware *firmware, const struct vmm_ram *ram)
{
	size_t len = firmware->code_len < LOW_MAX ? firmware->code_len : LOW_MAX;

	memcpy(ram->hva + LOW_END - len, firmware->code + firmware->code_len - len, len);
}

int firmware_attach(const struct firmware *firmware, int vm)
{
	int fd = vmm_devmem_create(vm, FIRMWARE_DEVMEM, firmware->code_len, 0);
	void *rom;

	if (fd < 0)
		return fd;
	rom = mmap(NULL, firmware->code_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rom == MAP_FAILED) {
		close(fd);
		return -ENOMEM;
	}
	memcpy(rom, firmware->code, firmware->code_len);
	munmap(rom, firmware->code_len);
	close(fd);
	return vmm_devmem_map(vm, FIRMWARE_DEVMEM, firmware_code_gpa(firmware), 0,
			      firmware->code_len, VMM_PROT_READ | VMM_PROT_EXEC);
}
