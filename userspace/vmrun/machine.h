/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One guest machine: its VM, memory, vCPU threads and board devices. A reset
 * of the guest makes a new one; what outlives that (terminal, files, options)
 * is the session's.
 *
 * Locks: machine.end_lock, and one lock in each device. All are leaves. The
 * port table and everything set at creation is constant while vCPUs run.
 */
#ifndef VMRUN_MACHINE_H
#define VMRUN_MACHINE_H

#include <libvmm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "backend/chr.h"
#include "boot/firmware.h"
#include "boot/image.h"
#include "dev/acpi_pm.h"
#include "dev/chipset.h"
#include "dev/com.h"
#include "dev/debugcon.h"
#include "dev/fwcfg.h"
#include "dev/kbc.h"
#include "dev/pflash.h"
#include "dev/pvpanic.h"
#include "dev/reset.h"
#include "devices.h"
#include "exits.h"
#include "log.h"
#include "opts.h"
#include "pio.h"

struct machine;

struct vcpu {
	struct machine *machine;
	struct vmm_vcpu vmm;
	pthread_t thread;
	bool has_thread;
	atomic_bool dump;	/* print the state at the next chance */
	atomic_bool gone;	/* the thread has nothing more to do */
};

struct machine {
	const struct options *opts;
	struct chr *chr;
	struct devices *devices;
	int end_fd;		/* eventfd of the session: it has ended */

	int vm;			/* descriptor */
	struct vmm_ram ram;
	const struct firmware *firmware;	/* NULL: a kernel was loaded */
	struct vmm_regs start;	/* of vCPU 0 without firmware: the groups BOOT_REGS */
	struct vcpu vcpu[VMM_MAX_VCPUS];
	unsigned int vcpus;
	atomic_bool stop;	/* vCPU threads: leave */

	pthread_mutex_t end_lock;
	struct end end;

	struct pio pio;
	struct chipset chipset;
	struct com com;
	struct acpi_pm pm;
	struct kbc kbc;
	struct reset reset;
	struct debugcon debugcon;
	struct pvpanic pvpanic;
	struct fwcfg fwcfg;	/* with firmware only */
	struct pflash pflash;	/* with variables only: len is not 0 then */
	struct log_seen seen_port, seen_mmio, seen_msr;
};

/* Firmware, or a kernel with what belongs to it. */
struct machine_images {
	struct firmware firmware;	/* code NULL: none */
	struct image kernel;
	struct image initrd[OPTS_INITRDS_MAX];
	unsigned int initrds;
};

/*
 * Guest memory with everything loaded: all that can be done, and can go wrong,
 * without the module. @machine is zeroed but for opts, chr, devices and end_fd.
 * 0, or -1 with @why. Ends with machine_destroy() either way.
 */
int machine_load(struct machine *machine, const struct machine_images *images, struct why *why);

/*
 * VM, vCPUs and board, up to the first instruction. 0; -1 with @why and, where
 * the module refused, its errno in @refused (else 0).
 */
int machine_create(struct machine *machine, int ctl, struct why *why, int *refused);
void machine_destroy(struct machine *machine);

/* Start the vCPU threads. */
int machine_start(struct machine *machine, struct why *why);

/*
 * Make all vCPU threads leave and wait for them. False if one does not leave
 * within five seconds: the machine must not be destroyed then.
 */
bool machine_stop(struct machine *machine);

/* Any thread: the run is over. The first end counts. Returns whether it was this. */
bool machine_end(struct machine *machine, enum end_kind kind, unsigned int value);
struct end machine_how_ended(struct machine *machine);

/* Any thread: each vCPU thread prints its state. */
void machine_dump(struct machine *machine);

/*
 * A guest access that no memory segment took: @size up to 64 bytes. False if no
 * device claims it; @data of a read is all ones then.
 */
bool machine_mmio_read(struct machine *machine, uint64_t gpa, void *data, unsigned int size);
bool machine_mmio_write(struct machine *machine, uint64_t gpa, const void *data,
			unsigned int size);

/* The command line in force: --append or the default. */
const char *machine_cmdline(const struct machine *machine);

/* --- run.c ---------------------------------------------------------------- */

/* Once per process, before vCPU threads exist. */
void run_init(void);
void *run_vcpu(void *vcpu);
/* Make the vCPU's thread look at machine.stop and vcpu.dump. Any thread. */
void run_kick(struct vcpu *vcpu);

#endif /* VMRUN_MACHINE_H */
