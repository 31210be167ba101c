/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which event the next VM entry injects.
 *
 * Pure decision; the vCPU's owner reads the inputs from the VMCS and from its
 * own queues and writes the outputs back. Two steps, so that an interrupt
 * controller is acknowledged only if its vector will be injected:
 *
 *	vmx_event_decide(&in, &out);
 *	if (out.take_intr && <acknowledge gives a vector>)
 *		vmx_event_interrupt(&out, vector, <more is waiting>);
 *
 * An intinfo is 64 bits: event information in the low half (VMX_INFO_*), error
 * code in the high half; it is "none" without VMX_INFO_VALID. SDM: "Event
 * Injection", "Information for VM Exits That Occur During Event Delivery",
 * "Interrupt 8 - Double Fault Exception", "Virtual-NMI Blocking".
 */
#ifndef VMM_INTEL_VMX_INTINFO_H
#define VMM_INTEL_VMX_INTINFO_H

#include "env.h"
#include "vmcs_fields.h"

static inline u64 vmx_intinfo(u32 info, u32 error)
{
	return (u64)error << 32 | info;
}

static inline u32 vmx_intinfo_info(u64 intinfo)
{
	return (u32)intinfo;
}

static inline u32 vmx_intinfo_error(u64 intinfo)
{
	return (u32)(intinfo >> 32);
}

static inline bool vmx_intinfo_is_valid(u64 intinfo)
{
	return intinfo & VMX_INFO_VALID;
}

/*
 * vmx_intinfo_exit: the intinfo of an exit, from its IDT-vectoring information
 * and error code; 0 if none. Not for a task-switch exit: the switch is the
 * delivery, so nothing is left to inject.
 */
u64 vmx_intinfo_exit(u32 idt_vectoring, u32 error);

enum vmx_queue {
	VMX_QUEUED,
	VMX_QUEUE_BUSY,		/* an exception is queued already */
	VMX_QUEUE_INVALID,	/* vector > 31, NMI, #BP, #OF, #DF */
};

/*
 * vmx_intinfo_queue: put a hardware exception into *@queued. Whoever queues
 * one also clears STI and MOV-SS blocking when it changes RIP; the entry does
 * so anyway. The error code of real mode is dropped at entry, not here.
 */
enum vmx_queue vmx_intinfo_queue(u64 *queued, u32 vector, bool has_error,
				 u32 error);

/*
 * vmx_intinfo_has_length: is it a software event, which comes with the length
 * of its instruction?
 *
 * vmx_intinfo_ok: may userspace restore this as a vCPU's exit intinfo? None
 * is; else reserved bits are 0, an NMI has vector 2, exceptions have vectors
 * below 32, only hardware exceptions have an error code, and @length is that
 * of an instruction for a software event, else 0.
 *
 * vmx_intinfo_entry_ok: as the exception queued for the next entry? The same,
 * and it is a hardware exception.
 */
bool vmx_intinfo_has_length(u64 intinfo);
bool vmx_intinfo_ok(u64 intinfo, u32 length);
bool vmx_intinfo_entry_ok(u64 intinfo);

enum vmx_merge {
	VMX_MERGE_NONE,
	VMX_MERGE_INJECT,
	VMX_MERGE_TRIPLE_FAULT,
};

/*
 * vmx_intinfo_merge: @first was being delivered when the exit came, @second is
 * an exception queued since. *@result is what must be delivered now.
 */
enum vmx_merge vmx_intinfo_merge(u64 first, u64 second, u64 *result);

/*
 * @exit_intinfo	event whose delivery the last exit cut short
 * @queued		exception queued since
 * @inst_length		VM-exit instruction length of that exit, for software
 *			interrupts and exceptions
 * @rflags, @interruptibility, @cr0	of the guest, as now in the VMCS (@cr0: the
 *			real one, not the read shadow)
 * @nmi_pending		an NMI waits
 * @intr_pending	an ExtINT or local-APIC vector above PPR waits
 * @error_code_any	vmx_caps.error_code_any
 */
struct vmx_event_in {
	u64 exit_intinfo;
	u64 queued;
	u64 rflags;
	u64 cr0;
	u32 interruptibility;
	u32 inst_length;
	bool nmi_pending;
	bool intr_pending;
	bool error_code_any;
};

/*
 * @info, @error, @inst_length	for the VM-entry fields; nothing is injected
 *			if @info is 0. @error matters with VMX_INFO_ERROR,
 *			@inst_length with types 4 to 6
 * @interruptibility	write back; differs from the input when blocking ends
 * @nmi_window, @intr_window	what the two window-exiting controls must be
 * @take_nmi		@info is the pending NMI: forget it
 * @take_intr		acknowledge the controller, then vmx_event_interrupt()
 * @triple_fault	nothing is injected; the VM shuts down
 * @set_rf	set RFLAGS.RF: a fault that the processor has not seen before, and
 *		an injection saves RF as it finds it
 *
 * When @info is not 0 both exit intinfo and queued exception are consumed.
 */
struct vmx_event_out {
	u32 info;
	u32 error;
	u32 inst_length;
	u32 interruptibility;
	bool nmi_window;
	bool intr_window;
	bool take_nmi;
	bool take_intr;
	bool triple_fault;
	bool set_rf;
};

void vmx_event_decide(const struct vmx_event_in *in, struct vmx_event_out *out);

/*
 * vmx_event_interrupt: inject the acknowledged @vector; only after a decision
 * with take_intr. @more: another interrupt waits behind it.
 */
void vmx_event_interrupt(struct vmx_event_out *out, u8 vector, bool more);

/*
 * vmx_nmi_blocking_after_exit: the interruptibility state after an exit, with
 * NMI blocking put back where an IRET had removed it and then faulted, and taken
 * away where the delivery of an NMI itself was cut short. Call once per exit,
 * with the raw VMCS fields.
 */
u32 vmx_nmi_blocking_after_exit(u32 reason, u32 exit_intr_info,
				u64 qualification, u32 idt_vectoring,
				u32 interruptibility);

#endif /* VMM_INTEL_VMX_INTINFO_H */
