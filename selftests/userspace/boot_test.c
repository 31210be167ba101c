// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loaders: what guest memory and registers hold afterwards, and the sentence
 * for each way an image can be wrong.
 */
#include "boot/boot.h"
#include "boot/e820.h"
#include "boot/elf.h"
#include "boot/layout.h"
#include "kernels.h"
#include "kselftest_harness.h"
#include "nvram.h"

#define MEMORY	(128ULL << 20)

FIXTURE(boot) {
	struct vmm_ram ram;
	struct vmm_regs regs;
	struct image kernel;
	struct image initrd[17];
	struct boot_input in;
	struct why why;
};

typedef FIXTURE_DATA(boot) boot_data;

FIXTURE_SETUP(boot)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, vmm_ram_create(&self->ram, MEMORY));
	self->in = (struct boot_input){
		.kernel = &self->kernel,
		.initrd = self->initrd,
		.cmdline = "console=ttyS0 quiet",
		.cpus = 2,
		.ram = &self->ram,
	};
}

FIXTURE_TEARDOWN(boot)
{
	image_free(&self->kernel);
	for (int i = 0; i < 17; i++)
		image_free(&self->initrd[i]);
	vmm_ram_destroy(&self->ram);
}

static void add_initrd(boot_data *self, size_t len, uint8_t fill)
{
	struct image *image = &self->initrd[self->in.initrds++];

	*image = (struct image){ "initrd", malloc(len), len };
	memset(image->data, fill, len);
}

static void new_memory(boot_data *self, uint64_t size)
{
	vmm_ram_destroy(&self->ram);
	if (vmm_ram_create(&self->ram, size))
		abort();
}

#define LOAD()		boot_load(&self->in, &self->regs, &self->why)
#define AT(gpa)		((uint8_t *)vmm_ram_hva(&self->ram, gpa, 1))
#define U32(gpa)	((uint32_t)get(AT(gpa), 4))
#define U64(gpa)	get(AT(gpa), 8)

/* Some protocols pack their structures: nothing is aligned. */
static uint64_t get(const uint8_t *at, unsigned int len)
{
	uint64_t value = 0;

	memcpy(&value, at, len);
	return value;
}

#define EXPECT_LOADED()							\
	ASSERT_EQ(0, LOAD()) {						\
		TH_LOG("%s", self->why.text);				\
	}

#define EXPECT_WHY(part) do {						\
	EXPECT_EQ(-1, LOAD());						\
	EXPECT_NE(NULL, strstr(self->why.text, part)) {			\
		TH_LOG("\"%s\" is not in \"%s\"", part, self->why.text);\
	}								\
} while (0)

TEST_F(boot, linux_starts_in_64_bit_mode)
{
	const struct boot_params *params;
	uint64_t gdt_code;

	self->kernel = make_bzimage();
	EXPECT_LOADED();
	EXPECT_EQ(BZ_PREF_GPA + 0x200, self->regs.rip);
	EXPECT_EQ(LAYOUT_INFO_GPA, self->regs.gpr[VMM_REG_RSI]);
	EXPECT_EQ(2, self->regs.rflags);
	EXPECT_EQ(0x10, self->regs.seg[VMM_SEG_CS].selector);
	EXPECT_EQ(0xa09b, self->regs.seg[VMM_SEG_CS].access);
	EXPECT_EQ(0x18, self->regs.seg[VMM_SEG_DS].selector);
	EXPECT_EQ(0xc093, self->regs.seg[VMM_SEG_SS].access);
	EXPECT_EQ(0x8b, self->regs.seg[VMM_SEG_TR].access);
	EXPECT_EQ(0x500, self->regs.efer);
	EXPECT_EQ(0x80000031, self->regs.cr0);
	EXPECT_EQ(0x20, self->regs.cr4);
	/* The GDT in memory agrees with the hidden parts. */
	gdt_code = U64(self->regs.gdtr_base + 0x10);
	EXPECT_EQ(0x00af9b000000ffff, gdt_code);
	EXPECT_EQ(0x00cf93000000ffff, U64(self->regs.gdtr_base + 0x18));

	for (int i = 0; i < BZ_PAYLOAD; i++)
		ASSERT_EQ((uint8_t)i, *AT(BZ_PREF_GPA + i));

	params = (const void *)AT(LAYOUT_INFO_GPA);
	EXPECT_EQ(LAYOUT_ROM_GPA, params->acpi_rsdp_addr);
	EXPECT_EQ(0xff, params->hdr.type_of_loader);
	EXPECT_STREQ("console=ttyS0 quiet", (char *)AT(params->hdr.cmd_line_ptr));
	EXPECT_EQ(4, params->e820_entries);
	EXPECT_EQ(LAYOUT_HIGH_GPA, params->e820_table[3].addr);
	EXPECT_EQ(MEMORY - LAYOUT_HIGH_GPA, params->e820_table[3].size);
}

