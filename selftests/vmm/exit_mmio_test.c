// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory-mapped I/O: guest-physical memory without a segment is a device of
 * userspace, here a plain array. Whatever instruction the guest uses, the
 * array and the registers must end up as if it had been memory.
 */
#define GUEST_NAME	mmio
#define GUEST_VCPUS	1

#include "guest_fixture.h"

#define MMIO	0xd0000000ULL

static uint8_t device[4096];
static unsigned int reads, writes;

/* guest_run() with the array behind MMIO; accesses elsewhere end it. */
static int run(struct guest_cpu *cpu)
{
	struct vmm_run *run = cpu->run;
	uint64_t offset;
	int exit;

	while ((exit = guest_run(cpu)) == VMM_EXIT_MMIO) {
		offset = run->mmio.gpa - MMIO;
		if (offset > sizeof(device) || run->mmio.size > sizeof(device) - offset)
			break;
		if (run->mmio.write) {
			memcpy(device + offset, run->data, run->mmio.size);
			writes++;
		} else {
			memcpy(run->data, device + offset, run->mmio.size);
			reads++;
		}
	}
	return exit;
}

static int call(struct guest *guest, void (*entry)(uint64_t), uint64_t arg)
{
	int error = guest_start64(&guest->cpu[0], entry, arg);

	return error ? error : run(&guest->cpu[0]);
}

#define MOV(insn, ...)	asm volatile(insn : : __VA_ARGS__ : "memory")

static void g_write(uint64_t gpa)
{
	MOV("movb %b0, (%1)", "q"(0x81), "r"(gpa));
	MOV("movw %w0, 2(%1)", "r"(0x8281), "r"(gpa));
	MOV("movl %k0, 4(%1)", "r"(0x84838281), "r"(gpa));
	MOV("movq %0, 8(%1)", "r"(0x8887868584838281ULL), "r"(gpa));
	MOV("movb $0x17, 16(%0)", "r"(gpa));
	MOV("movl $0x17181920, 20(%0)", "r"(gpa));
	MOV("movq $-2, 24(%0)", "r"(gpa));
	g_done(0);
}

TEST_F(mmio, write)
{
	static const uint8_t want[32] = {
		0x81, 0, 0x81, 0x82, 0x81, 0x82, 0x83, 0x84,
		0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
		0x17, 0, 0, 0, 0x20, 0x19, 0x18, 0x17,
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};

	ASSERT_EQ(GUEST_DONE, call(&self->guest, g_write, MMIO));
	EXPECT_EQ(0, memcmp(device, want, sizeof(want)));
	EXPECT_EQ(7, writes);
	EXPECT_EQ(0, reads);
}

#define READ(insn) ({								\
	uint64_t _v = 0x1111111111111111;					\
	asm volatile(insn : "+r"(_v) : "r"(gpa) : "memory");			\
	g_value(_v);								\
})

static void g_read(uint64_t gpa)
{
	READ("movb (%1), %b0");
	READ("movw (%1), %w0");
	READ("movl (%1), %k0");
	READ("movq (%1), %0");
	READ("movzbl (%1), %k0");
	READ("movzwl (%1), %k0");
	READ("movsbq (%1), %0");
	READ("movswl (%1), %k0");
	READ("movslq (%1), %0");
	READ("movzbw (%1), %w0");
	g_done(0);
}

