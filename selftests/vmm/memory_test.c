// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest memory is the owner's address space: whatever the host does to it, the
 * guest sees. Segments are added at SEG, where the guest's page tables map to
 * the same gpa.
 */
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG	0x10000000ULL
#define PAGES	16
#define LEN	(PAGES * 4096ULL)
#define R	VMM_PROT_READ
#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)
#define RWX	(RW | VMM_PROT_EXEC)

FIXTURE(memory) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
	uint8_t *hva;
};

FIXTURE_SETUP(memory)
{
	ASSERT_EQ(0, guest_create(&self->guest, 1));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
	self->hva = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->hva);
}

FIXTURE_TEARDOWN(memory)
{
	guest_destroy(&self->guest);
}

#define ADD(prot)	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, self->hva, LEN, prot))

static volatile uint64_t *g_page(unsigned int page)
{
	return (volatile uint64_t *)(SEG + page * 4096ULL);
}

/* Reads each page's first word, then writes it and the page's last word. */
static void g_all(uint64_t arg)
{
	uint64_t i, sum = 0;

	for (i = 0; i < PAGES; i++) {
		sum += *g_page(i);
		*g_page(i) = 0x1000 + i;
		g_page(i)[511] = ~i;
	}
	g_done(sum);
}

TEST_F(memory, read_and_write)
{
	uint64_t i, word, sum = 0;

	ADD(RW);
	for (i = 0; i < PAGES; i += 2) {
		memcpy(self->hva + i * 4096, &i, 8);
		sum += i;
	}
	ASSERT_GUEST(g_all, 0);
	EXPECT_EQ(sum, self->cpu->result);
	for (i = 0; i < PAGES; i++) {
		memcpy(&word, self->hva + i * 4096, 8);
		EXPECT_EQ(0x1000 + i, word);
		memcpy(&word, self->hva + i * 4096 + 4088, 8);
		EXPECT_EQ(~i, word);
	}
}

/* Touches page 0 at each turn; the test changes it in between. */
static void g_read_turns(uint64_t arg)
{
	for (;;) {
		outb(0x300, 0);
		g_value(*g_page(0));
	}
}

static void g_write_turns(uint64_t arg)
{
	for (;;) {
		outb(0x300, 0);
		*g_page(0) = ++arg;
	}
}

#define VALUE(n)	(self->cpu->value[self->cpu->values - 1 - (n)])

