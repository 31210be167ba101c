/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every ioctl of the ABI but VMM_RUN: its number, the kind of fd it wants, an
 * argument that succeeds, and which of its bytes must be zero.
 *
 * The rows are in an order in which each succeeds once on a fresh VM with a
 * fresh vCPU.
 */
#ifndef IOCTL_TABLE_H
#define IOCTL_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <vmm.h>

/* The caller of the table has an eventfd here. */
#define TABLE_EVENTFD	200

/* BARE: a VM without vCPUs. */
enum fd_kind { CTL, VM, VCPU, BARE, KINDS };

struct zero_range {
	uint32_t offset;
	uint32_t len;
};

struct ioctl_row {
	const char *name;
	unsigned long request;
	enum fd_kind kind;
	uint32_t size;
	const void *arg;		/* succeeds */
	struct zero_range zero[3];	/* must-be-zero bytes */
};

#define ZERO(type, member) \
	{ offsetof(struct type, member), sizeof(((struct type *)0)->member) }
#define ROW(request, kind, type, init, ...)					\
	{ #request, request, kind, sizeof(struct type),				\
	  &(const struct type) { .size = sizeof(struct type), init }, { __VA_ARGS__ } }
#define NOTHING		.flags = 0

/* For answers that do not go into the argument. */
static uint8_t ioctl_table_bytes[8];