TEST_F(mmio, read)
{
	static const uint64_t want[] = {
		0x1111111111111181, 0x1111111111118281, 0x84838281, 0x8887868584838281,
		0x81, 0x8281, 0xffffffffffffff81, 0xffff8281, 0xffffffff84838281,
		0x1111111111110081,
	};
	unsigned int i;

	for (i = 0; i < 8; i++)
		device[i] = 0x81 + i;
	ASSERT_EQ(GUEST_DONE, call(&self->guest, g_read, MMIO));
	for (i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT_EQ(want[i], self->cpu->value[i])
			TH_LOG("read %u", i);
	EXPECT_EQ(ARRAY_SIZE(want), reads);
	EXPECT_EQ(0, writes);
}

/* The same instruction on the device and on memory; then all must be equal. */
struct outcome {
	uint64_t memory, reg, rflags;
};

#define RMW(insn) do {								\
	for (i = 0; i < 2; i++) {						\
		volatile uint64_t *p = (void *)(i ? gpa : GUEST_SCRATCH);	\
		uint64_t _reg = 0x123456789abcdef0, _flags, _rax = 0x5555;	\
										\
		*p = 0xfedcba9876543210;					\
		asm volatile("test %%rax, %%rax\n" insn				\
			     "\n pushfq\n pop %1"				\
			     : "+r"(_reg), "=r"(_flags), "+a"(_rax)		\
			     : "r"(p) : "memory", "cc");			\
		out[i] = (struct outcome) { *p ^ _rax, _reg, _flags };		\
	}									\
	if (out[0].memory != out[1].memory || out[0].reg != out[1].reg ||	\
	    out[0].rflags != out[1].rflags) {					\
		g_print("# " insn " differs\n");				\
		differ++;							\
	}									\
	count++;								\
} while (0)

/* Flags that an instruction leaves undefined are not compared: none of these does. */
static void g_rmw(uint64_t gpa)
{
	uint64_t differ = 0, count = 0;
	struct outcome out[2];
	int i;

	RMW("addb %b0, (%3)");
	RMW("addw %w0, (%3)");
	RMW("addl %k0, (%3)");
	RMW("addq %0, (%3)");
	RMW("addq (%3), %0");
	RMW("subl %k0, (%3)");
	RMW("subb $0x20, (%3)");
	RMW("cmpl %k0, (%3)");
	RMW("cmpq (%3), %0");
	RMW("cmpb $0x10, (%3)");
	RMW("adcl %k0, (%3)");
	RMW("sbbl (%3), %k0");
	RMW("incl (%3)");
	RMW("decb (%3)");
	RMW("negl (%3)");
	RMW("notq (%3)");
	RMW("xchgl %k0, (%3)");
	RMW("lock xaddl %k0, (%3)");
	RMW("lock cmpxchgl %k0, (%3)");
	RMW("btsl $5, (%3)\n setc %b0\n test %%rax, %%rax");
	RMW("btl $4, (%3)\n setc %b0\n test %%rax, %%rax");
	RMW("orl %k0, (%3)\n setz %b0\n test %%rax, %%rax");
	RMW("andl $0xff00, (%3)\n sets %b0\n test %%rax, %%rax");
	RMW("xorw %w0, (%3)\n setp %b0\n test %%rax, %%rax");
	RMW("testl %k0, (%3)\n setz %b0\n test %%rax, %%rax");
	RMW("movl %k0, (%3)");
	g_value(differ);
	g_done(count);
}

TEST_F(mmio, like_memory)
{
	ASSERT_EQ(GUEST_DONE, call(&self->guest, g_rmw, MMIO + 0x40));
	EXPECT_EQ(26, self->cpu->result);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_GT(reads, 26);
	EXPECT_GT(writes, 26);
}

static void g_strings(uint64_t gpa)
{
	uint64_t n = 100, di = gpa, si = GUEST_SCRATCH;
	uint8_t *memory = (uint8_t *)GUEST_SCRATCH;
	unsigned int i;

	for (i = 0; i < 400; i++)
		memory[i] = i;
	asm volatile("rep movsl" : "+c"(n), "+D"(di), "+S"(si) : : "memory");
	g_value(di - gpa);
	n = 400;
	si = gpa;
	di = GUEST_SCRATCH + 1000;
	asm volatile("rep movsb" : "+c"(n), "+D"(di), "+S"(si) : : "memory");
	for (i = 0; i < 400 && memory[1000 + i] == (uint8_t)i; i++)
		;
	g_value(i);
	n = 16;
	di = gpa;
	asm volatile("rep stosw" : "+c"(n), "+D"(di) : "a"(0xabcd) : "memory");
	g_value(n);
	asm volatile("lodsl" : "=a"(n), "+S"(gpa) : : "memory");
	g_done(n);
}