TEST_F(memory, taken_back)
{
	uint64_t word = 5;

	ADD(RW);
	memcpy(self->hva, &word, 8);
	ASSERT_EQ(0, guest_start64(self->cpu, g_read_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(5, VALUE(0));
	ASSERT_EQ(0, madvise(self->hva, LEN, MADV_DONTNEED));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0, VALUE(0));
	word = 6;
	memcpy(self->hva, &word, 8);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(6, VALUE(0))
		TH_LOG("the guest still sees the zero page");
}

TEST_F(memory, unmapped)
{
	ADD(RW);
	ASSERT_EQ(0, guest_start64(self->cpu, g_write_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, munmap(self->hva, LEN));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(SEG, self->run->memory.gpa);
	EXPECT_EQ((uintptr_t)self->hva, self->run->memory.hva);
	EXPECT_EQ(VMM_PROT_WRITE, self->run->memory.access);
	EXPECT_EQ(-EFAULT, self->run->memory.error);
	/* Again, until there is something. */
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	ASSERT_EQ(self->hva, mmap(self->hva, LEN, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(2, self->hva[0]);
}

TEST_F(memory, protected_by_the_host)
{
	ADD(RW);
	ASSERT_EQ(0, guest_start64(self->cpu, g_write_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(1, self->hva[0]);
	ASSERT_EQ(0, mprotect(self->hva, LEN, PROT_READ));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(-EFAULT, self->run->memory.error);
	EXPECT_EQ(VMM_PROT_WRITE, self->run->memory.access);
	EXPECT_EQ(1, self->hva[0]);
	ASSERT_EQ(0, mprotect(self->hva, LEN, PROT_READ | PROT_WRITE));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(2, self->hva[0]);
}

TEST_F(memory, fork_and_copy_on_write)
{
	int to_child[2], status;
	pid_t child;
	char c;

	ADD(RW);
	ASSERT_EQ(0, pipe(to_child));
	ASSERT_EQ(0, guest_start64(self->cpu, g_write_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_IO);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		/* What the guest writes after the fork is not for us. */
		if (read(to_child[0], &c, 1) != 1)
			_exit(2);
		_exit(self->hva[0] != 1);
	}
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(2, self->hva[0]);
	ASSERT_EQ(1, write(to_child[1], "", 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status)
		TH_LOG("the guest wrote into the child's copy");
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(3, self->hva[0]);
}

/* The guest reads first: it has the shared page until the host writes. */
TEST_F(memory, host_breaks_copy_on_write)
{
	uint64_t word = 7;
	pid_t child;
	int status;

	ADD(RW);
	memcpy(self->hva, &word, 8);
	ASSERT_EQ(0, guest_start64(self->cpu, g_read_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		pause();
		_exit(0);
	}
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(7, VALUE(0));
	word = 8;
	memcpy(self->hva, &word, 8);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(8, VALUE(0));
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, &status, 0));
}

static void g_read_only(uint64_t arg)
{
	g_value(*g_page(1));
	*(volatile uint32_t *)(SEG + 4096 + 4) = 0x12345678;
	g_value(*g_page(1));
	*(volatile uint8_t *)(SEG + 4096) += 1;
	g_done(0);
}

/* A ROM: reads are memory, writes are somebody's registers. */
TEST_F(memory, read_only_segment)
{
	uint64_t word = 0x1111111122222222;

	ADD(R);
	memcpy(self->hva + 4096, &word, 8);
	ASSERT_EQ(0, guest_start64(self->cpu, g_read_only, 0));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(SEG + 4096 + 4, self->run->mmio.gpa);
	EXPECT_EQ(4, self->run->mmio.size);
	EXPECT_EQ(1, self->run->mmio.write);
	EXPECT_EQ(0, memcmp(self->run->data, "\x78\x56\x34\x12", 4));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(SEG + 4096, self->run->mmio.gpa);
	EXPECT_EQ(1, self->run->mmio.write);
	EXPECT_EQ(0x23, self->run->data[0]);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(word, self->cpu->value[0]);
	EXPECT_EQ(word, self->cpu->value[1]);
	EXPECT_EQ(0, memcmp(self->hva + 4096, &word, 8));
}

static void g_execute(uint64_t gpa)
{
	((void (*)(void))gpa)();
	g_done(1);
}

TEST_F(memory, execute)
{
	ADD(RW);
	self->hva[0] = 0xc3;
	ASSERT_EQ(0, guest_start64(self->cpu, g_execute, SEG));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(SEG, self->run->memory.gpa);
	EXPECT_EQ(VMM_PROT_EXEC, self->run->memory.access);
	EXPECT_EQ(-EACCES, self->run->memory.error);
	/* The same memory, executable. */
	ASSERT_EQ(0, vmm_mem_remove(self->guest.vm, SEG, LEN));
	ADD(RWX);
	ASSERT_EXIT(GUEST_DONE);
}

static void g_execute_only(uint64_t gpa)
{
	((void (*)(void))gpa)();
	g_value(1);
	g_value(*(volatile uint8_t *)gpa);
	g_done(0);
}

TEST_F(memory, execute_only)
{
	if (vmm_mem_add(self->guest.vm, SEG, self->hva, LEN, VMM_PROT_EXEC))
		SKIP(return, "this processor has no execute-only EPT entries");
	self->hva[0] = 0xc3;
	ASSERT_EQ(0, guest_start64(self->cpu, g_execute_only, SEG));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(1, self->cpu->values);
	EXPECT_EQ(VMM_PROT_READ, self->run->memory.access);
	EXPECT_EQ(-EACCES, self->run->memory.error);
}

static void g_alias(uint64_t arg)
{
	*g_page(3) = 0xabcdef;
	g_value(*(volatile uint64_t *)(SEG + LEN + 3 * 4096));
	*(volatile uint64_t *)(SEG + LEN + 5 * 4096) = 77;
	g_value(*g_page(5));
	g_done(0);
}

/* One memfd at two places, and in the host at a third. */
TEST_F(memory, shared_file)
{
	int fd = memfd_create("guest", 0);
	uint8_t *map[3];
	unsigned int i;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, ftruncate(fd, LEN));
	for (i = 0; i < 3; i++) {
		map[i] = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_NE(MAP_FAILED, map[i]);
	}
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, map[0], LEN, RW));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG + LEN, map[1], LEN, RW));
	ASSERT_GUEST(g_alias, 0);
	EXPECT_EQ(0xabcdef, self->cpu->value[0]);
	EXPECT_EQ(77, self->cpu->value[1]);
	EXPECT_EQ(77, map[2][5 * 4096]);
	/* The file shrinks: SIGBUS for a process, an exit for a guest. */
	ASSERT_EQ(0, ftruncate(fd, 4096));
	ASSERT_EQ(0, guest_start64(self->cpu, g_alias, 0));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(SEG + 3 * 4096, self->run->memory.gpa);
	EXPECT_LT(self->run->memory.error, 0);
	ASSERT_EQ(0, ftruncate(fd, LEN));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(77, self->cpu->value[1]);
}

static void g_spin(uint64_t arg)
{
	uint64_t last = *g_page(0);

	g_sti();
	/* Until the segment goes and the read is answered by the test. */
	for (;;) {
		if (*g_page(0) != last)
			g_done(*g_page(0) - last);
		inb(0x61);
	}
}

static int move(int vm, uint64_t from, uint64_t to)
{
	struct vmm_memseg_move args = {
		.size = sizeof(args), .gpa = from, .len = LEN, .new_gpa = to,
	};

	return vmm_call(vm, VMM_MEMSEG_MOVE, &args);
}

static void g_count(uint64_t gpa)
{
	g_sti();
	for (;;)
		++*(volatile uint64_t *)gpa;
}

/* What it has written moves along; on return it cannot write at the old place. */
TEST_F(memory, moved_while_running)
{
	uint64_t before, after;
	unsigned int turn;

	ADD(RW);
	for (turn = 0; turn < 20; turn++) {
		uint64_t from = turn & 1 ? 2 * SEG : SEG, to = 3 * SEG - from;

		memcpy(&before, self->hva, 8);
		ASSERT_EQ(0, guest_start64(self->cpu, g_count, from));
		ASSERT_EQ(0, guest_spawn(self->cpu));
		usleep(turn * 300);
		ASSERT_EQ(0, move(self->guest.vm, from, to));
		memcpy(&after, self->hva, 8);
		ASSERT_EQ(VMM_EXIT_MMIO, guest_join(self->cpu))
			guest_show(self->cpu);
		EXPECT_EQ(from, self->run->mmio.gpa);
		EXPECT_EQ(0, memcmp(&after, self->hva, 8));
		EXPECT_GE(after, before);
	}
	EXPECT_GT(after, 0);
}

/* On return no vCPU can reach it, running or not. */
TEST_F(memory, removed_while_running)
{
	unsigned int turn;
	uint8_t answer = 1;
	int exit;

	for (turn = 0; turn < 20; turn++) {
		ADD(RW);
		ASSERT_EQ(0, guest_start64(self->cpu, g_spin, 0));
		ASSERT_EQ(0, guest_spawn(self->cpu));
		usleep(turn * 300);
		ASSERT_EQ(0, vmm_mem_remove(self->guest.vm, SEG, LEN));
		/* A guest that still had the page would see this. */
		self->hva[0]++;
		ASSERT_EQ(VMM_EXIT_MMIO, guest_join(self->cpu))
			guest_show(self->cpu);
		ASSERT_EQ(SEG, self->run->mmio.gpa);
		/* Another answer each time is what ends the guest's loop. */
		for (exit = VMM_EXIT_MMIO; exit == VMM_EXIT_MMIO; answer++) {
			memset(self->run->data, answer, 8);
			exit = guest_run(self->cpu);
		}
		ASSERT_EQ(GUEST_DONE, exit);
	}
}

TEST_F(memory, added_while_running)
{
	uint64_t turn;
	volatile uint64_t *word = (volatile uint64_t *)self->hva;

	for (turn = 0; turn < 20; turn++) {
		ADD(RW);
		*word = 100;
		ASSERT_EQ(0, guest_start64(self->cpu, g_spin, 0));
		ASSERT_EQ(0, guest_spawn(self->cpu));
		usleep(turn * 300);
		/* Another one appears and goes; the first is changed by the host. */
		ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG + LEN, self->hva, LEN, RW));
		ASSERT_EQ(0, vmm_mem_remove(self->guest.vm, SEG + LEN, LEN));
		/* Readable throughout: without it a read is rightly refused. */
		ASSERT_EQ(0, mprotect(self->hva, LEN, PROT_READ));
		ASSERT_EQ(0, mprotect(self->hva, LEN, PROT_READ | PROT_WRITE));
		/* However late its thread starts, the guest sees a change. */
		while (__atomic_load_n(&self->cpu->returned, __ATOMIC_RELAXED) == -EINPROGRESS) {
			++*word;
			usleep(1000);
		}
		ASSERT_EQ(GUEST_DONE, guest_join(self->cpu))
			guest_show(self->cpu);
		ASSERT_EQ(0, vmm_mem_remove(self->guest.vm, SEG, LEN));
	}
}

