/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kernels made in memory for loader tests: sound ones, to be broken one field
 * at a time. Each returns malloc'ed data, so that ASAN guards its end.
 */
#ifndef KERNELS_H
#define KERNELS_H

#include <asm/bootparam.h>
#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "boot/image.h"

#define BZ_SETUP_SECTS	4
#define BZ_SETUP	((BZ_SETUP_SECTS + 1) * 512)
#define BZ_PAYLOAD	8192
#define BZ_PREF_GPA	0x1000000ULL
#define BZ_INIT_SIZE	0x2000000U

/* Header of a bzImage at its place in @image. */
static inline struct setup_header *bz_header(struct image *image)
{
	return (struct setup_header *)(image->data + 0x1f1);
}

/* A 64-bit relocatable bzImage of protocol 2.15; payload byte n is n & 0xff. */
static inline struct image make_bzimage(void)
{
	struct image image = { "bzImage", NULL, BZ_SETUP + BZ_PAYLOAD };
	struct setup_header *hdr;

	image.data = calloc(1, image.size);
	hdr = bz_header(&image);
	hdr->setup_sects = BZ_SETUP_SECTS;
	hdr->boot_flag = 0xaa55;
	hdr->syssize = BZ_PAYLOAD / 16;
	hdr->jump = 0x6aeb;
	hdr->header = 0x53726448;
	hdr->version = 0x20f;
	hdr->loadflags = LOADED_HIGH;
	hdr->initrd_addr_max = 0x7fffffff;
	hdr->kernel_alignment = 0x200000;
	hdr->relocatable_kernel = 1;
	hdr->xloadflags = XLF_KERNEL_64;
	hdr->cmdline_size = 2047;
	hdr->pref_address = BZ_PREF_GPA;
	hdr->init_size = BZ_INIT_SIZE;
	for (size_t i = 0; i < BZ_PAYLOAD; i++)
		image.data[BZ_SETUP + i] = i;
	return image;
}

#define ELF_GPA		0x200000ULL
#define ELF_TEXT	256
#define ELF_BSS		4096
#define ELF_ENTRY	(ELF_GPA + 0x10)
#define ELF_PVH_ENTRY	(ELF_GPA + 0x20)

struct elf64_layout {
	Elf64_Ehdr ehdr;
	Elf64_Phdr load;
	Elf64_Phdr note;
	struct {
		Elf64_Nhdr header;
		char name[4];
		uint32_t entry;
	} xen;
	uint8_t text[ELF_TEXT];
};

static inline struct elf64_layout *elf64(struct image *image)
{
	return (struct elf64_layout *)image->data;
}

/* A 64-bit ELF kernel with one segment and a PVH note. */
static inline struct image make_elf64(void)
{
	struct image image = { "vmlinux", NULL, sizeof(struct elf64_layout) };
	struct elf64_layout *elf;

	image.data = calloc(1, image.size);
	elf = elf64(&image);
	memcpy(elf->ehdr.e_ident, ELFMAG, SELFMAG);
	elf->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	elf->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	elf->ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	elf->ehdr.e_type = ET_EXEC;
	elf->ehdr.e_machine = EM_X86_64;
	elf->ehdr.e_version = EV_CURRENT;
	elf->ehdr.e_entry = ELF_ENTRY;
	elf->ehdr.e_phoff = offsetof(struct elf64_layout, load);
	elf->ehdr.e_ehsize = sizeof(elf->ehdr);
	elf->ehdr.e_phentsize = sizeof(elf->load);
	elf->ehdr.e_phnum = 2;
	elf->load.p_type = PT_LOAD;
	elf->load.p_offset = offsetof(struct elf64_layout, text);
	elf->load.p_paddr = ELF_GPA;
	elf->load.p_vaddr = 0xffffffff80000000 + ELF_GPA;
	elf->load.p_filesz = ELF_TEXT;
	elf->load.p_memsz = ELF_TEXT + ELF_BSS;
	elf->note.p_type = PT_NOTE;
	elf->note.p_offset = offsetof(struct elf64_layout, xen);
	elf->note.p_filesz = sizeof(elf->xen);
	elf->note.p_memsz = sizeof(elf->xen);
	elf->note.p_align = 4;
	elf->xen.header = (Elf64_Nhdr){ 4, 4, 18 };
	memcpy(elf->xen.name, "Xen", 4);
	elf->xen.entry = ELF_PVH_ENTRY;
	memset(elf->text, 0x90, ELF_TEXT);
	return image;
}

struct elf32_layout {
	Elf32_Ehdr ehdr;
	Elf32_Phdr load;
	uint32_t multiboot[8];
	uint8_t text[ELF_TEXT];
};

static inline struct elf32_layout *elf32(struct image *image)
{
	return (struct elf32_layout *)image->data;
}

static inline void set_multiboot(uint32_t *header, uint32_t flags)
{
	header[0] = 0x1badb002;
	header[1] = flags;
	header[2] = -(0x1badb002 + flags);
}

/* A 32-bit ELF kernel with a multiboot header. */
static inline struct image make_elf32(void)
{
	struct image image = { "kernel.elf", NULL, sizeof(struct elf32_layout) };
	struct elf32_layout *elf;

	image.data = calloc(1, image.size);
	elf = elf32(&image);
	memcpy(elf->ehdr.e_ident, ELFMAG, SELFMAG);
	elf->ehdr.e_ident[EI_CLASS] = ELFCLASS32;
	elf->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	elf->ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	elf->ehdr.e_type = ET_EXEC;
	elf->ehdr.e_machine = EM_386;
	elf->ehdr.e_version = EV_CURRENT;
	elf->ehdr.e_entry = ELF_ENTRY;
	elf->ehdr.e_phoff = offsetof(struct elf32_layout, load);
	elf->ehdr.e_ehsize = sizeof(elf->ehdr);
	elf->ehdr.e_phentsize = sizeof(elf->load);
	elf->ehdr.e_phnum = 1;
	elf->load.p_type = PT_LOAD;
	elf->load.p_offset = offsetof(struct elf32_layout, multiboot);
	elf->load.p_paddr = ELF_GPA;
	elf->load.p_filesz = sizeof(*elf) - offsetof(struct elf32_layout, multiboot);
	elf->load.p_memsz = elf->load.p_filesz + ELF_BSS;
	set_multiboot(elf->multiboot, 3);
	memset(elf->text, 0x90, ELF_TEXT);
	return image;
}

/* Not ELF: a multiboot header with addresses at offset 64, text behind it. */
#define KLUDGE_HEADER	64
#define KLUDGE_LOAD	0x100000u

static inline struct image make_kludge(void)
{
	struct image image = { "kernel.bin", NULL, 1024 };
	uint32_t header[8] = { 0 };

	image.data = calloc(1, image.size);
	set_multiboot(header, 0x10003);
	header[3] = KLUDGE_LOAD + KLUDGE_HEADER;
	header[4] = KLUDGE_LOAD;
	header[5] = KLUDGE_LOAD + 1024;
	header[6] = KLUDGE_LOAD + 8192;
	header[7] = KLUDGE_LOAD + 0x100;
	memcpy(image.data + KLUDGE_HEADER, header, sizeof(header));
	memset(image.data + 0x100, 0x90, 16);
	return image;
}

#endif /* KERNELS_H */
