// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory without struct page: the VGA window, as /dev/mem maps it. A VFIO BAR is
 * a mapping of the same kind (VM_PFNMAP).
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG	0x10000000ULL
#define VGA	0xb8000
#define LEN	0x4000UL
#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)

FIXTURE(pfn) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
	int mem;
	volatile uint16_t *vga;
};

FIXTURE_SETUP(pfn)
{
	ASSERT_EQ(0, guest_create(&self->guest, 1));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
	self->mem = open("/dev/mem", O_RDWR | O_SYNC);
	if (self->mem < 0)
		SKIP(return, "no /dev/mem here");
	self->vga = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, self->mem, VGA);
	if (self->vga == MAP_FAILED)
		SKIP(return, "/dev/mem does not map the VGA window");
}

FIXTURE_TEARDOWN(pfn)
{
	if (self->vga && self->vga != MAP_FAILED)
		munmap((void *)self->vga, LEN);
	close(self->mem);
	guest_destroy(&self->guest);
}

/* Copies the words of the first page to the second, plus one. */
static void g_copy(uint64_t arg)
{
	volatile uint16_t *word = (volatile uint16_t *)SEG;
	unsigned int i;

	outb(0x300, 0);
	for (i = 0; i < 64; i++)
		word[2048 + i] = word[i] + 1;
	outb(0x300, 0);
	g_value(word[0]);
	g_done(0);
}

TEST_F(pfn, follows_its_mapping)
{
	struct vmm_ept_walk w = { .size = sizeof(w), .gpa = SEG };
	unsigned int i;

	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, (void *)self->vga, LEN, RW));
	for (i = 0; i < 64; i++)
		self->vga[i] = 0x700 + i;
	ASSERT_EQ(0, guest_start64(self->cpu, g_copy, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_IO);
	for (i = 0; i < 64; i++)
		EXPECT_EQ(0x701 + i, self->vga[2048 + i]);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_EPT_WALK, &w));
	ASSERT_EQ(4, w.levels);
	EXPECT_EQ(0, w.entry[3] >> 3 & 7)
		TH_LOG("device memory must be uncacheable, entry %#llx", w.entry[3]);
	EXPECT_EQ(1, w.entry[3] >> 6 & 1)
		TH_LOG("and the guest's PAT must not change that");
	/* The mapping goes: so does the guest's. */
	ASSERT_EQ(0, munmap((void *)self->vga, LEN));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(SEG, self->run->memory.gpa);
	EXPECT_EQ(-EFAULT, self->run->memory.error);
	/* Another one at the same place, read-only. */
	ASSERT_EQ((void *)self->vga, mmap((void *)self->vga, LEN, PROT_READ,
					  MAP_SHARED | MAP_FIXED, self->mem, VGA));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x700, self->cpu->value[0]);
	ASSERT_EQ(0, guest_start64(self->cpu, g_copy, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(VMM_PROT_WRITE, self->run->memory.access);
}

static void g_string(uint64_t port)
{
	const volatile uint8_t *from = (const volatile uint8_t *)SEG;
	uint64_t count = 4;

	asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(port) : "memory");
	g_done(0);
}

/* The kernel's own reads of such memory go through the owner's mapping. */
TEST_F(pfn, emulated_access)
{
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, (void *)self->vga, LEN, RW));
	self->vga[0] = 0x0741;
	self->vga[1] = 0x0742;
	ASSERT_EQ(0, guest_start64(self->cpu, g_string, 0x300));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0, memcmp(self->run->data, "\x41", 1));
}

TEST_HARNESS_MAIN