TEST_F(boot, page_tables_map_4_gib_onto_themselves)
{
	self->kernel = make_bzimage();
	EXPECT_LOADED();
	for (uint64_t gla = 0; gla < 4ULL << 30; gla += 0x1234567) {
		uint64_t pml4e = U64(self->regs.cr3 + (gla >> 39 & 511) * 8);
		uint64_t pdpte = U64((pml4e & ~4095ULL) + (gla >> 30 & 511) * 8);
		uint64_t pde = U64((pdpte & ~4095ULL) + (gla >> 21 & 511) * 8);

		ASSERT_EQ(3, pml4e & 0xfff);
		ASSERT_EQ(3, pdpte & 0xfff);
		ASSERT_EQ(0x83, pde & 0xfff);
		ASSERT_EQ(gla & ~0x1fffffULL, pde & ~0x1fffffULL);
	}
}

TEST_F(boot, linux_initrds_are_joined)
{
	const struct boot_params *params;

	self->kernel = make_bzimage();
	add_initrd(self, 5, 0xaa);
	add_initrd(self, 4096, 0xbb);
	EXPECT_LOADED();
	params = (const void *)AT(LAYOUT_INFO_GPA);
	EXPECT_EQ(8 + 4096, params->hdr.ramdisk_size);
	EXPECT_EQ(0, params->hdr.ramdisk_image % 4096);
	EXPECT_LE(params->hdr.ramdisk_image + params->hdr.ramdisk_size, MEMORY);
	EXPECT_EQ(0xaa, *AT(params->hdr.ramdisk_image + 4));
	EXPECT_EQ(0x00, *AT(params->hdr.ramdisk_image + 5));
	EXPECT_EQ(0xbb, *AT(params->hdr.ramdisk_image + 8));
}

TEST_F(boot, linux_initrd_obeys_the_kernels_limit)
{
	self->kernel = make_bzimage();
	bz_header(&self->kernel)->initrd_addr_max = 0x4ffffff;
	add_initrd(self, 1 << 20, 1);
	EXPECT_LOADED();
	EXPECT_EQ(0x4f00000, ((struct boot_params *)AT(LAYOUT_INFO_GPA))->hdr.ramdisk_image);
	/* Below the limit lies the kernel, up to 0x3000000. */
	image_free(&self->initrd[0]);
	self->in.initrds = 0;
	new_memory(self, MEMORY);
	add_initrd(self, 0x2000000, 1);
	EXPECT_LOADED();
	EXPECT_EQ(0x3000000, ((struct boot_params *)AT(LAYOUT_INFO_GPA))->hdr.ramdisk_image);
	image_free(&self->initrd[0]);
	self->in.initrds = 0;
	new_memory(self, MEMORY);
	add_initrd(self, 0x2001000, 1);
	EXPECT_WHY("the initial RAM disk is 32.0 MiB");
}

TEST_F(boot, linux_refusals)
{
	char cmdline[3000];
	struct setup_header *hdr;

	self->kernel = make_bzimage();
	hdr = bz_header(&self->kernel);
	hdr->xloadflags = 0;
	EXPECT_WHY("32-bit kernel");
	hdr->xloadflags = XLF_KERNEL_64;
	hdr->version = 0x206;
	EXPECT_WHY("boot protocol 2.06");
	hdr->version = 0x20f;
	hdr->loadflags = 0;
	EXPECT_WHY("zImage");
	hdr->loadflags = LOADED_HIGH;
	hdr->syssize++;
	EXPECT_WHY("cut short");
	hdr->syssize = UINT32_MAX;
	EXPECT_WHY("cut short");
	hdr->syssize = 0;
	EXPECT_WHY("cut short");
	hdr->syssize = BZ_PAYLOAD / 16;
	hdr->pref_address = UINT64_MAX - 4096;
	EXPECT_WHY("damaged");
	hdr->pref_address = 0x1000;
	EXPECT_WHY("damaged");
	hdr->pref_address = BZ_PREF_GPA;
	hdr->init_size = 0x10000000;
	EXPECT_WHY("needs memory up to 272 MiB");
	hdr->init_size = BZ_INIT_SIZE;

	memset(cmdline, 'x', sizeof(cmdline));
	cmdline[2048] = '\0';
	self->in.cmdline = cmdline;
	EXPECT_WHY("has 2048 characters, this kernel takes 2047");
	cmdline[2047] = '\0';
	EXPECT_LOADED();
}

