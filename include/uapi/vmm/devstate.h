/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * The state of a VM outside its memory and its vCPUs' registers: the clock and
 * the devices in the kernel, as plain data.
 *
 * To read a VM out: VMM_CPU_STOP on every active vCPU, let userspace's devices
 * and irqfds be quiet, VMM_CLOCK with STOP, then everything; of a vCPU the local
 * APIC before the registers, for an NMI on its way becomes pending then. To go on: VMM_CLOCK with GO, then VMM_CPU_GO.
 * To write it into a fresh VM: create the vCPUs, VMM_CLOCK with STOP, then with
 * SET, then everything else, a vCPU's registers before its local APIC, VMM_CLOCK
 * with GO, VMM_ACTIVATE_CPU.
 */
#ifndef _UAPI_VMM_DEVSTATE_H
#define _UAPI_VMM_DEVSTATE_H

#include "base.h"

/*
 * VMM_CLOCK (VM fd): VM time and the TSC of a vCPU whose IA32_TSC_ADJUST is 0.
 * All calls answer both; they belong to the same moment.
 *
 * GET	nothing else
 * STOP	both stand still, kernel devices' timers with them. -EBUSY an active
 *	vCPU is not stopped (VMM_CPU_STOP). While the clock stands VMM_CPU_GO and
 *	VMM_ACTIVATE_CPU are refused.
 * SET	to @ns and @tsc, and all kernel devices of the VM to their power-on
 *	state. -EBUSY unless the clock stands and no vCPU is active; -EINVAL
 *	@ns beyond 2^62.
 * GO	both go on from where they are
 *
 * STOP and GO may be repeated.
 */
#define VMM_CLOCK_GET		0
#define VMM_CLOCK_STOP		1
#define VMM_CLOCK_SET		2
#define VMM_CLOCK_GO		3

struct vmm_clock {
	__u32 size;
	__u32 flags;
	__u32 op;		/* VMM_CLOCK_* */
	__u32 tsc_khz;		/* out; in: 0 */
	__u64 ns;		/* in: 0 but for SET */
	__u64 tsc;
	__u64 reserved[2];
};

/*
 * The structures below are version 1 of each device. Times are VM time; a pin's
 * @asserts count its sources; @held has a bit for each pin that irqfds hold up.
 */
#define VMM_DEVSTATE_VERSION	1

#define VMM_DEV_PIC		0
#define VMM_DEV_IOAPIC		1
#define VMM_DEV_PIT		2
#define VMM_DEV_HPET		3
#define VMM_DEV_RTC		4
#define VMM_DEV_PMTMR		5

struct vmm_pic_chip {
	__u32 asserts[8];
	__u8  request;		/* IRR */
	__u8  service;		/* ISR */
	__u8  mask;		/* IMR */
	__u8  elcr;
	__u8  base;		/* vector of pin 0 */
	__u8  lowest;		/* pin of lowest priority */
	__u8  init;		/* next ICW expected, 2..4; 0: none */
	__u8  flags;		/* VMM_PIC_* */
};

#define VMM_PIC_READY		0x01	/* initialised */
#define VMM_PIC_AEOI		0x02
#define VMM_PIC_ROTATE_AEOI	0x04
#define VMM_PIC_SFNM		0x08
#define VMM_PIC_SMM		0x10	/* special mask mode */
#define VMM_PIC_READ_ISR	0x20
#define VMM_PIC_POLL		0x40	/* next read is a poll */

struct vmm_pic_state {
	struct vmm_pic_chip chip[2];	/* master, slave */
	__u8  intr;			/* INTR output; it follows from the rest */
	__u8  pad[3];
	__u32 held;
};

struct vmm_ioapic_state {
	__u64 rte[VMM_IOAPIC_PINS];	/* as the guest reads them */
	__u32 asserts[VMM_IOAPIC_PINS];
	__u32 id;
	__u8  select;			/* IOREGSEL */
	__u8  pad[3];
	__u32 held;
	__u32 pad2;
};

/* Ticks are those of 1193182 Hz; VM time 0 is tick 20000h. */
struct vmm_pit_counter {
	__u64 load;		/* tick at which the counting element held @count */
	__u64 elapsed;		/* paused: ticks counted since then */
	__u64 switch_tick;	/* modes 2, 3: when @next takes over, if not 0 */
	__u32 count;		/* 1..65536; 0: none yet */
	__u32 next;
	__u16 latch;
	__u8  state;		/* 0 idle, 1 running, 2 paused */
	__u8  mode;		/* 0..5 */
	__u8  bcd;
	__u8  access;		/* 1 LSB, 2 MSB, 3 both */
	__u8  gate;
	__u8  write_low;	/* first byte of a count being written */
	__u8  write_msb;	/* 1: that byte is there */
	__u8  read_msb;		/* 1: the low byte was read */
	__u8  latched;		/* bytes of @latch to be read: 1 low, 2 high */
	__u8  status;
	__u8  status_latched;
	__u8  pad[3];
};