static int walk(int vm, uint64_t gpa, struct vmm_ept_walk *walk)
{
	*walk = (struct vmm_ept_walk) { .size = sizeof(*walk), .gpa = gpa };
	return vmm_call(vm, VMM_EPT_WALK, walk);
}

TEST_F(memory, ept_walk)
{
	struct vmm_ept_walk w;
	unsigned int i;

	ADD(R);
	ASSERT_EQ(0, walk(self->guest.vm, SEG, &w));
	EXPECT_LT(w.levels, 4)
		TH_LOG("mapped before it was touched");
	EXPECT_EQ(-ERANGE, walk(self->guest.vm, 1ULL << 48, &w));
	ASSERT_EQ(0, guest_start64(self->cpu, g_read_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, walk(self->guest.vm, SEG + 0x123, &w));
	ASSERT_EQ(4, w.levels);
	EXPECT_EQ(1, w.entry[3] & 7);		/* R alone */
	for (i = 0; i < 4; i++)
		EXPECT_NE(0, w.entry[i] & 0xffffffffff000);
	/* Host-physical addresses are not for users. */
	if (geteuid())
		return;
	ASSERT_EQ(0, setresuid(1234, 1234, 1234));
	ASSERT_EQ(0, walk(self->guest.vm, SEG, &w));
	ASSERT_EQ(4, w.levels);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, w.entry[i] & 0xffffffffff000);
}

TEST_HARNESS_MAIN