TEST_F(boot, linux_cut_short_anywhere)
{
	struct image whole = make_bzimage();

	for (size_t len = 0x206; len < whole.size; len += 61) {
		self->kernel = (struct image){ "bzImage", malloc(len), len };
		memcpy(self->kernel.data, whole.data, len);
		EXPECT_EQ(-1, LOAD());
		EXPECT_NE(NULL, strstr(self->why.text, "cut short"));
		image_free(&self->kernel);
	}
	image_free(&whole);
}

TEST_F(boot, pvh)
{
	uint64_t modules_gpa;

	self->kernel = make_elf64();
	add_initrd(self, 4096, 1);
	add_initrd(self, 10, 2);
	EXPECT_LOADED();
	EXPECT_EQ(ELF_PVH_ENTRY, self->regs.rip);
	EXPECT_EQ(LAYOUT_INFO_GPA, self->regs.gpr[VMM_REG_RBX]);
	EXPECT_EQ(0x31, self->regs.cr0);
	EXPECT_EQ(0, self->regs.efer);
	EXPECT_EQ(0xc09b, self->regs.seg[VMM_SEG_CS].access);
	EXPECT_EQ(0x90, *AT(ELF_GPA));
	EXPECT_EQ(0x336ec578, U32(LAYOUT_INFO_GPA));
	EXPECT_EQ(1, U32(LAYOUT_INFO_GPA + 4));
	EXPECT_EQ(2, U32(LAYOUT_INFO_GPA + 12));
	modules_gpa = U64(LAYOUT_INFO_GPA + 16);
	EXPECT_EQ(1, *AT(U64(modules_gpa)));
	EXPECT_EQ(4096, U64(modules_gpa + 8));
	EXPECT_EQ(2, *AT(U64(modules_gpa + 32)));
	EXPECT_STREQ("console=ttyS0 quiet", (char *)AT(U64(LAYOUT_INFO_GPA + 24)));
	EXPECT_EQ(LAYOUT_ROM_GPA, U64(LAYOUT_INFO_GPA + 32));
	EXPECT_EQ(4, U32(LAYOUT_INFO_GPA + 48));
}

TEST_F(boot, elf_refusals)
{
	struct elf64_layout *elf;

	self->kernel = make_elf64();
	elf = elf64(&self->kernel);
	elf->note.p_type = PT_NULL;
	EXPECT_WHY("neither a PVH note nor a multiboot header");
	elf->note.p_type = PT_NOTE;
	elf->ehdr.e_machine = EM_AARCH64;
	EXPECT_WHY("another processor");
	elf->ehdr.e_machine = EM_X86_64;
	elf->ehdr.e_type = ET_REL;
	EXPECT_WHY("no executable");
	elf->ehdr.e_type = ET_EXEC;
	elf->load.p_filesz = self->kernel.size;
	elf->load.p_memsz = self->kernel.size;
	EXPECT_WHY("cut short");
	elf->load.p_offset = UINT64_MAX;
	EXPECT_WHY("cut short");
	elf->load.p_offset = 0;
	elf->load.p_memsz = 1;
	EXPECT_WHY("damaged");
	elf->load.p_memsz = UINT64_MAX;
	EXPECT_WHY("damaged");
	elf->load.p_memsz = 1ULL << 40;
	EXPECT_WHY("the kernel needs 1 TiB at guest address 0x200000");
	elf->load.p_memsz = self->kernel.size;
	elf->load.p_paddr = LAYOUT_INFO_GPA;
	EXPECT_WHY("would overwrite the start info");
	elf->load.p_paddr = 0xf0000;
	EXPECT_WHY("would overwrite the firmware tables");
	elf->load.p_paddr = ELF_GPA;
	elf->load.p_type = PT_NULL;
	EXPECT_WHY("nothing to load");
	elf->ehdr.e_phnum = 0;
	EXPECT_WHY("program headers");
}