TEST_F(mmio, strings)
{
	unsigned int i;

	ASSERT_EQ(GUEST_DONE, call(&self->guest, g_strings, MMIO));
	EXPECT_EQ(400, self->cpu->value[0]);
	EXPECT_EQ(400, self->cpu->value[1]);
	EXPECT_EQ(0, self->cpu->value[2]);
	EXPECT_EQ(0xabcdabcd, self->cpu->result & 0xffffffff);
	for (i = 0; i < 32; i += 2)
		EXPECT_EQ(0, memcmp(device + i, "\xcd\xab", 2));
	EXPECT_EQ(32, device[32]);
	EXPECT_EQ(100 + 16, writes);
	EXPECT_EQ(400 + 1, reads);
}

static void g_straddle(uint64_t gpa)
{
	volatile uint32_t *edge = (void *)gpa;

	g_value(*edge);
	*edge = 0x44332211;
	g_done(*edge);
}

/* Half in memory, half beyond its end. */
TEST_F(mmio, straddle)
{
	memcpy(self->guest.mem + GUEST_MEM - 2, "\x01\x02", 2);
	ASSERT_EQ(0, guest_start64(self->cpu, g_straddle, GUEST_MEM - 2));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(GUEST_MEM, self->run->mmio.gpa);
	EXPECT_EQ(2, self->run->mmio.size);
	EXPECT_EQ(0, self->run->mmio.write);
	memcpy(self->run->data, "\x03\x04", 2);
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(1, self->run->mmio.write);
	EXPECT_EQ(GUEST_MEM, self->run->mmio.gpa);
	EXPECT_EQ(2, self->run->mmio.size);
	EXPECT_EQ(0, memcmp(self->run->data, "\x33\x44", 2));
	EXPECT_EQ(0, memcmp(self->guest.mem + GUEST_MEM - 2, "\x11\x22", 2));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	memcpy(self->run->data, "\x33\x44", 2);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x04030201, self->cpu->value[0]);
	EXPECT_EQ(0x44332211, self->cpu->result);
}

/* The answer reaches the register even if a signal comes first. */
TEST_F(mmio, answered_before_a_signal)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_read, MMIO));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	self->run->data[0] = 0x42;
	self->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, vmm_run_once(self->cpu->fd));
	self->run->immediate_exit = 0;
	ASSERT_EQ(GUEST_DONE, run(self->cpu));
	EXPECT_EQ(0x1111111111111142, self->cpu->value[0]);
}

static void g_elsewhere(uint64_t arg)
{
	g_done(arg);
}

/* Registers set during an MMIO exit take effect behind the instruction. */
TEST_F(mmio, registers_set_meanwhile)
{
	struct vmm_regs regs;
	bool by_page;

	for (by_page = false;; by_page = true) {
		ASSERT_EQ(0, guest_start64(self->cpu, g_write, MMIO));
		ASSERT_EXIT(VMM_EXIT_MMIO);
		ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_GPR, &regs));
		regs.rip = (uintptr_t)g_elsewhere;
		regs.gpr[VMM_REG_RDI] = 0x77;
		if (by_page) {
			self->run->regs = regs;
			self->run->regs_dirty = VMM_REGS_GPR;
		} else {
			ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_GPR, &regs));
		}
		ASSERT_EXIT(GUEST_DONE);
		EXPECT_EQ(0x77, self->cpu->result);
		if (by_page)
			break;
	}
}

static void g_kernel_mmio(uint64_t arg)
{
	g_value(lapic_read(0x30) & 0xff);	/* version */
	write32(0xfec00000, 1);			/* I/O APIC version */
	g_value(read32(0xfec00010));
	g_value(read32(0xfed00000) & 0xff);	/* HPET revision */
	g_done(0);
}

TEST_F(mmio, kernel_devices_do_not_exit)
{
	ASSERT_GUEST(g_kernel_mmio, 0);
	EXPECT_EQ(0x10, self->cpu->value[0] & 0xf0);
	EXPECT_EQ(VMM_IOAPIC_PINS - 1, self->cpu->value[1] >> 16 & 0xff);
	EXPECT_EQ(1, self->cpu->value[2]);
}

static void g_beyond(uint64_t arg)
{
	/* FXSAVE is nothing that a device could want. */
	asm volatile("fxsave (%0)" : : "r"(MMIO) : "memory");
	g_done(0);
}

