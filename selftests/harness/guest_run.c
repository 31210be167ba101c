// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Running a test guest: the harness's ports, the time limit, and threads.
 *
 * The limit is one timer for the process. Its signal sets immediate_exit in
 * all running vCPUs and interrupts their threads, so that a thread that is
 * about to enter the kernel is caught as well.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include "in_guest.h"

unsigned int guest_timeout_ms = 8000;

/* Shared with the signal handler; a slot is a vCPU in guest_run(). */
static struct {
	struct guest_cpu *cpu;
	pthread_t thread;
} running[GUEST_CPUS];
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t timed_out;

static void on_poke(int sig)
{
}

static void on_alarm(int sig)
{
	unsigned int i;

	timed_out = 1;
	for (i = 0; i < GUEST_CPUS; i++) {
		struct guest_cpu *cpu = running[i].cpu;

		if (!cpu)
			continue;
		cpu->run->immediate_exit = 1;
		pthread_kill(running[i].thread, SIGUSR2);
	}
}

static void set_timer(unsigned int ms)
{
	struct itimerval timer = {
		.it_value = { ms / 1000, ms % 1000 * 1000 },
		/* Again and again, for threads that come late. */
		.it_interval = { 0, ms ? 100000 : 0 },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void enlist(struct guest_cpu *cpu)
{
	struct sigaction alarm = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct sigaction poke = { .sa_handler = on_poke };
	bool first = true;
	unsigned int i;

	pthread_mutex_lock(&running_lock);
	for (i = 0; i < GUEST_CPUS; i++)
		first &= !running[i].cpu;
	if (first) {
		timed_out = 0;
		sigaction(SIGALRM, &alarm, NULL);
		sigaction(SIGUSR2, &poke, NULL);
	}
	for (i = 0; i < GUEST_CPUS && running[i].cpu; i++)
		;
	running[i].thread = pthread_self();
	__atomic_store_n(&running[i].cpu, cpu, __ATOMIC_SEQ_CST);
	if (first)
		set_timer(guest_timeout_ms);
	pthread_mutex_unlock(&running_lock);
}

static void strike_off(struct guest_cpu *cpu)
{
	bool last = true;
	unsigned int i;

	pthread_mutex_lock(&running_lock);
	for (i = 0; i < GUEST_CPUS; i++) {
		if (running[i].cpu == cpu)
			__atomic_store_n(&running[i].cpu, NULL, __ATOMIC_SEQ_CST);
		last &= !running[i].cpu;
	}
	if (last)
		set_timer(0);
	pthread_mutex_unlock(&running_lock);
	cpu->run->immediate_exit = 0;
}

static void tell_death(struct guest_cpu *cpu, uint64_t gla)
{
	/* struct guest_frame as words: vector is the 16th. */
	const uint64_t *frame = (const void *)(cpu->guest->mem + gla);

	if (gla > GUEST_MEM - 22 * 8)
		return;
	fprintf(stderr, "# vCPU %u: exception %llu error %#llx at %#llx rsp %#llx cr2 %#llx\n",
		cpu->id, (unsigned long long)frame[15], (unsigned long long)frame[16],
		(unsigned long long)frame[17], (unsigned long long)frame[20],
		(unsigned long long)cpu->run->regs.cr2);
}

/* An OUT to a port of the harness? Then what guest_run() returns, or 0. */
static int serve(struct guest_cpu *cpu)
{
	uint64_t value = cpu->run->regs.gpr[VMM_REG_RBX];

	switch (cpu->run->io.port) {
	case GUEST_PORT_DONE:
		cpu->result = value;
		return GUEST_DONE;
	case GUEST_PORT_CHAR:
		fputc(value & 0x7f, stderr);
		return 0;
	case GUEST_PORT_VALUE:
		if (cpu->values < GUEST_VALUES)
			cpu->value[cpu->values++] = value;
		return 0;
	case GUEST_PORT_DIED:
		tell_death(cpu, value);
		return GUEST_DIED;
	}
	return VMM_EXIT_IO;
}

static int run_loop(struct guest_cpu *cpu)
{
	int result;

	for (;;) {
		result = vmm_run_once(cpu->fd);
		if (timed_out) {
			fprintf(stderr, "# vCPU %u: no end after %u ms\n", cpu->id,
				guest_timeout_ms);
			return GUEST_TIMEOUT;
		}
		if (result)
			return result;
		if (cpu->run->exit == VMM_EXIT_NONE)
			continue;
		if (cpu->run->exit != VMM_EXIT_IO || cpu->run->io.in)
			return cpu->run->exit;
		result = serve(cpu);
		if (result)
			return result;
	}
}

int guest_run(struct guest_cpu *cpu)
{
	int result;

	enlist(cpu);
	result = run_loop(cpu);
	strike_off(cpu);
	return result;
}

static void *thread(void *arg)
{
	struct guest_cpu *cpu = arg;

	cpu->returned = guest_run(cpu);
	return NULL;
}

int guest_spawn(struct guest_cpu *cpu)
{
	cpu->returned = -EINPROGRESS;
	return -pthread_create(&cpu->thread, NULL, thread, cpu);
}

int guest_join(struct guest_cpu *cpu)
{
	pthread_join(cpu->thread, NULL);
	return cpu->returned;
}

int guest_call(struct guest *guest, void (*entry)(uint64_t arg), uint64_t arg)
{
	int error = guest_start64(&guest->cpu[0], entry, arg);

	return error ? error : guest_run(&guest->cpu[0]);
}

static const char *exit_name(uint32_t exit)
{
	static const char *const names[] = {
		"none", "I/O", "MMIO", "RDMSR", "WRMSR", "suspended", "entry failed",
		"emulation", "memory", "VMX", "debug", "protect",
	};

	return exit < sizeof(names) / sizeof(names[0]) ? names[exit] : "unknown";
}

static void show_exit(const struct vmm_run *run)
{
	unsigned int i;

	fprintf(stderr, "# exit %u (%s)", run->exit, exit_name(run->exit));
	switch (run->exit) {
	case VMM_EXIT_IO:
		fprintf(stderr, " port %#x size %u %s count %u", run->io.port, run->io.size,
			run->io.in ? "in" : "out", run->io.count);
		break;
	case VMM_EXIT_MMIO:
		fprintf(stderr, " gpa %#llx size %u %s", run->mmio.gpa, run->mmio.size,
			run->mmio.write ? "write" : "read");
		break;
	case VMM_EXIT_RDMSR:
	case VMM_EXIT_WRMSR:
		fprintf(stderr, " %#x value %#llx", run->msr.index, run->msr.value);
		break;
	case VMM_EXIT_SUSPENDED:
		fprintf(stderr, " how %u by %d", run->suspended.how, (int)run->suspended.vcpu);
		break;
	case VMM_EXIT_ENTRY_FAILED:
	case VMM_EXIT_VMX:
		fprintf(stderr, " reason %#x error %u qualification %#llx gpa %#llx gla %#llx: %s",
			run->vmx.reason, run->vmx.instruction_error, run->vmx.qualification,
			run->vmx.gpa, run->vmx.gla, run->vmx.rule);
		break;
	case VMM_EXIT_EMULATION:
		fprintf(stderr, " gpa %#llx gla %#llx bytes", run->emulation.gpa,
			run->emulation.gla);
		for (i = 0; i < run->emulation.inst_len; i++)
			fprintf(stderr, " %02x", run->emulation.inst[i]);
		break;
	case VMM_EXIT_PROTECT:
		fprintf(stderr, " gpa %#llx gla %#llx rip %#llx access %u flags %#x",
			run->protect.gpa, run->protect.gla, run->protect.rip, run->protect.access,
			run->protect.flags);
		break;
	case VMM_EXIT_MEMORY:
		fprintf(stderr, " gpa %#llx hva %#llx access %u error %d", run->memory.gpa,
			run->memory.hva, run->memory.access, run->memory.error);
		break;
	}
	fprintf(stderr, "\n");
}

void guest_show(struct guest_cpu *cpu)
{
	struct vmm_exit_log log = { .size = sizeof(log), .count = 8 };
	const struct vmm_run *run = cpu->run;
	struct vmm_regs regs;
	unsigned int i;

	fprintf(stderr, "# vCPU %u: ", cpu->id);
	show_exit(run);
	if (vmm_get_regs(cpu->fd, VMM_REGS_ALL, &regs))
		return;
	fprintf(stderr, "# rip %llx rflags %llx cr0 %llx cr2 %llx cr3 %llx cr4 %llx efer %llx\n",
		regs.rip, regs.rflags, regs.cr0, regs.cr2, regs.cr3, regs.cr4, regs.efer);
	for (i = 0; i < 16; i++)
		fprintf(stderr, "%s%llx%s", i % 8 ? " " : "# gpr ", regs.gpr[i],
			i % 8 == 7 ? "\n" : "");
	fprintf(stderr, "# cs %x base %llx access %x ss %x access %x activity %u blocking %x\n",
		regs.seg[VMM_SEG_CS].selector, regs.seg[VMM_SEG_CS].base,
		regs.seg[VMM_SEG_CS].access, regs.seg[VMM_SEG_SS].selector,
		regs.seg[VMM_SEG_SS].access, regs.activity, regs.interruptibility);
	if (vmm_call(cpu->fd, VMM_GET_EXITS, &log))
		return;
	for (i = 0; i < cpu->values; i++)
		fprintf(stderr, "%s%#llx%s", i % 8 ? " " : "# values ",
			(unsigned long long)cpu->value[i],
			i % 8 == 7 || i + 1 == cpu->values ? "\n" : "");
	for (i = 0; i < log.count; i++)
		fprintf(stderr, "# exit -%u: reason %u qualification %#llx rip %#llx\n", i,
			log.rec[i].reason, log.rec[i].qualification, log.rec[i].rip);
}