TEST_F(boot, elf_cut_short_anywhere)
{
	struct image whole = make_elf64();
	size_t end = offsetof(struct elf64_layout, text) + ELF_TEXT;

	for (size_t len = 4; len < end; len++) {
		self->kernel = (struct image){ "vmlinux", malloc(len), len };
		memcpy(self->kernel.data, whole.data, len);
		EXPECT_EQ(-1, LOAD());
		image_free(&self->kernel);
	}
	image_free(&whole);
}

TEST_F(boot, elf_without_physical_addresses_loads_by_virtual_ones)
{
	self->kernel = make_elf64();
	elf64(&self->kernel)->load.p_paddr = 0;
	elf64(&self->kernel)->load.p_vaddr = 0x400000;
	EXPECT_LOADED();
	EXPECT_EQ(0x90, *AT(0x400000));
}

TEST_F(boot, multiboot_elf)
{
	uint32_t mods, mmap;

	self->kernel = make_elf32();
	add_initrd(self, 100, 7);
	EXPECT_LOADED();
	EXPECT_EQ(ELF_ENTRY, self->regs.rip);
	EXPECT_EQ(0x2badb002, self->regs.gpr[VMM_REG_RAX]);
	EXPECT_EQ(LAYOUT_INFO_GPA, self->regs.gpr[VMM_REG_RBX]);
	EXPECT_EQ(0x31, self->regs.cr0);
	EXPECT_EQ(0x24d, U32(LAYOUT_INFO_GPA));
	EXPECT_EQ(639, U32(LAYOUT_INFO_GPA + 4));
	EXPECT_EQ((MEMORY >> 10) - 1024, U32(LAYOUT_INFO_GPA + 8));
	EXPECT_STREQ("console=ttyS0 quiet", (char *)AT(U32(LAYOUT_INFO_GPA + 16)));
	EXPECT_EQ(1, U32(LAYOUT_INFO_GPA + 20));
	mods = U32(LAYOUT_INFO_GPA + 24);
	EXPECT_EQ(7, *AT(U32(mods)));
	EXPECT_EQ(100, U32(mods + 4) - U32(mods));
	EXPECT_STREQ("initrd", (char *)AT(U32(mods + 8)));
	EXPECT_EQ(4 * 24, U32(LAYOUT_INFO_GPA + 44));
	mmap = U32(LAYOUT_INFO_GPA + 48);
	EXPECT_EQ(20, U32(mmap));
	EXPECT_EQ(0, U64(mmap + 4));
	EXPECT_EQ(1, U32(mmap + 20));
}

TEST_F(boot, multiboot_with_addresses)
{
	self->kernel = make_kludge();
	EXPECT_LOADED();
	EXPECT_EQ(KLUDGE_LOAD + 0x100, self->regs.rip);
	EXPECT_EQ(0x90, *AT(KLUDGE_LOAD + 0x100));
	EXPECT_EQ(0x1badb002, U32(KLUDGE_LOAD + KLUDGE_HEADER));
}

TEST_F(boot, multiboot_refusals)
{
	uint32_t *header;

	self->kernel = make_kludge();
	header = (uint32_t *)(self->kernel.data + KLUDGE_HEADER);
	set_multiboot(header, 0x10013);
	EXPECT_WHY("requires multiboot features");
	set_multiboot(header, 0x10003);
	header[3] = KLUDGE_LOAD + KLUDGE_HEADER + 1;
	EXPECT_WHY("lies about addresses");
	header[3] = 0;
	EXPECT_WHY("lies about addresses");
	header[3] = KLUDGE_LOAD + KLUDGE_HEADER;
	header[5] = KLUDGE_LOAD + 2000;
	EXPECT_WHY("cut short");
	header[5] = KLUDGE_LOAD - 1;
	EXPECT_WHY("cut short");
	header[5] = 0;
	EXPECT_LOADED();
	header[6] = 0xffffffff;
	EXPECT_WHY("give it more memory");
	/* No addresses and no ELF. */
	set_multiboot(header, 3);
	EXPECT_WHY("damaged ELF");
	image_free(&self->kernel);

	/* A multiboot header in a 64-bit ELF file. */
	self->kernel = make_elf64();
	elf64(&self->kernel)->note.p_type = PT_NULL;
	set_multiboot((uint32_t *)elf64(&self->kernel)->text, 3);
	EXPECT_WHY("elf32-i386");
}