TEST_F(mmio, beyond_the_emulator)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_beyond, 0));
	ASSERT_EXIT(VMM_EXIT_EMULATION);
	EXPECT_EQ(MMIO, self->run->emulation.gpa);
	EXPECT_EQ(MMIO, self->run->emulation.gla);
	EXPECT_GT(self->run->emulation.inst_len, 2);
	/* 0F AE /0, whatever the addressing. */
	EXPECT_NE(NULL, memmem(self->run->emulation.inst, self->run->emulation.inst_len,
			       "\x0f\xae", 2));
}

/*
 * The same address, other code: written over, then put there by the page
 * tables. 89 /r stores EAX, ECX or EDX at RDI; each must be the one executed.
 */
#define PAGE_1G		0x40000000ULL
#define CODE_A		0x100000ULL		/* in the 2 MiB page at 0 */
#define CODE_B		(0x600000ULL + CODE_A)	/* at the same place of another */

static void g_store(uint64_t code)
{
	asm volatile("call *%3"
		     : : "a"(1), "c"(2), "d"(3), "r"(code), "D"(MMIO) : "memory");
}

static void put_code(uint64_t gla, uint8_t modrm)
{
	volatile uint8_t *code = (volatile uint8_t *)gla;

	code[0] = 0x89;
	code[1] = modrm;
	code[2] = 0xc3;
}

static void g_change_code(uint64_t arg)
{
	volatile uint64_t *pde = (volatile uint64_t *)(GUEST_PD + 0x1000);

	put_code(CODE_A, 0x07);
	put_code(CODE_B, 0x17);
	*pde = 0x83;
	asm volatile("invlpg (%0)" : : "r"(PAGE_1G) : "memory");
	g_store(PAGE_1G + CODE_A);
	g_store(PAGE_1G + CODE_A);
	put_code(CODE_A, 0x0f);
	g_store(PAGE_1G + CODE_A);
	*pde = 0x600083;
	asm volatile("invlpg (%0)" : : "r"(PAGE_1G) : "memory");
	g_store(PAGE_1G + CODE_A);
	g_done(0);
}

TEST_F(mmio, changed_code_is_decoded_anew)
{
	static const uint32_t want[] = { 1, 1, 2, 3 };
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_change_code, 0));
	for (i = 0; i < 4; i++) {
		ASSERT_EXIT(VMM_EXIT_MMIO);
		EXPECT_EQ(want[i], *(uint32_t *)self->run->data) TH_LOG("store %u", i);
	}
	EXPECT_EQ(GUEST_DONE, guest_run(self->cpu));
}

static void g_vector(uint64_t arg)
{
	uint64_t low, high;

	write_cr0(read_cr0() & ~0xcULL);
	write_cr4(read_cr4() | 0x600);
	asm volatile("movdqu (%2), %%xmm5\n"
		     "movq %%xmm5, %0\n"
		     "movhlps %%xmm5, %%xmm6\n"
		     "movq %%xmm6, %1\n"
		     "movups %%xmm5, 32(%2)"
		     : "=&r"(low), "=&r"(high) : "r"(0xd0000000ULL) : "memory");
	g_value(low);
	g_value(high);
	g_value(G_TRY("movaps (%4), %%xmm5", "r"(0xd0000008ULL)));
	g_done(0);
}

/* Sixteen bytes in one access, through a register that no register block has. */
TEST_F(mmio, vector_registers)
{
	static const uint64_t data[] = { 0x1122334455667788, 0x99aabbccddeeff00 };

	ASSERT_EQ(0, guest_start64(self->cpu, g_vector, 0));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(16, self->run->mmio.size);
	EXPECT_EQ(0, self->run->mmio.write);
	memcpy(self->run->data, data, sizeof(data));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(1, self->run->mmio.write);
	EXPECT_EQ(0xd0000020, self->run->mmio.gpa);
	EXPECT_EQ(0, memcmp(self->run->data, data, sizeof(data)));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(data[0], self->cpu->value[0]);
	EXPECT_EQ(data[1], self->cpu->value[1]);
	EXPECT_EQ(G_FAULTED | 13, self->cpu->value[2]);
}

TEST_HARNESS_MAIN
