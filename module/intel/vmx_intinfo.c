// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which event the next VM entry injects: merging and order.
 *
 * Order: what the exit cut short or an exception queued since, then an NMI,
 * then a maskable interrupt; the last two wait for a window when they may not
 * come now. One event per entry. The surprising thing: when a second exception
 * arrives while a first event is being delivered and the pair makes no double
 * fault, the first is dropped, as hardware drops it; a fault recurs when its
 * instruction restarts.
 *
 * SDM: "Interrupt 8 - Double Fault Exception" (classes and table), "Checks on
 * VM-Entry Control Fields" (what an injected event must look like).
 */
#include "vmx_intinfo.h"

#define CR0_PE		BIT_ULL(0)
#define RFLAGS_IF	BIT_ULL(9)

#define VEC_NMI		2
#define VEC_BP		3
#define VEC_OF		4
#define VEC_DF		8

/* Sets of vectors. */
#define CONTRIBUTORY	(BIT(0) | BIT(10) | BIT(11) | BIT(12) | BIT(13) | BIT(21))
#define PAGE_FAULT	(BIT(14) | BIT(20))
#define ERROR_CODE	(BIT(8) | BIT(10) | BIT(11) | BIT(12) | BIT(13) | \
			 BIT(14) | BIT(17))
/* Neither trap nor abort: the saved RFLAGS has RF, so that the restart is silent. */
#define NO_FAULT	(BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(8) | BIT(18))
#define ERROR_CODE_NEW	BIT(21)	/* injectable where any vector may have one */

static u32 info_type(u32 info)
{
	return info & VMX_INFO_TYPE;
}

static u32 info_vector(u32 info)
{
	return info & VMX_INFO_VECTOR;
}

static bool in_set(u32 set, u32 vector)
{
	return vector < 32 && (set >> vector & 1);
}

static bool type_has_length(u32 type)
{
	return type == VMX_TYPE_SW_INTR || type == VMX_TYPE_PRIV_SW_EXCEPTION ||
	       type == VMX_TYPE_SW_EXCEPTION;
}

u64 vmx_intinfo_exit(u32 idt_vectoring, u32 error)
{
	if (!(idt_vectoring & VMX_INFO_VALID))
		return 0;
	/* Bit 12 is undefined here, and reserved in the entry field. */
	idt_vectoring &= ~VMX_INFO_RESERVED;
	return vmx_intinfo(idt_vectoring,
			   (idt_vectoring & VMX_INFO_ERROR) ? error : 0);
}

enum vmx_queue vmx_intinfo_queue(u64 *queued, u32 vector, bool has_error,
				 u32 error)
{
	if (vector > 31 || vector == VEC_NMI || vector == VEC_BP ||
	    vector == VEC_OF || vector == VEC_DF)
		return VMX_QUEUE_INVALID;
	if (vmx_intinfo_is_valid(*queued))
		return VMX_QUEUE_BUSY;
	*queued = vmx_intinfo(VMX_INFO_VALID | VMX_TYPE_HW_EXCEPTION | vector |
			      (has_error ? VMX_INFO_ERROR : 0),
			      has_error ? error : 0);
	return VMX_QUEUED;
}

static bool is_well_formed(u64 intinfo)
{
	u32 info = vmx_intinfo_info(intinfo);
	u32 vector = info_vector(info);

	if (!(info & VMX_INFO_VALID))
		return !intinfo;
	if (info & VMX_INFO_RESERVED)
		return false;
	if ((info & VMX_INFO_ERROR)
	    ? info_type(info) != VMX_TYPE_HW_EXCEPTION
	    : vmx_intinfo_error(intinfo) != 0)
		return false;
	switch (info_type(info)) {
	case VMX_TYPE_EXT_INTR:
	case VMX_TYPE_SW_INTR:
		return true;
	case VMX_TYPE_NMI:
		return vector == VEC_NMI;
	case VMX_TYPE_HW_EXCEPTION:
		return vector < 32 && vector != VEC_NMI;
	case VMX_TYPE_PRIV_SW_EXCEPTION:
		return vector == 1;
	case VMX_TYPE_SW_EXCEPTION:
		return vector == VEC_BP || vector == VEC_OF;
	default:
		return false;
	}
}

bool vmx_intinfo_has_length(u64 intinfo)
{
	return vmx_intinfo_is_valid(intinfo) && type_has_length(info_type(intinfo));
}

bool vmx_intinfo_ok(u64 intinfo, u32 length)
{
	if (!is_well_formed(intinfo))
		return false;
	if (vmx_intinfo_has_length(intinfo))
		return length >= 1 && length <= 15;
	return !length;
}

bool vmx_intinfo_entry_ok(u64 intinfo)
{
	return is_well_formed(intinfo) &&
	       (!intinfo || info_type(intinfo) == VMX_TYPE_HW_EXCEPTION);
}

enum event_class { BENIGN, CONTRIB, PF, DOUBLE };

static enum event_class classify(u64 intinfo)
{
	u32 info = vmx_intinfo_info(intinfo);
	u32 vector = info_vector(info);

	if (info_type(info) != VMX_TYPE_HW_EXCEPTION)
		return BENIGN;
	if (vector == VEC_DF)
		return DOUBLE;
	if (in_set(CONTRIBUTORY, vector))
		return CONTRIB;
	if (in_set(PAGE_FAULT, vector))
		return PF;
	return BENIGN;
}

enum vmx_merge vmx_intinfo_merge(u64 first, u64 second, u64 *result)
{
	enum event_class a, b;