TEST_F(boot, too_many_modules)
{
	self->kernel = make_elf32();
	for (int i = 0; i < 17; i++)
		add_initrd(self, 1, 1);
	EXPECT_WHY("more than 16 modules");
	image_free(&self->kernel);
	self->kernel = make_elf64();
	EXPECT_WHY("more than 16 modules");
}

TEST_F(boot, refused_images_say_why)
{
	self->kernel = (struct image){ "d.qcow2", calloc(1, 512), 512 };
	memcpy(self->kernel.data, "QFI\xfb", 4);
	EXPECT_WHY("d.qcow2 is a qcow2 disk image, not a kernel");
}

TEST_F(boot, tiny_memory_is_refused_not_crashed)
{
	struct image (*const make[])(void) = { make_bzimage, make_elf64, make_elf32 };

	new_memory(self, 2 << 20);
	for (int i = 0; i < 3; i++) {
		self->kernel = make[i]();
		EXPECT_EQ(-1, LOAD());
		image_free(&self->kernel);
	}
}

/* Flip every byte of every header: an error or a load, never a crash. */
TEST_F(boot, every_damaged_byte_is_survived)
{
	struct image (*const make[])(void) = { make_bzimage, make_elf64, make_elf32, make_kludge };
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	unsigned int loaded = 0, refused = 0;

	new_memory(self, 64 << 20);
	for (int i = 0; i < 4; i++) {
		for (size_t at = 0; at < 0x280; at++) {
			self->kernel = make[i]();
			if (at < self->kernel.size)
				self->kernel.data[at] ^= flips[at % 3];
			if (LOAD())
				refused++;
			else
				loaded++;
			image_free(&self->kernel);
		}
	}
	EXPECT_LT(100, loaded);
	EXPECT_LT(100, refused);
}

TEST(ram_has_a_hole)
{
	struct vmm_ram ram = { (uint8_t *)0x10000000, VMM_LOW_MAX, 4096 };

	EXPECT_EQ(ram.hva, vmm_ram_hva(&ram, 0, 1));
	EXPECT_EQ(ram.hva + VMM_LOW_MAX - 1, vmm_ram_hva(&ram, VMM_LOW_MAX - 1, 1));
	EXPECT_EQ(NULL, vmm_ram_hva(&ram, VMM_LOW_MAX - 1, 2));
	EXPECT_EQ(NULL, vmm_ram_hva(&ram, 0xf0000000, 1));
	EXPECT_EQ(ram.hva + VMM_LOW_MAX, vmm_ram_hva(&ram, VMM_HIGH_GPA, 4096));
	EXPECT_EQ(NULL, vmm_ram_hva(&ram, VMM_HIGH_GPA, 4097));
	EXPECT_EQ(NULL, vmm_ram_hva(&ram, UINT64_MAX, 2));
	EXPECT_EQ(NULL, vmm_ram_hva(&ram, 0, UINT64_MAX));
}

TEST(memory_map_with_high_memory)
{
	struct vmm_ram ram = { NULL, VMM_LOW_MAX, 1ULL << 30 };
	struct e820_range range[E820_MAX];
	unsigned int count = e820_build(&ram, range);

	ASSERT_EQ(5, count);
	EXPECT_EQ(VMM_HIGH_GPA, range[4].gpa);
	EXPECT_EQ(1ULL << 30, range[4].len);
	for (unsigned int i = 1; i < count; i++)
		EXPECT_LE(range[i - 1].gpa + range[i - 1].len, range[i].gpa);
}

TEST(nvram_sizes_saturate)
{
	struct vmm_ram ram = { NULL, VMM_LOW_MAX, 1ULL << 45 };
	struct nvram_byte byte[NVRAM_BYTES_MAX];
	unsigned int count = nvram_build(&ram, 64, byte);
	uint8_t cell[128] = { 0 };

	ASSERT_LE(count, NVRAM_BYTES_MAX);
	for (unsigned int i = 0; i < count; i++)
		cell[byte[i].offset] = byte[i].value;
	EXPECT_EQ(640, cell[0x15] | cell[0x16] << 8);
	EXPECT_EQ(0xffff, cell[0x17] | cell[0x18] << 8);
	EXPECT_EQ(0xbf00, cell[0x34] | cell[0x35] << 8);
	EXPECT_EQ(0xff, cell[0x5b]);
	EXPECT_EQ(0xff, cell[0x5d]);
	EXPECT_EQ(63, cell[0x5f]);
}

TEST_HARNESS_MAIN
