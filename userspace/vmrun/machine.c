// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Building a machine and taking it down again: memory, VM, board devices,
 * vCPUs, the guest's first instruction.
 *
 * Loading comes before the module is asked for anything, so that a wrong file
 * is told first. machine_destroy() works on a machine that is half built; the
 * VM itself dies with its descriptors.
 */
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "boot/acpi.h"
#include "boot/boot.h"
#include "boot/fwtables.h"
#include "boot/mtrr.h"
#include "events.h"
#include "log.h"
#include "nvram.h"

const char *machine_cmdline(const struct machine *machine)
{
	return machine->opts->append ? machine->opts->append : "console=ttyS0";
}

/* --- what devices ask of the machine -------------------------------------- */

static void on_power_off(void *ctx)
{
	machine_end(ctx, END_POWEROFF, 0);
}

static void on_reset(void *ctx)
{
	machine_end(ctx, END_RESET, 0);
}

static void on_code(void *ctx, uint32_t value)
{
	machine_end(ctx, END_CODE, value);
}

static void on_sci(void *ctx, bool level)
{
	struct machine *machine = ctx;

	vmm_isa_irq(machine->vm, BOARD_SCI_IRQ, BOARD_SCI_IRQ,
		    level ? VMM_IRQ_ASSERT : VMM_IRQ_DEASSERT);
}

static void on_pci_line(void *ctx, unsigned int line, bool level)
{
	struct machine *machine = ctx;

	vmm_ioapic_irq(machine->vm, BOARD_PCI_PIN + line, level ? VMM_IRQ_ASSERT : VMM_IRQ_DEASSERT);
}

static void on_pirq(void *ctx, unsigned int irq, bool level)
{
	struct machine *machine = ctx;

	vmm_isa_irq(machine->vm, irq, irq, level ? VMM_IRQ_ASSERT : VMM_IRQ_DEASSERT);
}

static void on_message(void *ctx, const struct pci_message *message)
{
	struct machine *machine = ctx;

	/* An address that is no APIC's is the guest's mistake: the write goes nowhere. */
	vmm_lapic_msi(machine->vm, message->gpa, message->data);
}

static int on_flash_show(void *ctx, bool on)
{
	struct machine *machine = ctx;
	const struct pflash *flash = &machine->pflash;

	if (on)
		return vmm_memseg_add(machine->vm, flash->gpa, flash->len, flash->data,
				      VMM_PROT_READ);
	return vmm_memseg_remove(machine->vm, flash->gpa, flash->len);
}

static void *on_fwcfg_hva(void *ctx, uint64_t gpa, uint64_t len)
{
	struct machine *machine = ctx;

	return vmm_ram_hva(&machine->ram, gpa, len);
}

static void on_panic(void *ctx, unsigned int events)
{
	event_tell(events & PVPANIC_PANICKED ? "panic" : "crash-kernel");
	/* A crash kernel takes over: the run goes on. */
	if (events & PVPANIC_PANICKED)
		machine_end(ctx, END_PANIC, 0);
}

static void on_debug_byte(void *ctx, uint8_t byte)
{
	(void)ctx;
	if (log_is_verbose())
		fputc(byte, stderr);
}

/* --- creation -------------------------------------------------------------- */

static int create_memory(struct machine *machine, struct why *why)
{
	int error = vmm_ram_create(&machine->ram, machine->opts->memory);

	if (error)
		return why_set(why,
			       "no %s of address space for the guest's memory: %s (see ulimit -v)",
			       why_size(machine->opts->memory), strerror(-error));
	return 0;
}

static int attach_memory(struct machine *machine, struct why *why, int *refused)
{
	int error = vmm_ram_attach(&machine->ram, machine->vm);

	if (!error)
		return 0;
	*refused = -error;
	if (error == -ERANGE)
		return why_set(why,
			       "%s of memory are more than this processor's guests can address: choose a smaller -m",
			       why_size(machine->opts->memory));
	return why_set(why, "the module refuses the guest's memory of %s: %s",
		       why_size(machine->opts->memory), strerror(-error));
}

