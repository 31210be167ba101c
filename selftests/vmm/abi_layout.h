/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The layout of the ABI, once as numbers. A change here is a change of the ABI:
 * structures may grow at their end, nothing else may move. Compiled for 64-bit
 * and for 32-bit callers.
 */
#include <vmm.h>

#define SIZE(type, n)							\
	_Static_assert(sizeof(struct type) == (n) && (n) % 8 == 0,	\
		       "size of " #type)
#define AT(type, member, n)						\
	_Static_assert(__builtin_offsetof(struct type, member) == (n),	\
		       "offset of " #type "." #member)
#define NUMBER(name, n)							\
	_Static_assert((unsigned int)(name) == (n), "number " #name)

SIZE(vmm_info, 128);
AT(vmm_info, size, 0);
AT(vmm_info, flags, 4);
AT(vmm_info, abi_version, 8);
AT(vmm_info, max_vcpus, 12);
AT(vmm_info, caps, 16);
AT(vmm_info, mitigations, 24);
AT(vmm_info, refusal, 32);
AT(vmm_info, refusal_cpu, 36);
AT(vmm_info, tsc_khz, 40);
AT(vmm_info, ioapic_pins, 44);
AT(vmm_info, run_size, 48);
AT(vmm_info, vms, 52);
AT(vmm_info, vcpus, 56);
AT(vmm_info, pad, 60);
AT(vmm_info, version, 64);
AT(vmm_info, reserved, 96);

SIZE(vmm_vm_create, 88);
AT(vmm_vm_create, size, 0);
AT(vmm_vm_create, flags, 4);
AT(vmm_vm_create, abi_version, 8);
AT(vmm_vm_create, pad, 12);
AT(vmm_vm_create, name, 16);
AT(vmm_vm_create, reserved, 56);

SIZE(vmm_vm_list, 112);
AT(vmm_vm_list, size, 0);
AT(vmm_vm_list, flags, 4);
AT(vmm_vm_list, id, 8);
AT(vmm_vm_list, owner_pid, 12);
AT(vmm_vm_list, owner_uid, 16);
AT(vmm_vm_list, vcpus, 20);
AT(vmm_vm_list, memory, 24);
AT(vmm_vm_list, age_ns, 32);
AT(vmm_vm_list, name, 40);
AT(vmm_vm_list, reserved, 80);

SIZE(vmm_memseg, 56);
AT(vmm_memseg, size, 0);
AT(vmm_memseg, flags, 4);
AT(vmm_memseg, gpa, 8);
AT(vmm_memseg, len, 16);
AT(vmm_memseg, hva, 24);
AT(vmm_memseg, prot, 32);
AT(vmm_memseg, pad, 36);
AT(vmm_memseg, reserved, 40);

SIZE(vmm_memseg_move, 48);
AT(vmm_memseg_move, size, 0);
AT(vmm_memseg_move, flags, 4);
AT(vmm_memseg_move, gpa, 8);
AT(vmm_memseg_move, len, 16);
AT(vmm_memseg_move, new_gpa, 24);
AT(vmm_memseg_move, reserved, 32);

SIZE(vmm_protect, 48);
AT(vmm_protect, size, 0);
AT(vmm_protect, flags, 4);
AT(vmm_protect, gpa, 8);
AT(vmm_protect, len, 16);
AT(vmm_protect, prot, 24);
AT(vmm_protect, pad, 28);
AT(vmm_protect, reserved, 32);

SIZE(vmm_exit_protect, 40);
AT(vmm_exit_protect, gpa, 0);
AT(vmm_exit_protect, gla, 8);
AT(vmm_exit_protect, rip, 16);
AT(vmm_exit_protect, access, 24);
AT(vmm_exit_protect, flags, 28);
AT(vmm_exit_protect, answer, 32);
AT(vmm_exit_protect, pad, 36);

SIZE(vmm_memlog, 48);
AT(vmm_memlog, size, 0);
AT(vmm_memlog, flags, 4);
AT(vmm_memlog, gpa, 8);
AT(vmm_memlog, len, 16);
AT(vmm_memlog, map, 24);
AT(vmm_memlog, reserved, 32);

SIZE(vmm_ept_walk, 72);
AT(vmm_ept_walk, size, 0);
AT(vmm_ept_walk, flags, 4);
AT(vmm_ept_walk, gpa, 8);
AT(vmm_ept_walk, entry, 16);
AT(vmm_ept_walk, levels, 48);
AT(vmm_ept_walk, pad, 52);
AT(vmm_ept_walk, reserved, 56);

SIZE(vmm_mem_stats, 112);
AT(vmm_mem_stats, size, 0);
AT(vmm_mem_stats, flags, 4);
AT(vmm_mem_stats, leaves_4k, 8);
AT(vmm_mem_stats, leaves_2m, 16);
AT(vmm_mem_stats, leaves_1g, 24);
AT(vmm_mem_stats, tables, 32);
AT(vmm_mem_stats, tables_max, 40);
AT(vmm_mem_stats, trims, 48);
AT(vmm_mem_stats, flushes, 56);
AT(vmm_mem_stats, flush_waits, 64);
AT(vmm_mem_stats, flushes_saved, 72);
AT(vmm_mem_stats, reserved, 80);

SIZE(vmm_vcpu_create, 32);
AT(vmm_vcpu_create, size, 0);
AT(vmm_vcpu_create, flags, 4);
AT(vmm_vcpu_create, id, 8);
AT(vmm_vcpu_create, pad, 12);
AT(vmm_vcpu_create, reserved, 16);

SIZE(vmm_seg, 24);
AT(vmm_seg, base, 0);
AT(vmm_seg, limit, 8);
AT(vmm_seg, access, 12);
AT(vmm_seg, selector, 16);
AT(vmm_seg, pad, 18);

SIZE(vmm_regs, 632);
AT(vmm_regs, gpr, 0);
AT(vmm_regs, rip, 128);
AT(vmm_regs, rflags, 136);
AT(vmm_regs, seg, 144);
AT(vmm_regs, gdtr_base, 336);
AT(vmm_regs, idtr_base, 344);
AT(vmm_regs, gdtr_limit, 352);
AT(vmm_regs, idtr_limit, 356);
AT(vmm_regs, cr0, 360);
AT(vmm_regs, cr2, 368);
AT(vmm_regs, cr3, 376);
AT(vmm_regs, cr4, 384);
AT(vmm_regs, cr8, 392);
AT(vmm_regs, efer, 400);
AT(vmm_regs, xcr0, 408);
AT(vmm_regs, pdpte, 416);
AT(vmm_regs, dr, 448);
AT(vmm_regs, dr6, 480);
AT(vmm_regs, dr7, 488);
AT(vmm_regs, star, 496);
AT(vmm_regs, lstar, 504);
AT(vmm_regs, cstar, 512);
AT(vmm_regs, sfmask, 520);
AT(vmm_regs, kernel_gs_base, 528);
AT(vmm_regs, sysenter_cs, 536);
AT(vmm_regs, sysenter_esp, 544);
AT(vmm_regs, sysenter_eip, 552);
AT(vmm_regs, pat, 560);
AT(vmm_regs, tsc, 568);
AT(vmm_regs, tsc_aux, 576);
AT(vmm_regs, apic_base, 584);
AT(vmm_regs, interruptibility, 592);
AT(vmm_regs, activity, 596);
AT(vmm_regs, pending_debug, 600);
AT(vmm_regs, exit_intinfo, 608);
AT(vmm_regs, entry_intinfo, 616);
AT(vmm_regs, nmi_pending, 624);
AT(vmm_regs, event_length, 628);

SIZE(vmm_vcpu_regs, 648);
AT(vmm_vcpu_regs, size, 0);
AT(vmm_vcpu_regs, flags, 4);
AT(vmm_vcpu_regs, groups, 8);
AT(vmm_vcpu_regs, pad, 12);
AT(vmm_vcpu_regs, regs, 16);

SIZE(vmm_vmcs_field, 32);
AT(vmm_vmcs_field, size, 0);
AT(vmm_vmcs_field, flags, 4);
AT(vmm_vmcs_field, encoding, 8);
AT(vmm_vmcs_field, pad, 12);
AT(vmm_vmcs_field, value, 16);
AT(vmm_vmcs_field, reserved, 24);

SIZE(vmm_exit_rec, 32);
AT(vmm_exit_rec, reason, 0);
AT(vmm_exit_rec, pad, 4);
AT(vmm_exit_rec, qualification, 8);
AT(vmm_exit_rec, rip, 16);
AT(vmm_exit_rec, tsc, 24);

SIZE(vmm_exit_log, 1040);
AT(vmm_exit_log, size, 0);
AT(vmm_exit_log, flags, 4);
AT(vmm_exit_log, count, 8);
AT(vmm_exit_log, pad, 12);
AT(vmm_exit_log, rec, 16);

SIZE(vmm_exception, 32);
AT(vmm_exception, size, 0);
AT(vmm_exception, flags, 4);
AT(vmm_exception, vector, 8);
AT(vmm_exception, error_code, 12);
AT(vmm_exception, cr2, 16);
AT(vmm_exception, reserved, 24);

SIZE(vmm_simple, 16);
AT(vmm_simple, size, 0);
AT(vmm_simple, flags, 4);
AT(vmm_simple, reserved, 8);

SIZE(vmm_irq, 32);
AT(vmm_irq, size, 0);
AT(vmm_irq, flags, 4);
AT(vmm_irq, pin, 8);
AT(vmm_irq, ioapic_pin, 12);
AT(vmm_irq, op, 16);
AT(vmm_irq, pad, 20);
AT(vmm_irq, reserved, 24);

SIZE(vmm_isa_trigger, 24);
AT(vmm_isa_trigger, size, 0);
AT(vmm_isa_trigger, flags, 4);
AT(vmm_isa_trigger, pin, 8);
AT(vmm_isa_trigger, trigger, 12);
AT(vmm_isa_trigger, reserved, 16);

SIZE(vmm_msi, 32);
AT(vmm_msi, size, 0);
AT(vmm_msi, flags, 4);
AT(vmm_msi, msi_gpa, 8);
AT(vmm_msi, data, 16);
AT(vmm_msi, pad, 20);
AT(vmm_msi, reserved, 24);

SIZE(vmm_local_irq, 24);
AT(vmm_local_irq, size, 0);
AT(vmm_local_irq, flags, 4);
AT(vmm_local_irq, vcpu, 8);
AT(vmm_local_irq, lvt, 12);
AT(vmm_local_irq, reserved, 16);

SIZE(vmm_irqfd, 56);
AT(vmm_irqfd, size, 0);
AT(vmm_irqfd, flags, 4);
AT(vmm_irqfd, fd, 8);
AT(vmm_irqfd, resample_fd, 12);
AT(vmm_irqfd, kind, 16);
AT(vmm_irqfd, pin, 20);
AT(vmm_irqfd, ioapic_pin, 24);
AT(vmm_irqfd, msi_data, 28);
AT(vmm_irqfd, msi_gpa, 32);
AT(vmm_irqfd, reserved, 40);

SIZE(vmm_ioeventfd, 48);
AT(vmm_ioeventfd, size, 0);
AT(vmm_ioeventfd, flags, 4);
AT(vmm_ioeventfd, fd, 8);
AT(vmm_ioeventfd, len, 12);
AT(vmm_ioeventfd, gpa, 16);
AT(vmm_ioeventfd, data, 24);
AT(vmm_ioeventfd, reserved, 32);

SIZE(vmm_clock, 48);
AT(vmm_clock, size, 0);
AT(vmm_clock, flags, 4);
AT(vmm_clock, op, 8);
AT(vmm_clock, tsc_khz, 12);
AT(vmm_clock, ns, 16);
AT(vmm_clock, tsc, 24);
AT(vmm_clock, reserved, 32);

SIZE(vmm_pic_chip, 40);
AT(vmm_pic_chip, asserts, 0);
AT(vmm_pic_chip, request, 32);
AT(vmm_pic_chip, service, 33);
AT(vmm_pic_chip, mask, 34);
AT(vmm_pic_chip, elcr, 35);
AT(vmm_pic_chip, base, 36);
AT(vmm_pic_chip, lowest, 37);
AT(vmm_pic_chip, init, 38);
AT(vmm_pic_chip, flags, 39);

SIZE(vmm_pic_state, 88);
AT(vmm_pic_state, chip, 0);
AT(vmm_pic_state, intr, 80);
AT(vmm_pic_state, pad, 81);
AT(vmm_pic_state, held, 84);

SIZE(vmm_ioapic_state, 400);
AT(vmm_ioapic_state, rte, 0);
AT(vmm_ioapic_state, asserts, 256);
AT(vmm_ioapic_state, id, 384);
AT(vmm_ioapic_state, select, 388);
AT(vmm_ioapic_state, pad, 389);
AT(vmm_ioapic_state, held, 392);
AT(vmm_ioapic_state, pad2, 396);

SIZE(vmm_pit_counter, 48);
AT(vmm_pit_counter, load, 0);
AT(vmm_pit_counter, elapsed, 8);
AT(vmm_pit_counter, switch_tick, 16);
AT(vmm_pit_counter, count, 24);
AT(vmm_pit_counter, next, 28);
AT(vmm_pit_counter, latch, 32);
AT(vmm_pit_counter, state, 34);
AT(vmm_pit_counter, mode, 35);
AT(vmm_pit_counter, bcd, 36);
AT(vmm_pit_counter, access, 37);
AT(vmm_pit_counter, gate, 38);
AT(vmm_pit_counter, write_low, 39);
AT(vmm_pit_counter, write_msb, 40);
AT(vmm_pit_counter, read_msb, 41);
AT(vmm_pit_counter, latched, 42);
AT(vmm_pit_counter, status, 43);
AT(vmm_pit_counter, status_latched, 44);
AT(vmm_pit_counter, pad, 45);

SIZE(vmm_pit_state, 160);
AT(vmm_pit_state, counter, 0);
AT(vmm_pit_state, seen, 144);
AT(vmm_pit_state, port61, 152);
AT(vmm_pit_state, pad, 153);

SIZE(vmm_hpet_timer, 32);
AT(vmm_hpet_timer, due, 0);
AT(vmm_hpet_timer, config, 8);
AT(vmm_hpet_timer, comparator, 12);
AT(vmm_hpet_timer, period, 16);
AT(vmm_hpet_timer, msi_data, 20);
AT(vmm_hpet_timer, msi_gpa, 24);
AT(vmm_hpet_timer, pad, 28);

SIZE(vmm_hpet_state, 280);
AT(vmm_hpet_state, timer, 0);
AT(vmm_hpet_state, base_ns, 256);
AT(vmm_hpet_state, counter, 264);
AT(vmm_hpet_state, config, 268);
AT(vmm_hpet_state, status, 272);
AT(vmm_hpet_state, pad, 276);

SIZE(vmm_rtc_state, 168);
AT(vmm_rtc_state, seconds, 0);
AT(vmm_rtc_state, next_update, 8);
AT(vmm_rtc_state, divider_ns, 16);
AT(vmm_rtc_state, pf_tick, 24);
AT(vmm_rtc_state, index, 32);
AT(vmm_rtc_state, reg_a, 33);
AT(vmm_rtc_state, reg_b, 34);
AT(vmm_rtc_state, reg_c, 35);
AT(vmm_rtc_state, irqf, 36);
AT(vmm_rtc_state, pad, 37);
AT(vmm_rtc_state, ram, 40);

SIZE(vmm_pmtmr_state, 16);
AT(vmm_pmtmr_state, base_ns, 0);
AT(vmm_pmtmr_state, bits, 8);
AT(vmm_pmtmr_state, pad, 9);
AT(vmm_pmtmr_state, port, 12);

SIZE(vmm_devstate, 544);
AT(vmm_devstate, size, 0);
AT(vmm_devstate, flags, 4);
AT(vmm_devstate, device, 8);
AT(vmm_devstate, version, 12);
AT(vmm_devstate, reserved, 16);
AT(vmm_devstate, bytes, 32);

SIZE(vmm_lapic_state, 1104);
AT(vmm_lapic_state, size, 0);
AT(vmm_lapic_state, flags, 4);
AT(vmm_lapic_state, version, 8);
AT(vmm_lapic_state, pending, 12);
AT(vmm_lapic_state, apic_base, 16);
AT(vmm_lapic_state, deadline_ns, 24);
AT(vmm_lapic_state, tsc_deadline, 32);
AT(vmm_lapic_state, esr_pending, 40);
AT(vmm_lapic_state, sipi_vector, 44);
AT(vmm_lapic_state, page, 48);
AT(vmm_lapic_state, reserved, 1072);

SIZE(vmm_suspend, 24);
AT(vmm_suspend, size, 0);
AT(vmm_suspend, flags, 4);
AT(vmm_suspend, how, 8);
AT(vmm_suspend, pad, 12);
AT(vmm_suspend, reserved, 16);

SIZE(vmm_cpus, 32);
AT(vmm_cpus, size, 0);
AT(vmm_cpus, flags, 4);
AT(vmm_cpus, which, 8);
AT(vmm_cpus, pad, 12);
AT(vmm_cpus, mask, 16);
AT(vmm_cpus, reserved, 24);

SIZE(vmm_stats, 528);
AT(vmm_stats, size, 0);
AT(vmm_stats, flags, 4);
AT(vmm_stats, first, 8);
AT(vmm_stats, count, 12);
AT(vmm_stats, value, 16);

SIZE(vmm_stat_name, 64);
AT(vmm_stat_name, size, 0);
AT(vmm_stat_name, flags, 4);
AT(vmm_stat_name, index, 8);
AT(vmm_stat_name, pad, 12);
AT(vmm_stat_name, name, 16);

SIZE(vmm_rtc_time, 24);
AT(vmm_rtc_time, size, 0);
AT(vmm_rtc_time, flags, 4);
AT(vmm_rtc_time, seconds, 8);
AT(vmm_rtc_time, reserved, 16);

SIZE(vmm_rtc_nvram, 24);
AT(vmm_rtc_nvram, size, 0);
AT(vmm_rtc_nvram, flags, 4);
AT(vmm_rtc_nvram, offset, 8);
AT(vmm_rtc_nvram, value, 12);
AT(vmm_rtc_nvram, reserved, 16);

SIZE(vmm_pmtmr, 24);
AT(vmm_pmtmr, size, 0);
AT(vmm_pmtmr, flags, 4);
AT(vmm_pmtmr, port, 8);
AT(vmm_pmtmr, pad, 12);
AT(vmm_pmtmr, reserved, 16);

SIZE(vmm_devmem, 72);
AT(vmm_devmem, size, 0);
AT(vmm_devmem, flags, 4);
AT(vmm_devmem, len, 8);
AT(vmm_devmem, name, 16);
AT(vmm_devmem, reserved, 56);

SIZE(vmm_devmem_map, 96);
AT(vmm_devmem_map, size, 0);
AT(vmm_devmem_map, flags, 4);
AT(vmm_devmem_map, gpa, 8);
AT(vmm_devmem_map, len, 16);
AT(vmm_devmem_map, offset, 24);
AT(vmm_devmem_map, prot, 32);
AT(vmm_devmem_map, pad, 36);
AT(vmm_devmem_map, name, 40);
AT(vmm_devmem_map, reserved, 80);

SIZE(vmm_exit_io, 8);
AT(vmm_exit_io, port, 0);
AT(vmm_exit_io, size, 2);
AT(vmm_exit_io, in, 3);
AT(vmm_exit_io, count, 4);

SIZE(vmm_exit_mmio, 16);
AT(vmm_exit_mmio, gpa, 0);
AT(vmm_exit_mmio, size, 8);
AT(vmm_exit_mmio, write, 12);

SIZE(vmm_exit_msr, 16);
AT(vmm_exit_msr, index, 0);
AT(vmm_exit_msr, fault, 4);
AT(vmm_exit_msr, value, 8);

SIZE(vmm_exit_suspended, 8);
AT(vmm_exit_suspended, how, 0);
AT(vmm_exit_suspended, vcpu, 4);

SIZE(vmm_exit_vmx, 232);
AT(vmm_exit_vmx, reason, 0);
AT(vmm_exit_vmx, instruction_error, 4);
AT(vmm_exit_vmx, qualification, 8);
AT(vmm_exit_vmx, gpa, 16);
AT(vmm_exit_vmx, gla, 24);
AT(vmm_exit_vmx, intr_info, 32);
AT(vmm_exit_vmx, intr_error, 36);
AT(vmm_exit_vmx, rule, 40);

SIZE(vmm_exit_emulation, 32);
AT(vmm_exit_emulation, gpa, 0);
AT(vmm_exit_emulation, gla, 8);
AT(vmm_exit_emulation, inst, 16);
AT(vmm_exit_emulation, inst_len, 31);

SIZE(vmm_exit_memory, 24);
AT(vmm_exit_memory, gpa, 0);
AT(vmm_exit_memory, hva, 8);
AT(vmm_exit_memory, access, 16);
AT(vmm_exit_memory, error, 20);

SIZE(vmm_exit_debug, 16);
AT(vmm_exit_debug, cause, 0);
AT(vmm_exit_debug, length, 4);
AT(vmm_exit_debug, dr6, 8);

SIZE(vmm_debug, 72);
AT(vmm_debug, size, 0);
AT(vmm_debug, flags, 4);
AT(vmm_debug, control, 8);
AT(vmm_debug, pad, 12);
AT(vmm_debug, dr, 16);
AT(vmm_debug, dr7, 48);
AT(vmm_debug, reserved, 56);

SIZE(vmm_cpuid_entry, 32);
AT(vmm_cpuid_entry, leaf, 0);
AT(vmm_cpuid_entry, subleaf, 4);
AT(vmm_cpuid_entry, flags, 8);
AT(vmm_cpuid_entry, eax, 12);
AT(vmm_cpuid_entry, ebx, 16);
AT(vmm_cpuid_entry, ecx, 20);
AT(vmm_cpuid_entry, edx, 24);
AT(vmm_cpuid_entry, pad, 28);

SIZE(vmm_cpuid, 3104);
AT(vmm_cpuid, size, 0);
AT(vmm_cpuid, flags, 4);
AT(vmm_cpuid, count, 8);
AT(vmm_cpuid, threads, 12);
AT(vmm_cpuid, cores, 16);
AT(vmm_cpuid, pad, 20);
AT(vmm_cpuid, reserved, 24);
AT(vmm_cpuid, entry, 32);

SIZE(vmm_msr_range, 16);
AT(vmm_msr_range, first, 0);
AT(vmm_msr_range, last, 4);
AT(vmm_msr_range, access, 8);
AT(vmm_msr_range, pad, 12);

SIZE(vmm_msr_filter, 536);
AT(vmm_msr_filter, size, 0);
AT(vmm_msr_filter, flags, 4);
AT(vmm_msr_filter, count, 8);
AT(vmm_msr_filter, pad, 12);
AT(vmm_msr_filter, reserved, 16);
AT(vmm_msr_filter, range, 24);

SIZE(vmm_msr, 16);
AT(vmm_msr, index, 0);
AT(vmm_msr, pad, 4);
AT(vmm_msr, value, 8);

SIZE(vmm_msrs, 2064);
AT(vmm_msrs, size, 0);
AT(vmm_msrs, flags, 4);
AT(vmm_msrs, count, 8);
AT(vmm_msrs, pad, 12);
AT(vmm_msrs, msr, 16);

SIZE(vmm_xsave, 3200);
AT(vmm_xsave, size, 0);
AT(vmm_xsave, flags, 4);
AT(vmm_xsave, area_size, 8);
AT(vmm_xsave, pkru, 12);
AT(vmm_xsave, components, 16);
AT(vmm_xsave, reserved, 24);
AT(vmm_xsave, area, 128);

SIZE(vmm_gla, 72);
AT(vmm_gla, size, 0);
AT(vmm_gla, flags, 4);
AT(vmm_gla, gla, 8);
AT(vmm_gla, access, 16);
AT(vmm_gla, fault, 20);
AT(vmm_gla, gpa, 24);
AT(vmm_gla, page_size, 32);
AT(vmm_gla, vector, 40);
AT(vmm_gla, error_code, 44);
AT(vmm_gla, cr2, 48);
AT(vmm_gla, reserved, 56);

SIZE(vmm_run, 1944);
AT(vmm_run, immediate_exit, 0);
AT(vmm_run, regs_want, 4);
AT(vmm_run, regs_dirty, 8);
AT(vmm_run, regs_valid, 12);
AT(vmm_run, exit, 16);
AT(vmm_run, inst_length, 20);
AT(vmm_run, exit_pad, 24);
AT(vmm_run, io, 32);
AT(vmm_run, mmio, 32);
AT(vmm_run, msr, 32);
AT(vmm_run, suspended, 32);
AT(vmm_run, vmx, 32);
AT(vmm_run, emulation, 32);
AT(vmm_run, memory, 32);
AT(vmm_run, debug, 32);
AT(vmm_run, bytes, 32);
AT(vmm_run, regs, 288);
AT(vmm_run, data, 920);

NUMBER(VMM_GET_INFO, 0xc080bf00);
NUMBER(VMM_VM_CREATE, 0x4058bf01);
NUMBER(VMM_VM_LIST, 0xc070bf02);
NUMBER(VMM_MEMSEG_ADD, 0x4038bf10);
NUMBER(VMM_MEMSEG_REMOVE, 0x4038bf11);
NUMBER(VMM_MEMSEG_NEXT, 0xc038bf12);
NUMBER(VMM_EPT_WALK, 0xc048bf13);
NUMBER(VMM_MEM_STATS, 0xc070bf18);
NUMBER(VMM_MEMSEG_MOVE, 0x4030bf14);
NUMBER(VMM_PROTECT, 0x4030bf15);
NUMBER(VMM_PROTECT_NEXT, 0xc030bf16);
NUMBER(VMM_DIRTY_LOG_START, 0x4030bf19);
NUMBER(VMM_DIRTY_LOG_STOP, 0x4030bf1a);
NUMBER(VMM_DIRTY_LOG_FETCH, 0x4030bf1b);
NUMBER(VMM_AGE_MAP_START, 0x4030bf1c);
NUMBER(VMM_AGE_MAP_STOP, 0x4030bf1d);
NUMBER(VMM_AGE_MAP_FETCH, 0x4030bf1e);
NUMBER(VMM_DEVMEM_CREATE, 0x4048bf70);
NUMBER(VMM_DEVMEM_DESTROY, 0x4048bf71);
NUMBER(VMM_DEVMEM_NEXT, 0xc048bf72);
NUMBER(VMM_DEVMEM_MAP, 0x4060bf73);
NUMBER(VMM_DEVMEM_UNMAP, 0x4060bf74);
NUMBER(VMM_VCPU_CREATE, 0x4020bf20);
NUMBER(VMM_GET_REGS, 0xc288bf21);
NUMBER(VMM_SET_REGS, 0x4288bf22);
NUMBER(VMM_GET_VMCS, 0xc020bf23);
NUMBER(VMM_GET_EXITS, 0xc410bf24);
NUMBER(VMM_SET_DEBUG, 0x4048bf25);
NUMBER(VMM_INJECT_EXCEPTION, 0x4020bf30);
NUMBER(VMM_INJECT_NMI, 0x4010bf31);
NUMBER(VMM_IOAPIC_IRQ, 0x4020bf32);
NUMBER(VMM_ISA_IRQ, 0x4020bf33);
NUMBER(VMM_ISA_SET_IRQ_TRIGGER, 0x4018bf34);
NUMBER(VMM_LAPIC_MSI, 0x4020bf35);
NUMBER(VMM_LAPIC_LOCAL_IRQ, 0x4018bf36);
NUMBER(VMM_CPU_STOP, 0x4010bf44);
NUMBER(VMM_CPU_GO, 0x4010bf45);
NUMBER(VMM_REINIT, 0x4010bf46);
NUMBER(VMM_CLOCK, 0xc030bf65);
NUMBER(VMM_GET_DEVSTATE, 0xc220bf66);
NUMBER(VMM_SET_DEVSTATE, 0x4220bf67);
NUMBER(VMM_GET_LAPIC, 0xc450bf68);
NUMBER(VMM_SET_LAPIC, 0x4450bf69);
NUMBER(VMM_IRQFD, 0x4038bf37);
NUMBER(VMM_IOEVENTFD, 0x4030bf38);
NUMBER(VMM_ACTIVATE_CPU, 0x4010bf40);
NUMBER(VMM_RUN, 0x0000bf41);
NUMBER(VMM_SUSPEND, 0x4018bf42);
NUMBER(VMM_GET_CPUS, 0xc020bf43);
NUMBER(VMM_GET_STATS, 0xc210bf50);
NUMBER(VMM_STAT_NAME, 0xc040bf51);
NUMBER(VMM_RTC_SET_TIME, 0x4018bf60);
NUMBER(VMM_RTC_GET_TIME, 0xc018bf61);
NUMBER(VMM_RTC_NVRAM_WRITE, 0x4018bf62);
NUMBER(VMM_RTC_NVRAM_READ, 0xc018bf63);
NUMBER(VMM_PMTMR_LOCATE, 0x4018bf64);
NUMBER(VMM_SET_CPUID, 0x4c20bf80);
NUMBER(VMM_GET_CPUID, 0xcc20bf81);
NUMBER(VMM_SET_MSR_FILTER, 0x4218bf82);
NUMBER(VMM_GET_MSRS, 0xc810bf83);
NUMBER(VMM_SET_MSRS, 0x4810bf84);
NUMBER(VMM_GET_XSAVE, 0xcc80bf85);
NUMBER(VMM_SET_XSAVE, 0x4c80bf86);
NUMBER(VMM_GLA2GPA, 0xc048bf90);