struct vmm_pit_state {
	struct vmm_pit_counter counter[3];
	__u64 seen;		/* edges of output 0 up to here were signalled */
	__u8  port61;		/* bits 3:0 as written */
	__u8  pad[7];
};

struct vmm_hpet_timer {
	__u64 due;		/* next match while counting; all-ones: none */
	__u32 config;		/* writable bits */
	__u32 comparator;
	__u32 period;
	__u32 msi_data;
	__u32 msi_gpa;
	__u32 pad;
};

struct vmm_hpet_state {
	struct vmm_hpet_timer timer[8];
	__u64 base_ns;		/* counting: when the counter was @counter */
	__u32 counter;
	__u32 config;
	__u32 status;
	__u32 pad;
};

struct vmm_rtc_state {
	__s64 seconds;		/* calendar, since 1970, as of the last update */
	__u64 next_update;	/* while the divider runs */
	__u64 divider_ns;	/* when the divider was released */
	__u64 pf_tick;		/* 32768 Hz tick up to which PF is accounted */
	__u8  index;
	__u8  reg_a;
	__u8  reg_b;
	__u8  reg_c;
	__u8  irqf;		/* level last signalled */
	__u8  pad[3];
	__u8  ram[128];
};

struct vmm_pmtmr_state {
	__u64 base_ns;		/* when the counter was 0 */
	__u8  bits;		/* 24 or 32 */
	__u8  pad[3];
	__u32 port;		/* as by VMM_PMTMR_LOCATE */
};

/*
 * VMM_GET_DEVSTATE, VMM_SET_DEVSTATE (VM fd): one device of the VM.
 *
 * @version	out by GET; in by SET: what @bytes are (-EOPNOTSUPP)
 *
 * SET: -EBUSY the clock does not stand; -EINVAL a state that the device cannot
 * be in, which is left as it was. Bytes beyond the device's structure are zero.
 */
struct vmm_devstate {
	__u32 size;
	__u32 flags;
	__u32 device;		/* VMM_DEV_* */
	__u32 version;
	__u64 reserved[2];
	union {
		struct vmm_pic_state pic;
		struct vmm_ioapic_state ioapic;
		struct vmm_pit_state pit;
		struct vmm_hpet_state hpet;
		struct vmm_rtc_state rtc;
		struct vmm_pmtmr_state pmtmr;
		__u8 bytes[512];
	};
};

/*
 * VMM_GET_LAPIC, VMM_SET_LAPIC (vCPU fd): the local APIC with all that is on
 * its way to it.
 *
 * @page	the registers, as xAPIC mode lays them out: offset n is page[n / 4].
 *		ID and version cannot be changed; in x2APIC mode ID, LDR and ICR
 *		have that mode's form
 * @deadline_ns	next end of the timer's count, masked or not; all-ones: stopped
 * @pending	VMM_LAPIC_*: not yet acted upon by the vCPU
 *
 * SET: as for VMM_SET_DEVSTATE.
 */
#define VMM_LAPIC_INIT		(1U << 0)
#define VMM_LAPIC_SIPI		(1U << 1)

struct vmm_lapic_state {
	__u32 size;
	__u32 flags;
	__u32 version;
	__u32 pending;
	__u64 apic_base;	/* IA32_APIC_BASE */
	__u64 deadline_ns;
	__u64 tsc_deadline;	/* IA32_TSC_DEADLINE */
	__u32 esr_pending;	/* errors since ESR was last written */
	__u32 sipi_vector;
	__u32 page[256];
	__u64 reserved[4];
};

#define VMM_CLOCK		_IOWR(VMM_IOC, 0x65, struct vmm_clock)
#define VMM_GET_DEVSTATE	_IOWR(VMM_IOC, 0x66, struct vmm_devstate)
#define VMM_SET_DEVSTATE	_IOW(VMM_IOC, 0x67, struct vmm_devstate)
#define VMM_GET_LAPIC		_IOWR(VMM_IOC, 0x68, struct vmm_lapic_state)
#define VMM_SET_LAPIC		_IOW(VMM_IOC, 0x69, struct vmm_lapic_state)

#endif /* _UAPI_VMM_DEVSTATE_H */