static int create_vm(struct machine *machine, int ctl, struct why *why, int *refused)
{
	char text[256] = "";
	struct vmm_info info;

	machine->vm = vmm_vm_create(ctl, machine->opts->name);
	if (machine->vm >= 0)
		return 0;
	*refused = -machine->vm;
	switch (machine->vm) {
	case -EEXIST:
		return why_set(why, "a VM named %s exists already: vmmctl list shows whose",
			       machine->opts->name);
	case -EUSERS:
		return why_set(why, "you have as many VMs as the module allows one user");
	default:
		break;
	}
	/* What stood in the way stands in the info block since. */
	if (!vmm_get_info(ctl, &info))
		vmm_refusal_text(&info, text, sizeof(text));
	return why_set(why, "the module refuses a VM: %s", text[0] ? text : strerror(*refused));
}

/* Before the vCPUs: MSRs that nobody knows are to be told of, if at all. */
static int set_policy(struct machine *machine, struct why *why, int *refused)
{
	struct vmm_msr_filter filter = { .flags = VMM_MSR_UNKNOWN };
	int error = log_is_verbose() ? vmm_set_msr_filter(machine->vm, &filter) : 0;

	if (!error)
		return 0;
	*refused = -error;
	return why_set(why, "the MSR filter: %s", strerror(-error));
}

/* What firmware does on every processor, where there is none. */
static int set_memory_types(struct machine *machine, struct why *why, int *refused)
{
	struct vmm_cpuid cpuid;
	struct vmm_msrs msrs;
	int error;

	if (machine->firmware)
		return 0;
	error = vmm_get_cpuid(machine->vm, &cpuid);
	if (!error)
		boot_mtrrs(&msrs, boot_gpa_width(&cpuid));
	for (unsigned int i = 0; i < machine->vcpus && !error; i++)
		error = vmm_set_msrs(&machine->vcpu[i].vmm, &msrs);
	if (!error)
		return 0;
	*refused = -error;
	return why_set(why, "the module refuses memory types: %s", strerror(-error));
}

static int create_vcpus(struct machine *machine, struct why *why, int *refused)
{
	for (unsigned int i = 0; i < machine->opts->cpus; i++) {
		struct vcpu *vcpu = &machine->vcpu[i];
		int error = vmm_vcpu_create(machine->vm, i, &vcpu->vmm);

		if (error) {
			*refused = -error;
			return why_set(why, "vCPU %u of %u: %s", i, machine->opts->cpus,
				       strerror(-error));
		}
		vcpu->machine = machine;
		machine->vcpus++;
	}
	for (unsigned int i = 0; i < machine->vcpus; i++) {
		int error = vmm_vcpu_activate(&machine->vcpu[i].vmm);

		if (error) {
			*refused = -error;
			return why_set(why, "vCPU %u: activation: %s", i, strerror(-error));
		}
	}
	return 0;
}

/* Devices in the kernel: give them the board's numbers. */
static int set_up_kernel_devices(struct machine *machine, struct why *why, int *refused)
{
	int error;

	error = vmm_isa_set_irq_trigger(machine->vm, BOARD_SCI_IRQ, VMM_TRIGGER_LEVEL);
	for (unsigned int i = 0; i < PIRQ_PINS && !error; i++)
		error = vmm_isa_set_irq_trigger(machine->vm, pirq_irq(pirq_initial(i)),
						VMM_TRIGGER_LEVEL);
	if (!error)
		error = vmm_pmtmr_locate(machine->vm, BOARD_PM_TIMER_PORT);
	if (!error)
		error = vmm_rtc_set_time(machine->vm, time(NULL));
	if (!error)
		error = nvram_write(machine->vm, &machine->ram, machine->vcpus);
	if (!error)
		return 0;
	*refused = -error;
	return why_set(why, "the module refuses the board's set-up: %s", strerror(-error));
}

