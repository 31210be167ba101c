// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ELF kernels, read with libelf.
 *
 * libelf checks that headers lie inside the file; that segments do, that they
 * do not wrap around, and that they are no larger in the file than in memory,
 * is checked here. The Elf handle lives for one call.
 *
 * The surprising thing: addresses are taken from p_paddr. Kernels that were
 * linked with p_paddr zero throughout are loaded by p_vaddr instead, as other
 * loaders do it.
 */
#include "boot/elf.h"

#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#define NOTE_XEN_PHYS32_ENTRY	18	/* XEN_ELFNOTE_PHYS32_ENTRY */

static int check_machine(const struct image *image, Elf *elf, struct elf_kernel *kernel,
			 struct why *why)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return why_set(why, "%s is a damaged ELF file (%s): copy it again", image->path,
			       elf_errmsg(-1));
	if (header.e_machine != EM_386 && header.e_machine != EM_X86_64)
		return why_set(why,
			       "%s is an ELF file for another processor (machine %u): guests are x86 machines",
			       image->path, header.e_machine);
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return why_set(why, "%s is an ELF file but no executable (type %u): link it",
			       image->path, header.e_type);
	kernel->is_64 = gelf_getclass(elf) == ELFCLASS64;
	kernel->entry = header.e_entry;
	return 0;
}

/* Does the note segment at @phdr hold the PVH entry? Notes are read from memory. */
static void find_pvh(Elf *elf, const GElf_Phdr *phdr, struct elf_kernel *kernel)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, phdr->p_offset, phdr->p_filesz,
					      phdr->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	size_t offset = 0, name, desc;
	GElf_Nhdr note;

	while (data && !kernel->has_pvh &&
	       (offset = gelf_getnote(data, offset, &note, &name, &desc)) > 0) {
		uint64_t value = 0;

		if (note.n_type != NOTE_XEN_PHYS32_ENTRY || note.n_namesz != 4 ||
		    memcmp((char *)data->d_buf + name, "Xen", 4) ||
		    (note.n_descsz != 4 && note.n_descsz != 8))
			continue;
		memcpy(&value, (char *)data->d_buf + desc, note.n_descsz);
		kernel->pvh_entry_gpa = value;
		kernel->has_pvh = true;
	}
}

static int add_segment(const struct image *image, const GElf_Phdr *phdr,
		       struct elf_kernel *kernel, struct why *why)
{
	if (!phdr->p_memsz)
		return 0;
	if (phdr->p_filesz > phdr->p_memsz || phdr->p_paddr > UINT64_MAX - phdr->p_memsz)
		return why_set(why, "%s is a damaged ELF file: a segment of %#llx bytes at %#llx",
			       image->path, (unsigned long long)phdr->p_memsz,
			       (unsigned long long)phdr->p_paddr);
	if (kernel->segments == ELF_SEGMENTS_MAX)
		return why_set(why, "%s has more than %d segments", image->path,
			       ELF_SEGMENTS_MAX);
	kernel->segment[kernel->segments++] = (struct elf_segment){
		.offset = phdr->p_offset,
		.file_len = phdr->p_filesz,
		.gpa = phdr->p_paddr,
		.len = phdr->p_memsz,
	};
	return 0;
}

/* Were all physical addresses left at zero? Then virtual ones are meant. */
static bool has_paddr(Elf *elf, size_t count)
{
	GElf_Phdr phdr;

	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, i, &phdr) && phdr.p_type == PT_LOAD && phdr.p_paddr)
			return true;
	return false;
}

static int parse_segments(const struct image *image, Elf *elf, struct elf_kernel *kernel,
			  struct why *why)
{
	GElf_Phdr phdr;
	size_t count;
	bool paddr;

	if (elf_getphdrnum(elf, &count) || !count)
		return why_set(why, "%s is an ELF file without program headers: link it",
			       image->path);
	paddr = has_paddr(elf, count);
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, i, &phdr))
			return why_set(why, "%s is a damaged ELF file (%s): copy it again",
				       image->path, elf_errmsg(-1));
		if (phdr.p_type != PT_LOAD && phdr.p_type != PT_NOTE)
			continue;
		if (phdr.p_filesz > image->size || phdr.p_offset > image->size - phdr.p_filesz)
			return why_set(why,
				       "%s is cut short: a segment ends at byte %llu, the file has %zu: copy it again",
				       image->path,
				       (unsigned long long)(phdr.p_offset + phdr.p_filesz),
				       image->size);
		if (phdr.p_type == PT_NOTE) {
			if (!kernel->has_pvh)
				find_pvh(elf, &phdr, kernel);
			continue;
		}
		if (!paddr)
			phdr.p_paddr = phdr.p_vaddr;
		if (add_segment(image, &phdr, kernel, why))
			return -1;
	}
	if (!kernel->segments)
		return why_set(why, "%s is an ELF file with nothing to load", image->path);
	return 0;
}

int elf_parse(const struct image *image, struct elf_kernel *kernel, struct why *why)
{
	int result;
	Elf *elf;

	memset(kernel, 0, sizeof(*kernel));
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)image->data, image->size);
	if (!elf)
		return why_set(why, "%s is a damaged ELF file (%s): copy it again", image->path,
			       elf_errmsg(-1));
	result = check_machine(image, elf, kernel, why);
	if (!result)
		result = parse_segments(image, elf, kernel, why);
	elf_end(elf);
	return result;
}

int elf_place(const struct image *image, const struct elf_kernel *kernel, struct place *place,
	      struct why *why)
{
	for (unsigned int i = 0; i < kernel->segments; i++) {
		const struct elf_segment *segment = &kernel->segment[i];
		void *out = place_at(place, segment->gpa, segment->len, "the kernel", why);

		if (!out)
			return -1;
		memcpy(out, image->data + segment->offset, segment->file_len);
	}
	return 0;
}

bool elf_has_pvh(const struct image *image)
{
	struct elf_kernel kernel;
	struct why why;

	return !elf_parse(image, &kernel, &why) && kernel.has_pvh;
}