static const struct ioctl_row ioctl_table[] = {
	ROW(VMM_GET_INFO, CTL, vmm_info, NOTHING),
	ROW(VMM_VM_CREATE, CTL, vmm_vm_create, .abi_version = VMM_ABI_VERSION,
	    ZERO(vmm_vm_create, pad), ZERO(vmm_vm_create, reserved)),
	ROW(VMM_VM_LIST, CTL, vmm_vm_list, NOTHING),
	ROW(VMM_STAT_NAME, CTL, vmm_stat_name, NOTHING, ZERO(vmm_stat_name, pad)),
	{ "VMM_MEMSEG_ADD", VMM_MEMSEG_ADD, VM, sizeof(struct vmm_memseg),
	  &(struct vmm_memseg) { .size = sizeof(struct vmm_memseg), .gpa = 0x10000, .len = 4096,
				 .hva = 0x10000, .prot = VMM_PROT_READ },
	  { ZERO(vmm_memseg, pad), ZERO(vmm_memseg, reserved) } },
	ROW(VMM_MEMSEG_NEXT, VM, vmm_memseg, NOTHING, ZERO(vmm_memseg, pad),
	    ZERO(vmm_memseg, reserved)),
	{ "VMM_MEMSEG_MOVE", VMM_MEMSEG_MOVE, VM, sizeof(struct vmm_memseg_move),
	  &(struct vmm_memseg_move) { .size = sizeof(struct vmm_memseg_move), .gpa = 0x10000,
				      .len = 4096, .new_gpa = 0x30000 },
	  { ZERO(vmm_memseg_move, reserved) } },
	{ "VMM_DIRTY_LOG_START", VMM_DIRTY_LOG_START, VM, sizeof(struct vmm_memlog),
	  &(struct vmm_memlog) { .size = sizeof(struct vmm_memlog), .gpa = 0x30000, .len = 4096 },
	  { ZERO(vmm_memlog, reserved), ZERO(vmm_memlog, map) } },
	{ "VMM_DIRTY_LOG_FETCH", VMM_DIRTY_LOG_FETCH, VM, sizeof(struct vmm_memlog),
	  &(struct vmm_memlog) { .size = sizeof(struct vmm_memlog), .gpa = 0x30000, .len = 4096,
				 .map = (uintptr_t)ioctl_table_bytes },
	  { ZERO(vmm_memlog, reserved) } },
	{ "VMM_DIRTY_LOG_STOP", VMM_DIRTY_LOG_STOP, VM, sizeof(struct vmm_memlog),
	  &(struct vmm_memlog) { .size = sizeof(struct vmm_memlog), .gpa = 0x30000, .len = 4096 },
	  { ZERO(vmm_memlog, reserved), ZERO(vmm_memlog, map) } },
	{ "VMM_AGE_MAP_START", VMM_AGE_MAP_START, VM, sizeof(struct vmm_memlog),
	  &(struct vmm_memlog) { .size = sizeof(struct vmm_memlog), .gpa = 0x30000, .len = 4096 },
	  { ZERO(vmm_memlog, reserved), ZERO(vmm_memlog, map) } },
	{ "VMM_AGE_MAP_FETCH", VMM_AGE_MAP_FETCH, VM, sizeof(struct vmm_memlog),
	  &(struct vmm_memlog) { .size = sizeof(struct vmm_memlog), .gpa = 0x30000, .len = 4096,
				 .map = (uintptr_t)ioctl_table_bytes },
	  { ZERO(vmm_memlog, reserved) } },
	{ "VMM_AGE_MAP_STOP", VMM_AGE_MAP_STOP, VM, sizeof(struct vmm_memlog),
	  &(struct vmm_memlog) { .size = sizeof(struct vmm_memlog), .gpa = 0x30000, .len = 4096 },
	  { ZERO(vmm_memlog, reserved), ZERO(vmm_memlog, map) } },
	{ "VMM_MEMSEG_REMOVE", VMM_MEMSEG_REMOVE, VM, sizeof(struct vmm_memseg),
	  &(struct vmm_memseg) { .size = sizeof(struct vmm_memseg), .gpa = 0x30000, .len = 4096 },
	  { ZERO(vmm_memseg, pad), ZERO(vmm_memseg, reserved), ZERO(vmm_memseg, prot) } },
	ROW(VMM_EPT_WALK, VM, vmm_ept_walk, NOTHING, ZERO(vmm_ept_walk, pad),
	    ZERO(vmm_ept_walk, reserved)),
	ROW(VMM_MEM_STATS, VM, vmm_mem_stats, NOTHING, ZERO(vmm_mem_stats, leaves_4k),
	    ZERO(vmm_mem_stats, flushes_saved), ZERO(vmm_mem_stats, reserved)),
	ROW(VMM_GET_CPUID, BARE, vmm_cpuid, .count = VMM_CPUID_MAX, ZERO(vmm_cpuid, pad),
	    ZERO(vmm_cpuid, reserved), ZERO(vmm_cpuid, threads)),
	{ "VMM_SET_CPUID", VMM_SET_CPUID, BARE, sizeof(struct vmm_cpuid),
	  &(struct vmm_cpuid) { .size = sizeof(struct vmm_cpuid), .count = 2,
				.entry = { { .leaf = 0, .eax = 1 }, { .leaf = 1 } } },
	  { ZERO(vmm_cpuid, pad), ZERO(vmm_cpuid, reserved) } },
	ROW(VMM_SET_MSR_FILTER, BARE, vmm_msr_filter, NOTHING, ZERO(vmm_msr_filter, pad),
	    ZERO(vmm_msr_filter, reserved), ZERO(vmm_msr_filter, range)),
	{ "VMM_PROTECT", VMM_PROTECT, VM, sizeof(struct vmm_protect),
	  &(struct vmm_protect) { .size = sizeof(struct vmm_protect), .gpa = 0x40000, .len = 4096,
				  .prot = VMM_PROT_READ },
	  { ZERO(vmm_protect, pad), ZERO(vmm_protect, reserved) } },
	ROW(VMM_PROTECT_NEXT, VM, vmm_protect, NOTHING, ZERO(vmm_protect, pad),
	    ZERO(vmm_protect, reserved), { 16, 12 }),
	ROW(VMM_VCPU_CREATE, VM, vmm_vcpu_create, .id = 5, ZERO(vmm_vcpu_create, pad),
	    ZERO(vmm_vcpu_create, reserved)),
	ROW(VMM_GET_REGS, VCPU, vmm_vcpu_regs, .groups = VMM_REGS_ALL,
	    ZERO(vmm_vcpu_regs, pad)),
	ROW(VMM_SET_REGS, VCPU, vmm_vcpu_regs, .groups = 0, ZERO(vmm_vcpu_regs, pad)),
	ROW(VMM_GET_VMCS, VCPU, vmm_vmcs_field, .encoding = 0x681e,
	    ZERO(vmm_vmcs_field, pad), ZERO(vmm_vmcs_field, reserved)),
	ROW(VMM_GET_EXITS, VCPU, vmm_exit_log, .count = VMM_EXIT_LOG_MAX,
	    ZERO(vmm_exit_log, pad)),
	ROW(VMM_SET_DEBUG, VCPU, vmm_debug, .control = 0, ZERO(vmm_debug, pad),
	    ZERO(vmm_debug, reserved)),
	ROW(VMM_INJECT_EXCEPTION, VCPU, vmm_exception, .vector = 6,
	    ZERO(vmm_exception, reserved)),
	ROW(VMM_INJECT_NMI, VCPU, vmm_simple, NOTHING, ZERO(vmm_simple, reserved)),
	ROW(VMM_GLA2GPA, VCPU, vmm_gla, NOTHING, ZERO(vmm_gla, reserved), ZERO(vmm_gla, gpa),
	    ZERO(vmm_gla, cr2)),
	ROW(VMM_GET_MSRS, VCPU, vmm_msrs, .count = 0, ZERO(vmm_msrs, pad)),
	ROW(VMM_SET_MSRS, VCPU, vmm_msrs, .count = 0, ZERO(vmm_msrs, pad)),
	ROW(VMM_GET_XSAVE, VCPU, vmm_xsave, NOTHING, ZERO(vmm_xsave, reserved),
	    ZERO(vmm_xsave, pkru)),
	ROW(VMM_SET_XSAVE, VCPU, vmm_xsave, NOTHING, ZERO(vmm_xsave, reserved)),
	ROW(VMM_GET_STATS, VCPU, vmm_stats, .count = VMM_STATS_MAX),
	ROW(VMM_IOAPIC_IRQ, VM, vmm_irq, .pin = 4, ZERO(vmm_irq, pad), ZERO(vmm_irq, reserved),
	    ZERO(vmm_irq, ioapic_pin)),
	{ "VMM_ISA_IRQ", VMM_ISA_IRQ, VM, sizeof(struct vmm_irq),
	  &(struct vmm_irq) { .size = sizeof(struct vmm_irq), .pin = 4, .ioapic_pin = VMM_NO_PIN },
	  { ZERO(vmm_irq, pad), ZERO(vmm_irq, reserved) } },
	ROW(VMM_ISA_SET_IRQ_TRIGGER, VM, vmm_isa_trigger, .pin = 5,
	    ZERO(vmm_isa_trigger, reserved)),
	{ "VMM_LAPIC_MSI", VMM_LAPIC_MSI, VM, sizeof(struct vmm_msi),
	  &(struct vmm_msi) { .size = sizeof(struct vmm_msi), .msi_gpa = 0xfee00000, .data = 0x40 },
	  { ZERO(vmm_msi, pad), ZERO(vmm_msi, reserved) } },
	ROW(VMM_LAPIC_LOCAL_IRQ, VM, vmm_local_irq, .vcpu = VMM_VCPU_ALL,
	    ZERO(vmm_local_irq, reserved)),
	{ "VMM_IRQFD", VMM_IRQFD, VM, sizeof(struct vmm_irqfd),
	  &(struct vmm_irqfd) { .size = sizeof(struct vmm_irqfd), .fd = TABLE_EVENTFD, .pin = 4 },
	  { ZERO(vmm_irqfd, resample_fd), ZERO(vmm_irqfd, ioapic_pin),
	    ZERO(vmm_irqfd, reserved) } },
	{ "VMM_IOEVENTFD", VMM_IOEVENTFD, VM, sizeof(struct vmm_ioeventfd),
	  &(struct vmm_ioeventfd) { .size = sizeof(struct vmm_ioeventfd), .fd = TABLE_EVENTFD },
	  { ZERO(vmm_ioeventfd, data), ZERO(vmm_ioeventfd, reserved) } },
	ROW(VMM_GET_CPUS, VM, vmm_cpus, NOTHING, ZERO(vmm_cpus, pad), ZERO(vmm_cpus, reserved)),
	ROW(VMM_RTC_SET_TIME, VM, vmm_rtc_time, .seconds = 1000000000,
	    ZERO(vmm_rtc_time, reserved)),
	ROW(VMM_RTC_GET_TIME, VM, vmm_rtc_time, NOTHING, ZERO(vmm_rtc_time, reserved)),
	ROW(VMM_RTC_NVRAM_WRITE, VM, vmm_rtc_nvram, .offset = 20,
	    ZERO(vmm_rtc_nvram, reserved)),
	ROW(VMM_RTC_NVRAM_READ, VM, vmm_rtc_nvram, .offset = 20, ZERO(vmm_rtc_nvram, reserved)),
	ROW(VMM_PMTMR_LOCATE, VM, vmm_pmtmr, .port = 0x408, ZERO(vmm_pmtmr, pad),
	    ZERO(vmm_pmtmr, reserved)),
	{ "VMM_DEVMEM_CREATE", VMM_DEVMEM_CREATE, VM, sizeof(struct vmm_devmem),
	  &(struct vmm_devmem) { .size = sizeof(struct vmm_devmem), .len = 4096, .name = "rom" },
	  { ZERO(vmm_devmem, reserved), { 16 + 33, 7 } } },
	{ "VMM_DEVMEM_MAP", VMM_DEVMEM_MAP, VM, sizeof(struct vmm_devmem_map),
	  &(struct vmm_devmem_map) { .size = sizeof(struct vmm_devmem_map), .gpa = 0x20000,
				     .len = 4096, .prot = VMM_PROT_READ, .name = "rom" },
	  { ZERO(vmm_devmem_map, pad), ZERO(vmm_devmem_map, reserved), { 40 + 33, 7 } } },
	ROW(VMM_DEVMEM_NEXT, VM, vmm_devmem, NOTHING, ZERO(vmm_devmem, reserved),
	    { 16 + 33, 7 }),
	{ "VMM_DEVMEM_UNMAP", VMM_DEVMEM_UNMAP, VM, sizeof(struct vmm_devmem_map),
	  &(struct vmm_devmem_map) { .size = sizeof(struct vmm_devmem_map), .gpa = 0x20000,
				     .len = 4096, .name = "rom" },
	  { ZERO(vmm_devmem_map, pad), ZERO(vmm_devmem_map, reserved),
	    { offsetof(struct vmm_devmem_map, offset), 12 } } },
	{ "VMM_DEVMEM_DESTROY", VMM_DEVMEM_DESTROY, VM, sizeof(struct vmm_devmem),
	  &(struct vmm_devmem) { .size = sizeof(struct vmm_devmem), .name = "rom" },
	  { ZERO(vmm_devmem, reserved), ZERO(vmm_devmem, len) } },
	ROW(VMM_CPU_STOP, VCPU, vmm_simple, NOTHING, ZERO(vmm_simple, reserved)),
	ROW(VMM_CLOCK, VM, vmm_clock, .op = VMM_CLOCK_STOP, ZERO(vmm_clock, tsc_khz),
	    ZERO(vmm_clock, ns), ZERO(vmm_clock, reserved)),
	ROW(VMM_GET_DEVSTATE, VM, vmm_devstate, .device = VMM_DEV_HPET,
	    ZERO(vmm_devstate, version), ZERO(vmm_devstate, reserved)),
	{ "VMM_SET_DEVSTATE", VMM_SET_DEVSTATE, VM, sizeof(struct vmm_devstate),
	  &(struct vmm_devstate) { .size = sizeof(struct vmm_devstate), .device = VMM_DEV_PMTMR,
				   .version = VMM_DEVSTATE_VERSION, .pmtmr = { .bits = 32 } },
	  { ZERO(vmm_devstate, reserved), ZERO(vmm_devstate, pmtmr.pad),
	    { offsetof(struct vmm_devstate, bytes) + sizeof(struct vmm_pmtmr_state), 300 } } },
	ROW(VMM_GET_LAPIC, VCPU, vmm_lapic_state, NOTHING, ZERO(vmm_lapic_state, version),
	    ZERO(vmm_lapic_state, reserved)),
	{ "VMM_SET_LAPIC", VMM_SET_LAPIC, VCPU, sizeof(struct vmm_lapic_state),
	  &(struct vmm_lapic_state) {
		.size = sizeof(struct vmm_lapic_state), .version = VMM_DEVSTATE_VERSION,
		.apic_base = 0xfee00900, .deadline_ns = ~0ULL,
		.page = { [0x30 / 4] = 0x01060014, [0xe0 / 4] = ~0U, [0xf0 / 4] = 0xff,
			  [0x2f0 / 4] = 0x10000, [0x320 / 4] = 0x10000, [0x330 / 4] = 0x10000,
			  [0x340 / 4] = 0x10000, [0x350 / 4] = 0x10000, [0x360 / 4] = 0x10000,
			  [0x370 / 4] = 0x10000 } },
	  { ZERO(vmm_lapic_state, reserved) } },
	ROW(VMM_CLOCK, VM, vmm_clock, .op = VMM_CLOCK_GO, ZERO(vmm_clock, tsc_khz),
	    ZERO(vmm_clock, tsc), ZERO(vmm_clock, reserved)),
	ROW(VMM_CPU_GO, VCPU, vmm_simple, NOTHING, ZERO(vmm_simple, reserved)),
	ROW(VMM_SUSPEND, VM, vmm_suspend, .how = VMM_SUSPEND_POWEROFF, ZERO(vmm_suspend, pad),
	    ZERO(vmm_suspend, reserved)),
	/* No vCPU is active: all have taken part. */
	ROW(VMM_REINIT, VM, vmm_simple, NOTHING, ZERO(vmm_simple, reserved)),
	ROW(VMM_ACTIVATE_CPU, VCPU, vmm_simple, NOTHING, ZERO(vmm_simple, reserved)),
};

#define IOCTL_ROWS	(sizeof(ioctl_table) / sizeof(ioctl_table[0]))

#endif /* IOCTL_TABLE_H */
