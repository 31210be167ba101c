// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The vCPU thread: run, see why the guest stopped, answer, run again.
 *
 * A thread is called back by a real-time signal whose handler sets
 * immediate_exit in the run page. The thread clears the flag before it looks
 * at its orders, and whoever gives an order sets the order first: so either
 * the order is seen, or the next VMM_RUN returns at once.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "death.h"
#include "machine.h"

#define KICK_SIGNAL	(SIGRTMIN + 0)

static __thread struct vmm_run *volatile own_run;

static void on_kick(int signal)
{
	(void)signal;
	if (own_run)
		__atomic_store_n(&own_run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

void run_init(void)
{
	struct sigaction action = { .sa_handler = on_kick };

	sigaction(KICK_SIGNAL, &action, NULL);
}

void run_kick(struct vcpu *vcpu)
{
	if (vcpu->has_thread && !atomic_load(&vcpu->gone))
		pthread_kill(vcpu->thread, KICK_SIGNAL);
}

/* --- exits ----------------------------------------------------------------- */

static void exit_none(struct vcpu *vcpu)
{
	(void)vcpu;
}

static void exit_io(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	struct vmm_run *run = vcpu->vmm.run;
	struct vmm_exit_io io = run->io;
	bool claimed = true;

	if (io.size != 1 && io.size != 2 && io.size != 4)
		return;
	if (io.count > VMM_RUN_DATA_MAX / io.size)
		io.count = VMM_RUN_DATA_MAX / io.size;
	for (uint32_t i = 0; i < io.count && !atomic_load(&machine->stop); i++) {
		uint8_t *data = run->data + i * io.size;
		uint32_t value = 0;

		if (io.in) {
			claimed &= pio_read(&machine->pio, io.port, io.size, &value);
			memcpy(data, &value, io.size);
		} else {
			memcpy(&value, data, io.size);
			claimed &= pio_write(&machine->pio, io.port, io.size, value);
		}
	}
	if (!claimed && log_is_verbose() && log_is_first(&machine->seen_port, io.port))
		log_verbose("vCPU %u: no device at port %#x (%s of %u bytes); told once",
			    vcpu->vmm.id, io.port, io.in ? "read" : "write", io.size);
}

static void exit_mmio(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	struct vmm_run *run = vcpu->vmm.run;
	uint32_t size = run->mmio.size <= 64 ? run->mmio.size : 64;
	bool claimed;

	if (run->mmio.write)
		claimed = machine_mmio_write(machine, run->mmio.gpa, run->data, size);
	else
		claimed = machine_mmio_read(machine, run->mmio.gpa, run->data, size);
	if (!claimed && log_is_verbose() && log_is_first(&machine->seen_mmio, run->mmio.gpa & ~4095ULL))
		log_verbose("vCPU %u: no device at guest address %#llx (%s of %u bytes); told once a page",
			    vcpu->vmm.id, (unsigned long long)run->mmio.gpa,
			    run->mmio.write ? "write" : "read", size);
}

static void exit_msr(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	struct vmm_run *run = vcpu->vmm.run;
	bool write = run->exit == VMM_EXIT_WRMSR;

	run->msr.fault = 1;
	if (log_is_verbose() &&
	    log_is_first(&machine->seen_msr, run->msr.index | (uint64_t)write << 32))
		log_verbose("vCPU %u: no MSR %#x (%s): the guest gets #GP; told once",
			    vcpu->vmm.id, run->msr.index, write ? "write" : "read");
}

static void exit_suspended(struct vcpu *vcpu)
{
	static const enum end_kind ends[] = {
		[VMM_SUSPEND_NONE]	= END_FAILED,
		[VMM_SUSPEND_RESET]	= END_RESET,
		[VMM_SUSPEND_POWEROFF]	= END_POWEROFF,
		[VMM_SUSPEND_HALT]	= END_HALT,
		[VMM_SUSPEND_TRIPLEFAULT] = END_TRIPLE_FAULT,
	};
	struct vmm_exit_suspended how = vcpu->vmm.run->suspended;
	enum end_kind kind = END_FAILED;

	if (how.how < sizeof(ends) / sizeof(ends[0]))
		kind = ends[how.how];
	machine_end(vcpu->machine, kind, 0);
	if (how.vcpu == vcpu->vmm.id && (kind == END_TRIPLE_FAULT || kind == END_HALT))
		death_report(vcpu, kind == END_HALT ? "all vCPUs halted with interrupts off" :
			     "triple fault");
}

static void die(struct vcpu *vcpu, const char *what)
{
	/* Only the first of several vCPUs that die together tells. */
	if (machine_end(vcpu->machine, END_FAILED, 0))
		death_report(vcpu, what);
}

static void exit_entry_failed(struct vcpu *vcpu)
{
	die(vcpu, "the processor refused to enter the guest");
}

static void exit_emulation(struct vcpu *vcpu)
{
	die(vcpu, "an instruction that accesses a device is beyond the emulator");
}

static void exit_memory(struct vcpu *vcpu)
{
	die(vcpu, "the host could not provide a page of the guest's memory");
}

static void exit_vmx(struct vcpu *vcpu)
{
	die(vcpu, "a VM exit that nobody handles");
}

static void (*const exit_table[])(struct vcpu *vcpu) = {
	[VMM_EXIT_NONE]		= exit_none,
	[VMM_EXIT_IO]		= exit_io,
	[VMM_EXIT_MMIO]		= exit_mmio,
	[VMM_EXIT_RDMSR]	= exit_msr,
	[VMM_EXIT_WRMSR]	= exit_msr,
	[VMM_EXIT_SUSPENDED]	= exit_suspended,
	[VMM_EXIT_ENTRY_FAILED]	= exit_entry_failed,
	[VMM_EXIT_EMULATION]	= exit_emulation,
	[VMM_EXIT_MEMORY]	= exit_memory,
	[VMM_EXIT_VMX]		= exit_vmx,
};

static void dispatch(struct vcpu *vcpu)
{
	uint32_t exit = vcpu->vmm.run->exit;

	if (exit < sizeof(exit_table) / sizeof(exit_table[0])) {
		exit_table[exit](vcpu);
		return;
	}
	log_error("vCPU %u: exit %u is newer than this program: upgrade it", vcpu->vmm.id, exit);
	machine_end(vcpu->machine, END_FAILED, 0);
}

void *run_vcpu(void *arg)
{
	struct vcpu *vcpu = arg;
	struct machine *machine = vcpu->machine;
	char name[16];

	own_run = vcpu->vmm.run;
	snprintf(name, sizeof(name), "vcpu%u", vcpu->vmm.id);
	pthread_setname_np(pthread_self(), name);

	for (;;) {
		int error;

		__atomic_store_n(&own_run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		if (atomic_exchange(&vcpu->dump, false))
			death_state(vcpu);
		if (atomic_load(&machine->stop))
			break;
		error = vmm_run(&vcpu->vmm);
		if (!error) {
			dispatch(vcpu);
		} else if (error != -EINTR) {
			log_error("vCPU %u cannot run: %s", vcpu->vmm.id, strerror(-error));
			machine_end(machine, END_FAILED, 0);
		}
	}
	/* own_run is unmapped after the join; no kick may touch it any more. */
	own_run = NULL;
	atomic_store(&vcpu->gone, true);
	return NULL;
}