static int create_board(struct machine *machine, struct why *why)
{
	struct chipset_sink chipset_sink = { on_pirq, on_pci_line, on_message, machine };
	struct acpi_pm_sink pm_sink = { on_power_off, on_sci, machine };

	machine->debugcon = (struct debugcon){ on_debug_byte, on_code, machine };
	com_init(&machine->com, &machine->pio, machine->vm, machine->chr, &machine->stop);
	acpi_pm_init(&machine->pm, &machine->pio, &pm_sink);
	kbc_init(&machine->kbc, &machine->pio, on_reset, machine);
	reset_init(&machine->reset, &machine->pio, on_reset, machine);
	debugcon_init(&machine->debugcon, &machine->pio);
	machine->pvpanic = (struct pvpanic){ on_panic, machine };
	pvpanic_init(&machine->pvpanic, &machine->pio);
	chipset_init(&machine->chipset, &machine->pio, &chipset_sink);
	if (devices_attach(machine->devices, &machine->chipset.pci, &machine->ram, machine->vm,
			   why))
		return -1;
	chipset_reset(&machine->chipset, !machine->firmware, acpi_pci_start(machine->ram.low));
	return 0;
}

/* Firmware with its ways to ask for things, and the flash behind it. */
static int create_firmware(struct machine *machine, struct why *why, int *refused)
{
	const struct firmware *firmware = machine->firmware;
	struct fwtables_board board = { .cpus = machine->vcpus, .ram = &machine->ram };
	char order[FWTABLES_ORDER_MAX];
	int error;

	if (!firmware)
		return 0;
	fwcfg_init(&machine->fwcfg, &machine->pio, on_fwcfg_hva, machine);
	board.boot_order = fwtables_boot_order(&machine->chipset.pci, order);
	if (!fwtables_add(&machine->fwcfg, &board))
		return why_set(why, "no memory for the firmware's tables");
	error = firmware_attach(firmware, machine->vm);
	if (!error && firmware->vars) {
		pflash_init(&machine->pflash, firmware->vars, firmware->vars_len,
			    firmware_vars_gpa(firmware), on_flash_show, machine);
		error = pflash_reset(&machine->pflash);
	}
	if (!error)
		return 0;
	*refused = -error;
	return why_set(why, "the module refuses the firmware's memory: %s", strerror(-error));
}

/* Registers the loader does not know of keep their reset values. */
static int set_start_state(struct machine *machine, struct why *why, int *refused)
{
	struct vmm_vcpu *boot_cpu = &machine->vcpu[0].vmm;
	struct vmm_regs *start = &machine->start;
	struct vmm_regs reset;
	int error;

	/* Firmware begins where the processor does. */
	if (machine->firmware)
		return 0;

	error = vmm_get_regs(boot_cpu, BOOT_REGS, &reset);
	if (!error) {
		start->cr2 = reset.cr2;
		start->cr8 = reset.cr8;
		start->xcr0 = reset.xcr0;
		memcpy(start->pdpte, reset.pdpte, sizeof(reset.pdpte));
		error = vmm_set_regs(boot_cpu, BOOT_REGS, start);
	}
	if (!error)
		return 0;
	*refused = -error;
	return why_set(why, "the module refuses the start state of vCPU 0: %s", strerror(-error));
}

int machine_load(struct machine *machine, const struct machine_images *images, struct why *why)
{
	struct boot_input in = {
		.kernel = &images->kernel,
		.initrd = images->initrd,
		.initrds = images->initrds,
		.cmdline = machine_cmdline(machine),
		.cpus = machine->opts->cpus,
		.ram = &machine->ram,
	};

	machine->vm = -1;
	pthread_mutex_init(&machine->end_lock, NULL);
	if (create_memory(machine, why))
		return -1;
	if (images->firmware.code) {
		machine->firmware = &images->firmware;
		firmware_copy_low(machine->firmware, &machine->ram);
		return 0;
	}
	return boot_load(&in, &machine->start, why);
}

int machine_create(struct machine *machine, int ctl, struct why *why, int *refused)
{
	*refused = 0;
	if (create_vm(machine, ctl, why, refused) ||
	    attach_memory(machine, why, refused) ||
	    set_policy(machine, why, refused) ||
	    create_vcpus(machine, why, refused) ||
	    set_memory_types(machine, why, refused) ||
	    set_up_kernel_devices(machine, why, refused) ||
	    set_start_state(machine, why, refused))
		return -1;
	if (create_board(machine, why))
		return -1;
	return create_firmware(machine, why, refused);
}