	*result = vmx_intinfo_is_valid(second) ? second : first;
	if (!vmx_intinfo_is_valid(*result)) {
		*result = 0;
		return VMX_MERGE_NONE;
	}
	if (!vmx_intinfo_is_valid(first) || !vmx_intinfo_is_valid(second))
		return VMX_MERGE_INJECT;

	a = classify(first);
	b = classify(second);
	if (a == DOUBLE && b != BENIGN) {
		*result = 0;
		return VMX_MERGE_TRIPLE_FAULT;
	}
	if ((a == CONTRIB && b == CONTRIB) ||
	    (a == PF && (b == CONTRIB || b == PF)))
		*result = vmx_intinfo(VMX_INFO_VALID | VMX_INFO_ERROR |
				      VMX_TYPE_HW_EXCEPTION | VEC_DF, 0);
	return VMX_MERGE_INJECT;
}

/* Bring an event into the form that the entry checks accept. */
static void inject(const struct vmx_event_in *in, struct vmx_event_out *out,
		   u64 event)
{
	u32 info = vmx_intinfo_info(event) & ~VMX_INFO_RESERVED;
	u32 vector = info_vector(info);

	/* As hardware exceptions these two would skip the gate's DPL check. */
	if (info_type(info) == VMX_TYPE_HW_EXCEPTION &&
	    (vector == VEC_BP || vector == VEC_OF))
		info = (info & ~VMX_INFO_TYPE) | VMX_TYPE_SW_EXCEPTION;

	if (info_type(info) != VMX_TYPE_HW_EXCEPTION || !(in->cr0 & CR0_PE))
		info &= ~VMX_INFO_ERROR;
	else if (in_set(ERROR_CODE, vector))
		info |= VMX_INFO_ERROR;
	else if (!in_set(ERROR_CODE_NEW, vector) || !in->error_code_any)
		info &= ~VMX_INFO_ERROR;

	out->info = info | VMX_INFO_VALID;
	if (info & VMX_INFO_ERROR)
		out->error = vmx_intinfo_error(event) & 0xffff;	/* the rest must be 0 */
	if (type_has_length(info_type(info)))
		out->inst_length = in->inst_length ? in->inst_length : 1;

	/* Blocking ends when an event is delivered; the checks insist on it. */
	out->interruptibility &= ~(VMX_BLOCK_STI | VMX_BLOCK_MOV_SS);
	if (info_type(info) == VMX_TYPE_NMI)
		out->interruptibility &= ~VMX_BLOCK_NMI;
}

void vmx_event_decide(const struct vmx_event_in *in, struct vmx_event_out *out)
{
	const u32 shadow = VMX_BLOCK_STI | VMX_BLOCK_MOV_SS;
	u64 event;

	memset(out, 0, sizeof(*out));
	out->interruptibility = in->interruptibility;

	switch (vmx_intinfo_merge(in->exit_intinfo, in->queued, &event)) {
	case VMX_MERGE_TRIPLE_FAULT:
		out->triple_fault = true;
		return;
	case VMX_MERGE_INJECT:
		inject(in, out, event);
		/* What was cut short has been saved with the RF it needs. */
		out->set_rf = event == in->queued &&
			      info_type(out->info) == VMX_TYPE_HW_EXCEPTION &&
			      !in_set(NO_FAULT, info_vector(out->info));
		break;
	case VMX_MERGE_NONE:
		break;
	}

	if (in->nmi_pending) {
		if (!out->info &&
		    !(in->interruptibility & (shadow | VMX_BLOCK_NMI))) {
			out->take_nmi = true;
			out->info = VMX_INFO_VALID | VMX_TYPE_NMI | VEC_NMI;
		} else {
			out->nmi_window = true;
		}
	}

	if (in->intr_pending) {
		if (!out->info && (in->rflags & RFLAGS_IF) &&
		    !(in->interruptibility & shadow))
			out->take_intr = true;
		else
			out->intr_window = true;
	}
}

void vmx_event_interrupt(struct vmx_event_out *out, u8 vector, bool more)
{
	out->take_intr = false;
	out->info = VMX_INFO_VALID | VMX_TYPE_EXT_INTR | vector;
	out->intr_window = more;
}

u32 vmx_nmi_blocking_after_exit(u32 reason, u32 exit_intr_info,
				u64 qualification, u32 idt_vectoring,
				u32 interruptibility)
{
	bool unblocked = false;

	if (reason & VMX_REASON_ENTRY_FAILED)
		return interruptibility;
	reason &= VMX_REASON_BASIC;

	if (idt_vectoring & VMX_INFO_VALID) {
		/* Bit 12 is undefined. A task switch completes the delivery. */
		if (info_type(idt_vectoring) == VMX_TYPE_NMI &&
		    reason != VMX_REASON_TASK_SWITCH)
			interruptibility &= ~VMX_BLOCK_NMI;
		return interruptibility;
	}

	switch (reason) {
	case VMX_REASON_EXCEPTION:
		unblocked = (exit_intr_info & VMX_INFO_VALID) &&
			    (exit_intr_info & VMX_INFO_NMI_UNBLOCKED) &&
			    info_type(exit_intr_info) == VMX_TYPE_HW_EXCEPTION &&
			    info_vector(exit_intr_info) != VEC_DF;
		break;
	case VMX_REASON_EPT_VIOLATION:
	case VMX_REASON_PML_FULL:
	case VMX_REASON_SPP:
		unblocked = qualification & VMX_EPTQ_NMI_UNBLOCKED;
		break;
	}
	return unblocked ? interruptibility | VMX_BLOCK_NMI : interruptibility;
}