void machine_destroy(struct machine *machine)
{
	devices_detach(machine->devices);
	for (unsigned int i = 0; i < machine->vcpus; i++)
		vmm_vcpu_close(&machine->vcpu[i].vmm);
	if (machine->vm >= 0)
		close(machine->vm);
	vmm_ram_destroy(&machine->ram);
	if (machine->pio.count) {
		com_fini(&machine->com);
		acpi_pm_fini(&machine->pm);
		kbc_fini(&machine->kbc);
		chipset_fini(&machine->chipset);
	}
	if (machine->fwcfg.hva)
		fwcfg_fini(&machine->fwcfg);
	if (machine->pflash.len)
		pflash_fini(&machine->pflash);
	pthread_mutex_destroy(&machine->end_lock);
}

/* --- accesses -------------------------------------------------------------- */

bool machine_mmio_read(struct machine *machine, uint64_t gpa, void *data, unsigned int size)
{
	if (machine->pflash.len && pflash_read(&machine->pflash, gpa, data, size))
		return true;
	return pci_mmio_read(&machine->chipset.pci, gpa, data, size);
}

bool machine_mmio_write(struct machine *machine, uint64_t gpa, const void *data,
			unsigned int size)
{
	if (machine->pflash.len && pflash_write(&machine->pflash, gpa, data, size))
		return true;
	return pci_mmio_write(&machine->chipset.pci, gpa, data, size);
}

/* --- life ------------------------------------------------------------------ */

int machine_start(struct machine *machine, struct why *why)
{
	for (unsigned int i = 0; i < machine->vcpus; i++) {
		struct vcpu *vcpu = &machine->vcpu[i];
		int error = pthread_create(&vcpu->thread, NULL, run_vcpu, vcpu);

		if (error)
			return why_set(why, "no thread for vCPU %u: %s (see ulimit -u)", i,
				       strerror(error));
		vcpu->has_thread = true;
	}
	return 0;
}

bool machine_stop(struct machine *machine)
{
	bool all_gone = true;

	atomic_store(&machine->stop, true);
	chr_wake(machine->chr);
	/* A kick may be lost to a thread that is between two looks: repeat it. */
	for (unsigned int turn = 0; turn < 500; turn++) {
		struct timespec pause = { .tv_nsec = turn ? 10000000 : 0 };

		nanosleep(&pause, NULL);
		all_gone = true;
		for (unsigned int i = 0; i < machine->vcpus; i++) {
			struct vcpu *vcpu = &machine->vcpu[i];

			if (!vcpu->has_thread || atomic_load(&vcpu->gone))
				continue;
			run_kick(vcpu);
			all_gone = false;
		}
		if (all_gone)
			break;
	}
	if (!all_gone)
		return false;
	for (unsigned int i = 0; i < machine->vcpus; i++)
		if (machine->vcpu[i].has_thread)
			pthread_join(machine->vcpu[i].thread, NULL);
	return true;
}

bool machine_end(struct machine *machine, enum end_kind kind, unsigned int value)
{
	uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&machine->end_lock);
	first = machine->end.kind == END_NONE;
	if (first)
		machine->end = (struct end){ kind, value };
	pthread_mutex_unlock(&machine->end_lock);

	atomic_store(&machine->stop, true);
	if (first && write(machine->end_fd, &one, sizeof(one)) < 0)
		log_error("cannot tell the main thread: %s", strerror(errno));
	return first;
}

struct end machine_how_ended(struct machine *machine)
{
	struct end end;

	pthread_mutex_lock(&machine->end_lock);
	end = machine->end;
	pthread_mutex_unlock(&machine->end_lock);
	return end;
}

void machine_dump(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->vcpus; i++) {
		atomic_store(&machine->vcpu[i].dump, true);
		run_kick(&machine->vcpu[i]);
	}
}
